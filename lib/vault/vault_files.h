// Where things are in the folder of a vault, and what it is made of: for what looks at it without
// opening it, which must work when something in it is wrong too.
//
// Thread safety: functions without state; VaultFiles is used by one thread.

#ifndef MONIKER_LIB_VAULT_VAULT_FILES_H_
#define MONIKER_LIB_VAULT_VAULT_FILES_H_

#include <memory>
#include <string>
#include <vector>

#include "moniker/anchor.h"
#include "moniker/protector.h"
#include "moniker/result.h"
#include "moniker/storage_backend.h"
#include "store/mapping_store.h"

namespace moniker::internal {

inline std::string KeyringIn(const std::string& folder) { return folder + "/keyring"; }
inline std::string HeadIn(const std::string& folder) { return folder + "/store.head"; }

// The vault's own anchor, and the one that was chosen.
inline MappingStore::AnchorSource AnchorsOf(const std::string& folder) {
  return [folder](const std::string& chosen) {
    std::vector<std::shared_ptr<Anchor>> anchors = {OpenFileAnchor(HeadIn(folder))};
    if (!chosen.empty()) anchors.push_back(OpenFileAnchor(chosen));
    return anchors;
  };
}

struct VaultFiles {
  std::unique_ptr<StorageBackend> backend;
  MappingStore::KeyringSource keyring;
  MappingStore::AnchorSource anchors;
};

// Errors: as Vault::Verify.
Result<VaultFiles> OpenVaultFiles(const std::string& path, const Protector& protector);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_VAULT_VAULT_FILES_H_
