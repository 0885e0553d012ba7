// The JSON documents of a block, kept as they were read until it is known what the IDs in them
// stand for.
//
// Thread safety: used by one thread at a time.

#ifndef MONIKER_LIB_BATCH_IDENTITY_DOCUMENTS_H_
#define MONIKER_LIB_BATCH_IDENTITY_DOCUMENTS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "batch/document_texts.h"
#include "batch/identity_rewriter.h"
#include "batch/json_records.h"

namespace moniker::internal {

class IdentityDocuments final : public JsonRecords {
 public:
  // `questions` must outlive this.
  explicit IdentityDocuments(IdQuestions* questions) : questions_(questions) {}

  void Clear();

  // Adds what is to be asked about every document of a record without a fault. The collector knows
  // nobody, and collects into the same questions.
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
    // In nodes_.
    std::size_t first_node = 0;
    std::size_t node_count = 0;
    DocumentFacts known = {};
    // What becomes of it, in texts_.
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  std::span<const JsonNode> NodesOf(const Document& document) const {
    return std::span(nodes_).subspan(document.first_node, document.node_count);
  }

  DocumentTexts questions_;
  std::vector<Document> documents_;
  std::vector<JsonNode> nodes_;  // of all of them
  std::string texts_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_IDENTITY_DOCUMENTS_H_
