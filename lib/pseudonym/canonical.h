// The canonical form of an identifier: what derivations, index tags and records are made of.
//
// Format: docs/formats/pseudonym.md, section 4.
// Thread safety: functions without state.

#ifndef MONIKER_LIB_PSEUDONYM_CANONICAL_H_
#define MONIKER_LIB_PSEUDONYM_CANONICAL_H_

#include <string_view>

#include "base/bytes.h"
#include "moniker/identifier.h"
#include "moniker/result.h"
#include "moniker/secret.h"

namespace moniker::internal {

// The kind that holds for the identifier: its own or the issuer's. Does not look at `id`.
// Errors: kInvalidArgument for the issuer, for a kind that is none, and for another than the
// built-in one of the issuers "email" and "phone".
Result<IdentifierKind> KindOf(const Identifier& identifier);

// Appends the canonical form of `given`, 1..kMaxIdentifierSize bytes, or on an error nothing. The
// form of a canonical form is itself.
// REQUIRES: kMaxIdentifierSize bytes of room. Errors: kInvalidArgument (the locator is the offset
// of the fault in `given`, if it has a place); kUnsupported for a domain that needs libidn2 in a
// build without it; kExhausted.
Status AppendCanonical(IdentifierKind kind, std::string_view given, ByteWriter* writer);

// The canonical form alone. Errors: those of KindOf and AppendCanonical.
Result<SecretText> Canonicalize(const Identifier& identifier);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_PSEUDONYM_CANONICAL_H_
