#include "store/enrolment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "store/test_store.h"
#include "support/status_matchers.h"

namespace moniker::internal {
namespace {

using ::testing::ElementsAre;
using testing::Expect;
using testing::ForEveryFailingCall;
using testing::HasCode;
using testing::HasCodeAt;
using testing::IsOk;
using testing::ScanAll;
using testing::TestStore;
using testing::Visit;
using testing::WithoutManifest;

class EnrolmentTest : public ::testing::Test, protected TestStore {
 protected:
  EnrolmentTest() : TestStore(VaultMode::kEnrolled) {}

  Status Add(const Identifier& known, const Identifier& added) {
    const IdentifierPair pair = {known, added};
    return store->AddIdentifiers({&pair, 1}, false);
  }
  Status Merge(const Identifier& kept, const Identifier& absorbed) {
    const IdentifierPair pair = {kept, absorbed};
    return store->MergePersons({&pair, 1}, false);
  }
  Status Split(const Identifier& identifier) {
    return store->SplitPersons({&identifier, 1}, false);
  }

  // Persons "0", "1".. of the issuer "n", named as their numbers; their external IDs.
  std::vector<std::string> AdmitNumbered(std::size_t count) {
    for (std::size_t i = numbers_.size(); i < count; ++i) numbers_.push_back(std::to_string(i));
    std::vector<PersonView> people;
    for (std::size_t i = 0; i < count; ++i) people.push_back({"n", numbers_[i], numbers_[i]});
    std::vector<std::string> ids;
    for (const Admitted& one : Admit(people)) ids.push_back(testing::IdOf(one));
    return ids;
  }
  Identifier N(std::size_t number) const { return {"n", numbers_.at(number)}; }

  std::vector<std::string> All(const Identifier& identifier) const {
    std::vector<std::string> ids;
    for (const Pseudonym& one : Expect(store->AllPseudonymsOf(identifier, Scope::App()))) {
      ids.emplace_back(one.external_id().text());
    }
    return ids;
  }

