// The settings record of a store, and what is said when a store is not what its keyring expects.
//
// Format: docs/formats/mapping-store.md, section 4.4.

#ifndef MONIKER_LIB_STORE_SETTINGS_H_
#define MONIKER_LIB_STORE_SETTINGS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "moniker/keyring.h"
#include "moniker/result.h"
#include "moniker/status.h"
#include "moniker/storage_backend.h"
#include "store/store_keys.h"

namespace moniker::internal {

inline RecordTag SettingsTag() { return RecordTag(AsBytes("settings")); }

constexpr Status ForeignStore() {
  return Status(StatusCode::kAltered,
                "the store does not belong to this keyring, or its settings were altered");
}

constexpr Status RolledBack(std::uint64_t changes) {
  return Status(StatusCode::kRolledBack, "the store is older than what is known of it",
                static_cast<std::int64_t>(changes));
}

inline std::shared_ptr<const RecordSealer> SealerOf(const std::shared_ptr<const StoreKeys>& keys) {
  return {keys, &keys->sealer()};
}

// The anchor of the owner's choice, as the settings say; empty if they cannot be read, which shows
// when all records are looked at. Errors: those of the reader; kExhausted, kClosed.
Result<std::string> ChosenAnchor(StorageReader* reader, const Keyring& keyring);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_SETTINGS_H_
