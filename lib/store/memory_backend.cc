#include <atomic>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "moniker/storage_backend.h"

namespace moniker {
namespace {

using Rows = std::map<RecordTag, SealedBytes>;
using Tables = std::array<Rows, kTableCount>;

Rows& RowsOf(Tables& tables, Table table) { return tables[static_cast<std::size_t>(table)]; }

// The four reading calls, over tables that the caller has made safe to read.
class TableReader {
 public:
  explicit TableReader(Tables* tables) : tables_(tables) {}

  Status FindMany(Table table, std::span<const RecordTag> tags,
                  std::vector<std::optional<SealedBytes>>* found) const {
    const Rows& rows = RowsOf(*tables_, table);
    found->assign(tags.size(), std::nullopt);
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (const auto row = rows.find(tags[i]); row != rows.end()) (*found)[i] = row->second;
    }
    return Status::Ok();
  }

  Status Scan(Table table, const std::optional<RecordTag>& after, std::size_t limit,
              std::vector<SealedRecord>* records) const {
    const Rows& rows = RowsOf(*tables_, table);
    records->clear();
    for (auto row = after ? rows.upper_bound(*after) : rows.begin();
         row != rows.end() && records->size() < limit; ++row) {
      records->push_back({row->first, row->second});
    }
    return Status::Ok();
  }

  Result<std::optional<RecordTag>> LastTag(Table table) const {
    const Rows& rows = RowsOf(*tables_, table);
    if (rows.empty()) return std::optional<RecordTag>();
    return std::optional<RecordTag>(rows.rbegin()->first);
  }

  Result<std::uint64_t> Count(Table table) const { return RowsOf(*tables_, table).size(); }

 private:
  Tables* tables_;
};

constexpr Status kEnded(StatusCode::kClosed, "the transaction has ended");

// Works on a copy of the tables, which takes their place on Commit.
class MemoryTransaction final : public StorageTransaction {
 public:
  MemoryTransaction(Tables* shared, std::shared_mutex* shared_mutex, std::mutex* writer_mutex,
                    std::atomic<std::uint64_t>* commits)
      : writer_(*writer_mutex),
        shared_(shared),
        shared_mutex_(shared_mutex),
        commits_(commits),
        own_(*shared) {}

  Status FindMany(Table table, std::span<const RecordTag> tags,
                  std::vector<std::optional<SealedBytes>>* found) override {
    if (!writer_.owns_lock()) return kEnded;
    return reader_.FindMany(table, tags, found);
  }
  Status Scan(Table table, const std::optional<RecordTag>& after, std::size_t limit,
              std::vector<SealedRecord>* records) override {
    if (!writer_.owns_lock()) return kEnded;
    return reader_.Scan(table, after, limit, records);
  }
  Result<std::optional<RecordTag>> LastTag(Table table) override {
    if (!writer_.owns_lock()) return kEnded;
    return reader_.LastTag(table);
  }
  Result<std::uint64_t> Count(Table table) override {
    if (!writer_.owns_lock()) return kEnded;
    return reader_.Count(table);
  }

  Status PutMany(Table table, std::span<const SealedRecord> records) override {
    if (!writer_.owns_lock()) return kEnded;
    for (const SealedRecord& record : records) RowsOf(own_, table)[record.tag] = record.sealed;
    return Status::Ok();
  }

  Status AddMany(Table table, std::span<const SealedRecord> records,
                 std::vector<bool>* added) override {
    if (!writer_.owns_lock()) return kEnded;
    added->clear();
    for (const SealedRecord& record : records) {
      added->push_back(RowsOf(own_, table).emplace(record.tag, record.sealed).second);
    }
    return Status::Ok();
  }

  Status EraseMany(Table table, std::span<const RecordTag> tags) override {
    if (!writer_.owns_lock()) return kEnded;
    for (const RecordTag& tag : tags) RowsOf(own_, table).erase(tag);
    return Status::Ok();
  }

  Status Upgrade() override { return writer_.owns_lock() ? Status::Ok() : kEnded; }

  Status Commit(const Committed& committed) override {
    if (!writer_.owns_lock()) return kEnded;
    {
      const std::unique_lock lock(*shared_mutex_);
      shared_->swap(own_);
      ++*commits_;
    }
    if (committed) committed();
    writer_.unlock();
    return Status::Ok();
  }

 private:
  std::unique_lock<std::mutex> writer_;  // first in, last out
  Tables* shared_;
  std::shared_mutex* shared_mutex_;
  std::atomic<std::uint64_t>* commits_;
  Tables own_;
  TableReader reader_{&own_};
};

class MemorySnapshot final : public StorageSnapshot {
 public:
  explicit MemorySnapshot(Tables tables) : own_(std::move(tables)) {}

  Status FindMany(Table table, std::span<const RecordTag> tags,
                  std::vector<std::optional<SealedBytes>>* found) override {
    return reader_.FindMany(table, tags, found);
  }
  Status Scan(Table table, const std::optional<RecordTag>& after, std::size_t limit,
              std::vector<SealedRecord>* records) override {
    return reader_.Scan(table, after, limit, records);
  }
  Result<std::optional<RecordTag>> LastTag(Table table) override { return reader_.LastTag(table); }
  Result<std::uint64_t> Count(Table table) override { return reader_.Count(table); }
  Status CheckStructure() override { return Status::Ok(); }

 private:
  Tables own_;
  TableReader reader_{&own_};
};

class MemoryBackend final : public StorageBackend {
 public:
  Status FindMany(Table table, std::span<const RecordTag> tags,
                  std::vector<std::optional<SealedBytes>>* found) override {
    const std::shared_lock lock(mutex_);
    return reader_.FindMany(table, tags, found);
  }
  Status Scan(Table table, const std::optional<RecordTag>& after, std::size_t limit,
              std::vector<SealedRecord>* records) override {
    const std::shared_lock lock(mutex_);
    return reader_.Scan(table, after, limit, records);
  }
  Result<std::optional<RecordTag>> LastTag(Table table) override {
    const std::shared_lock lock(mutex_);
    return reader_.LastTag(table);
  }
  Result<std::uint64_t> Count(Table table) override {
    const std::shared_lock lock(mutex_);
    return reader_.Count(table);
  }
  Result<std::unique_ptr<StorageTransaction>> Begin() override {
    return std::unique_ptr<StorageTransaction>(
        std::make_unique<MemoryTransaction>(&tables_, &mutex_, &writer_mutex_, &commits_));
  }
  Result<StoreFormat> Format() override { return kStoreFormat; }
  Result<std::unique_ptr<StorageSnapshot>> Snapshot() override {
    const std::shared_lock lock(mutex_);
    return std::unique_ptr<StorageSnapshot>(std::make_unique<MemorySnapshot>(tables_));
  }
  Result<bool> Checkpoint() override { return true; }
  std::optional<ChangeMark> Mark() override {
    const std::uint64_t commits = commits_;
    return ChangeMark{static_cast<std::uint32_t>(commits), static_cast<std::uint32_t>(commits >> 32)};
  }

 private:
  std::mutex writer_mutex_;  // held by the one transaction
  std::shared_mutex mutex_;  // guards tables_
  std::atomic<std::uint64_t> commits_ = 0;
  Tables tables_;
  TableReader reader_{&tables_};
};

}  // namespace

std::unique_ptr<StorageBackend> MakeMemoryBackend() { return std::make_unique<MemoryBackend>(); }

}  // namespace moniker
