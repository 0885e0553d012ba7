// What an application knows a person by: an identifier, who issued it and of which kind it is.
//
// Format: docs/formats/pseudonym.md, section 4.
// Thread safety: a view; as that of the text it points to. Functions without state.

#ifndef MONIKER_IDENTIFIER_H_
#define MONIKER_IDENTIFIER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "moniker/status.h"

namespace moniker {

// How an identifier is made canonical: spellings with one canonical form are one identifier.
// persistent: never renumber
enum class IdentifierKind : std::uint8_t {
  kOpaque = 1,  // the bytes as given
  kText = 2,    // Unicode normal form, upper and lower case, and runs of white space do not matter
  kEmail = 3,   // as text, but no white space; the domain in ASCII
  kPhone = 4,   // E.164: + and 7..15 digits; blank - . ( ) between them do not matter
};

inline constexpr std::size_t kMaxIssuerSize = 64;
inline constexpr std::size_t kMaxIdentifierSize = 1024;

struct Identifier {
  // Who hands it out and of which kind, such as "mrn.hospital-a": 1..64 bytes of a-z 0-9 . _ -
  std::string_view issuer;
  // What `kind` accepts: 1..1024 bytes, in canonical form too.
  std::string_view id;
  // Nothing stands for BuiltInKind(issuer). The issuers "email" and "phone" have no other.
  std::optional<IdentifierKind> kind = std::nullopt;
};

// An issuer and the kind of its identifiers.
struct IssuerKind {
  std::string issuer;
  IdentifierKind kind = IdentifierKind::kOpaque;
};

// Two identifiers that are, or shall be, one person's.
struct IdentifierPair {
  Identifier first;
  Identifier second;
};

// kEmail for the issuer "email", kPhone for "phone", kOpaque for any other: what an issuer's kind
// is unless the application declares one.
IdentifierKind BuiltInKind(std::string_view issuer);

// "opaque", "text", "email", "phone"; a static string, empty for what is no kind.
std::string_view KindName(IdentifierKind kind);
std::optional<IdentifierKind> FindKind(std::string_view name);

// What these do not accept is an error that names the field. For the identifier the locator is the
// byte offset of the fault within `id`, if it has a place.
// Errors: kInvalidArgument; ValidateIdentifier also kUnsupported (a domain beyond ASCII in a build
// without libidn2) and kExhausted.
Status ValidateIssuer(std::string_view issuer);
Status ValidateIdentifier(const Identifier& identifier);

}  // namespace moniker

#endif  // MONIKER_IDENTIFIER_H_
