// A program that admits and must not resolve: it links moniker::core alone. check_symbols.py looks
// at what is in it.

#include <cstdio>

#include "moniker/identity_gate.h"

int main(int argc, char** argv) {
  const moniker::Result<moniker::Vault> vault = moniker::Vault::Open(argc > 1 ? argv[1] : "vault");
  if (!vault.ok()) return 1;
  const moniker::Result<moniker::IdentityGate> gate =
      moniker::IdentityGate::Create(*vault, {.scope = moniker::Scope::App()});
  if (!gate.ok()) return 1;
  const moniker::Result<moniker::SessionIdentity> identity =
      gate->Admit({.issuer = "mrn", .id = "1", .name = "Maria"}, "Patient");
  if (!identity.ok() || !gate->Bind("theirs", *identity).ok()) return 1;
  std::puts(identity->external_id().c_str());
}
