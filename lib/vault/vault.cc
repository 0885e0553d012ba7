#include "moniker/vault.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "base/file.h"
#include "base/status_macros.h"
#include "moniker/avatar.h"
#include "moniker/sqlite_backend.h"
#include "store/mapping_store.h"

namespace moniker {
namespace {

std::string KeyringIn(const std::string& folder) { return folder + "/keyring"; }

Status RequireVault(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0)
    return internal::ErrnoStatus(errno, "cannot find the vault");
  if (!S_ISDIR(info.st_mode)) return Status(StatusCode::kNotFound, "the vault is not a folder");
  if (::stat(KeyringIn(path).c_str(), &info) != 0 && errno == ENOENT) {
    return Status(StatusCode::kNotFound, "the folder is not a vault: it has no keyring");
  }
  return Status::Ok();
}

// A folder beside the vault-to-be that goes away, with the files of a vault, unless it is kept.
class TemporaryVault {
 public:
  static Result<TemporaryVault> Make(const std::string& vault) {
    std::string path = vault + ".XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) {  // mode 0700
      return internal::ErrnoStatus(errno, "cannot make the folder of the vault");
    }
    return TemporaryVault(std::move(path));
  }

  TemporaryVault(TemporaryVault&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ~TemporaryVault() {
    if (path_.empty()) return;
    for (const char* file :
         {"/keyring", "/store.sqlite", "/store.sqlite-wal", "/store.sqlite-shm", "/store.lock"}) {
      ::unlink((path_ + file).c_str());
    }
    ::rmdir(path_.c_str());
  }

  const std::string& path() const { return path_; }

  // Gives it its name; an existing folder or file is never replaced, not even an empty one.
  Status KeepAs(const std::string& vault) {
    if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, vault.c_str(), RENAME_NOREPLACE) != 0) {
      return internal::ErrnoStatus(errno, "cannot give the vault its name");
    }
    path_ = vault;
    const Status status = internal::SyncParentFolder(vault);
    if (status.ok()) path_.clear();
    return status;
  }

 private:
  explicit TemporaryVault(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

std::string WithoutTrailingSlashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

Status MakeStore(const std::string& folder, const Keyring& keyring,
                 const std::string& avatar_url_template) {
  MONIKER_RETURN_IF_ERROR(CreateSqliteStore(folder));
  MONIKER_ASSIGN_OR_RETURN(const std::unique_ptr<StorageBackend> backend, OpenSqliteStore(folder));
  MONIKER_RETURN_IF_ERROR(Vault::Initialize(keyring, backend.get(), avatar_url_template));
  // A new vault is whole in its main files, should somebody copy these alone.
  return backend->Checkpoint();
}

}  // namespace

Status ValidateAvatarUrlTemplate(std::string_view text) {
  constexpr std::string_view kPlaceholder = "{avatar}";
  if (text.empty() || text == kInlineAvatar) return Status::Ok();
  if (text.size() > internal::kMaxAvatarTemplateSize) {
    return Status(StatusCode::kInvalidArgument, "avatar URL: longer than 1024 bytes");
  }
  if (!text.starts_with("https://")) {
    return Status(StatusCode::kInvalidArgument,
                  "avatar URL: neither data: nor a URL that begins with https://");
  }
  std::string rest(text);
  if (const std::size_t at = rest.find(kPlaceholder); at != std::string::npos) {
    rest.erase(at, kPlaceholder.size());
  }
  for (const char c : rest) {
    if (c <= ' ' || c > '~' || c == '{' || c == '}') {
      return Status(StatusCode::kInvalidArgument,
                    "avatar URL: not printable ASCII with at most one {avatar}");
    }
  }
  return Status::Ok();
}

Status Vault::Create(const std::string& path, Options options, const Protector& protector) {
  MONIKER_RETURN_IF_ERROR(ValidateAvatarUrlTemplate(options.avatar_url_template));
  const std::string vault = WithoutTrailingSlashes(path);
  struct stat info;
  if (::lstat(vault.c_str(), &info) == 0) {
    return Status(StatusCode::kConflict, "there is something at the path of the vault already");
  }
  MONIKER_ASSIGN_OR_RETURN(const Keyring keyring, Keyring::Create(std::move(options.keyring)));
  MONIKER_ASSIGN_OR_RETURN(TemporaryVault temporary, TemporaryVault::Make(vault));
  MONIKER_RETURN_IF_ERROR(keyring.Save(KeyringIn(temporary.path()), protector));
  MONIKER_RETURN_IF_ERROR(MakeStore(temporary.path(), keyring, options.avatar_url_template));
  return temporary.KeepAs(vault);
}

Result<Keyring> Vault::OpenKeyring(const std::string& path, const Protector& protector) {
  MONIKER_ASSIGN_OR_RETURN(const std::string keyring, KeyringPath(path));
  return Keyring::Load(keyring, protector);
}

Result<std::string> Vault::KeyringPath(const std::string& path) {
  MONIKER_RETURN_IF_ERROR(RequireVault(path));
  return KeyringIn(path);
}

Result<Vault> Vault::Open(const std::string& path, const Protector& protector) {
  MONIKER_ASSIGN_OR_RETURN(Keyring keyring, OpenKeyring(path, protector));
  MONIKER_ASSIGN_OR_RETURN(std::unique_ptr<StorageBackend> backend, OpenSqliteStore(path));
  return Assemble(std::move(keyring), std::move(backend));
}

Status Vault::Initialize(const Keyring& keyring, StorageBackend* backend,
                         const std::string& avatar_url_template) {
  MONIKER_RETURN_IF_ERROR(ValidateAvatarUrlTemplate(avatar_url_template));
  MONIKER_ASSIGN_OR_RETURN(const StoreFormat format, backend->Format());
  return internal::MappingStore::Initialize(keyring, backend, {format, avatar_url_template});
}

Result<Vault> Vault::Assemble(Keyring keyring, std::unique_ptr<StorageBackend> backend) {
  MONIKER_ASSIGN_OR_RETURN(
      std::unique_ptr<internal::MappingStore> store,
      internal::MappingStore::Open(std::make_shared<const Keyring>(std::move(keyring)),
                                   std::move(backend)));
  return Vault(std::shared_ptr<internal::MappingStore>(std::move(store)));
}

const Keyring& Vault::keyring() const { return store_->keyring(); }

const std::string& Vault::avatar_url_template() const {
  return store_->settings().avatar_url_template;
}

}  // namespace moniker