  std::vector<std::string> numbers_;
  const Identifier ada_ = {"mrn", "1"};
  const Identifier bob_ = {"mrn", "2"};
  const Identifier cyd_ = {"mrn", "3"};
  const Identifier staff_ = {"staff", "s-1"};
  const PersonView ada_person_ = {"mrn", "1", "Ada"};
  const PersonView bob_person_ = {"mrn", "2", "Bob"};
  const PersonView cyd_person_ = {"mrn", "3", "Cyd"};
};

// --- adding

TEST_F(EnrolmentTest, AnAddedIdentifierLeadsToThePerson) {
  const std::string id = AdmitOne(ada_person_);
  ASSERT_THAT(Add(ada_, {"email", "Ada@Example.org"}), IsOk());
  EXPECT_EQ(Derive({"email", "ada@example.org"}), id);
  EXPECT_EQ(AdmitOne({"email", "ADA@example.org", "Ada"}), id);
  EXPECT_EQ(Read(id), "mrn/1/Ada +email/Ada@Example.org");
  EXPECT_EQ(Count(Table::kPerson), 1u);
  EXPECT_EQ(Count(Table::kIdentifier), 2u);
}

TEST_F(EnrolmentTest, AddingAgainIsNoErrorAndWritesNothing) {
  AdmitOne(ada_person_);
  ASSERT_THAT(Add(ada_, staff_), IsOk());
  const auto before = content();
  EXPECT_THAT(Add(ada_, staff_), IsOk());
  EXPECT_THAT(Add(staff_, ada_), IsOk());
  EXPECT_EQ(content(), before);
}

TEST_F(EnrolmentTest, AnIdentifierOfSomebodyElseIsAConflict) {
  AdmitOne(ada_person_);
  AdmitOne(bob_person_);
  const auto before = content();
  EXPECT_THAT(Add(ada_, bob_), HasCodeAt(StatusCode::kConflict, 0));
  EXPECT_THAT(Add({"mrn", "9"}, {"mrn", "8"}), HasCodeAt(StatusCode::kNotFound, 0));
  EXPECT_THAT(Add(ada_, {"MRN", "8"}), HasCodeAt(StatusCode::kInvalidArgument, 0));
  EXPECT_THAT(Add(ada_, {"mrn", "8", IdentifierKind::kText}), HasCodeAt(StatusCode::kConflict, 0));
  EXPECT_EQ(content(), before);
  // After a merge it is the same person's.
  ASSERT_THAT(Merge(ada_, bob_), IsOk());
  EXPECT_THAT(Add(ada_, bob_), IsOk());
}

TEST_F(EnrolmentTest, WhatIsAddedToAMergedPersonBelongsToTheOneBehind) {
  const std::string ada = AdmitOne(ada_person_);
  AdmitOne(bob_person_);
  ASSERT_THAT(Merge(ada_, bob_), IsOk());
  ASSERT_THAT(Add(bob_, staff_), IsOk());
  ASSERT_THAT(Split(bob_), IsOk());
  EXPECT_EQ(Derive(staff_), ada);
}

TEST_F(EnrolmentTest, APersonHas64Identifiers) {
  AdmitOne(ada_person_);
  std::vector<std::string> ids;
  for (int i = 0; i < 64; ++i) ids.push_back("more-" + std::to_string(i));
  std::vector<IdentifierPair> pairs;
  for (int i = 0; i < 63; ++i) pairs.push_back({ada_, {"mrn", ids[static_cast<std::size_t>(i)]}});
  ASSERT_THAT(store->AddIdentifiers(pairs, false), IsOk());
  const auto before = content();
  EXPECT_THAT(Add(ada_, {"mrn", ids[63]}), HasCodeAt(StatusCode::kExhausted, 0));
  EXPECT_EQ(content(), before);
}

// --- merging

TEST_F(EnrolmentTest, AMergedPersonLeadsToTheOther) {
  const std::string ada = AdmitOne(ada_person_);
  const std::string bob = AdmitOne(bob_person_);
  ASSERT_THAT(Merge(ada_, bob_), IsOk());
  EXPECT_EQ(Read(ada), "mrn/1/Ada +mrn/2");
  EXPECT_EQ(Read(bob), "mrn/1/Ada +mrn/2");
  EXPECT_EQ(Derive(bob_), ada);  // new pseudonyms are of the kept handle
  EXPECT_EQ(AdmitOne({"mrn", "2", "Ada Lovelace"}), ada);
  EXPECT_EQ(Read(bob), "mrn/1/Ada Lovelace +mrn/2");
  EXPECT_THAT(All(ada_), ElementsAre(ada, bob));
  EXPECT_THAT(All(bob_), ElementsAre(ada, bob));
  EXPECT_EQ(Count(Table::kPerson), 2u);
}

TEST_F(EnrolmentTest, AMergeChangesTheTwoRecordsAndNoOthers) {
  AdmitOne(ada_person_);
  AdmitOne(bob_person_);
  AdmitOne(cyd_person_);
  const auto before = content();
  ASSERT_THAT(Merge(ada_, bob_), IsOk());
  auto after = content();
  int changed = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    changed += after[Table::kPerson][i].sealed != before.at(Table::kPerson)[i].sealed;
  }
  EXPECT_EQ(changed, 2);
  after[Table::kPerson] = before.at(Table::kPerson);
  EXPECT_EQ(WithoutManifest(after), WithoutManifest(before));
}

// An audit entry names whom the answer was about.
TEST_F(EnrolmentTest, ReadingNamesTheLastPersonOnTheWay) {
  const std::string ada = AdmitOne(ada_person_);
  const std::string bob = AdmitOne(bob_person_);
  const std::string cyd = AdmitOne(cyd_person_);
  ASSERT_THAT(Merge(bob_, cyd_), IsOk());
  ASSERT_THAT(Merge(ada_, bob_), IsOk());
  std::vector<Link> links = {Find(cyd)->link, Find(ada)->link, Find(bob)->link};
  const RecordTag tag = links[1].person;
  EXPECT_NE(links[0].person, tag);
  Expect(store->ReadPersons(links));
  for (const Link& link : links) EXPECT_EQ(link.person, tag);
}

TEST_F(EnrolmentTest, MergingAgainOrTheOtherWayRoundWritesNothing) {
  AdmitOne(ada_person_);
  AdmitOne(bob_person_);
  ASSERT_THAT(Merge(ada_, bob_), IsOk());
  const auto before = content();
  EXPECT_THAT(Merge(ada_, bob_), IsOk());
  EXPECT_THAT(Merge(bob_, ada_), IsOk());  // a circle otherwise
  EXPECT_THAT(Merge(ada_, ada_), IsOk());
  EXPECT_EQ(content(), before);
}

TEST_F(EnrolmentTest, MergingMergedPersonsJoinsThoseBehindThem) {
  const auto ids = AdmitNumbered(4);
  ASSERT_THAT(Merge(N(0), N(1)), IsOk());
  ASSERT_THAT(Merge(N(2), N(3)), IsOk());
  ASSERT_THAT(Merge(N(1), N(3)), IsOk());  // 2 into 0
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(Derive(N(i)), ids[0]) << i;
    EXPECT_EQ(Read(ids[i]).substr(0, 5), "n/0/0") << i;
  }
  EXPECT_THAT(All(N(3)), ::testing::UnorderedElementsAre(ids[0], ids[1], ids[2], ids[3]));
  EXPECT_EQ(Read(ids[0]), Read(ids[3]));
}

