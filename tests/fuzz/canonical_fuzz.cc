// Identifiers as applications give them. Input: a byte, the kind; and the identifier.

#include <string>

#include "base/utf8.h"
#include "fuzz/fuzz_target.h"
#include "moniker/identifier.h"
#include "pseudonym/canonical.h"

namespace moniker::testing {

void FuzzOne(std::span<const std::uint8_t> bytes) {
  FuzzInput input(bytes);
  const auto kind = static_cast<IdentifierKind>(1 + input.Byte() % 4);
  const std::string_view given = FuzzInput::AsText(input.rest());
  const Identifier identifier{.issuer = "any", .id = given, .kind = kind};
  const Result<SecretText> canonical = internal::Canonicalize(identifier);
  Require(canonical.ok() == ValidateIdentifier(identifier).ok(),
          "what is valid has a canonical form");
  if (!canonical.ok()) {
    Require(canonical.status().code() == StatusCode::kInvalidArgument ||
                canonical.status().code() == StatusCode::kUnsupported,
            "what has none is not valid");
    return;
  }
  const std::string_view form = canonical->Expose();
  Require(!form.empty() && form.size() <= kMaxIdentifierSize, "a form has 1..1024 bytes");
  if (kind == IdentifierKind::kOpaque) {
    Require(form == given, "opaque is the bytes as given");
  } else {
    Require(internal::FindTextFault(form) == internal::TextFault::kNone,
            "a form is UTF-8 without control characters");
  }
  const Result<SecretText> again =
      internal::Canonicalize({.issuer = "any", .id = form, .kind = kind});
  Require(again.ok() && again->Expose() == form, "the form of a form is itself");
}

}  // namespace moniker::testing
