#include "sqlite/connection.h"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <string_view>

#include "base/status_macros.h"
#include "sqlite/schema.h"
#include "sqlite/statements.h"

namespace moniker::internal {
namespace {

constexpr std::string_view kJournal = "wal";
constexpr int kBusyTimeoutMs = 10'000;     // recovery of the log by another process
constexpr int kAloneTimeoutMs = 200;       // those who have it open keep it
constexpr int kCheckpointTimeoutMs = 200;  // readers are short

// A setting that SQLite silently did not take must not go unnoticed.
void Require(bool held) {
  if (!held) throw SQLite::Exception("a setting was not taken", SQLITE_MISUSE);
}

void SetPragma(SQLite::Database& database, const char* name, const char* value,
               std::string_view expected) {
  database.exec(std::string("PRAGMA ") + name + "=" + value);
  SQLite::Statement query(database, std::string("PRAGMA ") + name);
  Require(query.executeStep() && query.getColumn(0).getString() == expected);
}

void SetOption(SQLite::Database& database, int option, int value) {
  int now = -1;
  Require(sqlite3_db_config(database.getHandle(), option, value, &now) == SQLITE_OK &&
          now == value);
}

}  // namespace

Connection::Connection(SQLite::Database database)
    : process_(::getpid()), database_(std::move(database)) {}

Connection::~Connection() {
  if (process_ == ::getpid()) return;
  // In the child of a fork: SQLite's state belongs to the parent. Closing it here would touch the
  // parent's files, so it is left behind.
  for (auto& statement : statements_) {
    if (statement) new std::optional<SQLite::Statement>(std::move(statement));
  }
  new std::optional<SQLite::Database>(std::move(database_));
}

Result<std::unique_ptr<Connection>> Connection::OpenFile(const std::string& path, Users users) {
  std::unique_ptr<Connection> connection;
  try {
    connection.reset(new Connection(SQLite::Database(
        path, SQLite::OPEN_READWRITE | SQLite::OPEN_NOFOLLOW | SQLite::OPEN_PRIVATECACHE,
        users == Users::kAlone ? kAloneTimeoutMs : kBusyTimeoutMs)));
  } catch (const SQLite::Exception& exception) {
    return Status(StatusCode::kIo, "cannot open the store",
                  Status::kSqliteCode + exception.getExtendedErrorCode());
  }
  MONIKER_RETURN_IF_ERROR(connection->Run([&] { connection->Configure(users); }));
  return connection;
}

void Connection::Configure(Users users) {
  SQLite::Database& database = *database_;
  // First: once the log is in use, the mode only takes hold of what is behind it.
  if (users == Users::kAlone) SetPragma(database, "locking_mode", "EXCLUSIVE", "exclusive");
  sqlite3_extended_result_codes(database.getHandle(), 1);
  SetOption(database, SQLITE_DBCONFIG_DEFENSIVE, 1);
  SetOption(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
  SetOption(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0);
  SetOption(database, SQLITE_DBCONFIG_ENABLE_VIEW, 0);
  SetOption(database, SQLITE_DBCONFIG_DQS_DDL, 0);
  SetOption(database, SQLITE_DBCONFIG_DQS_DML, 0);
  SetOption(database, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0);
  SetOption(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1);
  SetPragma(database, "cell_size_check", "ON", "1");
  SetPragma(database, "mmap_size", "0", "0");
  SetPragma(database, "temp_store", "MEMORY", "2");
  // Room for the upper pages of the trees of ten million persons.
  SetPragma(database, "cache_size", "-16384", "-16384");
  SetPragma(database, "secure_delete", "ON", "1");
  SetPragma(database, "synchronous", "FULL", "2");
  SetPragma(database, "wal_autocheckpoint", "0", "0");
  const auto count_pages = [](void* pages, sqlite3*, const char*, int now) {
    *static_cast<int*>(pages) = now;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(database.getHandle(), count_pages, &log_pages_);
}

template <typename Work>
Status Connection::Run(Work work) {
  if (process_ != ::getpid()) {
    return Status(StatusCode::kClosed, "the store cannot be used in the child of a fork");
  }
  if (failed_) {
    return Status(StatusCode::kClosed, "the store failed before and must be opened again");
  }
  try {
    work();
    return Status::Ok();
  } catch (const SQLite::Exception& exception) {
    return Fail(exception);
  }
}

Status Connection::Fail(const SQLite::Exception& exception) {
  const int code = exception.getExtendedErrorCode();
  const std::int64_t locator = Status::kSqliteCode + code;
  const int error = sqlite3_system_errno(database_->getHandle());
  const bool no_space = error == ENOSPC || error == EDQUOT;
  switch (code & 0xFF) {
    case SQLITE_FULL: return Status(StatusCode::kNoSpace, "no space for the store", locator);
    case SQLITE_READONLY: return Status(StatusCode::kReadOnly, "the store is read-only", locator);
    case SQLITE_PERM:
      return Status(StatusCode::kPermission, "the store is not accessible", locator);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT: return Status(StatusCode::kAltered, "the store is damaged", locator);
    case SQLITE_NOMEM: return Status(StatusCode::kExhausted, "no memory for the store", locator);
    case SQLITE_CANTOPEN:
      if (error == EROFS) return Status(StatusCode::kReadOnly, "the store is read-only", locator);
      if (error == EACCES) {
        return Status(StatusCode::kPermission, "the store is not accessible", locator);
      }
      if (no_space) return Status(StatusCode::kNoSpace, "no space for the store", locator);
      return Status(StatusCode::kIo, "a file of the store cannot be opened", locator);
    case SQLITE_IOERR:
      failed_ = true;
      if (no_space) return Status(StatusCode::kNoSpace, "no space for the store", locator);
      return Status(StatusCode::kIo, "the store cannot be read or written", locator);
    default: return Status(StatusCode::kIo, "the store refused an operation", locator);
  }
}

Result<std::unique_ptr<Connection>> Connection::Open(const std::string& path) {
  return OpenStore(path, Users::kMany);
}

Result<std::unique_ptr<Connection>> Connection::OpenAlone(const std::string& path) {
  Result<std::unique_ptr<Connection>> connection = OpenStore(path, Users::kAlone);
  const std::int64_t code = connection.status().locator() - Status::kSqliteCode;
  if (!connection.ok() && code >= 0 && (code & 0xFF) == SQLITE_BUSY) {
    return Status(StatusCode::kConflict, "the store is in use");
  }
  return connection;
}

Result<std::unique_ptr<Connection>> Connection::OpenStore(const std::string& path, Users users) {
  MONIKER_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, OpenFile(path, users));
  std::string journal;
  MONIKER_RETURN_IF_ERROR(connection->Run(
      [&] { journal = connection->database_->execAndGet("PRAGMA journal_mode").getString(); }));
  if (journal != kJournal) return Status(StatusCode::kAltered, "the file is not a mapping store");
  if (users == Users::kMany) connection->MapLogIndex();
  return connection;
}

Result<std::unique_ptr<Connection>> Connection::Create(const std::string& path) {
  MONIKER_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, OpenFile(path, Users::kMany));
  MONIKER_RETURN_IF_ERROR(connection->Run([&] {
    SQLite::Database& database = *connection->database_;
    SetPragma(database, "journal_mode", "WAL", kJournal);
    database.exec("BEGIN IMMEDIATE");
    for (const char* name : TablesOf(kStoreFormat.version)) database.exec(CreateTable(name));
    database.exec("PRAGMA application_id=" + std::to_string(kStoreFormat.application_id));
    database.exec("PRAGMA user_version=" + std::to_string(kStoreFormat.version));
    database.exec("COMMIT");
  }));
  return connection;
}

Status Connection::CheckSchema() {
  StoreFormat format{};
  std::multimap<std::string, std::string> tables;  // and what else there is, which has no such name
  MONIKER_RETURN_IF_ERROR(Run([&] {
    const ReadSnapshot snapshot(*database_, 2);  // another process may be upgrading it
    format = ReadFormat();
    SQLite::Statement query(*database_, "SELECT type, name, sql FROM sqlite_schema");
    while (query.executeStep()) {
      const std::string type = query.getColumn(0).getString();
      const std::string name = query.getColumn(1).getString();
      const std::string sql = query.getColumn(2).getString();
      if (type == "index" && sql.empty()) continue;  // the one that UNIQUE makes
      tables.emplace(type == "table" ? name : type + " " + name, sql);
    }
  }));
  if (format.application_id != kStoreFormat.application_id || format.version == 0) {
    return Status(StatusCode::kAltered, "the file is not a mapping store");
  }
  if (format.version > kStoreFormat.version) {
    return Status(StatusCode::kNewerFormat, "the store was written by a newer version");
  }
  std::multimap<std::string, std::string> expected;
  for (const char* name : TablesOf(format.version)) {
    expected.emplace(name, CreateTable(name));
  }
  if (tables != expected) {
    return Status(StatusCode::kAltered, "the tables of the store were altered");
  }
  return Status::Ok();
}

Status Connection::Upgrade() {
  MONIKER_ASSIGN_OR_RETURN(const StoreFormat format, Format());
  if (format.version == kStoreFormat.version) return Status::Ok();
  return Run([&] {
    const std::size_t there = TablesOf(format.version).size();
    for (const char* name : TablesOf(kStoreFormat.version).subspan(there)) {
      database_->exec(CreateTable(name));
    }
    database_->exec("PRAGMA user_version=" + std::to_string(kStoreFormat.version));
  });
}

Result<StoreFormat> Connection::Format() {
  StoreFormat format{};
  MONIKER_RETURN_IF_ERROR(Run([&] { format = ReadFormat(); }));
  return format;
}

StoreFormat Connection::ReadFormat() {
  return {.application_id = database_->execAndGet("PRAGMA application_id").getUInt(),
          .version = database_->execAndGet("PRAGMA user_version").getUInt()};
}

SQLite::Statement& Connection::Prepared(Verb verb, Table table) {
  auto& statement =
      statements_[static_cast<std::size_t>(verb) * kTableCount + static_cast<std::size_t>(table)];
  if (!statement) {
    const std::string name = NameOf(table);
    std::string sql;
    switch (verb) {
      case kFind: sql = "SELECT sealed FROM " + name + " WHERE tag = ?"; break;
      case kScan:
        sql = "SELECT tag, sealed FROM " + name + " WHERE tag > ? ORDER BY tag LIMIT ?";
        break;
      case kScanAll: sql = "SELECT tag, sealed FROM " + name + " ORDER BY tag LIMIT ?"; break;
      case kWalk:
        sql = "SELECT tag, sealed, row FROM " + name + " WHERE row > ? ORDER BY row LIMIT ?";
        break;
      case kLast: sql = "SELECT tag FROM " + name + " ORDER BY tag DESC LIMIT 1"; break;
      case kCount: sql = "SELECT count(*) FROM " + name; break;
      case kErase: sql = "DELETE FROM " + name + " WHERE tag = ?"; break;
      case kPut:
        sql = "INSERT INTO " + name +
              " (tag, sealed) VALUES (?, ?) "
              "ON CONFLICT (tag) DO UPDATE SET sealed = excluded.sealed";
        break;
      case kAdd:
        sql = "INSERT INTO " + name + " (tag, sealed) VALUES (?, ?) ON CONFLICT (tag) DO NOTHING";
        break;
      case kVerbs: break;
    }
    statement.emplace(*database_, sql);
  }
  return *statement;
}

// In the order of tags, so that of many each page is read once and those of its neighbours are
// warm.
Status Connection::FindMany(Table table, std::span<const RecordTag> tags,
                            std::vector<std::optional<SealedBytes>>* found) {
  found->assign(tags.size(), std::nullopt);
  std::vector<std::size_t> order(tags.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return tags[i]; });
  return Run([&] {
    SQLite::Statement& statement = Prepared(kFind, table);
    const ReadSnapshot snapshot(*database_, tags.size());
    for (const std::size_t i : order) {
      const ResetAtEnd reset(statement);
      BindBytes(statement, 1, tags[i].bytes());
      if (statement.executeStep()) (*found)[i] = ToSealed(ColumnBytes(statement, 0));
    }
  });
}

