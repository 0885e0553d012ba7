#include "store/write_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <new>
#include <thread>
#include <vector>

#include "base/status_macros.h"
#include "support/child_process.h"
#include "support/records.h"
#include "support/status_matchers.h"

namespace moniker::internal {
namespace {

using testing::Expect;
using testing::HasCode;
using testing::InChild;
using testing::IsOk;

constexpr Status kTaken(StatusCode::kConflict, "taken");
constexpr Status kDiskOnFire(StatusCode::kIo, "disk on fire", 5);

class WriteQueueTest : public ::testing::Test {
 protected:
  // A leader that goes on until so many writers have come, so that they are one batch.
  WriteQueue::Leader LeadUntil(int writers, Status end = Status::Ok()) {
    return [this, writers, end](WriteQueue::Batch* batch) -> Status {
      ++batches_;
      const auto transaction = NewTransaction();
      while (worked_ < writers) {
        const Status status = batch->CarryOut(nullptr, transaction.get());
        if (!status.ok()) return status;
        std::this_thread::yield();
      }
      return end;
    };
  }

  // Each thread joins once, with what `work` answers for its number.
  std::vector<Status> JoinAll(int threads, const std::function<Status(int)>& work,
                              const WriteQueue::Leader& lead) {
    std::vector<Status> statuses(static_cast<std::size_t>(threads));
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i) {
      running.emplace_back([&, i] {
        statuses[static_cast<std::size_t>(i)] = queue_.Join(
            [&](const auto&, AccountedTransaction*) {
              ++worked_;
              return work(i);
            },
            lead);
      });
    }
    for (std::thread& thread : running) thread.join();
    return statuses;
  }

  std::unique_ptr<AccountedTransaction> NewTransaction() {
    return std::make_unique<AccountedTransaction>(Expect(backend_->Begin()), nullptr, Manifest(),
                                                  nullptr);
  }

