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

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/access_reason.h"
#include "moniker/erasure.h"
#include "moniker/expiry.h"
#include "moniker/identifier.h"
#include "moniker/keyring.h"
#include "moniker/protector.h"
#include "moniker/result.h"
#include "moniker/storage_backend.h"
#include "moniker/store_counts.h"
#include "moniker/store_report.h"
#include "moniker/vault_policy.h"

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
    VaultPolicy policy = {};
  };

  // Is told how many records of how many were looked at.
  using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

  // Makes a vault in a folder that does not exist; it appears whole or not at all.
  // Errors: kConflict if something is there; kNotFound if its parent is not; kInvalidArgument (the
  // message names the field); kUnsupported on a network file system; kPermission, kReadOnly,
  // kNoSpace, kIo.
  static Status Create(const std::string& path, Options options, const Protector& protector);

  // Where a vault that was locked gets its keys from again. Called by a thread that has a request,
  // while the others wait; it must not use the vault.
  using ProtectorSource = std::function<Result<Protector>()>;

  struct OpenOptions {
    // The vault locks itself (Lock) when it was not asked anything for so long, by the steady
    // clock: a thread of the vault's own sees to it. 0 to 30 days; 0: never.
    std::chrono::milliseconds idle_lock{0};
    // If none is given, Protector::Remembered().
    ProtectorSource protector = nullptr;
  };

  // Errors: kNotFound if there is no vault or an anchor is gone; those of Keyring::Load; kAltered if
  // store and keyring do not belong together or the store was changed; kRolledBack if the store is
  // older than an anchor says (locator: by how many changes); kNewerFormat; kInvalidArgument for
  // the options; kReadOnly, kPermission, kIo.
  static Result<Vault> Open(const std::string& path, const Protector& protector,
                            OpenOptions options);
  static Result<Vault> Open(const std::string& path, const Protector& protector) {
    return Open(path, protector, OpenOptions());
  }
  static Result<Vault> Open(const std::string& path) { return Open(path, Protector::Remembered()); }

  // Takes the keys, and what opened the keyring, out of memory: they are wiped when the requests
  // that are being answered end, and a keyring() that somebody holds with it. Gates and resolvers
  // of the vault are locked with it. Nothing needs to be unlocked: the next request asks
  // OpenOptions::protector, and if that fails, so does the request, with its error or that of
  // Keyring::Load. Errors: kClosed after a move; kUnsupported for a vault that is not a folder.
  Status Lock() const;

  // Looks at everything in the store, in one state of it; others may read and write meanwhile. What
  // is wrong is in the report, also what keeps the vault from being opened.
  // Errors: kNotFound if there is no vault; those of Keyring::Load; kAltered if the database cannot
  // be read at all or its tables were changed; kUnsupported for a store of format 1, which must be
  // opened first; kNewerFormat, kReadOnly, kPermission, kIo.
  static Result<StoreReport> Verify(const std::string& path, const Protector& protector,
                                    const Progress& progress = nullptr);

  // Takes the store for the right one, whatever its anchors say, and leaves word of it with them:
  // after an older copy was put back on purpose, or an anchor was lost. Who was erased after it, as
  // far as they know, stays erased. With `anchor` the vault has that one of its choice from now on
  // (as Options::anchor), or none if it is empty. Leaves an audit entry.
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

  // As it is now: a rotation, here or in another process, replaces it. Null after a move, and if
  // the vault is locked and what it asks for its keys fails.
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

  // Makes persons unrecoverable, durably: their records, with those they were merged with, and
  // whatever leads to them, of all scopes and epochs. Looks at every pseudonym of the store while
  // writers wait, once for all targets. What is left is a tombstone for each, here and with the
  // anchors, so that no backup brings the person back, and an audit entry. Who is admitted
  // afterwards is somebody new to the store. The locator of an error is the index.
  // Errors: kInvalidArgument for an identifier, actor or purpose that cannot be; kConflict for a
  // kind that is not the issuer's; kNotFound, kPermission if an anchor cannot be reached: then
  // nobody is erased; as IdentityGate::Admit.
  Result<Erasure> Erase(std::span<const ErasureTarget> targets,
                        const AccessReason& reason = {}) const;

  // Takes a part of a backup, in order.
  using BackupSink = std::function<Status(std::span<const std::uint8_t>)>;
  // Fills a part of the memory, from its begin on, with the next bytes of a backup and says how
  // much; 0 at the end.
  using BackupSource = std::function<Result<std::size_t>(std::span<std::uint8_t>)>;

  // Writes the store as it is at the beginning, whatever others write meanwhile, sealed under the
  // newest storage key: docs/formats/backup.md. The keyring is not in it, and without that of this
  // time or a later one nobody can read it. Only what is written when this succeeds is a backup.
  // Errors: kAltered if the store is not as it was written; kIo; those of the sink.
  Status Backup(const BackupSink& sink, const Progress& progress = nullptr) const;

  struct RestoreOptions {
    bool replace = false;      // the store that the vault has, if it has one
    bool drop_anchor = false;  // the one of the owner's choice, which is lost
    AccessReason reason = {};  // for the audit log
  };

  // Makes the store of a vault what a backup of it says, but for the persons who were erased
  // afterwards, as far as the store that is there and the anchors know: they stay erased. Everything
  // is read and checked before the store takes its place, whole or not at all. What was written to
  // the vault after the backup is lost.
  // Errors: kConflict if the vault has a store and is not to lose it, or somebody has it open;
  // kNotFound if there is no vault, an anchor is gone or the keyring does not have the storage
  // epoch of the backup; kAltered for a backup that was altered or cut short or is not of this
  // vault, and for an altered anchor; kNewerFormat; those of Keyring::Load and of the source;
  // kInvalidArgument for actor or purpose; kReadOnly, kPermission, kNoSpace, kIo.
  static Status Restore(const std::string& path, const Protector& protector,
                        const BackupSource& source, const RestoreOptions& options);

  // What whoever resolves is let do, and how long pseudonyms of conferences are kept: for every
  // program that opens the vault. Errors: as KindOf.
  Result<VaultPolicy> policy() const;

  // Durable when it returns; who has the vault open follows with the next call. Budgets begin anew.
  // Leaves an audit entry. Errors: kInvalidArgument for actor or purpose; as IdentityGate::Admit.
  Status SetPolicy(const VaultPolicy& policy, const AccessReason& reason = {}) const;

  // Persons whom nobody should have a reason to resolve: from now on it is told of by their audit
  // entry and the resolver's Alert, while the answer is as before. Or no more, if not `marked`. All
  // or none, durable when it returns. Leaves an audit entry, which does not say who. The locator of
  // an error is the index. Errors: kNotFound for somebody who is not stored; kInvalidArgument;
  // kConflict for a kind that is not the issuer's; as IdentityGate::Admit.
  Status MarkPersons(std::span<const Identifier> identifiers, bool marked = true,
                     const AccessReason& reason = {}) const;

  // Takes out pseudonyms of conferences that have been kept long enough, with their labels and
  // participant IDs: nobody is found by them any more. Some at a time: others may read and write
  // meanwhile, and what is done stays done if it is interrupted. An audit entry for each step. A
  // backup from before brings them back, until the next time. Errors: kInvalidArgument for actor or
  // purpose; as IdentityGate::Admit.
  Result<Expiry> Expire(const ExpiryOptions& options) const;

  // What the store holds. Reads every pseudonym. Errors: kAltered, kIo.
  Result<StoreCounts> Count() const;

 private:
  friend class Enroller;
  friend class IdentityGate;
  friend class Resolver;
  friend Result<internal::VaultFiles> internal::OpenVaultFiles(const std::string& path,
                                                               const Protector& protector);

  class KeyringFile;
  struct Files;

  Vault(std::shared_ptr<internal::MappingStore> store, std::shared_ptr<KeyringFile> file)
      : store_(std::move(store)), file_(std::move(file)) {}

  static Result<Files> OpenFiles(const std::string& path, const Protector& protector,
                                 ProtectorSource source = nullptr);

  using KeyringChange = std::function<Result<Keyring>(const Keyring&, StorageReader*)>;
  Status ReplaceKeyring(const KeyringChange& change) const;

  std::shared_ptr<internal::MappingStore> store_;
  std::shared_ptr<KeyringFile> file_;  // none over a backend of the application's
};

// Errors: kInvalidArgument for what Vault::Options::avatar_url_template cannot be.
Status ValidateAvatarUrlTemplate(std::string_view text);

}  // namespace moniker

#endif  // MONIKER_VAULT_H_
