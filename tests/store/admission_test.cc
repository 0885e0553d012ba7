#include "store/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "store/test_store.h"
#include "support/status_matchers.h"

namespace moniker::internal {
namespace {

using testing::Bytes;
using ::testing::ElementsAre;
using testing::Expect;
using testing::ForEveryFailingCall;
using testing::HasCode;
using testing::HasCodeAt;
using testing::IdOf;
using testing::IsOk;
using testing::ScanAll;
using testing::StorageKind;
using testing::Tag;
using testing::TestStore;
using testing::VersionOf;
using testing::Visit;

// What holds in both modes.
class AdmissionTest : public ::testing::TestWithParam<VaultMode>, protected TestStore {
 protected:
  AdmissionTest() : TestStore(GetParam()) {}

  Status Try(const std::vector<PersonView>& persons) {
    return TryToAdmit(*store, persons).status();
  }

  const PersonView ada_ = {"mrn", "1", "Ada Lovelace"};
  const PersonView bob_ = {"mrn", "2", "Bob Hope"};
};

INSTANTIATE_TEST_SUITE_P(Modes, AdmissionTest,
                         ::testing::Values(VaultMode::kDerived, VaultMode::kEnrolled),
                         [](const auto& mode) { return std::string(VaultModeName(mode.param)); });

TEST_P(AdmissionTest, ExternalIdsAreThoseThatAreDerivedLater) {
  for (const Scope& scope : {Scope::App(), Visit("visit-42")}) {
    const auto admitted = Admit({ada_, bob_}, scope);
    EXPECT_EQ(IdOf(admitted[0]), Derive({"mrn", "1"}, scope));
    EXPECT_EQ(IdOf(admitted[1]), Derive({"mrn", "2"}, scope));
    EXPECT_EQ(Read(IdOf(admitted[0])), "mrn/1/Ada Lovelace");
  }
  EXPECT_EQ(Count(Table::kPerson), 2u);
  EXPECT_EQ(Count(Table::kExternalId), 4u);
}

TEST_P(AdmissionTest, AdmittingAgainGivesTheSameAndWritesNothing) {
  const auto first = Admit({ada_, bob_}, Visit("visit-42"));
  const auto before = content();
  faults->transactions = 0;
  const auto second = Admit({bob_, ada_}, Visit("visit-42"));
  EXPECT_EQ(IdOf(second[1]), IdOf(first[0]));
  EXPECT_EQ(second[1].label, first[0].label);
  EXPECT_EQ(IdOf(second[0]), IdOf(first[1]));
  EXPECT_EQ(content(), before);
  EXPECT_EQ(faults->transactions, 0);
}

TEST_P(AdmissionTest, OnePersonSeveralTimesInACallIsOneRecordWithTheLastName) {
  const FieldView phone = {"phone", "555"};
  const FieldView email = {"email", "ada@a.example"};
  const auto admitted = Admit({{"mrn", "1", "Ada", {&phone, 1}},
                               bob_,
                               {"mrn", "1", "Ada King", {&email, 1}},
                               {"mrn", "1", "Ada Lovelace"}});
  EXPECT_EQ(Count(Table::kPerson), 2u);
  EXPECT_EQ(Count(Table::kExternalId), 2u);
  EXPECT_EQ(Count(Table::kIdentifier), GetParam() == VaultMode::kEnrolled ? 2u : 0u);
  EXPECT_EQ(IdOf(admitted[0]), IdOf(admitted[2]));
  EXPECT_EQ(IdOf(admitted[0]), IdOf(admitted[3]));
  EXPECT_EQ(Read(IdOf(admitted[0])), "mrn/1/Ada Lovelace email=ada@a.example phone=555");
  for (const SealedRecord& record : ScanAll(*backend, Table::kPerson)) {
    EXPECT_EQ(VersionOf(record.sealed), 1u);
  }
}

TEST_P(AdmissionTest, SpellingsOfOneIdentifierAreOnePerson) {
  const auto admitted = Admit({{"email", "Jo.Doe@Example.ORG", "Jo"},
                               {"email", "jo.doe@example.org", "Jo"},
                               {"phone", "+49 30 1234567", "Pat"},
                               {"phone", "+49301234567", "Pat"},
                               {"staff", "Jo  Ann", "Jo Ann", {}, IdentifierKind::kText},
                               {"staff", "jo ann", "Jo Ann", {}, IdentifierKind::kText}});
  EXPECT_EQ(Count(Table::kPerson), 3u);
  for (std::size_t i = 0; i < admitted.size(); i += 2) {
    EXPECT_EQ(IdOf(admitted[i]), IdOf(admitted[i + 1])) << i;
  }
}

// What comes back is what the application first wrote.
TEST_P(AdmissionTest, TheSpellingThatWasGivenFirstIsKept) {
  const std::string id = AdmitOne({"email", "Jo.Doe@Example.ORG", "Jo"});
  EXPECT_EQ(Read(id), "email/Jo.Doe@Example.ORG/Jo");
  EXPECT_EQ(AdmitOne({"email", "JO.DOE@example.org", "Jo Doe"}), id);
  EXPECT_EQ(Read(id), "email/Jo.Doe@Example.ORG/Jo Doe");
  // What is given in its canonical form stands there once.
  const std::string other = AdmitOne({"email", "ann@example.org", "Ann"});
  EXPECT_EQ(AdmitOne({"email", "Ann@Example.org", "Ann"}), other);
  EXPECT_EQ(Read(other), "email/ann@example.org/Ann");
}

TEST_P(AdmissionTest, ANameIsReplacedAndFieldsThatAreNotGivenStay) {
  const std::vector<FieldView> fields = {{"notes", "likes tea"}, {"email", "ada@a.example"}};
  const std::string id = AdmitOne({"mrn", "1", "Ada", fields});
  const std::vector<FieldView> more = {{"avatar", "a.png"}, {"notes", ""}};
  AdmitOne({"mrn", "1", "Ada King", more});
  EXPECT_EQ(Read(id), "mrn/1/Ada King avatar=a.png email=ada@a.example notes=");
  for (const SealedRecord& record : ScanAll(*backend, Table::kPerson)) {
    EXPECT_EQ(VersionOf(record.sealed), 2u);
  }
}

TEST_P(AdmissionTest, MoreThan64FieldsWithTheStoredOnesAreRefusedWhole) {
  std::vector<std::string> names;
  for (int i = 0; i < 64; ++i) names.push_back("field_" + std::to_string(i));
  std::vector<FieldView> fields;
  for (const std::string& name : names) fields.push_back({name, "x"});
  AdmitOne({"mrn", "1", "Ada", fields});
  const auto before = content();
  const FieldView one_more = {"one_more", "x"};
  EXPECT_THAT(Try({bob_, {"mrn", "1", "Ada", {&one_more, 1}}}),
              HasCodeAt(StatusCode::kInvalidArgument, 1));
  EXPECT_EQ(content(), before);
  const FieldView known = {"field_7", "y"};
  EXPECT_THAT(Try({{"mrn", "1", "Ada", {&known, 1}}}), IsOk());
}

TEST_P(AdmissionTest, OneInvalidPersonOfACallWritesNothing) {
  const auto before = content();
  for (const PersonView& bad :
       {PersonView{"mrn", "1", ""}, PersonView{"mrn", "", "Eve"}, PersonView{"MRN", "1", "Eve"},
        PersonView{"mrn", "1", "Eve\n"}, PersonView{"mrn", " 1", "Eve"},
        PersonView{"email", "no address", "Eve"}, PersonView{"phone", "911", "Eve"},
        PersonView{"mrn", "1", "Eve", {}, static_cast<IdentifierKind>(5)},
        PersonView{"new", "1", "Eve", {}, static_cast<IdentifierKind>(0)}}) {
    EXPECT_THAT(Try({ada_, bob_, bad, ada_}).code(),
                ::testing::AnyOf(StatusCode::kInvalidArgument, StatusCode::kConflict));
    EXPECT_EQ(Try({ada_, bob_, bad, ada_}).locator(), 2);
    EXPECT_EQ(content(), before);
  }
}

TEST_P(AdmissionTest, AnEpochThatIsNotThereIsNotFoundAndWritesNothing) {
  const auto before = content();
  for (const std::uint32_t epoch : {0u, 2u, 0xffffffffu}) {
    EXPECT_THAT(store->AdmitMany({{&ada_, 1}, Scope::App(), epoch}),
                HasCode(StatusCode::kNotFound));
  }
  EXPECT_EQ(content(), before);
}

TEST_P(AdmissionTest, EachIdentityEpochHasAPseudonymOfItsOwnAndTheNewestIsTheDefault) {
  const std::string old = AdmitOne(ada_);
  Expect(Rotate(KeyKind::kIdentity));
  const std::string now = AdmitOne(ada_);
  EXPECT_NE(now, old);
  EXPECT_EQ(Find(old)->link.identity_epoch, 1u);
  EXPECT_EQ(Find(now)->link.identity_epoch, 2u);
  EXPECT_EQ(Read(old), Read(now));
  const auto again = Expect(store->AdmitMany({{&ada_, 1}, Scope::App(), 1}));
  EXPECT_EQ(IdOf(again.at(0)), old);
  EXPECT_EQ(Count(Table::kPerson), 1u);
  EXPECT_EQ(Count(Table::kExternalId), 2u);
}

// --- kinds

TEST_P(AdmissionTest, TheKindOfAnIssuerIsEnteredWithItsFirstPerson) {
  EXPECT_EQ(Expect(store->KindOf("staff")), std::nullopt);
  AdmitOne({"staff", "Jo Ann", "Jo Ann", {}, IdentifierKind::kText});
  EXPECT_EQ(Expect(store->KindOf("staff")), IdentifierKind::kText);
  EXPECT_EQ(Expect(Open()->KindOf("staff")), IdentifierKind::kText);
  AdmitOne(ada_);
  EXPECT_EQ(Expect(store->KindOf("mrn")), IdentifierKind::kOpaque);
  const auto issuers = Expect(DecodeIssuers(Payload(Table::kMeta, Tag("issuers")).Expose()));
  EXPECT_EQ(issuers,
            (IssuerKinds{{"mrn", IdentifierKind::kOpaque}, {"staff", IdentifierKind::kText}}));
}

// Without a kind the identifier is of its issuer's.
TEST_P(AdmissionTest, AKindThatIsNotGivenIsThatOfTheIssuer) {
  Expect(store->DeclareIssuer("staff", IdentifierKind::kText));
  const std::string id = AdmitOne({"staff", "Jo Ann", "Jo Ann"});
  EXPECT_EQ(AdmitOne({"staff", "jo ann", "Jo Ann"}), id);
  EXPECT_EQ(Derive({"staff", "JO ANN"}), id);
}

TEST_P(AdmissionTest, AnotherKindThanTheIssuersIsAConflictAndWritesNothing) {
  Expect(store->DeclareIssuer("staff", IdentifierKind::kText));
  AdmitOne(ada_);
  const auto before = content();
  EXPECT_THAT(Try({bob_, {"staff", "1", "Jo", {}, IdentifierKind::kOpaque}}),
              HasCodeAt(StatusCode::kConflict, 1));
  EXPECT_THAT(Try({{"mrn", "1", "Jo", {}, IdentifierKind::kText}}),
              HasCodeAt(StatusCode::kConflict, 0));
  EXPECT_THAT(Try({{"email", "a@b.example", "Jo", {}, IdentifierKind::kText}}),
              HasCodeAt(StatusCode::kConflict, 0));
  // Two kinds of one new issuer in one call.
  EXPECT_THAT(Try({{"new", "1", "Jo", {}, IdentifierKind::kText},
                   {"new", "2", "Jo", {}, IdentifierKind::kOpaque}}),
              HasCodeAt(StatusCode::kConflict, 1));
  const Identifier other = {"staff", "1", IdentifierKind::kOpaque};
  EXPECT_THAT(store->PseudonymizeMany({&other, 1}, Scope::App(), std::nullopt),
              HasCodeAt(StatusCode::kConflict, 0));
  EXPECT_THAT(store->AllPseudonymsOf(other, Scope::App()), HasCode(StatusCode::kConflict));
  EXPECT_EQ(content(), before);
}

TEST_P(AdmissionTest, AnIssuersKindIsDeclaredOnceAndForEver) {
  EXPECT_THAT(store->DeclareIssuer("staff", IdentifierKind::kText), IsOk());
  const auto before = content();
  EXPECT_THAT(store->DeclareIssuer("staff", IdentifierKind::kText), IsOk());
  EXPECT_THAT(store->DeclareIssuer("staff", IdentifierKind::kOpaque),
              HasCode(StatusCode::kConflict));
  EXPECT_THAT(store->DeclareIssuer("email", IdentifierKind::kOpaque),
              HasCode(StatusCode::kConflict));
  EXPECT_THAT(store->DeclareIssuer("NOT AN ISSUER", IdentifierKind::kText),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(content(), before);
}

// A record with it could not be read back, and the whole store with it.
TEST_P(AdmissionTest, AKindThatIsNoneIsNotDeclared) {
  const auto before = content();
  for (const int kind : {0, 5, 255}) {
    EXPECT_THAT(store->DeclareIssuer("staff", static_cast<IdentifierKind>(kind)),
                HasCode(StatusCode::kInvalidArgument));
    EXPECT_EQ(content(), before);
  }
  EXPECT_THAT(Try({ada_}), IsOk());
}

TEST_P(AdmissionTest, AVaultHasAtMost4096Issuers) {
  std::vector<std::string> issuers;
  for (int i = 0; i < 4096; ++i) issuers.push_back("issuer-" + std::to_string(i));
  std::vector<PersonView> people;
  for (const std::string& issuer : issuers) people.push_back({issuer, "1", "Somebody"});
  ASSERT_THAT(Try(people), IsOk());
  const auto before = content();
  EXPECT_THAT(Try({{"one-more", "1", "Somebody"}}), HasCodeAt(StatusCode::kExhausted, 0));
  EXPECT_THAT(store->DeclareIssuer("one-more", IdentifierKind::kText),
              HasCode(StatusCode::kExhausted));
  EXPECT_EQ(content(), before);
  EXPECT_THAT(Try({{"issuer-4095", "2", "Somebody"}}), IsOk());
}

TEST_P(AdmissionTest, AskingStoresNoIssuerAndNobody) {
  const auto before = content();
  const Identifier stranger = {"staff", "Jo Ann", IdentifierKind::kText};
  Expect(store->PseudonymizeMany({&stranger, 1}, Scope::App(), std::nullopt));
  Expect(store->AllPseudonymsOf(stranger, Scope::App()));
  EXPECT_EQ(Expect(store->KindOf("staff")), std::nullopt);
  EXPECT_EQ(content(), before);
}

TEST_P(AdmissionTest, AllPseudonymsAreThoseOfEveryIdentityEpoch) {
  const std::string first = AdmitOne(ada_, Visit("visit-42"));
  Expect(Rotate(KeyKind::kIdentity));
  const std::string second = AdmitOne(ada_, Visit("visit-42"));
  std::vector<std::string> ids;
  for (const Pseudonym& one : Expect(store->AllPseudonymsOf({"mrn", "1"}, Visit("visit-42")))) {
    ids.emplace_back(one.external_id().text());
  }
  EXPECT_THAT(ids, ElementsAre(first, second));
}

// --- contradictions

TEST_P(AdmissionTest, ALinkOfAnotherPersonScopeOrEpochIsAltered) {
  const std::string id = AdmitOne(ada_);
  AdmitOne(bob_);
  const RecordTag tag =
      ScanAll(*backend, Table::kExternalId)
          .at(Expect(store->keys()->tags().OfExternalId(UuidOf(Expect(ExternalId::Parse(id)))))
                          .front() == ScanAll(*backend, Table::kExternalId)[0].tag
                  ? 0
                  : 1)
          .tag;
  const Link good = Find(id)->link;
  const RecordTag bob = Find(AdmitOne(bob_))->link.person;
  const auto forge = [&](const Link& link) {
    Forge(Table::kExternalId, tag, Expect(EncodeLink(link)).Expose());
    const auto before = content();
    const Status status = Try({{"mrn", "3", "New"}, ada_});
    EXPECT_EQ(content() == before, !status.ok());
    return status;
  };
  Link wrong = good;
  wrong.person = bob;
  EXPECT_THAT(forge(wrong), HasCode(StatusCode::kAltered));
  wrong = good;
  wrong.scope = Visit("visit-42");
  EXPECT_THAT(forge(wrong), HasCode(StatusCode::kAltered));
  wrong = good;
  wrong.identity_epoch = 9;
  EXPECT_THAT(forge(wrong), HasCode(StatusCode::kAltered));
  wrong = good;
  wrong.digest[31] ^= 1;
  EXPECT_THAT(forge(wrong), HasCode(StatusCode::kAltered));
  EXPECT_THAT(forge(good), IsOk());
}

// "The length of the handle follows from the mode of the vault: anything else is altered".
TEST_P(AdmissionTest, APersonOfTheOtherModeIsAltered) {
  const std::string id = AdmitOne(ada_);
  const RecordTag tag = Find(id)->link.person;
  const std::vector<std::uint8_t> handle = testing::Counting(32);
  StoredPerson person;
  if (GetParam() == VaultMode::kDerived) person.handle = handle;
  person.identifiers = {{IdentifierKind::kOpaque, "mrn", "1", ""}};
  person.name = "Ada";
  Forge(Table::kPerson, tag, Expect(EncodePerson(person)).Expose());
  EXPECT_THAT(Try({ada_}), HasCode(StatusCode::kAltered));
  Link link = Find(id)->link;
  EXPECT_THAT(store->ReadPersons({&link, 1}), HasCode(StatusCode::kAltered));
}

TEST_P(AdmissionTest, EveryFailureWhileAdmittingIsPassedOnAndKeepsNothing) {
  AdmitOne(bob_);
  ForEveryFailingCall(
      *faults, *backend,
      [&] {
        return TryToAdmit(*store,
                          {ada_, {"mrn", "2", "Bob Dylan"}, {"email", "a@b.example", "Ann"}},
                          Visit("visit-1"), LabelStyle::kWords)
            .status();
      },
      14);
}

TEST_P(AdmissionTest, EveryFailureWhileDeclaringIsPassedOnAndKeepsNothing) {
  ForEveryFailingCall(
      *faults, *backend, [&] { return store->DeclareIssuer("staff", IdentifierKind::kText); }, 7);
}

// --- enrolled vaults

class EnrolledAdmissionTest : public ::testing::Test, protected TestStore {
 protected:
  EnrolledAdmissionTest() : TestStore(VaultMode::kEnrolled) {}
};

TEST_F(EnrolledAdmissionTest, TagsAndHandlesAreRandom) {
  TestStore other(VaultMode::kEnrolled);
  const PersonView ada = {"mrn", "1", "Ada"};
  EXPECT_NE(AdmitOne(ada), other.AdmitOne(ada));
  const SealedRecord record = ScanAll(*backend, Table::kPerson).at(0);
  EXPECT_EQ(record.tag.bytes().size(), 16u);
  EXPECT_NE(record.tag, Expect(store->keys()->tags().OfIdentifier(ada.identifier())).front());
  const SecretBytes payload = Payload(Table::kPerson, record.tag);
  EXPECT_EQ(Expect(DecodePerson(payload.Expose())).handle.size(), 32u);
}

TEST_F(EnrolledAdmissionTest, AnIdentifierLeadsToItsPersonByARowOfItsOwn) {
  const std::string id = AdmitOne({"email", "Jo@Example.org", "Jo"});
  const RecordTag tag =
      Expect(store->keys()->tags().OfIdentifier({"email", "jo@example.org"})).front();
  EXPECT_EQ(Expect(DecodeIdentifierOwner(Payload(Table::kIdentifier, tag).Expose())),
            Find(id)->link.person);
}

TEST_F(EnrolledAdmissionTest, WhoIsNotEnrolledHasNoPseudonym) {
  AdmitOne({"mrn", "1", "Ada"});
  const std::vector<Identifier> identifiers = {{"mrn", "2"}, {"mrn", "1"}, {"new", "1"}};
  const auto derived = Expect(store->PseudonymizeMany(identifiers, Scope::App(), std::nullopt));
  EXPECT_FALSE(derived[0]);
  EXPECT_TRUE(derived[1]);
  EXPECT_FALSE(derived[2]);
  EXPECT_TRUE(Expect(store->AllPseudonymsOf({"mrn", "2"}, Scope::App())).empty());
}

TEST_F(EnrolledAdmissionTest, AnIdentifierWhosePersonIsGoneIsAltered) {
  AdmitOne({"mrn", "1", "Ada"});
  testing::EraseOne(*backend, Table::kPerson, ScanAll(*backend, Table::kPerson).at(0).tag);
  EXPECT_THAT(TryToAdmit(*store, {{"mrn", "1", "Ada"}}), HasCode(StatusCode::kAltered));
  const Identifier ada = {"mrn", "1"};
  EXPECT_THAT(store->PseudonymizeMany({&ada, 1}, Scope::App(), {}), HasCode(StatusCode::kAltered));
}

// "An identifier whose person does not list it" is altered.
TEST_F(EnrolledAdmissionTest, AnIdentifierWhosePersonDoesNotListItIsAltered) {
  AdmitOne({"mrn", "1", "Ada"});
  const RecordTag bob = Find(AdmitOne({"mrn", "2", "Bob"}))->link.person;
  const RecordTag row = Expect(store->keys()->tags().OfIdentifier({"mrn", "1"})).front();
  Forge(Table::kIdentifier, row, Expect(EncodeIdentifierOwner(bob)).Expose());
  EXPECT_THAT(TryToAdmit(*store, {{"mrn", "1", "Ada"}}), HasCode(StatusCode::kAltered));
  const Identifier ada = {"mrn", "1"};
  EXPECT_THAT(store->PseudonymizeMany({&ada, 1}, Scope::App(), {}), HasCode(StatusCode::kAltered));
}

TEST_F(EnrolledAdmissionTest, NothingPersonalShowsWhichRowsAreOnePerson) {
  AdmitOne({"mrn", "1", "Ada"});
  const RecordTag person = ScanAll(*backend, Table::kPerson).at(0).tag;
  for (const auto& [table, records] : content()) {
    for (const SealedRecord& record : records) {
      const std::string sealed(record.sealed.begin(), record.sealed.end());
      const std::string tag(person.bytes().begin(), person.bytes().end());
      EXPECT_EQ(sealed.find(tag), std::string::npos);
    }
  }
}

// "Rows of table 5" in a derived vault are altered.
TEST(DerivedAdmissionTest, RowsOfIdentifiersInADerivedVaultAreAltered) {
  const TestStore derived(VaultMode::kDerived);
  const RecordTag tag = Expect(derived.store->keys()->tags().OfIdentifier({"mrn", "1"})).front();
  derived.Forge(Table::kIdentifier, tag, Expect(EncodeIdentifierOwner(tag)).Expose());
  EXPECT_THAT(MappingStore::Open(derived.LoadKeyring(), derived.View(), derived.Source()).status(),
              HasCode(StatusCode::kAltered));
}

}  // namespace
}  // namespace moniker::internal
