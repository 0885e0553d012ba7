// Expiry: what of conferences goes, what stays, and that nothing is left half done.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "store/test_store.h"
#include "support/status_matchers.h"

namespace moniker::internal {
namespace {

using testing::Expect;
using testing::HasCode;
using testing::IdOf;
using testing::StorageKind;
using testing::TestStore;
using testing::Visit;

constexpr std::uint32_t kToday = 20'000;

class ExpiryFixture : public ::testing::Test {
 protected:
  explicit ExpiryFixture(StorageKind kind, VaultMode mode = VaultMode::kDerived)
      : test_(mode, kind) {}

  std::string Admit(std::string_view id, const Scope& scope, std::uint32_t day,
                    std::optional<std::uint16_t> retention = std::nullopt) {
    const PersonView person = {.issuer = "mrn.hospital-a", .id = id, .name = "Maria Jensen"};
    return IdOf(
        Expect(
            test_.store->AdmitMany(
                {.persons = {&person, 1}, .scope = scope, .retention_days = retention, .day = day}))
            .at(0));
  }

  void Bind(std::string_view participant_id, const std::string& external_id) {
    const MappingStore::Binding binding = {participant_id, UuidOf(*ExternalId::Parse(external_id))};
    Expect(Expect(test_.store->BindMany({&binding, 1})).at(0));
  }

  Expiry Expire(const ExpiryOptions& options = {}, std::uint32_t today = kToday) {
    return Expect(test_.store->Expire(options, today));
  }
  Expiry ExpireBefore(std::uint32_t day) { return Expire({.before_ms = day * kDayMs}); }

  bool IsThere(std::string_view id) { return test_.Find(id).has_value(); }

  std::vector<AuditEntry> Entries() {
    std::vector<AuditEntry> entries;
    for (const SealedRecord& record : testing::ScanAll(*test_.backend, Table::kAudit)) {
      entries.push_back(
          Expect(DecodeAuditEntry(test_.Payload(Table::kAudit, record.tag).Expose())));
    }
    return entries;
  }

  // What stands under its tag in an older format: no day is known.
  void TakeDay(const std::string& external_id) {
    const TagSet tags =
        Expect(test_.store->keys()->tags().OfExternalId(UuidOf(*ExternalId::Parse(external_id))));
    Link link = Expect(DecodeLink(test_.Payload(Table::kExternalId, tags.front()).Expose()));
    link.day = 0;
    link.retention_days = 0;
    test_.Forge(Table::kExternalId, tags.front(), Expect(EncodeLink(link)).Expose());
  }

