// Keys that are rotated while stores are open.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

#include "store/mapping_store.h"
#include "store/test_store.h"
#include "support/status_matchers.h"

namespace moniker::internal {
namespace {

using ::testing::ElementsAre;
using testing::Expect;
using testing::FailingBackend;
using testing::Faults;
using testing::FindOne;
using testing::HasCode;
using testing::IdOf;
using testing::IsOk;
using testing::ScanAll;
using testing::StorageEpochOf;
using testing::Tag;
using testing::TestStore;
using testing::Visit;

using Binding = MappingStore::Binding;

constexpr KeyKind kKinds[] = {KeyKind::kIdentity, KeyKind::kStorage, KeyKind::kIndex};
constexpr VaultMode kModes[] = {VaultMode::kDerived, VaultMode::kEnrolled};

const PersonView kAda = {"mrn", "1", "Ada"};
const PersonView kBob = {"mrn", "2", "Bob"};
const Identifier kAdaId = {"mrn", "1"};

AuditEntry Entry() {
  AuditEntry entry;
  entry.actor = "dr-obrien";
  entry.purpose = "treatment";
  return entry;
}

KeyEpochs After(KeyKind kind) {
  return {kind == KeyKind::kIdentity ? 2u : 1u, kind == KeyKind::kStorage ? 2u : 1u,
          kind == KeyKind::kIndex ? 2u : 1u};
}

SealedRecord Settings(const TestStore& test) {
  return {Tag("settings"), FindOne(*test.backend, Table::kMeta, Tag("settings")).value()};
}

// Whatever stands in the tables opens under the keyring file's keys.
void ExpectAllOpen(const TestStore& test) {
  const RecordSealer sealer = Expect(RecordSealer::Create(test.LoadKeyring()));
  for (const auto& [table, records] : test.content()) {
    for (const SealedRecord& record : records) {
      EXPECT_THAT(sealer.Open(table, record.tag, record.sealed), IsOk());
    }
  }
}

TEST(RotationTest, ANewEpochIsUsedForWhatIsMadeFromThenOn) {
  for (const VaultMode mode : kModes) {
    for (const KeyKind kind : kKinds) {
      const TestStore test(mode);
      const std::string ada = test.AdmitOne(kAda);
      ASSERT_THAT(test.Rotate(kind), IsOk());
      EXPECT_EQ(test.StoredEpochs(), After(kind));
      EXPECT_EQ(test.store->keys()->epochs(), After(kind));
      EXPECT_EQ(StorageEpochOf(Settings(test).sealed), After(kind).storage);
      const std::string bob = test.AdmitOne(kBob);
      EXPECT_EQ(test.Find(bob)->link.identity_epoch, After(kind).identity);
      const auto row =
          Expect(test.store->keys()->tags().OfExternalId(UuidOf(Expect(ExternalId::Parse(bob)))));
      const auto sealed = FindOne(*test.backend, Table::kExternalId, row.front());
      ASSERT_TRUE(sealed);
      EXPECT_EQ(StorageEpochOf(*sealed), After(kind).storage);
      EXPECT_EQ(test.Read(ada), "mrn/1/Ada");
      EXPECT_EQ(test.Read(bob), "mrn/2/Bob");
      ExpectAllOpen(test);
    }
  }
}

TEST(RotationTest, AfterARotationOfTheIndexNothingIsStoredTwice) {
  for (const VaultMode mode : kModes) {
    const TestStore test(mode);
    const std::string ada = test.AdmitOne(kAda, Visit("visit-42"));
    const Binding binding = {"p-1", UuidOf(Expect(ExternalId::Parse(ada)))};
    Expect(test.store->BindMany({&binding, 1}));
    for (int i = 0; i < 3; ++i) ASSERT_THAT(test.Rotate(KeyKind::kIndex), IsOk());
    const auto before = test.content();
    EXPECT_EQ(test.AdmitOne(kAda, Visit("visit-42")), ada);
    EXPECT_THAT(Expect(test.store->BindMany({&binding, 1})), ElementsAre(IsOk()));
    EXPECT_EQ(test.content(), before);
    test.AdmitOne({"mrn", "1", "Ada King"}, Visit("visit-42"));
    EXPECT_EQ(test.Count(Table::kPerson), 1u);
    EXPECT_EQ(test.Read("p-1"), "mrn/1/Ada King");
  }
}

// --- another process

struct Call {
  std::string name;
  std::function<Status(MappingStore&, const std::string& ada, const RecordTag& person)> run;
};

const std::vector<Call>& EveryCall() {
  static const std::vector<Call> calls = {
      {"AdmitMany", [](MappingStore& in, const std::string&,
                       const RecordTag&) { return TestStore::TryToAdmit(in, {kBob}).status(); }},
      {"BindMany",
       [](MappingStore& in, const std::string& ada, const RecordTag&) {
         const Binding binding = {"p-1", UuidOf(Expect(ExternalId::Parse(ada)))};
         const auto statuses = in.BindMany({&binding, 1});
         return statuses.ok() ? statuses->at(0) : statuses.status();
       }},
      {"FindMany",
       [](MappingStore& in, const std::string& ada, const RecordTag&) {
         const std::string_view id = ada;
         return in.FindMany({&id, 1}).status();
       }},
      {"ReadPersons",
       [](MappingStore& in, const std::string&, const RecordTag& person) {
         Link link;
         link.person = person;
         return in.ReadPersons({&link, 1}).status();
       }},
      {"PseudonymizeMany",
       [](MappingStore& in, const std::string&, const RecordTag&) {
         return in.PseudonymizeMany({&kAdaId, 1}, Scope::App(), std::nullopt).status();
       }},
      {"AllPseudonymsOf",
       [](MappingStore& in, const std::string&, const RecordTag&) {
         return in.AllPseudonymsOf(kAdaId, Scope::App()).status();
       }},
      {"DeclareIssuer",
       [](MappingStore& in, const std::string&, const RecordTag&) {
         return in.DeclareIssuer("staff", IdentifierKind::kText);
       }},
      {"AppendAuditEntry", [](MappingStore& in, const std::string&,
                              const RecordTag&) { return in.AppendAuditEntry(Entry()).status(); }},
      {"CountAll", [](MappingStore& in, const std::string&,
                      const RecordTag&) { return in.CountAll().status(); }},
      {"Refresh",
       [](MappingStore& in, const std::string&, const RecordTag&) { return in.Refresh(); }},
  };
  return calls;
}

TEST(RotationTest, EveryCallOfAnotherStoreTakesTheRotationOver) {
  for (const VaultMode mode : kModes) {
    for (const KeyKind kind : kKinds) {
      for (const Call& call : EveryCall()) {
        SCOPED_TRACE(call.name + " " + std::to_string(static_cast<int>(kind)));
        const TestStore test(mode);
        const std::string ada = test.AdmitOne(kAda);
        const RecordTag person = test.Find(ada)->link.person;
        const auto other = test.Open();
        // It has met the issuer, and so need not ask for its kind again.
        Expect(other->KindOf("mrn").status());
        ASSERT_THAT(test.Rotate(kind), IsOk());
        test.AdmitOne({"mrn", "1", "Ada King"});  // under the new keys
        EXPECT_THAT(call.run(*other, ada, person), IsOk());
        EXPECT_EQ(other->keys()->epochs(), After(kind));
        EXPECT_EQ(TestStore::Read(*other, ada), "mrn/1/Ada King");
        EXPECT_EQ(test.StoredEpochs(), After(kind));
        ExpectAllOpen(test);
      }
    }
  }
}

TEST(RotationTest, AnotherStoreSeesTheIdsOfTheNewEpoch) {
  for (const VaultMode mode : kModes) {
    const TestStore test(mode);
    const std::string old = test.AdmitOne(kAda);
    const auto other = test.Open();
    Expect(other->KindOf("mrn").status());
    ASSERT_THAT(test.Rotate(KeyKind::kIdentity), IsOk());
    const std::string now = test.AdmitOne(kAda);
    std::vector<std::string> ids;
    for (const Pseudonym& one : Expect(other->AllPseudonymsOf(kAdaId, Scope::App()))) {
      ids.emplace_back(one.external_id().text());
    }
    EXPECT_THAT(ids, ElementsAre(old, now));
  }
}

TEST(RotationTest, TwoStoresMayRotateInTurns) {
  const TestStore test;
  const auto other = test.Open();
  for (const KeyKind kind : kKinds) {
    ASSERT_THAT(test.Rotate(*test.store, kind), IsOk());
    ASSERT_THAT(test.Rotate(*other, kind), IsOk());
  }
  EXPECT_EQ(test.StoredEpochs(), (KeyEpochs{3, 3, 3}));
  EXPECT_THAT(test.LoadKeyring().Epochs(KeyKind::kStorage), ElementsAre(1u, 2u, 3u));
  EXPECT_EQ(TestStore::Read(*other, test.AdmitOne(kAda)), "mrn/1/Ada");
}

TEST(RotationTest, ADestroyedEpochIsGoneForOtherStoresToo) {
  const TestStore test;
  const std::string old = test.AdmitOne(kAda);
  ASSERT_THAT(test.Rotate(KeyKind::kIdentity), IsOk());
  const auto other = test.Open();
  ASSERT_THAT(
      test.store->ReplaceKeyring([&](const Keyring& now, StorageReader*) -> Result<Keyring> {
        Keyring less = Expect(now.WithoutEpoch(KeyKind::kIdentity, 1));
        Expect(less.SaveOver(test.keyring_path(), Protector::Remembered()));
        return less;
      }),
      IsOk());
  EXPECT_THAT(other->PseudonymizeMany({&kAdaId, 1}, Scope::App(), 1),
              HasCode(StatusCode::kNotFound));
  EXPECT_EQ(TestStore::Read(*other, old), "mrn/1/Ada");  // what was admitted in it resolves
}

// --- without a source of keyrings

TEST(RotationTest, WithoutASourceARotationElsewhereClosesTheStore) {
  for (const KeyKind kind : kKinds) {
    for (const Call& call : EveryCall()) {
      SCOPED_TRACE(call.name + " " + std::to_string(static_cast<int>(kind)));
      const TestStore test;
      const std::string ada = test.AdmitOne(kAda);
      const RecordTag person = test.Find(ada)->link.person;
      const auto other = test.OpenWithoutSource();
      Expect(other->KindOf("mrn").status());
      ASSERT_THAT(test.Rotate(kind), IsOk());
      const auto before = test.content();
      EXPECT_THAT(call.run(*other, ada, person), HasCode(StatusCode::kClosed));
      EXPECT_EQ(test.content(), before);
    }
  }
}

TEST(RotationTest, WithoutASourceAStoreMayRotateItsOwnKeys) {
  const TestStore test;
  const auto store = test.OpenWithoutSource();
  const std::string ada = IdOf(Expect(TestStore::TryToAdmit(*store, {kAda})).at(0));
  for (const KeyKind kind : kKinds) {
    ASSERT_THAT(test.Rotate(*store, kind), IsOk());
    EXPECT_THAT(TestStore::TryToAdmit(*store, {kAda, kBob}), IsOk());
    EXPECT_THAT(store->AppendAuditEntry(Entry()), IsOk());
    EXPECT_EQ(TestStore::Read(*store, ada), "mrn/1/Ada");
  }
  ExpectAllOpen(test);
}

// --- interrupted

// The keyring file has a new epoch, and the settings do not know it.
void WriteKeyringAlone(const TestStore& test, KeyKind kind) {
  const Keyring next = Expect(test.LoadKeyring().WithNewEpoch(kind));
  Expect(next.SaveOver(test.keyring_path(), Protector::Remembered()));
}

TEST(RotationTest, AnInterruptedRotationIsFinishedByTheNextWriter) {
  const std::map<std::string, bool> writes = {
      {"AdmitMany", true},        {"BindMany", true},  {"DeclareIssuer", true},
      {"AppendAuditEntry", true}, {"FindMany", false}, {"ReadPersons", false},
      {"PseudonymizeMany", false}};
  for (const KeyKind kind : kKinds) {
    for (const Call& call : EveryCall()) {
      if (!writes.contains(call.name)) continue;
      SCOPED_TRACE(call.name + " " + std::to_string(static_cast<int>(kind)));
      const TestStore test;
      const std::string ada = test.AdmitOne(kAda);
      const RecordTag person = test.Find(ada)->link.person;
      const auto old = test.Open();
      WriteKeyringAlone(test, kind);
      const auto store = test.Open();
      EXPECT_EQ(store->keys()->epochs(), After(kind));
      const auto before = Settings(test).sealed;
      EXPECT_THAT(call.run(*store, ada, person), IsOk());
      if (writes.at(call.name)) {
        EXPECT_EQ(test.StoredEpochs(), After(kind));
      } else {
        EXPECT_EQ(Settings(test).sealed, before);
      }
      // It goes on, and so does who still has the old keys.
      EXPECT_THAT(TestStore::TryToAdmit(*store, {kBob}), IsOk());
      EXPECT_EQ(test.StoredEpochs(), After(kind));
      EXPECT_THAT(TestStore::TryToAdmit(*old, {{"mrn", "3", "Cyd"}}), IsOk());
      EXPECT_EQ(old->keys()->epochs(), After(kind));
      EXPECT_EQ(TestStore::Read(*old, ada), "mrn/1/Ada");
      ExpectAllOpen(test);
    }
  }
}

TEST(RotationTest, WithoutASourceToo) {
  for (const KeyKind kind : kKinds) {
    const TestStore test;
    const std::string ada = test.AdmitOne(kAda);
    WriteKeyringAlone(test, kind);
    const auto store = test.OpenWithoutSource();
    EXPECT_THAT(TestStore::TryToAdmit(*store, {kBob}), IsOk());
    EXPECT_EQ(test.StoredEpochs(), After(kind));
    EXPECT_THAT(TestStore::TryToAdmit(*store, {{"mrn", "3", "Cyd"}}), IsOk());
    EXPECT_EQ(TestStore::Read(*store, ada), "mrn/1/Ada");
  }
}

TEST(RotationTest, ARotationAfterAnInterruptedOneKeepsItsKeys) {
  for (const KeyKind kind : kKinds) {
    const TestStore test;
    WriteKeyringAlone(test, kind);
    const auto finisher = test.Open();
    const std::string bob = IdOf(Expect(TestStore::TryToAdmit(*finisher, {kBob})).at(0));
    // This one has not seen the file yet.
    ASSERT_THAT(test.Rotate(kind), IsOk());
    EXPECT_THAT(test.LoadKeyring().Epochs(kind), ElementsAre(1u, 2u, 3u));
    EXPECT_EQ(test.Read(bob), "mrn/2/Bob");
  }
}

TEST(RotationTest, EveryFailureOfTheStoreLeavesAStoreThatWorks) {
  for (const KeyKind kind : kKinds) {
    for (int call = 0;; ++call) {
      SCOPED_TRACE(call);
      const TestStore test;
      const std::string ada = test.AdmitOne(kAda);
      const auto other = test.Open();
      const auto before = test.content();
      test.faults->Arm(call, Status(StatusCode::kIo, "disk on fire", 5));
      const Status status = test.Rotate(kind);
      const bool reached = test.faults->armed_call_reached();
      test.faults->Arm(Faults::kNever, Status::Ok());
      if (!reached) {
        EXPECT_THAT(status, IsOk());
        EXPECT_GE(call, 4);
        break;
      }
      EXPECT_THAT(status, HasCode(StatusCode::kIo));
      EXPECT_EQ(test.content(), before);
      for (MappingStore* const store : {test.store.get(), other.get()}) {
        EXPECT_EQ(TestStore::Read(*store, ada), "mrn/1/Ada");
        EXPECT_THAT(TestStore::TryToAdmit(*store, {kBob}), IsOk());
      }
      EXPECT_THAT(TestStore::TryToAdmit(*test.Open(), {{"mrn", "3", "Cyd"}}), IsOk());
      EXPECT_THAT(test.Rotate(kind), IsOk());
      EXPECT_EQ(test.Read(ada), "mrn/1/Ada");
      ExpectAllOpen(test);
    }
  }
}

TEST(RotationTest, AReplacementThatFailsChangesNothing) {
  const TestStore test;
  const auto before = test.content();
  EXPECT_THAT(test.store->ReplaceKeyring([](const Keyring&, StorageReader*) -> Result<Keyring> {
    return Status(StatusCode::kNoSpace, "full");
  }),
              HasCode(StatusCode::kNoSpace));
  EXPECT_EQ(test.content(), before);
  EXPECT_EQ(test.store->keys()->epochs(), (KeyEpochs{1, 1, 1}));
}

// --- what somebody may have put back

TEST(RotationTest, OlderSettingsThatWerePutBackAreBroughtUpToDateByTheNextWriter) {
  for (const KeyKind kind : kKinds) {
    const TestStore test;
    const std::string ada = test.AdmitOne(kAda);
    const SealedRecord old = Settings(test);
    ASSERT_THAT(test.Rotate(kind), IsOk());
    test.AdmitOne(kBob);
    testing::PutOne(*test.backend, Table::kMeta, old);
    EXPECT_EQ(test.Read(ada), "mrn/1/Ada");
    EXPECT_EQ(test.store->keys()->epochs(), After(kind));
    test.AdmitOne({"mrn", "3", "Cyd"});
    EXPECT_EQ(test.StoredEpochs(), After(kind));
    ExpectAllOpen(test);
  }
}

TEST(RotationTest, AnOlderKeyringThanTheSettingsIsAltered) {
  for (const KeyKind kind : kKinds) {
    const TestStore test;
    const std::string old = testing::ReadBytes(test.keyring_path());
    ASSERT_THAT(test.Rotate(kind), IsOk());
    testing::WriteBytes(test.keyring_path(), old);
    EXPECT_THAT(MappingStore::Open(test.LoadKeyring(), test.View(), test.Source()).status(),
                HasCode(StatusCode::kAltered));
    const Status without = MappingStore::Open(test.LoadKeyring(), test.View(), nullptr).status();
    EXPECT_TRUE(without.code() == StatusCode::kClosed || without.code() == StatusCode::kAltered);
  }
}

// A new epoch made from an older keyring would have the number of one that is in use, and its
// records would be lost.
TEST(RotationTest, NothingIsRotatedOverAKeyringFileThatIsOlderThanTheSettings) {
  for (const KeyKind kind : kKinds) {
    const TestStore test;
    const std::string old = testing::ReadBytes(test.keyring_path());
    ASSERT_THAT(test.Rotate(kind), IsOk());
    const std::string ada = test.AdmitOne(kAda);
    testing::WriteBytes(test.keyring_path(), old);
    EXPECT_THAT(test.Rotate(kind), HasCode(StatusCode::kAltered));
    EXPECT_EQ(testing::ReadBytes(test.keyring_path()), old);
    EXPECT_EQ(test.Read(ada), "mrn/1/Ada");
  }
}

TEST(RotationTest, TheKeyringOfAnotherVaultIsAltered) {
  const TestStore test;
  const TestStore stranger;
  const auto other = test.Open();
  const auto before = test.content();
  EXPECT_THAT(MappingStore::Open(stranger.LoadKeyring(), test.View(), test.Source()).status(),
              HasCode(StatusCode::kAltered));
  EXPECT_EQ(test.content(), before);
  // In the place of the file, when a rotation makes a store read it again.
  ASSERT_THAT(test.Rotate(KeyKind::kIdentity), IsOk());
  testing::WriteBytes(test.keyring_path(), testing::ReadBytes(stranger.keyring_path()));
  std::filesystem::copy_file(stranger.folder.File("key"), test.folder.File("key"),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(other->Refresh(), HasCode(StatusCode::kAltered));
  EXPECT_THAT(TestStore::TryToAdmit(*other, {kAda}), HasCode(StatusCode::kAltered));
}

TEST(RotationTest, WhatTheSourceOfKeyringsAnswersIsPassedOn) {
  const TestStore test;
  const auto other = test.Open();
  ASSERT_THAT(test.Rotate(KeyKind::kStorage), IsOk());
  std::filesystem::rename(test.keyring_path(), test.folder.File("away"));
  EXPECT_THAT(other->Refresh(), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(TestStore::TryToAdmit(*other, {kAda}), HasCode(StatusCode::kNotFound));
  std::filesystem::rename(test.folder.File("away"), test.keyring_path());
  EXPECT_THAT(TestStore::TryToAdmit(*other, {kAda}), IsOk());
}

// --- at the same time

// Another process rotates the storage keys and writes between any two calls of the database.
TEST(RotationTest, ARotationInTheMiddleOfACallIsNoDamage) {
  for (const VaultMode mode : kModes) {
    for (const Call& call : EveryCall()) {
      for (int at = 0;; ++at) {
        SCOPED_TRACE(call.name + " " + std::to_string(at));
        const TestStore test(mode);
        const std::string ada = test.AdmitOne(kAda, Visit("visit-42"));
        const RecordTag person = test.Find(ada)->link.person;
        const auto faults = std::make_shared<Faults>();
        const auto store = Expect(MappingStore::Open(
            test.LoadKeyring(), std::make_unique<FailingBackend>(test.backend, faults),
            test.Source()));
        faults->calls = 0;
        faults->act_at = at;
        bool acted = false;
        faults->action = [&] {
          acted = true;
          // Nobody else writes while a transaction is open.
          if (faults->transactions != 0) return;
          Expect(test.Rotate(KeyKind::kStorage));
          test.AdmitOne({"mrn", "1", "Ada King"}, Visit("visit-42"));
          test.AdmitOne({"mrn", "1", "Ada King"});
          Expect(test.store->DeclareIssuer("other", IdentifierKind::kText));
        };
        EXPECT_THAT(call.run(*store, ada, person), IsOk());
        if (!acted) break;
        EXPECT_EQ(TestStore::Read(*store, ada), test.Read(ada));
      }
    }
  }
}

}  // namespace
}  // namespace moniker::internal
