#include "base/idle_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/child_process.h"

namespace moniker::internal {
namespace {

using std::chrono::milliseconds;
using testing::InChild;

class IdleLockTest : public ::testing::Test {
 protected:
  std::unique_ptr<IdleLock> Start(milliseconds after) {
    return *IdleLock::Start(after, [this] { ++locked_; });
  }
  void WaitForLock(int count) const {
    while (locked_ < count) std::this_thread::sleep_for(milliseconds(1));
  }

  std::atomic<int> locked_ = 0;
};

TEST_F(IdleLockTest, LocksOnceAfterEachUse) {
  const auto idle = Start(milliseconds(20));
  for (int i = 1; i <= 3; ++i) {
    const auto before = std::chrono::steady_clock::now();
    { const IdleLock::Use use(idle.get()); }
    WaitForLock(i);
    EXPECT_GE(std::chrono::steady_clock::now() - before, milliseconds(20));
    std::this_thread::sleep_for(milliseconds(60));
    EXPECT_EQ(locked_, i);
  }
}

TEST_F(IdleLockTest, WithoutAUseThereIsNothingToLock) {
  const auto idle = Start(milliseconds(1));
  std::this_thread::sleep_for(milliseconds(30));
  EXPECT_EQ(locked_, 0);
}

TEST_F(IdleLockTest, WhatIsInUseIsNotLocked) {
  const auto idle = Start(milliseconds(5));
  std::optional<IdleLock::Use> first(std::in_place, idle.get());
  std::optional<IdleLock::Use> second(std::in_place, idle.get());
  std::this_thread::sleep_for(milliseconds(30));
  first.reset();
  std::this_thread::sleep_for(milliseconds(30));
  EXPECT_EQ(locked_, 0);
  second.reset();
  WaitForLock(1);
}

TEST_F(IdleLockTest, AUseThatIsMovedEndsOnce) {
  const auto idle = Start(milliseconds(5));
  {
    IdleLock::Use use(idle.get());
    IdleLock::Use moved(std::move(use));
    IdleLock::Use assigned;
    assigned = std::move(moved);
    std::this_thread::sleep_for(milliseconds(30));
    EXPECT_EQ(locked_, 0);
  }
  WaitForLock(1);
}

TEST_F(IdleLockTest, EndsWithItsOwnerWhateverItWaitsFor) {
  { const auto idle = Start(std::chrono::hours(24)); }
  {
    const auto idle = Start(std::chrono::hours(24));
    { const IdleLock::Use use(idle.get()); }
  }
  EXPECT_EQ(locked_, 0);
}

TEST_F(IdleLockTest, ThreadsMayUseItWhileItLocks) {
  const auto idle = Start(milliseconds(1));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        { const IdleLock::Use use(idle.get()); }
        std::this_thread::sleep_for(milliseconds(round % 3));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  WaitForLock(1);
}

TEST_F(IdleLockTest, InTheChildOfAForkItMayBeUsedAndDestroyedAndDoesNothing) {
  auto idle = Start(milliseconds(5));
  const IdleLock::Use use(idle.get());
  EXPECT_EQ(InChild([&] {
              { const IdleLock::Use another(idle.get()); }
              std::this_thread::sleep_for(milliseconds(30));
              idle.reset();
              return std::to_string(locked_);
            }),
            "0");
}

// Signals of the application are not delivered to a thread that it does not know of.
TEST_F(IdleLockTest, ItsThreadTakesNoSignals) {
  sigset_t before;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &before);
  std::atomic<int> blocked = -1;
  const auto idle = *IdleLock::Start(milliseconds(1), [&] {
    sigset_t own;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &own);
    blocked = sigismember(&own, SIGTERM);
  });
  { const IdleLock::Use use(idle.get()); }
  while (blocked < 0) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_EQ(blocked, 1);
  sigset_t after;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &after);
  EXPECT_EQ(sigismember(&after, SIGTERM), sigismember(&before, SIGTERM));
}

}  // namespace
}  // namespace moniker::internal
