// Enrolled vaults: what leaves them is no function of the identifier, and persons who turn out to
// be one keep every external ID that they were given.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/anonymizer.h"
#include "moniker/identity_gate.h"
#include "moniker/metadata.h"
#include "moniker/resolver.h"
#include "support/child_process.h"
#include "support/status_matchers.h"
#include "support/test_vault.h"

namespace moniker {
namespace {

using ::testing::ElementsAre;
using testing::Expect;
using testing::HasCode;
using testing::HasCodeAt;
using testing::IsOk;
using testing::StorageKind;
using testing::TestVault;
using ::testing::UnorderedElementsAre;

constexpr AccessReason kReason = {.actor = "test", .purpose = "test"};
constexpr Identifier kMaria = {"mrn", "1"};
constexpr Identifier kMariaMail = {"email", "Maria@Example.org"};
constexpr Identifier kHansen = {"mrn", "2"};
constexpr Identifier kThird = {"mrn", "3"};

std::vector<SessionIdentity> AdmitNumbers(const Vault& vault, int count, const Scope& scope,
                                          LabelStyle style = LabelStyle::kCode) {
  const IdentityGate gate =
      Expect(IdentityGate::Create(vault, {.scope = scope, .label_style = style}));
  std::vector<SessionIdentity> identities;
  for (int i = 0; i < count; ++i) {
    const std::string id = std::to_string(i);
    identities.push_back(Expect(gate.Admit({.issuer = "mrn", .id = id, .name = "Zz"}, "Patient")));
  }
  return identities;
}

// --- No function of the identifier ---

// Two vaults with the same root key, app and persons. 200 people: by chance an avatar agrees with
// 1/256 (0.8 expected, more than 9 with a probability below 1e-7), a label with less than 1e-6.
TEST(UnrelatedTest, TheSameIdentifiersOfTwoVaultsWithOneRootKeyHaveNothingInCommon) {
  constexpr int kPeople = 200;
  const TestVault a(StorageKind::kMemory, "", VaultMode::kEnrolled);
  const TestVault b(StorageKind::kMemory, "", VaultMode::kEnrolled);
  for (const Scope& scope : {Scope::App(), Expect(Scope::Conference("visit-42"))}) {
    for (const LabelStyle style : {LabelStyle::kCode, LabelStyle::kWords}) {
      const auto in_a = AdmitNumbers(*a.vault, kPeople, scope, style);
      const auto in_b = AdmitNumbers(*b.vault, kPeople, scope, style);
      int labels = 0;
      int avatars = 0;
      std::set<std::string> ids;
      for (std::size_t i = 0; i < kPeople; ++i) {
        ids.insert(in_a[i].external_id());
        ids.insert(in_b[i].external_id());
        labels += in_a[i].label() == in_b[i].label();
        avatars += in_a[i].pseudonym().avatar_index() == in_b[i].pseudonym().avatar_index();
      }
      EXPECT_EQ(ids.size(), 2u * kPeople);
      EXPECT_LE(labels, 1);
      EXPECT_LE(avatars, 9);
    }
  }
}

TEST(UnrelatedTest, WhoHasTheKeyringCannotDeriveOrCheckAnybody) {
  const TestVault test(StorageKind::kMemory, "", VaultMode::kEnrolled);
  const TestVault derived(StorageKind::kMemory, "", VaultMode::kDerived);
  const std::string id = AdmitNumbers(*test.vault, 1, Scope::App())[0].external_id();
  EXPECT_NE(AdmitNumbers(*derived.vault, 1, Scope::App())[0].external_id(), id);
  const std::shared_ptr<const Keyring> keyring = test.vault->keyring();
  EXPECT_THAT(Anonymizer::Create(*keyring, Scope::App()), HasCode(StatusCode::kUnsupported));
  EXPECT_THAT(CheckExternalId(*keyring, Scope::App(), {"mrn", "0"}, id),
              HasCode(StatusCode::kUnsupported));
  // The handles alone decide: not the derivation with the same root key.
  EXPECT_FALSE(Expect(CheckExternalId(*derived.vault->keyring(), Scope::App(), {"mrn", "0"}, id)));
}

TEST(UnrelatedTest, APersonWhoIsEnrolledAnewAfterTheStoreIsLostHasANewId) {
  std::set<std::string> ids;
  for (int round = 0; round < 3; ++round) {
    const TestVault test(StorageKind::kMemory, "", VaultMode::kEnrolled);
    ids.insert(AdmitNumbers(*test.vault, 1, Scope::App())[0].external_id());
  }
  EXPECT_EQ(ids.size(), 3u);
}

// --- Persons who are one ---

class EnrolledTest : public ::testing::TestWithParam<StorageKind> {
 protected:
  const Vault& vault() const { return *test_.vault; }

