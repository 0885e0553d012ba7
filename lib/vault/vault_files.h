// What a vault is made of, for what looks at it without opening it: that must work when something
// in it is wrong too.
//
// Thread safety: used by one thread.

#ifndef MONIKER_LIB_VAULT_VAULT_FILES_H_
#define MONIKER_LIB_VAULT_VAULT_FILES_H_

#include <memory>
#include <string>

#include "moniker/protector.h"
#include "moniker/result.h"
#include "moniker/storage_backend.h"
#include "store/mapping_store.h"

namespace moniker::internal {

struct VaultFiles {
  std::unique_ptr<StorageBackend> backend;
  MappingStore::KeyringSource keyring;
  MappingStore::AnchorSource anchors;
};

// Errors: as Vault::Verify.
Result<VaultFiles> OpenVaultFiles(const std::string& path, const Protector& protector);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_VAULT_VAULT_FILES_H_
