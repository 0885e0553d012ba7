#include "store/mapping_store.h"

#include <set>

#include "base/status_macros.h"
#include "store/admission.h"
#include "store/binding.h"
#include "store/persons.h"
#include "store/roster.h"
#include "store/scan.h"

namespace moniker::internal {
namespace {

RecordTag SettingsTag() { return RecordTag(AsBytes("settings")); }

constexpr std::uint32_t kFormatBeforeKinds = 1;

constexpr Status Foreign() {
  return Status(StatusCode::kAltered,
                "the store does not belong to this keyring, or its settings were altered");
}

bool IsAhead(const KeyEpochs& a, const KeyEpochs& b) {
  return a.identity > b.identity || a.storage > b.storage || a.index > b.index;
}

}  // namespace

Status MappingStore::Initialize(const Keyring& keyring, StorageBackend* backend,
                                const std::string& avatar_url_template) {
  MONIKER_ASSIGN_OR_RETURN(const RecordSealer sealer, RecordSealer::Create(keyring));
  MONIKER_ASSIGN_OR_RETURN(const StoreFormat format, backend->Format());
  const KeyEpochs epochs{keyring.NewestEpoch(KeyKind::kIdentity),
                         keyring.NewestEpoch(KeyKind::kStorage),
                         keyring.NewestEpoch(KeyKind::kIndex)};
  MONIKER_ASSIGN_OR_RETURN(const SecretBytes payload,
                           EncodeSettings({format, epochs, avatar_url_template}));
  MONIKER_ASSIGN_OR_RETURN(SealedBytes sealed,
                           sealer.Seal(Table::kMeta, SettingsTag(), 1, payload.Expose()));
  MONIKER_ASSIGN_OR_RETURN(const std::unique_ptr<StorageTransaction> transaction, backend->Begin());
  for (std::size_t table = 0; table < kTableCount; ++table) {
    MONIKER_ASSIGN_OR_RETURN(const std::uint64_t count,
                             transaction->Count(static_cast<Table>(table)));
    if (count != 0) return Status(StatusCode::kConflict, "the store is in use already");
  }
  const SealedRecord record{SettingsTag(), std::move(sealed)};
  MONIKER_RETURN_IF_ERROR(transaction->PutMany(Table::kMeta, {&record, 1}));
  return transaction->Commit();
}

Result<std::unique_ptr<MappingStore>> MappingStore::Open(Keyring keyring,
                                                         std::unique_ptr<StorageBackend> backend,
                                                         KeyringSource source) {
  std::unique_ptr<MappingStore> store(new MappingStore(std::move(backend), std::move(source)));
  MONIKER_ASSIGN_OR_RETURN(store->state_.keys, StoreKeys::Create(std::move(keyring)));
  StoreFormat format{};
  MONIKER_ASSIGN_OR_RETURN(StoreSettings settings, store->ReadSettings(&format));
  if (settings.format != format) {
    // Another process may have upgraded the store between the two readings, which happens once.
    MONIKER_ASSIGN_OR_RETURN(settings, store->ReadSettings(&format));
  }
  // What the database says of itself is not authenticated; the sealed record is.
  if (settings.format != format) return Foreign();
  store->avatar_url_template_ = settings.avatar_url_template;
  if (format.version == kFormatBeforeKinds) MONIKER_RETURN_IF_ERROR(store->Upgrade());
  if (!store->keys()->enrolled()) {
    MONIKER_ASSIGN_OR_RETURN(const std::uint64_t identifiers,
                             store->backend_->Count(Table::kIdentifier));
    if (identifiers != 0) return Contradiction();
  }
  return store;
}

Result<StoreSettings> MappingStore::ReadSettings(StoreFormat* format) {
  MONIKER_ASSIGN_OR_RETURN(*format, backend_->Format());
  if (format->version > kStoreFormat.version) {
    return Status(StatusCode::kNewerFormat, "the store was written by a newer version");
  }
  MONIKER_ASSIGN_OR_RETURN(const State state, CurrentState(backend_.get()));
  return OpenSettings(*state.keys, state.settings);
}

// In format 1 every issuer's identifiers were opaque, and stay so, that the external IDs stay what
// they are; those of "email" and "phone" have the built-in kinds from now on. Labels were those of
// the digests and nobody saw to it that a conference has each but once: they are entered too.
Status MappingStore::Upgrade() {
  MONIKER_ASSIGN_OR_RETURN(const std::unique_ptr<StorageTransaction> transaction,
                           backend_->Begin());
  MONIKER_RETURN_IF_ERROR(transaction->Upgrade());
  MONIKER_ASSIGN_OR_RETURN(const State state, CurrentState(transaction.get()));
  MONIKER_ASSIGN_OR_RETURN(const StoreSettings settings, OpenSettings(*state.keys, state.settings));
  if (settings.format == kStoreFormat) return Status::Ok();  // another process was first

  WorkingSet set(state.keys, transaction.get());
  std::set<std::string, std::less<>> names;
  MONIKER_RETURN_IF_ERROR(
      ForEach(Table::kPerson, transaction.get(), [&](const SealedRecord& record) -> Status {
        MONIKER_ASSIGN_OR_RETURN(
            const RecordSealer::Opened opened,
            state.keys->sealer().Open(Table::kPerson, record.tag, record.sealed));
        MONIKER_ASSIGN_OR_RETURN(const StoredPerson person, DecodePerson(opened.payload.Expose()));
        for (const StoredIdentifier& one : person.identifiers) {
          if (BuiltInKind(one.issuer) == IdentifierKind::kOpaque) names.emplace(one.issuer);
        }
        return Status::Ok();
      }));
  MONIKER_RETURN_IF_ERROR(Issuers(&set).DeclareAll(names, IdentifierKind::kOpaque));
  MONIKER_RETURN_IF_ERROR(
      ForEach(Table::kExternalId, transaction.get(), [&](const SealedRecord& record) -> Status {
        MONIKER_ASSIGN_OR_RETURN(WorkingSet::Entry* const entry,
                                 set.Find(Table::kExternalId, record.tag));
        MONIKER_ASSIGN_OR_RETURN(Link link, DecodeLink(entry->payload()));
        if (link.scope.is_app()) return Status::Ok();
        MONIKER_ASSIGN_OR_RETURN(
            const Label label,
            TakeLabel(link.scope.conference(), Pseudonym(link.digest), LabelStyle::kCode, &set));
        link.labels = {label};
        MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, EncodeLink(link));
        set.Put(entry, std::move(payload));
        return Status::Ok();
      }));
  MONIKER_RETURN_IF_ERROR(PutSettings(&set));
  MONIKER_RETURN_IF_ERROR(Commit(set, transaction.get()));
  ForgetSettings();
  return Status::Ok();
}

