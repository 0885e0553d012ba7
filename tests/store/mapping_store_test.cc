#include "store/mapping_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>

#include "moniker/anonymizer.h"
#include "store/test_store.h"
#include "support/child_process.h"
#include "support/failing_backend.h"
#include "support/marker_scan.h"
#include "support/records.h"
#include "support/status_matchers.h"
#include "support/storage_kinds.h"

namespace moniker::internal {
namespace {

using testing::Bytes;
using testing::Content;
using testing::ContentOf;
using ::testing::ElementsAre;
using testing::EraseOne;
using testing::Expect;
using testing::FailingBackend;
using testing::Faults;
using testing::FindOne;
using testing::ForEveryFailingCall;
using testing::HasCode;
using testing::HasCodeAt;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::NumberTag;
using ::testing::Optional;
using testing::PutOne;
using testing::ScanAll;
using testing::StorageKind;
using testing::Tag;
using testing::TestStore;
using testing::VersionOf;
using testing::Visit;

using Binding = MappingStore::Binding;
using Found = MappingStore::Found;

Keyring NewKeyring() { return Expect(Keyring::Create({.app = "clinic-7"})); }

RecordTag SettingsTag() { return Tag("settings"); }

class MappingStoreTest : public ::testing::TestWithParam<StorageKind>, protected TestStore {
 protected:
  MappingStoreTest() : TestStore(VaultMode::kDerived, GetParam()) {}

  void Reopen() { store = Open(); }

  Status Open(Keyring keyring, std::unique_ptr<StorageBackend> tables) const {
    return MappingStore::Open(std::move(keyring), std::move(tables), Source()).status();
  }
  using TestStore::Open;

  Pseudonym Of(const PersonView& person, const Scope& scope = Scope::App()) const {
    const Anonymizer anonymizer = Expect(Anonymizer::Create(LoadKeyring(), scope));
    return Expect(anonymizer.Pseudonymize(person.identifier()));
  }

  std::string IdOf(const PersonView& person, const Scope& scope = Scope::App()) const {
    return std::string(Of(person, scope).external_id().text());
  }

  Status Admit(const std::vector<PersonView>& persons, const Scope& scope = Scope::App()) {
    return TryToAdmit(*store, persons, scope).status();
  }

  // A log of which only the last entry is there.
  void PretendAuditEntries(std::uint64_t last) const {
    Manifest manifest = Expect(DecodeManifest(Payload(Table::kMeta, ManifestTag()).Expose()));
    manifest.audit.entries = last;
    Forge(Table::kMeta, ManifestTag(), Expect(EncodeManifest(manifest)).Expose());
    PutOne(*backend, Table::kAudit, {NumberTag(last), Bytes("an entry")});
  }

  RecordTag PersonTag(const PersonView& person) const {
    return Expect(store->keys()->tags().OfIdentifier(person.identifier())).front();
  }

