#include "batch/identity_documents.h"

#include <span>
#include <utility>

namespace moniker::internal {

void IdentityDocuments::Add(std::string_view document, std::size_t base, JsonIndex* index,
                            RecordBatch* batch) {
  if (count_ == documents_.size()) documents_.emplace_back();
  Document& kept = documents_[count_++];
  kept.text = document;
  kept.base = base;
  kept.record = static_cast<std::uint32_t>(batch->records().size() - 1);
  std::swap(kept.index, *index);
}

void IdentityDocuments::Collect(const RecordBatch& batch, IdentityRewriter* collector) {
  for (Document& document : std::span(documents_).first(count_)) {
    if (batch.records()[document.record].rejected) continue;
    texts_.clear();
    // Nobody is known, so nothing changes and no two keys become one.
    static_cast<void>(collector->RewriteDocument(document.text, &document.index, &texts_));
  }
}

void IdentityDocuments::Rewrite(IdentityRewriter* rewriter, RecordBatch* batch) {
  texts_.clear();
  for (Document& document : std::span(documents_).first(count_)) {
    document.begin = document.end = texts_.size();
    if (batch->records()[document.record].rejected) continue;
    const ReidentifyCounts before = rewriter->counts();
    const Result<bool> changed = rewriter->RewriteDocument(document.text, &document.index, &texts_);
    if (changed.ok()) {
      document.end = texts_.size();
      continue;
    }
    rewriter->set_counts(before);
    batch->faults().push_back({document.record, kNoColumn, changed.status()});
  }
  // When all of them stand still.
  for (const Document& document : std::span(documents_).first(count_)) {
    if (document.begin == document.end) continue;
    batch->AddText(std::string_view(texts_).substr(document.begin, document.end - document.begin),
                   document.base, document.base + document.text.size());
  }
}

}  // namespace moniker::internal