Status Connection::Scan(Table table, const std::optional<RecordTag>& after, std::size_t limit,
                        std::vector<SealedRecord>* records) {
  records->clear();
  return Run([&] {
    SQLite::Statement& statement = Prepared(after ? kScan : kScanAll, table);
    const ResetAtEnd reset(statement);
    if (after) BindBytes(statement, 1, after->bytes());
    statement.bind(after ? 2 : 1, static_cast<std::int64_t>(limit));
    while (statement.executeStep()) {
      records->push_back(
          {RecordTag(ColumnBytes(statement, 0)), ToSealed(ColumnBytes(statement, 1))});
    }
  });
}

Status Connection::Walk(Table table, std::size_t limit, WalkPosition* position,
                        std::vector<SealedRecord>* records) {
  records->clear();
  return Run([&] {
    SQLite::Statement& statement = Prepared(kWalk, table);
    const ResetAtEnd reset(statement);
    // Row numbers begin at 1, but for what somebody else has put there.
    statement.bind(1, position->started ? position->row : std::numeric_limits<std::int64_t>::min());
    statement.bind(2, static_cast<std::int64_t>(limit));
    while (statement.executeStep()) {
      records->push_back(
          {RecordTag(ColumnBytes(statement, 0)), ToSealed(ColumnBytes(statement, 1))});
      position->row = statement.getColumn(2).getInt64();
      position->started = true;
    }
  });
}

