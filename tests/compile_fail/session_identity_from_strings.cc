// Only an IdentityGate makes a SessionIdentity, so a raw name cannot pass for one.
#include <string>

#include "moniker/session_identity.h"

std::string Send(const moniker::SessionIdentity& identity, std::string name) {
#ifdef MONIKER_BAD_LINE
  return moniker::SessionIdentity{name, name, name}.display_name();
#endif
  return identity.display_name() + name;
}