  const std::vector<FieldView> contact_ = {{"notes", "likes tea"}, {"email", "ada@a.example"}};
  const PersonView ada_ = {"mrn.hospital-a", "00123456", "Ada Lovelace", contact_};
  const PersonView bob_ = {"mrn.hospital-a", "00999999", "Bob Hope"};
};

INSTANTIATE_TEST_SUITE_P(Backends, MappingStoreTest,
                         ::testing::Values(StorageKind::kMemory, StorageKind::kSqlite),
                         testing::NameOf);

// --- admitting

TEST_P(MappingStoreTest, AdmittedPersonsAreFoundAndReadBack) {
  ASSERT_THAT(Admit({ada_, bob_}), IsOk());
  const std::optional<Found> found = Find(IdOf(ada_));
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->by_participant_id);
  EXPECT_EQ(found->link.person, PersonTag(ada_));
  EXPECT_EQ(found->link.identity_epoch, 1u);
  EXPECT_EQ(found->link.digest, Of(ada_).digest());
  EXPECT_EQ(found->link.scope, Scope::App());
  EXPECT_EQ(Read(IdOf(ada_)),
            "mrn.hospital-a/00123456/Ada Lovelace email=ada@a.example notes=likes tea");
  EXPECT_EQ(Read(IdOf(bob_)), "mrn.hospital-a/00999999/Bob Hope");
}

TEST_P(MappingStoreTest, WhatWasAdmittedIsThereAfterReopening) {
  ASSERT_THAT(Admit({ada_}, Visit("visit-42")), IsOk());
  Reopen();
  EXPECT_EQ(Read(IdOf(ada_, Visit("visit-42"))).substr(0, 36),
            "mrn.hospital-a/00123456/Ada Lovelace");
  EXPECT_EQ(Find(IdOf(ada_, Visit("visit-42")))->link.scope, Visit("visit-42"));
}

TEST_P(MappingStoreTest, AdmittingAgainWritesNothingAndTakesNoLock) {
  ASSERT_THAT(Admit({ada_, bob_}), IsOk());
  const Content before = ContentOf(*backend);
  faults->transactions = 0;
  ASSERT_THAT(Admit({bob_, ada_, ada_}), IsOk());
  EXPECT_EQ(ContentOf(*backend), before);  // not even sealed anew
  EXPECT_EQ(faults->transactions, 0);
}

TEST_P(MappingStoreTest, AdmittingNobodyWritesNothing) {
  const Content before = ContentOf(*backend);
  faults->transactions = 0;
  EXPECT_THAT(Admit({}), IsOk());
  EXPECT_EQ(ContentOf(*backend), before);
  EXPECT_EQ(faults->transactions, 0);
}

TEST_P(MappingStoreTest, AChangedNameReplacesTheOldOneInANewVersion) {
  ASSERT_THAT(Admit({ada_}), IsOk());
  EXPECT_EQ(VersionOf(*FindOne(*backend, Table::kPerson, PersonTag(ada_))), 1u);
  const auto links = ScanAll(*backend, Table::kExternalId);
  PersonView married = ada_;
  married.name = "Ada King";
  ASSERT_THAT(Admit({married}), IsOk());
  EXPECT_EQ(VersionOf(*FindOne(*backend, Table::kPerson, PersonTag(ada_))), 2u);
  EXPECT_EQ(ScanAll(*backend, Table::kExternalId), links);
  EXPECT_EQ(Count(Table::kPerson), 1u);
  EXPECT_EQ(Read(IdOf(ada_)),
            "mrn.hospital-a/00123456/Ada King email=ada@a.example notes=likes tea");
}

TEST_P(MappingStoreTest, FieldsThatAreNotGivenStay) {
  ASSERT_THAT(Admit({ada_}), IsOk());
  const std::vector<FieldView> more = {{"avatar", "a.png"}, {"notes", ""}};
  PersonView again = ada_;
  again.fields = more;
  ASSERT_THAT(Admit({again}), IsOk());
  EXPECT_EQ(Read(IdOf(ada_)),
            "mrn.hospital-a/00123456/Ada Lovelace avatar=a.png email=ada@a.example notes=");
  again.fields = {};
  const Content before = ContentOf(*backend);
  ASSERT_THAT(Admit({again}), IsOk());
  EXPECT_EQ(ContentOf(*backend), before);
}

TEST_P(MappingStoreTest, MoreThan64FieldsWithTheStoredOnesAreRefusedWhole) {
  std::vector<std::string> names;
  for (int i = 0; i < 64; ++i) names.push_back("field_" + std::to_string(i));
  std::vector<FieldView> fields;
  for (const std::string& name : names) fields.push_back({name, "x"});
  PersonView person = ada_;
  person.fields = fields;
  ASSERT_THAT(Admit({person}), IsOk());
  const Content before = ContentOf(*backend);
  const FieldView one_more = {"one_more", "x"};
  person.fields = {&one_more, 1};
  EXPECT_THAT(Admit({bob_, person}), HasCodeAt(StatusCode::kInvalidArgument, 1));
  EXPECT_EQ(ContentOf(*backend), before);
}

TEST_P(MappingStoreTest, OnePersonTwiceInABatchIsOneRecord) {
  PersonView renamed = ada_;
  renamed.name = "Ada King";
  const FieldView phone = {"phone", "555"};
  PersonView with_phone = ada_;
  with_phone.fields = {&phone, 1};
  ASSERT_THAT(Admit({ada_, with_phone, bob_, renamed}), IsOk());
  EXPECT_EQ(Count(Table::kPerson), 2u);
  EXPECT_EQ(Count(Table::kExternalId), 2u);
  EXPECT_EQ(VersionOf(*FindOne(*backend, Table::kPerson, PersonTag(ada_))), 1u);
  EXPECT_EQ(Read(IdOf(ada_)),
            "mrn.hospital-a/00123456/Ada King email=ada@a.example notes=likes tea phone=555");
}

TEST_P(MappingStoreTest, OnePersonInTwoScopesHasTwoLinksAndOneRecord) {
  for (const Scope& scope : {Scope::App(), Visit("visit-42"), Visit("visit-43")}) {
    ASSERT_THAT(Admit({ada_}, scope), IsOk());
  }
  EXPECT_EQ(Count(Table::kPerson), 1u);
  EXPECT_EQ(Count(Table::kExternalId), 3u);
  EXPECT_EQ(Find(IdOf(ada_, Visit("visit-42")))->link.person, PersonTag(ada_));
  EXPECT_EQ(Find(IdOf(ada_, Visit("visit-43")))->link.scope, Visit("visit-43"));
}

TEST_P(MappingStoreTest, TheSameIdOfTwoIssuersIsTwoPersons) {
  PersonView other = ada_;
  other.issuer = "mrn.hospital-b";
  other.name = "Adam";
  ASSERT_THAT(Admit({ada_, other}), IsOk());
  EXPECT_EQ(Count(Table::kPerson), 2u);
  EXPECT_EQ(Read(IdOf(ada_)).substr(0, 36), "mrn.hospital-a/00123456/Ada Lovelace");
  EXPECT_EQ(Read(IdOf(other)).substr(0, 28), "mrn.hospital-b/00123456/Adam");
}

TEST_P(MappingStoreTest, OneInvalidPersonOfABatchWritesNothing) {
  const Content before = ContentOf(*backend);
  for (const PersonView& bad :
       {PersonView{"mrn", "1", ""}, PersonView{"mrn", "", "Eve"}, PersonView{"MRN", "1", "Eve"},
        PersonView{"mrn", "1", "Eve\n"}, PersonView{"mrn", " 1", "Eve"}}) {
    EXPECT_THAT(Admit({ada_, bob_, bad, ada_}), HasCodeAt(StatusCode::kInvalidArgument, 2));
    EXPECT_EQ(ContentOf(*backend), before);
  }
}

TEST_P(MappingStoreTest, AdmitsFiveThousandAtOnce) {
  constexpr std::size_t kPersons = 5000;
  std::vector<std::string> ids;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kPersons; ++i) {
    ids.push_back("id-" + std::to_string(i));
    names.push_back("Person " + std::to_string(i));
  }
  std::vector<PersonView> people;
  for (std::size_t i = 0; i < kPersons; ++i) people.push_back({"mrn", ids[i], names[i]});
  std::vector<std::string> external_ids;
  for (const Admitted& admitted : TestStore::Admit(people)) {
    external_ids.push_back(testing::IdOf(admitted));
  }
  EXPECT_EQ(Count(Table::kPerson), kPersons);
  EXPECT_EQ(Count(Table::kExternalId), kPersons);

