// How a mapping store comes into being, is opened and is taken for the right one.

#include <algorithm>

#include "base/status_macros.h"
#include "store/audit_chain.h"
#include "store/erasure.h"
#include "store/mapping_store.h"
#include "store/persons.h"
#include "store/settings.h"

namespace moniker::internal {
namespace {

constexpr std::uint32_t kFormatBeforeKinds = 1;

Status RequireEmpty(StorageReader* reader) {
  for (std::size_t table = 0; table < kTableCount; ++table) {
    MONIKER_ASSIGN_OR_RETURN(const std::uint64_t count, reader->Count(static_cast<Table>(table)));
    if (count != 0) return Status(StatusCode::kConflict, "the store is in use already");
  }
  return Status::Ok();
}

bool IsEmpty(const Result<std::vector<Anchor::Head>>& reading) {
  return reading.ok() && reading->empty();
}

// A store of an older format has no manifest. If something was left with an anchor, then there was
// a later state of it.
Status RequireUnused(const Anchors::Readings& readings) {
  for (const auto& reading : readings) {
    if (!reading.ok()) return reading.status();
    if (!reading->empty()) {
      return Status(StatusCode::kRolledBack, "the store is older than its anchor says");
    }
  }
  return Status::Ok();
}

// What the anchors know of erasures. One that was altered says nothing of anybody: that is to be
// overruled here.
Result<std::vector<Tombstone>> KnownTombstones(const Anchors& anchors, const VaultId& vault,
                                               const IntegrityKeys& keys) {
  Result<std::vector<Tombstone>> tombstones = anchors.ReadTombstones(vault, keys);
  if (tombstones.status().code() == StatusCode::kAltered) return std::vector<Tombstone>();
  return tombstones;
}

}  // namespace

Status MappingStore::Initialize(const Keyring& keyring, StorageBackend* backend,
                                const Choices& choices, const AnchorSource& anchors,
                                SecretBytes first_audit_key) {
  MONIKER_ASSIGN_OR_RETURN(RecordSealer made, RecordSealer::Create(keyring));
  const auto sealer = std::make_shared<const RecordSealer>(std::move(made));
  MONIKER_ASSIGN_OR_RETURN(const StoreFormat format, backend->Format());
  MONIKER_ASSIGN_OR_RETURN(const SecretBytes payload,
                           EncodeSettings({format, EpochsOf(keyring), choices.avatar_url_template,
                                           choices.anchor, choices.policy}));
  MONIKER_ASSIGN_OR_RETURN(SealedBytes sealed,
                           sealer->Seal(Table::kMeta, SettingsTag(), 1, payload.Expose()));
  MONIKER_ASSIGN_OR_RETURN(Manifest manifest, NewManifest());
  if (!first_audit_key.empty()) manifest.audit.next_key = std::move(first_audit_key);
  MONIKER_ASSIGN_OR_RETURN(IntegrityKeys keys, IntegrityKeys::Create(keyring, manifest));
  MONIKER_ASSIGN_OR_RETURN(std::unique_ptr<StorageTransaction> inner, backend->Begin());
  MONIKER_RETURN_IF_ERROR(RequireEmpty(inner.get()));
  AccountedTransaction transaction(std::move(inner), sealer, std::move(manifest),
                                   std::make_shared<const IntegrityKeys>(std::move(keys)));
  const SealedRecord record{SettingsTag(), std::move(sealed)};
  MONIKER_RETURN_IF_ERROR(transaction.PutMany(Table::kMeta, {&record, 1}));
  return transaction.Commit([&] {
    if (!anchors) return;
    Anchors(anchors(choices.anchor))
        .Keep(transaction.manifest(), keyring.vault_id(), transaction.integrity_keys());
  });
}

Result<std::unique_ptr<MappingStore>> MappingStore::Open(Keyring keyring,
                                                         std::unique_ptr<StorageBackend> backend,
                                                         KeyringSource source,
                                                         const AnchorSource& anchors) {
  std::unique_ptr<MappingStore> store(
      new MappingStore(keyring.vault_id(), std::move(backend), std::move(source)));
  MONIKER_ASSIGN_OR_RETURN(store->state_.keys, StoreKeys::Create(std::move(keyring)));
  StoreFormat format{};
  MONIKER_ASSIGN_OR_RETURN(StoreSettings settings, store->ReadSettings(&format));
  if (settings.format != format) {
    // Another process may have upgraded the store between the two readings, which happens once.
    MONIKER_ASSIGN_OR_RETURN(settings, store->ReadSettings(&format));
  }
  // What the database says of itself is not authenticated; the sealed record is.
  if (settings.format != format) return ForeignStore();
  store->choices_ = {settings.avatar_url_template, settings.anchor, {}};
  if (anchors) store->anchors_ = Anchors(anchors(settings.anchor));
  if (format.version == kFormatBeforeKinds) {
    const Status unused = RequireUnused(store->anchors_.Read());
    // Unless another process was first, whose head this is: it commits before it leaves word.
    MONIKER_ASSIGN_OR_RETURN(format, store->backend_->Format());
    if (format.version == kFormatBeforeKinds) MONIKER_RETURN_IF_ERROR(unused);
    MONIKER_RETURN_IF_ERROR(store->Upgrade());
  }
  MONIKER_RETURN_IF_ERROR(store->CheckAnchors());
  MONIKER_ASSIGN_OR_RETURN(const std::shared_ptr<const StoreKeys> keys, store->Keys());
  if (!keys->enrolled()) {
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

// An anchor is read before the manifest: then one that is ahead of it was so all the time.
Status MappingStore::CheckAnchors() {
  Anchors::Readings readings = anchors_.Read();
  // The first head of all may just have been on its way, and others may have changed the store
  // since.
  if (std::ranges::any_of(readings, IsEmpty)) readings = anchors_.Read();
  std::optional<Manifest> manifest;
  MONIKER_RETURN_IF_ERROR(Read([&](WorkingSet* set) -> Status {
    MONIKER_ASSIGN_OR_RETURN(manifest, ReadManifest(set->keys().sealer(), backend_.get()));
    return Status::Ok();
  }));
  MONIKER_ASSIGN_OR_RETURN(const std::shared_ptr<const StoreKeys> now, Keys());
  MONIKER_ASSIGN_OR_RETURN(const std::shared_ptr<const IntegrityKeys> integrity_keys,
                           IntegrityKeysOf(*manifest, now->keyring()));
  MONIKER_ASSIGN_OR_RETURN(
      const std::vector<AnchorReport> reports,
      Anchors::Compare(readings, *manifest, now->keyring().vault_id(), *integrity_keys));
  MONIKER_RETURN_IF_ERROR(Anchors::Judge(readings, *manifest, reports));
  const std::lock_guard lock(mutex_);
  counter_ = manifest->counter;
  return Status::Ok();
}

Status MappingStore::Accept(const AnchorSource& anchors, const std::optional<std::string>& chosen) {
  if (chosen) choices_.anchor = *chosen;
  anchors_ = Anchors(anchors(choices_.anchor));
  const Anchors::Readings readings = anchors_.Read();
  MONIKER_ASSIGN_OR_RETURN(Write write, BeginWrite());
  AccountedTransaction* const transaction = write.transaction.get();
  MONIKER_ASSIGN_OR_RETURN(
      const std::vector<AnchorReport> reports,
      Anchors::Compare(readings, transaction->manifest(), write.state.keys->keyring().vault_id(),
                       transaction->integrity_keys()));
  WorkingSet set(write.state.keys, transaction);
  MONIKER_ASSIGN_OR_RETURN(const std::vector<Tombstone> tombstones,
                           KnownTombstones(anchors_, write.state.keys->keyring().vault_id(),
                                           transaction->integrity_keys()));
  // An older copy that was put back does not bring anybody back.
  MONIKER_RETURN_IF_ERROR(EraseAgain(tombstones, &set, transaction).status());
  // So that what was anchored before is behind what is anchored now.
  for (const AnchorReport& report : reports) transaction->CountFrom(report.counter);
  AuditEntry entry;
  entry.time_ms = SystemTimeMs();
  entry.operation = AuditOperation::kStateAccepted;
  MONIKER_RETURN_IF_ERROR(AppendToAuditLog(entry, *write.state.keys, transaction));
  MONIKER_RETURN_IF_ERROR(PutSettings(write.state.policy, &set));
  MONIKER_RETURN_IF_ERROR(Commit(&write, &set));
  ForgetSettings();
  return Status::Ok();
}

}  // namespace moniker::internal
