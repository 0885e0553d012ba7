#include "store/backup.h"

#include <algorithm>
#include <vector>

#include "base/status_macros.h"
#include "store/manifest.h"
#include "store/scan.h"

namespace moniker::internal {
namespace {

Status WriteRow(Table table, const SealedRecord& record, BackupWriter* writer) {
  const ByteView tag = record.tag.bytes();
  std::vector<std::uint8_t> row(1 + 1 + 4 + tag.size() + 4 + record.sealed.size());
  ByteWriter(row)
      .U8(1)
      .U8(static_cast<std::uint8_t>(table))
      .Prefixed(tag)
      .Prefixed(record.sealed);
  return writer->Append(row);
}

Result<std::uint64_t> CountRows(StorageReader* reader) {
  std::uint64_t total = 0;
  for (std::size_t table = 0; table < kTableCount; ++table) {
    MONIKER_ASSIGN_OR_RETURN(const std::uint64_t count, reader->Count(static_cast<Table>(table)));
    total += count;
  }
  return total;
}

}  // namespace

// A backup is made of a store that is whole, or not at all: damage that is found when it is
// restored is found too late.
Status WriteRows(const StoreKeys& keys, StorageReader* reader,
                 const MappingStore::Progress& progress, BackupWriter* writer) {
  MONIKER_ASSIGN_OR_RETURN(const Manifest manifest, ReadManifest(keys.sealer(), reader));
  MONIKER_ASSIGN_OR_RETURN(const IntegrityKeys integrity_keys,
                           IntegrityKeys::Create(keys.keyring(), manifest));
  MONIKER_ASSIGN_OR_RETURN(const std::uint64_t total, CountRows(reader));
  std::uint64_t done = 0;
  for (std::size_t i = 0; i < kTableCount; ++i) {
    const auto table = static_cast<Table>(i);
    Manifest::Rows rows;
    const auto write = [&](std::span<const SealedRecord> records) -> Status {
      MONIKER_ASSIGN_OR_RETURN(const std::vector<Digest> digests,
                               integrity_keys.OfRows(table, records));
      for (std::size_t k = 0; k < records.size(); ++k) {
        MONIKER_RETURN_IF_ERROR(WriteRow(table, records[k], writer));
        if (IsManifest(table, records[k].tag)) continue;
        Toggle(digests[k], &rows.digest);
        ++rows.count;
      }
      done += records.size();
      if (progress) progress(done, std::max(total, done));
      return Status::Ok();
    };
    MONIKER_RETURN_IF_ERROR(ForEachStep(table, reader, write));
    if (rows != manifest.of(table)) {
      return Status(StatusCode::kAltered, "the store is not as it was written");
    }
  }
  std::array<std::uint8_t, 1 + 8> end;
  ByteWriter(end).U8(0).U64(done);
  return writer->Append(end);
}

Status MappingStore::Backup(const BackupWriter::Sink& sink, const Progress& progress) {
  const IdleLock::Use use(idle_lock_.get());
  MONIKER_ASSIGN_OR_RETURN(const std::unique_ptr<StorageSnapshot> snapshot, backend_->Snapshot());
  MONIKER_ASSIGN_OR_RETURN(const State state, CurrentState(snapshot.get()));
  MONIKER_ASSIGN_OR_RETURN(BackupWriter writer,
                           BackupWriter::Create(state.keys->keyring(), sink));
  MONIKER_RETURN_IF_ERROR(WriteRows(*state.keys, snapshot.get(), progress, &writer));
  return writer.Finish();
}

}  // namespace moniker::internal
