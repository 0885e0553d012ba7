// The way back: persons, links and audit entries, sealed and under keyed tags, over a
// StorageBackend.
//
// Format: docs/formats/mapping-store.md.
// Thread safety: all members may be called from any thread.

#ifndef MONIKER_LIB_STORE_MAPPING_STORE_H_
#define MONIKER_LIB_STORE_MAPPING_STORE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/idle_lock.h"
#include "moniker/access_reason.h"
#include "moniker/erasure.h"
#include "moniker/expiry.h"
#include "moniker/keyring.h"
#include "moniker/label.h"
#include "moniker/person.h"
#include "moniker/pseudonym.h"
#include "moniker/result.h"
#include "moniker/scope.h"
#include "moniker/storage_backend.h"
#include "moniker/store_counts.h"
#include "moniker/vault_policy.h"
#include "store/accounted_transaction.h"
#include "store/anchors.h"
#include "store/backup_stream.h"
#include "store/day.h"
#include "store/lookup_history.h"
#include "store/payload.h"
#include "store/sealed_persons.h"
#include "store/store_keys.h"
#include "store/working_set.h"
#include "store/write_queue.h"

namespace moniker::internal {

class Enrolment;

class MappingStore {
 public:
  // Persons under their pseudonyms in one scope.
  struct AdmissionRequest {
    std::span<const PersonView> persons;
    Scope scope;
    std::optional<std::uint32_t> identity_epoch = std::nullopt;  // the newest
    LabelStyle label_style = LabelStyle::kCode;
    // Of pseudonyms of a conference; 0: as the policy says. None: as it is.
    std::optional<std::uint16_t> retention_days = std::nullopt;
    std::uint32_t day = Today();
  };
  struct Admitted {
    Pseudonym pseudonym;
    Label label;
    std::uint32_t identity_epoch;
  };

  struct Binding {
    std::string_view participant_id;
    Uuid external_id;                           // either rendering names the same 122 bits
    std::optional<Scope> scope = std::nullopt;  // if given, the external ID must be of this scope
  };

  // What an external ID or participant ID leads to.
  struct Found {
    Link link;
    bool by_participant_id;
  };

  // Reads the keyring anew, after another process has rotated its keys.
  using KeyringSource = std::function<Result<Keyring>()>;

  // Is told how many records of how many were looked at.
  using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

  // The anchors of a store; its settings name the one of the owner's choice, empty for none.
  using AnchorSource =
      std::function<std::vector<std::shared_ptr<Anchor>>(const std::string& chosen)>;

  // What a store keeps to itself from the start.
  struct Choices {
    std::string avatar_url_template = {};
    std::string anchor = {};  // as StoreSettings
    VaultPolicy policy = {};  // at first: SetPolicy changes it
  };

  // Writes settings and manifest into an empty store and leaves word with the anchors.
  // `first_audit_key` is that of the first audit entry, random if it is empty.
  // Errors: kConflict if there is anything; those of the backend.
  static Status Initialize(const Keyring& keyring, StorageBackend* backend, const Choices& choices,
                           const AnchorSource& anchors = nullptr, SecretBytes first_audit_key = {});

  // Without a source of keyrings the store fails with kClosed once another process has rotated
  // keys. A store of an older format is brought to this one. Errors: kAltered if the store does not
  // belong to this keyring, its settings or manifest were altered or removed, or an anchor says so;
  // kRolledBack if one knows a later state (locator: by how many changes); kNewerFormat; those of
  // the backend and, if one cannot be read, of the anchors.
  static Result<std::unique_ptr<MappingStore>> Open(Keyring keyring,
                                                    std::unique_ptr<StorageBackend> backend,
                                                    KeyringSource source,
                                                    const AnchorSource& anchors = nullptr);

  // Looks at everything in one state of the store, whatever is written meanwhile. Reads the keyring
  // after that state is chosen. What is wrong is in the report, not an error.
  // Errors: kUnsupported for a store of an older format; kNewerFormat; kIo, kExhausted; those of
  // the keyring's source.
  static Result<StoreReport> Verify(StorageBackend* backend, const KeyringSource& source,
                                    const AnchorSource& anchors, const Progress& progress);

  // Takes the state that the store is in for the right one and leaves word of it with the anchors
  // that `anchors` makes for `chosen`, which the settings name from now on; without `chosen` they
  // stay. The audit log tells of it. For a store that was opened without anchors, before anything
  // else is done with it.
  // Errors: as AdmitMany.
  Status Accept(const AnchorSource& anchors, const std::optional<std::string>& chosen);

  // As last seen, without asking for them: a rotation of keys replaces them. nullptr while locked.
  std::shared_ptr<const StoreKeys> keys() const;

  // The same, asked for if need be. Errors: as Refresh.
  Result<std::shared_ptr<const StoreKeys>> Keys();

  // Forgets the keys: they are wiped as soon as the requests that have them end. The next request
  // asks the source of keyrings for them. What was locked is not opened by requests that began
  // before.
  void Lock();

