// The SQLite backend across fork, threads, processes and sudden death.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>

#include "moniker/anonymizer.h"
#include "moniker/keyring.h"
#include "moniker/protector.h"
#include "moniker/sqlite_backend.h"
#include "sqlite/flock_probe.h"
#include "sqlite/vfs_shim.h"
#include "store/mapping_store.h"
#include "support/child_process.h"
#include "support/records.h"
#include "support/status_matchers.h"
#include "support/temporary_folder.h"

namespace moniker {
namespace {

using ::testing::ElementsAre;
using testing::Expect;
using testing::InChild;
using testing::IsLocked;
using testing::IsOk;
using testing::NumberTag;
using testing::PutOne;
using testing::Record;
using testing::ScanAll;
using testing::Tag;
using testing::TemporaryFolder;

std::string CodeOf(const Status& status) { return std::string(StatusCodeName(status.code())); }

class ForkTest : public ::testing::Test {
 protected:
  ForkTest() {
    Expect(CreateSqliteStore(folder_.path()));
    backend_ = Open();
    PutOne(*backend_, Table::kPerson, Record("a", "1"));
  }

  std::unique_ptr<StorageBackend> Open() { return Expect(OpenSqliteStore(folder_.path())); }

  // The codes of every call on the backend that the fork has copied.
  std::string UseAll() {
    std::vector<std::optional<SealedBytes>> found;
    std::vector<SealedRecord> records;
    const RecordTag tag = Tag("a");
    std::string codes = CodeOf(backend_->FindMany(Table::kPerson, {&tag, 1}, &found));
    codes += " " + CodeOf(backend_->Scan(Table::kPerson, std::nullopt, 9, &records));
    codes += " " + CodeOf(backend_->LastTag(Table::kPerson).status());
    codes += " " + CodeOf(backend_->Count(Table::kPerson).status());
    codes += " " + CodeOf(backend_->Format().status());
    codes += " " + CodeOf(backend_->Checkpoint().status());
    codes += " " + CodeOf(backend_->Begin().status());
    return codes;
  }

