#include "pseudonym/role_text.h"

#include <algorithm>

namespace moniker::internal {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

Status ValidateRoleText(std::string_view role) {
  if (role.empty()) return Status(StatusCode::kInvalidArgument, "role: empty");
  if (role.size() > kMaxRoleSize) {
    return Status(StatusCode::kInvalidArgument, "role: longer than 40 characters");
  }
  const bool plain =
      std::ranges::all_of(role, [](char c) { return IsLetter(c) || c == ' ' || c == '-'; });
  if (!plain || !IsLetter(role.front()) || !IsLetter(role.back())) {
    return Status(StatusCode::kInvalidArgument,
                  "role: not ASCII letters, with blanks and hyphens between them");
  }
  return Status::Ok();
}

}  // namespace moniker::internal