  const std::vector<std::string_view> queries(external_ids.begin(), external_ids.end());
  std::vector<Link> links;
  for (const std::optional<Found>& found : Expect(store->FindMany(queries))) {
    ASSERT_TRUE(found);
    links.push_back(found->link);
  }
  const auto persons = Expect(store->ReadPersons(links));
  ASSERT_EQ(persons.size(), kPersons);
  for (std::size_t i = 0; i < kPersons; ++i) {
    ASSERT_TRUE(persons[i]);
    ASSERT_EQ(persons[i]->name.Expose(), names[i]);
  }
}

TEST_P(MappingStoreTest, ThreadsThatAdmitTheSamePersonsMakeEachOnce) {
  constexpr int kPersons = 40;
  std::vector<std::string> ids;
  for (int i = 0; i < kPersons; ++i) ids.push_back("id-" + std::to_string(i));
  std::vector<std::thread> threads;
  for (std::size_t offset : {0u, 10u, 20u, 30u}) {
    threads.emplace_back([&, offset] {
      for (std::size_t i = 0; i < kPersons; ++i) {
        TestStore::Admit({{"mrn", ids[(i + offset) % kPersons], "Somebody"}});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Count(Table::kPerson), std::uint64_t{kPersons});
  EXPECT_EQ(Count(Table::kExternalId), std::uint64_t{kPersons});
  for (const SealedRecord& record : ScanAll(*backend, Table::kPerson)) {
    EXPECT_EQ(VersionOf(record.sealed), 1u);
  }
}

// --- binding

TEST_P(MappingStoreTest, ABoundParticipantLeadsToThePerson) {
  ASSERT_THAT(Admit({ada_}), IsOk());
  const Binding binding = {"p-1", Of(ada_).uuid()};
  EXPECT_THAT(Expect(store->BindMany({&binding, 1})), ElementsAre(IsOk()));
  const std::optional<Found> found = Find("p-1");
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->by_participant_id);
  Link expected = Find(IdOf(ada_))->link;
  expected.participant_id = "p-1";
  EXPECT_EQ(found->link, expected);
  EXPECT_EQ(Read("p-1").substr(0, 36), "mrn.hospital-a/00123456/Ada Lovelace");
}

TEST_P(MappingStoreTest, BindingAgainWritesNothingAndTakesNoLock) {
  ASSERT_THAT(Admit({ada_}), IsOk());
  const Binding binding = {"p-1", Of(ada_).uuid()};
  Expect(store->BindMany({&binding, 1}));
  const Content before = ContentOf(*backend);
  faults->transactions = 0;
  EXPECT_THAT(Expect(store->BindMany({&binding, 1})), ElementsAre(IsOk()));
  EXPECT_EQ(ContentOf(*backend), before);
  EXPECT_EQ(faults->transactions, 0);
}

TEST_P(MappingStoreTest, EachBindingOfABatchHasItsOwnAnswer) {
  ASSERT_THAT(Admit({ada_, bob_}), IsOk());
  const Uuid ada = Of(ada_).uuid();
  const Uuid bob = Of(bob_).uuid();
  const Uuid nobody = Of({"mrn", "never admitted", "Eve"}).uuid();
  const std::vector<Binding> bindings = {
      {"p-1", ada}, {"p-2", nobody}, {"p-3", bob}, {"p-1", bob}, {"p-1", ada}};
  EXPECT_THAT(Expect(store->BindMany(bindings)),
              ElementsAre(IsOk(), HasCode(StatusCode::kNotFound), IsOk(),
                          HasCode(StatusCode::kConflict), IsOk()));
  EXPECT_EQ(Count(Table::kParticipant), 2u);
  EXPECT_EQ(Find("p-1")->link.person, PersonTag(ada_));
  EXPECT_EQ(Find("p-2"), std::nullopt);
  EXPECT_EQ(Find("p-3")->link.person, PersonTag(bob_));
}

TEST_P(MappingStoreTest, AParticipantOfAnotherPersonIsAConflictAndStaysWhatItWas) {
  ASSERT_THAT(Admit({ada_, bob_}), IsOk());
  const Binding first = {"p-1", Of(ada_).uuid()};
  Expect(store->BindMany({&first, 1}));
  const Content before = ContentOf(*backend);
  const Binding second = {"p-1", Of(bob_).uuid()};
  EXPECT_THAT(Expect(store->BindMany({&second, 1})), ElementsAre(HasCode(StatusCode::kConflict)));
  EXPECT_EQ(ContentOf(*backend), before);
}

TEST_P(MappingStoreTest, AParticipantMayFollowItsPersonIntoAnotherScope) {
  ASSERT_THAT(Admit({ada_}), IsOk());
  ASSERT_THAT(Admit({ada_}, Visit("visit-42")), IsOk());
  const Binding first = {"p-1", Of(ada_).uuid()};
  const Binding second = {"p-1", Of(ada_, Visit("visit-42")).uuid()};
  Expect(store->BindMany({&first, 1}));
  EXPECT_THAT(Expect(store->BindMany({&second, 1})), ElementsAre(IsOk()));
  EXPECT_EQ(Find("p-1")->link.scope, Visit("visit-42"));
  const auto records = ScanAll(*backend, Table::kParticipant);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(VersionOf(records[0].sealed), 2u);
}

TEST_P(MappingStoreTest, AnInvalidParticipantIdFailsTheBatchAndBindsNothing) {
  ASSERT_THAT(Admit({ada_}), IsOk());
  const Uuid ada = Of(ada_).uuid();
  const std::string too_long(257, 'p');
  for (const std::string_view bad : {std::string_view(""), std::string_view("p 1"),
                                     std::string_view("p\xFF"), std::string_view(too_long)}) {
    const std::vector<Binding> bindings = {{"p-1", ada}, {bad, ada}};
    EXPECT_THAT(store->BindMany(bindings), HasCodeAt(StatusCode::kInvalidArgument, 1));
    EXPECT_EQ(Count(Table::kParticipant), 0u);
  }
}

// --- finding

TEST_P(MappingStoreTest, ExternalIdAndUuidBothResolve) {
  ASSERT_THAT(Admit({ada_}), IsOk());
  const Pseudonym pseudonym = Of(ada_);
  EXPECT_TRUE(Find(pseudonym.external_id().text()));
  EXPECT_TRUE(Find(pseudonym.uuid().text()));
  std::string upper = pseudonym.uuid().text();
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  EXPECT_TRUE(Find(upper));
}

TEST_P(MappingStoreTest, AnExternalIdThatSharesTheUuidAndNotTheRestDoesNotResolve) {
  ASSERT_THAT(Admit({ada_}), IsOk());
  const Pseudonym real = Of(ada_);
  // Bits of the external ID that its UUID does not hold: version, variant, and those after byte 15.
  int tried = 0;
  for (const std::size_t bit : {48u, 49u, 50u, 51u, 64u, 65u, 128u, 135u, 136u, 148u, 149u}) {
    Digest digest = real.digest();
    digest[bit / 8] ^= static_cast<std::uint8_t>(0x80u >> bit % 8);
    const Pseudonym other(digest);
    ASSERT_EQ(other.uuid(), real.uuid()) << bit;
    ASSERT_NE(other.external_id(), real.external_id()) << bit;
    EXPECT_EQ(Find(other.external_id().text()), std::nullopt) << bit;
    ++tried;
  }
  EXPECT_EQ(tried, 11);
  EXPECT_TRUE(Find(real.external_id().text()));
}

TEST_P(MappingStoreTest, AParticipantIdThatLooksLikeAUuidIsFound) {
  constexpr std::string_view kParticipant = "7a0c1c6e-6c0c-4b0f-9a53-2f5d3f4c8f21";
  ASSERT_THAT(Admit({ada_}), IsOk());
  const Binding binding = {kParticipant, Of(ada_).uuid()};
  Expect(store->BindMany({&binding, 1}));
  const std::optional<Found> found = Find(kParticipant);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->by_participant_id);
}

TEST_P(MappingStoreTest, AParticipantIdCannotTakeTheExternalIdOfAnotherPerson) {
  ASSERT_THAT(Admit({ada_, bob_}), IsOk());
  const std::string ada = IdOf(ada_);
  const Binding binding = {ada, Of(bob_).uuid()};
  Expect(store->BindMany({&binding, 1}));
  const std::optional<Found> found = Find(ada);
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->by_participant_id);
  EXPECT_EQ(found->link.person, PersonTag(ada_));
}