  TemporaryFolder folder_;
  const std::string lock_ = folder_.File("store.lock");
  std::unique_ptr<StorageBackend> backend_;
};

constexpr const char* kAllClosed = "closed closed closed closed closed closed closed";

TEST_F(ForkTest, AChildGetsClosedAndTheParentGoesOn) {
  EXPECT_EQ(InChild([&] {
              const std::string codes = UseAll();
              backend_.reset();
              return codes;
            }),
            kAllClosed);
  EXPECT_THAT(ScanAll(*backend_, Table::kPerson), ElementsAre(Record("a", "1")));
  PutOne(*backend_, Table::kPerson, Record("b", "2"));
  EXPECT_THAT(ScanAll(*Open(), Table::kPerson), ElementsAre(Record("a", "1"), Record("b", "2")));
}

TEST_F(ForkTest, AChildOfATransactionCanNeitherUseNorEndIt) {
  auto transaction = Expect(backend_->Begin());
  const SealedRecord record = Record("b", "2");
  Expect(transaction->PutMany(Table::kPerson, {&record, 1}));
  EXPECT_EQ(InChild([&] {
              std::vector<SealedRecord> records;
              const SealedRecord late = Record("c", "3");
              const RecordTag tag = Tag("a");
              std::string codes = CodeOf(transaction->PutMany(Table::kPerson, {&late, 1}));
              codes += " " + CodeOf(transaction->EraseMany(Table::kPerson, {&tag, 1}));
              codes += " " + CodeOf(transaction->Scan(Table::kPerson, {}, 9, &records));
              codes += " " + CodeOf(transaction->Commit());
              transaction.reset();
              codes += UseAll() == kAllClosed ? " closed" : " open";
              backend_.reset();
              codes += IsLocked(lock_) ? " locked" : " free";
              return codes;
            }),
            "closed closed closed closed closed locked");
  EXPECT_TRUE(IsLocked(lock_));  // the child's end has released nothing
  EXPECT_THAT(transaction->Commit(), IsOk());
  transaction.reset();
  EXPECT_FALSE(IsLocked(lock_));
  EXPECT_THAT(ScanAll(*Open(), Table::kPerson), ElementsAre(Record("a", "1"), Record("b", "2")));
}

TEST_F(ForkTest, AParentRollsBackAsIfTheChildHadNotBeen) {
  auto transaction = Expect(backend_->Begin());
  const SealedRecord record = Record("b", "2");
  Expect(transaction->PutMany(Table::kPerson, {&record, 1}));
  EXPECT_EQ(InChild([&] {
              transaction.reset();
              return std::string("gone");
            }),
            "gone");
  transaction.reset();
  EXPECT_THAT(ScanAll(*backend_, Table::kPerson), ElementsAre(Record("a", "1")));
  PutOne(*backend_, Table::kPerson, Record("c", "3"));
}

// A transaction larger than SQLite's cache stands in the log already, and in the memory that maps
// it, which the child shares.
TEST_F(ForkTest, AChildOfALargeTransactionLeavesWhatIsInTheLogAlone) {
  std::vector<SealedRecord> records;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    records.push_back({NumberTag(i), SealedBytes(3000, static_cast<std::uint8_t>(i))});
  }
  auto transaction = Expect(backend_->Begin());
  Expect(transaction->PutMany(Table::kExternalId, records));
  EXPECT_GT(std::filesystem::file_size(folder_.File("store.sqlite-wal")), 1'000'000u);
  EXPECT_EQ(InChild([&] {
              transaction.reset();
              backend_.reset();
              return std::string("gone");
            }),
            "gone");
  EXPECT_THAT(transaction->Commit(), IsOk());
  transaction.reset();
  EXPECT_EQ(ScanAll(*backend_, Table::kExternalId), records);
  backend_.reset();
  EXPECT_EQ(ScanAll(*Open(), Table::kExternalId), records);
}

TEST_F(ForkTest, AChildMayOpenTheStoreForItself) {
  EXPECT_EQ(InChild([&] {
              const auto own = Open();
              PutOne(*own, Table::kPerson, Record("child", "2"));
              backend_.reset();
              PutOne(*own, Table::kPerson, Record("child again", "3"));
              return std::to_string(Expect(own->Count(Table::kPerson)));
            }),
            "3");
  PutOne(*backend_, Table::kPerson, Record("parent", "4"));
  EXPECT_EQ(Expect(backend_->Count(Table::kPerson)), 4u);
}

TEST_F(ForkTest, AParentIsUndisturbedBetweenItsChildrensUses) {
  for (int round = 0; round < 20; ++round) {
    EXPECT_EQ(InChild([&] {
                const std::string codes = UseAll();
                backend_.reset();
                return codes;
              }),
              kAllClosed);
    PutOne(*backend_, Table::kPerson, {NumberTag(static_cast<std::uint64_t>(round)), {1}});
  }
  EXPECT_EQ(Expect(backend_->Count(Table::kPerson)), 21u);
  EXPECT_EQ(Expect(Open()->Count(Table::kPerson)), 21u);
}

// A thread of the parent is in the middle of reading, holding whatever it holds.
TEST(ForkWhileReadingTest, AChildGetsClosedAndDoesNotWait) {
  testing::VfsShim shim;
  const TemporaryFolder folder;
  Expect(CreateSqliteStore(folder.path()));
  {
    const auto backend = Expect(OpenSqliteStore(folder.path()));
    PutOne(*backend, Table::kPerson, Record("a", "1"));
    std::mutex go_on;
    go_on.lock();
    std::atomic<bool> reading = false;
    shim.Watch([&](const testing::FileCall& call) {
      if (call.kind == testing::FileCall::kShmLock && !reading.exchange(true)) {
        const std::lock_guard wait(go_on);
      }
      return SQLITE_OK;
    });
    std::thread reader([&] { EXPECT_EQ(Expect(backend->Count(Table::kPerson)), 1u); });
    while (!reading) std::this_thread::yield();
    EXPECT_EQ(InChild([&] {
                ::alarm(60);  // a child that waits for ever fails the test instead of hanging it
                return CodeOf(backend->Count(Table::kPerson).status()) + " " +
                       CodeOf(backend->Begin().status());
              }),
              "closed closed");
    go_on.unlock();
    reader.join();
    shim.Ignore();
  }
}

// A limit of flock(2): the child has the open file too, and nobody is left to release its lock.
TEST_F(ForkTest, AChildThatOutlivesAKilledWriterKeepsTheLockUntilItEnds) {
  int ready[2];
  int release[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(release), 0);
  const pid_t writer = ::fork();
  if (writer == 0) {
    ::close(release[1]);  // or the child would never see its end
    const auto own = Open();
    const auto transaction = Expect(own->Begin());
    const SealedRecord record = Record("b", "2");
    Expect(transaction->PutMany(Table::kPerson, {&record, 1}));
    const pid_t child = ::fork();
    char byte = 0;
    if (child != 0 && ::write(ready[1], &child, sizeof child) != sizeof child) ::_exit(1);
    if (::read(release[0], &byte, 1) != 0) ::_exit(1);
    ::_exit(0);
  }
  pid_t child = 0;
  ASSERT_EQ(::read(ready[0], &child, sizeof child), static_cast<ssize_t>(sizeof child));
  ::kill(writer, SIGKILL);
  int status = 0;
  ::waitpid(writer, &status, 0);
  EXPECT_TRUE(IsLocked(lock_));
  // The store can be read, and nothing of the transaction is there.
  EXPECT_THAT(ScanAll(*Open(), Table::kPerson), ElementsAre(Record("a", "1")));
  ::close(release[1]);                                // the child ends
  PutOne(*Open(), Table::kPerson, Record("c", "3"));  // waits for that
  EXPECT_FALSE(IsLocked(lock_));
  EXPECT_THAT(ScanAll(*Open(), Table::kPerson), ElementsAre(Record("a", "1"), Record("c", "3")));
  for (const int fd : {ready[0], ready[1], release[0]}) ::close(fd);
}

// A thread of the parent waits for the lock; the child has what it waits on, and nobody who waits.
TEST_F(ForkTest, AChildOfAProcessWhoseThreadsWaitForTheLockCanCloseTheStore) {
  auto transaction = Expect(backend_->Begin());
  std::atomic<pid_t> waiting = 0;
  std::thread other([&] {
    waiting = ::gettid();
    PutOne(*backend_, Table::kPerson, Record("other", "3"));
  });
  while (waiting == 0 || !testing::IsAsleep(waiting)) std::this_thread::yield();
  EXPECT_EQ(InChild([&] {
              ::alarm(20);  // a child that waits for ever fails the test instead of hanging it
              transaction.reset();
              const std::string codes = UseAll();
              backend_.reset();
              return codes;
            }),
            kAllClosed);
  const SealedRecord record = Record("b", "2");
  Expect(transaction->PutMany(Table::kPerson, {&record, 1}));
  EXPECT_THAT(transaction->Commit(), IsOk());
  transaction.reset();
  other.join();
  EXPECT_EQ(Expect(backend_->Count(Table::kPerson)), 3u);
}

// --- many writers

// Each transaction adds a row and counts it, so that a lost one shows in either.
void Append(StorageBackend& backend, int transactions) {
  for (int i = 0; i < transactions; ++i) {
    const auto transaction = Expect(backend.Begin());
    const std::uint64_t count = Expect(transaction->Count(Table::kAudit));
    const auto last = Expect(transaction->LastTag(Table::kAudit));
    if (last != (count == 0 ? std::nullopt : std::optional(NumberTag(count)))) {
      throw std::runtime_error("a transaction of another writer is missing");
    }
    const SealedRecord record = {NumberTag(count + 1), SealedBytes(100, 0x31)};
    Expect(transaction->PutMany(Table::kAudit, {&record, 1}));
    Expect(transaction->Commit());
  }
}

TEST(ManyWritersTest, TwoProcessesOfTwoThousandTransactionsEachLoseNone) {
  constexpr int kTransactions = 2000;
  const TemporaryFolder folder;
  Expect(CreateSqliteStore(folder.path()));
  const auto work = [&] {
    const auto backend = Expect(OpenSqliteStore(folder.path()));
    Append(*backend, kTransactions);
    return std::string("done");
  };
  // The outer child waits for its own one: both are at work at once.
  EXPECT_EQ(InChild([&] {
              int ends[2];
              if (::pipe(ends) != 0) return std::string("no pipe");
              const pid_t other = ::fork();
              if (other == 0) {
                std::string answer;
                try {
                  answer = work();
                } catch (const std::exception& error) {
                  answer = error.what();
                }
                ::_exit(answer == "done" ? 0 : 1);
              }
              const std::string answer = work();
              int status = 0;
              ::waitpid(other, &status, 0);
              return answer + " " + std::to_string(status);
            }),
            "done 0");
  const auto backend = Expect(OpenSqliteStore(folder.path()));
  EXPECT_EQ(Expect(backend->Count(Table::kAudit)), 2u * kTransactions);
  const auto records = ScanAll(*backend, Table::kAudit);
  ASSERT_EQ(records.size(), 2u * kTransactions);
  for (std::size_t i = 0; i < records.size(); ++i) ASSERT_EQ(records[i].tag, NumberTag(i + 1));
}

TEST(ManyWritersTest, FourThreadsOfFiveHundredTransactionsEachLoseNone) {
  constexpr int kTransactions = 500;
  const TemporaryFolder folder;
  Expect(CreateSqliteStore(folder.path()));
  const auto backend = Expect(OpenSqliteStore(folder.path()));
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, own = i % 2 == 1] {
      try {
        // Half of them share a backend, the others have their own.
        const auto apart = own ? Expect(OpenSqliteStore(folder.path())) : nullptr;
        Append(own ? *apart : *backend, kTransactions);
      } catch (const std::exception&) {
        ++failed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(Expect(backend->Count(Table::kAudit)), 4u * kTransactions);
}

// --- sudden death

std::unique_ptr<internal::MappingStore> OpenStore(const TemporaryFolder& folder) {
  return Expect(internal::MappingStore::Open(
      Expect(Keyring::Load(folder.File("keyring"), Protector::Remembered())),
      Expect(OpenSqliteStore(folder.path())), nullptr));
}

// Admits persons without end and acknowledges each batch through `out` once it is durable.
[[noreturn]] void AdmitUntilKilled(const TemporaryFolder& folder, std::uint32_t next, int out) {
  const auto store = OpenStore(folder);
  const std::string notes(2000, 'n');  // so that logs are emptied as well
  const FieldView field = {"notes", notes};
  while (true) {
    const std::uint32_t batch = 1 + next % 50;
    std::vector<std::string> ids;
    for (std::uint32_t i = 0; i < batch; ++i) ids.push_back(std::to_string(next + i));
    std::vector<PersonView> people;
    for (const std::string& id : ids) people.push_back({"mrn", id, "Somebody", {&field, 1}});
    Expect(store->AdmitMany({people, Scope::App()}).status());
    next += batch;
    if (::write(out, &next, sizeof next) != sizeof next) ::_exit(2);
  }
}

TEST(KilledTest, EverythingThatWasAcknowledgedIsThereAfterFiftyKills) {
  constexpr int kRounds = 50;
  const TemporaryFolder folder;
  Expect(CreateSqliteStore(folder.path()));
  {
    Keyring::Options options;
    options.app = "clinic-7";
    const Keyring made = Expect(Keyring::Create(std::move(options)));
    Expect(made.Save(folder.File("keyring"), Expect(Protector::NewKeyFile(folder.File("key")))));
    const auto backend = Expect(OpenSqliteStore(folder.path()));
    Expect(internal::MappingStore::Initialize(made, backend.get(), {}));
  }

  std::mt19937 random(42);
  std::uint32_t acknowledged = 0;
  for (int round = 0; round < kRounds; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      try {
        AdmitUntilKilled(folder, acknowledged, ends[1]);
      } catch (const std::exception&) {
        ::_exit(3);
      }
    }
    ::close(ends[1]);
    std::uint32_t until = 0;
    const std::uint32_t batches = 1 + static_cast<std::uint32_t>(random() % 12);
    for (std::uint32_t i = 0; i < batches; ++i) {
      ASSERT_EQ(::read(ends[0], &until, sizeof until), static_cast<ssize_t>(sizeof until));
    }
    ::kill(child, SIGKILL);
    // Only what was read before the end counts, and that is all of it.
    while (::read(ends[0], &until, sizeof until) == static_cast<ssize_t>(sizeof until)) {
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << status;
    acknowledged = until;
  }

  const auto store = OpenStore(folder);
  const Anonymizer anonymizer = Expect(Anonymizer::Create(store->keys()->keyring(), Scope::App()));
  std::vector<std::string> external_ids;
  for (std::uint32_t id = 0; id < acknowledged; ++id) {
    external_ids.emplace_back(
        Expect(anonymizer.Pseudonymize({"mrn", std::to_string(id)})).external_id().text());
  }
  const std::vector<std::string_view> queries(external_ids.begin(), external_ids.end());
  std::vector<internal::Link> links;
  for (const auto& found : Expect(store->FindMany(queries))) {
    ASSERT_TRUE(found) << links.size();
    links.push_back(found->link);
  }
  const auto persons = Expect(store->ReadPersons(links));
  for (std::size_t i = 0; i < persons.size(); ++i) {
    ASSERT_TRUE(persons[i]) << i;
    ASSERT_EQ(persons[i]->id.Expose(), std::to_string(i));
  }
  EXPECT_GE(acknowledged, 1000u);

  // No half transaction: a batch's persons and links are of one number.
  const auto backend = Expect(OpenSqliteStore(folder.path()));
  EXPECT_EQ(Expect(backend->Count(Table::kPerson)), Expect(backend->Count(Table::kExternalId)));
  EXPECT_FALSE(IsLocked(folder.File("store.lock")));
}

}  // namespace
}  // namespace moniker
