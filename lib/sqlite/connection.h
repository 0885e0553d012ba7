// One connection to the store's database, set up as the store needs it and checked to be so. Opaque
// bytes in, opaque bytes out. SQLite's exceptions end here, and their texts are dropped.
//
// Thread safety: a Connection is used by one thread at a time; its owner sees to that.

#ifndef MONIKER_LIB_SQLITE_CONNECTION_H_
#define MONIKER_LIB_SQLITE_CONNECTION_H_

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "moniker/result.h"
#include "moniker/storage_backend.h"

struct sqlite3_file;

namespace moniker::internal {

class Connection {
 public:
  // Opens an existing database, without looking at its tables and without changing it.
  // Errors: kAltered if it is none, or not as Create makes one; kPermission, kReadOnly, kIo.
  static Result<std::unique_ptr<Connection>> Open(const std::string& path);

  // The same, and from then on nobody else can. Errors also: kConflict if somebody has it open.
  static Result<std::unique_ptr<Connection>> OpenAlone(const std::string& path);

  // Makes journal, tables and format numbers of an empty file. REQUIRES: the write lock is held.
  static Result<std::unique_ptr<Connection>> Create(const std::string& path);

  ~Connection();

  // kNewerFormat, or kAltered unless exactly the tables of its format, this version's or an older
  // one, are there.
  Status CheckSchema();

  // Each of these as in StorageReader and StorageTransaction.
  Status FindMany(Table table, std::span<const RecordTag> tags,
                  std::vector<std::optional<SealedBytes>>* found);
  Status Scan(Table table, const std::optional<RecordTag>& after, std::size_t limit,
              std::vector<SealedRecord>* records);
  Status Walk(Table table, std::size_t limit, WalkPosition* position,
              std::vector<SealedRecord>* records);
  Result<std::optional<RecordTag>> LastTag(Table table);
  Result<std::uint64_t> Count(Table table);
  Status PutMany(Table table, std::span<const SealedRecord> records);
  Status AddMany(Table table, std::span<const SealedRecord> records, std::vector<bool>* added);
  Status EraseMany(Table table, std::span<const RecordTag> tags);
  Status Upgrade();
  Result<StoreFormat> Format();
  Status CheckStructure();

  // As StorageBackend::Mark; may be called while another thread uses the connection.
  std::optional<ChangeMark> Mark() const;

  // What is read from now on, until Rollback, is one state of the store.
  Status BeginReading();

  // REQUIRES for these: the write lock is held.
  Status Begin();
  Status Commit();
  void Rollback();
  // Copies the log into the database and empties it. Readers that still use it are not waited for
  // long; then it stays as it is, which is no error, and the answer is false.
  Result<bool> Checkpoint();
  // Makes the file no database any more: for one that is without a name.
  void Spoil();

  // A failure has made it useless: every further call fails.
  bool failed() const { return failed_; }

  // The log has grown enough since the last checkpoint that was tried.
  bool log_is_long() const { return log_pages_ > checkpoint_at_; }

 private:
  // Some 4 MiB of log: long enough that a checkpoint's cost is spread, short enough for quick
  // reads.
  static constexpr int kCheckpointPages = 1000;

  enum Verb { kFind, kScan, kScanAll, kWalk, kLast, kCount, kPut, kAdd, kErase, kVerbs };

  explicit Connection(SQLite::Database database);

  enum class Users { kMany, kAlone };
  static Result<std::unique_ptr<Connection>> OpenFile(const std::string& path, Users users);
  static Result<std::unique_ptr<Connection>> OpenStore(const std::string& path, Users users);
  StoreFormat ReadFormat();  // within Run
  sqlite3_file* File();      // nullptr if SQLite gives none
  void MapLogIndex();

  bool IndexAgrees(const std::string& name);  // within Run

  template <typename Work>
  Status Run(Work work);
  Status Fail(const SQLite::Exception& exception);
  void Configure(Users users);
  SQLite::Statement& Prepared(Verb verb, Table table);

  pid_t process_;
  bool failed_ =
      false;           // a failed sync leaves pages in an unknown state: the connection is given up
  int log_pages_ = 0;  // after the last commit
  int checkpoint_at_ = kCheckpointPages;
  // The header of the log's index, in memory that all processes share. Kept by SQLite as long as
  // the connection; nullptr if there is none.
  const volatile std::uint32_t* log_index_ = nullptr;
  std::optional<SQLite::Database> database_;
  std::array<std::optional<SQLite::Statement>, kVerbs * kTableCount> statements_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_SQLITE_CONNECTION_H_
