// The budget of who resolves: what counts, for how long, and that nobody gets more than it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "moniker/bulk_resolver.h"
#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
#include "store/payload.h"
#include "store/record_sealer.h"
#include "support/child_process.h"
#include "support/status_matchers.h"
#include "support/test_keyring.h"
#include "support/test_vault.h"

namespace moniker {
namespace {

using ::testing::ElementsAre;
using testing::Expect;
using testing::HasCode;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::kJoseId;
using testing::kMariaId;
using testing::SamplePeople;
using testing::StorageKind;
using testing::TestVault;

constexpr AccessReason kReason = {.actor = "dr-obrien", .purpose = "treatment"};
constexpr AccessReason kOther = {.actor = "dr-weiss", .purpose = "treatment"};
constexpr AccessReason kEmergency = {
    .actor = "dr-obrien", .purpose = "cardiac arrest", .break_glass = true};

constexpr std::uint64_t kBegin = 1'700'000'000'000;
constexpr std::uint64_t kMinute = 60'000;
constexpr std::uint64_t kHour = 60 * kMinute;
constexpr std::uint64_t kDay = 24 * kHour;

std::vector<AuditEntry> EntriesOf(const TestVault& test) {
  const internal::RecordSealer sealer =
      Expect(internal::RecordSealer::Create(*test.vault->keyring()));
  std::vector<AuditEntry> entries;
  for (const SealedRecord& record : testing::ScanAll(*test.tables, Table::kAudit)) {
    const auto opened = Expect(sealer.Open(Table::kAudit, record.tag, record.sealed));
    entries.push_back(Expect(internal::DecodeAuditEntry(opened.payload.Expose())));
  }
  return entries;
}

std::vector<AuditOperation> OperationsOf(const TestVault& test) {
  std::vector<AuditOperation> operations;
  for (const AuditEntry& entry : EntriesOf(test)) operations.push_back(entry.operation);
  return operations;
}

Keyring MemoryKeyring() {
  return testing::MakeKeyring({.keys = {{KeyKind::kIdentity, 1, testing::Counting(32)}}});
}

// Over memory its keyring can be made again.
TestVault VaultOver(StorageKind kind) {
  if (kind == StorageKind::kMemory) return TestVault(MemoryKeyring());
  return TestVault(kind);
}

class BudgetFixture : public ::testing::Test {
 protected:
  explicit BudgetFixture(StorageKind kind) : kind_(kind) {
    const auto maria = SamplePeople().at(0);
    Expect(Expect(IdentityGate::Create(*test_.vault, {.scope = Scope::App()}))
               .Admit(maria.view(), maria.role));
  }

  void Allow(std::uint32_t per_hour, std::uint32_t per_day) {
    Expect(test_.vault->SetPolicy({per_hour, per_day, 0}, kReason));
  }

  Status Ask(std::size_t count, const AccessReason& reason = kReason) {
    const std::vector<std::string_view> ids(count, kMariaId);
    return resolver_.ResolveMany(ids, reason).status();
  }

  // How many can be asked for one by one before the budget is used up.
  int Left(const AccessReason& reason = kReason) {
    int left = 0;
    while (left < 1000 && Ask(1, reason).ok()) ++left;
    return left;
  }

  // A resolver of another vault object over the same tables, which has counted nothing yet.
  Resolver Restarted() {
    others_.push_back(
        kind_ == StorageKind::kSqlite
            ? Expect(Vault::Open(test_.path()))
            : Expect(Vault::Assemble(MemoryKeyring(), std::make_unique<testing::FailingBackend>(
                                                          test_.tables, test_.faults))));
    return Resolver::Create(others_.back(), [this] { return now_; });
  }

