// What is noticed of a store as a whole: on every backend.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "store/settings.h"
#include "support/memory_anchor.h"
#include "support/status_matchers.h"
#include "test_store.h"

namespace moniker::internal {
namespace {

using testing::Content;
using testing::Expect;
using testing::HasCode;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::MemoryAnchor;
using testing::StorageKind;
using testing::Visit;

PersonView Patient(std::string_view id, std::string_view name) {
  return {.issuer = "mrn.hospital-a", .id = id, .name = name};
}

// A store of some people whose every table has rows, with one anchor.
class VerifyTest : public ::testing::TestWithParam<StorageKind>, protected testing::TestStore {
 protected:
  VerifyTest() : TestStore(VaultMode::kEnrolled, GetParam()) {
    Expect(store->Accept(Anchored(), std::nullopt));
    const std::vector<PersonView> persons = {
        Patient("1", "Ada Lovelace"),
        Patient("2", "Grace Hopper"),
        Patient("3", "Mary Jackson"),
    };
    Admit(persons);
    const auto admitted = Admit(persons, Visit("visit-1"));
    const Uuid uuid = admitted.at(0).pseudonym.uuid();
    const MappingStore::Binding binding{.participant_id = "PA_1", .external_id = uuid};
    Expect(store->BindMany({&binding, 1}).status());
    Audit();
    Audit();
  }

  MappingStore::AnchorSource Anchored() const {
    return [anchor = anchor_](const std::string&) {
      return std::vector<std::shared_ptr<Anchor>>{anchor};
    };
  }

  void Audit() {
    AuditEntry entry;
    entry.time_ms = 1;
    entry.actor = "dr-obrien";
    entry.purpose = "treatment";
    entry.asked = 1;
    Expect(store->AppendAuditEntry(entry));
  }

  StoreReport Verify() {
    return Expect(MappingStore::Verify(backend.get(), Source(), Anchored(), nullptr));
  }
  Status OpenAnchored() const {
    return MappingStore::Open(LoadKeyring(), View(), Source(), Anchored()).status();
  }

  // As whoever can write the database can.
  void Put(const Content& content) {
    testing::EraseAll(*backend);
    const auto transaction = Expect(backend->Begin());
    for (const auto& [table, records] : content) {
      Expect(transaction->PutMany(table, records));
    }
    Expect(transaction->Commit());
  }