TEST_P(MappingStoreTest, ParticipantIdsAreNotFolded) {
  ASSERT_THAT(Admit({ada_}), IsOk());
  const Binding binding = {"Part-1", Of(ada_).uuid()};
  Expect(store->BindMany({&binding, 1}));
  EXPECT_TRUE(Find("Part-1"));
  EXPECT_EQ(Find("part-1"), std::nullopt);
  EXPECT_EQ(Find("Part-1 "), std::nullopt);
}

TEST_P(MappingStoreTest, AnswersComeInTheOrderOfQuestionsAndNothingForTheUnknown) {
  ASSERT_THAT(Admit({ada_, bob_}), IsOk());
  const std::string ada = IdOf(ada_);
  const std::string bob = IdOf(bob_);
  const std::string stranger = IdOf({"mrn", "never admitted", "Eve"});
  const std::string too_long(5000, 'x');
  const std::vector<std::string_view> ids = {bob,
                                             "",
                                             stranger,
                                             ada,
                                             "Ada Lovelace",
                                             bob,
                                             "a\nb",
                                             "\xFF\xFE",
                                             too_long,
                                             "00123456",
                                             "00000000-0000-0000-0000-000000000000"};
  const auto found = Expect(store->FindMany(ids));
  ASSERT_EQ(found.size(), ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const bool known = ids[i] == ada || ids[i] == bob;
    ASSERT_EQ(found[i].has_value(), known) << i;
    if (!known) continue;
    EXPECT_EQ(found[i]->link.person, PersonTag(ids[i] == ada ? ada_ : bob_));
  }
  EXPECT_THAT(Expect(store->FindMany({})), IsEmpty());
}

