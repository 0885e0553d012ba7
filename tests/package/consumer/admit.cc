// Admits somebody: admit VAULT

#include <cstdio>

#include "moniker/identity_gate.h"
#include "moniker/vault.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  auto vault = moniker::Vault::Open(argv[1]);
  if (!vault) return 1;
  auto gate = moniker::IdentityGate::Create(*vault, {.scope = moniker::Scope::App()});
  if (!gate) return 1;
  auto who = gate->Admit({.issuer = "mrn.hospital-a", .id = "00123456", .name = "Maria Jensen"},
                         "Patient");
  if (!who) return 1;
  std::printf("%s\n", who->external_id().c_str());
  return 0;
}
