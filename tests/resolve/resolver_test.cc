// Resolving: who is found, who is not, and that no answer is given without its audit entry.

#include "moniker/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "moniker/identity_gate.h"
#include "store/payload.h"
#include "store/person_payload.h"
#include "store/record_sealer.h"
#include "support/child_process.h"
#include "support/hex.h"
#include "support/status_matchers.h"
#include "support/test_keyring.h"
#include "support/test_vault.h"

namespace moniker {
namespace {

using ::testing::ElementsAre;
using testing::Expect;
using testing::HasCode;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::kJoseId;
using testing::kMariaId;
using testing::kMariaInVisit42;
using testing::kMariaParticipant;
using testing::kMariaUuid;
using testing::SamplePeople;
using testing::SamplePerson;
using testing::StorageKind;
using testing::TestVault;

constexpr std::string_view kNobodysId = kMariaInVisit42;  // not in the app's scope
constexpr AccessReason kReason = {.actor = "dr-obrien", .purpose = "treatment"};

// Entries of the audit log in the order of their numbers, opened by the test itself.
struct AuditLog {
  std::vector<std::uint64_t> numbers;
  std::vector<AuditEntry> entries;
};

AuditLog ReadAuditLog(const TestVault& test) {
  const internal::RecordSealer sealer =
      Expect(internal::RecordSealer::Create(*test.vault->keyring()));
  AuditLog log;
  for (const SealedRecord& record : testing::ScanAll(*test.tables, Table::kAudit)) {
    std::uint64_t number = 0;
    for (const std::uint8_t byte : record.tag.bytes()) number = number << 8 | byte;
    EXPECT_EQ(record.tag.bytes().size(), 8u);
    log.numbers.push_back(number);
    const auto opened = Expect(sealer.Open(Table::kAudit, record.tag, record.sealed));
    EXPECT_EQ(opened.version, 1u);
    log.entries.push_back(Expect(internal::DecodeAuditEntry(opened.payload.Expose())));
  }
  return log;
}

// 1, 2, .. n without a gap.
std::vector<std::uint64_t> Gapless(std::uint64_t n) {
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t i = 1; i <= n; ++i) numbers.push_back(i);
  return numbers;
}

// The tag under which a person is stored: of the people of the test, the record that opens to the
// name.
std::vector<RecordTag> PersonTags(const TestVault& test, const std::vector<std::string>& names) {
  const internal::RecordSealer sealer =
      Expect(internal::RecordSealer::Create(*test.vault->keyring()));
  std::map<std::string, RecordTag> tags;
  for (const SealedRecord& record : testing::ScanAll(*test.tables, Table::kPerson)) {
    const auto opened = Expect(sealer.Open(Table::kPerson, record.tag, record.sealed));
    const auto person = Expect(internal::DecodePerson(opened.payload.Expose()));
    tags[std::string(person.name)] = record.tag;
  }
  std::vector<RecordTag> wanted;
  for (const std::string& name : names) wanted.push_back(tags.at(name));
  return wanted;
}

void AdmitSamplePeople(const Vault& vault) {
  const IdentityGate gate = Expect(IdentityGate::Create(vault, {.scope = Scope::App()}));
  for (const SamplePerson& person : SamplePeople()) {
    const SessionIdentity identity = Expect(gate.Admit(person.view(), person.role));
    testing::Expect(gate.Bind(person.participant_id, identity));
  }
}

class ResolverTest : public ::testing::TestWithParam<StorageKind> {
 protected:
  ResolverTest() { AdmitSamplePeople(*test_.vault); }

  Result<Resolved> Resolve(std::string_view id, const AccessReason& reason = kReason) {
    return resolver_.Resolve(id, reason);
  }

  // Names of the answers, "-" for the unknown.
  std::vector<std::string> Names(const std::vector<std::string_view>& ids) {
    std::vector<std::string> names;
    for (const auto& answer : Expect(resolver_.ResolveMany(ids, kReason))) {
      names.emplace_back(answer ? answer->person.name.Expose() : "-");
    }
    return names;
  }