TEST_P(MappingStoreTest, APersonWhoIsGoneIsNothingAndNoError) {
  ASSERT_THAT(Admit({ada_, bob_}), IsOk());
  testing::EraseOne(*backend, Table::kPerson, PersonTag(ada_));
  EXPECT_EQ(Read(IdOf(ada_)), "gone");
  EXPECT_EQ(Read(IdOf(bob_)), "mrn.hospital-a/00999999/Bob Hope");
}

// --- tampering

TEST_P(MappingStoreTest, D2SwappedRecordsDoNotOpen) {
  ASSERT_THAT(Admit({ada_, bob_}), IsOk());
  for (const Table table : {Table::kPerson, Table::kExternalId}) {
    const auto records = ScanAll(*backend, table);
    ASSERT_EQ(records.size(), 2u);
    PutOne(*backend, table, {records[0].tag, records[1].sealed});
    PutOne(*backend, table, {records[1].tag, records[0].sealed});
    for (const std::string& id : {IdOf(ada_), IdOf(bob_)}) {
      const std::string_view query = id;
      const auto found = store->FindMany({&query, 1});
      if (table == Table::kExternalId) {
        EXPECT_THAT(found, HasCode(StatusCode::kAltered));
      } else {
        Link link = found->at(0)->link;
        EXPECT_THAT(store->ReadPersons({&link, 1}), HasCode(StatusCode::kAltered));
      }
    }
    PutOne(*backend, table, records[0]);
    PutOne(*backend, table, records[1]);
  }
  EXPECT_NE(Read(IdOf(ada_)), "");
}

TEST_P(MappingStoreTest, ALinkUnderAParticipantCannotBeMovedUnderAnExternalId) {
  ASSERT_THAT(Admit({ada_, bob_}), IsOk());
  const Binding binding = {"p-1", Of(ada_).uuid()};
  Expect(store->BindMany({&binding, 1}));
  const RecordTag bob = Expect(store->keys()->tags().OfExternalId(Of(bob_).uuid())).front();
  PutOne(*backend, Table::kExternalId, {bob, ScanAll(*backend, Table::kParticipant).at(0).sealed});
  const std::string id = IdOf(bob_);
  const std::string_view query = id;
  EXPECT_THAT(store->FindMany({&query, 1}), HasCode(StatusCode::kAltered));
}

TEST_P(MappingStoreTest, AnAlteredRecordFailsEveryCallThatNeedsItAndWritesNothing) {
  ASSERT_THAT(Admit({ada_}), IsOk());
  for (const Table table : {Table::kPerson, Table::kExternalId}) {
    const SealedRecord good = ScanAll(*backend, table).at(0);
    SealedRecord bad = good;
    bad.sealed.back() ^= 1;
    PutOne(*backend, table, bad);
    const Content before = ContentOf(*backend);
    EXPECT_THAT(Admit({bob_, ada_}), HasCode(StatusCode::kAltered));
    EXPECT_EQ(ContentOf(*backend), before);
    PutOne(*backend, table, good);
  }
}

TEST_P(MappingStoreTest, AStoredLinkThatContradictsTheKeyringIsAltered) {
  // A link to another person, sealed by who has the keys.
  ASSERT_THAT(Admit({ada_, bob_}), IsOk());
  Link wrong = Find(IdOf(ada_))->link;
  wrong.person = PersonTag(bob_);
  const RecordTag tag = Expect(store->keys()->tags().OfExternalId(Of(ada_).uuid())).front();
  const RecordSealer& sealer = store->keys()->sealer();
  PutOne(
      *backend, Table::kExternalId,
      {tag, Expect(sealer.Seal(Table::kExternalId, tag, 2, Expect(EncodeLink(wrong)).Expose()))});
  EXPECT_THAT(Admit({ada_}), HasCode(StatusCode::kAltered));
}

TEST_P(MappingStoreTest, ARecordOfTheRightKeyAndTheWrongFormatIsAltered) {
  ASSERT_THAT(Admit({ada_}), IsOk());
  const RecordSealer& sealer = store->keys()->sealer();
  const RecordTag tag = PersonTag(ada_);
  PutOne(*backend, Table::kPerson,
         {tag, Expect(sealer.Seal(Table::kPerson, tag, 2, Bytes("no payload")))});
  Link link = Find(IdOf(ada_))->link;
  EXPECT_THAT(store->ReadPersons({&link, 1}), HasCode(StatusCode::kAltered));
  EXPECT_THAT(Admit({ada_}), HasCode(StatusCode::kAltered));
}

// What sealing alone does not notice: it takes a manifest (format 1 has none).
TEST_P(MappingStoreTest, ARowThatIsPutBackOrRemovedIsNotNoticedByFormat1) {
  ASSERT_THAT(Admit({ada_}), IsOk());
  const SealedRecord old = ScanAll(*backend, Table::kPerson).at(0);
  PersonView renamed = ada_;
  renamed.name = "Ada King";
  ASSERT_THAT(Admit({renamed}), IsOk());
  PutOne(*backend, Table::kPerson, old);
  EXPECT_EQ(Read(IdOf(ada_)).substr(0, 36), "mrn.hospital-a/00123456/Ada Lovelace");
  testing::EraseOne(*backend, Table::kExternalId, ScanAll(*backend, Table::kExternalId).at(0).tag);
  EXPECT_EQ(Find(IdOf(ada_)), std::nullopt);
}

// --- opening

