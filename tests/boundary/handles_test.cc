#include "boundary/handles.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace moniker::internal {
namespace {

std::shared_ptr<const void> Number(int number) { return std::make_shared<const int>(number); }

TEST(HandlesTest, ClosedOnesOfOtherTypesAndMadeUpOnesAreRefused) {
  const std::uintptr_t handle = AddHandle(HandleType::kGate, Number(1));
  EXPECT_TRUE(FindHandle(HandleType::kGate, handle).ok());
  EXPECT_EQ(FindHandle(HandleType::kVault, handle).status().code(), StatusCode::kClosed);
  EXPECT_EQ(FindHandle(HandleType::kGate, handle + 8).status().code(), StatusCode::kClosed);
  EXPECT_EQ(FindHandle(HandleType::kGate, ~std::uintptr_t{0}).status().code(), StatusCode::kClosed);
  EXPECT_EQ(FindHandle(HandleType::kGate, 0).status().code(), StatusCode::kInvalidArgument);
  RemoveHandle(HandleType::kVault, handle);
  EXPECT_TRUE(FindHandle(HandleType::kGate, handle).ok());
  RemoveHandle(HandleType::kGate, handle);
  EXPECT_EQ(FindHandle(HandleType::kGate, handle).status().code(), StatusCode::kClosed);
  RemoveHandle(HandleType::kGate, handle);
}

TEST(HandlesTest, NoneIsHandedOutTwice) {
  std::set<std::uintptr_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::uintptr_t handle = AddHandle(HandleType::kIdentity, Number(i));
    EXPECT_TRUE(seen.insert(handle).second);
    RemoveHandle(HandleType::kIdentity, handle);
  }
}

TEST(HandlesTest, AnObjectInUseOutlivesItsHandle) {
  const std::uintptr_t handle = AddHandle(HandleType::kGate, Number(42));
  const auto used = FindHandle(HandleType::kGate, handle);
  ASSERT_TRUE(used.ok());
  RemoveHandle(HandleType::kGate, handle);
  EXPECT_EQ(*static_cast<const int*>(used->get()), 42);
  EXPECT_EQ(used->use_count(), 1);
}

TEST(HandlesTest, ThreadsThatAddUseAndCloseSeeTheirOwnOrNothing) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([thread] {
      for (int i = 0; i < 2000; ++i) {
        const std::uintptr_t handle = AddHandle(HandleType::kIdentity, Number(thread));
        const auto found = FindHandle(HandleType::kIdentity, handle);
        ASSERT_TRUE(found.ok());
        EXPECT_EQ(*static_cast<const int*>(found->get()), thread);
        RemoveHandle(HandleType::kIdentity, handle);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// Without the handlers of fork a child would now and then wait for ever for a lock of a thread that
// it does not have.
// Not with this sanitizer: a child finds the locks of its allocator as other threads held them, and
// waits for ever, whoever's memory it asks for.
#ifndef __SANITIZE_ADDRESS__
TEST(HandlesTest, AChildCanUseThemWhateverOtherThreadsDidWhenItWasMade) {
  std::atomic<bool> stop = false;
  std::thread busy([&] {
    while (!stop) RemoveHandle(HandleType::kGate, AddHandle(HandleType::kGate, Number(1)));
  });
  for (int i = 0; i < 50; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (int part = 0; part < 16; ++part) {
        RemoveHandle(HandleType::kGate, AddHandle(HandleType::kGate, nullptr));
      }
      ::_exit(0);
    }
    int status = -1;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  stop = true;
  busy.join();
}
#endif

}  // namespace
}  // namespace moniker::internal
