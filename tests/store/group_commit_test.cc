// Threads that write together, over a store that fails now and then.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "store/audit_chain.h"
#include "store/test_store.h"
#include "support/failing_backend.h"
#include "support/status_matchers.h"

namespace moniker::internal {
namespace {

using testing::Expect;
using testing::FailingBackend;
using testing::FailingTransaction;
using testing::Faults;
using testing::HasCode;
using testing::IsOk;
using testing::ScanAll;
using testing::StorageKind;
using testing::TestStore;

constexpr int kThreads = 8;
constexpr int kRounds = 40;

AuditEntry EntryOf(const std::string& actor) {
  AuditEntry entry;
  entry.time_ms = 1'700'000'000'123;
  entry.actor = actor;
  entry.purpose = "treatment";
  entry.asked = 1;
  return entry;
}

// Lets every so-manieth commit, and other writes, fail.
class FlakyTransaction final : public FailingTransaction {
 public:
  FlakyTransaction(std::unique_ptr<StorageTransaction> inner, std::shared_ptr<Faults> none,
                   int number)
      : FailingTransaction(std::move(inner), std::move(none)), number_(number) {}

  Status PutMany(Table table, std::span<const SealedRecord> records) override {
    if (number_ % 6 == 5 && table == Table::kExternalId) {
      return Status(StatusCode::kNoSpace, "full", 28);
    }
    return inner_->PutMany(table, records);
  }
  Status Commit(const Committed& committed) override {
    if (number_ % 4 == 3) return Status(StatusCode::kIo, "disk on fire", 5);
    return inner_->Commit(committed);
  }

 private:
  const int number_;
};

class FlakyBackend final : public FailingBackend {
 public:
  explicit FlakyBackend(std::shared_ptr<StorageBackend> inner)
      : FailingBackend(std::move(inner), std::make_shared<Faults>()) {}

  Result<std::unique_ptr<StorageTransaction>> Begin() override {
    Result<std::unique_ptr<StorageTransaction>> begun = inner_->Begin();
    if (!begun.ok()) return begun.status();
    return std::unique_ptr<StorageTransaction>(
        std::make_unique<FlakyTransaction>(*std::move(begun), faults_, transactions_++));
  }
  std::optional<ChangeMark> Mark() override { return inner_->Mark(); }

 private:
  std::atomic<int> transactions_ = 0;
};

class GroupCommitTest : public ::testing::TestWithParam<StorageKind> {
 protected:
  StoreReport Report() {
    return Expect(MappingStore::Verify(test_.backend.get(), test_.Source(), nullptr, nullptr));
  }

