// Visits all records of a table, some at a time.
//
// Thread safety: as the reader.

#ifndef MONIKER_LIB_STORE_SCAN_H_
#define MONIKER_LIB_STORE_SCAN_H_

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/status_macros.h"
#include "moniker/storage_backend.h"

namespace moniker::internal {

inline constexpr std::size_t kScanStep = 1000;

// Calls visit(records) with up to kScanStep records at a time, in ascending order of tags. A record
// that is added meanwhile is seen if its tag comes later. Errors: those of reader and visit.
template <typename Visit>
Status ForEachStep(Table table, StorageReader* reader, Visit visit) {
  std::optional<RecordTag> last;
  std::vector<SealedRecord> records;
  do {
    MONIKER_RETURN_IF_ERROR(reader->Scan(table, last, kScanStep, &records));
    if (records.empty()) break;
    last = records.back().tag;
    MONIKER_RETURN_IF_ERROR(visit(std::span<const SealedRecord>(records)));
  } while (records.size() == kScanStep);
  return Status::Ok();
}

// As ForEachStep, in the order in which the records lie: for a large table many times as quick. A
// record that is added meanwhile may be seen or not.
template <typename Visit>
Status WalkSteps(Table table, StorageReader* reader, Visit visit) {
  WalkPosition position;
  std::vector<SealedRecord> records;
  do {
    MONIKER_RETURN_IF_ERROR(reader->Walk(table, kScanStep, &position, &records));
    if (records.empty()) break;
    MONIKER_RETURN_IF_ERROR(visit(std::span<const SealedRecord>(records)));
  } while (records.size() == kScanStep);
  return Status::Ok();
}

// Each record, in the order in which they lie.
template <typename Visit>
Status WalkThrough(Table table, StorageReader* reader, Visit visit) {
  return WalkSteps(table, reader, [&](std::span<const SealedRecord> records) -> Status {
    for (const SealedRecord& record : records) MONIKER_RETURN_IF_ERROR(visit(record));
    return Status::Ok();
  });
}

// As ForEachStep, one by one.
template <typename Visit>
Status ForEach(Table table, StorageReader* reader, Visit visit) {
  return ForEachStep(table, reader, [&](std::span<const SealedRecord> records) -> Status {
    for (const SealedRecord& record : records) MONIKER_RETURN_IF_ERROR(visit(record));
    return Status::Ok();
  });
}

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_SCAN_H_
