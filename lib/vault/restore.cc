// A vault's store as a backup, and back.

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "base/file.h"
#include "base/status_macros.h"
#include "moniker/sqlite_backend.h"
#include "moniker/vault.h"
#include "sqlite/store_exchange.h"
#include "store/backup.h"
#include "vault/vault_files.h"

namespace moniker {
namespace {

using internal::StoreExchange;

// A folder in that of the vault, in which the store is made that is to take the other's place. One
// that somebody left who was killed is taken away first. Used by whoever may exchange the store.
class Workshop {
 public:
  static Result<Workshop> Make(const std::string& vault) {
    Workshop workshop(vault + "/restoring");
    workshop.Clear();
    MONIKER_RETURN_IF_ERROR(internal::MakePrivateFolder(workshop.path_));
    MONIKER_RETURN_IF_ERROR(CreateSqliteStore(workshop.path_));
    return workshop;
  }

  Workshop(Workshop&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ~Workshop() {
    if (!path_.empty()) Clear();
  }

  const std::string& path() const { return path_; }

 private:
  explicit Workshop(std::string path) : path_(std::move(path)) {}

  void Clear() const {
    for (const char* file : {"/store.sqlite", "/store.sqlite-wal", "/store.sqlite-shm",
                             "/store.lock"}) {
      char name[PATH_MAX];  // there may be no memory for a string
      std::snprintf(name, sizeof name, "%s%s", path_.c_str(), file);
      ::unlink(name);
    }
    ::rmdir(path_.c_str());
  }

  std::string path_;
};

// The log is empty afterwards, and nobody has the store open.
Result<std::function<void()>> MakeStore(const std::string& folder, Keyring keyring,
                                        internal::RestoreRequest request) {
  MONIKER_ASSIGN_OR_RETURN(const std::unique_ptr<StorageBackend> backend, OpenSqliteStore(folder));
  request.target = backend.get();
  MONIKER_ASSIGN_OR_RETURN(std::function<void()> leave_word,
                           internal::RestoreBackup(std::move(keyring), request));
  MONIKER_ASSIGN_OR_RETURN(const bool is_empty, backend->Checkpoint());
  if (!is_empty) return Status(StatusCode::kConflict, "somebody reads the store that is restored");
  return leave_word;
}

}  // namespace

Status Vault::Backup(const BackupSink& sink, const Progress& progress) const {
  if (store_ == nullptr) return Status(StatusCode::kClosed, "the vault was moved from");
  return store_->Backup(sink, progress);
}

Status Vault::Restore(const std::string& path, const Protector& protector,
                      const BackupSource& source, const RestoreOptions& options) {
  MONIKER_ASSIGN_OR_RETURN(const std::string keyring_path, KeyringPath(path));
  MONIKER_ASSIGN_OR_RETURN(Keyring keyring, Keyring::Load(keyring_path, protector));
  MONIKER_ASSIGN_OR_RETURN(const std::string absolute,
                           internal::AbsolutePath(keyring_path, "cannot find the keyring"));
  const std::string folder = internal::ParentOf(absolute);
  if (!options.replace && StoreExchange::IsTaken(folder)) {
    return Status(StatusCode::kConflict, "the vault has a store");
  }
  MONIKER_ASSIGN_OR_RETURN(const std::unique_ptr<StoreExchange> exchange,
                           StoreExchange::Begin(folder));
  // Asked again, as nobody else can make one now.
  if (!options.replace && StoreExchange::IsTaken(folder)) {
    return Status(StatusCode::kConflict, "the vault has a store");
  }
  const Status head = CreateFileAnchor(internal::HeadIn(folder));
  if (!head.ok() && head.code() != StatusCode::kConflict) return head;
  MONIKER_ASSIGN_OR_RETURN(const Workshop workshop, Workshop::Make(folder));
  internal::RestoreRequest request;
  request.source = source;
  request.live = exchange->live();
  request.anchors = internal::AnchorsOf(folder);
  request.drop_chosen_anchor = options.drop_anchor;
  request.reason = options.reason;
  MONIKER_ASSIGN_OR_RETURN(
      const std::function<void()> leave_word,
      MakeStore(workshop.path(), std::move(keyring), std::move(request)));
  MONIKER_RETURN_IF_ERROR(exchange->Replace(workshop.path()));
  leave_word();
  return Status::Ok();
}

}  // namespace moniker