Result<std::optional<RecordTag>> Connection::LastTag(Table table) {
  std::optional<RecordTag> last;
  MONIKER_RETURN_IF_ERROR(Run([&] {
    SQLite::Statement& statement = Prepared(kLast, table);
    const ResetAtEnd reset(statement);
    if (statement.executeStep()) last = RecordTag(ColumnBytes(statement, 0));
  }));
  return last;
}

Result<std::uint64_t> Connection::Count(Table table) {
  std::uint64_t count = 0;
  MONIKER_RETURN_IF_ERROR(Run([&] {
    SQLite::Statement& statement = Prepared(kCount, table);
    const ResetAtEnd reset(statement);
    if (statement.executeStep()) {
      count = static_cast<std::uint64_t>(statement.getColumn(0).getInt64());
    }
  }));
  return count;
}

Status Connection::PutMany(Table table, std::span<const SealedRecord> records) {
  return Run([&] {
    SQLite::Statement& statement = Prepared(kPut, table);
    for (const SealedRecord& record : records) {
      const ResetAtEnd reset(statement);
      BindBytes(statement, 1, record.tag.bytes());
      BindBytes(statement, 2, record.sealed);
      statement.exec();
    }
  });
}

Status Connection::AddMany(Table table, std::span<const SealedRecord> records,
                           std::vector<bool>* added) {
  added->clear();
  return Run([&] {
    SQLite::Statement& statement = Prepared(kAdd, table);
    for (const SealedRecord& record : records) {
      const ResetAtEnd reset(statement);
      BindBytes(statement, 1, record.tag.bytes());
      BindBytes(statement, 2, record.sealed);
      added->push_back(statement.exec() != 0);
    }
  });
}

