// A look at the whole of a store.

#include <string_view>

#include "base/status_macros.h"
#include "store/any_payload.h"
#include "store/mapping_store.h"
#include "store/scan.h"
#include "store/settings.h"

namespace moniker::internal {
namespace {

class Verification {
 public:
  Verification(StorageSnapshot* snapshot, const StoreKeys& keys,
               const MappingStore::Progress& progress)
      : snapshot_(*snapshot), keys_(keys), progress_(progress) {}

  Result<StoreReport> Run(const Anchors::Readings& readings) {
    MONIKER_RETURN_IF_ERROR(Tolerate(snapshot_.CheckStructure(), &report_.database_damaged));
    bool manifest_is_bad = false;
    Result<Manifest> manifest = ReadManifest(keys_.sealer(), &snapshot_);
    MONIKER_RETURN_IF_ERROR(Tolerate(manifest.status(), &manifest_is_bad));
    if (manifest_is_bad) {
      MONIKER_ASSIGN_OR_RETURN(manifest, NewManifest());  // of nothing: no table is as written
    }
    MONIKER_ASSIGN_OR_RETURN(const IntegrityKeys integrity_keys,
                             IntegrityKeys::Create(keys_.keyring(), *manifest));
    report_.counter = manifest->counter;
    MONIKER_RETURN_IF_ERROR(CountAll());
    for (std::size_t i = 0; i < kTableCount; ++i) {
      MONIKER_RETURN_IF_ERROR(
          LookThrough(static_cast<Table>(i), manifest->tables[i], integrity_keys));
    }
    if (manifest_is_bad) report_.tables[0].as_written = false;
    MONIKER_ASSIGN_OR_RETURN(
        report_.anchors,
        Anchors::Compare(readings, *manifest, keys_.keyring().vault_id(), integrity_keys));
    return std::move(report_);
  }

 private:
  // Damage is what is looked for, not a failure.
  static Status Tolerate(const Status& status, bool* damaged) {
    if (status.code() != StatusCode::kAltered) return status;
    *damaged = true;
    return Status::Ok();
  }

  Status CountAll() {
    for (std::size_t table = 0; table < kTableCount; ++table) {
      const Result<std::uint64_t> count = snapshot_.Count(static_cast<Table>(table));
      MONIKER_RETURN_IF_ERROR(Tolerate(count.status(), &report_.database_damaged));
      if (count.ok()) total_ += *count;
    }
    return Status::Ok();
  }

  Status LookThrough(Table table, const Manifest::Rows& expected, const IntegrityKeys& keys) {
    Manifest::Rows found;
    bool damaged = false;
    const Status status =
        WalkSteps(table, &snapshot_, [&](std::span<const SealedRecord> records) -> Status {
          MONIKER_ASSIGN_OR_RETURN(const std::vector<Digest> digests, keys.OfRows(table, records));
          for (std::size_t i = 0; i < records.size(); ++i) {
            MONIKER_RETURN_IF_ERROR(LookAt(table, records[i]));
            if (IsManifest(table, records[i].tag)) continue;
            Toggle(digests[i], &found.digest);
            ++found.count;
          }
          report_.records += records.size();
          if (progress_) progress_(report_.records, std::max(total_, report_.records));
          return Status::Ok();
        });
    MONIKER_RETURN_IF_ERROR(Tolerate(status, &damaged));
    report_.database_damaged = report_.database_damaged || damaged;
    report_.tables[static_cast<std::size_t>(table)] = {expected.count, found.count,
                                                       !damaged && found == expected};
    return Status::Ok();
  }

  Status LookAt(Table table, const SealedRecord& record) {
    const Result<RecordSealer::Opened> opened =
        keys_.sealer().Open(table, record.tag, record.sealed);
    const Status status =
        opened.ok() ? CheckPayload(table, record.tag, opened->payload.Expose()) : opened.status();
    bool is_altered = false;
    MONIKER_RETURN_IF_ERROR(Tolerate(status, &is_altered));
    if (!is_altered) return Status::Ok();
    ++report_.altered_count;
    if (report_.altered.size() < StoreReport::kMaxListed) {
      report_.altered.push_back({table, record.tag});
    }
    return Status::Ok();
  }

  StorageSnapshot& snapshot_;
  const StoreKeys& keys_;
  const MappingStore::Progress& progress_;
  std::uint64_t total_ = 0;
  StoreReport report_;
};

}  // namespace

Result<std::string> ChosenAnchor(StorageReader* reader, const Keyring& keyring) {
  const RecordTag tag = SettingsTag();
  std::vector<std::optional<SealedBytes>> found;
  MONIKER_RETURN_IF_ERROR(reader->FindMany(Table::kMeta, {&tag, 1}, &found));
  MONIKER_ASSIGN_OR_RETURN(const RecordSealer sealer, RecordSealer::Create(keyring));
  if (!found[0]) return std::string();
  const Result<RecordSealer::Opened> opened = sealer.Open(Table::kMeta, tag, *found[0]);
  if (!opened.ok()) return std::string();
  const Result<StoreSettings> settings = DecodeSettings(opened->payload.Expose());
  return settings.ok() ? settings->anchor : std::string();
}

Result<StoreReport> MappingStore::Verify(StorageBackend* backend, const KeyringSource& source,
                                         const AnchorSource& anchors, const Progress& progress) {
  MONIKER_ASSIGN_OR_RETURN(const StoreFormat format, backend->Format());
  if (format.version > kStoreFormat.version) {
    return Status(StatusCode::kNewerFormat, "the store was written by a newer version");
  }
  if (format != kStoreFormat) {
    return Status(StatusCode::kUnsupported,
                  "the store is of an older format, which says nothing of itself as a whole");
  }
  // Anchors are read before the state is chosen that they are compared with, and keys after it.
  MONIKER_ASSIGN_OR_RETURN(const Keyring before, source());
  MONIKER_ASSIGN_OR_RETURN(const std::string chosen, ChosenAnchor(backend, before));
  const Anchors::Readings readings =
      anchors ? Anchors(anchors(chosen)).Read() : Anchors::Readings();
  MONIKER_ASSIGN_OR_RETURN(const std::unique_ptr<StorageSnapshot> snapshot, backend->Snapshot());
  MONIKER_ASSIGN_OR_RETURN(Keyring keyring, source());
  MONIKER_ASSIGN_OR_RETURN(const std::shared_ptr<const StoreKeys> keys,
                           StoreKeys::Create(std::move(keyring)));
  return Verification(snapshot.get(), *keys, progress).Run(readings);
}

}  // namespace moniker::internal
