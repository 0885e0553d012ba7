#include "base/ranges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <vector>

namespace moniker::internal {
namespace {

TEST(RangesTest, EachThingIsInOneRange) {
  for (const std::size_t count : std::to_array<std::size_t>({0, 1, 2, 3, 255, 256, 257, 10'000})) {
    std::vector<std::atomic<int>> visits(count);
    const Status status = InRanges(count, 2, [&](std::size_t begin, std::size_t size) {
      for (std::size_t i = begin; i < begin + size; ++i) ++visits.at(i);
      return Status::Ok();
    });
    EXPECT_TRUE(status.ok());
    for (const auto& visit : visits) ASSERT_EQ(visit, 1) << count;
  }
}

TEST(RangesTest, FewThingsAreOneRange) {
  int calls = 0;
  const Status status = InRanges(511, 256, [&](std::size_t begin, std::size_t size) {
    ++calls;
    EXPECT_EQ(begin, 0u);
    EXPECT_EQ(size, 511u);
    return Status::Ok();
  });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(calls, 1);
}

TEST(RangesTest, TheFirstErrorIsThatOfTheFirstThing) {
  const Status status = InRanges(10'000, 1, [&](std::size_t begin, std::size_t) {
    return Status(StatusCode::kConflict, "here", static_cast<std::int64_t>(begin));
  });
  EXPECT_EQ(status.code(), StatusCode::kConflict);
  EXPECT_EQ(status.locator(), 0);
}

TEST(RangesTest, AThreadWithoutMemoryIsAnError) {
  if (std::thread::hardware_concurrency() < 2) GTEST_SKIP() << "there is one processor";
  const Status status = InRanges(10'000, 1, [&](std::size_t begin, std::size_t) -> Status {
    if (begin != 0) throw std::bad_alloc();
    return Status::Ok();
  });
  EXPECT_EQ(status.code(), StatusCode::kExhausted);
}

}  // namespace
}  // namespace moniker::internal
