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

namespace moniker::internal {

inline constexpr std::size_t kMaxSubjectSize = 4 + kMaxIssuerSize + kMaxIdentifierSize;

// Validates, then appends the subject; returns where it lies. The one way into every derivation, so
// that what is written and what is looked up cannot differ.
// REQUIRES: kMaxSubjectSize bytes of room. Errors: kInvalidArgument.
inline Result<ByteView> AppendSubject(const Identifier& identifier, ByteWriter* writer) {
  if (const Status status = ValidateIdentifier(identifier); !status.ok()) return status;
  const std::size_t start = writer->size();
  writer->Prefixed(identifier.issuer).Bytes(identifier.id);
  return writer->written().subspan(start);
}

}  // namespace moniker::internal

#endif  // MONIKER_LIB_PSEUDONYM_SUBJECT_H_