  const std::unique_ptr<StorageBackend> backend_ = MakeMemoryBackend();
  WriteQueue queue_;
  std::atomic<int> worked_ = 0;
  std::atomic<int> batches_ = 0;
};

TEST_F(WriteQueueTest, WhoIsAloneLeadsItself) {
  EXPECT_THAT(JoinAll(
                  1, [](int) { return Status::Ok(); }, LeadUntil(1))[0],
              IsOk());
  EXPECT_EQ(worked_, 1);
  EXPECT_EQ(batches_, 1);
}

TEST_F(WriteQueueTest, WhoComesWhileOneLeadsIsCarriedOutByIt) {
  const auto statuses = JoinAll(
      8, [](int) { return Status::Ok(); }, LeadUntil(8));
  for (const Status& status : statuses) EXPECT_THAT(status, IsOk());
  EXPECT_EQ(worked_, 8);
  EXPECT_EQ(batches_, 1);
}

TEST_F(WriteQueueTest, EachIsToldWhatBecameOfItsOwnWork) {
  const auto statuses = JoinAll(
      8, [](int i) { return i % 2 == 0 ? Status::Ok() : kTaken.At(i); }, LeadUntil(8));
  for (int i = 0; i < 8; ++i) {
    const Status& status = statuses[static_cast<std::size_t>(i)];
    EXPECT_EQ(status.code(), i % 2 == 0 ? StatusCode::kOk : StatusCode::kConflict) << i;
    if (i % 2 == 1) {
      EXPECT_EQ(status.locator(), i);
    }
  }
}

TEST_F(WriteQueueTest, NobodyIsToldOfSuccessIfTheCommitFails) {
  const auto statuses = JoinAll(
      8, [](int i) { return i == 3 ? kTaken : Status::Ok(); }, LeadUntil(8, kDiskOnFire));
  for (const Status& status : statuses) EXPECT_THAT(status, HasCode(StatusCode::kIo));
}

TEST_F(WriteQueueTest, AFailureOfTheTransactionEndsTheBatchForAllOfIt) {
  const auto lead = [&](WriteQueue::Batch* batch) -> Status {
    const auto transaction = NewTransaction();
    Expect(transaction->Commit());  // whatever is asked from now on fails
    return batch->CarryOut(nullptr, transaction.get());
  };
  const Status status = queue_.Join(
      [](const auto&, AccountedTransaction* transaction) {
        return transaction->Count(Table::kPerson).ok() ? Status::Ok() : kTaken;
      },
      lead);
  EXPECT_THAT(status, HasCode(StatusCode::kClosed));
}

TEST_F(WriteQueueTest, AfterAFailureTheNextLeads) {
  const auto fail = [](WriteQueue::Batch*) { return kDiskOnFire; };
  const auto work = [](const auto&, AccountedTransaction*) { return Status::Ok(); };
  EXPECT_THAT(queue_.Join(work, fail), HasCode(StatusCode::kIo));
  // Threads that all fail before they come to anybody's work: each leads once, and nobody is left.
  for (const Status& status : JoinAll(
           8, [](int) { return Status::Ok(); }, fail)) {
    EXPECT_THAT(status, HasCode(StatusCode::kIo));
  }
  EXPECT_EQ(worked_, 0);
  EXPECT_THAT(JoinAll(
                  1, [](int) { return Status::Ok(); }, LeadUntil(1))[0],
              IsOk());
}

TEST_F(WriteQueueTest, WithoutMemoryTheLeaderHasTheExceptionAndTheOthersAnError) {
  std::atomic<int> thrown = 0;
  std::atomic<int> exhausted = 0;
  std::vector<std::thread> threads;
  const auto lead = [&](WriteQueue::Batch* batch) -> Status {
    const Status status = LeadUntil(4)(batch);
    if (status.ok()) throw std::bad_alloc();
    return status;
  };
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      try {
        const Status status = queue_.Join(
            [&](const auto&, AccountedTransaction*) {
              ++worked_;
              return Status::Ok();
            },
            lead);
        exhausted += status.code() == StatusCode::kExhausted;
      } catch (const std::bad_alloc&) {
        ++thrown;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(thrown, 1);
  EXPECT_EQ(exhausted, 3);
  EXPECT_THAT(JoinAll(
                  1, [](int) { return Status::Ok(); }, LeadUntil(1))[0],
              IsOk());
}

TEST_F(WriteQueueTest, ABatchHasAnEnd) {
  constexpr int kThreads = WriteQueue::Batch::kMaxWriters + 6;
  std::atomic<int> waiting = 0;
  std::atomic<int> largest = 0;
  const auto lead = [&](WriteQueue::Batch* batch) -> Status {
    while (waiting < kThreads) std::this_thread::yield();
    const auto transaction = NewTransaction();
    const int before = worked_;
    // Tries to take more than it may, over and over.
    for (int i = 0; i < 1000; ++i) {
      MONIKER_RETURN_IF_ERROR(batch->CarryOut(nullptr, transaction.get()));
    }
    largest = std::max(largest.load(), worked_ - before);
    return Status::Ok();
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      ++waiting;
      EXPECT_THAT(queue_.Join(
                      [&](const auto&, AccountedTransaction*) {
                        ++worked_;
                        return Status::Ok();
                      },
                      lead),
                  IsOk());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(worked_, kThreads);
  EXPECT_LE(largest, static_cast<int>(WriteQueue::Batch::kMaxWriters));
}

// Whoever leads is not left leading, and nobody is passed over: all are done in the end.
TEST_F(WriteQueueTest, ThousandsOfWritesFromManyThreadsAreEachDoneOnce) {
  std::atomic<int> wrong = 0;
  const auto lead = [&](WriteQueue::Batch* batch) -> Status {
    const int number = ++batches_;
    const auto transaction = NewTransaction();
    const Status status = batch->CarryOut(nullptr, transaction.get());
    return number % 7 == 0 ? kDiskOnFire : status;
  };
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        const Status status = queue_.Join(
            [&](const auto&, AccountedTransaction*) {
              ++worked_;
              return i % 5 == 0 ? kTaken : Status::Ok();
            },
            lead);
        const StatusCode own = i % 5 == 0 ? StatusCode::kConflict : StatusCode::kOk;
        if (status.code() != own && status.code() != StatusCode::kIo) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(worked_, 8 * 500);
  EXPECT_EQ(wrong, 0);
}

TEST_F(WriteQueueTest, IsClosedInTheChildOfAFork) {
  EXPECT_EQ(InChild([&] {
              const Status status = queue_.Join(
                  [](const auto&, AccountedTransaction*) { return Status::Ok(); }, LeadUntil(1));
              return std::string(StatusCodeName(status.code()));
            }),
            "closed");
}

}  // namespace
}  // namespace moniker::internal
