#include "moniker/identifier.h"

#include "base/utf8.h"

namespace moniker {
namespace {

using internal::FindTextFault;
using internal::TextFault;

Status ValidateOpaque(std::string_view id) {
  if (id.empty()) return Status(StatusCode::kInvalidArgument, "id: empty");
  if (id.size() > kMaxIdentifierSize) {
    return Status(StatusCode::kInvalidArgument, "id: longer than 1024 bytes");
  }
  switch (FindTextFault(id)) {
    case TextFault::kNone: break;
    case TextFault::kNotUtf8: return Status(StatusCode::kInvalidArgument, "id: not UTF-8");
    case TextFault::kControl:
      return Status(StatusCode::kInvalidArgument, "id: a control character");
  }
  if (internal::IsWhiteSpace(internal::FirstCodePoint(id)->value) ||
      internal::IsWhiteSpace(internal::LastCodePoint(id))) {
    return Status(StatusCode::kInvalidArgument, "id: white space at the start or end");
  }
  return Status::Ok();
}

}  // namespace

Status ValidateIssuer(std::string_view issuer) {
  if (issuer.empty()) return Status(StatusCode::kInvalidArgument, "issuer: empty");
  if (issuer.size() > kMaxIssuerSize) {
    return Status(StatusCode::kInvalidArgument, "issuer: longer than 64 bytes");
  }
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789._-";
  if (issuer.find_first_not_of(kAllowed) != std::string_view::npos) {
    return Status(StatusCode::kInvalidArgument, "issuer: a character other than a-z 0-9 . _ -");
  }
  return Status::Ok();
}

Status ValidateIdentifier(const Identifier& identifier) {
  const Status issuer = ValidateIssuer(identifier.issuer);
  return issuer.ok() ? ValidateOpaque(identifier.id) : issuer;
}

}  // namespace moniker
