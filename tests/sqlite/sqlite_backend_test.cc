#include "moniker/sqlite_backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <ostream>
#include <random>
#include <string>
#include <thread>

#include "base/file.h"
#include "sqlite/flock_probe.h"
#include "sqlite/plain_sqlite.h"
#include "support/child_process.h"
#include "support/records.h"
#include "support/status_matchers.h"
#include "support/temporary_folder.h"

namespace moniker {
namespace {

using testing::Bytes;
using ::testing::ElementsAre;
using testing::Expect;
using testing::FindOne;
using testing::HasCode;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using testing::NumberTag;
using ::testing::Optional;
using testing::PlainSqlite;
using testing::PutOne;
using testing::ReadBytes;
using testing::Record;
using testing::ScanAll;
using testing::Tag;
using testing::TemporaryFolder;
using ::testing::UnorderedElementsAre;

// The connections that are opened while it lives, the backend's own ones among them: the writer's
// is the first of a backend, the reader's the second.
class ConnectionWatch {
 public:
  ConnectionWatch() {
    handles().clear();
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(&Remember));
  }
  ConnectionWatch(const ConnectionWatch&) = delete;
  ConnectionWatch& operator=(const ConnectionWatch&) = delete;
  ~ConnectionWatch() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&Remember)); }

  static std::vector<sqlite3*>& handles() {
    static std::vector<sqlite3*> all;
    return all;
  }

 private:
  static int Remember(sqlite3* database, const char**, const sqlite3_api_routines*) {
    handles().push_back(database);
    return SQLITE_OK;
  }
};

class SqliteStoreTest : public ::testing::Test {
 protected:
  SqliteStoreTest() { Expect(CreateSqliteStore(folder_.path())); }

  std::unique_ptr<StorageBackend> Open() { return Expect(OpenSqliteStore(folder_.path())); }