Status Connection::EraseMany(Table table, std::span<const RecordTag> tags) {
  return Run([&] {
    SQLite::Statement& statement = Prepared(kErase, table);
    for (const RecordTag& tag : tags) {
      const ResetAtEnd reset(statement);
      BindBytes(statement, 1, tag.bytes());
      statement.exec();
    }
  });
}

Status Connection::Begin() {
  return Run([&] { database_->exec("BEGIN IMMEDIATE"); });
}

Status Connection::Commit() {
  return Run([&] { database_->exec("COMMIT"); });
}

void Connection::Rollback() {
  // After some errors SQLite has rolled back by itself; the connection is then in autocommit again.
  if (process_ == ::getpid() && sqlite3_get_autocommit(database_->getHandle()) == 0) {
    database_->tryExec("ROLLBACK");
  }
}

Status Connection::BeginReading() {
  return Run([&] {
    database_->exec("BEGIN");
    database_->execAndGet("PRAGMA user_version");  // the state is that of the first reading
  });
}

// quick_check looks at each tree by itself: a row that the index does not lead to is there for a
// walk and for nobody who asks for it. Row numbers and tags of both are summed up under a random
// key, each in the order in which it lies.
bool Connection::IndexAgrees(const std::string& name) {
  std::uint64_t key = 0;
  sqlite3_randomness(sizeof key, &key);
  const auto sum_of = [&](const std::string& order) {
    std::uint64_t sum = 0;
    SQLite::Statement query(*database_, "SELECT row, tag FROM " + name + order);
    while (query.executeStep()) {
      std::uint64_t mixed = key ^ static_cast<std::uint64_t>(query.getColumn(0).getInt64());
      const auto mix = [&mixed](std::uint64_t more) {
        mixed = (mixed ^ more) * 0x9e3779b97f4a7c15;
        mixed ^= mixed >> 29;
      };
      for (const std::uint8_t byte : ColumnBytes(query, 1)) mix(byte + std::uint64_t{1});
      mix(key);
      sum += mixed;
    }
    return sum;
  };
  return sum_of(" NOT INDEXED ORDER BY row") ==
         sum_of(" INDEXED BY sqlite_autoindex_" + name + "_1 ORDER BY tag");
}

