// One run over a text: takes blocks, has their records found, mapped and spliced on several
// threads, and hands out what becomes of them in order. What is done with them is the matter of a
// job.
//
// Thread safety: used by one thread, which calls Run once.

#ifndef MONIKER_LIB_BATCH_REWRITE_RUN_H_
#define MONIKER_LIB_BATCH_REWRITE_RUN_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "batch/block_source.h"
#include "batch/ordered_work.h"
#include "batch/record_batch.h"
#include "batch/rewrite_job.h"
#include "batch/rewrite_state.h"
#include "moniker/rewrite.h"

namespace moniker::internal {

class RewriteRun final : public OrderedWork {
 public:
  // What is given must outlive this. REQUIRES: options that Rewrite has checked.
  RewriteRun(int input, const RewriteOptions& options, const RewriteSinks& sinks, RewriteJob* job);

  // Once. The summary lacks what only the job knows.
  // Errors: those of Rewrite that are not found in its options; those of the job.
  Result<RewriteOutcome> Run();

  Result<bool> Take(std::size_t worker) override;
  void Prepare(std::size_t worker) override;
  Result<bool> Finish(std::size_t worker) override;

 private:
  // What belongs to a thread. What is found out about a block stays here until its turn comes.
  struct Worker {
    Block block;
    std::string head;  // written before the records of the first block: byte order mark, header
    RecordBatch batch;
    std::string out;
    std::string compressed;
    Status failure;                    // of the job: ends the run
    std::optional<RecordFault> fault;  // ends it as well; the record is counted from 0 in the block
    bool is_of_header = false;         // then there are no records
    std::uint32_t checksum = 0;        // of the block, if there are checkpoints
  };

  Status Resume();
  void Begin(Worker* worker, std::size_t* begin);
  void MapAndSplice(std::size_t worker);
  bool TellFaults(const Worker& worker);
  Status WriteRejected(const Worker& worker);
  Status WriteOut(Worker* worker);
  Status Write(std::string_view bytes);
  Status Compress(Worker* worker);
  Status TellProgress(const Worker& worker);
  void SumUp();
  Status End();

  const RewriteOptions& options_;
  const RewriteSinks& sinks_;
  const CsvQuoting quoting_;
  RewriteJob& job_;
  std::vector<std::unique_ptr<Worker>> workers_;

  // Used in Take.
  BlockSource source_;
  bool has_bad_beginning_ = false;

  // Used in Finish.
  RewriteOutcome outcome_;
  RewriteState state_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_REWRITE_RUN_H_
