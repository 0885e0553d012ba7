// Holds a vault to what it acknowledged: every request that was is there, every other is there
// whole or not at all, and every answer is the right person's.
//
// Thread safety: functions without state.

#ifndef MONIKER_TESTS_TORTURE_VAULT_CHECK_H_
#define MONIKER_TESTS_TORTURE_VAULT_CHECK_H_

#include <string>

#include "moniker/keyring.h"
#include "moniker/protector.h"
#include "moniker/result.h"
#include "moniker/status.h"
#include "torture/ledger.h"
#include "torture/tally.h"

namespace moniker::testing {

// The one place where everything that tells an intact store from a damaged one is asked, beyond the
// reading of the records that a check looks for.
Status VerifyStore(const std::string& path, const Protector& protector);

// Opens the vault in `path` and checks it; adds to `tally`, and leaves audit entries in the vault.
void CheckVault(const std::string& path, const Protector& protector, const Ledger& ledger,
                Tally* tally);

// An empty vault of the mode in `path`, which does not exist.
Status MakeVault(const std::string& path, VaultMode mode, const Protector& protector);

// The vault of format 1 of tests/data, in `path`, and its key; and whether every person of it is
// found by the IDs of before, which brings it to this format.
Result<Protector> PutOldVault(const std::string& path);
void CheckUpgraded(const std::string& path, const Protector& protector, Tally* tally);

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_TORTURE_VAULT_CHECK_H_
