#include "store/mapping_store.h"

#include <set>

#include "base/status_macros.h"
#include "store/admission.h"
#include "store/binding.h"
#include "store/scan.h"
#include "store/settings.h"

namespace moniker::internal {
namespace {

bool IsAhead(const KeyEpochs& a, const KeyEpochs& b) {
  return a.identity > b.identity || a.storage > b.storage || a.index > b.index;
}

}  // namespace

std::shared_ptr<const StoreKeys> MappingStore::keys() const {
  const std::lock_guard lock(mutex_);
  return state_.keys;
}

Result<StoreSettings> MappingStore::OpenSettings(const StoreKeys& keys, ByteView sealed) const {
  Result<RecordSealer::Opened> opened = keys.sealer().Open(Table::kMeta, SettingsTag(), sealed);
  if (!opened.ok()) {
    return opened.status().code() == StatusCode::kAltered ? ForeignStore() : opened.status();
  }
  return DecodeSettings(opened->payload.Expose());
}

Result<std::shared_ptr<const StoreKeys>> MappingStore::Reload(const StoreKeys& outdated) const {
  if (!source_) {
    return Status(StatusCode::kClosed, "the vault's keys were rotated: it must be opened again");
  }
  MONIKER_ASSIGN_OR_RETURN(Keyring keyring, source_());
  if (keyring.vault_id() != outdated.keyring().vault_id()) return ForeignStore();
  return StoreKeys::Create(std::move(keyring));
}

// Whether the keys are those that the store is written under is looked up with every request: to
// write under older ones would hide records from those who have the newer. As long as nobody has
// committed anything, the answer is the last one.
Result<MappingStore::State> MappingStore::StateForReading() {
  // Asked for first: what is committed while the settings are read shows with the next request.
  const std::optional<ChangeMark> mark = backend_->Mark();
  if (mark) {
    const std::lock_guard lock(mutex_);
    if (state_.mark == mark) return state_;
  }
  MONIKER_ASSIGN_OR_RETURN(State state, CurrentState(backend_.get()));
  const std::lock_guard lock(mutex_);
  if (state_.settings == state.settings) state_.mark = mark;
  return state;
}

Result<MappingStore::State> MappingStore::CurrentState(StorageReader* reader) {
  std::vector<std::optional<SealedBytes>> found;
  const RecordTag tag = SettingsTag();
  MONIKER_RETURN_IF_ERROR(reader->FindMany(Table::kMeta, {&tag, 1}, &found));
  if (!found[0]) return ForeignStore();
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
    if (IsAhead(settings.epochs, state.keys->epochs())) return ForeignStore();
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
  state_.mark.reset();
}

Status MappingStore::Refresh() { return StateForReading().status(); }

Status MappingStore::PutSettings(WorkingSet* set) const {
  MONIKER_ASSIGN_OR_RETURN(
      SecretBytes payload, EncodeSettings({kStoreFormat, set->keys().epochs(),
                                           choices_.avatar_url_template, choices_.anchor}));
  MONIKER_ASSIGN_OR_RETURN(WorkingSet::Entry* const entry, set->Find(Table::kMeta, SettingsTag()));
  set->Put(entry, std::move(payload));
  return Status::Ok();
}

Result<std::shared_ptr<const IntegrityKeys>> MappingStore::IntegrityKeysOf(
    const Manifest& manifest, const Keyring& keyring) {
  {
    const std::lock_guard lock(mutex_);
    if (integrity_keys_ != nullptr && integrity_keys_->AreOf(manifest)) return integrity_keys_;
  }
  MONIKER_ASSIGN_OR_RETURN(IntegrityKeys keys, IntegrityKeys::Create(keyring, manifest));
  const std::lock_guard lock(mutex_);
  integrity_keys_ = std::make_shared<const IntegrityKeys>(std::move(keys));
  return integrity_keys_;
}

Result<MappingStore::Write> MappingStore::BeginWrite() {
  MONIKER_ASSIGN_OR_RETURN(std::unique_ptr<StorageTransaction> transaction, backend_->Begin());
  Write write;
  MONIKER_ASSIGN_OR_RETURN(write.state, CurrentState(transaction.get()));
  const StoreKeys& keys = *write.state.keys;
  MONIKER_ASSIGN_OR_RETURN(Manifest manifest, ReadManifest(keys.sealer(), transaction.get()));
  {
    const std::lock_guard lock(mutex_);
    if (manifest.counter < counter_) return RolledBack(counter_ - manifest.counter);
  }
  MONIKER_ASSIGN_OR_RETURN(std::shared_ptr<const IntegrityKeys> integrity_keys,
                           IntegrityKeysOf(manifest, keys.keyring()));
  write.transaction = std::make_unique<AccountedTransaction>(
      std::move(transaction), SealerOf(write.state.keys), std::move(manifest),
      std::move(integrity_keys));
  return write;
}

// What the set holds, and settings that a rotation left behind.
Status MappingStore::Commit(Write* write, WorkingSet* set) {
  if (write->state.settings_are_behind) MONIKER_RETURN_IF_ERROR(PutSettings(set));
  MONIKER_RETURN_IF_ERROR(set->Write(write->transaction.get()));
  MONIKER_RETURN_IF_ERROR(CommitSettled(write));
  if (write->state.settings_are_behind) ForgetSettings();
  return Status::Ok();
}

Status MappingStore::CommitSettled(Write* write) {
  return write->transaction->Commit([&] {
    const Manifest& manifest = write->transaction->manifest();
    anchors_.Keep(manifest, write->state.keys->keyring().vault_id(),
                  write->transaction->integrity_keys());
    const std::lock_guard lock(mutex_);
    counter_ = manifest.counter;
  });
}

// As part of a transaction that other threads may share. Errors: as WriteQueue::Join.
Status MappingStore::WriteTogether(const WriteQueue::Work& work) {
  return queue_.Join(work, [this](WriteQueue::Batch* batch) -> Status {
    MONIKER_ASSIGN_OR_RETURN(Write write, BeginWrite());
    MONIKER_RETURN_IF_ERROR(batch->CarryOut(write.state.keys, write.transaction.get()));
    if (write.transaction->changes() == 0) return Status::Ok();  // done by others meanwhile
    WorkingSet set(write.state.keys, write.transaction.get());
    return Commit(&write, &set);
  });
}

// Most requests repeat what is stored. So they are first planned on what readers see, without a
// lock; only if something is to be written they are planned again, with the lock, and carried out.
Status MappingStore::Execute(const Planner& plan) {
  bool changed = false;
  MONIKER_RETURN_IF_ERROR(Read(plan, &changed));
  if (!changed) return Status::Ok();
  return WriteTogether([&](const auto& keys, AccountedTransaction* transaction) -> Status {
    WorkingSet set(keys, transaction);
    MONIKER_RETURN_IF_ERROR(plan(&set));
    return set.Write(transaction);
  });
}

// Readers do not see one state: between two readings another process may rotate keys, so that a
// record names an epoch that is not known here yet, or split persons, so that a record seems to
// contradict another. What is damage is damage when it is read again.
Status MappingStore::Read(const Planner& plan, bool* changed) {
  constexpr int kAttempts = 3;
  for (int attempt = 1;; ++attempt) {
    MONIKER_ASSIGN_OR_RETURN(const State state, StateForReading());
    WorkingSet set(state.keys, backend_.get(), &issuers_);
    const Status status = plan(&set);
    if (changed != nullptr) *changed = set.changed();
    if (status.code() != StatusCode::kAltered || attempt == kAttempts) return status;
    if (status.message() == Contradiction().message()) continue;
    MONIKER_ASSIGN_OR_RETURN(const State now, CurrentState(backend_.get()));
    if (now.settings == state.settings) return status;
  }
}

Result<std::optional<IdentifierKind>> MappingStore::KindOf(std::string_view issuer) {
  std::optional<IdentifierKind> kind;
  MONIKER_RETURN_IF_ERROR(Read([&](WorkingSet* set) -> Status {
    MONIKER_ASSIGN_OR_RETURN(kind, Issuers(set).KindOf(issuer));
    return Status::Ok();
  }));
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

// With the keyring as its file has it: another process may have written one and died before it
// came to the settings.
Result<MappingStore::State> MappingStore::ReloadedState(const State& state) const {
  State reloaded = state;
  if (!source_) return reloaded;
  MONIKER_ASSIGN_OR_RETURN(reloaded.keys, Reload(*state.keys));
  // An older file in its place: what is made from it would take numbers that are in use.
  if (IsAhead(state.keys->epochs(), reloaded.keys->epochs())) return ForeignStore();
  return reloaded;
}

Status MappingStore::ReplaceKeyring(const KeyringChange& replace) {
  MONIKER_ASSIGN_OR_RETURN(Write write, BeginWrite());
  AccountedTransaction* const transaction = write.transaction.get();
  MONIKER_ASSIGN_OR_RETURN(State state, ReloadedState(write.state));
  MONIKER_ASSIGN_OR_RETURN(Keyring replaced, replace(state.keys->keyring(), transaction));
  MONIKER_ASSIGN_OR_RETURN(state.keys, StoreKeys::Create(std::move(replaced)));
  WorkingSet set(state.keys, transaction);
  MONIKER_RETURN_IF_ERROR(PutSettings(&set));
  MONIKER_RETURN_IF_ERROR(set.Write(transaction));
  // Remembered, so that what another process does next is seen to be a change.
  std::vector<std::optional<SealedBytes>> written;
  const RecordTag tag = SettingsTag();
  MONIKER_RETURN_IF_ERROR(transaction->FindMany(Table::kMeta, {&tag, 1}, &written));
  if (!written[0]) return ForeignStore();
  transaction->UseSealer(SealerOf(state.keys));
  MONIKER_RETURN_IF_ERROR(CommitSettled(&write));
  const std::lock_guard lock(mutex_);
  state_ = State{state.keys, *std::move(written[0]), false};
  return Status::Ok();
}

Status MappingStore::WithKeyring(const std::function<Status(const Keyring&)>& use) {
  MONIKER_ASSIGN_OR_RETURN(const Write write, BeginWrite());
  MONIKER_ASSIGN_OR_RETURN(const State state, ReloadedState(write.state));
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