  // `lock`, which calls Lock, is called whenever nothing was asked for so long. Once, before
  // anything else. Errors: kExhausted.
  Status LockWhenIdle(std::chrono::milliseconds after, std::function<void()> lock);

  const std::string& avatar_url_template() const { return choices_.avatar_url_template; }

  // Takes over a rotation by another process. Errors: kClosed; those of the keyring's source.
  Status Refresh();

  // The kind of an issuer's identifiers: as declared, else built in; nothing if the issuer is new
  // and has none built in. Errors: kAltered; those of the backend.
  Result<std::optional<IdentifierKind>> KindOf(std::string_view issuer);

  // Makes it durable. Errors: kInvalidArgument for an issuer that cannot be; kConflict if it has
  // another kind; kExhausted for more than 4,096 issuers; as AdmitMany.
  Status DeclareIssuer(std::string_view issuer, IdentifierKind kind);

  // Makes persons and links durable, all or none; what is there already is not written again. A
  // name that differs replaces the old one, fields that are not given stay. Errors:
  // kInvalidArgument, kConflict for a kind that is not the issuer's (locator: index); kNotFound for
  // an identity epoch that is not in the keyring; kAltered; those of the backend.
  Result<std::vector<Admitted>> AdmitMany(const AdmissionRequest& request);

  // The way for very many persons: they are collected and sealed first, and then made durable, all
  // or none, as AdmitMany does. The persons may be used for nothing else afterwards.
  // Errors of the first: as SealedPersons::Create; of the second: as AdmitMany, with the number of
  // the person as the locator.
  // Errors of PersonsInStore: kAltered; those of the backend.
  Result<std::uint64_t> PersonsInStore();
  Result<SealedPersons> NewSealedPersons(const SealedPersons::Request& request);
  Status AdmitSealed(SealedPersons* persons);

  // Pseudonyms in the scope without storing anything; nothing for who is not enrolled in an
  // enrolled vault. Errors: as AdmitMany.
  Result<std::vector<std::optional<Pseudonym>>> PseudonymizeMany(
      std::span<const Identifier> identifiers, const Scope& scope,
      std::optional<std::uint32_t> identity_epoch);

  // Every pseudonym that this identifier may have in the scope: of all identity epochs, and in an
  // enrolled vault of all handles of the person. Errors: as AdmitMany.
  Result<std::vector<Pseudonym>> AllPseudonymsOf(const Identifier& identifier, const Scope& scope);

  // What is stored of each pseudonym of the scope; nothing of one that was not admitted in it.
  // Leads to nobody's name. Errors: kAltered, kIo.
  Result<std::vector<std::optional<Link>>> LinksOf(std::span<const Pseudonym> pseudonyms,
                                                   const Scope& scope);

  // One status for each binding; a failure of the store fails all of them, and then nothing is
  // bound. Each: kNotFound if the external ID was never admitted (in that scope); kConflict if the
  // participant ID is bound to another person. Errors of the whole: kInvalidArgument for a
  // participant ID that cannot be (locator: index); kAltered; those of the backend.
  Result<std::vector<Status>> BindMany(std::span<const Binding> bindings);

  // Persons of an enrolled vault, see docs/formats/mapping-store.md, section 4.1. All or none, and
  // with `dry_run` none. The locator of an error is the index. Errors: kUnsupported in a derived
  // vault; kNotFound for a person who is not enrolled; kConflict; kExhausted; as AdmitMany.
  // `second` becomes an identifier of the person of `first`. kConflict: it is somebody else's.
  Status AddIdentifiers(std::span<const IdentifierPair> pairs, bool dry_run);
  // The person of `second` is that of `first`.
  Status MergePersons(std::span<const IdentifierPair> pairs, bool dry_run);
  // The identifier is a person of its own again, or for the first time.
  Status SplitPersons(std::span<const Identifier> identifiers, bool dry_run);

  // As Vault::Backup.
  Status Backup(const BackupWriter::Sink& sink, const Progress& progress);

  // As Vault::Erase.
  Result<Erasure> Erase(std::span<const ErasureTarget> targets, const AccessReason& reason);

  // As Vault::Expire.
  Result<Expiry> Expire(const ExpiryOptions& options, std::uint32_t today = Today());

  // `replace` writes and answers another keyring of the vault; it is given the one that holds now
  // and what reads the store, and called while no other process writes. Errors: of `replace`; as
  // AdmitMany.
  using KeyringChange = std::function<Result<Keyring>(const Keyring&, StorageReader*)>;
  Status ReplaceKeyring(const KeyringChange& replace);

  // `use` is given the keyring that holds now, while no other process writes; the store stays as it
  // is. Errors: of `use`; as AdmitMany.
  Status WithKeyring(const std::function<Status(const Keyring&)>& use);

  // Seals every record anew that stands under an older storage epoch, some at a time, so that
  // others can write in between; what is done stays done if it is interrupted. Errors: as
  // AdmitMany.
  Status Reseal(const Progress& progress);

