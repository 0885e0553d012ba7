// A backup brought back.

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "store/any_payload.h"
#include "store/audit_chain.h"
#include "store/backup.h"
#include "store/erasure.h"
#include "store/settings.h"

namespace moniker::internal {
namespace {

constexpr Status Malformed() {
  return Status(StatusCode::kAltered, "the backup is not of its format");
}

constexpr Status NotWhole() {
  return Status(StatusCode::kAltered, "the backup does not hold the rows of its manifest");
}

// No record is longer; docs/formats/mapping-store.md, section 3.
constexpr std::size_t kMaxSealedSize = std::size_t{64} << 20;
// Rows that are written together.
constexpr std::size_t kBatchRows = 10'000;
constexpr std::size_t kBatchSize = std::size_t{8} << 20;
// Settings, issuers and manifest.
constexpr std::size_t kMaxMetaRows = 3;

struct Row {
  Table table;
  SealedRecord record;
};

// The rows of a backup, one after another, in their order.
class RowReader {
 public:
  explicit RowReader(BackupReader* stream) : stream_(*stream) {}

  // Nothing at the end, which has been found to be the end of everything.
  Result<std::optional<Row>> Next() {
    MONIKER_ASSIGN_OR_RETURN(const std::uint64_t mark, Number<1>());
    if (mark == 0) {
      MONIKER_ASSIGN_OR_RETURN(const std::uint64_t count, Number<8>());
      if (count != count_) return Malformed();
      MONIKER_RETURN_IF_ERROR(stream_.RequireEnd());
      return std::optional<Row>();
    }
    MONIKER_ASSIGN_OR_RETURN(const std::uint64_t table, Number<1>());
    if (mark != 1 || table >= kTableCount) return Malformed();
    Row row{static_cast<Table>(table), {}};
    MONIKER_ASSIGN_OR_RETURN(const std::vector<std::uint8_t> tag, Prefixed(RecordTag::kMaxSize));
    row.record.tag = RecordTag(tag);
    MONIKER_ASSIGN_OR_RETURN(row.record.sealed, Prefixed(kMaxSealedSize));
    const std::pair place(row.table, row.record.tag);
    if (count_ != 0 && place <= last_) return Malformed();
    last_ = place;
    ++count_;
    return std::optional(std::move(row));
  }

 private:
  template <std::size_t kSize>
  Result<std::uint64_t> Number() {
    std::array<std::uint8_t, kSize> bytes;
    MONIKER_RETURN_IF_ERROR(stream_.Read(bytes));
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < kSize; ++i) number |= std::uint64_t{bytes[i]} << (8 * i);
    return number;
  }

  Result<std::vector<std::uint8_t>> Prefixed(std::size_t max) {
    MONIKER_ASSIGN_OR_RETURN(const std::uint64_t size, Number<4>());
    if (size > max) return Malformed();
    std::vector<std::uint8_t> bytes(size);
    MONIKER_RETURN_IF_ERROR(stream_.Read(bytes));
    return bytes;
  }

  BackupReader& stream_;
  std::uint64_t count_ = 0;
  std::pair<Table, RecordTag> last_;
};

// The store that is being made of a backup.
class Restoration {
 public:
  Restoration(const RestoreRequest& request, std::shared_ptr<const StoreKeys> keys)
      : request_(request), keys_(std::move(keys)), vault_(keys_->keyring().vault_id()) {}

  Result<std::function<void()>> Run() {
    MONIKER_RETURN_IF_ERROR(CheckReason(request_.reason));
    MONIKER_ASSIGN_OR_RETURN(BackupReader stream,
                             BackupReader::Create(keys_->keyring(), request_.source));
    MONIKER_RETURN_IF_ERROR(TakeRows(&stream));
    MONIKER_RETURN_IF_ERROR(ReadSettings());
    MONIKER_RETURN_IF_ERROR(ReadLiveStore());
    if (request_.drop_chosen_anchor) settings_.anchor.clear();
    if (request_.anchors) anchors_ = Anchors(request_.anchors(settings_.anchor));
    MONIKER_RETURN_IF_ERROR(ReadAnchors());
    return BringUpToDate();
  }

 private:
  const RecordSealer& sealer() const { return keys_->sealer(); }

