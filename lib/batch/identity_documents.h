// The JSON documents of a block, kept as they were read until it is known what the IDs in them
// stand for.
//
// Thread safety: used by one thread at a time.

#ifndef MONIKER_LIB_BATCH_IDENTITY_DOCUMENTS_H_
#define MONIKER_LIB_BATCH_IDENTITY_DOCUMENTS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "batch/identity_rewriter.h"
#include "batch/json_records.h"

namespace moniker::internal {

class IdentityDocuments final : public JsonRecords {
 public:
  void Clear() { count_ = 0; }

  // Lets the rewriter, which knows nobody, see every document of a record without a fault.
  void Collect(const RecordBatch& batch, IdentityRewriter* collector);

  // Edits the records that change, and adds a fault for each that cannot be rewritten.
  void Rewrite(IdentityRewriter* rewriter, RecordBatch* batch);

 protected:
  void Add(std::string_view document, std::size_t base, JsonIndex* index,
           RecordBatch* batch) override;

 private:
  struct Document {
    std::string_view text;
    std::size_t base = 0;
    std::uint32_t record = 0;
    JsonIndex index;
    // What becomes of it, in texts_.
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  std::vector<Document> documents_;  // of which the first count_ are of this block
  std::size_t count_ = 0;
  std::string texts_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_IDENTITY_DOCUMENTS_H_