TEST_F(EnrolmentTest, OnePersonAbsorbs64Others) {
  AdmitNumbered(66);
  std::vector<IdentifierPair> pairs;
  for (std::size_t i = 1; i <= 64; ++i) pairs.push_back({N(0), N(i)});
  ASSERT_THAT(store->MergePersons(pairs, false), IsOk());
  const auto before = content();
  EXPECT_THAT(Merge(N(0), N(65)), HasCodeAt(StatusCode::kExhausted, 0));
  EXPECT_EQ(content(), before);
  EXPECT_EQ(All(N(64)).size(), 65u);
}

TEST_F(EnrolmentTest, AWayOf64MergesMayBeMadeAndALongerOneMayNot) {
  const auto ids = AdmitNumbered(66);
  for (std::size_t i = 0; i < 64; ++i) ASSERT_THAT(Merge(N(i + 1), N(i)), IsOk()) << i;
  EXPECT_EQ(Read(ids[0]).substr(0, 7), "n/64/64");
  const auto before = content();
  EXPECT_THAT(Merge(N(65), N(0)), HasCodeAt(StatusCode::kExhausted, 0));
  EXPECT_EQ(content(), before);
}

// The way of whoever was merged before becomes longer too.
TEST_F(EnrolmentTest, AMergeMayNotMakeTheWayOfAThirdPersonTooLong) {
  const auto ids = AdmitNumbered(66);
  for (std::size_t i = 0; i < 64; ++i) ASSERT_THAT(Merge(N(i + 1), N(i)), IsOk()) << i;
  const auto before = content();
  EXPECT_THAT(Merge(N(65), N(64)), HasCodeAt(StatusCode::kExhausted, 0));
  EXPECT_EQ(content(), before);
  EXPECT_EQ(Read(ids[0]).substr(0, 7), "n/64/64");
  EXPECT_EQ(Derive(N(0)), ids[64]);
}

// --- splitting

TEST_F(EnrolmentTest, ASplitAfterAMergeGivesBackTheOldPersonAndItsIds) {
  const FieldView phone = {"phone", "555"};
  const std::string ada = AdmitOne(ada_person_);
  const std::string bob = AdmitOne({"mrn", "2", "Bob", {&phone, 1}});
  const std::string bob_in_visit = AdmitOne({"mrn", "2", "Bob"}, Visit("visit-42"));
  const RecordTag tag = Find(bob)->link.person;
  const SecretBytes before = Payload(Table::kPerson, tag);
  ASSERT_THAT(Merge(ada_, bob_), IsOk());
  AdmitOne({"mrn", "2", "Ada Married"}, Visit("visit-43"));
  ASSERT_THAT(Split(bob_), IsOk());
  EXPECT_TRUE(std::ranges::equal(Payload(Table::kPerson, tag).Expose(), before.Expose()));
  EXPECT_EQ(Derive(bob_), bob);
  EXPECT_EQ(Derive(bob_, Visit("visit-42")), bob_in_visit);
  EXPECT_EQ(Read(bob), "mrn/2/Bob phone=555");
  EXPECT_EQ(Read(ada), "mrn/1/Ada Married");
  EXPECT_THAT(All(ada_), ElementsAre(ada));
  EXPECT_THAT(Merge(ada_, bob_), IsOk());  // and back again
}

