#include "moniker/identifier.h"

#include <algorithm>
#include <array>

#include "pseudonym/canonical.h"

namespace moniker {
namespace {

struct NamedKind {
  IdentifierKind kind;
  std::string_view name;
};

constexpr std::array<NamedKind, 4> kKinds = {{{IdentifierKind::kOpaque, "opaque"},
                                              {IdentifierKind::kText, "text"},
                                              {IdentifierKind::kEmail, "email"},
                                              {IdentifierKind::kPhone, "phone"}}};

constexpr bool IsIssuerCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

IdentifierKind BuiltInKind(std::string_view issuer) {
  if (issuer == "email") return IdentifierKind::kEmail;
  if (issuer == "phone") return IdentifierKind::kPhone;
  return IdentifierKind::kOpaque;
}

std::string_view KindName(IdentifierKind kind) {
  for (const NamedKind& known : kKinds) {
    if (known.kind == kind) return known.name;
  }
  return {};
}

std::optional<IdentifierKind> FindKind(std::string_view name) {
  for (const NamedKind& known : kKinds) {
    if (known.name == name) return known.kind;
  }
  return std::nullopt;
}

Status ValidateIssuer(std::string_view issuer) {
  if (issuer.empty()) return Status(StatusCode::kInvalidArgument, "issuer: empty");
  if (issuer.size() > kMaxIssuerSize) {
    return Status(StatusCode::kInvalidArgument, "issuer: longer than 64 bytes");
  }
  if (!std::ranges::all_of(issuer, IsIssuerCharacter)) {
    return Status(StatusCode::kInvalidArgument, "issuer: a character other than a-z 0-9 . _ -");
  }
  return Status::Ok();
}

Status ValidateIdentifier(const Identifier& identifier) {
  // What is valid is what has a canonical form; no second set of rules beside that.
  return internal::Canonicalize(identifier).status();
}

}  // namespace moniker
