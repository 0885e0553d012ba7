// The SQLite backend on a system that refuses: rights, full disks, read-only disks, failing calls.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "moniker/sqlite_backend.h"
#include "sqlite/flock_probe.h"
#include "sqlite/plain_sqlite.h"
#include "sqlite/vfs_shim.h"
#include "support/child_process.h"
#include "support/records.h"
#include "support/status_matchers.h"
#include "support/temporary_folder.h"

namespace moniker {
namespace {

using ::testing::ElementsAre;
using testing::Expect;
using testing::FileCall;
using testing::HasCode;
using testing::InChild;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using testing::NumberTag;
using testing::PlainSqlite;
using testing::PutOne;
using testing::Record;
using testing::ScanAll;
using testing::TemporaryFolder;
using testing::VfsShim;

std::string CodeOf(const Status& status) { return std::string(StatusCodeName(status.code())); }

// --- rights

// Files of the user who runs the tests, used by an ordinary one. If that is the same, not being
// root, the ordinary user gets what the files allow to others.
class OrdinaryUserTest : public ::testing::Test {
 protected:
  OrdinaryUserTest() {
    Expect(CreateSqliteStore(folder_.path()));
    PutOne(*Expect(OpenSqliteStore(folder_.path())), Table::kPerson, Record("a", "1"));
  }
  ~OrdinaryUserTest() override { ::chmod(folder_.path().c_str(), 0700); }  // to be removed

  void Mode(const std::string& name, mode_t mode) {
    ASSERT_EQ(::chmod(folder_.File(name).c_str(), mode), 0);
  }
  void GiveAllToOrdinaryUser() {
    is_theirs_ = true;
    if (::geteuid() != 0) return;
    const uid_t user = testing::kOrdinaryUser;
    for (const std::string& name : testing::NamesIn(folder_.path())) {
      ASSERT_EQ(::chown(folder_.File(name).c_str(), user, user), 0);
    }
    ASSERT_EQ(::chown(folder_.path().c_str(), user, user), 0);
  }

  // What opening, reading and writing come to: "ok/1/ok".
  std::string UseAsOrdinaryUser() {
    if (::geteuid() != 0 && !is_theirs_) {
      for (const std::string& name : testing::NamesIn(folder_.path())) {
        LeaveRightsOfOthers(folder_.File(name));
      }
      LeaveRightsOfOthers(folder_.path());
    }
    return InChild([&]() -> std::string {
      testing::BecomeOrdinaryUser();
      const auto backend = OpenSqliteStore(folder_.path());
      if (!backend.ok()) return CodeOf(backend.status());
      const auto count = (*backend)->Count(Table::kPerson);
      std::string answer = "ok/" + (count.ok() ? std::to_string(*count) : CodeOf(count.status()));
      const auto transaction = (*backend)->Begin();
      if (!transaction.ok()) return answer + "/" + CodeOf(transaction.status());
      const SealedRecord record = Record("b", "2");
      Status status = (*transaction)->PutMany(Table::kPerson, {&record, 1});
      if (status.ok()) status = (*transaction)->Commit();
      return answer + "/" + CodeOf(status);
    });
  }

  static void LeaveRightsOfOthers(const std::string& path) {
    struct stat file {};
    ASSERT_EQ(::stat(path.c_str(), &file), 0);
    ASSERT_EQ(::chmod(path.c_str(), (file.st_mode & S_IRWXO) << 6), 0);
  }

