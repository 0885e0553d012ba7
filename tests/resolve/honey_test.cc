// Marked persons: who resolves one is answered as always, and told of.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/audit_log.h"
#include "moniker/bulk_resolver.h"
#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
#include "store/payload.h"
#include "store/record_sealer.h"
#include "support/child_process.h"
#include "support/status_matchers.h"
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
using testing::kMariaParticipant;
using testing::SamplePeople;
using testing::SamplePerson;
using testing::StorageKind;
using testing::TestVault;

constexpr AccessReason kReason = {.actor = "dr-obrien", .purpose = "treatment"};

Identifier IdentifierOf(const SamplePerson& person) {
  return {person.issuer, person.id, std::nullopt};
}

class HoneyFixture : public ::testing::Test {
 protected:
  explicit HoneyFixture(StorageKind kind, VaultMode mode = VaultMode::kDerived)
      : test_(kind, testing::kSampleAvatarTemplate, mode) {
    for (const SamplePerson& person : people_) ids_.push_back(Admit(person));
  }

  std::string Admit(const SamplePerson& person) {
    const IdentityGate gate = Expect(IdentityGate::Create(*test_.vault, {.scope = Scope::App()}));
    const SessionIdentity identity = Expect(gate.Admit(person.view(), person.role));
    Expect(gate.Bind(person.participant_id, identity));
    return identity.external_id();
  }

  void Mark(std::size_t index, bool marked = true) {
    const Identifier identifier = IdentifierOf(people_.at(index));
    Expect(test_.vault->MarkPersons({&identifier, 1}, marked, {.actor = "officer"}));
  }

  // Whether resolving these is told of.
  bool Tells(const std::vector<std::string_view>& ids) {
    Expect(resolver_.ResolveMany(ids, kReason).status());
    return Entries().back().honey;
  }

  std::vector<AuditEntry> Entries() const {
    const internal::RecordSealer sealer =
        Expect(internal::RecordSealer::Create(*test_.vault->keyring()));
    std::vector<AuditEntry> entries;
    for (const SealedRecord& record : testing::ScanAll(*test_.tables, Table::kAudit)) {
      const auto opened = Expect(sealer.Open(Table::kAudit, record.tag, record.sealed));
      entries.push_back(Expect(internal::DecodeAuditEntry(opened.payload.Expose())));
    }
    return entries;
  }

  const std::vector<SamplePerson> people_ = SamplePeople();
  TestVault test_;
  std::vector<std::string> ids_;
  std::vector<AuditEntry> told_;
  Resolver resolver_ =
      Resolver::Create(*test_.vault, Resolver::SystemTime,
                       [this](const AuditEntry& entry) { told_.push_back(entry); });
};

class HoneyTest : public HoneyFixture {
 protected:
  HoneyTest() : HoneyFixture(StorageKind::kMemory) {}
};

class EnrolledHoneyTest : public HoneyFixture {
 protected:
  EnrolledHoneyTest() : HoneyFixture(StorageKind::kMemory, VaultMode::kEnrolled) {}
};

class HoneyFileTest : public HoneyFixture {
 protected:
  HoneyFileTest() : HoneyFixture(StorageKind::kSqlite) {}
};

TEST_F(HoneyTest, NobodyIsMarkedAtFirst) {
  EXPECT_FALSE(Tells({kMariaId, kJoseId}));
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(HoneyTest, AMarkedPersonIsAnsweredAsBeforeAndTheEntryAndTheApplicationTell) {
  const Resolved before = Expect(resolver_.Resolve(kMariaId, kReason));
  Mark(0);
  const Resolved after = Expect(resolver_.Resolve(kMariaId, kReason));
  EXPECT_EQ(after.person.name.Expose(), before.person.name.Expose());
  EXPECT_EQ(after.person.id.Expose(), before.person.id.Expose());
  EXPECT_EQ(after.person.fields.size(), before.person.fields.size());
  EXPECT_EQ(after.pseudonym.digest(), before.pseudonym.digest());
  const AuditEntry entry = Entries().back();
  EXPECT_TRUE(entry.honey);
  EXPECT_EQ(entry.operation, AuditOperation::kResolve);
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].actor, "dr-obrien");
  EXPECT_EQ(told_[0].purpose, "treatment");
  EXPECT_THAT(told_[0].persons, ElementsAre(entry.persons.at(0)));
}