  // How many persons and pseudonyms of each kind there are; reads every link. Errors: kAltered;
  // those of the backend.
  Result<StoreCounts> CountAll();

  // Exactly one of the IDs, as external ID, UUID or participant ID; nothing for the unknown. Not
  // audited: for Resolver alone.
  Result<std::vector<std::optional<Found>>> FindMany(std::span<const std::string_view> ids);

  // The persons of links; nothing for one who is gone. The links then name the records that were
  // answered, behind merges; `honey` tells whether one of them is marked. Not audited: for Resolver
  // alone.
  Result<std::vector<std::optional<Person>>> ReadPersons(std::span<Link> links,
                                                         bool* honey = nullptr);

  // What became of an entry of somebody who resolves, kResolve or kBreakGlassResolve: kResolve
  // turns into kRefusedResolve, without persons, if it is beyond the actor's budget; that is looked
  // at and the entry put in one step, whoever else resolves. Durable when it returns. Errors:
  // kInvalidArgument for an entry that cannot be; kAltered if the log does not end where the
  // manifest says; as AdmitMany.
  Result<AuditEntry> AppendAuditEntry(AuditEntry entry);

  // As Vault::policy, SetPolicy.
  Result<VaultPolicy> Policy();
  Status SetPolicy(const VaultPolicy& policy, const AccessReason& reason);

  // As Vault::MarkPersons.
  Status MarkPersons(std::span<const Identifier> identifiers, bool marked,
                     const AccessReason& reason);

 private:
  using Planner = std::function<Status(WorkingSet*)>;

  // The keys, and the settings record that they were compared with.
  struct State {
    std::shared_ptr<const StoreKeys> keys;
    SealedBytes settings;
    VaultPolicy policy;                // that these settings name
    bool settings_are_behind = false;  // a rotation was interrupted between keyring and store
    std::optional<ChangeMark> mark = std::nullopt;  // what the backend said when they were read
  };

  // A transaction that others wait for, and the state that it began in.
  struct Write {
    IdleLock::Use use;
    State state;
    std::unique_ptr<AccountedTransaction> transaction;
  };

  MappingStore(const VaultId& vault_id, std::unique_ptr<StorageBackend> backend,
               KeyringSource source)
      : vault_id_(vault_id), backend_(std::move(backend)), source_(std::move(source)) {}

  Result<std::uint64_t> ExpireLinks(Table table, const ExpiryOptions& options, std::uint32_t today);
  Result<std::uint64_t> ExpirePersons(const AccessReason& reason);

  Status CheckAnchors();

  Status Execute(const Planner& plan);
  Status WriteTogether(const WriteQueue::Work& work);

  // Without a lock; what was planned is in `*changed`. A plan may be called several times.
  Status Read(const Planner& plan, bool* changed = nullptr);
  Status Enrol(std::size_t count, bool dry_run,
               const std::function<Status(Enrolment*, std::size_t)>& step);
  Status Upgrade();
  Result<State> CurrentState(StorageReader* reader);
  Result<State> StateForReading();
  Result<StoreSettings> OpenSettings(const StoreKeys& keys, ByteView sealed) const;
  Result<std::shared_ptr<const StoreKeys>> Reload() const;
  void Keep(const State& state, std::uint64_t locks);
  Result<State> ReloadedState(const State& state) const;
  Result<StoreSettings> ReadSettings(StoreFormat* format);
  Result<StoreCounts> Count(const StoreKeys& keys);
  Status PutSettings(const VaultPolicy& policy, WorkingSet* set) const;
  Result<Write> BeginWrite();
  Result<std::shared_ptr<const IntegrityKeys>> IntegrityKeysOf(const Manifest& manifest,
                                                               const Keyring& keyring);
  Status Commit(Write* write, WorkingSet* set);
  Status CommitSettled(Write* write);
  void ForgetSettings();

  const VaultId vault_id_;
  std::unique_ptr<StorageBackend> backend_;
  KeyringSource source_;
  Choices choices_;
  Anchors anchors_;
  WriteQueue queue_;
  std::mutex refresh_mutex_;  // taken before mutex_
  mutable std::mutex mutex_;
  State state_;              // guarded by mutex_; without keys while locked
  std::uint64_t locks_ = 0;  // calls of Lock. Guarded by mutex_
  KnownIssuers issuers_;
  std::shared_ptr<const IntegrityKeys> integrity_keys_;  // guarded by mutex_
  std::uint64_t counter_ = 0;            // of the last change that was seen. Guarded by mutex_
  LookupHistory lookups_;                // for who has begun a write
  std::unique_ptr<IdleLock> idle_lock_;  // the last: its thread uses the others
};

// kConflict while a record stands under this storage epoch. Errors also: those of `reader`.
Status RequireUnused(std::uint32_t storage_epoch, StorageReader* reader);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_MAPPING_STORE_H_