  TemporaryFolder folder_;
  bool is_theirs_ = false;
};

TEST_F(OrdinaryUserTest, MayUseWhatBelongsToThem) {
  GiveAllToOrdinaryUser();
  EXPECT_EQ(UseAsOrdinaryUser(), "ok/1/ok");
}

TEST_F(OrdinaryUserTest, AClosedFolderIsAPermissionError) {
  EXPECT_EQ(UseAsOrdinaryUser(), "permission");
}

TEST_F(OrdinaryUserTest, FilesOfAnotherUserAreAPermissionError) {
  Mode("", 0755);
  EXPECT_EQ(UseAsOrdinaryUser(), "permission");
}

TEST_F(OrdinaryUserTest, ADatabaseOfAnotherUserIsAPermissionError) {
  Mode("", 0755);
  Mode("store.lock", 0666);
  EXPECT_EQ(UseAsOrdinaryUser(), "permission");
}

TEST_F(OrdinaryUserTest, ADatabaseThatMayOnlyBeReadIsReadOnlyOrRefused) {
  GiveAllToOrdinaryUser();
  Mode("store.sqlite", 0400);
  const std::string answer = UseAsOrdinaryUser();
  EXPECT_TRUE(answer == "ok/1/read_only" || answer == "read_only" || answer == "permission")
      << answer;
}

TEST_F(OrdinaryUserTest, AFolderThatMayOnlyBeReadIsReadOnlyOrRefused) {
  PlainSqlite(folder_.File("store.sqlite")).Run("PRAGMA wal_checkpoint(TRUNCATE)");
  for (const char* name : {"store.sqlite-wal", "store.sqlite-shm"}) {
    std::filesystem::remove(folder_.File(name));
  }
  GiveAllToOrdinaryUser();
  Mode("", 0500);  // neither log nor shared memory can be made
  const std::string answer = UseAsOrdinaryUser();
  EXPECT_TRUE(answer == "read_only" || answer == "permission") << answer;
}

TEST_F(OrdinaryUserTest, CannotMakeAStoreInAFolderOfAnother) {
  const TemporaryFolder folder;
  ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
  if (::geteuid() != 0) LeaveRightsOfOthers(folder.path());
  EXPECT_EQ(InChild([&] {
              testing::BecomeOrdinaryUser();
              return CodeOf(CreateSqliteStore(folder.path()));
            }),
            "permission");
  EXPECT_THAT(testing::NamesIn(folder.path()), IsEmpty());
}

// --- disks of their own

// Runs `body` in a child that has a file system of `size` bytes at folder.path().
std::string WithDisk(const TemporaryFolder& folder, const std::string& size,
                     const std::function<std::string()>& body) {
  return InChild([&]() -> std::string {
    testing::EnterPrivateMountNamespace();
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, ("size=" + size).c_str()) != 0) {
      return "cannot mount";
    }
    return body();
  });
}

// Takes all space but some `left` bytes.
void FillDisk(const TemporaryFolder& folder, std::uintmax_t left) {
  const std::uintmax_t free = std::filesystem::space(folder.path()).available;
  if (free <= left) return;
  testing::WriteBytes(folder.File("filler"), std::string(free - left, 'x'));
}

