// The ten lines before a session is opened. The struct stands for the one in the SDK's header; the
// folder for the vault and its key are made as by `moniker init clinic.vault --app clinic-7
// --key-file clinic.key`.

#include <cstdio>
#include <string>

#include "moniker/identity_gate.h"
#include "moniker/vault.h"

struct user_info {
  std::string name, externalId, avatarUrl;
};

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  auto vault = moniker::Vault::Open(argv[1]);
  if (!vault) return 1;
  auto gate = moniker::IdentityGate::Create(
      *vault, {.scope = moniker::Scope::App(), .platform = "dolbyio-cpp"});
  if (!gate) return 1;
  auto who = gate->Admit({.issuer = "mrn.hospital-a", .id = "00123456", .name = "Maria Jensen"},
                         "Patient");
  if (!who) return 1;                     // nothing to send
  user_info info = who->As<user_info>();  // fills members by name, in any SDK's spelling
  std::printf("%s %s\n", info.name.c_str(), info.externalId.c_str());  // sdk.session().open(info)
  return gate->Bind("bdd640fb-0667-4ad1-9c80-317fa3b1799d", *who).ok() ? 0 : 1;
}