  const StorageKind kind_;
  TestVault test_ = VaultOver(kind_);
  std::vector<Vault> others_;
  std::uint64_t now_ = kBegin;
  Resolver resolver_ = Resolver::Create(*test_.vault, [this] { return now_; });
};

// What is counted does not depend on the backend; what several programs share does.
class BudgetTest : public BudgetFixture {
 protected:
  BudgetTest() : BudgetFixture(StorageKind::kMemory) {}
};

class SharedBudgetTest : public BudgetFixture, public ::testing::WithParamInterface<StorageKind> {
 protected:
  SharedBudgetTest() : BudgetFixture(GetParam()) {}
};

class BudgetFileTest : public BudgetFixture {
 protected:
  BudgetFileTest() : BudgetFixture(StorageKind::kSqlite) {}
};

INSTANTIATE_TEST_SUITE_P(Backends, SharedBudgetTest,
                         ::testing::Values(StorageKind::kMemory, StorageKind::kSqlite),
                         testing::NameOf);

TEST_F(BudgetTest, WithoutAPolicyThereIsNoLimit) {
  EXPECT_EQ(Expect(test_.vault->policy()), VaultPolicy());
  EXPECT_THAT(Ask(500), IsOk());
  EXPECT_THAT(Ask(500), IsOk());
}

TEST_F(BudgetTest, ABudgetIsForIdsAndNotForCalls) {
  Allow(10, 0);
  EXPECT_THAT(Ask(4), IsOk());
  EXPECT_THAT(Ask(4), IsOk());
  EXPECT_THAT(Ask(3), HasCode(StatusCode::kOverBudget));
  EXPECT_THAT(Ask(2), IsOk());
  EXPECT_THAT(Ask(1), HasCode(StatusCode::kOverBudget));
}

TEST_F(BudgetTest, AnUnknownIdCountsToo) {
  Allow(2, 0);
  EXPECT_THAT(resolver_.Resolve("nobody", kReason), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(resolver_.Resolve("nobody", kReason), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(resolver_.Resolve("nobody", kReason), HasCode(StatusCode::kOverBudget));
}

TEST_F(BudgetTest, EachActorHasABudget) {
  Allow(3, 0);
  EXPECT_EQ(Left(), 3);
  EXPECT_EQ(Left(kOther), 3);
  // Nobody is taken for another whose name he begins with.
  EXPECT_EQ(Left({.actor = "dr-weis", .purpose = "treatment"}), 3);
}

TEST_F(BudgetTest, ARefusedCallAnswersNobodyAndIsAudited) {
  Allow(1, 0);
  EXPECT_THAT(Ask(1), IsOk());
  EXPECT_THAT(Ask(2), HasCode(StatusCode::kOverBudget));
  const AuditEntry entry = EntriesOf(test_).back();
  EXPECT_EQ(entry.operation, AuditOperation::kRefusedResolve);
  EXPECT_EQ(entry.actor, "dr-obrien");
  EXPECT_EQ(entry.purpose, "treatment");
  EXPECT_EQ(entry.asked, 2u);
  EXPECT_THAT(entry.persons, IsEmpty());
  EXPECT_FALSE(entry.scope);
}

TEST_F(BudgetTest, WhatWasRefusedDoesNotCount) {
  Allow(5, 0);
  for (int i = 0; i < 20; ++i) EXPECT_THAT(Ask(6), HasCode(StatusCode::kOverBudget));
  EXPECT_EQ(Left(), 5);
}

TEST_F(BudgetTest, AnHourLaterEachLookupIsForgottenInItsTurn) {
  Allow(3, 0);
  EXPECT_THAT(Ask(1), IsOk());
  now_ += 20 * kMinute;
  EXPECT_EQ(Left(), 2);
  now_ = kBegin + kHour - 1;
  EXPECT_EQ(Left(), 0);
  now_ = kBegin + kHour;
  EXPECT_EQ(Left(), 1);
  now_ = kBegin + kHour + 20 * kMinute;
  EXPECT_EQ(Left(), 2);
}

TEST_F(BudgetTest, TheDayHasABudgetBesideTheHour) {
  Allow(3, 5);
  EXPECT_EQ(Left(), 3);
  now_ += kHour;
  EXPECT_EQ(Left(), 2);
  now_ += kHour;
  EXPECT_EQ(Left(), 0);
  now_ = kBegin + kDay - 1;
  EXPECT_EQ(Left(), 0);
  now_ = kBegin + kDay;
  EXPECT_EQ(Left(), 3);
}

TEST_P(SharedBudgetTest, WhoOpensTheVaultAnewHasWhatIsLeft) {
  Allow(0, 7);
  EXPECT_THAT(Ask(3), IsOk());
  for (int left = 4; left >= 0; --left) {
    resolver_ = Restarted();
    EXPECT_EQ(Ask(1).ok(), left > 0) << left;
  }
}

TEST_F(BudgetTest, ALongLogOfOthersIsCountedToItsLastDay) {
  Allow(0, 1000);
  EXPECT_THAT(Ask(600), IsOk());
  now_ += kDay;
  EXPECT_THAT(Ask(900), IsOk());
  for (int i = 0; i < 700; ++i) ASSERT_THAT(Ask(1, kOther), IsOk());
  resolver_ = Restarted();
  EXPECT_THAT(Ask(101), HasCode(StatusCode::kOverBudget));
  EXPECT_THAT(Ask(100), IsOk());
}

TEST_P(SharedBudgetTest, TwoWhoHaveTheVaultOpenShareABudget) {
  Allow(10, 0);
  Resolver other = Restarted();
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(Ask(1), IsOk());
    EXPECT_THAT(other.Resolve(kMariaId, kReason), IsOk());
  }
  EXPECT_THAT(Ask(1), HasCode(StatusCode::kOverBudget));
  EXPECT_THAT(other.Resolve(kMariaId, kReason), HasCode(StatusCode::kOverBudget));
}

TEST_P(SharedBudgetTest, EightThreadsGetTogetherWhatOneWouldGet) {
  Allow(50, 0);
  std::barrier start(8);
  std::atomic<int> answered = 0;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      for (int i = 0; i < 10; ++i) {
        const Status status = Ask(1);
        answered += status.ok();
        wrong += !status.ok() && status.code() != StatusCode::kOverBudget;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, 50);
  EXPECT_EQ(wrong, 0);
}

// --- Clocks ---

TEST_F(BudgetTest, AClockThatWasPutBackGivesNothing) {
  Allow(3, 5);
  EXPECT_EQ(Left(), 3);
  for (const std::uint64_t back : {kMinute, kHour, kDay, 30 * kDay, kBegin}) {
    now_ = kBegin - back;
    EXPECT_EQ(Left(), 0) << back;
    resolver_ = Restarted();
    EXPECT_EQ(Left(), 0) << back;
  }
}

TEST_P(SharedBudgetTest, WhatIsAskedForWhileAClockIsWrongCountsWhenItIsRightAgain) {
  Allow(3, 0);
  EXPECT_THAT(Ask(1), IsOk());
  now_ = kBegin - 2 * kDay;
  EXPECT_EQ(Left(), 2);
  now_ = kBegin + kMinute;
  EXPECT_EQ(Left(), 0);
  resolver_ = Restarted();
  EXPECT_EQ(Left(), 0);
}

TEST_F(BudgetTest, TheTimesOfLookupsDoNotDecreaseWhileThereIsABudget) {
  Allow(100, 0);
  for (const std::uint64_t time : {kBegin, kBegin - kDay, kBegin + 1, kBegin}) {
    now_ = time;
    EXPECT_THAT(Ask(1), IsOk());
  }
  std::vector<std::uint64_t> times;
  for (const AuditEntry& entry : EntriesOf(test_)) {
    if (entry.operation == AuditOperation::kResolve) times.push_back(entry.time_ms);
  }
  EXPECT_THAT(times, ElementsAre(kBegin, kBegin, kBegin + 1, kBegin + 1));
}

// So an operator gets out of what a clock that was far ahead has left.
TEST_F(BudgetTest, SettingThePolicyBeginsAnew) {
  Allow(3, 0);
  now_ = kBegin + 3650 * kDay;
  EXPECT_EQ(Left(), 3);
  now_ = kBegin;
  EXPECT_EQ(Left(), 0);
  Allow(4, 0);
  EXPECT_EQ(Left(), 4);
  EXPECT_EQ(EntriesOf(test_).back().time_ms, kBegin);
  resolver_ = Restarted();
  EXPECT_EQ(Left(), 0);
  now_ += kHour;
  EXPECT_EQ(Left(), 4);
}

TEST_F(BudgetTest, AClockAtItsBeginningAndEndIsCountedAsAnyOther) {
  Allow(2, 0);
  now_ = 0;
  EXPECT_EQ(Left(), 2);
  EXPECT_EQ(Left(), 0);
  now_ = ~std::uint64_t{0};
  EXPECT_EQ(Left(), 2);
  EXPECT_EQ(Left(), 0);
}

// --- Breaking the glass ---

TEST_F(BudgetTest, WhoBreaksTheGlassIsAnsweredBeyondTheBudgetAndTheLogSaysSo) {
  Allow(1, 0);
  EXPECT_THAT(Ask(1), IsOk());
  EXPECT_THAT(Ask(1), HasCode(StatusCode::kOverBudget));
  EXPECT_THAT(resolver_.Resolve(kMariaId, kEmergency), IsOk());
  EXPECT_THAT(OperationsOf(test_),
              ElementsAre(AuditOperation::kPolicy, AuditOperation::kResolve,
                          AuditOperation::kRefusedResolve, AuditOperation::kBreakGlassResolve));
  const AuditEntry entry = EntriesOf(test_).back();
  EXPECT_EQ(entry.purpose, "cardiac arrest");
  EXPECT_EQ(entry.persons.size(), 1u);
}

TEST_F(BudgetTest, WhatIsAskedForBehindBrokenGlassIsMarkedAndCountsThoughItWereWithinTheBudget) {
  Allow(3, 0);
  EXPECT_THAT(Ask(2, kEmergency), IsOk());
  EXPECT_EQ(EntriesOf(test_).back().operation, AuditOperation::kBreakGlassResolve);
  EXPECT_EQ(Left(), 1);
}

TEST_F(BudgetTest, BrokenGlassIsMarkedInAVaultWithoutABudget) {
  EXPECT_THAT(Ask(1, kEmergency), IsOk());
  EXPECT_THAT(OperationsOf(test_), ElementsAre(AuditOperation::kBreakGlassResolve));
}

TEST_F(BudgetTest, BrokenGlassNeedsActorAndPurposeAsWell) {
  EXPECT_THAT(Ask(1, {.actor = "dr-obrien", .purpose = "", .break_glass = true}),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(EntriesOf(test_), IsEmpty());
}

// --- Many calls that are one access ---

TEST_F(BudgetTest, ABulkIsHeldAgainstTheBudgetWhenItIsCommitted) {
  Allow(1, 0);
  BulkResolver bulk = Expect(BulkResolver::Create(*test_.vault, kReason, [this] { return now_; }));
  const std::vector<std::string_view> one = {kMariaId};
  const std::vector<std::string_view> another = {kJoseId};
  Expect(bulk.ResolveMany(one).status());
  Expect(bulk.ResolveMany(another).status());
  EXPECT_THAT(bulk.Commit(), HasCode(StatusCode::kOverBudget));
  EXPECT_EQ(EntriesOf(test_).back().asked, 2u);
  EXPECT_THAT(EntriesOf(test_).back().persons, IsEmpty());
  // What was refused counts again when it is asked for again.
  Expect(bulk.ResolveMany(one).status());
  Expect(bulk.ResolveMany(another).status());
  EXPECT_THAT(bulk.Commit(), HasCode(StatusCode::kOverBudget));
  Expect(bulk.ResolveMany(one).status());
  EXPECT_THAT(bulk.Commit(), IsOk());
  EXPECT_EQ(Left(), 0);
}

TEST_F(BudgetTest, ABulkBehindBrokenGlassIsMarkedAndTold) {
  Allow(1, 0);
  int told = 0;
  BulkResolver bulk = Expect(BulkResolver::Create(
      *test_.vault, kEmergency, [this] { return now_; }, [&](const AuditEntry&) { ++told; }));
  const std::vector<std::string_view> ids = {kMariaId, kJoseId};
  Expect(bulk.ResolveMany(ids).status());
  EXPECT_THAT(bulk.Commit(), IsOk());
  EXPECT_EQ(EntriesOf(test_).back().operation, AuditOperation::kBreakGlassResolve);
  EXPECT_EQ(told, 1);
}

// --- The policy ---

TEST_F(BudgetTest, APolicyStaysAndIsTheSameForAllAndAudited) {
  const VaultPolicy policy = {20, 200, 30};
  Expect(test_.vault->SetPolicy(policy, {.actor = "officer", .purpose = "round of reviews"}));
  EXPECT_EQ(Expect(test_.vault->policy()), policy);
  Restarted();
  EXPECT_EQ(Expect(others_.back().policy()), policy);
  const AuditEntry entry = EntriesOf(test_).back();
  EXPECT_EQ(entry.operation, AuditOperation::kPolicy);
  EXPECT_EQ(entry.actor, "officer");
  EXPECT_EQ(entry.purpose, "round of reviews");
  EXPECT_EQ(entry.asked, 0u);
}

TEST_P(SharedBudgetTest, WhoHasTheVaultOpenFollowsANewPolicy) {
  Restarted();
  EXPECT_THAT(Ask(5), IsOk());
  Expect(others_.back().SetPolicy({2, 0, 0}));
  EXPECT_EQ(Left(), 2);
  Expect(others_.back().SetPolicy({}));
  EXPECT_THAT(Ask(50), IsOk());
}

TEST_F(BudgetTest, AnActorThatCannotBeSetsNoPolicy) {
  EXPECT_THAT(test_.vault->SetPolicy({1, 0, 0}, {.actor = "two\nlines"}),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(Expect(test_.vault->policy()), VaultPolicy());
}

TEST_F(BudgetFileTest, APolicyOutlivesARotationByWhoDidNotKnowIt) {
  const Vault other = Expect(Vault::Open(test_.path()));
  Allow(2, 0);
  Expect(other.RotateKeys(KeyKind::kStorage));
  EXPECT_EQ(Expect(test_.vault->policy()).lookups_per_hour, 2u);
  EXPECT_EQ(Expect(other.policy()).lookups_per_hour, 2u);
  EXPECT_EQ(Left(), 2);
  Expect(other.Reseal());
  EXPECT_EQ(Left(), 0);
}

// --- Faults ---

// An entry that is missing in the middle of what is to be counted.
TEST_F(BudgetTest, ALogWithAHoleGivesNobodyAnAnswer) {
  Allow(100, 0);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(Ask(1), IsOk());
  const auto transaction = Expect(test_.tables->Begin());
  const RecordTag second = testing::ScanAll(*transaction, Table::kAudit).at(2).tag;
  Expect(transaction->EraseMany(Table::kAudit, {&second, 1}));
  Expect(transaction->Commit());
  resolver_ = Restarted();
  EXPECT_THAT(Ask(1), HasCode(StatusCode::kAltered));
}

TEST(BudgetFailureTest, ACallThatFailsUsesNothingUp) {
  TestVault test(StorageKind::kMemory);
  Expect(test.vault->SetPolicy({5, 0, 0}));
  const Resolver resolver = Resolver::Create(*test.vault, [] { return kBegin; });
  int call = 0;
  for (;; ++call) {
    test.faults->Arm(call, Status(StatusCode::kNoSpace, "no space for the store"));
    const Status status = resolver.Resolve("nobody", kReason).status();
    if (!test.faults->armed_call_reached()) break;
    EXPECT_THAT(status, HasCode(StatusCode::kNoSpace)) << call;
  }
  EXPECT_GT(call, 10);
  test.faults->Arm(testing::Faults::kNever, Status::Ok());
  for (int i = 1; i < 5; ++i) {
    EXPECT_THAT(resolver.Resolve("nobody", kReason), HasCode(StatusCode::kNotFound)) << i;
  }
  EXPECT_THAT(resolver.Resolve("nobody", kReason), HasCode(StatusCode::kOverBudget));
}

TEST(BudgetProcessTest, TwoProcessesGetTogetherWhatOneWouldGet) {
  const TestVault test(StorageKind::kSqlite);
  Expect(test.vault->SetPolicy({0, 30, 0}));
  int answered = 0;
  std::vector<std::thread> processes;
  std::vector<std::string> answers(2);
  for (std::string& answer : answers) {
    processes.emplace_back([&] {
      answer = testing::InChild([&] {
        const Vault vault = Expect(Vault::Open(test.path()));
        const Resolver resolver = Resolver::Create(vault);
        int count = 0;
        for (int i = 0; i < 40; ++i) {
          const StatusCode code = resolver.Resolve("nobody", kReason).status().code();
          if (code != StatusCode::kNotFound && code != StatusCode::kOverBudget)
            return std::string();
          count += code == StatusCode::kNotFound;
        }
        return std::to_string(count);
      });
    });
  }
  for (std::thread& process : processes) process.join();
  for (const std::string& answer : answers) answered += std::stoi(answer);
  EXPECT_EQ(answered, 30);
}

}  // namespace
}  // namespace moniker
