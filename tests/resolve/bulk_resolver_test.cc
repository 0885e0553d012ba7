// Many calls under one audit entry: what it says, and that it is there before anything may be seen.

#include "moniker/bulk_resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "moniker/audit_log.h"
#include "moniker/identity_gate.h"
#include "support/sample_people.h"
#include "support/status_matchers.h"
#include "support/test_vault.h"

namespace moniker {
namespace {

using testing::Expect;
using testing::HasCode;
using testing::IsOk;

constexpr std::string_view kMariaId = "m32pnb88e0wgd7hc26m7ph6zyfqm3092";
constexpr std::string_view kJoseId = "mwvk50v2ag2fjasx0866240pzxh7d7h6";
constexpr std::string_view kNobodysId = "m0000000000000000000000000000000";
constexpr std::string_view kNobodysUuid = "3f0f1f62-9a0e-4a57-b7d7-5d7c3f6f2b10";
constexpr AccessReason kReason = {.actor = "records", .purpose = "billing"};

class BulkResolverTest : public ::testing::Test {
 protected:
  BulkResolverTest() {
    const IdentityGate gate = Expect(IdentityGate::Create(*test_.vault, {.scope = Scope::App()}));
    for (const testing::SamplePerson& person : testing::SamplePeople()) {
      Expect(gate.Bind(person.participant_id, Expect(gate.Admit(person.view(), person.role))));
    }
  }

  BulkResolver Make() {
    return Expect(BulkResolver::Create(*test_.vault, kReason, [] { return 7; }));
  }

  // Names of the answers, "-" for the unknown.
  static std::vector<std::string> Names(BulkResolver* resolver,
                                        const std::vector<std::string_view>& ids) {
    std::vector<std::string> names;
    for (const auto& answer : Expect(resolver->ResolveMany(ids))) {
      names.emplace_back(answer ? answer->person.name.Expose() : "-");
    }
    return names;
  }

  std::vector<AuditEntry> Entries() const {
    std::vector<AuditEntry> entries;
    const AuditLog log = Expect(AuditLog::Open(test_.path(), Protector::Remembered()));
    EXPECT_THAT(log.Read({},
                         [&](std::uint64_t, const AuditEntry* entry) {
                           entries.push_back(*entry);
                           return Status::Ok();
                         }),
                IsOk());
    return entries;
  }

  testing::TestVault test_{testing::StorageKind::kSqlite};
};

using Strings = std::vector<std::string>;

TEST_F(BulkResolverTest, ManyCallsLeaveOneEntryAndOnlyWithCommit) {
  BulkResolver resolver = Make();
  EXPECT_EQ(Names(&resolver, {kMariaId, "key", kNobodysId}), (Strings{"Maria Jensen", "-", "-"}));
  EXPECT_EQ(Names(&resolver, {kJoseId, kMariaId}), (Strings{"José García-Núñez", "Maria Jensen"}));
  EXPECT_EQ(Entries().size(), 0u);
  ASSERT_THAT(resolver.Commit(), IsOk());
  const std::vector<AuditEntry> entries = Entries();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].time_ms, 7u);
  EXPECT_EQ(entries[0].operation, AuditOperation::kResolve);
  EXPECT_EQ(entries[0].actor, kReason.actor);
  EXPECT_EQ(entries[0].purpose, kReason.purpose);
  EXPECT_EQ(entries[0].scope, Scope::App());
}

TEST_F(BulkResolverTest, IdsOfEitherKindAreFoundAmongHundredsOfTexts) {
  BulkResolver resolver = Make();
  std::vector<std::string> texts;
  for (int i = 0; i < 500; ++i) texts.push_back("text-" + std::to_string(i));
  std::vector<std::string_view> ids(texts.begin(), texts.end());
  const testing::SamplePerson person = testing::SamplePeople().front();
  ids[17] = person.participant_id;
  ids[300] = kMariaId;
  const std::vector<std::string> names = Names(&resolver, ids);
  EXPECT_EQ(std::count(names.begin(), names.end(), "-"), 498);
  EXPECT_EQ(names[17], person.name);
  EXPECT_NE(names[300], "-");
}

