// What a vault lets those do who resolve, and how long it keeps the pseudonyms of conferences.
//
// It stands sealed in the store, so it holds for every program that opens the vault.
// Format: docs/formats/mapping-store.md, sections 4.4 and 4.10.
// Thread safety: a value.

#ifndef MONIKER_VAULT_POLICY_H_
#define MONIKER_VAULT_POLICY_H_

#include <cstdint>

namespace moniker {

struct VaultPolicy {
  // IDs that an actor may ask for within 3,600 seconds, and within 86,400; 0: as many as wanted.
  std::uint32_t lookups_per_hour = 0;
  std::uint32_t lookups_per_day = 0;
  // After how many days without an admission a pseudonym of a conference expires (Vault::Expire)
  // whose gate did not say otherwise; 0: never.
  std::uint32_t retention_days = 0;

  bool has_budget() const { return lookups_per_hour != 0 || lookups_per_day != 0; }

  friend bool operator==(const VaultPolicy&, const VaultPolicy&) = default;
};

}  // namespace moniker

#endif  // MONIKER_VAULT_POLICY_H_
