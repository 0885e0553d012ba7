// Puts another store in the place of the one in a folder, in one step.
//
// Thread safety: used by one thread.

#ifndef MONIKER_LIB_SQLITE_STORE_EXCHANGE_H_
#define MONIKER_LIB_SQLITE_STORE_EXCHANGE_H_

#include <memory>
#include <string>

#include "moniker/result.h"
#include "moniker/status.h"
#include "moniker/storage_backend.h"
#include "sqlite/connection.h"
#include "sqlite/write_lock.h"

namespace moniker::internal {

class StoreExchange {
 public:
  // From now on, until it is destroyed, nobody else can open the store of the folder. A folder
  // without one, or with a damaged one, will do.
  // Errors: kConflict if somebody has it open; kNewerFormat; kNotFound if there is no folder;
  // kUnsupported on a network file system; kPermission, kReadOnly, kNoSpace, kIo.
  static Result<std::unique_ptr<StoreExchange>> Begin(const std::string& folder);

  // Whether there is something that Replace would replace.
  static bool IsTaken(const std::string& folder);

  // The store that is there, nullptr if there is none of this format or it is damaged.
  StorageReader* live() const { return live_.get(); }

  // Gives the store of the other folder, on the same file system, whose log is empty and which
  // nobody has open, its place here. Whoever dies meanwhile leaves the one store or the other.
  // Once. Errors: kInvalidArgument if the log is not empty; kPermission, kReadOnly, kNoSpace, kIo.
  Status Replace(const std::string& other_folder);

 private:
  class LiveStore;

  StoreExchange(std::string database, WriteLock lock);

  std::string database_;
  WriteLock lock_;
  std::optional<WriteLock::Hold> hold_;
  std::unique_ptr<Connection> connection_;  // to what is there; none if it is damaged
  std::unique_ptr<StorageReader> live_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_SQLITE_STORE_EXCHANGE_H_
