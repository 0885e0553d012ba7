// There is no default scope for a gate.
#include "moniker/identity_gate.h"

moniker::Result<moniker::IdentityGate> Make(const moniker::Vault& vault) {
#ifdef MONIKER_BAD_LINE
  return moniker::IdentityGate::Create(vault, {.platform = "dolbyio-cpp"});
#endif
  return moniker::IdentityGate::Create(vault,
                                       {.scope = moniker::Scope::App(), .platform = "dolbyio-cpp"});
}
