#include "batch/identity_documents.h"

namespace moniker::internal {

void IdentityDocuments::Clear() {
  documents_.clear();
  nodes_.clear();
}

void IdentityDocuments::Add(std::string_view document, std::size_t base, JsonIndex* index,
                            RecordBatch* batch) {
  const std::vector<JsonNode>& nodes = index->nodes();
  documents_.push_back({.text = document,
                        .base = base,
                        .record = static_cast<std::uint32_t>(batch->records().size() - 1),
                        .first_node = nodes_.size(),
                        .node_count = nodes.size()});
  nodes_.insert(nodes_.end(), nodes.begin(), nodes.end());
}

void IdentityDocuments::Collect(const RecordBatch& batch, IdentityRewriter* collector) {
  questions_.Clear();
  for (Document& document : documents_) {
    if (batch.records()[document.record].rejected) continue;
    document.known = questions_.Collect(document.text, NodesOf(document), collector);
  }
}

void IdentityDocuments::Rewrite(IdentityRewriter* rewriter, RecordBatch* batch) {
  texts_.clear();
  for (Document& document : documents_) {
    document.begin = document.end = texts_.size();
    if (batch->records()[document.record].rejected) continue;
    const ReidentifyCounts before = rewriter->counts();
    const Result<bool> changed =
        rewriter->RewriteDocument(document.text, NodesOf(document), document.known, &texts_);
    if (changed.ok()) {
      document.end = texts_.size();
      continue;
    }
    rewriter->set_counts(before);
    batch->faults().push_back({document.record, kNoColumn, changed.status()});
  }
  // When all of them stand still.
  for (const Document& document : documents_) {
    if (document.begin == document.end) continue;
    batch->AddText(std::string_view(texts_).substr(document.begin, document.end - document.begin),
                   document.base, document.base + document.text.size());
  }
}

}  // namespace moniker::internal
