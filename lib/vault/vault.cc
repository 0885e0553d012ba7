#include "moniker/vault.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "base/file.h"
#include "base/status_macros.h"
#include "moniker/anchor.h"
#include "moniker/avatar.h"
#include "moniker/sqlite_backend.h"
#include "store/mapping_store.h"
#include "vault/audit_key_file.h"
#include "vault/vault_files.h"

namespace moniker {
namespace {

using internal::AnchorsOf;
using internal::HeadIn;
using internal::KeyringIn;
using internal::MappingStore;

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
    for (const char* file : {"keyring", "store.sqlite", "store.sqlite-wal", "store.sqlite-shm",
                             "store.lock", "store.head"}) {
      char name[PATH_MAX];  // there may be no memory for a string
      std::snprintf(name, sizeof name, "%s/%s", path_.c_str(), file);
      ::unlink(name);
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

Status MakeStore(const std::string& folder, Keyring keyring, const Vault::Options& options,
                 const std::string& anchor, SecretBytes audit_key) {
  MONIKER_RETURN_IF_ERROR(CreateSqliteStore(folder));
  MONIKER_RETURN_IF_ERROR(CreateFileAnchor(HeadIn(folder)));
  MONIKER_ASSIGN_OR_RETURN(std::unique_ptr<StorageBackend> backend, OpenSqliteStore(folder));
  MONIKER_RETURN_IF_ERROR(MappingStore::Initialize(
      keyring, backend.get(), {options.avatar_url_template, anchor, options.policy},
      AnchorsOf(folder), std::move(audit_key)));
  if (!options.issuers.empty()) {
    MONIKER_ASSIGN_OR_RETURN(
        const std::unique_ptr<MappingStore> store,
        MappingStore::Open(std::move(keyring), std::move(backend), nullptr, AnchorsOf(folder)));
    for (const IssuerKind& one : options.issuers) {
      MONIKER_RETURN_IF_ERROR(store->DeclareIssuer(one.issuer, one.kind));
    }
    MONIKER_ASSIGN_OR_RETURN(backend, OpenSqliteStore(folder));
  }
  // A new vault is whole in its main files, should somebody copy these alone.
  return backend->Checkpoint().status();
}

// The anchor of the owner's choice, made where nothing is; removed again unless it is kept.
class ChosenAnchor {
 public:
  // Nothing if `path` is empty. The path is kept as an absolute one.
  static Result<ChosenAnchor> Make(const std::string& path) {
    if (path.empty()) return ChosenAnchor({});
    MONIKER_RETURN_IF_ERROR(CreateFileAnchor(path));
    ChosenAnchor made(path);
    MONIKER_ASSIGN_OR_RETURN(made.path_, internal::AbsolutePath(path, "cannot find the anchor"));
    if (!internal::IsAnchorPath(made.path_)) {
      return Status(StatusCode::kInvalidArgument,
                    "anchor: not at most 4096 bytes of UTF-8 without control characters");
    }
    return made;
  }

  ChosenAnchor(ChosenAnchor&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ~ChosenAnchor() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  const std::string& path() const { return path_; }
  void Keep() { path_.clear(); }

 private:
  explicit ChosenAnchor(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

constexpr std::uint32_t kFormatBeforeAnchors = 1;

constexpr std::chrono::hours kMaxIdleLock(24 * 30);

constexpr Status kMovedFrom(StatusCode::kClosed, "the vault was moved from");

constexpr Status kNoKeyringFile(StatusCode::kUnsupported, "the vault has no keyring file");

}  // namespace

// Where the keyring of an open vault is, and what opens it.
class Vault::KeyringFile {
 public:
  KeyringFile(std::string path, Protector protector, ProtectorSource source)
      : path_(std::move(path)), source_(std::move(source)), protector_(std::move(protector)) {}

  Result<Keyring> Load() {
    const std::lock_guard lock(mutex_);
    if (protector_) return Keyring::Load(path_, *protector_);
    MONIKER_ASSIGN_OR_RETURN(Protector given, source_());
    MONIKER_ASSIGN_OR_RETURN(Keyring keyring, Keyring::Load(path_, given));
    protector_ = std::move(given);  // one that does not open the keyring is not kept
    return keyring;
  }

  // The protector is asked for again when the keyring is needed next.
  void Forget() {
    const std::lock_guard lock(mutex_);
    protector_.reset();
  }

  Status SaveOver(const Keyring& keyring) const {
    const std::lock_guard lock(mutex_);
    if (!protector_) return Status(StatusCode::kClosed, "the vault was locked meanwhile");
    return keyring.SaveOver(path_, *protector_);
  }

  Status Rewrap(const Keyring& keyring, const Protector& protector) {
    MONIKER_ASSIGN_OR_RETURN(Protector own, protector.Copy());
    const std::lock_guard lock(mutex_);
    const Status saved = keyring.Save(path_, own);
    // What is not known to be durable may be in place all the same.
    if (saved.ok() || Keyring::Load(path_, own).ok()) protector_ = std::move(own);
    return saved;
  }

 private:
  const std::string path_;
  const ProtectorSource source_;
  mutable std::mutex mutex_;
  std::optional<Protector> protector_;  // none while the vault is locked. Guarded by mutex_
};

struct Vault::Files {
  Keyring keyring;
  std::unique_ptr<StorageBackend> backend;
  std::string folder;  // absolute
  std::shared_ptr<KeyringFile> keyring_file;
};

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
  MONIKER_ASSIGN_OR_RETURN(Keyring keyring, Keyring::Create(std::move(options.keyring)));
  MONIKER_ASSIGN_OR_RETURN(TemporaryVault temporary, TemporaryVault::Make(vault));
  MONIKER_RETURN_IF_ERROR(keyring.Save(KeyringIn(temporary.path()), protector));
  MONIKER_ASSIGN_OR_RETURN(ChosenAnchor anchor, ChosenAnchor::Make(options.anchor));
  MONIKER_ASSIGN_OR_RETURN(internal::NewAuditKeyFile audit_key,
                           internal::NewAuditKeyFile::Make(options.audit_key_file));
  MONIKER_RETURN_IF_ERROR(
      MakeStore(temporary.path(), std::move(keyring), options, anchor.path(), audit_key.TakeKey()));
  MONIKER_RETURN_IF_ERROR(temporary.KeepAs(vault));
  anchor.Keep();
  audit_key.Keep();
  return Status::Ok();
}

Result<Keyring> Vault::OpenKeyring(const std::string& path, const Protector& protector) {
  MONIKER_ASSIGN_OR_RETURN(const std::string keyring, KeyringPath(path));
  return Keyring::Load(keyring, protector);
}

Result<std::string> Vault::KeyringPath(const std::string& path) {
  MONIKER_RETURN_IF_ERROR(RequireVault(path));
  return KeyringIn(path);
}

Result<Vault::Files> Vault::OpenFiles(const std::string& path, const Protector& protector,
                                      ProtectorSource source) {
  MONIKER_ASSIGN_OR_RETURN(const std::string keyring_path, KeyringPath(path));
  MONIKER_ASSIGN_OR_RETURN(Keyring keyring, Keyring::Load(keyring_path, protector));
  MONIKER_ASSIGN_OR_RETURN(std::unique_ptr<StorageBackend> backend, OpenSqliteStore(path));
  MONIKER_ASSIGN_OR_RETURN(const std::string absolute,
                           internal::AbsolutePath(keyring_path, "cannot find the keyring"));
  MONIKER_ASSIGN_OR_RETURN(Protector own, protector.Copy());
  return Files{std::move(keyring), std::move(backend), internal::ParentOf(absolute),
               std::make_shared<KeyringFile>(absolute, std::move(own), std::move(source))};
}

Result<Vault> Vault::Open(const std::string& path, const Protector& protector,
                          OpenOptions options) {
  if (options.idle_lock < std::chrono::milliseconds::zero() || options.idle_lock > kMaxIdleLock) {
    return Status(StatusCode::kInvalidArgument, "idle lock: not 0 to 30 days");
  }
  if (!options.protector) {
    options.protector = []() -> Result<Protector> { return Protector::Remembered(); };
  }
  MONIKER_ASSIGN_OR_RETURN(Files files, OpenFiles(path, protector, std::move(options.protector)));
  MONIKER_ASSIGN_OR_RETURN(const StoreFormat format, files.backend->Format());
  if (format.version == kFormatBeforeAnchors) {
    const Status made = CreateFileAnchor(HeadIn(files.folder));
    if (!made.ok() && made.code() != StatusCode::kConflict) return made;
  }
  MONIKER_ASSIGN_OR_RETURN(
      std::unique_ptr<MappingStore> store,
      MappingStore::Open(
          std::move(files.keyring), std::move(files.backend),
          [file = files.keyring_file] { return file->Load(); }, AnchorsOf(files.folder)));
  if (options.idle_lock != std::chrono::milliseconds::zero()) {
    MONIKER_RETURN_IF_ERROR(
        store->LockWhenIdle(options.idle_lock, [file = files.keyring_file, one = store.get()] {
          file->Forget();
          one->Lock();
        }));
  }
  return Vault(std::move(store), files.keyring_file);
}

Status Vault::Lock() const {
  if (store_ == nullptr) return kMovedFrom;
  if (file_ == nullptr) return kNoKeyringFile;
  file_->Forget();
  store_->Lock();
  return Status::Ok();
}

Result<StoreReport> Vault::Verify(const std::string& path, const Protector& protector,
                                  const Progress& progress) {
  MONIKER_ASSIGN_OR_RETURN(const Files files, OpenFiles(path, protector));
  return MappingStore::Verify(
      files.backend.get(), [file = files.keyring_file] { return file->Load(); },
      AnchorsOf(files.folder), progress);
}

Result<internal::VaultFiles> internal::OpenVaultFiles(const std::string& path,
                                                      const Protector& protector) {
  MONIKER_ASSIGN_OR_RETURN(Vault::Files files, Vault::OpenFiles(path, protector));
  return VaultFiles{std::move(files.backend), [file = files.keyring_file] { return file->Load(); },
                    AnchorsOf(files.folder)};
}

Status Vault::Accept(const std::string& path, const Protector& protector,
                     const std::optional<std::string>& anchor) {
  MONIKER_ASSIGN_OR_RETURN(Files files, OpenFiles(path, protector));
  std::optional<ChosenAnchor> chosen;
  if (anchor) {
    MONIKER_ASSIGN_OR_RETURN(ChosenAnchor made, ChosenAnchor::Make(*anchor));
    chosen.emplace(std::move(made));
  }
  const Status head = CreateFileAnchor(HeadIn(files.folder));
  if (!head.ok() && head.code() != StatusCode::kConflict) return head;
  MONIKER_ASSIGN_OR_RETURN(
      const std::unique_ptr<MappingStore> store,
      MappingStore::Open(std::move(files.keyring), std::move(files.backend),
                         [file = files.keyring_file] { return file->Load(); }));
  std::optional<std::string> place;
  if (chosen) place = chosen->path();
  MONIKER_RETURN_IF_ERROR(store->Accept(AnchorsOf(files.folder), place));
  if (chosen) chosen->Keep();
  return Status::Ok();
}

Status Vault::Initialize(const Keyring& keyring, StorageBackend* backend,
                         const std::string& avatar_url_template) {
  MONIKER_RETURN_IF_ERROR(ValidateAvatarUrlTemplate(avatar_url_template));
  return MappingStore::Initialize(keyring, backend, {avatar_url_template, {}, {}});
}

Result<Vault> Vault::Assemble(Keyring keyring, std::unique_ptr<StorageBackend> backend) {
  MONIKER_ASSIGN_OR_RETURN(std::unique_ptr<MappingStore> store,
                           MappingStore::Open(std::move(keyring), std::move(backend), nullptr));
  return Vault(std::move(store), nullptr);
}

std::shared_ptr<const Keyring> Vault::keyring() const {
  if (store_ == nullptr) return nullptr;
  const Result<std::shared_ptr<const internal::StoreKeys>> keys = store_->Keys();
  if (!keys.ok()) return nullptr;
  return {*keys, &(*keys)->keyring()};
}

std::string Vault::avatar_url_template() const {
  return store_ == nullptr ? std::string() : store_->avatar_url_template();
}

Result<std::optional<IdentifierKind>> Vault::KindOf(std::string_view issuer) const {
  if (store_ == nullptr) return kMovedFrom;
  return store_->KindOf(issuer);
}

Status Vault::DeclareIssuer(std::string_view issuer, IdentifierKind kind) const {
  if (store_ == nullptr) return kMovedFrom;
  return store_->DeclareIssuer(issuer, kind);
}

Status Vault::ReplaceKeyring(const KeyringChange& change) const {
  if (store_ == nullptr) return kMovedFrom;
  if (file_ == nullptr) return kNoKeyringFile;
  return store_->ReplaceKeyring([&](const Keyring& now, StorageReader* reader) -> Result<Keyring> {
    MONIKER_ASSIGN_OR_RETURN(Keyring changed, change(now, reader));
    MONIKER_RETURN_IF_ERROR(file_->SaveOver(changed));
    return changed;
  });
}

Status Vault::RotateKeys(KeyKind kind) const {
  return ReplaceKeyring([&](const Keyring& now, StorageReader*) { return now.WithNewEpoch(kind); });
}

Status Vault::DestroyEpoch(KeyKind kind, std::uint32_t epoch) const {
  if (store_ == nullptr) return kMovedFrom;
  if (kind == KeyKind::kIndex) {
    return Status(StatusCode::kUnsupported, "records are found under the keys of this epoch");
  }
  return ReplaceKeyring([&](const Keyring& now, StorageReader* reader) -> Result<Keyring> {
    MONIKER_ASSIGN_OR_RETURN(Keyring without, now.WithoutEpoch(kind, epoch));
    if (kind == KeyKind::kStorage) {
      MONIKER_RETURN_IF_ERROR(internal::RequireUnused(epoch, reader));
    }
    return without;
  });
}

Status Vault::Reseal(const Progress& progress) const {
  if (store_ == nullptr) return kMovedFrom;
  return store_->Reseal(progress);
}

Status Vault::Rewrap(const Protector& protector) const {
  if (store_ == nullptr) return kMovedFrom;
  if (file_ == nullptr) return kNoKeyringFile;
  return store_->WithKeyring([&](const Keyring& now) { return file_->Rewrap(now, protector); });
}

Status Vault::AddIdentifiers(std::span<const IdentifierPair> pairs, bool dry_run) const {
  if (store_ == nullptr) return kMovedFrom;
  return store_->AddIdentifiers(pairs, dry_run);
}

Status Vault::MergePersons(std::span<const IdentifierPair> pairs, bool dry_run) const {
  if (store_ == nullptr) return kMovedFrom;
  return store_->MergePersons(pairs, dry_run);
}

Status Vault::SplitPersons(std::span<const Identifier> identifiers, bool dry_run) const {
  if (store_ == nullptr) return kMovedFrom;
  return store_->SplitPersons(identifiers, dry_run);
}

Result<Erasure> Vault::Erase(std::span<const ErasureTarget> targets,
                             const AccessReason& reason) const {
  if (store_ == nullptr) return kMovedFrom;
  return store_->Erase(targets, reason);
}

Result<VaultPolicy> Vault::policy() const {
  if (store_ == nullptr) return kMovedFrom;
  return store_->Policy();
}

Status Vault::SetPolicy(const VaultPolicy& policy, const AccessReason& reason) const {
  if (store_ == nullptr) return kMovedFrom;
  return store_->SetPolicy(policy, reason);
}

Status Vault::MarkPersons(std::span<const Identifier> identifiers, bool marked,
                          const AccessReason& reason) const {
  if (store_ == nullptr) return kMovedFrom;
  return store_->MarkPersons(identifiers, marked, reason);
}

Result<Expiry> Vault::Expire(const ExpiryOptions& options) const {
  if (store_ == nullptr) return kMovedFrom;
  return store_->Expire(options);
}

Result<StoreCounts> Vault::Count() const {
  if (store_ == nullptr) return kMovedFrom;
  return store_->CountAll();
}

}  // namespace moniker
