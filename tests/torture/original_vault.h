// Vaults that are made once and put in place, file by file, for each use that a fault meets.
//
// Thread safety: used by one thread.

#ifndef MONIKER_TESTS_TORTURE_ORIGINAL_VAULT_H_
#define MONIKER_TESTS_TORTURE_ORIGINAL_VAULT_H_

#include <string>

#include "moniker/keyring.h"
#include "moniker/protector.h"
#include "moniker/status.h"
#include "support/temporary_folder.h"
#include "torture/disk_record.h"
#include "torture/ledger.h"
#include "torture/tally.h"

namespace moniker::testing {

// A vault with something of everything: persons in both scopes, some renamed and bound, records
// under two storage epochs; a backup of it, and a person who was admitted after that.
struct Original {
  explicit Original(VaultMode mode);

  TemporaryFolder folder;
  Protector key;
  std::string key_path;
  Ledger ledger;
  DiskImage image;
  std::string backup;
  Ledger backup_ledger;
};

// The one of this mode, made with the first call.
const Original& OriginalOf(VaultMode mode);

// Puts a backup in the place of the store of a vault that nobody has open.
Status RestoreFrom(const std::string& backup, const std::string& path, const Protector& key);

// The vault is that of the backup, or, unless restoring it was acknowledged, the one before.
void CheckRestored(const Original& original, const std::string& path, bool acknowledged,
                   Tally* tally);

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_TORTURE_ORIGINAL_VAULT_H_