std::shared_ptr<const StoreKeys> MappingStore::keys() const {
  const std::lock_guard lock(mutex_);
  return state_.keys;
}

Result<StoreSettings> MappingStore::OpenSettings(const StoreKeys& keys, ByteView sealed) const {
  Result<RecordSealer::Opened> opened = keys.sealer().Open(Table::kMeta, SettingsTag(), sealed);
  if (!opened.ok()) {
    return opened.status().code() == StatusCode::kAltered ? Foreign() : opened.status();
  }
  return DecodeSettings(opened->payload.Expose());
}

Result<std::shared_ptr<const StoreKeys>> MappingStore::Reload(const StoreKeys& outdated) const {
  if (!source_) {
    return Status(StatusCode::kClosed, "the vault's keys were rotated: it must be opened again");
  }
  MONIKER_ASSIGN_OR_RETURN(Keyring keyring, source_());
  if (keyring.vault_id() != outdated.keyring().vault_id()) return Foreign();
  return StoreKeys::Create(std::move(keyring));
}

// Whether the keys are those that the store is written under is looked up with every request: to
// write under older ones would hide records from those who have the newer.
Result<MappingStore::State> MappingStore::CurrentState(StorageReader* reader) {
  std::vector<std::optional<SealedBytes>> found;
  const RecordTag tag = SettingsTag();
  MONIKER_RETURN_IF_ERROR(reader->FindMany(Table::kMeta, {&tag, 1}, &found));
  if (!found[0]) return Foreign();
  {
    const std::lock_guard lock(mutex_);
    if (state_.settings == *found[0]) return state_;
  }
  // One thread reads the keyring anew, which may take a passphrase's time and memory, for all.
  const std::lock_guard refreshing(refresh_mutex_);
  State state;
  bool is_rotation = false;  // rather than the first request
  {
    const std::lock_guard lock(mutex_);
    if (state_.settings == *found[0]) return state_;
    state.keys = state_.keys;
    is_rotation = !state_.settings.empty();
  }
  state.settings = *std::move(found[0]);
  // Without a source of keyrings there is none but these, which may still be the newest.
  const bool has_key = state.keys->sealer().HasKeyOf(state.settings);
  if (source_ ? is_rotation || !has_key : is_rotation && !has_key) {
    MONIKER_ASSIGN_OR_RETURN(state.keys, Reload(*state.keys));
  }
  MONIKER_ASSIGN_OR_RETURN(StoreSettings settings, OpenSettings(*state.keys, state.settings));
  if (IsAhead(settings.epochs, state.keys->epochs())) {
    // A rotation after the keyring was read; or the keyring is an old one.
    MONIKER_ASSIGN_OR_RETURN(state.keys, Reload(*state.keys));
    if (IsAhead(settings.epochs, state.keys->epochs())) return Foreign();
  }
  state.settings_are_behind = IsAhead(state.keys->epochs(), settings.epochs);
  const std::lock_guard lock(mutex_);
  state_ = state;
  return state;
}