TEST_P(MappingStoreTest, SettingsComeBack) {
  testing::EraseAll(*backend);
  const std::string avatars = "https://avatars.example/{avatar}.png";
  ASSERT_THAT(MappingStore::Initialize(LoadKeyring(), backend.get(), {avatars}), IsOk());
  Reopen();
  EXPECT_EQ(store->avatar_url_template(), avatars);
  const StoreSettings settings =
      Expect(DecodeSettings(Payload(Table::kMeta, SettingsTag()).Expose()));
  EXPECT_EQ(settings.format, kStoreFormat);
  EXPECT_EQ(settings.epochs, (KeyEpochs{1, 1, 1}));
}

// A vault may be made from a keyring that has several epochs already.
TEST_P(MappingStoreTest, SettingsNameTheNewestEpochOfEachKind) {
  testing::EraseAll(*backend);
  const Keyring keyring =
      Expect(Expect(LoadKeyring().WithNewEpoch(KeyKind::kIdentity)).WithNewEpoch(KeyKind::kIndex));
  const Keyring newest = Expect(keyring.WithNewEpoch(KeyKind::kIndex));
  ASSERT_THAT(MappingStore::Initialize(newest, backend.get(), {}), IsOk());
  Expect(newest.SaveOver(keyring_path(), Protector::Remembered()));
  EXPECT_EQ(StoredEpochs(), (KeyEpochs{2, 1, 3}));
  Reopen();
  EXPECT_THAT(Admit({ada_}), IsOk());
}

TEST_P(MappingStoreTest, AStoreIsInitializedOnce) {
  const Content before = ContentOf(*backend);
  EXPECT_THAT(MappingStore::Initialize(LoadKeyring(), backend.get(), {}),
              HasCode(StatusCode::kConflict));
  EXPECT_THAT(MappingStore::Initialize(NewKeyring(), backend.get(), {}),
              HasCode(StatusCode::kConflict));
  EXPECT_EQ(ContentOf(*backend), before);
}

TEST_P(MappingStoreTest, SettingsThatCannotBeReadBackAreNotWritten) {
  testing::EraseAll(*backend);
  const std::string too_long(kMaxAvatarTemplateSize + 1, 'x');
  EXPECT_THAT(MappingStore::Initialize(LoadKeyring(), backend.get(), {too_long}),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(Count(Table::kMeta), 0u);
}

TEST_P(MappingStoreTest, AForeignKeyringIsAltered) {
  EXPECT_THAT(Open(NewKeyring(), View()), HasCode(StatusCode::kAltered));
}

TEST_P(MappingStoreTest, RemovedSettingsAreAltered) {
  testing::EraseOne(*backend, Table::kMeta, SettingsTag());
  EXPECT_THAT(Open(LoadKeyring(), View()), HasCode(StatusCode::kAltered));
}

TEST_P(MappingStoreTest, EveryAlteredBitOfTheSettingsIsNoticed) {
  SealedRecord settings = {SettingsTag(), *FindOne(*backend, Table::kMeta, SettingsTag())};
  // Each bit is a transaction: on disk a sample does.
  const std::size_t step = GetParam() == StorageKind::kMemory ? 1 : 29;
  for (std::size_t bit = 0; bit < 8 * settings.sealed.size(); bit += step) {
    const auto mask = static_cast<std::uint8_t>(1u << bit % 8);
    settings.sealed[bit / 8] ^= mask;
    PutOne(*backend, Table::kMeta, settings);
    ASSERT_THAT(Open(LoadKeyring(), View()), HasCode(StatusCode::kAltered)) << bit;
    settings.sealed[bit / 8] ^= mask;
  }
  PutOne(*backend, Table::kMeta, settings);
  EXPECT_THAT(Open(LoadKeyring(), View()), IsOk());
}

TEST_P(MappingStoreTest, ANewerFormatIsToldFromDamage) {
  auto view = View();
  view->format = StoreFormat{kStoreFormat.application_id, kStoreFormat.version + 1};
  EXPECT_THAT(Open(LoadKeyring(), std::move(view)), HasCode(StatusCode::kNewerFormat));
}

TEST_P(MappingStoreTest, AFormatThatTheSettingsContradictIsAltered) {
  for (const StoreFormat claimed :
       {StoreFormat{kStoreFormat.application_id ^ 1, 2},
        StoreFormat{kStoreFormat.application_id, 1}, StoreFormat{kStoreFormat.application_id, 0},
        StoreFormat{0, 2}}) {
    auto view = View();
    view->format = claimed;
    EXPECT_THAT(Open(LoadKeyring(), std::move(view)), HasCode(StatusCode::kAltered));
  }
}

TEST_P(MappingStoreTest, SealedSettingsOfAnotherFormatAreAltered) {
  // What the database says is still 2.
  for (const std::uint32_t version : {1u, 3u}) {
    const StoreFormat format = {kStoreFormat.application_id, version};
    Forge(Table::kMeta, SettingsTag(), Expect(EncodeSettings({format, {}, ""})).Expose());
    EXPECT_THAT(Open(LoadKeyring(), View()), HasCode(StatusCode::kAltered)) << version;
  }
}

// --- audit

AuditEntry EntryOf(std::string actor) {
  AuditEntry entry;
  entry.time_ms = 1'700'000'000'123;
  entry.actor = std::move(actor);
  entry.purpose = "treatment";
  entry.asked = 2;
  entry.persons = {RecordTag(testing::Counting(16)), RecordTag(testing::Counting(16, 9))};
  return entry;
}

TEST_P(MappingStoreTest, AuditEntriesAreNumberedFrom1InBigEndian) {
  for (const char* actor : {"first", "second", "third"}) {
    ASSERT_THAT(store->AppendAuditEntry(EntryOf(actor)), IsOk());
  }
  const auto records = ScanAll(*backend, Table::kAudit);
  ASSERT_EQ(records.size(), 3u);
  const RecordSealer& sealer = store->keys()->sealer();
  const std::vector<std::string> actors = {"first", "second", "third"};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(testing::ToHex(records[i].tag.bytes()), "000000000000000" + std::to_string(i + 1));
    EXPECT_EQ(VersionOf(records[i].sealed), 1u);
    const auto opened = Expect(sealer.Open(Table::kAudit, records[i].tag, records[i].sealed));
    const AuditEntry entry = Expect(DecodeAuditEntry(opened.payload.Expose()));
    EXPECT_EQ(entry.actor, actors[i]);
    EXPECT_EQ(entry.purpose, "treatment");
    EXPECT_EQ(entry.time_ms, 1'700'000'000'123u);
    EXPECT_EQ(entry.asked, 2u);
    EXPECT_EQ(entry.persons, EntryOf("").persons);
  }
}

