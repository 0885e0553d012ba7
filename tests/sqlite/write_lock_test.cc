#include "sqlite/write_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "sqlite/flock_probe.h"
#include "support/child_process.h"
#include "support/records.h"
#include "support/status_matchers.h"
#include "support/temporary_folder.h"

namespace moniker::internal {
namespace {

using testing::Expect;
using testing::HasCode;
using testing::InChild;
using testing::IsLocked;
using testing::IsOk;
using ::testing::Not;

class WriteLockTest : public ::testing::Test {
 protected:
  WriteLockTest() { Expect(WriteLock::Create(path_)); }

  testing::TemporaryFolder folder_;
  const std::string path_ = folder_.File("store.lock");
};

TEST_F(WriteLockTest, CreateMakesAnEmptyFileForItsOwnerAlone) {
  EXPECT_EQ(testing::ReadBytes(path_), "");
  EXPECT_EQ(testing::ModeOf(path_), 0600u);
}

TEST_F(WriteLockTest, CreateRefusesWhatIsThere) {
  EXPECT_THAT(WriteLock::Create(path_), HasCode(StatusCode::kConflict));
}

TEST_F(WriteLockTest, OpenMakesNothing) {
  EXPECT_THAT(WriteLock::Open(folder_.File("none")), HasCode(StatusCode::kNotFound));
  EXPECT_FALSE(std::filesystem::exists(folder_.File("none")));
}

TEST_F(WriteLockTest, OpenFollowsNoLink) {
  std::filesystem::create_symlink(path_, folder_.File("link"));
  EXPECT_THAT(WriteLock::Open(folder_.File("link")), Not(IsOk()));
}

TEST_F(WriteLockTest, OpenByWhoMayNotIsAPermissionError) {
  std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
  EXPECT_EQ(InChild([&] {
              testing::BecomeOrdinaryUser();
              return testing::Describe(WriteLock::Open(path_).status());
            }),
            "permission at 13");
}

TEST_F(WriteLockTest, IsHeldFromAcquireUntilTheHoldIsDestroyed) {
  WriteLock lock = Expect(WriteLock::Open(path_));
  EXPECT_FALSE(IsLocked(path_));
  {
    const WriteLock::Hold hold = Expect(lock.Acquire());
    EXPECT_TRUE(IsLocked(path_));
  }
  EXPECT_FALSE(IsLocked(path_));
  EXPECT_EQ(testing::ReadBytes(path_), "");
}

TEST_F(WriteLockTest, AMovedHoldIsReleasedOnce) {
  WriteLock lock = Expect(WriteLock::Open(path_));
  std::optional<WriteLock::Hold> outer;
  {
    WriteLock::Hold inner = Expect(lock.Acquire());
    outer.emplace(std::move(inner));
  }
  EXPECT_TRUE(IsLocked(path_));
  outer.reset();
  EXPECT_FALSE(IsLocked(path_));
  EXPECT_THAT(lock.Acquire(), IsOk());
}

TEST_F(WriteLockTest, AMovedLockStillLocks) {
  WriteLock first = Expect(WriteLock::Open(path_));
  WriteLock second = std::move(first);
  const WriteLock::Hold hold = Expect(second.Acquire());
  EXPECT_TRUE(IsLocked(path_));
}

TEST_F(WriteLockTest, ExcludesOtherProcesses) {
  WriteLock lock = Expect(WriteLock::Open(path_));
  const auto seen_by_another = [&] {
    return InChild([&] { return std::string(IsLocked(path_) ? "locked" : "free"); });
  };
  {
    const WriteLock::Hold hold = Expect(lock.Acquire());
    EXPECT_EQ(seen_by_another(), "locked");
  }
  EXPECT_EQ(seen_by_another(), "free");
}

// Counts up without an atomic: two at once would lose steps, and ThreadSanitizer would see it.
void CountUp(WriteLock& lock, int rounds, int* counter, std::atomic<int>* inside, int* together) {
  for (int i = 0; i < rounds; ++i) {
    const WriteLock::Hold hold = Expect(lock.Acquire());
    if (++*inside != 1) ++*together;
    ++*counter;
    --*inside;
  }
}

TEST_F(WriteLockTest, ExcludesThreadsThatShareIt) {
  WriteLock lock = Expect(WriteLock::Open(path_));
  int counter = 0;
  int together = 0;
  std::atomic<int> inside = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { CountUp(lock, 1000, &counter, &inside, &together); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter, 4000);
  EXPECT_EQ(together, 0);
}

TEST_F(WriteLockTest, ExcludesThreadsThatOpenedItApart) {
  std::atomic<int> counter = 0;
  std::atomic<int> inside = 0;
  std::atomic<int> together = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      WriteLock own = Expect(WriteLock::Open(path_));
      for (int round = 0; round < 500; ++round) {
        const WriteLock::Hold hold = Expect(own.Acquire());
        together += ++inside != 1;
        ++counter;
        --inside;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter, 2000);
  EXPECT_EQ(together, 0);
}

// Or one thread of a busy process may wait for as long as the others have work.
TEST_F(WriteLockTest, AThreadThatWaitsComesBeforeOneThatAsksLater) {
  WriteLock lock = Expect(WriteLock::Open(path_));
  int overtaken = 0;
  for (int round = 0; round < 200; ++round) {
    auto hold = std::make_unique<WriteLock::Hold>(Expect(lock.Acquire()));
    std::atomic<pid_t> waiting = 0;
    std::atomic<bool> had_it = false;
    std::thread other([&] {
      waiting = ::gettid();
      const WriteLock::Hold own = Expect(lock.Acquire());
      had_it = true;
    });
    while (waiting == 0 || !testing::IsAsleep(waiting)) std::this_thread::yield();
    hold.reset();
    hold = std::make_unique<WriteLock::Hold>(Expect(lock.Acquire()));
    overtaken += !had_it;
    hold.reset();
    other.join();
  }
  EXPECT_EQ(overtaken, 0);
}

TEST_F(WriteLockTest, AForkedChildCannotAcquireAndReleasesNothing) {
  WriteLock lock = Expect(WriteLock::Open(path_));
  auto hold = std::make_unique<WriteLock::Hold>(Expect(lock.Acquire()));
  EXPECT_EQ(InChild([&] {
              const std::string answer = testing::Describe(lock.Acquire().status());
              hold.reset();
              return answer;
            }),
            "closed");
  EXPECT_TRUE(IsLocked(path_));
  hold.reset();
  EXPECT_FALSE(IsLocked(path_));
}

TEST_F(WriteLockTest, AForkedChildThatDropsItsCopyReleasesNothing) {
  std::optional<WriteLock> lock(Expect(WriteLock::Open(path_)));
  const WriteLock::Hold hold = Expect(lock->Acquire());
  // Closing one of two descriptors of an open file leaves its lock. (The child's mutex is a copy.)
  EXPECT_EQ(InChild([&] {
              const int descriptors = static_cast<int>(
                  std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
              for (int fd = 3; fd < descriptors + 64; ++fd) {
                std::error_code ignored;
                const auto target =
                    std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), ignored);
                if (target == std::filesystem::canonical(path_)) ::close(fd);
              }
              return std::string("closed them");
            }),
            "closed them");
  EXPECT_TRUE(IsLocked(path_));
}

}  // namespace
}  // namespace moniker::internal
