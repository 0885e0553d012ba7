#include "batch/ordered_work.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <new>
#include <thread>

namespace moniker::internal {
namespace {

// Counts to a number; hooks do what a test is about.
class Counting : public OrderedWork {
 public:
  Counting(std::size_t pieces, std::size_t workers) : pieces_(pieces), now_(workers) {}

  Result<bool> Take(std::size_t worker) override {
    EXPECT_EQ(in_take_++, 0);
    const std::size_t piece = taken_++;
    now_[worker] = piece;
    const bool more = piece < pieces_;
    const Status status = on_take ? on_take(piece) : Status::Ok();
    --in_take_;
    if (!status.ok()) return status;
    return more;
  }

  void Prepare(std::size_t worker) override {
    if (on_prepare) on_prepare(now_[worker]);
    ++prepared;
  }

  Result<bool> Finish(std::size_t worker) override {
    EXPECT_EQ(in_finish_++, 0);
    finished.push_back(now_[worker]);
    --in_finish_;
    if (on_finish) return on_finish(now_[worker]);
    return true;
  }

  std::vector<std::size_t> finished;
  std::atomic<int> prepared = 0;
  std::function<Status(std::size_t)> on_take;
  std::function<void(std::size_t)> on_prepare;
  std::function<Result<bool>(std::size_t)> on_finish;

 private:
  const std::size_t pieces_;
  std::vector<std::size_t> now_;
  std::size_t taken_ = 0;
  std::atomic<int> in_take_ = 0;
  std::atomic<int> in_finish_ = 0;
};

std::vector<std::size_t> UpTo(std::size_t count) {
  std::vector<std::size_t> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = i;
  return numbers;
}

class OrderedWorkTest : public ::testing::TestWithParam<std::size_t> {};

INSTANTIATE_TEST_SUITE_P(Workers, OrderedWorkTest, ::testing::Values(1, 2, 3, 8));

TEST_P(OrderedWorkTest, PiecesAreFinishedInTheirOrderHoweverLongTheyTake) {
  Counting work(200, GetParam());
  work.on_prepare = [](std::size_t piece) {
    for (std::size_t i = 0; i < (piece % 5) * 20; ++i) std::this_thread::yield();
  };
  ASSERT_TRUE(RunInOrder(&work, GetParam()).ok());
  EXPECT_EQ(work.finished, UpTo(200));
  EXPECT_EQ(work.prepared, 200);
}

TEST_P(OrderedWorkTest, NothingToDoIsDone) {
  Counting work(0, GetParam());
  ASSERT_TRUE(RunInOrder(&work, GetParam()).ok());
  EXPECT_TRUE(work.finished.empty());
}

TEST_P(OrderedWorkTest, TheFirstErrorOfFinishEndsIt) {
  Counting work(1000, GetParam());
  work.on_finish = [](std::size_t piece) -> Result<bool> {
    if (piece < 10) return true;
    return Status(StatusCode::kIo, "no more", static_cast<std::int64_t>(piece));
  };
  const Status status = RunInOrder(&work, GetParam());
  EXPECT_EQ(status.locator(), 10);
  EXPECT_EQ(work.finished, UpTo(11));
}

TEST_P(OrderedWorkTest, AnErrorOfTakeComesAfterWhatWasTakenBefore) {
  Counting work(1000, GetParam());
  work.on_take = [](std::size_t piece) {
    return piece == 10 ? Status(StatusCode::kIo, "cannot take", 10) : Status::Ok();
  };
  const Status status = RunInOrder(&work, GetParam());
  EXPECT_EQ(status.locator(), 10);
  EXPECT_EQ(work.finished, UpTo(10));
}

TEST_P(OrderedWorkTest, AFinishThatWantsNoMoreEndsItWithoutAnError) {
  Counting work(1000, GetParam());
  work.on_finish = [](std::size_t piece) -> Result<bool> { return piece < 4; };
  ASSERT_TRUE(RunInOrder(&work, GetParam()).ok());
  EXPECT_EQ(work.finished, UpTo(5));
}

TEST_P(OrderedWorkTest, WhatAThreadThrowsIsThrownToTheCaller) {
  for (int place = 0; place < 3; ++place) {
    Counting work(1000, GetParam());
    const auto at_seven = [](std::size_t piece) {
      if (piece == 7) throw std::bad_alloc();
    };
    if (place == 0) work.on_take = [&](std::size_t piece) { return at_seven(piece), Status::Ok(); };
    if (place == 1) work.on_prepare = at_seven;
    if (place == 2) {
      work.on_finish = [&](std::size_t piece) -> Result<bool> { return at_seven(piece), true; };
    }
    EXPECT_THROW((void)RunInOrder(&work, GetParam()), std::bad_alloc) << place;
    EXPECT_LE(work.finished.size(), 8U);
  }
}

TEST(OrderedWorkersTest, WorkersPrepareSideBySide) {
  // Each waits until the other is there: one after the other they would wait for ever.
  Counting work(2, 2);
  std::atomic<int> there = 0;
  work.on_prepare = [&](std::size_t) {
    ++there;
    while (there < 2) std::this_thread::yield();
  };
  ASSERT_TRUE(RunInOrder(&work, 2).ok());
  EXPECT_EQ(work.finished, UpTo(2));
}

}  // namespace
}  // namespace moniker::internal
