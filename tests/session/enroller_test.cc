// Enrolling very many persons: what comes of it is what comes of admitting them one after another.

#include "moniker/enroller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
#include "support/child_process.h"
#include "support/status_matchers.h"
#include "support/test_vault.h"
#include "support/vault_kinds.h"

namespace moniker {
namespace {

using testing::Expect;
using testing::HasCode;
using testing::HasCodeAt;
using testing::InChild;
using testing::IsOk;
using testing::kAllVaultKinds;
using testing::NameOfVaultKind;
using testing::StorageKind;
using testing::TestVault;
using testing::VaultKind;

struct Given {
  std::string issuer;
  std::string id;
  std::string name;
  std::vector<FieldView> fields = {};
  std::optional<IdentifierKind> kind = std::nullopt;

  PersonView view() const { return {issuer, id, name, fields, kind}; }
};

std::vector<Given> Numbered(int first, int count, const std::string& name = "Name") {
  std::vector<Given> people;
  for (int number = first; number < first + count; ++number) {
    people.push_back({"mrn", "id " + std::to_string(number), name + std::to_string(number)});
  }
  return people;
}

Status Enrol(const Vault& vault, const std::vector<Given>& people,
             const Enroller::Options& options = {}) {
  Enroller enroller = Expect(Enroller::Create(vault, options));
  for (const Given& person : people) {
    const Status status = enroller.Add(person.view());
    if (!status.ok()) return status;
  }
  const Status status = enroller.Finish();
  if (status.ok()) {
    EXPECT_EQ(enroller.stored(), people.size());
  }
  return status;
}

void AdmitEach(const Vault& vault, const std::vector<Given>& people, const Scope& scope,
               LabelStyle style = LabelStyle::kCode) {
  const auto gate = Expect(IdentityGate::Create(vault, {.scope = scope, .label_style = style}));
  for (const Given& person : people) Expect(gate.Admit(person.view(), "Patient").status());
}

// What everybody's external ID is, if it is asked for, and what it leads to.
std::vector<std::string> Answers(const Vault& vault, const std::vector<Given>& people,
                                 const Scope& scope, bool with_ids,
                                 LabelStyle style = LabelStyle::kCode) {
  const auto gate = Expect(IdentityGate::Create(vault, {.scope = scope, .label_style = style}));
  std::vector<Identifier> identifiers;
  for (const Given& person : people) identifiers.push_back({person.issuer, person.id, person.kind});
  std::vector<std::string> ids;
  for (const auto& pseudonym : Expect(gate.PseudonymizeMany(identifiers))) {
    ids.emplace_back(pseudonym.value().external_id().text());
  }
  const std::vector<std::string_view> queries(ids.begin(), ids.end());
  const auto found =
      Expect(Resolver::Create(vault).ResolveMany(queries, {.actor = "test", .purpose = "test"}));
  std::vector<std::string> answers;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Resolved& resolved = found[i].value();
    std::string answer = with_ids ? ids[i] : "";
    answer += " " + resolved.person.issuer + "/" + std::string(resolved.person.id.Expose()) + "/" +
              std::string(resolved.person.name.Expose());
    for (const Person::Field& field : resolved.person.fields) {
      answer += " " + field.name + "=" + std::string(field.text.Expose());
    }
    answer += "/" + (style == LabelStyle::kCode ? resolved.label_code : resolved.label_words);
    answers.push_back(answer);
  }
  return answers;
}

void ExpectIntact(const TestVault& test) {
  if (!test.tables) return;
  const auto report = Vault::Verify(test.path(), Protector::Remembered());
  if (report.status().code() == StatusCode::kNotFound) return;  // over memory
  EXPECT_TRUE(Expect(report).intact());
}

std::map<Table, std::size_t> RowsOf(const TestVault& test) {
  std::map<Table, std::size_t> rows;
  for (const auto& [table, records] : test.content()) {
    if (table != Table::kAudit) rows[table] = records.size();
  }
  return rows;
}

class EnrollerTest : public ::testing::TestWithParam<VaultKind> {
 protected:
  TestVault Make() const { return TestVault(GetParam().storage, {}, GetParam().mode); }
  bool derived() const { return GetParam().mode == VaultMode::kDerived; }

