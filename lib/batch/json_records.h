// Finds the records of JSON and JSON Lines, and hands each document to whoever knows what to do
// with it.
//
// Thread safety: used by one thread at a time.

#ifndef MONIKER_LIB_BATCH_JSON_RECORDS_H_
#define MONIKER_LIB_BATCH_JSON_RECORDS_H_

#include <cstddef>
#include <string_view>

#include "batch/block_source.h"
#include "batch/json_index.h"
#include "batch/json_validator.h"
#include "batch/record_batch.h"
#include "batch/record_splitter.h"

namespace moniker::internal {

class JsonRecords {
 public:
  virtual ~JsonRecords() = default;

  // The records of a block: lines of JSON Lines, of which what is not one document is a fault;
  // documents, or elements of the array that the text is.
  // Errors: kInvalidArgument for what is not JSON; the locator is the record.
  Status Read(RecordFormat format, const Block& block, RecordBatch* batch);

 protected:
  // The document of the record that was begun last; it is valid, stands at text[base] of the batch,
  // and *index is that of its nodes, to be kept or changed at will.
  virtual void Add(std::string_view document, std::size_t base, JsonIndex* index,
                   RecordBatch* batch) = 0;

 private:
  void ReadLines(RecordBatch* batch);
  Status ReadDocuments(std::size_t pos, RecordBatch* batch);
  Status ReadElements(JsonPlace place, bool is_last, RecordBatch* batch);
  Result<std::size_t> ReadRecord(std::string_view text, std::size_t begin, RecordBatch* batch);

  JsonIndex index_;
  JsonValidator validator_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_JSON_RECORDS_H_
