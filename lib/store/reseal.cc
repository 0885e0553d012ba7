// Records under newer storage keys.

#include <algorithm>

#include "base/status_macros.h"
#include "store/mapping_store.h"
#include "store/scan.h"

namespace moniker::internal {
namespace {

// The manifest is sealed anew with every change anyway.
std::vector<RecordTag> UnderOtherEpochs(Table table, std::span<const SealedRecord> records,
                                        std::uint32_t newest) {
  std::vector<RecordTag> tags;
  for (const SealedRecord& record : records) {
    if (IsManifest(table, record.tag)) continue;
    if (RecordSealer::EpochOf(record.sealed) != newest) tags.push_back(record.tag);
  }
  return tags;
}

Status SealAnew(Table table, std::span<const RecordTag> tags, WorkingSet* set) {
  std::vector<TagSet> wanted;
  for (const RecordTag& tag : tags) wanted.push_back({tag});
  MONIKER_RETURN_IF_ERROR(set->Load(table, wanted));
  for (const RecordTag& tag : tags) {
    MONIKER_ASSIGN_OR_RETURN(WorkingSet::Entry* const entry, set->Find(table, tag));
    if (!entry->exists()) continue;  // erased meanwhile
    MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, SecretBytes::CopyOf(entry->payload()));
    set->Put(entry, std::move(payload));
  }
  return Status::Ok();
}

}  // namespace

Status MappingStore::Reseal(const Progress& progress) {
  const IdleLock::Use use(idle_lock_.get());
  std::uint64_t total = 0;
  for (std::size_t table = 0; table < kTableCount; ++table) {
    MONIKER_ASSIGN_OR_RETURN(const std::uint64_t count, backend_->Count(static_cast<Table>(table)));
    total += count;
  }
  std::uint64_t done = 0;
  for (std::size_t i = 0; i < kTableCount; ++i) {
    const auto table = static_cast<Table>(i);
    const auto seal_anew = [&](std::span<const SealedRecord> records) -> Status {
      MONIKER_ASSIGN_OR_RETURN(const State state, CurrentState(backend_.get()));
      const std::vector<RecordTag> old =
          UnderOtherEpochs(table, records, state.keys->epochs().storage);
      const auto plan = [&](WorkingSet* set) { return SealAnew(table, old, set); };
      if (!old.empty()) MONIKER_RETURN_IF_ERROR(Execute(plan));
      done += records.size();
      total = std::max(total, done);  // records that others have added
      if (progress) progress(done, total);
      return Status::Ok();
    };
    MONIKER_RETURN_IF_ERROR(WalkSteps(table, backend_.get(), seal_anew));
  }
  return Status::Ok();
}

Status RequireUnused(std::uint32_t storage_epoch, StorageReader* reader) {
  for (std::size_t table = 0; table < kTableCount; ++table) {
    MONIKER_RETURN_IF_ERROR(
        WalkThrough(static_cast<Table>(table), reader, [&](const SealedRecord& record) -> Status {
          if (RecordSealer::EpochOf(record.sealed) != storage_epoch) return Status::Ok();
          return Status(StatusCode::kConflict, "records still need this epoch: reseal the store");
        }));
  }
  return Status::Ok();
}

}  // namespace moniker::internal