TEST_P(MappingStoreTest, AuditNumbersCarryIntoTheNextByte) {
  for (const std::uint64_t last :
       {std::uint64_t{0xff}, std::uint64_t{0xffffffff}, std::uint64_t{0xfffffffffffffffe}}) {
    PretendAuditEntries(last);
    ASSERT_THAT(store->AppendAuditEntry(EntryOf("a")), IsOk());
    EXPECT_THAT(Expect(backend->LastTag(Table::kAudit)), Optional(NumberTag(last + 1)));
  }
  EXPECT_THAT(store->AppendAuditEntry(EntryOf("no number is left")), HasCode(StatusCode::kAltered));
}

TEST_P(MappingStoreTest, ALogThatDoesNotEndWhereTheManifestSaysTakesNoMoreEntries) {
  ASSERT_THAT(store->AppendAuditEntry(EntryOf("first")), IsOk());
  const auto first = ScanAll(*backend, Table::kAudit).at(0);
  ASSERT_THAT(store->AppendAuditEntry(EntryOf("second")), IsOk());
  EraseOne(*backend, Table::kAudit, NumberTag(2));
  EXPECT_THAT(store->AppendAuditEntry(EntryOf("after a cut")), HasCode(StatusCode::kAltered));
  EraseOne(*backend, Table::kAudit, NumberTag(1));
  EXPECT_THAT(store->AppendAuditEntry(EntryOf("after the end")), HasCode(StatusCode::kAltered));
  PutOne(*backend, Table::kAudit, {NumberTag(2), first.sealed});
  PutOne(*backend, Table::kAudit, {NumberTag(3), first.sealed});
  EXPECT_THAT(store->AppendAuditEntry(EntryOf("behind one more")), HasCode(StatusCode::kAltered));
}

// Who can write the file and has no key must not make later entries replace one another.
TEST_P(MappingStoreTest, AnAuditLogWhoseLastNumberIsUsedUpTakesNoMoreEntries) {
  ASSERT_THAT(store->AppendAuditEntry(EntryOf("honest")), IsOk());
  PutOne(*backend, Table::kAudit, {NumberTag(~std::uint64_t{0}), Bytes("planted")});
  const Content before = ContentOf(*backend);
  EXPECT_THAT(store->AppendAuditEntry(EntryOf("next")), HasCode(StatusCode::kAltered));
  EXPECT_THAT(store->AppendAuditEntry(EntryOf("after next")), HasCode(StatusCode::kAltered));
  EXPECT_EQ(ContentOf(*backend), before);
}

TEST_P(MappingStoreTest, AnAuditLogWithATagOfAnotherLengthIsAltered) {
  PutOne(*backend, Table::kAudit, {RecordTag(testing::Counting(9, 0xf0)), Bytes("planted")});
  EXPECT_THAT(store->AppendAuditEntry(EntryOf("a")), HasCode(StatusCode::kAltered));
  EXPECT_EQ(Count(Table::kAudit), 1u);
}

