// The bytes that stand for an identifier in every keyed input: lp(issuer) || value.
//
// Format: docs/formats/pseudonym.md, section 4.
// Thread safety: functions without state.

#ifndef MONIKER_LIB_PSEUDONYM_SUBJECT_H_
#define MONIKER_LIB_PSEUDONYM_SUBJECT_H_

#include <cstddef>

#include "base/bytes.h"
#include "moniker/identifier.h"
#include "moniker/result.h"
#include "pseudonym/canonical.h"

namespace moniker::internal {

inline constexpr std::size_t kMaxSubjectSize = 4 + kMaxIssuerSize + kMaxIdentifierSize;

// Appends the subject of the identifier's canonical form; returns where it lies. The one way into
// every derivation, so that what is written and what is looked up cannot differ. On an error what
// was appended is not to be used.
// REQUIRES: kMaxSubjectSize bytes of room. Errors: as ValidateIdentifier.
inline Result<ByteView> AppendSubject(const Identifier& identifier, ByteWriter* writer) {
  const Result<IdentifierKind> kind = KindOf(identifier);
  if (!kind.ok()) return kind.status();
  const std::size_t start = writer->size();
  writer->Prefixed(identifier.issuer);
  if (const Status status = AppendCanonical(*kind, identifier.id, writer); !status.ok()) {
    return status;
  }
  return writer->written().subspan(start);
}

}  // namespace moniker::internal

#endif  // MONIKER_LIB_PSEUDONYM_SUBJECT_H_