  const std::shared_ptr<MemoryAnchor> anchor_ = std::make_shared<MemoryAnchor>();
};

INSTANTIATE_TEST_SUITE_P(Backends, VerifyTest,
                         ::testing::Values(StorageKind::kMemory, StorageKind::kSqlite),
                         testing::NameOf);

TEST_P(VerifyTest, AStoreThatNobodyTouchedIsIntact) {
  const StoreReport report = Verify();
  EXPECT_TRUE(report.intact());
  EXPECT_TRUE(report.records_intact());
  EXPECT_FALSE(report.database_damaged);
  EXPECT_EQ(report.altered_count, 0u);
  std::uint64_t rows = 0;
  for (const Table table : testing::kAllTables) {
    const StoreReport::TableReport& one = report.tables[static_cast<std::size_t>(table)];
    // The manifest's own row is not counted.
    EXPECT_EQ(one.found + (table == Table::kMeta), Count(table));
    EXPECT_EQ(one.expected, one.found);
    EXPECT_TRUE(one.as_written);
    EXPECT_EQ(one.found > 0, table != Table::kTombstone);  // nobody was erased
    rows += Count(table);
  }
  EXPECT_EQ(report.records, rows);
  ASSERT_EQ(report.anchors.size(), 1u);
  EXPECT_EQ(report.anchors[0].state, AnchorState::kCurrent);
  EXPECT_EQ(report.anchors[0].counter, report.counter);
}

TEST_P(VerifyTest, EveryChangeCountsOneAndKeepsItIntact) {
  const std::uint64_t before = Verify().counter;
  AdmitOne(Patient("4", "Katherine Johnson"));
  AdmitOne(Patient("4", "Katherine G. Johnson"));  // replaces a row
  AdmitOne(Patient("4", "Katherine G. Johnson"));  // changes nothing
  Audit();
  EXPECT_EQ(Verify().counter, before + 3);
  const Identifier first{"mrn.hospital-a", "1"};
  const IdentifierPair pair{first, {"mrn.hospital-a", "2"}};
  ASSERT_THAT(store->MergePersons({&pair, 1}, false), IsOk());
  const Identifier second{"mrn.hospital-a", "2"};
  ASSERT_THAT(store->SplitPersons({&second, 1}, false), IsOk());
  ASSERT_THAT(store->DeclareIssuer("staff", IdentifierKind::kText), IsOk());
  EXPECT_TRUE(Verify().intact());
  EXPECT_EQ(Verify().counter, before + 6);
}

TEST_P(VerifyTest, RotationsAndResealingKeepItIntact) {
  for (const KeyKind kind : {KeyKind::kStorage, KeyKind::kIndex, KeyKind::kIdentity}) {
    ASSERT_THAT(Rotate(kind), IsOk());
    EXPECT_TRUE(Verify().intact());
    AdmitOne(Patient("5", "Dorothy Vaughan"), Visit("visit-2"));
    EXPECT_TRUE(Verify().intact());
  }
  ASSERT_THAT(store->Reseal(nullptr), IsOk());
  EXPECT_TRUE(Verify().intact());
  EXPECT_THAT(OpenAnchored(), IsOk());
}

TEST_P(VerifyTest, TwoStoresOverTheSameTablesKeepOneManifest) {
  const auto other = Expect(MappingStore::Open(LoadKeyring(), View(), Source(), Anchored()));
  for (int i = 10; i < 15; ++i) {
    const std::string id = std::to_string(i);
    Expect(TryToAdmit(i % 2 == 0 ? *store : *other,
                      {Patient(id, "Somebody Else")}));
    EXPECT_TRUE(Verify().intact()) << i;
  }
}

TEST_P(VerifyTest, ProgressGoesUpToTheEnd) {
  std::vector<std::uint64_t> done;
  std::uint64_t last_total = 0;
  const auto progress = [&](std::uint64_t now, std::uint64_t total) {
    EXPECT_LE(now, total);
    done.push_back(now);
    last_total = total;
  };
  const StoreReport report =
      Expect(MappingStore::Verify(backend.get(), Source(), nullptr, progress));
  EXPECT_TRUE(std::ranges::is_sorted(done));
  EXPECT_EQ(done.back(), report.records);
  EXPECT_EQ(last_total, report.records);
}

// Every row in turn.
TEST_P(VerifyTest, ARowThatIsGoneIsMissed) {
  const Content before = content();
  for (const auto& [table, records] : before) {
    for (const SealedRecord& record : records) {
      if (table == Table::kMeta) continue;  // below
      testing::EraseOne(*backend, table, record.tag);
      const StoreReport report = Verify();
      EXPECT_FALSE(report.records_intact());
      EXPECT_EQ(report.altered_count, 0u);
      const auto& one = report.tables[static_cast<std::size_t>(table)];
      EXPECT_EQ(one.found + 1, one.expected);
      EXPECT_FALSE(one.as_written);
      testing::PutOne(*backend, table, record);
    }
  }
  EXPECT_TRUE(Verify().intact());
}

TEST_P(VerifyTest, ACopyUnderAnotherTagIsAddedAndDoesNotOpen) {
  const SealedRecord row = content().at(Table::kExternalId).front();
  testing::PutOne(*backend, Table::kExternalId, {testing::Tag("0123456789abcdef"), row.sealed});
  const StoreReport report = Verify();
  ASSERT_EQ(report.altered.size(), 1u);
  EXPECT_EQ(report.altered[0].table, Table::kExternalId);
  EXPECT_EQ(report.altered[0].tag, testing::Tag("0123456789abcdef"));
  EXPECT_FALSE(report.tables[2].as_written);
}

TEST_P(VerifyTest, TwoRowsThatWereExchangedDoNotOpen) {
  std::vector<SealedRecord> rows = content().at(Table::kPerson);
  std::swap(rows.at(0).sealed, rows.at(1).sealed);
  testing::PutOne(*backend, Table::kPerson, rows[0]);
  testing::PutOne(*backend, Table::kPerson, rows[1]);
  EXPECT_EQ(Verify().altered_count, 2u);
}

TEST_P(VerifyTest, ARowInAnotherTableDoesNotOpen) {
  const SealedRecord row = content().at(Table::kExternalId).front();
  testing::PutOne(*backend, Table::kParticipant, row);
  const StoreReport report = Verify();
  EXPECT_EQ(report.altered_count, 1u);
  EXPECT_FALSE(report.tables[3].as_written);
}

// Authentic by itself: only the manifest knows that it is not the last one.
TEST_P(VerifyTest, ARowThatWasPutBackToAnOlderVersionIsNoticed) {
  const SealedRecord old = content().at(Table::kPerson).front();
  const std::vector<PersonView> renamed = {Patient("1", "Ada King"),
                                           Patient("2", "Grace M. Hopper"),
                                           Patient("3", "Mary W. Jackson")};
  Admit(renamed);
  EXPECT_TRUE(Verify().intact());
  testing::PutOne(*backend, Table::kPerson, old);
  const StoreReport report = Verify();
  EXPECT_EQ(report.altered_count, 0u);
  EXPECT_FALSE(report.records_intact());
  EXPECT_FALSE(report.tables[1].as_written);
  EXPECT_EQ(report.tables[1].found, report.tables[1].expected);
}

TEST_P(VerifyTest, AFlippedBitInEachRowIsNamed) {
  for (const auto& [table, records] : content()) {
    for (const SealedRecord& record : records) {
      SealedRecord altered = record;
      altered.sealed[altered.sealed.size() / 2] ^= 4;
      testing::PutOne(*backend, table, altered);
      const StoreReport report = Verify();
      ASSERT_EQ(report.altered.size(), 1u);
      EXPECT_EQ(report.altered[0].table, table);
      EXPECT_EQ(report.altered[0].tag, record.tag);
      EXPECT_FALSE(report.records_intact());
      testing::PutOne(*backend, table, record);
    }
  }
  EXPECT_TRUE(Verify().intact());
}

TEST_P(VerifyTest, WithoutItsManifestNothingIsAsWritten) {
  testing::EraseOne(*backend, Table::kMeta, ManifestTag());
  const StoreReport report = Verify();
  EXPECT_FALSE(report.records_intact());
  EXPECT_EQ(report.counter, 0u);
  EXPECT_EQ(report.anchors.at(0).state, AnchorState::kAltered);
  EXPECT_THAT(OpenAnchored(), HasCode(StatusCode::kAltered));
  EXPECT_THAT(TryToAdmit(*store, {Patient("9", "Somebody Else")}),
              HasCode(StatusCode::kAltered));
}

TEST_P(VerifyTest, AnOlderManifestDoesNotFitTheRows) {
  const SealedBytes old = *testing::FindOne(*backend, Table::kMeta, ManifestTag());
  AdmitOne(Patient("4", "Katherine Johnson"));
  testing::PutOne(*backend, Table::kMeta, {ManifestTag(), old});
  const StoreReport report = Verify();
  EXPECT_FALSE(report.records_intact());
  EXPECT_EQ(report.anchors.at(0).state, AnchorState::kAhead);
}

TEST_P(VerifyTest, TheWholeStoreOfYesterdayIsAuthenticAndRolledBack) {
  const Content yesterday = content();
  AdmitOne(Patient("4", "Katherine Johnson"));
  Audit();
  Put(yesterday);
  const StoreReport report = Verify();
  EXPECT_TRUE(report.records_intact());
  EXPECT_FALSE(report.intact());
  EXPECT_EQ(report.anchors.at(0).state, AnchorState::kAhead);
  EXPECT_EQ(report.anchors[0].counter, report.counter + 2);
  const Status opened = OpenAnchored();
  EXPECT_THAT(opened, HasCode(StatusCode::kRolledBack));
  EXPECT_EQ(opened.locator(), 2);
}

TEST_P(VerifyTest, AStoreThatIsOpenDoesNotWriteIntoYesterdays) {
  const Content yesterday = content();
  AdmitOne(Patient("4", "Katherine Johnson"));
  Put(yesterday);
  const Content before = content();
  EXPECT_THAT(TryToAdmit(*store, {Patient("9", "Somebody Else")}),
              HasCode(StatusCode::kRolledBack));
  EXPECT_EQ(content(), before);
}

// Two copies of a store that went on by themselves.
TEST_P(VerifyTest, TheOtherHistoryOfACopyIsNoticed) {
  const Content fork = content();
  AdmitOne(Patient("4", "Katherine Johnson"));
  Put(fork);
  const auto other = Expect(MappingStore::Open(LoadKeyring(), View(), Source()));  // unanchored
  Expect(TryToAdmit(*other, {Patient("4", "Somebody Else")}));
  const StoreReport report = Verify();
  EXPECT_TRUE(report.records_intact());
  EXPECT_EQ(report.anchors.at(0).state, AnchorState::kOtherHistory);
  EXPECT_THAT(OpenAnchored(), HasCode(StatusCode::kAltered));
}

// Said in docs/threat-model.md: without an anchor nothing tells yesterday's store from today's.
TEST_P(VerifyTest, WithoutAnAnchorARollbackIsNotNoticed) {
  const Content yesterday = content();
  AdmitOne(Patient("4", "Katherine Johnson"));
  Put(yesterday);
  EXPECT_TRUE(
      Expect(MappingStore::Verify(backend.get(), Source(), nullptr, nullptr)).intact());
  EXPECT_THAT(MappingStore::Open(LoadKeyring(), View(), Source()), IsOk());
}

TEST_P(VerifyTest, WhatWasAcceptedIsLaterThanWhatWasAnchored) {
  const Content yesterday = content();
  AdmitOne(Patient("4", "Katherine Johnson"));
  const Content today = content();
  const std::uint64_t counter = Verify().counter;
  Put(yesterday);
  const auto accepting = Expect(MappingStore::Open(LoadKeyring(), View(), Source()));
  ASSERT_THAT(accepting->Accept(Anchored(), std::nullopt), IsOk());
  EXPECT_TRUE(Verify().intact());
  EXPECT_EQ(Verify().counter, counter + 1);
  EXPECT_THAT(OpenAnchored(), IsOk());
  // And what was given up does not come back.
  Put(today);
  EXPECT_THAT(OpenAnchored(), HasCode(StatusCode::kRolledBack));
}

TEST_P(VerifyTest, TheSettingsNameTheAnchorThatWasChosen) {
  std::vector<std::string> asked;
  const auto source = [&](const std::string& chosen) {
    asked.push_back(chosen);
    return std::vector<std::shared_ptr<Anchor>>{anchor_};
  };
  const auto accepting = Expect(MappingStore::Open(LoadKeyring(), View(), Source()));
  ASSERT_THAT(accepting->Accept(source, "/mnt/anchor"), IsOk());
  const auto again = Expect(MappingStore::Open(LoadKeyring(), View(), Source(), source));
  Expect(MappingStore::Verify(backend.get(), Source(), source, nullptr).status());
  EXPECT_EQ(asked, std::vector<std::string>(3, "/mnt/anchor"));
  ASSERT_THAT(accepting->Accept(source, ""), IsOk());
  EXPECT_EQ(asked.back(), "");
}

TEST_P(VerifyTest, WhatOthersWriteMeanwhileIsNoFault) {
  int written = 0;
  const auto write = [&](std::uint64_t, std::uint64_t) {
    const std::string id = "9" + std::to_string(written++);
    AdmitOne(Patient(id, "Somebody Else"));
  };
  const StoreReport report =
      Expect(MappingStore::Verify(backend.get(), Source(), Anchored(), write));
  EXPECT_TRUE(report.intact());
  EXPECT_GT(written, 3);
  EXPECT_TRUE(Verify().intact());
}

TEST_P(VerifyTest, AListOfAlteredRecordsHasAnEnd) {
  const auto transaction = Expect(backend->Begin());
  std::vector<SealedRecord> rows;
  for (std::uint64_t i = 0; i < StoreReport::kMaxListed + 7; ++i) {
    rows.push_back({testing::NumberTag(i), testing::Bytes("nothing of this store")});
  }
  Expect(transaction->PutMany(Table::kRoster, rows));
  Expect(transaction->Commit());
  const StoreReport report = Verify();
  EXPECT_EQ(report.altered_count, StoreReport::kMaxListed + 7);
  EXPECT_EQ(report.altered.size(), StoreReport::kMaxListed);
}

TEST_P(VerifyTest, AStoreOfAnotherFormatIsNotLookedAt) {
  const auto view = View();
  view->format = StoreFormat{kStoreFormat.application_id, 1};
  EXPECT_THAT(MappingStore::Verify(view.get(), Source(), nullptr, nullptr),
              HasCode(StatusCode::kUnsupported));
  view->format = StoreFormat{kStoreFormat.application_id, 9};
  EXPECT_THAT(MappingStore::Verify(view.get(), Source(), nullptr, nullptr),
              HasCode(StatusCode::kNewerFormat));
}

TEST(AnchorStateNameTest, EachHasItsOwn) {
  std::vector<std::string> names;
  for (const AnchorState state :
       {AnchorState::kCurrent, AnchorState::kBehind, AnchorState::kAhead,
        AnchorState::kOtherHistory, AnchorState::kAltered, AnchorState::kMissing}) {
    names.emplace_back(AnchorStateName(state));
  }
  EXPECT_THAT(names, ::testing::ElementsAre("current", "behind", "ahead", "other_history",
                                            "altered", "missing"));
}

}  // namespace
}  // namespace moniker::internal