  // Enrols the people at once into a vault and one by one into another.
  void ExpectSame(const std::vector<Given>& people, const Enroller::Options& options) const {
    const TestVault at_once = Make();
    const TestVault in_turn(StorageKind::kMemory, {}, GetParam().mode);
    ASSERT_THAT(Enrol(*at_once.vault, people, options), IsOk());
    AdmitEach(*in_turn.vault, people, options.scope, options.label_style);
    // Labels of a conference are taken in the order of coming; in an enrolled vault they are those
    // of random handles.
    const auto left =
        Answers(*at_once.vault, people, options.scope, derived(), options.label_style);
    const auto right =
        Answers(*in_turn.vault, people, options.scope, derived(), options.label_style);
    if (derived()) {
      EXPECT_EQ(left, right);
    } else {
      ASSERT_EQ(left.size(), right.size());
      for (std::size_t i = 0; i < left.size(); ++i) {
        EXPECT_EQ(left[i].substr(0, left[i].rfind('/')), right[i].substr(0, right[i].rfind('/')));
      }
    }
    EXPECT_EQ(RowsOf(at_once), RowsOf(in_turn));
    ExpectIntact(at_once);

    // Again: nothing is written.
    const auto before = at_once.content();
    ASSERT_THAT(Enrol(*at_once.vault, people, options), IsOk());
    if (std::set<std::string> ids; std::ranges::all_of(people, [&](const Given& person) {
          return ids.insert(person.issuer + "/" + person.id).second;
        })) {
      EXPECT_EQ(testing::ContentOf(*at_once.tables), before);
    }
    EXPECT_EQ(RowsOf(at_once), RowsOf(in_turn));
    ExpectIntact(at_once);
  }
};

INSTANTIATE_TEST_SUITE_P(Vaults, EnrollerTest, ::testing::ValuesIn(kAllVaultKinds),
                         NameOfVaultKind);

TEST_P(EnrollerTest, WhatComesOfItIsWhatComesOfAdmittingOneAfterAnother) {
  std::vector<Given> people = Numbered(0, 700);
  people.push_back({"names", "  ÅSA   Ødegård ", "Asa", {}, IdentifierKind::kText});
  people.push_back({"email", "Maria@Example.org", "Maria"});
  people.push_back({"mrn", "with fields", "Bob", {}, std::nullopt});
  people.back().fields = {{"notes", "two\nlines"}, {"email", "bob@example.org"}};
  people.push_back({"mrn", std::string(1024, 'x'), std::string(1024, 'y')});
  for (const std::size_t chunk : {0u, 100u, 256u, 257u}) {
    ExpectSame(people, {.chunk_size = chunk});
  }
}

TEST_P(EnrollerTest, WhoComesSeveralTimesHasTheLastNameAndAllFields) {
  std::vector<Given> people = Numbered(0, 300);
  const auto again = [&](int number, const std::string& name, std::vector<FieldView> fields) {
    Given person = Numbered(number, 1)[0];
    person.name = name;
    person.fields = std::move(fields);
    people.push_back(std::move(person));
  };
  again(7, "Second", {{"a", "1"}});
  again(8, "Name8", {});  // as it was
  again(7, "Third", {{"b", "2"}});
  again(7, "Last", {{"a", "3"}});
  again(299, "Other", {});
  for (const std::size_t chunk : {0u, 100u, 301u, 302u, 303u}) {
    ExpectSame(people, {.chunk_size = chunk});
  }
  const TestVault test = Make();
  Expect(Enrol(*test.vault, people));
  EXPECT_THAT(Answers(*test.vault, {people[7]}, Scope::App(), false)[0],
              ::testing::HasSubstr("/Last a="));
  EXPECT_THAT(Answers(*test.vault, {people[7]}, Scope::App(), false)[0],
              ::testing::HasSubstr(" a=3 b=2/"));
}

TEST_P(EnrollerTest, AConferenceAllotsItsLabelsInTheOrderOfComing) {
  const Scope visit = Expect(Scope::Conference("visit-42"));
  ExpectSame(Numbered(0, 300), {.scope = visit, .chunk_size = 70});
  ExpectSame(Numbered(0, 300), {.scope = visit, .label_style = LabelStyle::kWords});
}

TEST_P(EnrollerTest, WhoWasAdmittedBeforeIsKnown) {
  const TestVault test = Make();
  AdmitEach(*test.vault, Numbered(50, 20, "Old"), Scope::App());
  const std::vector<Given> people = Numbered(0, 200, "New");
  const std::string before = Answers(*test.vault, {people[60]}, Scope::App(), true).at(0);
  ASSERT_THAT(Enrol(*test.vault, people, {.chunk_size = 90}), IsOk());
  const auto after = Answers(*test.vault, people, Scope::App(), true);
  EXPECT_EQ(after[60].substr(0, 32), before.substr(0, 32));
  for (std::size_t i = 0; i < people.size(); ++i) {
    EXPECT_THAT(after[i], ::testing::HasSubstr("/New" + std::to_string(i) + "/"));
  }
  EXPECT_EQ(Expect(test.vault->Count()).persons, 200u);
  EXPECT_EQ(Expect(test.vault->Count()).app_pseudonyms, 200u);
  ExpectIntact(test);
}

TEST_P(EnrollerTest, APersonThatCannotBeIsLeftOutAndTheOthersFollow) {
  const TestVault test = Make();
  Enroller enroller = Expect(Enroller::Create(*test.vault, {}));
  EXPECT_THAT(enroller.Add({"mrn", "1", "One"}), IsOk());
  EXPECT_THAT(enroller.Add({"mrn", "", "Name"}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(enroller.Add({"mrn", "2", ""}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(enroller.Add({"No Issuer", "2", "Two"}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(enroller.Add({"new", "2", "Two", {}, static_cast<IdentifierKind>(9)}),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(enroller.Add({"mrn", "2", "Two", {}, IdentifierKind::kText}),
              HasCode(StatusCode::kConflict));
  EXPECT_THAT(enroller.Add({"email", "no address", "Two"}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(enroller.Add({"text", "b", "B", {}, IdentifierKind::kText}), IsOk());
  EXPECT_THAT(enroller.Add({"text", "C", "C"}), IsOk());  // of the issuer's kind
  EXPECT_THAT(enroller.Add({"text", "d", "D", {}, IdentifierKind::kOpaque}),
              HasCode(StatusCode::kConflict));
  EXPECT_THAT(enroller.Finish(), IsOk());
  EXPECT_EQ(enroller.stored(), 3u);
  EXPECT_EQ(Expect(test.vault->Count()).persons, 3u);
  EXPECT_EQ(Expect(test.vault->KindOf("text")), IdentifierKind::kText);
  EXPECT_EQ(Expect(test.vault->KindOf("new")), std::nullopt);
  ExpectIntact(test);
}

TEST_P(EnrollerTest, NothingIsStoredWithoutFinish) {
  const TestVault test = Make();
  const auto before = test.content();
  {
    Enroller enroller = Expect(Enroller::Create(*test.vault, {}));
    for (const Given& person : Numbered(0, 600)) Expect(enroller.Add(person.view()));
    EXPECT_EQ(enroller.stored(), 0u);
  }
  EXPECT_EQ(test.content(), before);
  EXPECT_THAT(Enrol(*test.vault, {}), IsOk());
  EXPECT_EQ(test.content(), before);
}

TEST_P(EnrollerTest, AfterTheEndItIsClosed) {
  const TestVault test = Make();
  Enroller enroller = Expect(Enroller::Create(*test.vault, {}));
  EXPECT_THAT(enroller.Finish(), IsOk());
  EXPECT_THAT(enroller.Finish(), HasCode(StatusCode::kClosed));
  EXPECT_THAT(enroller.Add({"mrn", "1", "One"}), HasCode(StatusCode::kClosed));
  const Enroller other = std::move(enroller);
  EXPECT_THAT(enroller.Add({"mrn", "1", "One"}), HasCode(StatusCode::kClosed));  // NOLINT
  EXPECT_EQ(enroller.stored(), 0u);
}

TEST_P(EnrollerTest, SeveralAtOnceStoreEverybodyOnce) {
  const TestVault test = Make();
  const auto enrol = [&](int first) {
    Expect(Enrol(*test.vault, Numbered(first, 400), {.chunk_size = 90}));
  };
  std::thread second([&] { enrol(200); });
  enrol(0);
  second.join();
  EXPECT_EQ(Expect(test.vault->Count()).persons, 600u);
  EXPECT_EQ(Expect(test.vault->Count()).app_pseudonyms, 600u);
  for (const std::string& answer : Answers(*test.vault, Numbered(0, 600), Scope::App(), false)) {
    EXPECT_THAT(answer, ::testing::HasSubstr("/Name"));
  }
  ExpectIntact(test);
}

TEST(EnrollerOptionsTest, WhatCannotBeIsRefusedAtOnce) {
  TestVault test(StorageKind::kMemory);
  EXPECT_THAT(Enroller::Create(*test.vault, {.identity_epoch = 2}).status(),
              HasCode(StatusCode::kNotFound));
  EXPECT_THAT(Enroller::Create(*test.vault, {.label_style = static_cast<LabelStyle>(9)}).status(),
              HasCode(StatusCode::kInvalidArgument));
  const Vault moved = *std::move(test.vault);
  EXPECT_THAT(Enroller::Create(*test.vault, {}).status(), HasCode(StatusCode::kClosed));  // NOLINT
}

// --- Keys that are rotated meanwhile ---

class EnrollerRotationTest : public ::testing::TestWithParam<std::tuple<VaultMode, KeyKind>> {};

INSTANTIATE_TEST_SUITE_P(
    Keys, EnrollerRotationTest,
    ::testing::Combine(::testing::Values(VaultMode::kDerived, VaultMode::kEnrolled),
                       ::testing::Values(KeyKind::kIdentity, KeyKind::kStorage, KeyKind::kIndex)));

TEST_P(EnrollerRotationTest, NothingComesToStandUnderOldKeys) {
  const auto [mode, kind] = GetParam();
  const TestVault test(StorageKind::kSqlite, {}, mode);
  const std::vector<Given> people = Numbered(0, 300);
  Enroller enroller = Expect(Enroller::Create(*test.vault, {}));
  for (const Given& person : people) Expect(enroller.Add(person.view()));
  Expect(Expect(Vault::Open(test.path())).RotateKeys(kind));
  ASSERT_THAT(enroller.Finish(), IsOk());
  EXPECT_EQ(Expect(test.vault->Count()).persons, 300u);
  for (const std::string& answer : Answers(*test.vault, people, Scope::App(), true)) {
    EXPECT_THAT(answer, ::testing::HasSubstr("/Name"));
  }
  ExpectIntact(test);
  if (kind == KeyKind::kStorage) {
    EXPECT_THAT(test.vault->Reseal(), IsOk());
    EXPECT_THAT(test.vault->DestroyEpoch(kind, 1), IsOk());
    EXPECT_EQ(Answers(*test.vault, people, Scope::App(), true).size(), 300u);
  }
}

TEST_P(EnrollerRotationTest, WhoIsThereUnderOlderKeysIsKnown) {
  const auto [mode, kind] = GetParam();
  const TestVault test(StorageKind::kSqlite, {}, mode);
  AdmitEach(*test.vault, Numbered(40, 20), Scope::App());
  Expect(test.vault->RotateKeys(kind));
  ASSERT_THAT(Enrol(*test.vault, Numbered(50, 100), {.chunk_size = 40}), IsOk());
  EXPECT_EQ(Expect(test.vault->Count()).persons, 110u);
  // Under a new identity epoch people have new pseudonyms, and keep the old ones.
  EXPECT_EQ(Expect(test.vault->Count()).app_pseudonyms, kind == KeyKind::kIdentity ? 120u : 110u);
  ExpectIntact(test);
}

// --- Failures ---

TEST(EnrollerFailureTest, AFailingCallLeavesWholeChunks) {
  for (const VaultMode mode : {VaultMode::kDerived, VaultMode::kEnrolled}) {
    for (int call = 0;; ++call) {
      const TestVault test(StorageKind::kMemory, {}, mode);
      test.faults->Arm(call, Status(StatusCode::kNoSpace, "full", 28));
      Result<Enroller> enroller = Enroller::Create(*test.vault, {.chunk_size = 10});
      Status status = enroller.status();
      for (const Given& person : Numbered(0, 25)) {
        if (status.ok()) status = enroller->Add(person.view());
      }
      if (enroller.ok()) {
        const Status finished = enroller->Finish();
        if (status.ok()) status = finished;
      }
      const bool failed = test.faults->armed_call_reached();
      test.faults->Arm(testing::Faults::kNever, Status::Ok());
      EXPECT_EQ(status.ok(), !failed) << call;
      const std::uint64_t persons = Expect(test.vault->Count()).persons;
      EXPECT_TRUE(persons == 25 || (failed && persons % 10 == 0)) << persons;
      EXPECT_EQ(enroller.ok() ? enroller->stored() : 0, persons) << call;
      if (!failed) {
        EXPECT_GT(call, 20);
        break;
      }
      EXPECT_THAT(status, HasCodeAt(StatusCode::kNoSpace, 28)) << call;
      EXPECT_THAT(Enrol(*test.vault, Numbered(0, 25), {.chunk_size = 10}), IsOk());
      EXPECT_EQ(Expect(test.vault->Count()).persons, 25u);
    }
  }
}

TEST(EnrollerFailureTest, TheChildOfAForkCannotGoOn) {
  const TestVault test(StorageKind::kSqlite);
  Enroller enroller = Expect(Enroller::Create(*test.vault, {}));
  Expect(enroller.Add({"mrn", "1", "One"}));
  EXPECT_EQ(InChild([&] {
              const Status status = enroller.Finish();
              return std::string(status.ok() ? "stored" : "refused");
            }),
            "refused");
  EXPECT_THAT(enroller.Finish(), IsOk());
  EXPECT_EQ(Expect(test.vault->Count()).persons, 1u);
}

}  // namespace
}  // namespace moniker