  std::string Admit(const Identifier& who, std::string_view name = "Zaphod Quux") const {
    return Expect(gate_.Admit({.issuer = who.issuer, .id = who.id, .name = name}, "Patient"))
        .external_id();
  }
  Resolved Resolve(std::string_view id) const {
    return Expect(Resolver::Create(vault()).Resolve(id, kReason));
  }
  std::string IdentifierOf(std::string_view id) const {
    const Resolved resolved = Resolve(id);
    return resolved.person.issuer + ":" + std::string(resolved.person.id.Expose());
  }
  std::vector<std::string> OthersOf(std::string_view id) const {
    std::vector<std::string> others;
    for (const Person::OtherIdentifier& one : Resolve(id).person.other_identifiers) {
      others.push_back(one.issuer + ":" + std::string(one.id.Expose()));
    }
    return others;
  }
  Status Add(const Identifier& known, const Identifier& added, bool dry_run = false) const {
    const IdentifierPair pair{known, added};
    return vault().AddIdentifiers({&pair, 1}, dry_run);
  }
  Status Merge(const Identifier& kept, const Identifier& absorbed, bool dry_run = false) const {
    const IdentifierPair pair{kept, absorbed};
    return vault().MergePersons({&pair, 1}, dry_run);
  }
  Status Split(const Identifier& who, bool dry_run = false) const {
    return vault().SplitPersons({&who, 1}, dry_run);
  }

