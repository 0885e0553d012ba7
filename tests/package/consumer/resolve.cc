// Resolves an ID: resolve VAULT ID

#include "moniker/resolver.h"

#include <cstdio>

#include "moniker/vault.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  auto vault = moniker::Vault::Open(argv[1]);
  if (!vault) return 1;
  const auto resolver = moniker::Resolver::Create(*vault);
  auto found = resolver.Resolve(argv[2], {.actor = "test", .purpose = "test"});
  if (!found) return 1;
  std::printf("%.*s\n", static_cast<int>(found->person.name.Expose().size()),
              found->person.name.Expose().data());
  return 0;
}