// After this store has written settings: they are compared anew with the next request.
void MappingStore::ForgetSettings() {
  const std::lock_guard lock(mutex_);
  state_.settings.clear();
}

Status MappingStore::Refresh() { return CurrentState(backend_.get()).status(); }

Status MappingStore::PutSettings(WorkingSet* set) const {
  MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, EncodeSettings({kStoreFormat, set->keys().epochs(),
                                                                avatar_url_template_}));
  MONIKER_ASSIGN_OR_RETURN(WorkingSet::Entry* const entry, set->Find(Table::kMeta, SettingsTag()));
  set->Put(entry, std::move(payload));
  return Status::Ok();
}

Status MappingStore::Commit(const WorkingSet& set, StorageTransaction* transaction) const {
  MONIKER_RETURN_IF_ERROR(set.Write(transaction));
  return transaction->Commit();
}

// Most requests repeat what is stored. So they are first planned on what readers see, without a
// lock; only if something is to be written they are planned again, with the lock, and carried out.
// So is what looks altered without the lock: another process may have written between two reads.
Status MappingStore::Execute(const Planner& plan) {
  bool changed = false;
  MONIKER_RETURN_IF_ERROR(Read(plan, &changed));
  if (!changed) return Status::Ok();
  MONIKER_ASSIGN_OR_RETURN(const std::unique_ptr<StorageTransaction> transaction,
                           backend_->Begin());
  MONIKER_ASSIGN_OR_RETURN(const State state, CurrentState(transaction.get()));
  WorkingSet set(state.keys, transaction.get());
  MONIKER_RETURN_IF_ERROR(plan(&set));
  if (!set.changed()) return Status::Ok();  // somebody else did it meanwhile
  if (state.settings_are_behind) MONIKER_RETURN_IF_ERROR(PutSettings(&set));
  MONIKER_RETURN_IF_ERROR(Commit(set, transaction.get()));
  if (state.settings_are_behind) ForgetSettings();
  return Status::Ok();
}

// Readers do not see one state: between two readings another process may rotate keys, so that a
// record names an epoch that is not known here yet, or split persons, so that a record seems to
// contradict another. What is damage is damage when it is read again.
Status MappingStore::Read(const Planner& plan, bool* changed) {
  constexpr int kAttempts = 3;
  for (int attempt = 1;; ++attempt) {
    MONIKER_ASSIGN_OR_RETURN(const State state, CurrentState(backend_.get()));
    WorkingSet set(state.keys, backend_.get());
    const Status status = plan(&set);
    if (changed != nullptr) *changed = set.changed();
    if (status.code() != StatusCode::kAltered || attempt == kAttempts) return status;
    if (status.message() == Contradiction().message()) continue;
    MONIKER_ASSIGN_OR_RETURN(const State now, CurrentState(backend_.get()));
    if (now.settings == state.settings) return status;
  }
}

Result<std::optional<IdentifierKind>> MappingStore::KindOf(std::string_view issuer) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = issuers_.find(issuer); known != issuers_.end()) {
      return std::optional(known->second);
    }
  }
  std::optional<IdentifierKind> kind;
  MONIKER_RETURN_IF_ERROR(Read([&](WorkingSet* set) -> Status {
    MONIKER_ASSIGN_OR_RETURN(kind, Issuers(set).KindOf(issuer));
    return Status::Ok();
  }));
  if (kind) {
    const std::lock_guard lock(mutex_);
    issuers_.emplace(issuer, *kind);
  }
  return kind;
}

Status MappingStore::DeclareIssuer(std::string_view issuer, IdentifierKind kind) {
  return Execute([&](WorkingSet* set) { return Issuers(set).Declare(issuer, kind).status(); });
}

