// A keyring and a mapping store, and the settings of one app: on disk a folder.
//
//   keyring        docs/formats/keyring.md
//   store.sqlite   docs/formats/mapping-store.md
//   store.lock     docs/decisions/0002-write-lock.md
//   store.head     what the store was last, to notice an older one in its place (anchor.h)
//
// A Vault is what gates (IdentityGate) and resolvers (Resolver) are made from; they keep what they
// need of it alive. By itself it hands out no person.
//
// Thread safety: may be shared by threads; the folder may be used by several processes at once.

#ifndef MONIKER_VAULT_H_
#define MONIKER_VAULT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/identifier.h"
#include "moniker/keyring.h"
#include "moniker/protector.h"
#include "moniker/result.h"
#include "moniker/storage_backend.h"
#include "moniker/store_counts.h"
#include "moniker/store_report.h"

namespace moniker {

namespace internal {
class MappingStore;
struct VaultFiles;
Result<VaultFiles> OpenVaultFiles(const std::string& path, const Protector& protector);
}  // namespace internal

class Vault {
 public:
  struct Options {
    Keyring::Options keyring;
    // Empty: no avatars. Or "https://..." with at most one "{avatar}", which becomes the index
    // 0..255 of the picture: printable ASCII, at most 1024 bytes. Or "data:" alone: the URL is the
    // picture itself (avatar.h).
    std::string avatar_url_template = {};
    std::vector<IssuerKind> issuers = {};  // declared from the start
    // A further anchor (anchor.h), best where those who can write the vault cannot: a file that is
    // made with the vault and needed whenever it is opened; kept as an absolute path of at most
    // 4096 bytes of UTF-8. Empty: none.
    std::string anchor = {};
    // A file that is made with the vault (0600) and never read by it: what it takes to verify the
    // audit log against somebody who has all of the vault's keys (audit_log.h). To be kept where
    // the vault is not. Empty: none, and it cannot be had later.
    std::string audit_key_file = {};
  };

  // Is told how many records of how many were looked at.
  using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

  // Makes a vault in a folder that does not exist; it appears whole or not at all.
  // Errors: kConflict if something is there; kNotFound if its parent is not; kInvalidArgument (the
  // message names the field); kUnsupported on a network file system; kPermission, kReadOnly,
  // kNoSpace, kIo.
  static Status Create(const std::string& path, Options options, const Protector& protector);

  // Errors: kNotFound if there is no vault or an anchor is gone; those of Keyring::Load; kAltered if
  // store and keyring do not belong together or the store was changed; kRolledBack if the store is
  // older than an anchor says (locator: by how many changes); kNewerFormat; kReadOnly, kPermission,
  // kIo.
  static Result<Vault> Open(const std::string& path, const Protector& protector);
  static Result<Vault> Open(const std::string& path) { return Open(path, Protector::Remembered()); }

  // Looks at everything in the store, in one state of it; others may read and write meanwhile. What
  // is wrong is in the report, also what keeps the vault from being opened.
  // Errors: kNotFound if there is no vault; those of Keyring::Load; kAltered if the database cannot
  // be read at all or its tables were changed; kUnsupported for a store of format 1, which must be
  // opened first; kNewerFormat, kReadOnly, kPermission, kIo.
  static Result<StoreReport> Verify(const std::string& path, const Protector& protector,
                                    const Progress& progress = nullptr);

  // Takes the store for the right one, whatever its anchors say, and leaves word of it with them:
  // after an older copy was put back on purpose, or an anchor was lost. With `anchor` the vault has
  // that one of its choice from now on (as Options::anchor), or none if it is empty. Leaves an audit
  // entry.
  // Errors: as Open, but for what anchors say; kConflict if something is at the path of the anchor.
  static Status Accept(const std::string& path, const Protector& protector,
                       const std::optional<std::string>& anchor = std::nullopt);

  // The keyring alone, for what needs no store: derivation and checking.
  // Errors: kNotFound if there is no vault; those of Keyring::Load.
  static Result<Keyring> OpenKeyring(const std::string& path, const Protector& protector);

  // Where Keyring::RememberedKeyFile finds it. Errors: kNotFound if there is no vault.
  static Result<std::string> KeyringPath(const std::string& path);

