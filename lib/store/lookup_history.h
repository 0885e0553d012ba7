// How many IDs each actor asked for lately, as the audit log says, and whether more are within the
// budget.
//
// Format: docs/formats/mapping-store.md, section 4.10.
// Thread safety: used by whoever holds the store's write lock.

#ifndef MONIKER_LIB_STORE_LOOKUP_HISTORY_H_
#define MONIKER_LIB_STORE_LOOKUP_HISTORY_H_

#include <cstdint>
#include <deque>
#include <string>

#include "moniker/result.h"
#include "moniker/vault_policy.h"
#include "store/accounted_transaction.h"
#include "store/payload.h"
#include "store/store_keys.h"

namespace moniker::internal {

class LookupHistory {
 public:
  struct Verdict {
    bool is_within_budget = false;
    std::uint64_t time_ms = 0;  // that the entry has to have
  };

  // Of somebody who resolves, before the entry is put. Reads those entries of the log that it has
  // not seen, of other processes too, and at first those of the last day.
  // Errors: kAltered; kExhausted; those of the transaction.
  Result<Verdict> Judge(const AuditEntry& entry, const VaultPolicy& policy, const StoreKeys& keys,
                        AccountedTransaction* transaction);

 private:
  struct Lookups {
    std::uint64_t number = 0;  // of the entry
    std::uint64_t time_ms = 0;
    std::uint32_t asked = 0;
    std::string actor;
  };

  Status CatchUp(const StoreKeys& keys, AccountedTransaction* transaction);
  std::uint64_t AskedFor(const std::string& actor, std::uint64_t now_ms,
                         std::uint64_t span_ms) const;
  void Forget(std::uint64_t committed);

  std::deque<Lookups> lookups_;  // ascending, of the day before the last of them
  std::uint64_t known_ = 0;      // up to this entry
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_LOOKUP_HISTORY_H_