TEST_F(HoneyTest, EveryIdOfAMarkedPersonTellsAmongOthersToo) {
  Mark(0);
  EXPECT_TRUE(Tells({kMariaParticipant}));
  EXPECT_TRUE(Tells({kJoseId, kMariaId, "nobody"}));
  EXPECT_FALSE(Tells({kJoseId, "nobody"}));
  EXPECT_EQ(told_.size(), 2u);
}

TEST_F(HoneyTest, TheMarkDoesNotChangeThePseudonymAndOutlivesAnAdmission) {
  Mark(0);
  EXPECT_EQ(Admit(people_[0]), kMariaId);
  EXPECT_TRUE(Tells({kMariaId}));
}

TEST_F(HoneyTest, AMarkCanBeTakenAway) {
  Mark(0);
  Mark(0, false);
  EXPECT_FALSE(Tells({kMariaId}));
}

TEST_F(HoneyTest, TheRecordsDoNotShowWhoIsMarked) {
  const auto sizes = [&] {
    std::vector<std::size_t> all;
    for (const SealedRecord& record : testing::ScanAll(*test_.tables, Table::kPerson)) {
      all.push_back(record.sealed.size());
    }
    return all;
  };
  const auto before = sizes();
  for (std::size_t i = 0; i < people_.size(); ++i) Mark(i);
  EXPECT_EQ(sizes(), before);
}

TEST_F(HoneyTest, MarkingIsAuditedWithoutSayingWho) {
  Mark(0);
  const AuditEntry entry = Entries().back();
  EXPECT_EQ(entry.operation, AuditOperation::kMark);
  EXPECT_EQ(entry.actor, "officer");
  EXPECT_EQ(entry.asked, 1u);
  EXPECT_THAT(entry.persons, IsEmpty());
  EXPECT_FALSE(entry.honey);
}

TEST_F(HoneyTest, AllAreMarkedOrNobody) {
  const std::vector<Identifier> identifiers = {IdentifierOf(people_[0]),
                                               {"mrn.hospital-a", "unknown", std::nullopt}};
  const Status status = test_.vault->MarkPersons(identifiers);
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_EQ(status.locator(), 1);
  EXPECT_THAT(Entries(), IsEmpty());
  EXPECT_FALSE(Tells({kMariaId}));
}

TEST_F(HoneyTest, ARefusedCallTellsOfTheRefusalAndNotOfThePerson) {
  Mark(0);
  Expect(test_.vault->SetPolicy({1, 0, 0}));
  Expect(resolver_.Resolve(kJoseId, kReason).status());
  EXPECT_THAT(resolver_.Resolve(kMariaId, kReason), HasCode(StatusCode::kOverBudget));
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].operation, AuditOperation::kRefusedResolve);
  EXPECT_FALSE(told_[0].honey);
  EXPECT_FALSE(Entries().back().honey);
}

TEST_F(HoneyTest, BrokenGlassIsTold) {
  Expect(resolver_.Resolve(kJoseId, {.actor = "a", .purpose = "p", .break_glass = true}).status());
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].operation, AuditOperation::kBreakGlassResolve);
}

TEST_F(HoneyTest, ABulkTellsOnceOfAllThatItAnswered) {
  Mark(0);
  BulkResolver bulk =
      Expect(BulkResolver::Create(*test_.vault, kReason, Resolver::SystemTime,
                                  [this](const AuditEntry& entry) { told_.push_back(entry); }));
  const std::vector<std::string_view> marked = {kMariaId};
  const std::vector<std::string_view> other = {kJoseId};
  Expect(bulk.ResolveMany(marked).status());
  Expect(bulk.ResolveMany(other).status());
  EXPECT_THAT(told_, IsEmpty());
  EXPECT_THAT(bulk.Commit(), IsOk());
  EXPECT_EQ(told_.size(), 1u);
  EXPECT_TRUE(Entries().back().honey);
  Expect(bulk.ResolveMany(other).status());
  EXPECT_THAT(bulk.Commit(), IsOk());
  EXPECT_FALSE(Entries().back().honey);
}