  // A store with a few rows and an empty log, so that all of it is in the one file.
  void FillAndFlush() {
    {
      const auto backend = Open();
      for (std::uint64_t i = 0; i < 100; ++i) {
        PutOne(*backend, Table::kPerson, {NumberTag(i), SealedBytes(200, 0x31)});
      }
    }
    PlainSqlite(database_).Run("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  std::uintmax_t LogSize() const {
    return std::filesystem::exists(log_) ? std::filesystem::file_size(log_) : 0;
  }

  TemporaryFolder folder_;
  const std::string database_ = folder_.File("store.sqlite");
  const std::string log_ = folder_.File("store.sqlite-wal");
  const std::string lock_ = folder_.File("store.lock");
};

// --- making and opening

TEST_F(SqliteStoreTest, ANewStoreIsADatabaseAndAnEmptyLockFile) {
  EXPECT_THAT(testing::NamesIn(folder_.path()),
              ::testing::IsSupersetOf({"store.sqlite", "store.lock"}));
  EXPECT_EQ(ReadBytes(lock_), "");
  EXPECT_EQ(LogSize(), 0u);  // everything is in the database: the folder may be moved
  for (const std::string& name : testing::NamesIn(folder_.path())) {
    EXPECT_EQ(name.substr(0, 6), "store.");
  }
}

TEST_F(SqliteStoreTest, EveryFileIsForItsOwnerAloneWhateverTheUmask) {
  const TemporaryFolder folder;
  const std::string answer = testing::InChild([&]() -> std::string {
    ::umask(0);
    Expect(CreateSqliteStore(folder.path()));
    const auto backend = Expect(OpenSqliteStore(folder.path()));
    PutOne(*backend, Table::kPerson, Record("a", "1"));
    std::string wrong;
    int files = 0;
    for (const std::string& name : testing::NamesIn(folder.path())) {
      ++files;
      if (testing::ModeOf(folder.File(name)) != 0600) wrong += name + " ";
    }
    return wrong + std::to_string(files);
  });
  EXPECT_EQ(answer, "4");  // with the log and its shared memory
}

TEST_F(SqliteStoreTest, TheSchemaIsThatOfTheFormat) {
  PlainSqlite database(database_);
  std::vector<std::string> expected;
  for (const std::string name : {"meta", "person", "external_id", "participant", "audit",
                                 "identifier", "roster", "tombstone"}) {
    expected.push_back("CREATE TABLE " + name +
                       " (row INTEGER PRIMARY KEY, tag BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL)"
                       " STRICT");
  }
  EXPECT_EQ(testing::Column(database.handle(),
                            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid"),
            expected);
  EXPECT_EQ(database.Text("SELECT count(*) FROM sqlite_schema WHERE type <> 'table' AND "
                          "name NOT LIKE 'sqlite_autoindex_%'"),
            "0");
  EXPECT_EQ(database.Number("PRAGMA application_id"), 0x6d6e6b73);
  EXPECT_EQ(database.Number("PRAGMA user_version"), 2);
  EXPECT_EQ(database.Text("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(database.Text("PRAGMA quick_check"), "ok");
}

TEST_F(SqliteStoreTest, RecordsLieInTheTablesOfTheFormat) {
  const auto backend = Open();
  PutOne(*backend, Table::kMeta, Record("settings", "0"));
  PutOne(*backend, Table::kPerson, Record("tag-1", "1"));
  PutOne(*backend, Table::kExternalId, Record("tag-2", "2"));
  PutOne(*backend, Table::kParticipant, Record("tag-3", "3"));
  PutOne(*backend, Table::kAudit, Record("tag-4", "4"));
  PutOne(*backend, Table::kIdentifier, Record("tag-5", "5"));
  PutOne(*backend, Table::kRoster, Record("tag-6", "6"));
  PutOne(*backend, Table::kTombstone, Record("tag-7", "7"));
  PlainSqlite database(database_);
  EXPECT_EQ(database.Text("SELECT tag||'='||sealed FROM meta"), "settings=0");
  EXPECT_EQ(database.Text("SELECT tag||'='||sealed FROM person"), "tag-1=1");
  EXPECT_EQ(database.Text("SELECT tag||'='||sealed FROM external_id"), "tag-2=2");
  EXPECT_EQ(database.Text("SELECT tag||'='||sealed FROM participant"), "tag-3=3");
  EXPECT_EQ(database.Text("SELECT tag||'='||sealed FROM audit"), "tag-4=4");
  EXPECT_EQ(database.Text("SELECT tag||'='||sealed FROM identifier"), "tag-5=5");
  EXPECT_EQ(database.Text("SELECT tag||'='||sealed FROM roster"), "tag-6=6");
  EXPECT_EQ(database.Text("SELECT tag||'='||sealed FROM tombstone"), "tag-7=7");
}

TEST_F(SqliteStoreTest, ASecondStoreInTheSameFolderIsAConflictAndHarmsNothing) {
  PutOne(*Open(), Table::kPerson, Record("a", "1"));
  EXPECT_THAT(CreateSqliteStore(folder_.path()), HasCode(StatusCode::kConflict));
  EXPECT_THAT(ScanAll(*Open(), Table::kPerson), ElementsAre(Record("a", "1")));
}

TEST_F(SqliteStoreTest, AStoreWithoutItsLockFileIsAConflictToo) {
  PutOne(*Open(), Table::kPerson, Record("a", "1"));
  std::filesystem::remove(lock_);
  EXPECT_THAT(CreateSqliteStore(folder_.path()), HasCode(StatusCode::kConflict));
  EXPECT_FALSE(std::filesystem::exists(lock_));
  testing::WriteBytes(lock_, "");
  EXPECT_THAT(ScanAll(*Open(), Table::kPerson), ElementsAre(Record("a", "1")));
}

TEST_F(SqliteStoreTest, ALockFileWithoutAStoreIsAConflictAndStays) {
  const TemporaryFolder folder;
  testing::WriteBytes(folder.File("store.lock"), "");
  EXPECT_THAT(CreateSqliteStore(folder.path()), HasCode(StatusCode::kConflict));
  EXPECT_THAT(testing::NamesIn(folder.path()), ElementsAre("store.lock"));
}

TEST_F(SqliteStoreTest, TheLogOfARemovedStoreIsNotPartOfANewOne) {
  PutOne(*Open(), Table::kPerson, Record("old", "1"));
  ASSERT_GT(LogSize(), 0u);
  std::filesystem::remove(database_);
  std::filesystem::remove(lock_);
  ASSERT_THAT(CreateSqliteStore(folder_.path()), IsOk());
  EXPECT_THAT(ScanAll(*Open(), Table::kPerson), IsEmpty());
  PutOne(*Open(), Table::kPerson, Record("new", "2"));
  EXPECT_THAT(ScanAll(*Open(), Table::kPerson), ElementsAre(Record("new", "2")));
}

TEST_F(SqliteStoreTest, AMissingFolderIsNotFound) {
  EXPECT_THAT(CreateSqliteStore(folder_.File("none")), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(OpenSqliteStore(folder_.File("none")), HasCode(StatusCode::kNotFound));
  EXPECT_FALSE(std::filesystem::exists(folder_.File("none")));
}

TEST_F(SqliteStoreTest, AMissingStoreIsNotMadeAnew) {
  const TemporaryFolder empty;
  EXPECT_THAT(OpenSqliteStore(empty.path()), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(testing::NamesIn(empty.path()), IsEmpty());
  std::filesystem::remove(database_);
  EXPECT_THAT(OpenSqliteStore(folder_.path()), HasCode(StatusCode::kNotFound));
  EXPECT_FALSE(std::filesystem::exists(database_));
}

TEST_F(SqliteStoreTest, AMissingLockFileIsRefusedAndNotMadeAnew) {
  std::filesystem::remove(lock_);
  EXPECT_THAT(OpenSqliteStore(folder_.path()), HasCode(StatusCode::kNotFound));
  EXPECT_FALSE(std::filesystem::exists(lock_));
}

TEST_F(SqliteStoreTest, ALockFileThatIsALinkIsRefused) {
  std::filesystem::rename(lock_, folder_.File("elsewhere.lock"));
  std::filesystem::create_symlink(folder_.File("elsewhere.lock"), lock_);
  EXPECT_THAT(OpenSqliteStore(folder_.path()), Not(IsOk()));
}

TEST_F(SqliteStoreTest, ADatabaseThatIsALinkIsRefused) {
  std::filesystem::rename(database_, folder_.File("elsewhere.sqlite"));
  std::filesystem::create_symlink(folder_.File("elsewhere.sqlite"), database_);
  EXPECT_THAT(OpenSqliteStore(folder_.path()), Not(IsOk()));
  std::filesystem::remove(folder_.File("elsewhere.sqlite"));  // the link leads nowhere
  EXPECT_THAT(OpenSqliteStore(folder_.path()), Not(IsOk()));
  EXPECT_FALSE(std::filesystem::exists(folder_.File("elsewhere.sqlite")));
}

TEST_F(SqliteStoreTest, AFolderMayBeReachedThroughALink) {
  const TemporaryFolder links;
  std::filesystem::create_symlink(folder_.path(), links.File("vault"));
  PutOne(*Expect(OpenSqliteStore(links.File("vault"))), Table::kPerson, Record("a", "1"));
  EXPECT_THAT(ScanAll(*Open(), Table::kPerson), ElementsAre(Record("a", "1")));

  std::filesystem::create_directory(links.File("real"));
  std::filesystem::create_symlink(links.File("real"), links.File("other"));
  EXPECT_THAT(CreateSqliteStore(links.File("other")), IsOk());
  EXPECT_THAT(OpenSqliteStore(links.File("real")), IsOk());
}

TEST_F(SqliteStoreTest, AFolderMayHaveAnyName) {
  for (const std::string name : {"with blank", "100%41", "question?mode=ro", "#hash", "file:x",
                                 "\xC3\xA4\xC3\xB6", "quote'\""}) {
    std::filesystem::create_directory(folder_.File(name));
    ASSERT_THAT(CreateSqliteStore(folder_.File(name)), IsOk()) << name;
    PutOne(*Expect(OpenSqliteStore(folder_.File(name))), Table::kPerson, Record("a", "1"));
    EXPECT_TRUE(std::filesystem::exists(folder_.File(name) + "/store.sqlite")) << name;
  }
}

TEST_F(SqliteStoreTest, AFolderMayBeMovedBetweenUses) {
  PutOne(*Open(), Table::kPerson, Record("a", "1"));
  const TemporaryFolder elsewhere;
  std::filesystem::create_directory(elsewhere.File("vault"));
  for (const std::string& name : testing::NamesIn(folder_.path())) {
    std::filesystem::rename(folder_.File(name), elsewhere.File("vault/" + name));
  }
  EXPECT_THAT(ScanAll(*Expect(OpenSqliteStore(elsewhere.File("vault"))), Table::kPerson),
              ElementsAre(Record("a", "1")));
}

TEST_F(SqliteStoreTest, ALocalFileSystemIsAccepted) {
  // A network file system cannot be mounted here; base/file_test.cc lets statfs claim to be one.
  EXPECT_THAT(internal::RequireLocalFileSystem(folder_.path()), IsOk());
  EXPECT_THAT(internal::RequireLocalFileSystem("/"), IsOk());
  EXPECT_THAT(internal::RequireLocalFileSystem("/dev/shm"), IsOk());
  EXPECT_THAT(internal::RequireLocalFileSystem(folder_.File("none")),
              HasCode(StatusCode::kNotFound));
}

// --- a database that is not as it should be

struct Alteration {
  const char* name;
  const char* sql;
};

void PrintTo(const Alteration& alteration, std::ostream* out) { *out << alteration.name; }

const Alteration kSchemaAlterations[] = {
    {"Table", "CREATE TABLE other (x)"},
    {"TableOfTheSameShape",
     "CREATE TABLE other (row INTEGER PRIMARY KEY, tag BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL) "
     "STRICT"},
    {"View", "CREATE VIEW other AS SELECT * FROM person"},
    {"Trigger", "CREATE TRIGGER other AFTER INSERT ON person BEGIN DELETE FROM audit; END"},
    {"Index", "CREATE INDEX other ON person (sealed)"},
    {"PartialIndex", "CREATE INDEX other ON person (tag) WHERE row > 5"},
    {"Statistics", "ANALYZE"},
    {"DroppedTable", "DROP TABLE audit"},
    {"RenamedTable", "ALTER TABLE audit RENAME TO audits"},
    {"ReplacedTable",
     "DROP TABLE audit; CREATE TABLE notes (row INTEGER PRIMARY KEY, tag BLOB NOT NULL UNIQUE, "
     "sealed BLOB NOT NULL) STRICT"},
    {"AddedColumn", "ALTER TABLE person ADD COLUMN name TEXT"},
    {"TableThatIsNotStrict",
     "DROP TABLE audit; CREATE TABLE audit (row INTEGER PRIMARY KEY, tag BLOB NOT NULL UNIQUE, "
     "sealed BLOB NOT NULL)"},
    {"TableWithoutUniqueTags",
     "DROP TABLE audit; CREATE TABLE audit (row INTEGER PRIMARY KEY, tag BLOB NOT NULL, "
     "sealed BLOB NOT NULL) STRICT"},
    {"SchemaTextThatLies",
     "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL UNIQUE', "
     "'UNIQUE NOT NULL') WHERE name = 'audit'"},
    {"ApplicationId", "PRAGMA application_id=1"},
    {"NoApplicationId", "PRAGMA application_id=0"},
    {"NoUserVersion", "PRAGMA user_version=0"},
    {"DroppedRoster", "DROP TABLE roster"},
    {"OlderUserVersion", "PRAGMA user_version=1"},
    {"OlderUserVersionAndATableOfFormat2", "PRAGMA user_version=1; DROP TABLE roster"},
    {"TableTwice",
     "PRAGMA writable_schema=ON; INSERT INTO sqlite_schema SELECT * FROM sqlite_schema WHERE name "
     "= 'audit'"},
};

class AlteredSchemaTest : public SqliteStoreTest,
                          public ::testing::WithParamInterface<Alteration> {};

INSTANTIATE_TEST_SUITE_P(Planted, AlteredSchemaTest, ::testing::ValuesIn(kSchemaAlterations),
                         ::testing::PrintToStringParamName());

TEST_P(AlteredSchemaTest, IsAltered) {
  PutOne(*Open(), Table::kPerson, Record("a", "1"));
  PlainSqlite(database_).Run(GetParam().sql);
  EXPECT_THAT(OpenSqliteStore(folder_.path()), HasCode(StatusCode::kAltered));
}

TEST_F(SqliteStoreTest, AHigherUserVersionIsANewerFormat) {
  PlainSqlite(database_).Run("PRAGMA user_version=3");
  EXPECT_THAT(OpenSqliteStore(folder_.path()), HasCode(StatusCode::kNewerFormat));
  PlainSqlite(database_).Run("PRAGMA user_version=2");
  EXPECT_THAT(OpenSqliteStore(folder_.path()), IsOk());
}

TEST_F(SqliteStoreTest, ATruncatedFileIsAltered) {
  FillAndFlush();
  const std::string whole = ReadBytes(database_);
  const std::size_t page = 4096;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{16}, std::size_t{99},
                                 std::size_t{100}, std::size_t{511}, std::size_t{512}, page - 1,
                                 page, page + 1, 2 * page, whole.size() - page}) {
    ASSERT_LT(size, whole.size());
    for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(database_ + suffix);
    testing::WriteBytes(database_, std::string_view(whole).substr(0, size));
    EXPECT_THAT(OpenSqliteStore(folder_.path()), HasCode(StatusCode::kAltered)) << size;
  }
  testing::WriteBytes(database_, whole);
  EXPECT_THAT(OpenSqliteStore(folder_.path()), IsOk());
}

TEST_F(SqliteStoreTest, GarbageIsAltered) {
  std::mt19937 random(1);
  for (const std::size_t size : {100u, 4096u, 50'000u}) {
    std::string garbage(size, '\0');
    for (char& c : garbage) c = static_cast<char>(random());
    for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(database_ + suffix);
    testing::WriteBytes(database_, garbage);
    EXPECT_THAT(OpenSqliteStore(folder_.path()), HasCode(StatusCode::kAltered)) << size;
  }
  testing::WriteBytes(database_, "id,name\n1,Ada Lovelace\n");
  EXPECT_THAT(OpenSqliteStore(folder_.path()), HasCode(StatusCode::kAltered));
}

TEST_F(SqliteStoreTest, DamagedPagesAreAlteredWhenTheyAreRead) {
  FillAndFlush();
  std::string bytes = ReadBytes(database_);
  std::fill(bytes.begin() + 4096, bytes.end(), '\xEE');  // all but the page of the schema
  for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(database_ + suffix);
  testing::WriteBytes(database_, bytes);
  const Result<std::unique_ptr<StorageBackend>> backend = OpenSqliteStore(folder_.path());
  if (!backend.ok()) {
    EXPECT_THAT(backend, HasCode(StatusCode::kAltered));
    return;
  }
  std::vector<SealedRecord> records;
  EXPECT_THAT((*backend)->Scan(Table::kPerson, std::nullopt, 999, &records),
              HasCode(StatusCode::kAltered));
  EXPECT_THAT((*backend)->Count(Table::kPerson), HasCode(StatusCode::kAltered));
  EXPECT_THAT((*backend)->LastTag(Table::kPerson), HasCode(StatusCode::kAltered));
}

TEST_F(SqliteStoreTest, AFileThatIsRefusedIsNotWritten) {
  // Somebody else's database, in the journal mode that SQLite makes by itself.
  std::filesystem::remove(database_);
  PlainSqlite(database_).Run(
      "CREATE TABLE invoice (total INTEGER); INSERT INTO invoice VALUES (7)");
  std::map<std::string, std::string> files = {{"a foreign database", ReadBytes(database_)},
                                              {"an empty file", ""},
                                              {"a text", "id,name\n1,Ada Lovelace\n"}};
  for (const auto& [name, bytes] : files) {
    for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(database_ + suffix);
    testing::WriteBytes(database_, bytes);
    EXPECT_THAT(OpenSqliteStore(folder_.path()), HasCode(StatusCode::kAltered)) << name;
    EXPECT_TRUE(ReadBytes(database_) == bytes) << name;
    EXPECT_EQ(LogSize(), 0u) << name;
  }
}

// --- how the connections are set up

TEST_F(SqliteStoreTest, BothConnectionsAreSetUpAsTheStoreNeeds) {
  const ConnectionWatch watch;
  const auto backend = Open();
  ASSERT_EQ(ConnectionWatch::handles().size(), 2u);
  for (sqlite3* const handle : ConnectionWatch::handles()) {
    const auto option = [handle](int name) {
      int now = -1;
      sqlite3_db_config(handle, name, -1, &now);
      return now;
    };
    EXPECT_EQ(option(SQLITE_DBCONFIG_DEFENSIVE), 1);
    EXPECT_EQ(option(SQLITE_DBCONFIG_TRUSTED_SCHEMA), 0);
    EXPECT_EQ(option(SQLITE_DBCONFIG_ENABLE_TRIGGER), 0);
    EXPECT_EQ(option(SQLITE_DBCONFIG_ENABLE_VIEW), 0);
    EXPECT_EQ(option(SQLITE_DBCONFIG_DQS_DDL), 0);
    EXPECT_EQ(option(SQLITE_DBCONFIG_DQS_DML), 0);
    EXPECT_EQ(option(SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION), 0);
    EXPECT_EQ(option(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE), 1);
    EXPECT_EQ(option(SQLITE_DBCONFIG_WRITABLE_SCHEMA), 0);
    const auto pragma = [handle](const std::string& name) {
      return testing::Column(handle, "PRAGMA " + name).at(0);
    };
    EXPECT_EQ(pragma("cell_size_check"), "1");
    EXPECT_EQ(pragma("mmap_size"), "0");
    EXPECT_EQ(pragma("temp_store"), "2");
    EXPECT_EQ(pragma("secure_delete"), "1");
    EXPECT_EQ(pragma("journal_mode"), "wal");
    EXPECT_EQ(pragma("synchronous"), "2");
    EXPECT_EQ(pragma("wal_autocheckpoint"), "0");
    EXPECT_EQ(testing::Column(handle, "PRAGMA database_list").size(), 1u);
  }
}

TEST_F(SqliteStoreTest, AVaultOfTheSameProcessDoesNotChangeAnotherOnesConnections) {
  const auto first = Open();
  PlainSqlite other(folder_.File("other.sqlite"));
  other.Run("PRAGMA temp_store=FILE; PRAGMA cell_size_check=OFF");
  PutOne(*first, Table::kPerson, Record("a", "1"));
  EXPECT_THAT(ScanAll(*first, Table::kPerson), ElementsAre(Record("a", "1")));
}

// --- the log

TEST_F(SqliteStoreTest, TheLogStaysWhenTheStoreIsClosed) {
  PutOne(*Open(), Table::kPerson, Record("a", "1"));
  EXPECT_GT(LogSize(), 0u);
  const std::string log = ReadBytes(log_);
  EXPECT_THAT(ScanAll(*Open(), Table::kPerson), ElementsAre(Record("a", "1")));
  EXPECT_TRUE(ReadBytes(log_) == log);  // reading and closing leave it alone
}

TEST_F(SqliteStoreTest, AShortLogIsLeftAlone) {
  const std::string before = ReadBytes(database_);
  const auto backend = Open();
  for (std::uint64_t i = 0; i < 100; ++i) PutOne(*backend, Table::kPerson, {NumberTag(i), {1}});
  EXPECT_GT(LogSize(), 100 * 4096u);
  EXPECT_TRUE(ReadBytes(database_) == before);
}

TEST_F(SqliteStoreTest, ALogOfMoreThanAThousandPagesIsCopiedAndEmptied) {
  const auto backend = Open();
  PutOne(*backend, Table::kPerson, {NumberTag(1), SealedBytes(950u * 4096, 0x31)});
  EXPECT_GT(LogSize(), 950 * 4096u);
  EXPECT_LE(LogSize(), 1001 * 4120u + 32);
  // One transaction may make a log as long as it likes: SQLite's own checkpoints are off.
  PutOne(*backend, Table::kPerson, {NumberTag(2), SealedBytes(60u * 4096, 0x32)});
  EXPECT_EQ(LogSize(), 0u);
  EXPECT_GT(std::filesystem::file_size(database_), 1000 * 4096u);
  EXPECT_EQ(Expect(backend->Count(Table::kPerson)), 2u);
}

TEST_F(SqliteStoreTest, TheLogOfManySmallCommitsIsEmptiedAgainAndAgain) {
  const auto backend = Open();
  std::uintmax_t longest = 0;
  int emptied = 0;
  for (std::uint64_t i = 0; i < 600; ++i) {
    PutOne(*backend, Table::kPerson, {NumberTag(i), SealedBytes(12'000, 0x31)});
    longest = std::max(longest, LogSize());
    emptied += LogSize() == 0;
  }
  EXPECT_GE(emptied, 2);
  EXPECT_LE(longest, 1001 * 4120u + 32);
  EXPECT_EQ(Expect(backend->Count(Table::kPerson)), 600u);
}

TEST_F(SqliteStoreTest, AReaderThatKeepsTheLogInUseFailsNoCommit) {
  const auto backend = Open();
  PutOne(*backend, Table::kPerson, Record("a", "1"));
  PlainSqlite reader(database_);
  reader.Run("BEGIN");
  EXPECT_EQ(reader.Number("SELECT count(*) FROM person"), 1);
  PutOne(*backend, Table::kPerson, {NumberTag(1), SealedBytes(5u << 20, 0x31)});
  EXPECT_GT(LogSize(), 0u);  // could not be emptied
  EXPECT_EQ(reader.Number("SELECT count(*) FROM person"), 1);
  EXPECT_EQ(Expect(backend->Count(Table::kPerson)), 2u);
  reader.Run("COMMIT");
  // Tried again once it has grown as much again: not every commit waits for a reader that stays.
  PutOne(*backend, Table::kPerson, Record("b", "2"));
  EXPECT_GT(LogSize(), 0u);
  PutOne(*backend, Table::kPerson, {NumberTag(2), SealedBytes(5u << 20, 0x32)});
  EXPECT_EQ(LogSize(), 0u);
}

TEST_F(SqliteStoreTest, CheckpointMovesTheLogIntoTheDatabase) {
  const auto backend = Open();
  PutOne(*backend, Table::kPerson, Record("a", "1"));
  ASSERT_GT(LogSize(), 0u);
  EXPECT_THAT(backend->Checkpoint(), IsOk());
  EXPECT_EQ(LogSize(), 0u);
  EXPECT_FALSE(testing::IsLocked(lock_));
  EXPECT_NE(ReadBytes(database_).find("a1"), std::string::npos);  // tag and record side by side
}

TEST_F(SqliteStoreTest, CheckpointWhileTheLogIsInUseIsNoError) {
  const auto backend = Open();
  PutOne(*backend, Table::kPerson, Record("a", "1"));
  PlainSqlite reader(database_);
  reader.Run("BEGIN");
  EXPECT_EQ(reader.Number("SELECT count(*) FROM person"), 1);
  EXPECT_FALSE(Expect(backend->Checkpoint()));
  EXPECT_GT(LogSize(), 0u);
  reader.Run("COMMIT");
  EXPECT_TRUE(Expect(backend->Checkpoint()));
  EXPECT_EQ(LogSize(), 0u);
}

TEST_F(SqliteStoreTest, ErasedBytesAreInNoFileAfterTheNextCheckpoint) {
  constexpr std::string_view kMarker = "marker of an erased record";
  const auto everything = [&] {
    std::string bytes;
    for (const std::string& name : testing::NamesIn(folder_.path())) {
      bytes += ReadBytes(folder_.File(name));
    }
    return bytes;
  };
  const auto backend = Open();
  PutOne(*backend, Table::kPerson, Record("a", kMarker));
  EXPECT_NE(everything().find(kMarker), std::string::npos);
  testing::EraseOne(*backend, Table::kPerson, Tag("a"));
  PutOne(*backend, Table::kAudit, {NumberTag(1), SealedBytes(5u << 20, 0x31)});
  EXPECT_EQ(LogSize(), 0u);
  EXPECT_EQ(everything().find(kMarker), std::string::npos);
}

// --- transactions

TEST_F(SqliteStoreTest, TheLockIsFreeOnceATransactionIsCommitted) {
  const auto backend = Open();
  const auto transaction = Expect(backend->Begin());
  EXPECT_TRUE(testing::IsLocked(lock_));
  const SealedRecord record = Record("a", "1");
  ASSERT_THAT(transaction->PutMany(Table::kPerson, {&record, 1}), IsOk());
  ASSERT_THAT(transaction->Commit(), IsOk());
  // "Waits until no other thread or process writes": nobody does.
  EXPECT_FALSE(testing::IsLocked(lock_));
}

TEST_F(SqliteStoreTest, TheLockIsFreeOnceATransactionIsDestroyed) {
  const auto backend = Open();
  Expect(backend->Begin());
  EXPECT_FALSE(testing::IsLocked(lock_));
}

TEST_F(SqliteStoreTest, AfterAFailedWriteNothingIsCommitted) {
  const ConnectionWatch watch;
  const auto backend = Open();
  sqlite3* const writer = ConnectionWatch::handles().at(0);
  PutOne(*backend, Table::kPerson, Record("a", "1"));
  {
    const auto transaction = Expect(backend->Begin());
    const SealedRecord small = Record("b", "2");
    ASSERT_THAT(transaction->PutMany(Table::kPerson, {&small, 1}), IsOk());
    const int limit = sqlite3_limit(writer, SQLITE_LIMIT_LENGTH, 1000);
    const std::vector<SealedRecord> records = {Record("c", "3"),
                                               {Tag("d"), SealedBytes(2000, 0x31)}};
    EXPECT_THAT(transaction->PutMany(Table::kPerson, records), HasCode(StatusCode::kIo));
    sqlite3_limit(writer, SQLITE_LIMIT_LENGTH, limit);
    EXPECT_THAT(transaction->PutMany(Table::kPerson, {&small, 1}), Not(IsOk()));
    EXPECT_THAT(transaction->EraseMany(Table::kPerson, {}), Not(IsOk()));
    EXPECT_THAT(transaction->Commit(), HasCode(StatusCode::kClosed));
  }
  EXPECT_THAT(ScanAll(*backend, Table::kPerson), ElementsAre(Record("a", "1")));
  PutOne(*backend, Table::kPerson, Record("e", "5"));
  EXPECT_THAT(ScanAll(*backend, Table::kPerson), ElementsAre(Record("a", "1"), Record("e", "5")));
}

// A commit between two of the tags that one call asks for.
TEST_F(SqliteStoreTest, OneFindSeesOneState) {
  const ConnectionWatch watch;
  const auto backend = Open();
  const auto put_both = [](StorageBackend& to, std::string_view text) {
    const std::vector<SealedRecord> records = {Record("a", text), Record("b", text)};
    const auto transaction = Expect(to.Begin());
    Expect(transaction->PutMany(Table::kPerson, records));
    Expect(transaction->Commit());
  };
  put_both(*backend, "old");

  sqlite3* const reader = ConnectionWatch::handles().at(1);
  struct Context {
    std::function<void()> commit;
    int statements = 0;
  } context;
  context.commit = [&] { put_both(*backend, "new"); };
  const auto between = [](unsigned, void* argument, void*, void*) {
    auto& at = *static_cast<Context*>(argument);
    if (++at.statements == 1) at.commit();  // the first answer has been read
    return 0;
  };
  sqlite3_trace_v2(reader, SQLITE_TRACE_PROFILE, between, &context);
  const std::vector<RecordTag> tags = {Tag("a"), Tag("b")};
  std::vector<std::optional<SealedBytes>> found;
  EXPECT_THAT(backend->FindMany(Table::kPerson, tags, &found), IsOk());
  sqlite3_trace_v2(reader, 0, nullptr, nullptr);
  EXPECT_GE(context.statements, 1);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0], found[1]);
  EXPECT_THAT(FindOne(*backend, Table::kPerson, Tag("b")), Optional(Bytes("new")));
}

TEST_F(SqliteStoreTest, ThreadsThatReadAtTheSameTimeSeeWhatWasCommittedBefore) {
  const auto backend = Open();
  constexpr int kRounds = 200;
  std::atomic<int> committed = 0;
  std::atomic<int> wrong = 0;
  PutOne(*backend, Table::kPerson, Record("a", "0"));
  std::vector<std::thread> readers;
  for (int i = 0; i < 8; ++i) {
    readers.emplace_back([&] {
      for (int last = 0; last < kRounds;) {
        last = committed;
        const auto found = FindOne(*backend, Table::kPerson, Tag("a"));
        const std::string text = found ? std::string(found->begin(), found->end()) : "-1";
        if (std::stoi(text) < last) ++wrong;
      }
    });
  }
  for (int round = 1; round <= kRounds; ++round) {
    PutOne(*backend, Table::kPerson, Record("a", std::to_string(round)));
    committed = round;
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(SqliteStoreTest, ManyTagsInAnyOrderAreFoundAtTheirPlaces) {
  const auto backend = Open();
  std::vector<SealedRecord> records;
  for (int i = 0; i < 300; ++i) records.push_back(Record(std::to_string(i * 2), std::to_string(i)));
  {
    const auto transaction = Expect(backend->Begin());
    Expect(transaction->PutMany(Table::kPerson, records));
    Expect(transaction->Commit());
  }
  std::vector<RecordTag> tags;
  for (int i = 599; i >= 0; --i) tags.push_back(Tag(std::to_string(i * 7 % 600)));
  tags.push_back(tags.front());
  std::vector<std::optional<SealedBytes>> found;
  ASSERT_THAT(backend->FindMany(Table::kPerson, tags, &found), IsOk());
  ASSERT_EQ(found.size(), tags.size());
  for (int i = 599; i >= 0; --i) {
    const int number = i * 7 % 600;
    const auto& one = found[static_cast<std::size_t>(599 - i)];
    EXPECT_EQ(one.has_value(), number % 2 == 0) << number;
    if (one) {
      EXPECT_EQ(*one, Bytes(std::to_string(number / 2)));
    }
  }
  EXPECT_EQ(found.back(), found.front());
}

TEST_F(SqliteStoreTest, WhatIsCommittedIsThereAfterReopening) {
  PutOne(*Open(), Table::kPerson, Record("a", "1"));
  PutOne(*Open(), Table::kPerson, Record("b", "2"));
  testing::EraseOne(*Open(), Table::kPerson, Tag("a"));
  EXPECT_THAT(ScanAll(*Open(), Table::kPerson), ElementsAre(Record("b", "2")));
}

TEST_F(SqliteStoreTest, ATransactionThatIsOpenWhenAnotherProcessReadsShowsNothing) {
  const auto backend = Open();
  const auto transaction = Expect(backend->Begin());
  const SealedRecord record = Record("a", "1");
  ASSERT_THAT(transaction->PutMany(Table::kPerson, {&record, 1}), IsOk());
  EXPECT_EQ(PlainSqlite(database_).Number("SELECT count(*) FROM person"), 0);
  ASSERT_THAT(transaction->Commit(), IsOk());
  EXPECT_EQ(PlainSqlite(database_).Number("SELECT count(*) FROM person"), 1);
}

}  // namespace
}  // namespace moniker
