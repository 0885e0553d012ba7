// The rows of a store as a backup carries them, and a backup brought back.
//
// Format: docs/formats/backup.md, sections 3 and 4.
// Thread safety: used by one thread.

#ifndef MONIKER_LIB_STORE_BACKUP_H_
#define MONIKER_LIB_STORE_BACKUP_H_

#include <functional>

#include "moniker/access_reason.h"
#include "moniker/keyring.h"
#include "moniker/result.h"
#include "moniker/storage_backend.h"
#include "store/backup_stream.h"
#include "store/mapping_store.h"

namespace moniker::internal {

// Writes every row. Errors: kAltered if the rows are not those of the manifest; those of the reader
// and of the writer.
Status WriteRows(const StoreKeys& keys, StorageReader* reader,
                 const MappingStore::Progress& progress, BackupWriter* writer);

struct RestoreRequest {
  BackupReader::Source source;
  StorageBackend* target = nullptr;  // empty
  StorageReader* live = nullptr;     // what the target is to replace; null if it cannot be read
  MappingStore::AnchorSource anchors = nullptr;
  bool drop_chosen_anchor = false;  // that the settings name, which cannot be reached
  AccessReason reason = {};
};

// Reads and checks all of a backup into the target and takes out whoever was erased after it, as
// far as the store that is there and its anchors know. The answer leaves word of the restored store
// with the anchors; to be called once it has taken its place.
// Errors: kAltered for a backup that is not whole or not of this vault, and for a store or anchor
// that was altered; kNotFound if the keyring does not have its epoch, or an anchor is gone;
// kNewerFormat; those of source, target and anchors.
Result<std::function<void()>> RestoreBackup(Keyring keyring, const RestoreRequest& request);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_BACKUP_H_
