// The role of a display name: chosen by the application, never taken from the person.
//
// Thread safety: a function without state.

#ifndef MONIKER_LIB_SESSION_ROLE_H_
#define MONIKER_LIB_SESSION_ROLE_H_

#include <string_view>

#include "moniker/person.h"
#include "moniker/status.h"

namespace moniker::internal {

// Errors: kInvalidArgument unless the role is as IdentityGate::Admit says, and if FindPersonalPart
// finds something in it or refuses the person.
Status ValidateRole(std::string_view role, const PersonView& person);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_SESSION_ROLE_H_