TEST_F(BulkResolverTest, AnEntryCountsEachIdOnceAndNoTextThatIsNone) {
  BulkResolver resolver = Make();
  for (int i = 0; i < 3; ++i) {
    Names(&resolver, {kMariaId, kNobodysId, kNobodysUuid, "10.0.0.1", "externalId", ""});
  }
  ASSERT_THAT(resolver.Commit(), IsOk());
  const std::vector<AuditEntry> entries = Entries();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].asked, 3u);
  EXPECT_EQ(entries[0].persons.size(), 1u);
}

TEST_F(BulkResolverTest, PersonsStandEachOnceAndAscending) {
  BulkResolver resolver = Make();
  for (const testing::SamplePerson& person : testing::SamplePeople()) {
    Names(&resolver, {person.participant_id});
    Names(&resolver, {person.participant_id, kMariaId});
  }
  ASSERT_THAT(resolver.Commit(), IsOk());
  const std::vector<RecordTag> persons = Entries().at(0).persons;
  EXPECT_EQ(persons.size(), testing::SamplePeople().size());
  EXPECT_TRUE(std::is_sorted(persons.begin(), persons.end()));
}

TEST_F(BulkResolverTest, ALaterCommitTellsOnlyOfWhatCameSince) {
  BulkResolver resolver = Make();
  Names(&resolver, {kMariaId});
  ASSERT_THAT(resolver.Commit(), IsOk());
  ASSERT_THAT(resolver.Commit(), IsOk());
  EXPECT_EQ(Entries().size(), 1u);
  Names(&resolver, {"nothing that looks like an ID"});
  ASSERT_THAT(resolver.Commit(), IsOk());
  EXPECT_EQ(Entries().size(), 1u);
  Names(&resolver, {kJoseId, kMariaId});
  ASSERT_THAT(resolver.Commit(), IsOk());
  const std::vector<AuditEntry> entries = Entries();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[1].persons.size(), 2u);
  EXPECT_EQ(entries[1].asked, 1u);  // one of them was asked for before
}

TEST_F(BulkResolverTest, WithoutAReasonThereIsNone) {
  EXPECT_THAT(BulkResolver::Create(*test_.vault, {.actor = "", .purpose = "x"}).status(),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(BulkResolver::Create(*test_.vault, {.actor = "x", .purpose = "a\nb"}).status(),
              HasCode(StatusCode::kInvalidArgument));
}

TEST_F(BulkResolverTest, OneThatWasMovedFromAnswersNobody) {
  BulkResolver resolver = Make();
  const BulkResolver other = std::move(resolver);
  const std::vector<std::string_view> ids = {kMariaId};
  EXPECT_THAT(resolver.ResolveMany(ids).status(), HasCode(StatusCode::kClosed));
  EXPECT_THAT(resolver.Commit(), HasCode(StatusCode::kClosed));
}

TEST_F(BulkResolverTest, ThreadsShareOneEntry) {
  BulkResolver resolver = Make();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 20; ++k) Names(&resolver, {kMariaId, kJoseId, kNobodysId});
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_THAT(resolver.Commit(), IsOk());
  const std::vector<AuditEntry> entries = Entries();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].asked, 3u);
  EXPECT_EQ(entries[0].persons.size(), 2u);
}

// The entry that cannot be written is reported, so that nothing of the answers is let out.
TEST(BulkResolverFailureTest, ACommitThatFailsSaysSo) {
  testing::TestVault test(testing::StorageKind::kMemory);
  const IdentityGate gate = Expect(IdentityGate::Create(*test.vault, {.scope = Scope::App()}));
  const testing::SamplePerson maria = testing::SamplePeople().at(0);
  Expect(gate.Admit(maria.view(), maria.role));
  BulkResolver resolver = Expect(BulkResolver::Create(*test.vault, kReason));
  const std::vector<std::string_view> ids = {kMariaId};
  ASSERT_TRUE(Expect(resolver.ResolveMany(ids)).at(0).has_value());
  int call = 0;
  for (;; ++call) {
    test.faults->Arm(call, Status(StatusCode::kNoSpace, "no space for the store"));
    const Status status = resolver.Commit();
    if (!test.faults->armed_call_reached()) break;
    EXPECT_THAT(status, HasCode(StatusCode::kNoSpace)) << call;
    EXPECT_EQ(Expect(test.tables->Count(Table::kAudit)), 0u) << call;
    test.faults->Arm(testing::Faults::kNever, Status());
    Expect(resolver.ResolveMany(ids));
  }
  EXPECT_GT(call, 5);
}

}  // namespace
}  // namespace moniker
