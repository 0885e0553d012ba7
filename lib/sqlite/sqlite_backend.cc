#include "moniker/sqlite_backend.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/file.h"
#include "base/status_macros.h"
#include "sqlite/connection.h"
#include "sqlite/reader_pool.h"
#include "sqlite/write_lock.h"

namespace moniker {
namespace {

using internal::Connection;
using internal::ReaderPool;
using internal::WriteLock;

struct Paths {
  std::string database;
  std::string lock;
};

// Real paths, because the database is opened without following links.
Result<Paths> PathsIn(const std::string& folder) {
  MONIKER_ASSIGN_OR_RETURN(const std::string real,
                           internal::AbsolutePath(folder, "cannot find the folder of the store"));
  return Paths{real + "/store.sqlite", real + "/store.lock"};
}

constexpr Status kOtherProcess(StatusCode::kClosed,
                               "the store cannot be used in the child of a fork");
constexpr Status kEnded(StatusCode::kClosed, "the transaction has ended");

class SqliteTransaction final : public StorageTransaction {
 public:
  SqliteTransaction(WriteLock::Hold hold, Connection* connection)
      : hold_(std::move(hold)), connection_(connection) {}
  ~SqliteTransaction() override {
    if (hold_) connection_->Rollback();
  }

  Status FindMany(Table table, std::span<const RecordTag> tags,
                  std::vector<std::optional<SealedBytes>>* found) override {
    if (ended_) return kEnded;
    return connection_->FindMany(table, tags, found);
  }
  Status Scan(Table table, const std::optional<RecordTag>& after, std::size_t limit,
              std::vector<SealedRecord>* records) override {
    if (ended_) return kEnded;
    return connection_->Scan(table, after, limit, records);
  }
  Status Walk(Table table, std::size_t limit, WalkPosition* position,
              std::vector<SealedRecord>* records) override {
    if (ended_) return kEnded;
    return connection_->Walk(table, limit, position, records);
  }
  Result<std::optional<RecordTag>> LastTag(Table table) override {
    if (ended_) return kEnded;
    return connection_->LastTag(table);
  }
  Result<std::uint64_t> Count(Table table) override {
    if (ended_) return kEnded;
    return connection_->Count(table);
  }

  Status PutMany(Table table, std::span<const SealedRecord> records) override {
    if (ended_) return kEnded;
    return Keep(connection_->PutMany(table, records));
  }
  Status AddMany(Table table, std::span<const SealedRecord> records,
                 std::vector<bool>* added) override {
    if (ended_) return kEnded;
    return Keep(connection_->AddMany(table, records, added));
  }
  Status EraseMany(Table table, std::span<const RecordTag> tags) override {
    if (ended_) return kEnded;
    return Keep(connection_->EraseMany(table, tags));
  }

  Status Upgrade() override {
    if (ended_) return kEnded;
    return Keep(connection_->Upgrade());
  }

  Status Commit(const Committed& committed) override {
    if (ended_) return kEnded;
    ended_ = true;
    MONIKER_RETURN_IF_ERROR(connection_->Commit());
    if (committed) committed();
    if (connection_->log_is_long()) {
      // What was committed is durable whatever becomes of this; a failure shows in the next call.
      static_cast<void>(connection_->Checkpoint().ok());
    }
    hold_.reset();
    return Status::Ok();
  }

 private:
  // A transaction in which a write failed must not be committed without it.
  Status Keep(Status status) {
    ended_ = ended_ || !status.ok();
    return status;
  }

  std::optional<WriteLock::Hold> hold_;  // until it is committed
  Connection* connection_;
  bool ended_ = false;
};

class SqliteSnapshot final : public StorageSnapshot {
 public:
  explicit SqliteSnapshot(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)) {}
  ~SqliteSnapshot() override { connection_->Rollback(); }

  Status FindMany(Table table, std::span<const RecordTag> tags,
                  std::vector<std::optional<SealedBytes>>* found) override {
    return connection_->FindMany(table, tags, found);
  }
  Status Scan(Table table, const std::optional<RecordTag>& after, std::size_t limit,
              std::vector<SealedRecord>* records) override {
    return connection_->Scan(table, after, limit, records);
  }
  Status Walk(Table table, std::size_t limit, WalkPosition* position,
              std::vector<SealedRecord>* records) override {
    return connection_->Walk(table, limit, position, records);
  }
  Result<std::optional<RecordTag>> LastTag(Table table) override {
    return connection_->LastTag(table);
  }
  Result<std::uint64_t> Count(Table table) override { return connection_->Count(table); }
  Status CheckStructure() override { return connection_->CheckStructure(); }

 private:
  std::unique_ptr<Connection> connection_;
};

class SqliteBackend final : public StorageBackend {
 public:
  SqliteBackend(std::string database, WriteLock lock, std::unique_ptr<Connection> writer,
                std::unique_ptr<Connection> reader)
      : database_(std::move(database)),
        lock_(std::move(lock)),
        writer_(std::move(writer)),
        readers_(database_, std::move(reader)) {}