  TestVault test_{GetParam()};
  std::uint64_t now_ = 1'700'000'000'123;
  Resolver resolver_ = Resolver::Create(*test_.vault, [this] { return now_; });
};

INSTANTIATE_TEST_SUITE_P(Backends, ResolverTest,
                         ::testing::Values(StorageKind::kMemory, StorageKind::kSqlite),
                         testing::NameOf);

// --- Who is found ---

TEST_P(ResolverTest, ExternalIdUuidAndParticipantIdLeadToThePerson) {
  for (const SamplePerson& person : SamplePeople()) {
    const std::string uuid = UuidOf(Expect(ExternalId::Parse(person.external_id))).text();
    for (const std::string& id : {person.external_id, uuid, person.participant_id}) {
      const Resolved resolved = Expect(Resolve(id));
      EXPECT_EQ(resolved.person.issuer, person.issuer);
      EXPECT_EQ(resolved.person.id.Expose(), person.id);
      EXPECT_EQ(resolved.person.name.Expose(), person.name);
      EXPECT_THAT(resolved.person.fields, IsEmpty());
      EXPECT_EQ(resolved.pseudonym.external_id().text(), person.external_id);
      EXPECT_TRUE(resolved.scope.is_app());
      EXPECT_EQ(resolved.identity_epoch, 1u);
      EXPECT_EQ(resolved.by_participant_id, id == person.participant_id);
    }
  }
}

TEST_P(ResolverTest, AnExternalIdWithMetadataLeadsToThePersonAndAnotherStillDoesNot) {
  const std::string metadata = "." + std::string(124, 'A');
  for (const SamplePerson& person : SamplePeople()) {
    const Resolved resolved = Expect(Resolve(person.external_id + metadata));
    EXPECT_EQ(resolved.person.id.Expose(), person.id);
    EXPECT_FALSE(resolved.by_participant_id);
  }
  const std::string known = SamplePeople()[0].external_id;
  for (const std::string& other :
       {known + ".mp3", known + metadata + "A", known + "," + metadata.substr(1)}) {
    EXPECT_THAT(Resolve(other), HasCode(StatusCode::kNotFound)) << other;
  }
}

TEST_P(ResolverTest, FieldsComeBackInTheOrderOfTheirNames) {
  const IdentityGate gate = Expect(IdentityGate::Create(*test_.vault, {.scope = Scope::App()}));
  const std::vector<FieldView> fields = {
      {"note", "a\n\tb"}, {"email", "maria@example.org"}, {"zero", ""}};
  PersonView maria = {.issuer = "mrn.hospital-a", .id = "00123456", .name = "Maria Jensen"};
  maria.fields = fields;
  Expect(gate.Admit(maria, "Patient"));
  const Resolved resolved = Expect(Resolve(kMariaId));
  ASSERT_EQ(resolved.person.fields.size(), 3u);
  EXPECT_EQ(resolved.person.fields[0].name, "email");
  EXPECT_EQ(resolved.person.fields[0].text.Expose(), "maria@example.org");
  EXPECT_EQ(resolved.person.fields[1].name, "note");
  EXPECT_EQ(resolved.person.fields[1].text.Expose(), "a\n\tb");
  EXPECT_EQ(resolved.person.fields[2].name, "zero");
  EXPECT_EQ(resolved.person.fields[2].text.Expose(), "");
}

TEST_P(ResolverTest, TheAnswerSaysInWhichScopeThePersonWasSeen) {
  const Scope visit = Expect(Scope::Conference("visit-42"));
  const IdentityGate gate = Expect(IdentityGate::Create(*test_.vault, {.scope = visit}));
  const SessionIdentity identity = Expect(gate.Admit(SamplePeople()[0].view(), "Patient"));
  const Resolved resolved = Expect(Resolve(identity.external_id()));
  EXPECT_EQ(resolved.scope, visit);
  EXPECT_EQ(resolved.person.name.Expose(), "Maria Jensen");
  EXPECT_TRUE(Expect(Resolve(kMariaId)).scope.is_app());
}

TEST_P(ResolverTest, WhatWasNeverAdmittedOrBoundIsNotFound) {
  const std::string long_id(257, 'x');
  for (const std::string_view id :
       {kNobodysId, std::string_view("5655a07e-8820-852b-9de9-2083e5594b3f"),
        std::string_view("bdd640fb-0667-4ad1-9c80-317fa3b1799e"), std::string_view("nobody"),
        std::string_view(""), std::string_view(" "), std::string_view("\xff"),
        std::string_view("Maria Jensen"), std::string_view("00123456"),
        std::string_view(long_id)}) {
    EXPECT_THAT(Resolve(id), HasCode(StatusCode::kNotFound)) << id;
  }
}

// The identifier, the label code and pieces of an external ID are no IDs.
TEST_P(ResolverTest, OnlyAWholeExternalIdIsOne) {
  std::string upper(kMariaId);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::string wrong_check(kMariaId);
  wrong_check.back() = '3';
  for (const std::string& id :
       {upper, wrong_check, std::string(kMariaId.substr(1)), std::string(kMariaId.substr(0, 31)),
        std::string(kMariaId) + "0", " " + std::string(kMariaId), std::string(kMariaId) + "\n",
        std::string("RCG-V3F"), std::string("18ad55a10e0780d38582350f689bfe7d")}) {
    EXPECT_THAT(Resolve(id), HasCode(StatusCode::kNotFound)) << id;
  }
}

// The tag of a record is made of 122 bits of the ID: what differs in the other 28 is another ID.
TEST_P(ResolverTest, AnIdThatDiffersBeyondItsUuidIsNotFound) {
  constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
  int tried = 0;
  for (std::size_t i = 27; i < 31; ++i) {
    std::string other(kMariaId);
    other[i] = other[i] == 'x' ? 'y' : 'x';
    for (const char check : kAlphabet) {
      other[31] = check;
      const Result<ExternalId> parsed = ExternalId::Parse(other);
      if (!parsed.ok()) continue;
      ++tried;
      EXPECT_EQ(UuidOf(*parsed).text(), kMariaUuid);
      EXPECT_THAT(Resolve(other), HasCode(StatusCode::kNotFound)) << other;
    }
  }
  EXPECT_EQ(tried, 4);
}

TEST_P(ResolverTest, ResolveManyAnswersInTheOrderAskedAndNothingForTheUnknown) {
  EXPECT_THAT(Names({kMariaParticipant, kNobodysId, kJoseId, kMariaUuid, "", kMariaId, kMariaId}),
              ElementsAre("Maria Jensen", "-", "José García-Núñez", "Maria Jensen", "-",
                          "Maria Jensen", "Maria Jensen"));
}

TEST_P(ResolverTest, ResolveManyOfNothingAnswersNothing) { EXPECT_THAT(Names({}), IsEmpty()); }

TEST_P(ResolverTest, ResolveManyAnswersThousands) {
  std::vector<std::string_view> ids;
  for (int i = 0; i < 2500; ++i) {
    ids.push_back(kMariaId);
    ids.push_back(kNobodysId);
  }
  const std::vector<std::string> names = Names(ids);
  EXPECT_EQ(std::count(names.begin(), names.end(), "Maria Jensen"), 2500);
  EXPECT_EQ(std::count(names.begin(), names.end(), "-"), 2500);
  EXPECT_EQ(ReadAuditLog(test_).entries.back().persons.size(), 2500u);
}

// --- Actor and purpose ---

TEST_P(ResolverTest, ActorAndPurposeHaveOneToAHundredAndTwentyEightBytes) {
  std::string multi_byte = "xx";
  while (multi_byte.size() < 128) multi_byte += "語";
  for (const std::string& good : {std::string("x"), std::string(128, 'x'), multi_byte,
                                  std::string(" "), std::string("Dr. Siân O'Brien, ward 7")}) {
    EXPECT_THAT(Resolve(kMariaId, {good, "treatment"}), IsOk()) << good;
    EXPECT_THAT(Resolve(kMariaId, {"dr-obrien", good}), IsOk()) << good;
  }
  const std::size_t entries = ReadAuditLog(test_).entries.size();
  for (const std::string& bad :
       {std::string(), std::string(129, 'x'), multi_byte + "x", std::string("a\nb"),
        std::string("a\tb"), std::string("a\0b", 3), std::string("\x7f"), std::string("\u0085"),
        std::string("\xff"), std::string("a\xc3")}) {
    const Status actor = Resolve(kMariaId, {bad, "treatment"}).status();
    EXPECT_THAT(actor, HasCode(StatusCode::kInvalidArgument));
    EXPECT_THAT(actor.message(), HasSubstr("actor"));
    const Status purpose = Resolve(kMariaId, {"dr-obrien", bad}).status();
    EXPECT_THAT(purpose, HasCode(StatusCode::kInvalidArgument));
    EXPECT_THAT(purpose.message(), HasSubstr("purpose"));
    EXPECT_THAT(resolver_.ResolveMany({}, {bad, "treatment"}),
                HasCode(StatusCode::kInvalidArgument));
  }
  EXPECT_EQ(ReadAuditLog(test_).entries.size(), entries);
}

// --- The audit log ---

TEST_P(ResolverTest, AnEntrySaysWhenWhoWhatForHowManyAndWhoWasAnswered) {
  now_ = 1'712'345'678'901;
  EXPECT_THAT(Names({kMariaParticipant, kNobodysId, kJoseId, kMariaId, "?"}),
              ElementsAre("Maria Jensen", "-", "José García-Núñez", "Maria Jensen", "-"));
  const AuditLog log = ReadAuditLog(test_);
  ASSERT_EQ(log.entries.size(), 1u);
  EXPECT_EQ(log.numbers, Gapless(1));
  const AuditEntry& entry = log.entries[0];
  EXPECT_EQ(entry.time_ms, 1'712'345'678'901u);
  EXPECT_EQ(entry.operation, AuditOperation::kResolve);
  EXPECT_EQ(entry.actor, "dr-obrien");
  EXPECT_EQ(entry.purpose, "treatment");
  EXPECT_EQ(entry.asked, 5u);
  EXPECT_EQ(entry.persons,
            PersonTags(test_, {"Maria Jensen", "José García-Núñez", "Maria Jensen"}));
  EXPECT_EQ(entry.scope, Scope::App());
  EXPECT_FALSE(entry.honey);
  EXPECT_TRUE(entry.mark.has_value());
}

TEST_P(ResolverTest, AnEntryHasTheScopeOfAllPersonsAnsweredIfTheyHaveOne) {
  const SamplePerson maria = SamplePeople().at(0);
  std::vector<std::string> ids;
  for (const char* name : {"visit-42", "visit-43"}) {
    const IdentityGate gate =
        Expect(IdentityGate::Create(*test_.vault, {.scope = Expect(Scope::Conference(name))}));
    ids.emplace_back(Expect(gate.Admit(maria.view(), maria.role)).external_id());
  }
  const auto scope_of = [&](const std::vector<std::string_view>& asked) {
    Expect(resolver_.ResolveMany(asked, kReason));
    return ReadAuditLog(test_).entries.back().scope;
  };
  EXPECT_EQ(scope_of({ids[0]}), Expect(Scope::Conference("visit-42")));
  EXPECT_EQ(scope_of({ids[0], "nobody", ids[0]}), Expect(Scope::Conference("visit-42")));
  EXPECT_EQ(scope_of({ids[0], ids[1], ids[0]}), std::nullopt);
  EXPECT_EQ(scope_of({kMariaId, ids[0]}), std::nullopt);
  EXPECT_EQ(scope_of({"nobody"}), std::nullopt);
}

TEST_P(ResolverTest, EachCallLeavesOneEntryAndTheirNumbersHaveNoGap) {
  for (std::uint64_t i = 1; i <= 25; ++i) {
    now_ = 1000 * i;
    Expect(Resolve(kMariaId));
    Names({kMariaId, kJoseId});
    const AuditLog log = ReadAuditLog(test_);
    ASSERT_EQ(log.numbers, Gapless(2 * i));
    EXPECT_EQ(log.entries.back().time_ms, 1000 * i);
  }
}

TEST_P(ResolverTest, AskingForTheUnknownLeavesAnEntryToo) {
  EXPECT_THAT(Resolve("nobody"), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(Resolve("\xff not even an ID"), HasCode(StatusCode::kNotFound));
  Names({});
  const AuditLog log = ReadAuditLog(test_);
  ASSERT_EQ(log.entries.size(), 3u);
  EXPECT_EQ(log.entries[0].asked, 1u);
  EXPECT_THAT(log.entries[0].persons, IsEmpty());
  EXPECT_EQ(log.entries[1].asked, 1u);
  EXPECT_EQ(log.entries[2].asked, 0u);
}

TEST_P(ResolverTest, TheClockMaySayAnything) {
  for (const std::uint64_t time : {std::uint64_t{0}, std::uint64_t{5},
                                   std::numeric_limits<std::uint64_t>::max(), std::uint64_t{4}}) {
    now_ = time;
    Expect(Resolve(kMariaId));
    EXPECT_EQ(ReadAuditLog(test_).entries.back().time_ms, time);
  }
  EXPECT_EQ(ReadAuditLog(test_).numbers, Gapless(4));
}

TEST_P(ResolverTest, WithoutAClockOfItsOwnAnEntryHasTheSystemsTime) {
  const std::uint64_t before = Resolver::SystemTime();
  Expect(Resolver::Create(*test_.vault).Resolve(kMariaId, kReason));
  const std::uint64_t after = Resolver::SystemTime();
  const std::uint64_t time = ReadAuditLog(test_).entries.back().time_ms;
  EXPECT_LE(before, time);
  EXPECT_LE(time, after);
  EXPECT_GT(before, 1'600'000'000'000u);  // milliseconds of this century
  EXPECT_LT(before, 5'000'000'000'000u);
}

TEST_P(ResolverTest, AdmittingAndCheckingLeaveNoEntry) {
  EXPECT_THAT(ReadAuditLog(test_).entries, IsEmpty());
}

TEST_P(ResolverTest, EightThreadsLeaveAsManyEntriesAsCallsWithoutAGap) {
  std::barrier start(8);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  const Resolver resolver = Resolver::Create(*test_.vault, [] { return std::uint64_t{7}; });
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      const std::string actor = "actor-" + std::to_string(thread);
      start.arrive_and_wait();
      for (int i = 0; i < 12; ++i) {
        const Result<Resolved> resolved = resolver.Resolve(kMariaId, {actor, "treatment"});
        if (!resolved.ok() || resolved->person.name.Expose() != "Maria Jensen") ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  const AuditLog log = ReadAuditLog(test_);
  EXPECT_EQ(log.numbers, Gapless(96));
  std::map<std::string, int> of_actor;
  for (const AuditEntry& entry : log.entries) ++of_actor[entry.actor];
  EXPECT_EQ(of_actor.size(), 8u);
  for (const auto& [actor, count] : of_actor) EXPECT_EQ(count, 12) << actor;
}

TEST(ResolverSqliteTest, TwoVaultObjectsOnOneFolderKeepOneSequence) {
  const TestVault test(StorageKind::kSqlite);
  AdmitSamplePeople(*test.vault);
  const Vault other = Expect(Vault::Open(test.path()));
  const Resolver resolvers[] = {Resolver::Create(*test.vault), Resolver::Create(other)};
  std::barrier start(4);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      start.arrive_and_wait();
      for (int i = 0; i < 12; ++i) {
        if (!resolvers[thread % 2].Resolve(kMariaId, kReason).ok()) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(ReadAuditLog(test).numbers, Gapless(48));
}

// --- No answer without its entry ---

class ResolverFailureTest : public ::testing::Test {
 protected:
  ResolverFailureTest() { AdmitSamplePeople(*test_.vault); }

  TestVault test_{StorageKind::kMemory};
  Resolver resolver_ = Resolver::Create(*test_.vault, [] { return std::uint64_t{7}; });
};

// Every call to the backend fails once: five reads (settings, links, participants; settings,
// persons), then Begin, settings, manifest, settings
// (the policy), LastTag, whether the entry's tag is free, PutMany of entry
// and manifest, and Commit.
TEST_F(ResolverFailureTest, WhicheverCallFailsThereIsNoAnswerAndNoEntry) {
  for (const Status& failure : {Status(StatusCode::kIo, "the store cannot be read or written", 5),
                                Status(StatusCode::kNoSpace, "no space for the store"),
                                Status(StatusCode::kReadOnly, "the store is read-only"),
                                Status(StatusCode::kClosed, "the store failed before")}) {
    const auto before = test_.content();
    const std::vector<std::string_view> ids = {kMariaId, kMariaParticipant, kNobodysId};
    int call = 0;
    for (;; ++call) {
      SCOPED_TRACE(call);
      test_.faults->Arm(call, failure);
      const auto answers = resolver_.ResolveMany(ids, kReason);
      if (!test_.faults->armed_call_reached()) {
        EXPECT_THAT(answers, IsOk());
        break;
      }
      EXPECT_EQ(answers.status().code(), failure.code());
      EXPECT_EQ(answers.status().message(), failure.message());
      EXPECT_EQ(test_.content(), before);
    }
    EXPECT_EQ(call, 14);
  }
}

TEST_F(ResolverFailureTest, AnUnknownIdIsNotEvenSaidToBeUnknown) {
  for (int call = 0; call < 7; ++call) {
    test_.faults->Arm(call, Status(StatusCode::kNoSpace, "no space for the store"));
    EXPECT_THAT(resolver_.Resolve(kNobodysId, kReason), HasCode(StatusCode::kNoSpace)) << call;
  }
  EXPECT_EQ(Expect(test_.tables->Count(Table::kAudit)), 0u);
}

// At the moment of the answer the entry is committed: a reader of the tables counts it.
TEST_F(ResolverFailureTest, AfterAFailureTheSequenceGoesOnWithoutAGap) {
  Expect(resolver_.Resolve(kMariaId, kReason));
  for (int call = 0; call < 7; ++call) {
    test_.faults->Arm(call, Status(StatusCode::kIo, "the store cannot be read or written"));
    EXPECT_FALSE(resolver_.Resolve(kMariaId, kReason).ok());
    test_.faults->Arm(testing::Faults::kNever, Status());
    Expect(resolver_.Resolve(kMariaId, kReason));
  }
  EXPECT_EQ(ReadAuditLog(test_).numbers, Gapless(8));
}

TEST_F(ResolverFailureTest, AnAuditLogWhoseNumbersAreNoneStopsAllResolving) {
  testing::PutOne(*test_.tables, Table::kAudit, testing::Record("zzzz", "sealed"));
  EXPECT_THAT(resolver_.Resolve(kMariaId, kReason), HasCode(StatusCode::kAltered));
}

// Somebody who can write to the store puts an entry under the highest number there is: the next one
// must not come round to the beginning and write over the first.
TEST_F(ResolverFailureTest, AFullSequenceDoesNotBeginAgain) {
  Expect(resolver_.Resolve(kMariaId, kReason));
  const auto first = testing::FindOne(*test_.tables, Table::kAudit, testing::NumberTag(1));
  testing::PutOne(
      *test_.tables, Table::kAudit,
      {testing::NumberTag(std::numeric_limits<std::uint64_t>::max()), testing::Bytes("sealed")});
  EXPECT_FALSE(resolver_.Resolve(kMariaId, kReason).ok());
  EXPECT_EQ(testing::FindOne(*test_.tables, Table::kAudit, testing::NumberTag(1)), first);
  EXPECT_EQ(testing::FindOne(*test_.tables, Table::kAudit, testing::NumberTag(0)), std::nullopt)
      << "an entry under 0, before all the others";
}

TEST_F(ResolverFailureTest, ARecordThatWasAlteredGivesNoAnswerToAnybody) {
  for (const Table table : {Table::kPerson, Table::kExternalId, Table::kParticipant}) {
    for (const SealedRecord& record : testing::ScanAll(*test_.tables, table)) {
      SealedRecord altered = record;
      altered.sealed[40] ^= 1;
      testing::PutOne(*test_.tables, table, altered);
    }
  }
  for (const std::string_view id : {kMariaId, kMariaUuid, kMariaParticipant}) {
    EXPECT_THAT(resolver_.Resolve(id, kReason), HasCode(StatusCode::kAltered));
    const std::vector<std::string_view> ids = {kNobodysId, id};
    EXPECT_THAT(resolver_.ResolveMany(ids, kReason), HasCode(StatusCode::kAltered));
  }
}

TEST_F(ResolverFailureTest, RecordsThatWereExchangedGiveNoAnswer) {
  for (const Table table : {Table::kPerson, Table::kExternalId, Table::kParticipant}) {
    const auto content = test_.content();
    const std::vector<SealedRecord>& records = content.at(table);
    for (std::size_t i = 0; i < records.size(); ++i) {
      testing::PutOne(*test_.tables, table,
                      {records[i].tag, records[(i + 1) % records.size()].sealed});
    }
    EXPECT_THAT(resolver_.Resolve(kMariaParticipant, kReason), table == Table::kExternalId
                                                                   ? HasCode(StatusCode::kOk)
                                                                   : HasCode(StatusCode::kAltered));
    EXPECT_THAT(resolver_.Resolve(kMariaId, kReason), table == Table::kParticipant
                                                          ? HasCode(StatusCode::kOk)
                                                          : HasCode(StatusCode::kAltered));
    for (const SealedRecord& record : records) testing::PutOne(*test_.tables, table, record);
  }
}

TEST_F(ResolverFailureTest, APersonWhoIsGoneIsUnknownAndNotInTheEntry) {
  const RecordTag maria = PersonTags(test_, {"Maria Jensen"})[0];
  testing::EraseOne(*test_.tables, Table::kPerson, maria);
  EXPECT_THAT(resolver_.Resolve(kMariaId, kReason), HasCode(StatusCode::kNotFound));
  const std::vector<std::string_view> ids = {kMariaId, kJoseId};
  const auto answers = Expect(resolver_.ResolveMany(ids, kReason));
  EXPECT_FALSE(answers[0].has_value());
  EXPECT_TRUE(answers[1].has_value());
  const AuditLog log = ReadAuditLog(test_);
  EXPECT_THAT(log.entries[0].persons, IsEmpty());
  EXPECT_EQ(log.entries[1].asked, 2u);
  EXPECT_EQ(log.entries[1].persons, PersonTags(test_, {"José García-Núñez"}));
}

// --- Lifetimes ---

TEST_F(ResolverFailureTest, AResolverOutlivesItsVault) {
  test_.vault.reset();
  EXPECT_EQ(Expect(resolver_.Resolve(kMariaId, kReason)).person.name.Expose(), "Maria Jensen");
}

TEST_F(ResolverFailureTest, InTheChildOfAForkNobodyIsResolved) {
  EXPECT_EQ(
      testing::InChild([&] {
        return std::string(StatusCodeName(resolver_.Resolve(kMariaId, kReason).status().code()));
      }),
      "closed");
  // A participant ID that is no external ID goes another way.
  EXPECT_EQ(
      testing::InChild([&] {
        return std::string(StatusCodeName(resolver_.Resolve("nobody", kReason).status().code()));
      }),
      "closed");
  EXPECT_EQ(Expect(test_.tables->Count(Table::kAudit)), 0u);
}

TEST_F(ResolverFailureTest, AResolverThatWasMovedFromIsClosed) {
  EXPECT_EQ(
      testing::InChild([] {
        const TestVault test(StorageKind::kMemory);
        Resolver resolver = Resolver::Create(*test.vault);
        const Resolver moved = std::move(resolver);
        // NOLINTNEXTLINE(bugprone-use-after-move)
        return std::string(StatusCodeName(resolver.Resolve(kMariaId, kReason).status().code()));
      }),
      "closed");
}

// --- Epochs ---

TEST(ResolverEpochTest, IdsOfAnOlderEpochStillLeadToThePerson) {
  const std::vector<std::uint8_t> old_root = testing::Counting(32);
  const std::vector<testing::TestKey> common = {{KeyKind::kStorage, 1, testing::Counting(32, 50)},
                                                {KeyKind::kIndex, 1, testing::Counting(32, 60)}};
  std::vector<testing::TestKey> before = common;
  before.insert(before.begin(), {KeyKind::kIdentity, 1, old_root});
  std::vector<testing::TestKey> after = before;
  after.insert(after.begin() + 1, {KeyKind::kIdentity, 2, testing::Counting(32, 100)});

  std::shared_ptr<StorageBackend> tables = MakeMemoryBackend();
  const auto faults = std::make_shared<testing::Faults>();
  const Keyring old_keyring = testing::MakeKeyring({.keys = before});
  Expect(Vault::Initialize(old_keyring, tables.get(), ""));
  const auto open = [&](const std::vector<testing::TestKey>& keys) {
    return Expect(Vault::Assemble(testing::MakeKeyring({.keys = keys}),
                                  std::make_unique<testing::FailingBackend>(tables, faults)));
  };
  const PersonView maria = {.issuer = "mrn.hospital-a", .id = "00123456", .name = "Maria Jensen"};
  const auto admit = [&](const Vault& vault) {
    return Expect(
               Expect(IdentityGate::Create(vault, {.scope = Scope::App()})).Admit(maria, "Patient"))
        .external_id();
  };
  const std::string old_id = admit(open(before));
  const Vault vault = open(after);
  const std::string new_id = admit(vault);
  EXPECT_EQ(old_id, kMariaId);
  EXPECT_NE(new_id, old_id);
  const Resolver resolver = Resolver::Create(vault);
  EXPECT_EQ(Expect(resolver.Resolve(old_id, kReason)).identity_epoch, 1u);
  EXPECT_EQ(Expect(resolver.Resolve(new_id, kReason)).identity_epoch, 2u);
  EXPECT_EQ(Expect(resolver.Resolve(old_id, kReason)).person.name.Expose(), "Maria Jensen");
  EXPECT_EQ(Expect(tables->Count(Table::kPerson)), 1u);
}

}  // namespace
}  // namespace moniker