Result<std::vector<MappingStore::Admitted>> MappingStore::AdmitMany(
    const AdmissionRequest& request) {
  std::vector<Admitted> admitted;
  MONIKER_RETURN_IF_ERROR(Execute([&](WorkingSet* set) -> Status {
    MONIKER_ASSIGN_OR_RETURN(admitted, Admission(request, set).Plan());
    return Status::Ok();
  }));
  return admitted;
}

Result<std::vector<Status>> MappingStore::BindMany(std::span<const Binding> bindings) {
  std::vector<Status> statuses;
  MONIKER_RETURN_IF_ERROR(Execute([&](WorkingSet* set) -> Status {
    MONIKER_ASSIGN_OR_RETURN(statuses, PlanBindings(bindings, set));
    return Status::Ok();
  }));
  return statuses;
}

Status MappingStore::ReplaceKeyring(const KeyringChange& replace) {
  MONIKER_ASSIGN_OR_RETURN(const std::unique_ptr<StorageTransaction> transaction,
                           backend_->Begin());
  MONIKER_ASSIGN_OR_RETURN(State state, CurrentState(transaction.get()));
  // Another process may have written a keyring and died before it came to the settings.
  if (source_) {
    const KeyEpochs known = state.keys->epochs();
    MONIKER_ASSIGN_OR_RETURN(state.keys, Reload(*state.keys));
    // An older file in its place: what is made from it would take numbers that are in use.
    if (IsAhead(known, state.keys->epochs())) return Foreign();
  }
  MONIKER_ASSIGN_OR_RETURN(Keyring replaced, replace(state.keys->keyring(), transaction.get()));
  MONIKER_ASSIGN_OR_RETURN(state.keys, StoreKeys::Create(std::move(replaced)));
  WorkingSet set(state.keys, transaction.get());
  MONIKER_RETURN_IF_ERROR(PutSettings(&set));
  MONIKER_RETURN_IF_ERROR(set.Write(transaction.get()));
  // Remembered, so that what another process does next is seen to be a change.
  std::vector<std::optional<SealedBytes>> written;
  const RecordTag tag = SettingsTag();
  MONIKER_RETURN_IF_ERROR(transaction->FindMany(Table::kMeta, {&tag, 1}, &written));
  if (!written[0]) return Foreign();
  MONIKER_RETURN_IF_ERROR(transaction->Commit());
  const std::lock_guard lock(mutex_);
  state_ = State{state.keys, *std::move(written[0]), false};
  return Status::Ok();
}

Status MappingStore::WithKeyring(const std::function<Status(const Keyring&)>& use) {
  MONIKER_ASSIGN_OR_RETURN(const std::unique_ptr<StorageTransaction> transaction,
                           backend_->Begin());
  MONIKER_ASSIGN_OR_RETURN(State state, CurrentState(transaction.get()));
  if (source_) {
    MONIKER_ASSIGN_OR_RETURN(state.keys, Reload(*state.keys));
  }
  return use(state.keys->keyring());
}

Result<StoreCounts> MappingStore::CountAll() {
  StoreCounts counts;
  MONIKER_RETURN_IF_ERROR(Read([&](WorkingSet* set) -> Status {
    MONIKER_ASSIGN_OR_RETURN(counts, Count(set->keys()));
    return Status::Ok();
  }));
  return counts;
}

Result<StoreCounts> MappingStore::Count(const StoreKeys& keys) {
  StoreCounts counts;
  MONIKER_ASSIGN_OR_RETURN(counts.persons, backend_->Count(Table::kPerson));
  MONIKER_ASSIGN_OR_RETURN(counts.participant_ids, backend_->Count(Table::kParticipant));
  MONIKER_ASSIGN_OR_RETURN(counts.audit_entries, backend_->Count(Table::kAudit));
  std::set<std::string> conferences;
  MONIKER_RETURN_IF_ERROR(
      ForEach(Table::kExternalId, backend_.get(), [&](const SealedRecord& record) -> Status {
        MONIKER_ASSIGN_OR_RETURN(const RecordSealer::Opened opened,
                                 keys.sealer().Open(Table::kExternalId, record.tag, record.sealed));
        MONIKER_ASSIGN_OR_RETURN(const Link link, DecodeLink(opened.payload.Expose()));
        ++(link.scope.is_app() ? counts.app_pseudonyms : counts.conference_pseudonyms);
        if (!link.scope.is_app()) conferences.insert(link.scope.conference());
        return Status::Ok();
      }));
  counts.conferences = conferences.size();
  return counts;
}

}  // namespace moniker::internal