  TestStore test_;
};

class ExpiryTest : public ExpiryFixture {
 protected:
  ExpiryTest() : ExpiryFixture(StorageKind::kMemory) {}
};

class ExpiryBackendTest : public ExpiryFixture, public ::testing::WithParamInterface<StorageKind> {
 protected:
  ExpiryBackendTest() : ExpiryFixture(GetParam()) {}
};

INSTANTIATE_TEST_SUITE_P(Backends, ExpiryBackendTest,
                         ::testing::Values(StorageKind::kMemory, StorageKind::kSqlite),
                         testing::NameOf);

TEST_P(ExpiryBackendTest, APseudonymGoesWithItsLabelsAndParticipantIds) {
  const std::string old_id = Admit("1", Visit("visit-1"), kToday - 10);
  const std::string new_id = Admit("2", Visit("visit-2"), kToday);
  const std::string app_id = Admit("1", Scope::App(), kToday - 10);
  Bind("PA_old", old_id);
  Bind("PA_new", new_id);
  Bind("PA_app", app_id);
  const Expiry expiry = ExpireBefore(kToday);
  EXPECT_EQ(expiry.pseudonyms, 1u);
  EXPECT_EQ(expiry.participant_ids, 1u);
  EXPECT_EQ(expiry.persons, 0u);
  EXPECT_TRUE(expiry.log_is_empty);
  for (const std::string_view id : {std::string_view(old_id), std::string_view("PA_old")}) {
    EXPECT_FALSE(IsThere(id)) << id;
  }
  for (const std::string_view id : {std::string_view(new_id), std::string_view("PA_new"),
                                    std::string_view(app_id), std::string_view("PA_app")}) {
    EXPECT_TRUE(IsThere(id)) << id;
  }
  EXPECT_EQ(test_.Count(Table::kRoster), 1u);
  EXPECT_EQ(test_.Count(Table::kPerson), 2u);
  EXPECT_EQ(test_.Count(Table::kTombstone), 0u);
  // The manifest has kept up.
  EXPECT_TRUE(
      Expect(MappingStore::Verify(test_.backend.get(), test_.Source(), nullptr, nullptr)).intact());
}

TEST_F(ExpiryTest, ADayIsOverWhenTheNextBegins) {
  const std::string id = Admit("1", Visit("visit-1"), kToday - 1);
  EXPECT_EQ(Expire({.before_ms = kToday * kDayMs - 1}).pseudonyms, 0u);
  EXPECT_TRUE(IsThere(id));
  EXPECT_EQ(Expire({.before_ms = kToday * kDayMs}).pseudonyms, 1u);
  EXPECT_FALSE(IsThere(id));
}

TEST_F(ExpiryTest, WhoIsAdmittedAgainHasTheSameIdAndANewDay) {
  const std::string id = Admit("1", Visit("visit-1"), kToday - 10);
  EXPECT_EQ(Admit("1", Visit("visit-1"), kToday), id);
  EXPECT_EQ(ExpireBefore(kToday).pseudonyms, 0u);
  // An earlier day does not make it older.
  EXPECT_EQ(Admit("1", Visit("visit-1"), kToday - 20), id);
  EXPECT_EQ(ExpireBefore(kToday).pseudonyms, 0u);
  EXPECT_EQ(ExpireBefore(kToday + 1).pseudonyms, 1u);
  EXPECT_EQ(Admit("1", Visit("visit-1"), kToday), id);
}

TEST_F(ExpiryTest, AdmittingAgainOnTheSameDayWritesNothing) {
  Admit("1", Visit("visit-1"), kToday, 30);
  const auto before = test_.content();
  Admit("1", Visit("visit-1"), kToday);
  Admit("1", Visit("visit-1"), kToday, 30);
  Admit("1", Visit("visit-1"), kToday - 1, 30);
  EXPECT_EQ(test_.content(), before);
}

TEST_F(ExpiryTest, LinksOfTheAppHaveNoDayAndAreNeverWrittenAnew) {
  Admit("1", Scope::App(), kToday - 10);
  const auto before = test_.content();
  Admit("1", Scope::App(), kToday);
  EXPECT_EQ(test_.content(), before);
  EXPECT_EQ(Expire({.before_ms = ~std::uint64_t{0}, .undated = true}).pseudonyms, 0u);
}

// --- Retention ---

TEST_F(ExpiryTest, WithoutARetentionNothingGetsOld) {
  Admit("1", Visit("visit-1"), 1);
  EXPECT_EQ(Expire({}, 4'000'000'000).pseudonyms, 0u);
}

TEST_F(ExpiryTest, AConferenceIsKeptForItsRetentionElseForThatOfTheVault) {
  const std::string own = Admit("1", Visit("visit-1"), kToday, 5);
  const std::string vaults = Admit("2", Visit("visit-2"), kToday);
  const std::string zero = Admit("3", Visit("visit-3"), kToday, 0);
  Expect(test_.store->SetPolicy({0, 0, 30}, {}));
  EXPECT_EQ(Expire({}, kToday + 5).pseudonyms, 0u);
  EXPECT_EQ(Expire({}, kToday + 6).pseudonyms, 1u);
  EXPECT_FALSE(IsThere(own));
  EXPECT_EQ(Expire({}, kToday + 30).pseudonyms, 0u);
  EXPECT_EQ(Expire({}, kToday + 31).pseudonyms, 2u);
  EXPECT_FALSE(IsThere(vaults));
  EXPECT_FALSE(IsThere(zero));
}

TEST_F(ExpiryTest, TheLastRetentionThatWasGivenCounts) {
  Admit("1", Visit("visit-1"), kToday, 5);
  Admit("1", Visit("visit-1"), kToday, 60);
  Admit("1", Visit("visit-1"), kToday);
  EXPECT_EQ(Expire({}, kToday + 60).pseudonyms, 0u);
  EXPECT_EQ(Expire({}, kToday + 61).pseudonyms, 1u);
}

TEST_F(ExpiryTest, ABoundOverrulesTheRetention) {
  Admit("1", Visit("visit-1"), kToday - 1, 60'000);
  EXPECT_EQ(ExpireBefore(kToday).pseudonyms, 1u);
}

TEST_F(ExpiryTest, WhatHasNoKnownDayStaysUnlessItIsAskedFor) {
  const std::string id = Admit("1", Visit("visit-1"), 7);
  Bind("PA_1", id);
  TakeDay(id);
  Expect(test_.store->SetPolicy({0, 0, 30}, {}));
  EXPECT_EQ(Expire().pseudonyms, 0u);
  EXPECT_EQ(ExpireBefore(kToday).participant_ids, 0u);
  EXPECT_TRUE(IsThere("PA_1"));
  const Expiry expiry = Expire({.undated = true});
  EXPECT_EQ(expiry.pseudonyms, 1u);
  EXPECT_EQ(expiry.participant_ids, 1u);
}

TEST_F(ExpiryTest, AnAdmissionGivesAnOldLinkADay) {
  const std::string id = Admit("1", Visit("visit-1"), 7);
  TakeDay(id);
  Admit("1", Visit("visit-1"), kToday);
  EXPECT_EQ(Expire({.undated = true}).pseudonyms, 0u);
  EXPECT_EQ(ExpireBefore(kToday + 1).pseudonyms, 1u);
}

// --- The log and the steps ---

TEST_F(ExpiryTest, EachStepLeavesAnEntryWithItsNumberAndNobody) {
  Admit("1", Visit("visit-1"), 1);
  Bind("PA_1", Admit("2", Visit("visit-1"), 1));
  Expire({.before_ms = kToday * kDayMs,
          .reason = {.actor = "records-office", .purpose = "retention"}});
  const std::vector<AuditEntry> entries = Entries();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].asked, 1u);
  EXPECT_EQ(entries[1].asked, 2u);
  for (const AuditEntry& entry : entries) {
    EXPECT_EQ(entry.operation, AuditOperation::kExpire);
    EXPECT_EQ(entry.actor, "records-office");
    EXPECT_EQ(entry.purpose, "retention");
    EXPECT_TRUE(entry.persons.empty());
  }
}

TEST_F(ExpiryTest, NothingOldLeavesTheStoreAsItIs) {
  Admit("1", Visit("visit-1"), kToday);
  const auto before = test_.content();
  EXPECT_EQ(ExpireBefore(kToday).pseudonyms, 0u);
  EXPECT_EQ(test_.content(), before);
}

TEST_F(ExpiryTest, AnActorThatCannotBeIsRefused) {
  EXPECT_THAT(test_.store->Expire({.reason = {.actor = "two\nlines"}}),
              HasCode(StatusCode::kInvalidArgument));
}

// More than one transaction takes out; and what was interrupted goes on where it stopped.
TEST_F(ExpiryTest, ManyGoInSeveralStepsAndAnInterruptedRunIsCompletedByTheNext) {
  constexpr int kCount = 4500;
  std::vector<std::string> ids;
  for (int i = 0; i < kCount; ++i) ids.push_back(std::to_string(100'000 + i));
  std::vector<PersonView> persons;
  for (const std::string& id : ids) {
    persons.push_back({.issuer = "mrn.hospital-a", .id = id, .name = "N"});
  }
  const auto admitted = Expect(
      test_.store->AdmitMany({.persons = persons, .scope = Visit("large"), .day = kToday - 10}));
  std::uint64_t taken_out = 0;
  for (int calls = 20; taken_out < kCount; calls *= 3) {
    test_.faults->Arm(calls, Status(StatusCode::kIo, "disk on fire", 5));
    const Result<Expiry> expiry = test_.store->Expire({.before_ms = kToday * kDayMs}, kToday);
    const std::uint64_t left = test_.Count(Table::kExternalId);
    EXPECT_EQ(left, test_.Count(Table::kRoster));
    EXPECT_EQ(Expect(MappingStore::Verify(test_.backend.get(), test_.Source(), nullptr, nullptr))
                  .intact(),
              true);
    taken_out = kCount - left;
    if (expiry.ok()) {
      EXPECT_EQ(left, 0u);
    }
  }
  std::uint64_t told = 0;
  for (const AuditEntry& entry : Entries()) told += entry.asked;
  EXPECT_EQ(told, static_cast<std::uint64_t>(kCount));
  EXPECT_GE(Entries().size(), 2u);
}

// --- Persons ---

TEST_P(ExpiryBackendTest, PersonsWithoutAnyPseudonymGoIfThatIsAskedFor) {
  Admit("1", Visit("visit-1"), 1);
  const std::string in_two = Admit("2", Visit("visit-1"), 1);
  const std::string app_id = Admit("2", Scope::App(), 1);
  EXPECT_EQ(ExpireBefore(kToday).persons, 0u);
  EXPECT_EQ(test_.Count(Table::kPerson), 2u);
  const Expiry expiry = Expire({.persons = true});
  EXPECT_EQ(expiry.persons, 1u);
  EXPECT_EQ(test_.Count(Table::kPerson), 1u);
  EXPECT_FALSE(IsThere(in_two));
  EXPECT_TRUE(IsThere(app_id));
  EXPECT_EQ(Entries().back().persons.size(), 1u);
  EXPECT_EQ(Expire({.persons = true}).persons, 0u);
}

TEST_F(ExpiryTest, MarkedPersonsStay) {
  Admit("1", Visit("visit-1"), 1);
  const Identifier identifier = {"mrn.hospital-a", "1", std::nullopt};
  Expect(test_.store->MarkPersons({&identifier, 1}, true, {}));
  const Expiry expiry = Expire({.before_ms = kToday * kDayMs, .persons = true});
  EXPECT_EQ(expiry.pseudonyms, 1u);
  EXPECT_EQ(expiry.persons, 0u);
}

class EnrolledExpiryTest : public ExpiryFixture {
 protected:
  EnrolledExpiryTest() : ExpiryFixture(StorageKind::kMemory, VaultMode::kEnrolled) {}
};

TEST_F(EnrolledExpiryTest, AnEnrolledPersonGoesWithItsIdentifiersButNotOutOfAMerge) {
  Admit("1", Visit("visit-1"), 1);
  Admit("2", Visit("visit-1"), 1);
  Admit("3", Visit("visit-1"), 1);
  const IdentifierPair pair = {{"mrn.hospital-a", "1", std::nullopt},
                               {"mrn.hospital-a", "2", std::nullopt}};
  Expect(test_.store->MergePersons({&pair, 1}, false));
  EXPECT_EQ(Expire({.before_ms = kToday * kDayMs, .persons = true}).persons, 1u);
  EXPECT_EQ(test_.Count(Table::kPerson), 2u);
  EXPECT_EQ(test_.Count(Table::kIdentifier), 2u);
}

}  // namespace
}  // namespace moniker::internal
