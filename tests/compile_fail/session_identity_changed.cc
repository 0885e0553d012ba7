// What a gate handed out stays as it is.
#include <string>

#include "moniker/session_identity.h"

std::string Send(moniker::SessionIdentity identity, std::string name) {
#ifdef MONIKER_BAD_LINE
  identity.display_name() = name;
#endif
  return identity.display_name() + name;
}
