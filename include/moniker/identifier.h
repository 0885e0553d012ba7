// What an application knows a person by: an identifier and who issued it.
//
// Format: docs/formats/pseudonym.md, sections 4 and 7.
// Thread safety: a view; as that of the text it points to.

#ifndef MONIKER_IDENTIFIER_H_
#define MONIKER_IDENTIFIER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "moniker/status.h"

namespace moniker {

// How an identifier is made canonical. persistent: never renumber
enum class IdentifierKind : std::uint8_t {
  kOpaque = 1,  // the bytes as given
};

inline constexpr std::size_t kMaxIssuerSize = 64;
inline constexpr std::size_t kMaxIdentifierSize = 1024;

struct Identifier {
  // Who hands it out and of which kind, such as "mrn.hospital-a": 1..64 bytes of a-z 0-9 . _ -
  std::string_view issuer;
  // 1..1024 bytes of UTF-8 without control characters and without white space at either end.
  std::string_view id;
};

// Nothing is repaired: what these do not accept is an error that names the field.
// Errors: kInvalidArgument.
Status ValidateIssuer(std::string_view issuer);
Status ValidateIdentifier(const Identifier& identifier);

}  // namespace moniker

#endif  // MONIKER_IDENTIFIER_H_