  Status FindMany(Table table, std::span<const RecordTag> tags,
                  std::vector<std::optional<SealedBytes>>* found) override {
    return Read([&](Connection* reader) { return reader->FindMany(table, tags, found); });
  }
  Status Scan(Table table, const std::optional<RecordTag>& after, std::size_t limit,
              std::vector<SealedRecord>* records) override {
    return Read([&](Connection* reader) { return reader->Scan(table, after, limit, records); });
  }
  Status Walk(Table table, std::size_t limit, WalkPosition* position,
              std::vector<SealedRecord>* records) override {
    return Read([&](Connection* reader) { return reader->Walk(table, limit, position, records); });
  }
  Result<std::optional<RecordTag>> LastTag(Table table) override {
    return Read([&](Connection* reader) { return reader->LastTag(table); });
  }
  Result<std::uint64_t> Count(Table table) override {
    return Read([&](Connection* reader) { return reader->Count(table); });
  }
  Result<StoreFormat> Format() override {
    return Read([&](Connection* reader) { return reader->Format(); });
  }

  std::optional<ChangeMark> Mark() override {
    if (process_ != ::getpid()) return std::nullopt;
    return readers_.first().Mark();
  }

  Result<std::unique_ptr<StorageSnapshot>> Snapshot() override {
    if (process_ != ::getpid()) return kOtherProcess;
    MONIKER_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, Connection::Open(database_));
    MONIKER_RETURN_IF_ERROR(connection->BeginReading());
    return std::unique_ptr<StorageSnapshot>(
        std::make_unique<SqliteSnapshot>(std::move(connection)));
  }

  Result<bool> Checkpoint() override {
    MONIKER_ASSIGN_OR_RETURN(const WriteLock::Hold hold, lock_.Acquire());
    return writer_->Checkpoint();
  }

  std::string FolderForScratch() const override { return internal::ParentOf(database_); }

  Result<std::unique_ptr<StorageTransaction>> Begin() override {
    MONIKER_ASSIGN_OR_RETURN(WriteLock::Hold hold, lock_.Acquire());
    MONIKER_RETURN_IF_ERROR(writer_->Begin());
    return std::unique_ptr<StorageTransaction>(
        std::make_unique<SqliteTransaction>(std::move(hold), writer_.get()));
  }

 private:
  // Asks for the process before anything is locked: in the child of a fork a thread that is not
  // there may hold a mutex for ever.
  template <typename Work>
  auto Read(Work work) -> decltype(work(std::declval<Connection*>())) {
    if (process_ != ::getpid()) return kOtherProcess;
    const ReaderPool::Lease reader = readers_.Take();
    return work(reader.get());
  }

  const pid_t process_ = ::getpid();
  const std::string database_;
  WriteLock lock_;
  std::unique_ptr<Connection> writer_;  // used under lock_
  ReaderPool readers_;
};

// Leaves a database whose log is empty, so that the folder can be renamed.
Status MakeDatabase(const Paths& paths) {
  MONIKER_ASSIGN_OR_RETURN(WriteLock lock, WriteLock::Open(paths.lock));
  MONIKER_ASSIGN_OR_RETURN(const WriteLock::Hold hold, lock.Acquire());
  MONIKER_RETURN_IF_ERROR(internal::CreateFileDurably(paths.database, {}));
  MONIKER_ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection,
                           Connection::Create(paths.database));
  return connection->Checkpoint().status();
}

}  // namespace

Status CreateSqliteStore(const std::string& folder) {
  MONIKER_RETURN_IF_ERROR(internal::RequireLocalFileSystem(folder));
  MONIKER_ASSIGN_OR_RETURN(const Paths paths, PathsIn(folder));
  MONIKER_RETURN_IF_ERROR(WriteLock::Create(paths.lock));
  const Status status = MakeDatabase(paths);
  if (!status.ok() && status.code() != StatusCode::kConflict) {
    for (const char* suffix : {"", "-wal", "-shm"}) ::unlink((paths.database + suffix).c_str());
  }
  if (!status.ok()) ::unlink(paths.lock.c_str());
  return status;
}

Result<std::unique_ptr<StorageBackend>> OpenSqliteStore(const std::string& folder) {
  MONIKER_RETURN_IF_ERROR(internal::RequireLocalFileSystem(folder));
  MONIKER_ASSIGN_OR_RETURN(const Paths paths, PathsIn(folder));
  struct stat info;
  if (::lstat(paths.database.c_str(), &info) != 0) {
    return internal::ErrnoStatus(errno, "the mapping store is missing");
  }
  // SQLite would open for reading what it may not write, and tell much later.
  if (::faccessat(AT_FDCWD, paths.database.c_str(), R_OK | W_OK, AT_EACCESS) != 0) {
    return internal::ErrnoStatus(errno, "the mapping store is not accessible");
  }
  MONIKER_ASSIGN_OR_RETURN(WriteLock lock, WriteLock::Open(paths.lock));
  MONIKER_ASSIGN_OR_RETURN(std::unique_ptr<Connection> writer, Connection::Open(paths.database));
  MONIKER_RETURN_IF_ERROR(writer->CheckSchema());
  MONIKER_ASSIGN_OR_RETURN(std::unique_ptr<Connection> reader, Connection::Open(paths.database));
  return std::unique_ptr<StorageBackend>(std::make_unique<SqliteBackend>(
      paths.database, std::move(lock), std::move(writer), std::move(reader)));
}

}  // namespace moniker
