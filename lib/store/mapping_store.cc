#include "store/mapping_store.h"

#include <set>

#include "base/status_macros.h"
#include "store/admission.h"
#include "store/binding.h"
#include "store/scan.h"
#include "store/settings.h"

namespace moniker::internal {

Status MappingStore::PutSettings(const VaultPolicy& policy, WorkingSet* set) const {
  MONIKER_ASSIGN_OR_RETURN(SecretBytes payload,
                           EncodeSettings({kStoreFormat, set->keys().epochs(),
                                           choices_.avatar_url_template, choices_.anchor, policy}));
  MONIKER_ASSIGN_OR_RETURN(WorkingSet::Entry* const entry, set->Find(Table::kMeta, SettingsTag()));
  set->Put(entry, std::move(payload));
  return Status::Ok();
}

Result<MappingStore::Write> MappingStore::BeginWrite() {
  Write write;
  write.use = IdleLock::Use(idle_lock_.get());
  MONIKER_ASSIGN_OR_RETURN(std::unique_ptr<StorageTransaction> transaction, backend_->Begin());
  MONIKER_ASSIGN_OR_RETURN(write.state, CurrentState(transaction.get()));
  const StoreKeys& keys = *write.state.keys;
  MONIKER_ASSIGN_OR_RETURN(Manifest manifest, ReadManifest(keys.sealer(), transaction.get()));
  {
    const std::lock_guard lock(mutex_);
    if (manifest.counter < counter_) return RolledBack(counter_ - manifest.counter);
  }
  MONIKER_ASSIGN_OR_RETURN(std::shared_ptr<const IntegrityKeys> integrity_keys,
                           IntegrityKeysOf(manifest, keys.keyring()));
  write.transaction =
      std::make_unique<AccountedTransaction>(std::move(transaction), SealerOf(write.state.keys),
                                             std::move(manifest), std::move(integrity_keys));
  return write;
}

// What the set holds, and settings that a rotation left behind.
Status MappingStore::Commit(Write* write, WorkingSet* set) {
  if (write->state.settings_are_behind) {
    MONIKER_RETURN_IF_ERROR(PutSettings(write->state.policy, set));
  }
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
  const IdleLock::Use use(idle_lock_.get());
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

Status MappingStore::ReplaceKeyring(const KeyringChange& replace) {
  MONIKER_ASSIGN_OR_RETURN(Write write, BeginWrite());
  AccountedTransaction* const transaction = write.transaction.get();
  std::uint64_t locks = 0;
  {
    const std::lock_guard lock(mutex_);
    locks = locks_;
  }
  MONIKER_ASSIGN_OR_RETURN(State state, ReloadedState(write.state));
  MONIKER_ASSIGN_OR_RETURN(Keyring replaced, replace(state.keys->keyring(), transaction));
  MONIKER_ASSIGN_OR_RETURN(state.keys, StoreKeys::Create(std::move(replaced)));
  WorkingSet set(state.keys, transaction);
  MONIKER_RETURN_IF_ERROR(PutSettings(state.policy, &set));
  MONIKER_RETURN_IF_ERROR(set.Write(transaction));
  // Remembered, so that what another process does next is seen to be a change.
  std::vector<std::optional<SealedBytes>> written;
  const RecordTag tag = SettingsTag();
  MONIKER_RETURN_IF_ERROR(transaction->FindMany(Table::kMeta, {&tag, 1}, &written));
  if (!written[0]) return ForeignStore();
  transaction->UseSealer(SealerOf(state.keys));
  MONIKER_RETURN_IF_ERROR(CommitSettled(&write));
  Keep(State{state.keys, *std::move(written[0]), state.policy}, locks);
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
      WalkThrough(Table::kExternalId, backend_.get(), [&](const SealedRecord& record) -> Status {
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