  TestVault test_{GetParam(), "", VaultMode::kEnrolled};
  const IdentityGate gate_ = Expect(IdentityGate::Create(*test_.vault, {.scope = Scope::App()}));
};

INSTANTIATE_TEST_SUITE_P(Backends, EnrolledTest,
                         ::testing::Values(StorageKind::kMemory, StorageKind::kSqlite),
                         testing::NameOf);

TEST_P(EnrolledTest, AnAddedIdentifierLeadsToThePersonAndItsIds) {
  const std::string id = Admit(kMaria);
  ASSERT_THAT(Add(kMaria, kMariaMail), IsOk());
  EXPECT_EQ(Admit({"email", "maria@example.org"}), id);
  EXPECT_EQ(Expect(test_.tables->Count(Table::kPerson)), 1u);
  EXPECT_EQ(IdentifierOf(id), "mrn:1");
  EXPECT_THAT(OthersOf(id), ElementsAre("email:Maria@Example.org"));
  EXPECT_TRUE(Expect(gate_.Check({"email", "MARIA@example.org"}, id)));
  EXPECT_THAT(Add(kMaria, kMariaMail), IsOk());  // again
  EXPECT_THAT(OthersOf(id), ElementsAre("email:Maria@Example.org"));
}

TEST_P(EnrolledTest, WhatCannotBeAddedIsSaidAndNothingIsStored) {
  Admit(kMaria);
  Admit(kHansen);
  const auto content = test_.content();
  EXPECT_THAT(Add(kThird, kMariaMail), HasCodeAt(StatusCode::kNotFound, 0));
  EXPECT_THAT(Add(kMaria, kHansen), HasCodeAt(StatusCode::kConflict, 0));
  EXPECT_THAT(Add(kMaria, {"email", "no address"}), HasCodeAt(StatusCode::kInvalidArgument, 0));
  EXPECT_THAT(Add(kMaria, {"mrn", "4", IdentifierKind::kText}), HasCode(StatusCode::kConflict));
  const std::vector<IdentifierPair> pairs = {{kMaria, kMariaMail}, {kMaria, kHansen}};
  EXPECT_THAT(vault().AddIdentifiers(pairs), HasCodeAt(StatusCode::kConflict, 1));
  EXPECT_THAT(Add(kMaria, kMariaMail, /*dry_run=*/true), IsOk());
  EXPECT_THAT(Add(kMaria, kHansen, /*dry_run=*/true), HasCodeAt(StatusCode::kConflict, 0));
  EXPECT_EQ(test_.content(), content);
}

TEST_P(EnrolledTest, APersonHas64IdentifiersAndNoMore) {
  const std::string id = Admit(kMaria);
  for (int i = 2; i <= 64; ++i) ASSERT_THAT(Add(kMaria, {"alias", std::to_string(i)}), IsOk());
  EXPECT_THAT(Add(kMaria, {"alias", "65"}), HasCode(StatusCode::kExhausted));
  EXPECT_EQ(Resolve(id).person.other_identifiers.size(), 63u);
  EXPECT_EQ(Admit({"alias", "64"}), id);
}

TEST_P(EnrolledTest, MergedPersonsKeepTheirIdsAndGetThoseOfTheFirstFromNowOn) {
  const IdentityGate visit =
      Expect(IdentityGate::Create(vault(), {.scope = Expect(Scope::Conference("visit-42"))}));
  const auto in_visit = [&](const Identifier& who) {
    return Expect(visit.Admit({.issuer = who.issuer, .id = who.id, .name = "Zz"}, "Patient"))
        .external_id();
  };
  const std::string maria = Admit(kMaria, "Maria Jensen");
  const std::string hansen = Admit(kHansen, "Maria Hansen");
  const std::string hansen_in_visit = in_visit(kHansen);
  ASSERT_THAT(Merge(kMaria, kHansen), IsOk());

  EXPECT_EQ(Resolve(hansen).person.name.Expose(), "Maria Jensen");
  EXPECT_EQ(Admit(kHansen), maria);
  EXPECT_EQ(in_visit(kMaria), in_visit(kHansen));
  EXPECT_NE(in_visit(kHansen), hansen_in_visit);
  for (const std::string& id : {maria, hansen, hansen_in_visit, in_visit(kMaria)}) {
    EXPECT_EQ(IdentifierOf(id), "mrn:1");
    EXPECT_THAT(OthersOf(id), ElementsAre("mrn:2"));
    EXPECT_EQ(Resolve(id).pseudonym.external_id().text(), id);
  }
  EXPECT_THAT(Merge(kMaria, kHansen), IsOk());  // again
  EXPECT_THAT(Merge(kHansen, kMaria), IsOk());  // they are one already
  EXPECT_EQ(Admit(kHansen), maria);
}

TEST_P(EnrolledTest, CheckKnowsEveryIdOfAMergedPerson) {
  const std::string maria = Admit(kMaria);
  const std::string hansen = Admit(kHansen);
  const std::string third = Admit(kThird);
  ASSERT_THAT(Merge(kMaria, kHansen), IsOk());
  ASSERT_THAT(Add(kHansen, kMariaMail), IsOk());
  for (const Identifier& who : {kMaria, kHansen, kMariaMail}) {
    for (const std::string& id : {maria, hansen}) {
      EXPECT_TRUE(Expect(gate_.Check(who, id)));
      EXPECT_TRUE(Expect(gate_.Check(who, UuidOf(Expect(ExternalId::Parse(id))).text())));
      const std::string with_metadata = Expect(
          SealMetadata(*vault().keyring(), 1, Expect(ExternalId::Parse(id)), {.role = "patient"}));
      EXPECT_TRUE(Expect(gate_.Check(who, with_metadata)));
    }
    EXPECT_FALSE(Expect(gate_.Check(who, third)));
    EXPECT_FALSE(Expect(gate_.Check(kThird, maria)));
  }
  EXPECT_FALSE(Expect(gate_.Check({"mrn", "nobody"}, maria)));
  EXPECT_THAT(gate_.Check(kMaria, "no ID"), HasCode(StatusCode::kInvalidArgument));
}

TEST_P(EnrolledTest, ASplitTakesAMergeBack) {
  const std::string maria = Admit(kMaria, "Maria Jensen");
  const std::string hansen = Admit(kHansen, "Maria Hansen");
  ASSERT_THAT(Merge(kMaria, kHansen), IsOk());
  ASSERT_THAT(Split(kHansen, /*dry_run=*/true), IsOk());
  EXPECT_EQ(IdentifierOf(hansen), "mrn:1");
  ASSERT_THAT(Split(kHansen), IsOk());
  EXPECT_EQ(IdentifierOf(hansen), "mrn:2");
  EXPECT_EQ(Resolve(hansen).person.name.Expose(), "Maria Hansen");
  EXPECT_THAT(OthersOf(hansen), ElementsAre());
  EXPECT_THAT(OthersOf(maria), ElementsAre());
  EXPECT_EQ(Admit(kHansen), hansen);
  EXPECT_EQ(Admit(kMaria), maria);
  EXPECT_FALSE(Expect(gate_.Check(kHansen, maria)));
  EXPECT_FALSE(Expect(gate_.Check(kMaria, hansen)));
  EXPECT_THAT(Split(kHansen), HasCodeAt(StatusCode::kConflict, 0));
  EXPECT_THAT(Split(kThird), HasCodeAt(StatusCode::kNotFound, 0));
}

TEST_P(EnrolledTest, AnIdentifierThatIsSplitOffIsANewPersonAndTheOldIdsStay) {
  const std::string maria = Admit(kMaria, "Maria Jensen");
  ASSERT_THAT(Add(kMaria, kMariaMail), IsOk());
  ASSERT_THAT(Split(kMariaMail), IsOk());
  const std::string mail = Admit(kMariaMail);
  EXPECT_NE(mail, maria);
  EXPECT_EQ(IdentifierOf(maria), "mrn:1");
  EXPECT_EQ(IdentifierOf(mail), "email:Maria@Example.org");
  EXPECT_THAT(OthersOf(maria), ElementsAre());
  EXPECT_FALSE(Expect(gate_.Check(kMariaMail, maria)));
  // The first one can be split off as well.
  ASSERT_THAT(Add(kMaria, kThird), IsOk());
  ASSERT_THAT(Split(kMaria), IsOk());
  EXPECT_EQ(IdentifierOf(maria), "mrn:3");
  EXPECT_NE(Admit(kMaria), maria);
  EXPECT_EQ(Admit(kThird), maria);
}

TEST_P(EnrolledTest, MergesOfMergedPersonsAndTheirSplitsLeadEverybodyHome) {
  const std::string a = Admit(kMaria);
  const std::string b = Admit(kHansen);
  const std::string c = Admit(kThird);
  ASSERT_THAT(Merge(kHansen, kThird), IsOk());  // C into B
  ASSERT_THAT(Merge(kMaria, kThird), IsOk());   // B, who is behind C, into A
  for (const std::string& id : {a, b, c}) {
    EXPECT_EQ(IdentifierOf(id), "mrn:1");
    EXPECT_THAT(OthersOf(id), UnorderedElementsAre("mrn:2", "mrn:3"));
    EXPECT_TRUE(Expect(gate_.Check(kThird, id)));
  }
  ASSERT_THAT(Split(kHansen), IsOk());  // B with C
  EXPECT_EQ(IdentifierOf(a), "mrn:1");
  EXPECT_EQ(IdentifierOf(b), "mrn:2");
  EXPECT_EQ(IdentifierOf(c), "mrn:2");
  ASSERT_THAT(Split(kThird), IsOk());
  EXPECT_EQ(IdentifierOf(c), "mrn:3");
  EXPECT_EQ(Admit(kMaria), a);
  EXPECT_EQ(Admit(kHansen), b);
  EXPECT_EQ(Admit(kThird), c);
}

// Whoever was merged first must still be found at the end of the longest way that may be made.
TEST_P(EnrolledTest, AChainOfMergesEndsBeforeAnybodyIsOutOfReach) {
  const std::string first = Admit({"mrn", "0"});
  Status status = Status::Ok();
  int merges = 0;
  for (; merges < 100 && status.ok(); merges += status.ok()) {
    const std::string kept = std::to_string(merges + 1);
    const std::string absorbed = std::to_string(merges);
    Admit({"mrn", kept});
    status = Merge({"mrn", kept}, {"mrn", absorbed});
    ASSERT_EQ(Expect(gate_.Check({"mrn", "0"}, first)), true) << merges;
  }
  EXPECT_EQ(status.code(), StatusCode::kExhausted);
  EXPECT_EQ(merges, 64);
  EXPECT_EQ(IdentifierOf(first), "mrn:64");
  EXPECT_EQ(Resolve(first).person.other_identifiers.size(), 64u);
}

TEST_P(EnrolledTest, SixtyFourPersonsAreMergedIntoOneAndNoMore) {
  Admit(kMaria);
  for (int i = 0; i < 64; ++i) {
    const std::string id = "b" + std::to_string(i);
    Admit({"mrn", id});
    ASSERT_THAT(Merge(kMaria, {"mrn", id}), IsOk());
  }
  Admit(kHansen);
  const auto content = test_.content();
  EXPECT_THAT(Merge(kMaria, kHansen), HasCodeAt(StatusCode::kExhausted, 0));
  EXPECT_EQ(test_.content(), content);
}

TEST_P(EnrolledTest, OfSeveralMergesAllAreMadeOrNone) {
  Admit(kMaria);
  Admit(kHansen);
  const auto content = test_.content();
  const std::vector<IdentifierPair> pairs = {{kMaria, kHansen}, {kMaria, kThird}};
  EXPECT_THAT(vault().MergePersons(pairs), HasCodeAt(StatusCode::kNotFound, 1));
  EXPECT_THAT(vault().MergePersons(pairs, /*dry_run=*/true), HasCodeAt(StatusCode::kNotFound, 1));
  EXPECT_THAT(Merge(kMaria, kHansen, /*dry_run=*/true), IsOk());
  EXPECT_EQ(test_.content(), content);
  // A merge and its split in a circle of calls: the second sees what the first made.
  ASSERT_THAT(Merge(kMaria, kHansen), IsOk());
  const std::vector<Identifier> twice = {kHansen, kHansen};
  EXPECT_THAT(vault().SplitPersons(twice), HasCodeAt(StatusCode::kConflict, 1));
}

TEST_P(EnrolledTest, AParticipantIdMayFollowAPersonAcrossAMerge) {
  const SessionIdentity maria =
      Expect(gate_.Admit({.issuer = "mrn", .id = "1", .name = "Zz"}, "Patient"));
  const SessionIdentity hansen =
      Expect(gate_.Admit({.issuer = "mrn", .id = "2", .name = "Zz"}, "Patient"));
  ASSERT_THAT(gate_.Bind("p", hansen), IsOk());
  EXPECT_THAT(gate_.Bind("p", maria), HasCode(StatusCode::kConflict));
  ASSERT_THAT(Merge(kMaria, kHansen), IsOk());
  EXPECT_EQ(IdentifierOf("p"), "mrn:1");
  EXPECT_THAT(gate_.Bind("p", hansen), IsOk());
  ASSERT_THAT(gate_.Bind("p", maria), IsOk());
  EXPECT_EQ(Resolve("p").pseudonym.external_id().text(), maria.external_id());
  ASSERT_THAT(Split(kHansen), IsOk());
  EXPECT_EQ(IdentifierOf("p"), "mrn:1");
  EXPECT_THAT(gate_.Bind("p", hansen), HasCode(StatusCode::kConflict));
}

TEST_P(EnrolledTest, ThePersonsOfADerivedVaultAreTheirIdentifiers) {
  const TestVault derived(GetParam(), "", VaultMode::kDerived);
  const IdentifierPair pair{kMaria, kHansen};
  EXPECT_THAT(derived.vault->AddIdentifiers({&pair, 1}), HasCode(StatusCode::kUnsupported));
  EXPECT_THAT(derived.vault->MergePersons({&pair, 1}), HasCode(StatusCode::kUnsupported));
  EXPECT_THAT(derived.vault->SplitPersons({&kMaria, 1}), HasCode(StatusCode::kUnsupported));
  EXPECT_EQ(Expect(derived.tables->Count(Table::kIdentifier)), 0u);
}

TEST_P(EnrolledTest, NamesAndFieldsGoToWhoIsBehindTheIdentifier) {
  Admit(kMaria, "Maria Jensen");
  const std::string hansen = Admit(kHansen, "Maria Hansen");
  ASSERT_THAT(Merge(kMaria, kHansen), IsOk());
  const FieldView field = {"ward", "7"};
  Expect(gate_.Admit({.issuer = "mrn", .id = "2", .name = "Maria Married", .fields = {&field, 1}},
                     "Patient"));
  EXPECT_EQ(Resolve(hansen).person.name.Expose(), "Maria Married");
  EXPECT_EQ(Resolve(hansen).person.fields.size(), 1u);
  ASSERT_THAT(Split(kHansen), IsOk());
  EXPECT_EQ(Resolve(hansen).person.name.Expose(), "Maria Hansen");
  EXPECT_EQ(Resolve(hansen).person.fields.size(), 0u);
}

TEST_P(EnrolledTest, InTheChildOfAForkEverythingIsClosed) {
  const std::string maria = Admit(kMaria);
  Admit(kHansen);
  const auto content = test_.content();
  EXPECT_EQ(
      testing::InChild([&] {
        const IdentifierPair pair{kMaria, kHansen};
        std::string codes;
        for (const Status& status :
             {gate_.Admit({.issuer = "mrn", .id = "9", .name = "Zz"}, "Patient").status(),
              gate_.PseudonymizeMany({&kMaria, 1}).status(), gate_.Check(kMaria, maria).status(),
              Add(kMaria, kMariaMail), vault().MergePersons({&pair, 1}), Split(kMaria),
              vault().DeclareIssuer("new", IdentifierKind::kText),
              Resolver::Create(vault()).Resolve(maria, kReason).status()}) {
          codes += std::string(StatusCodeName(status.code())) + " ";
        }
        return codes;
      }),
      "closed closed closed closed closed closed closed closed ");
  EXPECT_EQ(test_.content(), content);
}

}  // namespace
}  // namespace moniker