  TestStore test_{VaultMode::kDerived, GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Backends, GroupCommitTest,
                         ::testing::Values(StorageKind::kMemory, StorageKind::kSqlite),
                         testing::NameOf);

// Admissions, bindings that somebody else was faster with, audit entries and declarations that
// contradict one another, while transactions fail in the middle and at their end: what was
// acknowledged is there, and the store is what its manifest says.
TEST_P(GroupCommitTest, WhatWasAcknowledgedIsThereAndWhatFailedLeavesNoTrace) {
  const auto store = Expect(MappingStore::Open(
      test_.LoadKeyring(), std::make_unique<FlakyBackend>(test_.backend), test_.Source()));
  std::atomic<int> entries = 0;
  std::atomic<int> conflicts = 0;
  std::atomic<int> failures = 0;
  std::vector<std::vector<std::string>> admitted(kThreads);
  std::vector<std::vector<std::string>> bound(kThreads);
  const auto work = [&](int thread) {
    const auto mine = static_cast<std::size_t>(thread);
    for (int round = 0; round < kRounds; ++round) {
      const std::string id = std::to_string(thread) + "-" + std::to_string(round);
      const auto who = TestStore::TryToAdmit(*store, {{.issuer = "mrn", .id = id, .name = "N"}});
      if (!who.ok()) {
        ++failures;
        continue;
      }
      admitted[mine].push_back(testing::IdOf(who->front()));
      // All threads want the participant IDs of this round, each for its own person.
      const std::string participant = "p-" + std::to_string(round);
      const MappingStore::Binding binding{participant, who->front().pseudonym.uuid()};
      const auto bindings = store->BindMany({&binding, 1});
      if (!bindings.ok()) ++failures;
      if (bindings.ok() && bindings->front().ok()) bound[mine].push_back(participant);
      if (bindings.ok() && !bindings->front().ok()) ++conflicts;
      const Status entered = store->AppendAuditEntry(EntryOf("actor")).status();
      ++(entered.ok() ? entries : failures);
      const Status declared =
          store->DeclareIssuer("issuer-" + std::to_string(round),
                               thread % 2 == 0 ? IdentifierKind::kOpaque : IdentifierKind::kText);
      if (declared.code() == StatusCode::kConflict) ++conflicts;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();

  EXPECT_GT(failures, 0);
  EXPECT_GT(conflicts, 0);
  std::set<std::string> winners;
  for (std::size_t i = 0; i < kThreads; ++i) {
    for (const std::string& id : admitted[i]) EXPECT_TRUE(TestStore::Find(*test_.store, id)) << id;
    for (const std::string& participant : bound[i]) {
      EXPECT_TRUE(winners.insert(participant).second) << participant;
      EXPECT_TRUE(TestStore::Find(*test_.store, participant)) << participant;
    }
  }
  // Nobody is there by half, and no entry that its writer was told had failed.
  EXPECT_EQ(test_.Count(Table::kPerson), test_.Count(Table::kExternalId));
  EXPECT_EQ(test_.Count(Table::kAudit), static_cast<std::uint64_t>(entries));
  EXPECT_TRUE(Report().intact());
}

TEST_P(GroupCommitTest, EntriesThatAreWrittenTogetherStandInOneChain) {
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < kRounds; ++round) {
        if (!test_.store->AppendAuditEntry(EntryOf("actor-" + std::to_string(i))).ok()) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  std::uint64_t number = 0;
  for (const SealedRecord& record : ScanAll(*test_.backend, Table::kAudit)) {
    EXPECT_EQ(record.tag, AuditTag(++number));
  }
  EXPECT_EQ(number, static_cast<std::uint64_t>(kThreads * kRounds));
  EXPECT_TRUE(Report().intact());
  // The chain goes on where it ends, for whoever opens the store anew.
  EXPECT_THAT(test_.Open()->AppendAuditEntry(EntryOf("last")), IsOk());
}

// One entry too large to be sealed, among others: it alone is refused.
TEST_P(GroupCommitTest, AnEntryThatCannotBeIsRefusedAlone) {
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 10; ++round) {
        const Status status =
            test_.store
                ->AppendAuditEntry(EntryOf(i == 0 ? std::string(200, 'x') : std::string("actor")))
                .status();
        const StatusCode expected = i == 0 ? StatusCode::kInvalidArgument : StatusCode::kOk;
        if (status.code() != expected) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(test_.Count(Table::kAudit), 70u);
  EXPECT_TRUE(Report().intact());
}

TEST_P(GroupCommitTest, KeysThatAreRotatedMeanwhileAreTakenOverByAllWriters) {
  std::atomic<int> wrong = 0;
  std::atomic<bool> over = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; !over; ++round) {
        const std::string id = std::to_string(i) + "-" + std::to_string(round);
        if (!TestStore::TryToAdmit(*test_.store, {{.issuer = "mrn", .id = id, .name = "N"}}).ok()) {
          ++wrong;
        }
      }
    });
  }
  const auto other = test_.Open();
  for (const KeyKind kind : {KeyKind::kIdentity, KeyKind::kStorage, KeyKind::kIdentity}) {
    EXPECT_THAT(test_.Rotate(*other, kind), IsOk());
  }
  over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(test_.Admit({{.issuer = "mrn", .id = "1", .name = "N"}}).front().identity_epoch, 3u);
  EXPECT_EQ(test_.Count(Table::kPerson), test_.Count(Table::kExternalId));
  EXPECT_TRUE(Report().intact());
}

}  // namespace
}  // namespace moniker::internal
