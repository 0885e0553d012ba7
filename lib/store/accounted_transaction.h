// A transaction that keeps the manifest: whatever is put or erased through it is accounted for, and
// the manifest is written with the rest.
//
// Thread safety: as StorageTransaction.

#ifndef MONIKER_LIB_STORE_ACCOUNTED_TRANSACTION_H_
#define MONIKER_LIB_STORE_ACCOUNTED_TRANSACTION_H_

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "moniker/storage_backend.h"
#include "store/manifest.h"
#include "store/record_sealer.h"

namespace moniker::internal {

class AccountedTransaction final : public StorageTransaction {
 public:
  // `manifest` is that of the store, or a new one for a store that has none; then AccountForAll.
  AccountedTransaction(std::unique_ptr<StorageTransaction> inner,
                       std::shared_ptr<const RecordSealer> sealer, Manifest manifest,
                       std::shared_ptr<const IntegrityKeys> keys)
      : inner_(std::move(inner)),
        sealer_(std::move(sealer)),
        manifest_(std::move(manifest)),
        audit_entries_before_(manifest_.audit.entries),
        keys_(std::move(keys)) {}

  const Manifest& manifest() const { return manifest_; }
  const IntegrityKeys& integrity_keys() const { return *keys_; }

  // Where the audit log ends, for who puts an entry.
  Manifest::Audit* audit() { return &manifest_.audit; }

  // That were there when the transaction began.
  std::uint64_t audit_entries_before() const { return audit_entries_before_; }

  // Counts every row that is there. Errors: those of the backend.
  Status AccountForAll();

  // What seals the manifest.
  void UseSealer(std::shared_ptr<const RecordSealer> sealer) { sealer_ = std::move(sealer); }

  // Rows that were put or erased, each as often as it was.
  std::size_t changes() const { return changes_; }

  // The first error that the store itself gave, success if none: from then on the transaction may
  // lack a part of what was put, and can only be given up.
  const Status& failure() const { return failure_; }

  // What is committed is counted as later than this.
  void CountFrom(std::uint64_t counter) {
    manifest_.counter = std::max(manifest_.counter, counter);
  }

  // Gives back the memory of what was read and written so far, for work on very many rows.
  void Forget() { known_.clear(); }

  Status FindMany(Table table, std::span<const RecordTag> tags,
                  std::vector<std::optional<SealedBytes>>* found) override;
  Status Scan(Table table, const std::optional<RecordTag>& after, std::size_t limit,
              std::vector<SealedRecord>* records) override {
    return Note(inner_->Scan(table, after, limit, records));
  }
  Result<std::optional<RecordTag>> LastTag(Table table) override {
    Result<std::optional<RecordTag>> last = inner_->LastTag(table);
    static_cast<void>(Note(last.status()));
    return last;
  }
  Result<std::uint64_t> Count(Table table) override {
    Result<std::uint64_t> count = inner_->Count(table);
    static_cast<void>(Note(count.status()));
    return count;
  }
  Status PutMany(Table table, std::span<const SealedRecord> records) override {
    return Note(Put(table, records));
  }
  Status EraseMany(Table table, std::span<const RecordTag> tags) override {
    return Note(Erase(table, tags));
  }
  Status AddMany(Table table, std::span<const SealedRecord> records,
                 std::vector<bool>* added) override {
    return Note(Add(table, records, added));
  }
  Status Walk(Table table, std::size_t limit, WalkPosition* position,
              std::vector<SealedRecord>* records) override {
    return Note(inner_->Walk(table, limit, position, records));
  }
  Status Upgrade() override { return inner_->Upgrade(); }
  using StorageTransaction::Commit;
  Status Commit(const Committed& committed) override;

 private:
  Status Note(Status status) {
    if (failure_.ok()) failure_ = status;
    return status;
  }

  // Reads the digests of those rows that are not known yet.
  Status Learn(Table table, std::span<const RecordTag> tags);
  Status Remember(Table table, std::span<const RecordTag> tags,
                  std::span<const std::optional<SealedBytes>> found);
  Status Put(Table table, std::span<const SealedRecord> records);
  Status Add(Table table, std::span<const SealedRecord> records, std::vector<bool>* added);
  Status Erase(Table table, std::span<const RecordTag> tags);
  void Replace(Table table, const RecordTag& tag, const std::optional<Digest>& row);

  std::unique_ptr<StorageTransaction> inner_;
  std::shared_ptr<const RecordSealer> sealer_;
  Manifest manifest_;
  std::uint64_t audit_entries_before_;
  std::shared_ptr<const IntegrityKeys> keys_;
  std::size_t changes_ = 0;
  Status failure_;
  // The digest of each row that was asked for, or that there is none.
  std::map<std::pair<Table, RecordTag>, std::optional<Digest>> known_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_ACCOUNTED_TRANSACTION_H_