TEST_F(HoneyTest, WithoutAnEntryNobodyIsAnsweredOrTold) {
  Mark(0);
  for (int call = 0; call < 13; ++call) {
    test_.faults->Arm(call, Status(StatusCode::kNoSpace, "no space for the store"));
    EXPECT_THAT(resolver_.Resolve(kMariaId, kReason), HasCode(StatusCode::kNoSpace)) << call;
  }
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(HoneyTest, TheEntriesOutliveTheErasedPerson) {
  Mark(0);
  Expect(resolver_.Resolve(kMariaId, kReason).status());
  const AuditEntry before = Entries().back();
  const ErasureTarget target = IdentifierOf(people_[0]);
  Expect(test_.vault->Erase({&target, 1}).status());
  EXPECT_THAT(resolver_.Resolve(kMariaId, kReason), HasCode(StatusCode::kNotFound));
  const AuditEntry after = Entries().at(1);
  EXPECT_TRUE(after.honey);
  EXPECT_EQ(after.actor, before.actor);
  EXPECT_EQ(after.persons, before.persons);
}

TEST_F(EnrolledHoneyTest, AMarkHoldsForAllWhoAreMergedAndForEachAfterASplit) {
  const IdentifierPair pair = {IdentifierOf(people_[0]), IdentifierOf(people_[1])};
  Mark(1);
  Expect(test_.vault->MergePersons({&pair, 1}));
  EXPECT_TRUE(Tells({ids_[0]}));
  EXPECT_TRUE(Tells({ids_[1]}));
  Mark(0);
  const Identifier second = IdentifierOf(people_[1]);
  Expect(test_.vault->SplitPersons({&second, 1}));
  EXPECT_TRUE(Tells({ids_[0]}));
  EXPECT_TRUE(Tells({ids_[1]}));
}

// The entry is durable before there is an answer: who is killed in between has used up the budget.
TEST_F(HoneyFileTest, WhoIsKilledBetweenEntryAndAnswerHasAskedAllTheSame) {
  Mark(0);
  Expect(test_.vault->SetPolicy({1, 0, 0}));
  EXPECT_EQ(
      testing::InChild([&] {
        const Vault vault = Expect(Vault::Open(test_.path()));
        const Resolver resolver = Resolver::Create(vault, Resolver::SystemTime,
                                                   [](const AuditEntry&) { ::raise(SIGKILL); });
        return std::string(StatusCodeName(resolver.Resolve(kMariaId, kReason).status().code()));
      }),
      "died of signal 9");
  const AuditEntry entry = Entries().back();
  EXPECT_TRUE(entry.honey);
  EXPECT_EQ(entry.operation, AuditOperation::kResolve);
  EXPECT_THAT(resolver_.Resolve(kMariaId, kReason), HasCode(StatusCode::kOverBudget));
}

TEST_F(HoneyFileTest, AlarmingEntriesCanBeReadAlone) {
  Mark(0);
  Expect(resolver_.Resolve(kJoseId, kReason).status());
  Expect(resolver_.Resolve(kMariaId, kReason).status());
  std::vector<std::uint64_t> numbers;
  const AuditLog log = Expect(AuditLog::Open(test_.path(), Protector::Remembered()));
  Expect(log.Read({.alarming_only = true}, [&](std::uint64_t number, const AuditEntry*) {
    numbers.push_back(number);
    return Status::Ok();
  }));
  EXPECT_THAT(numbers, ElementsAre(3u));
  EXPECT_TRUE(Expect(Vault::Verify(test_.path(), Protector::Remembered())).intact());
}

}  // namespace
}  // namespace moniker