  // Everything of the backup, checked and into the target.
  Status TakeRows(BackupReader* stream) {
    RowReader rows(stream);
    std::array<Manifest::Rows, kTableCount> found{};
    std::vector<SealedRecord> batch;
    std::size_t size = 0;
    Table table = Table::kMeta;
    while (true) {
      MONIKER_ASSIGN_OR_RETURN(std::optional<Row> row, rows.Next());
      const bool is_full = batch.size() == kBatchRows || size >= kBatchSize;
      if (!row || row->table != table || is_full) {
        MONIKER_RETURN_IF_ERROR(TakeBatch(table, batch, &found[static_cast<std::size_t>(table)]));
        batch.clear();
        size = 0;
      }
      if (!row) break;
      table = row->table;
      if (table == Table::kMeta && batch.size() == kMaxMetaRows) return Malformed();
      size += row->record.sealed.size();
      batch.push_back(std::move(row->record));
    }
    if (integrity_keys_ == nullptr || found != manifest_.tables) return NotWhole();
    return Status::Ok();
  }

  // Those of the meta table come first and whole, and the manifest with them.
  Status TakeBatch(Table table, std::span<const SealedRecord> batch, Manifest::Rows* found) {
    if (batch.empty()) return Status::Ok();
    for (const SealedRecord& record : batch) {
      MONIKER_ASSIGN_OR_RETURN(const RecordSealer::Opened opened,
                               sealer().Open(table, record.tag, record.sealed));
      MONIKER_RETURN_IF_ERROR(CheckPayload(table, record.tag, opened.payload.Expose()));
      if (!IsManifest(table, record.tag)) continue;
      MONIKER_ASSIGN_OR_RETURN(manifest_, DecodeManifest(opened.payload.Expose()));
      MONIKER_ASSIGN_OR_RETURN(IntegrityKeys keys,
                               IntegrityKeys::Create(keys_->keyring(), manifest_));
      integrity_keys_ = std::make_shared<const IntegrityKeys>(std::move(keys));
    }
    if (integrity_keys_ == nullptr) return NotWhole();
    MONIKER_ASSIGN_OR_RETURN(const std::vector<Digest> digests,
                             integrity_keys_->OfRows(table, batch));
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (IsManifest(table, batch[i].tag)) continue;
      Toggle(digests[i], &found->digest);
      ++found->count;
    }
    MONIKER_ASSIGN_OR_RETURN(const std::unique_ptr<StorageTransaction> transaction,
                             request_.target->Begin());
    MONIKER_RETURN_IF_ERROR(transaction->PutMany(table, batch));
    return transaction->Commit();
  }

  static Result<std::optional<StoreSettings>> SettingsIn(const RecordSealer& sealer,
                                                         StorageReader* reader) {
    const RecordTag tag = SettingsTag();
    std::vector<std::optional<SealedBytes>> found;
    MONIKER_RETURN_IF_ERROR(reader->FindMany(Table::kMeta, {&tag, 1}, &found));
    if (!found[0]) return std::optional<StoreSettings>();
    MONIKER_ASSIGN_OR_RETURN(const RecordSealer::Opened opened,
                             sealer.Open(Table::kMeta, tag, *found[0]));
    MONIKER_ASSIGN_OR_RETURN(StoreSettings settings, DecodeSettings(opened.payload.Expose()));
    return std::optional(std::move(settings));
  }

  Status ReadSettings() {
    MONIKER_ASSIGN_OR_RETURN(const std::optional<StoreSettings> settings,
                             SettingsIn(sealer(), request_.target));
    if (!settings || settings->format != kStoreFormat) return NotWhole();
    const KeyEpochs newest = keys_->epochs();
    if (settings->epochs.identity > newest.identity || settings->epochs.storage > newest.storage ||
        settings->epochs.index > newest.index) {
      return Status(StatusCode::kAltered, "the keyring is older than the backup");
    }
    settings_ = *settings;
    return Status::Ok();
  }

