// What of conferences has been kept long enough, and what came of it (Vault::Expire).
//
// Thread safety: values; ExpiryOptions is as that of the texts it points to.

#ifndef MONIKER_EXPIRY_H_
#define MONIKER_EXPIRY_H_

#include <cstdint>
#include <optional>

#include "moniker/access_reason.h"

namespace moniker {

struct ExpiryOptions {
  // Pseudonyms whose last admission was on a day (UTC) that ended by this time, in milliseconds
  // since 1970-01-01 UTC, whatever their retention. None: those that are older than their own
  // retention (IdentityGate::Options), else the vault's (VaultPolicy).
  std::optional<std::uint64_t> before_ms = std::nullopt;
  bool undated = false;  // those too of which no day is known: admitted before days were kept
  // Persons too who have no pseudonym then, but for those who are marked or were merged. Looks at
  // every pseudonym while writers wait, as Vault::Erase.
  bool persons = false;
  AccessReason reason = {};  // for the audit log; may be empty
};

struct Expiry {
  std::uint64_t pseudonyms = 0;  // of conferences
  std::uint64_t participant_ids = 0;
  std::uint64_t persons = 0;
  bool log_is_empty = false;  // as Erasure
};

}  // namespace moniker

#endif  // MONIKER_EXPIRY_H_