  // Over another backend, which must be empty / must have been initialised with this keyring.
  // Errors: kInvalidArgument; kConflict if it is not empty; as Open.
  static Status Initialize(const Keyring& keyring, StorageBackend* backend,
                           const std::string& avatar_url_template);
  static Result<Vault> Assemble(Keyring keyring, std::unique_ptr<StorageBackend> backend);

  // As it is now: a rotation, here or in another process, replaces it. Null after a move.
  std::shared_ptr<const Keyring> keyring() const;
  std::string avatar_url_template() const;

  // The kind of an issuer's identifiers: as declared, else built in; nothing if the issuer is new.
  // Errors: kAltered, kIo.
  Result<std::optional<IdentifierKind>> KindOf(std::string_view issuer) const;

  // Declares it for ever, durably; an issuer that is not declared gets the built-in kind, or
  // kOpaque, with its first person. Errors: kInvalidArgument for an issuer or kind that cannot
  // be; kConflict if it has another kind; kExhausted for more than 4,096; as IdentityGate::Admit.
  Status DeclareIssuer(std::string_view issuer, IdentifierKind kind) const;

  // A new epoch of keys, which everything made from now on is made under; what was made before
  // stays readable. Other processes that have the vault open take it over with their next call.
  // Errors: kUnsupported for a vault that is not a folder; those of Keyring::Load and Save; as
  // IdentityGate::Admit.
  Status RotateKeys(KeyKind kind) const;

  // Removes the keys of an old epoch. Identity: what was admitted in it still resolves, but can no
  // longer be checked or derived again. Storage: only once no record stands under it (Reseal).
  // Errors: kNotFound if there is no such epoch; kInvalidArgument for the newest; kConflict while
  // records need it; kUnsupported for index keys, under which records are found; as RotateKeys.
  Status DestroyEpoch(KeyKind kind, std::uint32_t epoch) const;

  // Seals what stands under older storage epochs anew under the newest, some records at a time:
  // others may read and write meanwhile, and what is done stays done if it is interrupted.
  // Errors: as IdentityGate::Admit.
  Status Reseal(const Progress& progress = nullptr) const;

  // Seals the keyring file under another protector; no data is touched. Whoever has the vault open
  // keeps it, but after the next rotation has to open it again. Errors: as RotateKeys;
  // kInvalidArgument for Protector::Remembered().
  Status Rewrap(const Protector& protector) const;

  // In an enrolled vault: which identifiers are one person. All or none, durable when it returns;
  // with `dry_run` only whether it could be done. External IDs stay what they are. The locator of
  // an error is the index. Errors: kUnsupported in a derived vault; kInvalidArgument; kNotFound for
  // somebody who is not enrolled; kConflict as stated; kExhausted for more than 64 identifiers or
  // merges of one person; as IdentityGate::Admit.
  // `second` leads to the person of `first` too. kConflict: it leads to another person.
  Status AddIdentifiers(std::span<const IdentifierPair> pairs, bool dry_run = false) const;
  // The persons of both are one: name and new pseudonyms are those of `first`.
  Status MergePersons(std::span<const IdentifierPair> pairs, bool dry_run = false) const;
  // Takes back a merge; or makes a person of an identifier that was added to another. kConflict: it
  // is the person's only identifier.
  Status SplitPersons(std::span<const Identifier> identifiers, bool dry_run = false) const;

  // What the store holds. Reads every pseudonym. Errors: kAltered, kIo.
  Result<StoreCounts> Count() const;

 private:
  friend class IdentityGate;
  friend class Resolver;
  friend Result<internal::VaultFiles> internal::OpenVaultFiles(const std::string& path,
                                                               const Protector& protector);

  class KeyringFile;
  struct Files;

  Vault(std::shared_ptr<internal::MappingStore> store, std::shared_ptr<KeyringFile> file)
      : store_(std::move(store)), file_(std::move(file)) {}

  static Result<Files> OpenFiles(const std::string& path, const Protector& protector);

  using KeyringChange = std::function<Result<Keyring>(const Keyring&, StorageReader*)>;
  Status ReplaceKeyring(const KeyringChange& change) const;

  std::shared_ptr<internal::MappingStore> store_;
  std::shared_ptr<KeyringFile> file_;  // none over a backend of the application's
};

// Errors: kInvalidArgument for what Vault::Options::avatar_url_template cannot be.
Status ValidateAvatarUrlTemplate(std::string_view text);

}  // namespace moniker

#endif  // MONIKER_VAULT_H_
