// What a role may be made of, whoever it is the role of.
//
// Thread safety: a function without state.

#ifndef MONIKER_LIB_PSEUDONYM_ROLE_TEXT_H_
#define MONIKER_LIB_PSEUDONYM_ROLE_TEXT_H_

#include <cstddef>
#include <string_view>

#include "moniker/status.h"

namespace moniker::internal {

inline constexpr std::size_t kMaxRoleSize = 40;

// Errors: kInvalidArgument unless it is 1..40 ASCII letters, blanks and hyphens, a letter at either
// end.
Status ValidateRoleText(std::string_view role);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_PSEUDONYM_ROLE_TEXT_H_
