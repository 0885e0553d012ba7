// Rewrites one JSON document: goes through its nodes in order, and copies the text up to each one
// that changes.
//
// Lifetime: for one document, which must outlive it, as must the rewriter.
// Thread safety: one thread at a time.

#ifndef MONIKER_LIB_BATCH_DOCUMENT_WALK_H_
#define MONIKER_LIB_BATCH_DOCUMENT_WALK_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "batch/document_texts.h"
#include "batch/identity_rewriter.h"

namespace moniker::internal {

class DocumentWalk {
 public:
  struct Document {
    std::string_view text;
    std::span<const JsonNode> nodes;
    DocumentFacts facts;  // of its texts, as far as something is known
    std::size_t level;    // as for IdentityRewriter::RewriteText
  };

  // `inherited` (may be null) is whom the place speaks of in which the document stands.
  DocumentWalk(IdentityRewriter* rewriter, const Document& document, const KnownIdentity* inherited,
               std::string* out);

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
  FieldRole RoleOfKey(Node key);
  const KnownIdentity* KnownOf(Node node, std::string_view text);
  Status VisitKey(Node key);
  Status VisitString(Node string);
  Status LeaveUntil(Node node);
  Status CheckKeys(Node object);
  void Replace(Node node);

  IdentityRewriter& rewriter_;
  IdentityRewriter::Level& buffers_;
  const std::span<const JsonNode> nodes_;
  const DocumentFacts facts_;
  const std::size_t level_;
  const std::string_view document_;
  const KnownIdentity* const inherited_;
  std::string* const out_;
  Place member_;  // of the value of the key that was visited last
  std::size_t copied_ = 0;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_DOCUMENT_WALK_H_
