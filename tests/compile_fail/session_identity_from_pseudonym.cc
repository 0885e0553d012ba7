// Only an IdentityGate makes a SessionIdentity: after the mapping is durable, not from a
// derivation.
#include <string>

#include "moniker/session_identity.h"

std::string Send(const moniker::Pseudonym& pseudonym) {
#ifdef MONIKER_BAD_LINE
  return moniker::SessionIdentity(pseudonym).external_id();
#endif
  return pseudonym.label_code();
}