TEST(FullDiskTest, ACommitThatDoesNotFitIsNoSpaceAndKeepsNothing) {
  const TemporaryFolder folder;
  EXPECT_EQ(WithDisk(folder, "4m",
                     [&]() -> std::string {
                       Expect(CreateSqliteStore(folder.path()));
                       const auto backend = Expect(OpenSqliteStore(folder.path()));
                       PutOne(*backend, Table::kPerson, Record("a", "1"));
                       const auto before = testing::ContentOf(*backend);
                       FillDisk(folder, 256 * 1024);
                       std::string answer;
                       for (int attempt = 0; attempt < 3; ++attempt) {
                         const auto transaction = Expect(backend->Begin());
                         const SealedRecord small = Record("b", "2");
                         const SealedRecord large = {NumberTag(9), SealedBytes(900'000, 0x31)};
                         Expect(transaction->PutMany(Table::kAudit, {&small, 1}));
                         Status status = transaction->PutMany(Table::kPerson, {&large, 1});
                         if (status.ok()) status = transaction->Commit();
                         answer += CodeOf(status) + " ";
                       }
                       if (testing::ContentOf(*backend) != before) answer += "half written ";

                       std::filesystem::remove(folder.File("filler"));
                       PutOne(*backend, Table::kPerson, Record("c", "3"));
                       answer += std::to_string(Expect(backend->Count(Table::kPerson)));
                       const auto again = Expect(OpenSqliteStore(folder.path()));
                       answer += std::to_string(Expect(again->Count(Table::kPerson)));
                       return answer;
                     }),
            "no_space no_space no_space 22");
}

// Every size of what is left: whatever call runs out of space, the store says so and stays whole.
TEST(FullDiskTest, RunningOutOfSpaceAnywhereLosesNothingThatWasAcknowledged) {
  const TemporaryFolder folder;
  EXPECT_EQ(
      WithDisk(
          folder, "8m",
          [&]() -> std::string {
            for (std::uintmax_t left = 0; left <= 160 * 1024; left += 4096) {
              std::filesystem::create_directory(folder.File("vault"));
              Expect(CreateSqliteStore(folder.File("vault")));
              std::uint64_t acknowledged = 0;
              bool was_full = false;
              {
                const auto backend = Expect(OpenSqliteStore(folder.File("vault")));
                PutOne(*backend, Table::kPerson, {NumberTag(acknowledged++), {1}});
                FillDisk(folder, left);
                for (int i = 0; i < 40; ++i) {
                  auto transaction = backend->Begin();
                  Status status = transaction.status();
                  const SealedRecord record = {NumberTag(acknowledged), SealedBytes(3000, 0x31)};
                  if (status.ok()) {
                    status = (*transaction)->PutMany(Table::kPerson, {&record, 1});
                  }
                  if (status.ok()) status = (*transaction)->Commit();
                  if (status.ok()) {
                    ++acknowledged;
                  } else if (status.code() == StatusCode::kNoSpace) {
                    was_full = true;
                  } else {
                    return CodeOf(status) + " with " + std::to_string(left);
                  }
                  if (Expect(backend->Count(Table::kPerson)) != acknowledged) {
                    return "lost with " + std::to_string(left);
                  }
                }
                std::filesystem::remove(folder.File("filler"));
                PutOne(*backend, Table::kPerson, {NumberTag(acknowledged++), {1}});
              }
              if (left < 100 * 1024 && !was_full) {
                return "never full with " + std::to_string(left);
              }
              const auto again = Expect(OpenSqliteStore(folder.File("vault")));
              if (ScanAll(*again, Table::kPerson).size() != acknowledged) {
                return "lost after reopening with " + std::to_string(left);
              }
              PlainSqlite look(folder.File("vault/store.sqlite"));
              if (look.Text("PRAGMA integrity_check") != "ok") return "damaged";
              std::filesystem::remove_all(folder.File("vault"));
            }
            return "all there";
          }),
      "all there");
}

TEST(FullDiskTest, MakingAStoreThatDoesNotFitIsNoSpaceAndLeavesNothing) {
  const TemporaryFolder folder;
  EXPECT_EQ(WithDisk(folder, "4m",
                     [&]() -> std::string {
                       for (std::uintmax_t left = 0; left < 512 * 1024; left += 4096) {
                         FillDisk(folder, left);
                         const Status status = CreateSqliteStore(folder.path());
                         if (status.ok()) return left > 64 * 1024 ? "made" : "was never full";
                         if (status.code() != StatusCode::kNoSpace) {
                           return CodeOf(status) + " with " + std::to_string(left);
                         }
                         for (const std::string& name : testing::NamesIn(folder.path())) {
                           if (name != "filler") return "left " + name;
                         }
                         std::filesystem::remove(folder.File("filler"));
                       }
                       return "never made";
                     }),
            "made");
}

TEST(FullDiskTest, OpeningAfterACrashOnAFullDiskIsNoSpace) {
  const TemporaryFolder folder;
  EXPECT_EQ(
      WithDisk(folder, "4m",
               [&]() -> std::string {
                 Expect(CreateSqliteStore(folder.path()));
                 PutOne(*Expect(OpenSqliteStore(folder.path())), Table::kPerson, Record("a", "1"));
                 // As after a crash and a restart of the machine.
                 std::filesystem::remove(folder.File("store.sqlite-shm"));
                 FillDisk(folder, 0);
                 const auto full = OpenSqliteStore(folder.path());
                 std::filesystem::remove(folder.File("filler"));
                 return CodeOf(full.status()) + " " +
                        std::to_string(
                            Expect(Expect(OpenSqliteStore(folder.path()))->Count(Table::kPerson)));
               }),
      "no_space 1");
}

TEST(ReadOnlyDiskTest, IsSaidToBeReadOnly) {
  const TemporaryFolder folder;
  EXPECT_EQ(WithDisk(folder, "4m",
                     [&]() -> std::string {
                       Expect(CreateSqliteStore(folder.path()));
                       PutOne(*Expect(OpenSqliteStore(folder.path())), Table::kPerson,
                              Record("a", "1"));
                       std::filesystem::create_directory(folder.File("empty"));
                       if (::mount(nullptr, folder.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY,
                                   nullptr) != 0) {
                         return "cannot mount";
                       }
                       return CodeOf(OpenSqliteStore(folder.path()).status()) + " " +
                              CodeOf(CreateSqliteStore(folder.File("empty")));
                     }),
            "read_only read_only");
}

// --- calls that fail

class FailingCallTest : public ::testing::Test {
 protected:
  FailingCallTest() { Expect(CreateSqliteStore(folder_.path())); }

  std::unique_ptr<StorageBackend> Open() { return Expect(OpenSqliteStore(folder_.path())); }

  // The next call of this kind on this file fails, once.
  void FailNext(FileCall::Kind kind, FileCall::Role role, int code) {
    armed_ = true;
    shim_.Watch([this, kind, role, code](const FileCall& call) {
      if (call.kind != kind || call.role != role || !armed_.exchange(false)) return SQLITE_OK;
      return code;
    });
  }

  VfsShim shim_;
  TemporaryFolder folder_;
  std::atomic<bool> armed_ = false;
};

TEST_F(FailingCallTest, AFailedSyncFailsTheCommitAndEndsTheConnection) {
  auto backend = Open();
  PutOne(*backend, Table::kPerson, Record("a", "1"));
  {
    const auto transaction = Expect(backend->Begin());
    const SealedRecord record = Record("b", "2");
    Expect(transaction->PutMany(Table::kPerson, {&record, 1}));
    FailNext(FileCall::kSync, FileCall::kLog, SQLITE_IOERR_FSYNC);
    EXPECT_THAT(transaction->Commit(), HasCode(StatusCode::kIo));
    EXPECT_FALSE(armed_);
  }
  // What the system has of the log is not known any more.
  EXPECT_THAT(backend->Begin(), HasCode(StatusCode::kClosed));
  EXPECT_FALSE(testing::IsLocked(folder_.File("store.lock")));
  backend = Open();
  EXPECT_THAT(ScanAll(*backend, Table::kPerson), ElementsAre(Record("a", "1")));
  PutOne(*backend, Table::kPerson, Record("c", "3"));
  EXPECT_THAT(ScanAll(*backend, Table::kPerson), ElementsAre(Record("a", "1"), Record("c", "3")));
}

TEST_F(FailingCallTest, AFailedWriteToTheLogFailsTheCommit) {
  auto backend = Open();
  {
    const auto transaction = Expect(backend->Begin());
    const SealedRecord record = Record("b", "2");
    Expect(transaction->PutMany(Table::kPerson, {&record, 1}));
    FailNext(FileCall::kWrite, FileCall::kLog, SQLITE_IOERR_WRITE);
    EXPECT_THAT(transaction->Commit(), HasCode(StatusCode::kIo));
  }
  backend = Open();
  EXPECT_THAT(ScanAll(*backend, Table::kPerson), IsEmpty());
}

TEST_F(FailingCallTest, AFullDiskEndsNothing) {
  const auto backend = Open();
  {
    const auto transaction = Expect(backend->Begin());
    const SealedRecord record = Record("b", "2");
    Expect(transaction->PutMany(Table::kPerson, {&record, 1}));
    FailNext(FileCall::kWrite, FileCall::kLog, SQLITE_FULL);
    EXPECT_THAT(transaction->Commit(), HasCode(StatusCode::kNoSpace));
  }
  EXPECT_THAT(ScanAll(*backend, Table::kPerson), IsEmpty());
  PutOne(*backend, Table::kPerson, Record("c", "3"));
  EXPECT_THAT(ScanAll(*backend, Table::kPerson), ElementsAre(Record("c", "3")));
}

TEST_F(FailingCallTest, ACommitWhoseCheckpointFailsIsACommit) {
  for (const auto& [kind, role, code] :
       {std::tuple(FileCall::kWrite, FileCall::kDatabase, SQLITE_IOERR_WRITE),
        std::tuple(FileCall::kWrite, FileCall::kDatabase, SQLITE_FULL),
        std::tuple(FileCall::kSync, FileCall::kDatabase, SQLITE_IOERR_FSYNC),
        std::tuple(FileCall::kTruncate, FileCall::kLog, SQLITE_IOERR_TRUNCATE)}) {
    const SealedRecord large = {NumberTag(7), SealedBytes(5u << 20, 0x31)};
    {
      const auto backend = Open();
      FailNext(kind, role, code);
      const auto transaction = Expect(backend->Begin());
      Expect(transaction->PutMany(Table::kAudit, {&large, 1}));
      EXPECT_THAT(transaction->Commit(), IsOk()) << code;
      EXPECT_FALSE(armed_) << code;
    }
    EXPECT_THAT(ScanAll(*Open(), Table::kAudit), ElementsAre(large)) << code;
    testing::EraseOne(*Open(), Table::kAudit, large.tag);
    EXPECT_EQ(PlainSqlite(folder_.File("store.sqlite")).Text("PRAGMA integrity_check"), "ok");
  }
}

// Each call that SQLite makes below one transaction fails, once: the commit is whole or not there,
// and there if it was acknowledged.
TEST_F(FailingCallTest, WhicheverCallFailsACommitIsWholeOrNotThere) {
  const std::vector<SealedRecord> records = {{NumberTag(1), SealedBytes(3u << 20, 0x31)},
                                             {NumberTag(2), SealedBytes(2u << 20, 0x32)}};
  int failures = 0;
  for (const int code : {SQLITE_IOERR_WRITE, SQLITE_FULL}) {
    for (int at = 0;; at = at < 24 ? at + 1 : at + 173) {
      const TemporaryFolder folder;
      Expect(CreateSqliteStore(folder.path()));
      std::atomic<int> calls = 0;
      bool acknowledged = false;
      {
        const auto backend = Expect(OpenSqliteStore(folder.path()));
        PutOne(*backend, Table::kPerson, Record("a", "1"));
        shim_.Watch([&](const FileCall& call) {
          if (call.kind == FileCall::kShmLock || call.kind == FileCall::kUnfetch) return SQLITE_OK;
          return calls++ == at ? code : SQLITE_OK;
        });
        auto transaction = backend->Begin();
        Status status = transaction.status();
        if (status.ok()) status = (*transaction)->PutMany(Table::kPerson, records);
        if (status.ok()) status = (*transaction)->Commit();
        acknowledged = status.ok();
        if (!acknowledged) {
          EXPECT_EQ(status.code(), code == SQLITE_FULL ? StatusCode::kNoSpace : StatusCode::kIo)
              << at;
        }
      }
      shim_.Ignore();
      const auto again = Expect(OpenSqliteStore(folder.path()));
      const auto found = ScanAll(*again, Table::kPerson);
      ASSERT_TRUE(found.size() == 3 || (found.size() == 1 && !acknowledged)) << at;
      if (calls <= at) break;
      ++failures;
    }
  }
  EXPECT_GE(failures, 60);
}

TEST_F(FailingCallTest, AFailedReadIsAnErrorAndNoPartOfTheAnswer) {
  {
    const auto backend = Open();
    for (std::uint64_t i = 0; i < 20; ++i) {
      PutOne(*backend, Table::kPerson, {NumberTag(i), SealedBytes(3000, 0x31)});
    }
  }
  const auto backend = Open();
  shim_.Watch([](const FileCall& call) {
    return call.kind == FileCall::kShmLock && (call.flags & SQLITE_SHM_LOCK) != 0
               ? SQLITE_IOERR_SHMLOCK
               : SQLITE_OK;
  });
  std::vector<SealedRecord> records;
  EXPECT_THAT(backend->Scan(Table::kPerson, std::nullopt, 99, &records), HasCode(StatusCode::kIo));
  shim_.Ignore();
}

}  // namespace
}  // namespace moniker
