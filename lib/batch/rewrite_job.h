// What a run does with the records of a text: finds them, and says what becomes of each.
//
// Thread safety: as each member says; a worker is used by one thread at a time.

#ifndef MONIKER_LIB_BATCH_REWRITE_JOB_H_
#define MONIKER_LIB_BATCH_REWRITE_JOB_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "batch/block_source.h"
#include "batch/record_batch.h"
#include "moniker/rewrite.h"

namespace moniker::internal {

class RewriteJob {
 public:
  virtual ~RewriteJob() = default;

  // One more, numbered from 0. Before all else.
  virtual Status AddWorker() = 0;

  // The beginning of the text, behind its byte order mark at `begin`; once, before anything is
  // read. Appends to *head what stands before the records, and returns where they begin. The
  // locator of an error is the column.
  virtual Result<std::size_t> Begin(RecordFormat format, std::string_view text, std::size_t begin,
                                    std::string* head) = 0;

  // The header of the text as it is, for those who keep records that are left out.
  virtual std::string_view header() const = 0;

  // The next two side by side with all others, for each block one after the other.

  // Finds the records. The locator of an error is the record.
  virtual Status Read(std::size_t worker, const Block& block, RecordBatch* batch) = 0;

  // Sets replacements, adds edits and faults; but for the last, none if the batch has faults and
  // they end the run. Settles the faults.
  virtual Status Map(std::size_t worker, RecordBatch* batch) = 0;

  // As those of RecordBatch::Splice.
  virtual const std::vector<std::string>& added() const = 0;

  // In the order of the text, for each block that was written.
  virtual void Count(std::size_t worker) = 0;

  // What Count keeps, for a run that goes on from here; and back. False: not of this job.
  virtual std::vector<std::uint64_t> Numbers() const = 0;
  virtual bool SetNumbers(std::span<const std::uint64_t> numbers) = 0;

  // When everything was written: what must not be, seen over the whole text.
  virtual std::optional<RecordFault> End(std::uint64_t records) = 0;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_REWRITE_JOB_H_
