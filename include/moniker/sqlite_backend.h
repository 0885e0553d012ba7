// The mapping store in a SQLite file, for one machine: durable when a transaction says so, any
// number of readers, writers that wait their turn. Network file systems are refused.
//
// Format: docs/formats/mapping-store.md, section 1. Why writers hold a lock of their own:
// docs/decisions/0002-write-lock.md.
// Thread safety: as StorageBackend. After a fork the child gets kClosed and must open its own.

#ifndef MONIKER_SQLITE_BACKEND_H_
#define MONIKER_SQLITE_BACKEND_H_

#include <memory>
#include <string>

#include "moniker/result.h"
#include "moniker/status.h"
#include "moniker/storage_backend.h"

namespace moniker {

// Makes an empty store (store.sqlite, store.lock) in a folder that exists; files have mode 0600.
// Errors: kConflict if there is one; kNotFound if the folder is not there; kUnsupported on a
// network file system; kPermission, kReadOnly, kNoSpace, kIo.
Status CreateSqliteStore(const std::string& folder);

// Opens one that exists; a missing one is never made anew.
// Errors: kNotFound; kNewerFormat; kAltered (not a store, damaged, or its schema was changed);
// kUnsupported; kPermission, kReadOnly, kNoSpace (the log's index file cannot be made), kIo.
Result<std::unique_ptr<StorageBackend>> OpenSqliteStore(const std::string& folder);

}  // namespace moniker

#endif  // MONIKER_SQLITE_BACKEND_H_
