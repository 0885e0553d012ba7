#include "sqlite/store_exchange.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "base/file.h"
#include "base/status_macros.h"

namespace moniker::internal {
namespace {

constexpr const char* kLogSuffixes[] = {"-wal", "-shm"};

std::string DatabaseIn(const std::string& folder) { return folder + "/store.sqlite"; }

bool IsThere(const std::string& path) {
  struct stat info;
  return ::lstat(path.c_str(), &info) == 0;
}

Status RemoveLog(const std::string& database) {
  for (const char* suffix : kLogSuffixes) {
    if (::unlink((database + suffix).c_str()) != 0 && errno != ENOENT) {
      return ErrnoStatus(errno, "cannot remove the log of the store");
    }
  }
  return Status::Ok();
}

}  // namespace

class StoreExchange::LiveStore final : public StorageReader {
 public:
  explicit LiveStore(Connection* connection) : connection_(*connection) {}

  Status FindMany(Table table, std::span<const RecordTag> tags,
                  std::vector<std::optional<SealedBytes>>* found) override {
    return connection_.FindMany(table, tags, found);
  }
  Status Scan(Table table, const std::optional<RecordTag>& after, std::size_t limit,
              std::vector<SealedRecord>* records) override {
    return connection_.Scan(table, after, limit, records);
  }
  Result<std::optional<RecordTag>> LastTag(Table table) override {
    return connection_.LastTag(table);
  }
  Result<std::uint64_t> Count(Table table) override { return connection_.Count(table); }

 private:
  Connection& connection_;
};

StoreExchange::StoreExchange(std::string database, WriteLock lock)
    : database_(std::move(database)), lock_(std::move(lock)) {}

bool StoreExchange::IsTaken(const std::string& folder) {
  return IsThere(DatabaseIn(folder)) || IsThere(DatabaseIn(folder) + kLogSuffixes[0]);
}

Result<std::unique_ptr<StoreExchange>> StoreExchange::Begin(const std::string& folder) {
  MONIKER_RETURN_IF_ERROR(RequireLocalFileSystem(folder));
  MONIKER_ASSIGN_OR_RETURN(const std::string real,
                           AbsolutePath(folder, "cannot find the folder of the store"));
  const Status made = WriteLock::Create(real + "/store.lock");
  if (!made.ok() && made.code() != StatusCode::kConflict) return made;
  MONIKER_ASSIGN_OR_RETURN(WriteLock lock, WriteLock::Open(real + "/store.lock"));
  std::unique_ptr<StoreExchange> exchange(new StoreExchange(DatabaseIn(real), std::move(lock)));
  MONIKER_ASSIGN_OR_RETURN(WriteLock::Hold hold, exchange->lock_.Acquire());
  exchange->hold_.emplace(std::move(hold));
  if (!IsThere(exchange->database_)) return exchange;

  Result<std::unique_ptr<Connection>> connection = Connection::OpenAlone(exchange->database_);
  // What is damaged is what a backup is restored for.
  const auto is_damaged = [](const Status& status) {
    return status.code() == StatusCode::kAltered;
  };
  if (is_damaged(connection.status())) return exchange;
  if (!connection.ok()) return connection.status();
  const Status schema = (*connection)->CheckSchema();
  if (is_damaged(schema)) return exchange;
  MONIKER_RETURN_IF_ERROR(schema);
  exchange->connection_ = *std::move(connection);
  MONIKER_ASSIGN_OR_RETURN(const StoreFormat format, exchange->connection_->Format());
  if (format == kStoreFormat) {
    exchange->live_ = std::make_unique<LiveStore>(exchange->connection_.get());
  }
  return exchange;
}

Status StoreExchange::Replace(const std::string& other_folder) {
  const std::string other = DatabaseIn(other_folder);
  struct stat info;
  if (::lstat((other + kLogSuffixes[0]).c_str(), &info) == 0 && info.st_size != 0) {
    return Status(StatusCode::kInvalidArgument, "the new store has a log");
  }
  // The log is emptied first, so that the database is whole without it. That of a damaged store is
  // lost with it.
  if (connection_ != nullptr) {
    MONIKER_ASSIGN_OR_RETURN(const bool is_empty, connection_->Checkpoint());
    if (!is_empty) return Status(StatusCode::kConflict, "the store is in use");
  }
  MONIKER_RETURN_IF_ERROR(RemoveLog(database_));
  if (::rename(other.c_str(), database_.c_str()) != 0) {
    return ErrnoStatus(errno, "cannot put the new store into its place");
  }
  const Status status = SyncParentFolder(database_);
  // Who has found the old file by its name and waits for its lock must not take it for the store.
  if (connection_ != nullptr) connection_->Spoil();
  live_.reset();
  connection_.reset();
  return status;
}

}  // namespace moniker::internal
