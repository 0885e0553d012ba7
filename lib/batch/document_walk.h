// Rewrites one JSON document: goes through its nodes in order, and copies the text up to each one
// that changes.
//
// Lifetime: for one document, which must outlive it, as must the rewriter.
// Thread safety: one thread at a time.

#ifndef MONIKER_LIB_BATCH_DOCUMENT_WALK_H_
#define MONIKER_LIB_BATCH_DOCUMENT_WALK_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "batch/identity_rewriter.h"

namespace moniker::internal {

class DocumentWalk {
 public:
  // REQUIRES: the rewriter's index at `level` is that of `document`. `inherited` (may be null) is
  // whom the place speaks of in which the document stands.
  DocumentWalk(IdentityRewriter* rewriter, std::size_t level, std::string_view document,
               const KnownIdentity* inherited, std::string* out);

  // Returns whether something changed; only then is the changed document appended to *out.
  // Errors: as ReidentifyJson.
  Result<bool> Run();

 private:
  using Node = std::uint32_t;  // an index

  // What the place of a value says about it.
  struct Place {
    FieldRole role = FieldRole::kOther;
    const KnownIdentity* inherited = nullptr;
  };

  Status Visit(Node node);
  Place PlaceOfValue() const;
  Subject SubjectOf(Node object, const KnownIdentity* inherited);
  Status VisitKey(Node key);
  Status VisitString(Node string);
  Status LeaveUntil(Node node);
  Status CheckKeys(Node object);
  void Replace(Node node);

  IdentityRewriter& rewriter_;
  IdentityRewriter::Level& buffers_;
  const std::vector<JsonNode>& nodes_;
  const std::size_t level_;
  const std::string_view document_;
  const KnownIdentity* const inherited_;
  std::string* const out_;
  Place member_;  // of the value of the key that was visited last
  std::size_t copied_ = 0;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_DOCUMENT_WALK_H_
