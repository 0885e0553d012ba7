// A store of format 1 (tests/data/vault-format-1, made by the version that wrote this format) that
// is opened by this version.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <thread>

#include "moniker/sqlite_backend.h"
#include "store/mapping_store.h"
#include "store/test_store.h"
#include "support/sample_people.h"
#include "support/status_matchers.h"

namespace moniker::internal {
namespace {

using testing::Bytes;
using testing::ContentOf;
using ::testing::ElementsAre;
using testing::Expect;
using testing::FailingBackend;
using testing::Faults;
using testing::FindOne;
using testing::HasCode;
using testing::IdOf;
using testing::IsOk;
using testing::ScanAll;
using testing::Tag;
using testing::TestStore;
using testing::VersionOf;
using testing::Visit;

constexpr Table kTablesOfFormat1[] = {Table::kMeta, Table::kPerson, Table::kExternalId,
                                      Table::kParticipant, Table::kAudit};

struct OldPerson {
  std::string issuer;
  std::string id;
  std::string name;
  std::string external_id;
  std::string visit_external_id;
  std::string visit_label;
  std::string participant_id;

  PersonView view() const { return {.issuer = issuer, .id = id, .name = name}; }
  bool is_canonical() const { return name.find("As Given") == std::string::npos; }
};

class UpgradeTest : public ::testing::Test {
 protected:
  UpgradeTest() {
    for (const char* file : {"key", "keyring", "store.sqlite"}) {
      testing::WriteBytes(folder_.File(file), testing::ReadBytes(fixture_ + file));
    }
    testing::WriteBytes(folder_.File("store.lock"), "");
    for (auto& one : testing::ReadFlatObjects(fixture_ + "people.json")) {
      people_.push_back({one["issuer"], one["id"], one["name"], one["external_id"],
                         one["visit_external_id"], one["visit_label"], one["participant_id"]});
    }
  }

  Keyring LoadKeyring() const {
    return Expect(
        Keyring::Load(folder_.File("keyring"), Expect(Protector::KeyFile(folder_.File("key")))));
  }
  MappingStore::KeyringSource Source() const {
    return [this] { return Result<Keyring>(LoadKeyring()); };
  }
  std::unique_ptr<StorageBackend> Tables() const { return Expect(OpenSqliteStore(folder_.path())); }
  Result<std::unique_ptr<MappingStore>> TryToOpen() const {
    return MappingStore::Open(LoadKeyring(), Tables(), Source());
  }
  std::unique_ptr<MappingStore> Open() const { return Expect(TryToOpen()); }

  testing::Content OldContent() const {
    testing::Content content;
    const auto tables = Tables();
    for (const Table table : kTablesOfFormat1) content[table] = ScanAll(*tables, table);
    return content;
  }

  // A pseudonym of a conference as format 1 stored it, of any person and digest.
  void AddOldLink(const RecordTag& person, const Digest& digest, std::string_view conference) {
    std::vector<std::uint8_t> payload(1 + 16 + 4 + 32 + 1 + 4 + conference.size());
    ByteWriter(payload).U8(1).Bytes(person.bytes()).U32(1).Bytes(digest).U8(1).Prefixed(conference);
    const auto keys = Expect(StoreKeys::Create(LoadKeyring()));
    const RecordTag tag = Expect(keys->tags().OfExternalId(Pseudonym(digest).uuid())).front();
    const auto tables = Tables();
    testing::PutOne(*tables, Table::kExternalId,
                    {tag, Expect(keys->sealer().Seal(Table::kExternalId, tag, 1, payload))});
  }

  static std::string Derive(MappingStore& in, const Identifier& identifier) {
    const auto derived = Expect(in.PseudonymizeMany({&identifier, 1}, Scope::App(), {}));
    return std::string(derived.at(0)->external_id().text());
  }