TEST_F(EnrolmentTest, ASplitInTheMiddleTakesWhoWasMergedBeforeAlong) {
  const auto ids = AdmitNumbered(3);
  ASSERT_THAT(Merge(N(1), N(2)), IsOk());
  ASSERT_THAT(Merge(N(0), N(1)), IsOk());
  ASSERT_THAT(Split(N(1)), IsOk());
  EXPECT_EQ(Derive(N(0)), ids[0]);
  EXPECT_EQ(Derive(N(1)), ids[1]);
  EXPECT_EQ(Derive(N(2)), ids[1]);
  ASSERT_THAT(Split(N(2)), IsOk());
  EXPECT_EQ(Derive(N(2)), ids[2]);
}

TEST_F(EnrolmentTest, AnAddedIdentifierThatIsSplitOffIsANewPersonOfTheSameName) {
  const FieldView phone = {"phone", "555"};
  const std::string ada = AdmitOne({"mrn", "1", "Ada", {&phone, 1}});
  ASSERT_THAT(Add(ada_, {"email", "Ada@Example.org"}), IsOk());
  ASSERT_THAT(Split({"email", "ada@example.org"}), IsOk());
  const std::string other = Derive({"email", "ada@example.org"});
  EXPECT_NE(other, ada);
  EXPECT_EQ(Derive(ada_), ada);
  EXPECT_EQ(Read(ada), "mrn/1/Ada phone=555");
  EXPECT_EQ(AdmitOne({"email", "ada@example.org", "Ada"}), other);
  EXPECT_EQ(Read(other), "email/Ada@Example.org/Ada");
}

TEST_F(EnrolmentTest, TheFirstIdentifierMayBeSplitOffToo) {
  const std::string ada = AdmitOne(ada_person_);
  ASSERT_THAT(Add(ada_, staff_), IsOk());
  ASSERT_THAT(Split(ada_), IsOk());
  EXPECT_EQ(Derive(staff_), ada);  // the external IDs stay with the person that it leaves
  EXPECT_EQ(Read(ada), "staff/s-1/Ada");
  EXPECT_NE(Derive(ada_), ada);
}

TEST_F(EnrolmentTest, TheOnlyIdentifierCannotBeSplitOff) {
  AdmitOne(ada_person_);
  const auto before = content();
  EXPECT_THAT(Split(ada_), HasCodeAt(StatusCode::kConflict, 0));
  EXPECT_THAT(Split({"mrn", "9"}), HasCodeAt(StatusCode::kNotFound, 0));
  // That others were merged into the person does not change it.
  AdmitOne(bob_person_);
  ASSERT_THAT(Merge(ada_, bob_), IsOk());
  EXPECT_THAT(Split(ada_), HasCodeAt(StatusCode::kConflict, 0));
  EXPECT_NE(content(), before);
}

TEST_F(EnrolmentTest, AMergeThatOnlyOneOfTheTwoKnowsIsAltered) {
  AdmitOne(ada_person_);
  const std::string bob = AdmitOne(bob_person_);
  const RecordTag ada_tag = Find(AdmitOne(ada_person_))->link.person;
  const RecordTag bob_tag = Find(bob)->link.person;
  const SecretBytes payload = Payload(Table::kPerson, bob_tag);
  StoredPerson person = Expect(DecodePerson(payload.Expose()));
  person.merged_into = ada_tag;
  Forge(Table::kPerson, bob_tag, Expect(EncodePerson(person)).Expose());
  EXPECT_THAT(Split(bob_), HasCode(StatusCode::kAltered));
}

// --- all of them

TEST_F(EnrolmentTest, ADryRunWritesNothingTakesNoLockAndSaysWhatWouldBecomeOfIt) {
  AdmitOne(ada_person_);
  AdmitOne(bob_person_);
  ASSERT_THAT(Add(ada_, staff_), IsOk());
  const auto before = content();
  faults->transactions = 0;
  const IdentifierPair added = {ada_, {"new", "1"}};
  const IdentifierPair taken = {ada_, bob_};
  EXPECT_THAT(store->AddIdentifiers({&added, 1}, true), IsOk());
  EXPECT_THAT(store->AddIdentifiers({&taken, 1}, true), HasCodeAt(StatusCode::kConflict, 0));
  EXPECT_THAT(store->MergePersons({&taken, 1}, true), IsOk());
  EXPECT_THAT(store->SplitPersons({&staff_, 1}, true), IsOk());
  EXPECT_THAT(store->SplitPersons({&bob_, 1}, true), HasCodeAt(StatusCode::kConflict, 0));
  EXPECT_EQ(content(), before);
  EXPECT_EQ(faults->transactions, 0);
}