TEST_P(MappingStoreTest, AuditEntriesOfSeveralThreadsGetANumberEach) {
  constexpr std::uint64_t kEntries = 25;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (std::uint64_t entry = 0; entry < kEntries; ++entry) {
        Expect(store->AppendAuditEntry(EntryOf("thread")));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto records = ScanAll(*backend, Table::kAudit);
  ASSERT_EQ(records.size(), 4 * kEntries);
  for (std::size_t i = 0; i < records.size(); ++i) EXPECT_EQ(records[i].tag, NumberTag(i + 1));
}

// --- fork

TEST_P(MappingStoreTest, AForkedChildHasNoKeysAndDoesNothing) {
  ASSERT_THAT(Admit({ada_}), IsOk());
  const Uuid uuid = Of(ada_).uuid();
  Link link = Find(IdOf(ada_))->link;
  const std::string external_id = IdOf(ada_);
  const Binding binding = {"p-1", uuid};
  EXPECT_EQ(testing::InChild([&] {
              const std::string_view id = external_id;
              std::string codes = testing::Describe(Admit({ada_}));
              codes += " " + testing::Describe(store->BindMany({&binding, 1}).status());
              codes += " " + testing::Describe(store->FindMany({&id, 1}).status());
              codes += " " + testing::Describe(store->ReadPersons({&link, 1}).status());
              codes += " " + testing::Describe(store->AppendAuditEntry(EntryOf("child")).status());
              return codes;
            }),
            "closed closed closed closed closed");
  EXPECT_EQ(Read(external_id).substr(0, 36), "mrn.hospital-a/00123456/Ada Lovelace");
  EXPECT_EQ(Count(Table::kAudit), 0u);
}

// --- a backend that fails

TEST_P(MappingStoreTest, EveryFailureWhileInitializingIsPassedOn) {
  testing::EraseAll(*backend);
  const auto view = View();
  ForEveryFailingCall(
      *faults, *backend, [&] { return MappingStore::Initialize(LoadKeyring(), view.get(), {}); },
      4);
}

TEST_P(MappingStoreTest, EveryFailureWhileOpeningIsPassedOn) {
  ForEveryFailingCall(
      *faults, *backend, [&] { return Open(LoadKeyring(), View()); }, 2);
}

TEST_P(MappingStoreTest, EveryFailureWhileAdmittingIsPassedOnAndKeepsNothing) {
  ASSERT_THAT(Admit({bob_}), IsOk());
  PersonView renamed = bob_;
  renamed.name = "Bob Dylan";
  ForEveryFailingCall(
      *faults, *backend,
      [&] {
        return Admit({ada_, renamed}, Visit("visit-1"));
      },
      14);
}

TEST_P(MappingStoreTest, EveryFailureWhileBindingIsPassedOnAndKeepsNothing) {
  ASSERT_THAT(Admit({ada_, bob_}), IsOk());
  const std::vector<Binding> bindings = {{"p-1", Of(ada_).uuid()}, {"p-2", Of(bob_).uuid()}};
  ForEveryFailingCall(
      *faults, *backend, [&] { return store->BindMany(bindings).status(); }, 7);
}

TEST_P(MappingStoreTest, EveryFailureWhileFindingIsPassedOnWithoutAPartOfTheAnswer) {
  ASSERT_THAT(Admit({ada_}), IsOk());
  const std::string external_id = IdOf(ada_);
  const std::vector<std::string_view> ids = {external_id, "p-1"};
  ForEveryFailingCall(
      *faults, *backend, [&] { return store->FindMany(ids).status(); }, 2);
}

TEST_P(MappingStoreTest, EveryFailureWhileReadingPersonsIsPassedOn) {
  ASSERT_THAT(Admit({ada_}), IsOk());
  Link link = Find(IdOf(ada_))->link;
  ForEveryFailingCall(
      *faults, *backend,
      [&] {
        return store->ReadPersons({&link, 1}).status();
      },
      1);
}

TEST_P(MappingStoreTest, EveryFailureWhileAuditingIsPassedOnAndKeepsNothing) {
  ForEveryFailingCall(
      *faults, *backend, [&] { return store->AppendAuditEntry(EntryOf("dr-obrien")).status(); }, 4);
}

// --- what the database shows

TEST_P(MappingStoreTest, D9NothingPersonalStandsInTheStoreInAnyEncoding) {
  const std::vector<std::string> markers = {
      "marker-identifier",  "Marker Real Name", "marker@mail.example",
      "marker_field",       "marker.issuer",    "marker-conference",
      "marker-participant", "marker-actor",     "marker-purpose"};
  const FieldView field = {"marker_field", "marker@mail.example"};
  const PersonView person = {"marker.issuer", "marker-identifier", "Marker Real Name", {&field, 1}};
  const Scope scope = Visit("marker-conference");
  ASSERT_THAT(Admit({person}, scope), IsOk());
  const Binding binding = {"marker-participant", Of(person, scope).uuid()};
  EXPECT_THAT(Expect(store->BindMany({&binding, 1})), ElementsAre(IsOk()));
  AuditEntry entry = EntryOf("marker-actor");
  entry.purpose = "marker-purpose";
  ASSERT_THAT(store->AppendAuditEntry(entry), IsOk());

  std::string everything;
  for (const auto& [table, records] : ContentOf(*backend)) {
    for (const SealedRecord& record : records) {
      everything.append(record.tag.bytes().begin(), record.tag.bytes().end());
      everything.append(record.sealed.begin(), record.sealed.end());
    }
  }
  for (const std::string& name : testing::NamesIn(folder.path())) {
    everything += testing::ReadBytes(folder.File(name));
    everything += name;
  }
  ASSERT_GT(everything.size(), 500u);
  std::vector<std::string> all_ids = markers;
  all_ids.push_back(IdOf(person, scope));
  all_ids.push_back(Of(person, scope).uuid().text());
  for (const std::string& marker : all_ids) {
    EXPECT_THAT(testing::FindMarker(everything, marker), IsEmpty()) << marker;
    // The scan would have found it.
    for (const auto& [name, form] : testing::FormsOf(marker)) {
      EXPECT_THAT(testing::FindMarker(everything + "|" + form, marker), ElementsAre(name))
          << marker;
    }
  }
}

TEST_P(MappingStoreTest, LengthsOfNamesDoNotShowBelow64Bytes) {
  ASSERT_THAT(Admit({{"mrn", "1", "A"}, {"mrn", "2", "Bartholomew"}}), IsOk());
  const auto records = ScanAll(*backend, Table::kPerson);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].sealed.size(), records[1].sealed.size());
}

}  // namespace
}  // namespace moniker::internal