  const std::string fixture_ = std::string(MONIKER_TEST_DIR) + "/data/vault-format-1/";
  testing::TemporaryFolder folder_;
  std::vector<OldPerson> people_;
};

TEST_F(UpgradeTest, TheFixtureIsOfFormat1) {
  EXPECT_EQ(Expect(Tables()->Format()), (StoreFormat{kStoreFormat.application_id, 1}));
  EXPECT_EQ(people_.size(), 9u);
  const auto content = OldContent();
  EXPECT_EQ(content.at(Table::kPerson).size(), 9u);
  EXPECT_EQ(content.at(Table::kExternalId).size(), 18u);
  EXPECT_EQ(content.at(Table::kParticipant).size(), 6u);
  EXPECT_EQ(content.at(Table::kAudit).size(), 1u);
}

TEST_F(UpgradeTest, OpeningBringsItToThisFormatOnce) {
  Open();
  EXPECT_EQ(Expect(Tables()->Format()), kStoreFormat);
  const auto once = ContentOf(*Tables());
  const auto store = Open();
  EXPECT_EQ(ContentOf(*Tables()), once);
  const auto settings = FindOne(*Tables(), Table::kMeta, Tag("settings")).value();
  EXPECT_EQ(VersionOf(settings), 2u);
  const auto opened = Expect(store->keys()->sealer().Open(Table::kMeta, Tag("settings"), settings));
  const StoreSettings decoded = Expect(DecodeSettings(opened.payload.Expose()));
  EXPECT_EQ(decoded.format, kStoreFormat);
  EXPECT_EQ(decoded.epochs, (KeyEpochs{1, 1, 1}));
  EXPECT_EQ(decoded.avatar_url_template, "https://avatars.example.org/{avatar}.svg");
  EXPECT_EQ(store->avatar_url_template(), decoded.avatar_url_template);
}

TEST_F(UpgradeTest, EveryOldIdLeadsToItsPerson) {
  const auto store = Open();
  for (const OldPerson& person : people_) {
    SCOPED_TRACE(person.name);
    const std::string expected = person.issuer + "/" + person.id + "/" + person.name;
    EXPECT_EQ(TestStore::Read(*store, person.external_id), expected);
    EXPECT_EQ(TestStore::Read(*store, person.visit_external_id), expected);
    if (person.participant_id.empty()) continue;
    EXPECT_EQ(TestStore::Read(*store, person.participant_id), expected);
  }
  const auto first = TestStore::Find(*store, "p-visit");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->link.scope, Visit("visit-42"));
  EXPECT_EQ(first->link.LabelOf(LabelStyle::kCode).text(), people_[0].visit_label);
}

TEST_F(UpgradeTest, AdmittingAgainGivesTheSameIdsAndLabels) {
  const auto store = Open();
  for (const OldPerson& person : people_) {
    if (!person.is_canonical()) continue;
    SCOPED_TRACE(person.name);
    const auto app = Expect(TestStore::TryToAdmit(*store, {person.view()}));
    EXPECT_EQ(IdOf(app.at(0)), person.external_id);
    const auto visit = Expect(TestStore::TryToAdmit(*store, {person.view()}, Visit("visit-42")));
    EXPECT_EQ(IdOf(visit.at(0)), person.visit_external_id);
    EXPECT_EQ(visit.at(0).label.text(), person.visit_label);
    EXPECT_EQ(Derive(*store, {person.issuer, person.id}), person.external_id);
  }
  EXPECT_EQ(Expect(Tables()->Count(Table::kPerson)), 9u);
  EXPECT_EQ(Expect(Tables()->Count(Table::kExternalId)), 18u);
  EXPECT_EQ(Expect(Tables()->Count(Table::kRoster)), 9u);
}

TEST_F(UpgradeTest, WhatIsWrittenAnewIsOfThisFormatAndThenLeftAlone) {
  const auto store = Open();
  std::vector<PersonView> people;
  for (const OldPerson& person : people_) {
    if (person.is_canonical()) people.push_back(person.view());
  }
  Expect(TestStore::TryToAdmit(*store, people).status());
  const auto once = ContentOf(*Tables());
  Expect(TestStore::TryToAdmit(*store, people).status());
  EXPECT_EQ(ContentOf(*Tables()), once);
}

// "An identifier of these that is not canonical leads to a new person from now on, and its old
// external ID to the old one."
TEST_F(UpgradeTest, AnAddressThatIsNotCanonicalIsANewPersonAndItsOldIdLeadsToTheOldOne) {
  const auto store = Open();
  int tried = 0;
  for (const OldPerson& person : people_) {
    if (person.is_canonical()) continue;
    ++tried;
    SCOPED_TRACE(person.name);
    const auto admitted = TestStore::TryToAdmit(*store, {{person.issuer, person.id, "New"}});
    ASSERT_THAT(admitted, IsOk());
    EXPECT_NE(IdOf(admitted->at(0)), person.external_id);
    EXPECT_EQ(TestStore::Read(*store, IdOf(admitted->at(0))),
              person.issuer + "/" + person.id + "/New");
    EXPECT_EQ(TestStore::Read(*store, person.external_id),
              person.issuer + "/" + person.id + "/" + person.name);
  }
  EXPECT_EQ(tried, 2);
  EXPECT_EQ(Expect(Tables()->Count(Table::kPerson)), 11u);
}

TEST_F(UpgradeTest, IssuersAreOpaqueButForThoseWhoseKindsAreBuiltIn) {
  const auto store = Open();
  EXPECT_EQ(Expect(store->KindOf("staff")), IdentifierKind::kOpaque);
  EXPECT_EQ(Expect(store->KindOf("mrn.hospital-a")), IdentifierKind::kOpaque);
  EXPECT_EQ(Expect(store->KindOf("email")), IdentifierKind::kEmail);
  EXPECT_EQ(Expect(store->KindOf("phone")), IdentifierKind::kPhone);
  EXPECT_EQ(Expect(store->KindOf("new")), std::nullopt);
  EXPECT_THAT(store->DeclareIssuer("staff", IdentifierKind::kText), HasCode(StatusCode::kConflict));
}

TEST_F(UpgradeTest, PersonsParticipantsAndTheAuditLogStayAsTheyAre) {
  const auto before = OldContent();
  Open();
  const auto after = OldContent();
  for (const Table table : {Table::kPerson, Table::kParticipant, Table::kAudit}) {
    EXPECT_EQ(after.at(table), before.at(table));
  }
}

// What is altered in them afterwards is noticed, and new ones hang on them.
TEST_F(UpgradeTest, AuditEntriesEnterTheChainAsTheyAre) {
  const auto store = Open();
  const auto tables = Tables();
  const auto& sealer = store->keys()->sealer();
  const auto record = ScanAll(*tables, Table::kAudit).at(0);
  const auto payload = Expect(sealer.Open(Table::kAudit, record.tag, record.sealed)).payload;
  EXPECT_FALSE(Expect(DecodeAuditEntry(payload.Expose())).mark.has_value());
  const Manifest manifest = Expect(ReadManifest(sealer, tables.get()));
  const auto keys = Expect(IntegrityKeys::Create(store->keys()->keyring(), manifest));
  EXPECT_EQ(manifest.audit.entries, 1u);
  EXPECT_EQ(manifest.audit.head, Expect(keys.OfAuditEntry(1, Digest{}, payload.Expose())));
}

TEST_F(UpgradeTest, AnAuditLogWithAGapIsNotTakenOver) {
  {
    const auto tables = Tables();
    const auto record = ScanAll(*tables, Table::kAudit).at(0);
    const auto keys = Expect(StoreKeys::Create(LoadKeyring()));
    const auto payload =
        Expect(keys->sealer().Open(Table::kAudit, record.tag, record.sealed)).payload;
    const RecordTag third = testing::NumberTag(3);
    testing::PutOne(
        *tables, Table::kAudit,
        {third, Expect(keys->sealer().Seal(Table::kAudit, third, 1, payload.Expose()))});
  }
  EXPECT_THAT(TryToOpen(), HasCode(StatusCode::kAltered));
  EXPECT_EQ(Expect(Tables()->Format()).version, 1u);
}

TEST_F(UpgradeTest, EveryPseudonymOfAConferenceHasALabelOfStyle1AndTheOthersNone) {
  const auto store = Open();
  for (const OldPerson& person : people_) {
    const auto visit = TestStore::Find(*store, person.visit_external_id);
    ASSERT_EQ(visit->link.labels.size(), 1u);
    EXPECT_EQ(visit->link.labels[0].style(), LabelStyle::kCode);
    EXPECT_EQ(visit->link.labels[0].text(), person.visit_label);
    EXPECT_TRUE(TestStore::Find(*store, person.external_id)->link.labels.empty());
  }
}

// Labels were those of the digests, equal ones included: now the first in the order of tags has it.
TEST_F(UpgradeTest, EqualLabelsOfAConferenceBecomeDifferentInTheOrderOfTags) {
  const auto keys = Expect(StoreKeys::Create(LoadKeyring()));
  const RecordTag person =
      Expect(keys->tags().OfIdentifier({people_[0].issuer, people_[0].id})).front();
  std::map<RecordTag, std::string> ids;  // in the order of tags
  Label label = Label::Of(Digest{}, LabelStyle::kCode);
  for (std::uint8_t i = 0; i < 50; ++i) {
    Digest digest{};
    digest[0] = i;
    AddOldLink(person, digest, "visit-43");
    ids.emplace(Expect(keys->tags().OfExternalId(Pseudonym(digest).uuid())).front(),
                std::string(Pseudonym(digest).external_id().text()));
  }
  const auto store = Open();
  for (const auto& [tag, id] : ids) {
    EXPECT_EQ(TestStore::Find(*store, id)->link.LabelOf(LabelStyle::kCode), label);
    label = label.Next();
  }
}

TEST_F(UpgradeTest, MoreThanOneStepOfTheScanIsUpgraded) {
  const auto keys = Expect(StoreKeys::Create(LoadKeyring()));
  const RecordTag person =
      Expect(keys->tags().OfIdentifier({people_[0].issuer, people_[0].id})).front();
  const auto tables = Tables();
  std::vector<SealedRecord> records;
  for (std::uint32_t i = 0; i < 2500; ++i) {
    std::vector<std::uint8_t> payload(1 + 16 + 4 + 32 + 1 + 4 + 1);
    Digest digest{};
    digest[0] = static_cast<std::uint8_t>(i);
    digest[1] = static_cast<std::uint8_t>(i >> 8);
    digest[20] = static_cast<std::uint8_t>(i);
    ByteWriter(payload).U8(1).Bytes(person.bytes()).U32(1).Bytes(digest).U8(1).Prefixed("c");
    const RecordTag tag = Expect(keys->tags().OfExternalId(Pseudonym(digest).uuid())).front();
    records.push_back({tag, Expect(keys->sealer().Seal(Table::kExternalId, tag, 1, payload))});
  }
  const auto transaction = Expect(tables->Begin());
  Expect(transaction->PutMany(Table::kExternalId, records));
  Expect(transaction->Commit());
  Open();
  EXPECT_EQ(Expect(Tables()->Count(Table::kRoster)), 2509u);
}

TEST_F(UpgradeTest, AStoreThatWasUpgradedGoesOnWithoutASourceOfKeyrings) {
  const auto store = Expect(MappingStore::Open(LoadKeyring(), Tables(), nullptr));
  EXPECT_THAT(TestStore::TryToAdmit(*store, {people_[0].view()}), IsOk());
  EXPECT_EQ(TestStore::Read(*store, people_[1].external_id).substr(0, 14), "mrn.hospital-a");
  EXPECT_THAT(store->Refresh(), IsOk());
}

TEST_F(UpgradeTest, AnInterruptedUpgradeLeavesFormat1Whole) {
  const auto before = OldContent();
  for (int call = 0;; ++call) {
    SCOPED_TRACE(call);
    const std::shared_ptr<StorageBackend> tables = Tables();
    const auto faults = std::make_shared<Faults>();
    faults->Arm(call, Status(StatusCode::kNoSpace, "full", 28));
    const auto opened = MappingStore::Open(
        LoadKeyring(), std::make_unique<FailingBackend>(tables, faults), Source());
    if (!faults->armed_call_reached()) {
      EXPECT_THAT(opened, IsOk());
      EXPECT_GE(call, 20);
      break;
    }
    ASSERT_THAT(opened, HasCode(StatusCode::kNoSpace));
    if (Expect(Tables()->Format()) == kStoreFormat) {
      // It was committed before the call that failed.
      EXPECT_GE(call, 20);
      EXPECT_THAT(TryToOpen(), IsOk());
      break;
    }
    ASSERT_EQ(Expect(Tables()->Format()).version, 1u);
    ASSERT_EQ(OldContent(), before);
  }
  EXPECT_EQ(Expect(Tables()->Format()), kStoreFormat);
}

TEST_F(UpgradeTest, ADamagedRecordStopsTheUpgradeAndLeavesFormat1Whole) {
  for (const Table table : {Table::kPerson, Table::kExternalId}) {
    const SealedRecord good = ScanAll(*Tables(), table).back();
    SealedRecord bad = good;
    bad.sealed.back() ^= 1;
    testing::PutOne(*Tables(), table, bad);
    const auto before = OldContent();
    EXPECT_THAT(TryToOpen(), HasCode(StatusCode::kAltered));
    EXPECT_EQ(Expect(Tables()->Format()).version, 1u);
    EXPECT_EQ(OldContent(), before);
    testing::PutOne(*Tables(), table, good);
  }
  EXPECT_THAT(TryToOpen(), IsOk());
}

// Another process upgrades between any two calls of this one.
TEST_F(UpgradeTest, AnUpgradeByAnotherProcessAtTheSameTimeIsNoDamage) {
  const std::string old = testing::ReadBytes(folder_.File("store.sqlite"));
  for (int at = 0;; ++at) {
    SCOPED_TRACE(at);
    for (const char* file : {"store.sqlite-wal", "store.sqlite-shm"}) {
      std::filesystem::remove(folder_.File(file));
    }
    testing::WriteBytes(folder_.File("store.sqlite"), old);
    const std::shared_ptr<StorageBackend> tables = Tables();
    const auto faults = std::make_shared<Faults>();
    bool acted = false;
    faults->act_at = at;
    faults->action = [&] {
      acted = true;
      if (faults->transactions == 0) Open();
    };
    const auto opened = MappingStore::Open(
        LoadKeyring(), std::make_unique<FailingBackend>(tables, faults), Source());
    EXPECT_THAT(opened, IsOk());
    if (opened.ok()) {
      EXPECT_EQ(TestStore::Read(**opened, people_[3].external_id),
                TestStore::Read(*Open(), people_[3].external_id));
      EXPECT_THAT(TestStore::TryToAdmit(**opened, {people_[3].view()}), IsOk());
    }
    if (!acted || faults->transactions != 0) break;
  }
}

TEST_F(UpgradeTest, ManyWhoOpenItAtOnceUpgradeItOnce) {
  std::vector<std::thread> threads;
  std::vector<Status> statuses(6, Status::Ok());
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    threads.emplace_back([&, i] {
      const auto tables = OpenSqliteStore(folder_.path());
      statuses[i] = tables.status();
      if (!tables.ok()) return;
      auto keyring =
          Keyring::Load(folder_.File("keyring"), Expect(Protector::KeyFile(folder_.File("key"))));
      statuses[i] =
          MappingStore::Open(*std::move(keyring), Expect(OpenSqliteStore(folder_.path())), Source())
              .status();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Status& status : statuses) EXPECT_THAT(status, IsOk());
  EXPECT_EQ(VersionOf(FindOne(*Tables(), Table::kMeta, Tag("settings")).value()), 2u);
}

// A store that this version made and whose version number somebody turned back.
TEST_F(UpgradeTest, AVersionNumberThatWasTurnedBackIsAltered) {
  const TestStore test;
  auto view = test.View();
  view->format = StoreFormat{kStoreFormat.application_id, 1};
  const auto before = test.content();
  EXPECT_THAT(MappingStore::Open(test.LoadKeyring(), std::move(view), test.Source()).status(),
              HasCode(StatusCode::kAltered));
  EXPECT_EQ(test.content(), before);
}

TEST_F(UpgradeTest, ATransactionOfAStoreOfThisFormatHasNothingToUpgrade) {
  for (const auto kind : {testing::StorageKind::kMemory, testing::StorageKind::kSqlite}) {
    const TestStore test(VaultMode::kDerived, kind);
    const auto before = test.content();
    const auto transaction = Expect(test.backend->Begin());
    EXPECT_THAT(transaction->Upgrade(), IsOk());
    EXPECT_THAT(transaction->Commit(), IsOk());
    EXPECT_THAT(transaction->Upgrade(), HasCode(StatusCode::kClosed));
    EXPECT_EQ(test.content(), before);
  }
}

TEST_F(UpgradeTest, TablesOfAnUpgradeThatIsGivenUpAreNotKept) {
  const auto tables = Tables();
  {
    const auto transaction = Expect(tables->Begin());
    ASSERT_THAT(transaction->Upgrade(), IsOk());
    EXPECT_EQ(Expect(transaction->Count(Table::kRoster)), 0u);
    const SealedRecord record = testing::Record("a", "1");
    ASSERT_THAT(transaction->PutMany(Table::kRoster, {&record, 1}), IsOk());
  }
  EXPECT_EQ(Expect(tables->Format()).version, 1u);
  const auto transaction = Expect(tables->Begin());
  ASSERT_THAT(transaction->Upgrade(), IsOk());
  EXPECT_EQ(Expect(transaction->Count(Table::kRoster)), 0u);
  ASSERT_THAT(transaction->Commit(), IsOk());
  EXPECT_EQ(Expect(tables->Format()), kStoreFormat);
  EXPECT_EQ(Expect(Tables()->Count(Table::kIdentifier)), 0u);
}

}  // namespace
}  // namespace moniker::internal