  // What is damaged there has no say: a backup is restored for its sake.
  Status ReadLiveStore() {
    if (request_.live == nullptr) return Status::Ok();
    const Result<Manifest> manifest = ReadManifest(sealer(), request_.live);
    const Result<std::vector<Tombstone>> tombstones = ReadTombstones(sealer(), request_.live);
    const Result<std::optional<StoreSettings>> settings = SettingsIn(sealer(), request_.live);
    for (const Status& status : {manifest.status(), tombstones.status(), settings.status()}) {
      if (status.code() == StatusCode::kAltered) return Status::Ok();
      MONIKER_RETURN_IF_ERROR(status);
    }
    counter_ = std::max(counter_, manifest->counter);
    tombstones_.insert(tombstones_.end(), tombstones->begin(), tombstones->end());
    if (*settings) {
      settings_.anchor = (*settings)->anchor;
      settings_.policy = (*settings)->policy;
    }
    return Status::Ok();
  }

  Status ReadAnchors() {
    const Anchors::Readings readings = anchors_.Read();
    MONIKER_ASSIGN_OR_RETURN(
        const std::vector<AnchorReport> reports,
        Anchors::Compare(readings, manifest_, vault_, *integrity_keys_));
    for (std::size_t i = 0; i < reports.size(); ++i) {
      MONIKER_RETURN_IF_ERROR(readings[i].status());
      if (reports[i].state == AnchorState::kAltered) {
        return Status(StatusCode::kAltered, "the anchor of the store was altered");
      }
      counter_ = std::max(counter_, reports[i].counter);
    }
    MONIKER_ASSIGN_OR_RETURN(const std::vector<Tombstone> tombstones,
                             anchors_.ReadTombstones(vault_, *integrity_keys_));
    tombstones_.insert(tombstones_.end(), tombstones.begin(), tombstones.end());
    return Status::Ok();
  }

  Result<std::function<void()>> BringUpToDate() {
    MONIKER_ASSIGN_OR_RETURN(std::unique_ptr<StorageTransaction> inner, request_.target->Begin());
    AccountedTransaction transaction(std::move(inner), SealerOf(keys_), std::move(manifest_),
                                     integrity_keys_);
    WorkingSet set(keys_, &transaction);
    MONIKER_ASSIGN_OR_RETURN(const std::set<RecordTag> persons,
                             EraseAgain(tombstones_, &set, &transaction));
    transaction.CountFrom(counter_);
    MONIKER_RETURN_IF_ERROR(PutSettings(&set));
    MONIKER_RETURN_IF_ERROR(AppendToAuditLog(Entry(persons), *keys_, &transaction));
    MONIKER_RETURN_IF_ERROR(set.Write(&transaction));
    MONIKER_RETURN_IF_ERROR(transaction.Commit());
    MONIKER_ASSIGN_OR_RETURN(Manifest written, ReadManifest(sealer(), request_.target));
    return std::function<void()>(
        [anchors = anchors_, manifest = std::make_shared<const Manifest>(std::move(written)),
         vault = vault_, keys = integrity_keys_] { anchors.Keep(*manifest, vault, *keys); });
  }

  Status PutSettings(WorkingSet* set) const {
    StoreSettings settings = settings_;
    settings.epochs = keys_->epochs();
    MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, EncodeSettings(settings));
    MONIKER_ASSIGN_OR_RETURN(WorkingSet::Entry* const entry,
                             set->Find(Table::kMeta, SettingsTag()));
    set->Put(entry, std::move(payload));
    return Status::Ok();
  }

  AuditEntry Entry(const std::set<RecordTag>& persons) const {
    AuditEntry entry;
    entry.time_ms = SystemTimeMs();
    entry.operation = AuditOperation::kRestore;
    entry.actor = request_.reason.actor;
    entry.purpose = request_.reason.purpose;
    entry.asked = static_cast<std::uint32_t>(persons.size());
    entry.persons.assign(persons.begin(), persons.end());
    return entry;
  }

  const RestoreRequest& request_;
  const std::shared_ptr<const StoreKeys> keys_;
  const VaultId vault_;
  Manifest manifest_;  // of the backup
  std::shared_ptr<const IntegrityKeys> integrity_keys_;
  StoreSettings settings_;
  Anchors anchors_;
  std::uint64_t counter_ = 0;  // the highest that anybody knows of
  std::vector<Tombstone> tombstones_;
};

}  // namespace

Result<std::function<void()>> RestoreBackup(Keyring keyring, const RestoreRequest& request) {
  MONIKER_ASSIGN_OR_RETURN(std::shared_ptr<const StoreKeys> keys,
                           StoreKeys::Create(std::move(keyring)));
  return Restoration(request, std::move(keys)).Run();
}

}  // namespace moniker::internal
