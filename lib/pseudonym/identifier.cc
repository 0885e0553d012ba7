#include "moniker/identifier.h"

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

// Of each byte, whether an issuer may have it.
constexpr std::array<bool, 256> kIssuerCharacters = [] {
  std::array<bool, 256> may_have{};
  for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyz0123456789._-")) {
    may_have[static_cast<std::uint8_t>(c)] = true;
  }
  return may_have;
}();

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
  bool valid = true;
  for (const char c : issuer) valid &= kIssuerCharacters[static_cast<std::uint8_t>(c)];
  if (!valid) {
    return Status(StatusCode::kInvalidArgument, "issuer: a character other than a-z 0-9 . _ -");
  }
  return Status::Ok();
}

Status ValidateIdentifier(const Identifier& identifier) {
  // What is valid is what has a canonical form; no second set of rules beside that.
  return internal::Canonicalize(identifier).status();
}

}  // namespace moniker