Status Connection::CheckStructure() {
  bool is_sound = false;
  MONIKER_RETURN_IF_ERROR(Run([&] {
    is_sound = database_->execAndGet("PRAGMA quick_check(1)").getString() == "ok";
    for (const char* const name : TablesOf(kStoreFormat.version)) {
      is_sound = is_sound && IndexAgrees(name);
    }
  }));
  return is_sound ? Status::Ok() : Status(StatusCode::kAltered, "the store is damaged");
}

Result<bool> Connection::Checkpoint() {
  bool is_empty = false;
  MONIKER_RETURN_IF_ERROR(Run([&] {
    database_->setBusyTimeout(kCheckpointTimeoutMs);
    const int code = sqlite3_wal_checkpoint_v2(database_->getHandle(), "main",
                                               SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    database_->setBusyTimeout(kBusyTimeoutMs);
    const bool is_busy = (code & 0xFF) == SQLITE_BUSY;
    if (code != SQLITE_OK && !is_busy) throw SQLite::Exception(database_->getHandle(), code);
    // A reader that stays long must not make every commit wait for it.
    checkpoint_at_ = kCheckpointPages + (is_busy ? log_pages_ : 0);
    is_empty = !is_busy;
  }));
  return is_empty;
}

sqlite3_file* Connection::File() {
  sqlite3_file* file = nullptr;
  const int code =
      sqlite3_file_control(database_->getHandle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  return code == SQLITE_OK && file != nullptr && file->pMethods != nullptr ? file : nullptr;
}

// The page of shared memory that SQLite itself looks at first when it begins to read: the index's
// header (https://www.sqlite.org/walformat.html, section 2.1), which every commit replaces.
void Connection::MapLogIndex() {
  constexpr int kPageSize = 32'768;
  sqlite3_file* const file = File();
  if (file == nullptr || file->pMethods->iVersion < 2) return;
  void volatile* memory = nullptr;
  if (file->pMethods->xShmMap(file, 0, kPageSize, 0, &memory) != SQLITE_OK) return;
  log_index_ = static_cast<const volatile std::uint32_t*>(memory);
}

// A header that is just being replaced is neither the old nor the new one, and is taken for a
// change, as it is one.
std::optional<ChangeMark> Connection::Mark() const {
  if (log_index_ == nullptr) return std::nullopt;
  ChangeMark mark;
  // std::atomic_ref takes nothing that is const.
  for (std::size_t i = 0; i < mark.size(); ++i) {
    mark[i] = __atomic_load_n(log_index_ + i, __ATOMIC_ACQUIRE);
  }
  return mark;
}

void Connection::Spoil() {
  sqlite3_file* const file = File();
  if (file == nullptr) return;
  static constexpr std::array<char, 100> kNoHeader{};
  // Nobody can do anything about a failure, nor need to: nobody reads the file by its name.
  static_cast<void>(file->pMethods->xWrite(file, kNoHeader.data(), kNoHeader.size(), 0));
}

}  // namespace moniker::internal