TEST_F(EnrolmentTest, ACallIsCarriedOutWholeOrNotAtAll) {
  AdmitNumbered(4);
  const auto before = content();
  const std::vector<IdentifierPair> pairs = {{N(0), N(1)}, {N(2), N(3)}, {N(0), {"n", "x"}}};
  EXPECT_THAT(store->MergePersons(pairs, false), HasCodeAt(StatusCode::kNotFound, 2));
  const std::vector<IdentifierPair> adds = {{N(0), {"new", "1"}}, {N(0), N(1)}};
  EXPECT_THAT(store->AddIdentifiers(adds, false), HasCodeAt(StatusCode::kConflict, 1));
  const std::vector<Identifier> splits = {N(0)};
  EXPECT_THAT(store->SplitPersons(splits, false), HasCodeAt(StatusCode::kConflict, 0));
  EXPECT_EQ(content(), before);
}

TEST_F(EnrolmentTest, LaterPairsSeeWhatEarlierOnesDid) {
  const auto ids = AdmitNumbered(3);
  const std::vector<IdentifierPair> pairs = {{N(0), N(1)}, {N(1), N(2)}};
  ASSERT_THAT(store->MergePersons(pairs, false), IsOk());
  EXPECT_EQ(Derive(N(2)), ids[0]);
  const std::vector<Identifier> splits = {N(1), N(2)};
  ASSERT_THAT(store->SplitPersons(splits, false), IsOk());
  EXPECT_EQ(Derive(N(1)), ids[1]);
  EXPECT_EQ(Derive(N(2)), ids[2]);
}

TEST_F(EnrolmentTest, PersonsStayTogetherWhenKeysAreRotated) {
  const auto ids = AdmitNumbered(3);
  ASSERT_THAT(Merge(N(0), N(1)), IsOk());
  ASSERT_THAT(Add(N(0), staff_), IsOk());
  for (const KeyKind kind : {KeyKind::kIndex, KeyKind::kStorage, KeyKind::kIndex}) {
    Expect(Rotate(kind));
    EXPECT_EQ(Derive(N(1)), ids[0]);
    EXPECT_EQ(Derive(staff_), ids[0]);
    EXPECT_EQ(Read(ids[1]), "n/0/0 +staff/s-1 +n/1");
  }
  ASSERT_THAT(Merge(N(2), N(0)), IsOk());
  EXPECT_EQ(Derive(staff_), ids[2]);
  ASSERT_THAT(Split(staff_), IsOk());
  EXPECT_EQ(Derive(N(0)), ids[0]);
  EXPECT_EQ(Count(Table::kIdentifier), 4u);
}

TEST_F(EnrolmentTest, EveryFailureIsPassedOnAndKeepsNothing) {
  AdmitOne(ada_person_);
  AdmitOne(bob_person_);
  ASSERT_THAT(Add(ada_, staff_), IsOk());
  ForEveryFailingCall(
      *faults, *backend, [&] { return Merge(ada_, bob_); }, 10);
  ForEveryFailingCall(
      *faults, *backend,
      [&] {
        return Add(ada_, {"new", "1"});
      },
      10);
  ForEveryFailingCall(
      *faults, *backend, [&] { return Split(staff_); }, 10);
  ASSERT_THAT(Merge(ada_, bob_), IsOk());
  ForEveryFailingCall(
      *faults, *backend, [&] { return Split(bob_); }, 10);
}

TEST(DerivedEnrolmentTest, ADerivedVaultHasNothingToEnrol) {
  const TestStore test(VaultMode::kDerived);
  test.AdmitOne({"mrn", "1", "Ada"});
  const auto before = test.content();
  const IdentifierPair pair = {{"mrn", "1"}, {"mrn", "2"}};
  for (const bool dry_run : {false, true}) {
    EXPECT_THAT(test.store->AddIdentifiers({&pair, 1}, dry_run), HasCode(StatusCode::kUnsupported));
    EXPECT_THAT(test.store->MergePersons({&pair, 1}, dry_run), HasCode(StatusCode::kUnsupported));
    EXPECT_THAT(test.store->SplitPersons({&pair.first, 1}, dry_run),
                HasCode(StatusCode::kUnsupported));
  }
  EXPECT_EQ(test.content(), before);
}

}  // namespace
}  // namespace moniker::internal
