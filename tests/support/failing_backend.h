// A backend in front of another one, whose call number N fails.

#ifndef MONIKER_TESTS_SUPPORT_FAILING_BACKEND_H_
#define MONIKER_TESTS_SUPPORT_FAILING_BACKEND_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "moniker/storage_backend.h"

namespace moniker::testing {

// Shared by a FailingBackend and the test that steers it. Arm while no other thread is at work.
struct Faults {
  static constexpr int kNever = -1;

  int fail_at = kNever;  // counted from 0, over backend and transactions
  Status failure;
  std::atomic<int> calls = 0;  // tests with threads share one that never fails
  int transactions = 0;        // begun

  // What another process does before the call number `act_at`.
  int act_at = kNever;
  std::function<void()> action;

  void Arm(int call, const Status& status) {
    fail_at = call;
    failure = status;
    calls = 0;
  }
  bool armed_call_reached() const { return fail_at != kNever && calls > fail_at; }

  // What the call that is being made answers instead of doing anything.
  Status Next() {
    const int call = calls++;
    if (call == act_at) action();
    return call == fail_at ? failure : Status::Ok();
  }
};

// What backends and transactions have in common; `Seam` is one of them.
template <typename Seam>
class FailingReader : public Seam {
 public:
  Status FindMany(Table table, std::span<const RecordTag> tags,
                  std::vector<std::optional<SealedBytes>>* found) override {
    const Status status = faults_->Next();
    return status.ok() ? inner_->FindMany(table, tags, found) : status;
  }
  Status Scan(Table table, const std::optional<RecordTag>& after, std::size_t limit,
              std::vector<SealedRecord>* records) override {
    const Status status = faults_->Next();
    return status.ok() ? inner_->Scan(table, after, limit, records) : status;
  }
  Result<std::optional<RecordTag>> LastTag(Table table) override {
    const Status status = faults_->Next();
    if (!status.ok()) return status;
    return inner_->LastTag(table);
  }
  Result<std::uint64_t> Count(Table table) override {
    const Status status = faults_->Next();
    if (!status.ok()) return status;
    return inner_->Count(table);
  }

 protected:
  FailingReader(std::shared_ptr<Seam> inner, std::shared_ptr<Faults> faults)
      : inner_(std::move(inner)), faults_(std::move(faults)) {}

  const std::shared_ptr<Seam> inner_;
  const std::shared_ptr<Faults> faults_;
};

class FailingTransaction : public FailingReader<StorageTransaction> {
 public:
  FailingTransaction(std::unique_ptr<StorageTransaction> inner, std::shared_ptr<Faults> faults)
      : FailingReader(std::move(inner), std::move(faults)) {}

  Status PutMany(Table table, std::span<const SealedRecord> records) override {
    const Status status = faults_->Next();
    return status.ok() ? inner_->PutMany(table, records) : status;
  }
  Status AddMany(Table table, std::span<const SealedRecord> records,
                 std::vector<bool>* added) override {
    const Status status = faults_->Next();
    return status.ok() ? inner_->AddMany(table, records, added) : status;
  }
  Status EraseMany(Table table, std::span<const RecordTag> tags) override {
    const Status status = faults_->Next();
    return status.ok() ? inner_->EraseMany(table, tags) : status;
  }
  Status Upgrade() override {
    const Status status = faults_->Next();
    return status.ok() ? inner_->Upgrade() : status;
  }
  Status Commit(const Committed& committed) override {
    const Status status = faults_->Next();
    return status.ok() ? inner_->Commit(committed) : status;
  }
};

class FailingBackend : public FailingReader<StorageBackend> {
 public:
  // `inner` is shared with the test, which looks behind the failures.
  FailingBackend(std::shared_ptr<StorageBackend> inner, std::shared_ptr<Faults> faults)
      : FailingReader(std::move(inner), std::move(faults)) {}

  Result<std::unique_ptr<StorageTransaction>> Begin() override {
    const Status status = faults_->Next();
    if (!status.ok()) return status;
    Result<std::unique_ptr<StorageTransaction>> inner = inner_->Begin();
    if (!inner.ok()) return inner.status();
    ++faults_->transactions;
    return std::unique_ptr<StorageTransaction>(
        std::make_unique<FailingTransaction>(*std::move(inner), faults_));
  }
  Result<StoreFormat> Format() override {
    const Status status = faults_->Next();
    if (!status.ok()) return status;
    if (format) return *format;
    return inner_->Format();
  }
  Result<std::unique_ptr<StorageSnapshot>> Snapshot() override {
    const Status status = faults_->Next();
    if (!status.ok()) return status;
    return inner_->Snapshot();
  }
  Result<bool> Checkpoint() override {
    const Status status = faults_->Next();
    if (!status.ok()) return status;
    return inner_->Checkpoint();
  }

  std::optional<StoreFormat> format;  // answered instead of the inner one
};

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_SUPPORT_FAILING_BACKEND_H_
