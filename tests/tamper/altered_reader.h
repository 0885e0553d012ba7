// A backend in front of another one that answers one record otherwise, without writing anything.
//
// Thread safety: used by one thread.

#ifndef MONIKER_TESTS_TAMPER_ALTERED_READER_H_
#define MONIKER_TESTS_TAMPER_ALTERED_READER_H_

#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "moniker/storage_backend.h"
#include "support/failing_backend.h"

namespace moniker::testing {

// Reads tables as they are, but for one record that a test puts in another's place.
class AlteredReader final : public FailingReader<StorageBackend> {
 public:
  struct Alteration {
    Table table = Table::kMeta;
    std::optional<SealedRecord> record;
  };

  AlteredReader(std::shared_ptr<StorageBackend> inner, std::shared_ptr<const Alteration> alteration)
      : FailingReader(std::move(inner), std::make_shared<Faults>()),
        alteration_(std::move(alteration)) {}

  Status FindMany(Table table, std::span<const RecordTag> tags,
                  std::vector<std::optional<SealedBytes>>* found) override {
    const Status status = inner_->FindMany(table, tags, found);
    if (!alteration_->record || table != alteration_->table) return status;
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (tags[i] == alteration_->record->tag) (*found)[i] = alteration_->record->sealed;
    }
    return status;
  }
  Result<std::unique_ptr<StorageTransaction>> Begin() override { return inner_->Begin(); }
  Result<StoreFormat> Format() override { return inner_->Format(); }
  Result<std::unique_ptr<StorageSnapshot>> Snapshot() override { return inner_->Snapshot(); }
  Result<bool> Checkpoint() override { return inner_->Checkpoint(); }

 private:
  std::shared_ptr<const Alteration> alteration_;
};

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_TAMPER_ALTERED_READER_H_
