// Persons erased, backups made and restored: who is erased stays so, and nothing else is lost.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/anchor.h"
#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
#include "moniker/sqlite_backend.h"
#include "moniker/vault.h"
#include "support/child_process.h"
#include "support/marker_scan.h"
#include "support/records.h"
#include "support/status_matchers.h"
#include "support/temporary_folder.h"
#include "vault/system_calls.h"

namespace moniker {
namespace {

using testing::Content;
using testing::Expect;
using testing::HasCode;
using testing::InChild;
using testing::IsOk;
using testing::ReadBytes;
using testing::SystemCalls;
using testing::TemporaryFolder;

constexpr AccessReason kReason = {.actor = "test", .purpose = "test"};
constexpr Table kTablesOfPersons[] = {Table::kPerson, Table::kExternalId, Table::kParticipant,
                                      Table::kIdentifier, Table::kRoster};

Scope Visit(std::string_view name) { return Expect(Scope::Conference(name)); }

// A vault that is a folder, and what a test does with it.
class Clinic {
 public:
  explicit Clinic(VaultMode mode, bool has_far_anchor = false) {
    Vault::Options options{.keyring = {.app = "clinic-7", .mode = mode}};
    if (has_far_anchor) options.anchor = far_anchor();
    Expect(Vault::Create(path(), std::move(options),
                         Expect(Protector::NewKeyFile(folder_.File("key")))));
  }

  std::string path() const { return folder_.File("clinic.vault"); }
  std::string far_anchor() const { return folder_.File("anchor"); }
  std::string file(std::string_view name) const { return path() + "/" + std::string(name); }
  Vault Open() const { return Expect(Vault::Open(path())); }

  std::string Admit(const std::string& id, const Scope& scope = Scope::App()) const {
    const IdentityGate gate = Expect(IdentityGate::Create(Open(), {.scope = scope}));
    return std::string(
        Expect(gate.Admit({.issuer = "mrn", .id = id, .name = "Xqzmarker " + id}, "Patient"))
            .external_id());
  }
  void Bind(const std::string& participant_id, const std::string& external_id) const {
    const IdentityGate::Binding binding{participant_id, external_id};
    Expect(Expect(IdentityGate::BindMany(Open(), {&binding, 1})).at(0));
  }
  std::vector<bool> Erase(const std::vector<ErasureTarget>& targets) const {
    const Erasure erasure = Expect(Open().Erase(targets, kReason));
    EXPECT_TRUE(erasure.log_is_empty);
    return erasure.found;
  }
  static ErasureTarget Mrn(std::string_view id) { return Identifier{.issuer = "mrn", .id = id}; }

  // The identifier behind an ID; "not_found".
  std::string Resolve(const std::string& id) const {
    const Result<Resolved> resolved = Resolver::Create(Open()).Resolve(id, kReason);
    if (!resolved.ok()) return std::string(StatusCodeName(resolved.status().code()));
    return std::string(resolved->person.id.Expose());
  }

  bool IsIntact() const {
    return Expect(Vault::Verify(path(), Protector::Remembered())).intact();
  }
  std::uint64_t Counter() const {
    return Expect(Vault::Verify(path(), Protector::Remembered())).counter;
  }

  Content Rows() const { return testing::ContentOf(*Expect(OpenSqliteStore(path()))); }
  std::map<Table, std::size_t> RowCounts() const {
    std::map<Table, std::size_t> counts;
    const Content rows = Rows();
    for (const Table table : kTablesOfPersons) counts[table] = rows.at(table).size();
    return counts;
  }

  std::string BackUp() const {
    std::string backup;
    Expect(Open().Backup([&](std::span<const std::uint8_t> part) {
      backup.append(part.begin(), part.end());
      return Status::Ok();
    }));
    return backup;
  }
  Status Restore(std::string_view backup, Vault::RestoreOptions options = {.replace = true}) const {
    return Vault::Restore(
        path(), Protector::Remembered(),
        [&](std::span<std::uint8_t> memory) -> Result<std::size_t> {
          const std::size_t size = std::min(memory.size(), backup.size());
          std::copy_n(backup.begin(), size, memory.begin());
          backup.remove_prefix(size);
          return size;
        },
        options);
  }
  void LoseStore() const {
    for (const char* name : {"store.sqlite", "store.sqlite-wal", "store.sqlite-shm"}) {
      std::filesystem::remove(file(name));
    }
  }

 private:
  TemporaryFolder folder_;
};

std::string NameOfMode(const ::testing::TestParamInfo<VaultMode>& tested) {
  return tested.param == VaultMode::kDerived ? "Derived" : "Enrolled";
}

class EraseTest : public ::testing::TestWithParam<VaultMode> {};
class RestoreTest : public ::testing::TestWithParam<VaultMode> {};

TEST_P(EraseTest, NothingLeadsToThePersonOfAnyScopeAndEpoch) {
  const Clinic clinic(GetParam());
  const std::string kept = clinic.Admit("kept", Visit("visit-1"));
  Expect(clinic.Open().RotateKeys(KeyKind::kIdentity));
  Expect(clinic.Open().RotateKeys(KeyKind::kIndex));
  const std::string kept_later = clinic.Admit("kept", Visit("visit-1"));
  const auto before = clinic.RowCounts();

  const Clinic with_both(GetParam());
  std::vector<std::string> ids;
  const auto admit = [&](const Scope& scope) {
    with_both.Admit("kept", Visit("visit-1"));
    ids.push_back(with_both.Admit("gone", scope));
  };
  for (const Scope& scope : {Scope::App(), Visit("visit-1"), Visit("visit-2")}) admit(scope);
  with_both.Bind("PA_1", ids[1]);
  Expect(with_both.Open().RotateKeys(KeyKind::kIdentity));
  Expect(with_both.Open().RotateKeys(KeyKind::kIndex));
  for (const Scope& scope : {Scope::App(), Visit("visit-1")}) admit(scope);
  with_both.Bind("PA_2", ids[4]);
  ids.insert(ids.end(), {"PA_1", "PA_2"});
  for (const std::string& id : ids) ASSERT_EQ(with_both.Resolve(id), "gone");

  EXPECT_THAT(with_both.Erase({Clinic::Mrn("gone"), Clinic::Mrn("nobody")}),
              ::testing::ElementsAre(true, false));
  for (const std::string& id : ids) EXPECT_EQ(with_both.Resolve(id), "not_found");
  EXPECT_EQ(with_both.RowCounts(), before);
  EXPECT_EQ(with_both.Rows().at(Table::kTombstone).size(), 1);
  EXPECT_TRUE(with_both.IsIntact());
  EXPECT_EQ(clinic.Resolve(kept), "kept");
  EXPECT_EQ(clinic.Resolve(kept_later), "kept");
}

TEST_P(EraseTest, AnyIdOfThePersonWillDoAndOneThatIsUnknownIsSaidToBe) {
  const Clinic clinic(GetParam());
  const std::string by_id = clinic.Admit("1", Visit("visit-1"));
  clinic.Bind("PA_2", clinic.Admit("2"));
  const std::string stays = clinic.Admit("3");
  EXPECT_THAT(clinic.Erase({by_id, "PA_2", "PA_9", Clinic::Mrn("1")}),
              ::testing::ElementsAre(true, true, false, true));
  EXPECT_EQ(clinic.Resolve(by_id), "not_found");
  EXPECT_EQ(clinic.Resolve("PA_2"), "not_found");
  EXPECT_EQ(clinic.Resolve(stays), "3");
}

TEST_P(EraseTest, WhoIsAdmittedAgainIsSomebodyNewAndTheFormerIdsStayDead) {
  const Clinic clinic(GetParam());
  const std::string app = clinic.Admit("1");
  const std::string visit = clinic.Admit("1", Visit("visit-1"));
  clinic.Erase({Clinic::Mrn("1")});
  const std::string again = clinic.Admit("1");
  EXPECT_EQ(clinic.Resolve(again), "1");
  EXPECT_EQ(clinic.Resolve(visit), "not_found");
  EXPECT_EQ(again == app, GetParam() == VaultMode::kDerived);
  clinic.Erase({again});
  EXPECT_EQ(clinic.Resolve(again), "not_found");
  EXPECT_TRUE(clinic.IsIntact());
}

TEST(EraseEnrolledTest, IdentifiersAndMergedPersonsGoWithThePerson) {
  const Clinic clinic(VaultMode::kEnrolled);
  const std::string kept = clinic.Admit("kept");
  const auto before = clinic.RowCounts();
  std::vector<std::string> ids;
  for (const char* id : {"1", "2", "3"}) ids.push_back(clinic.Admit(id, Visit("visit-1")));
  const Vault vault = clinic.Open();
  const std::vector<IdentifierPair> merges = {
      {{.issuer = "mrn", .id = "1"}, {.issuer = "mrn", .id = "2"}},
      {{.issuer = "mrn", .id = "3"}, {.issuer = "mrn", .id = "1"}}};
  Expect(vault.MergePersons(merges));
  const IdentifierPair added{{.issuer = "mrn", .id = "2"}, {.issuer = "mrn", .id = "added"}};
  Expect(vault.AddIdentifiers({&added, 1}));
  EXPECT_THAT(clinic.Erase({Clinic::Mrn("added")}), ::testing::ElementsAre(true));
  for (const std::string& id : ids) EXPECT_EQ(clinic.Resolve(id), "not_found");
  EXPECT_EQ(clinic.RowCounts(), before);
  EXPECT_EQ(clinic.Rows().at(Table::kTombstone).size(), 3);
  EXPECT_EQ(clinic.Resolve(kept), "kept");
}

// SQLite overwrites what it deletes, but not what it has moved to another page before, when that was
// half empty: a copy may stay in an unused part of a page (docs/threat-model.md).
TEST_P(EraseTest, SealedRowsAreOverwrittenAndHardlyAMovedOneLeavesACopy) {
  constexpr int kPersons = 400;
  const Clinic clinic(GetParam());
  {
    const IdentityGate gate =
        Expect(IdentityGate::Create(clinic.Open(), {.scope = Visit("visit-1")}));
    const std::string name(kPersons, 'x');
    std::vector<std::string> ids;
    for (int i = 0; i < kPersons; ++i) ids.push_back(std::to_string(i));
    std::vector<PersonView> persons;
    for (const std::string& id : ids) {
      const std::size_t size = persons.size() + 1;
      persons.push_back({.issuer = "mrn", .id = id, .name = std::string_view(name).substr(0, size)});
    }
    Expect(gate.AdmitMany(persons, std::vector<std::string_view>(ids.size(), "Patient")).status());
  }
  std::set<SealedBytes> erased;
  for (int step = 0; step < 6; ++step) {
    const Content before = clinic.Rows();
    std::vector<std::string> ids;
    std::vector<ErasureTarget> targets;
    for (int i = step; i < kPersons; i += 7) ids.push_back(std::to_string(i));
    for (const std::string& id : ids) targets.push_back(Clinic::Mrn(id));
    clinic.Erase(targets);
    const Content after = clinic.Rows();
    for (const Table table : kTablesOfPersons) {
      std::set<SealedBytes> left;
      for (const SealedRecord& record : after.at(table)) left.insert(record.sealed);
      for (const SealedRecord& record : before.at(table)) {
        if (!left.contains(record.sealed)) erased.insert(record.sealed);
      }
    }
  }
  EXPECT_GE(erased.size(), 900);
  for (const char* name : {"store.sqlite", "store.sqlite-wal", "store.head"}) {
    if (!std::filesystem::exists(clinic.file(name))) continue;
    const std::string bytes = ReadBytes(clinic.file(name));
    // Nonce and the begin of the ciphertext are enough to know a row by.
    std::set<std::string> parts;
    for (const SealedBytes& sealed : erased) parts.emplace(sealed.begin() + 10, sealed.begin() + 42);
    std::size_t found = 0;
    for (std::size_t at = 0; at + 32 <= bytes.size(); ++at) {
      found += parts.contains(bytes.substr(at, 32)) ? 1u : 0u;
    }
    const bool is_database = std::string_view(name) == "store.sqlite";
    EXPECT_LE(found, is_database ? erased.size() / 100 : 0) << name;
  }
}

TEST_P(EraseTest, NobodyIsErasedIfAnAnchorCannotBeTold) {
  const Clinic clinic(GetParam(), true);
  const std::string id = clinic.Admit("1");
  const Vault vault = clinic.Open();
  std::filesystem::remove(clinic.far_anchor());
  const ErasureTarget target = Clinic::Mrn("1");
  EXPECT_THAT(vault.Erase({&target, 1}, kReason), HasCode(StatusCode::kNotFound));
  Expect(CreateFileAnchor(clinic.far_anchor()));
  Expect(Resolver::Create(vault).Resolve(id, kReason).status());
  EXPECT_EQ(clinic.Resolve(id), "1");
}

TEST_P(EraseTest, AReasonThatCannotBeIsRefused) {
  const Clinic clinic(GetParam());
  const ErasureTarget target = Clinic::Mrn("1");
  const std::string long_text(129, 'a');
  EXPECT_THAT(clinic.Open().Erase({&target, 1}, {.actor = long_text}),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(clinic.Open().Erase({&target, 1}, {.purpose = "a\nb"}),
              HasCode(StatusCode::kInvalidArgument));
}

// D3 of the defects that others have: erased persons live on in backups.
TEST_P(RestoreTest, D3ErasedPersonsDoNotComeBackWithABackup) {
  enum class Loss { kNone, kStore, kStoreAndHead };
  for (const Loss loss : {Loss::kNone, Loss::kStore, Loss::kStoreAndHead}) {
    const Clinic clinic(GetParam(), true);
    const std::string kept = clinic.Admit("kept");
    const auto rows = clinic.RowCounts();
    const std::string gone = clinic.Admit("gone");
    const std::string gone_too = clinic.Admit("gone", Visit("visit-1"));
    clinic.Bind("PA_1", gone);
    const std::string backup = clinic.BackUp();
    clinic.Erase({Clinic::Mrn("gone")});
    const std::string later = clinic.Admit("later");
    if (loss != Loss::kNone) clinic.LoseStore();
    if (loss == Loss::kStoreAndHead) std::filesystem::remove(clinic.file("store.head"));

    ASSERT_THAT(clinic.Restore(backup), IsOk());
    for (const std::string& id : {gone, gone_too, std::string("PA_1")}) {
      EXPECT_EQ(clinic.Resolve(id), "not_found");
    }
    // In the other direction nothing is left under the person's tags.
    EXPECT_EQ(clinic.RowCounts(), rows);
    EXPECT_THAT(clinic.Erase({Clinic::Mrn("gone")}), ::testing::ElementsAre(false));
    EXPECT_EQ(clinic.Resolve(kept), "kept");
    EXPECT_EQ(clinic.Resolve(later), "not_found");
    EXPECT_TRUE(clinic.IsIntact());
    // And a second time, from what was restored.
    const std::string second = clinic.BackUp();
    clinic.LoseStore();
    ASSERT_THAT(clinic.Restore(second), IsOk());
    EXPECT_EQ(clinic.Resolve(gone), "not_found");
    EXPECT_EQ(clinic.Resolve(kept), "kept");
  }
}

TEST_P(RestoreTest, AnOlderCopyThatIsAcceptedBringsNobodyBack) {
  const Clinic clinic(GetParam());
  const std::string gone = clinic.Admit("gone");
  const std::string kept = clinic.Admit("kept");
  Expect(Expect(OpenSqliteStore(clinic.path()))->Checkpoint().status());
  const std::string copy = ReadBytes(clinic.file("store.sqlite"));
  clinic.Erase({Clinic::Mrn("gone")});
  clinic.LoseStore();
  testing::WriteBytes(clinic.file("store.sqlite"), copy);
  ASSERT_THAT(Vault::Open(clinic.path()), HasCode(StatusCode::kRolledBack));
  Expect(Vault::Accept(clinic.path(), Protector::Remembered()));
  EXPECT_EQ(clinic.Resolve(gone), "not_found");
  EXPECT_EQ(clinic.Resolve(kept), "kept");
  EXPECT_TRUE(clinic.IsIntact());
}

TEST_P(RestoreTest, WhoWasAdmittedAgainBeforeTheBackupStays) {
  const Clinic clinic(GetParam());
  clinic.Admit("1");
  clinic.Erase({Clinic::Mrn("1")});
  const std::string again = clinic.Admit("1");
  const std::string backup = clinic.BackUp();
  clinic.LoseStore();
  ASSERT_THAT(clinic.Restore(backup), IsOk());
  EXPECT_EQ(clinic.Resolve(again), "1");
}

TEST_P(RestoreTest, TheStoreIsThatOfTheBackupAndCountsOn) {
  const Clinic clinic(GetParam());
  const std::string before = clinic.Admit("before");
  clinic.Bind("PA_1", before);
  const std::string backup = clinic.BackUp();
  const std::string after = clinic.Admit("after");
  Expect(clinic.Open().RotateKeys(KeyKind::kStorage));
  const std::uint64_t counter = clinic.Counter();
  ASSERT_THAT(clinic.Restore(backup), IsOk());
  EXPECT_GT(clinic.Counter(), counter);
  EXPECT_TRUE(clinic.IsIntact());
  EXPECT_EQ(clinic.Resolve("PA_1"), "before");
  EXPECT_EQ(clinic.Resolve(after), "not_found");
  EXPECT_EQ(clinic.Admit("before"), before);
  EXPECT_FALSE(std::filesystem::exists(clinic.file("restoring")));
}

TEST_P(RestoreTest, ABackupHoldsWhatWasThereWhenItBeganAndNothingOfThePersonsInClear) {
  const Clinic clinic(GetParam());
  const std::string first = clinic.Admit("first-person-marker");
  std::string backup;
  std::string second;
  Expect(clinic.Open().Backup([&](std::span<const std::uint8_t> part) {
    if (second.empty()) second = clinic.Admit("second");
    backup.append(part.begin(), part.end());
    return Status::Ok();
  }));
  EXPECT_THAT(testing::FindMarker(backup, "first-person-marker"), ::testing::IsEmpty());
  EXPECT_THAT(testing::FindMarker(backup, "Xqzmarker first"), ::testing::IsEmpty());
  ASSERT_THAT(clinic.Restore(backup), IsOk());
  EXPECT_EQ(clinic.Resolve(first), "first-person-marker");
  EXPECT_EQ(clinic.Resolve(second), "not_found");
}

TEST_P(RestoreTest, ALiveStoreIsKeptUnlessItIsToBeReplaced) {
  const Clinic clinic(GetParam());
  const std::string id = clinic.Admit("1");
  const std::string backup = clinic.BackUp();
  const Content before = clinic.Rows();
  EXPECT_THAT(clinic.Restore(backup, {}), HasCode(StatusCode::kConflict));
  {
    const Vault vault = clinic.Open();
    EXPECT_THAT(clinic.Restore(backup), HasCode(StatusCode::kConflict));
  }
  EXPECT_EQ(clinic.Rows(), before);
  clinic.LoseStore();
  EXPECT_THAT(clinic.Restore(backup, {}), IsOk());
  EXPECT_EQ(clinic.Resolve(id), "1");
}

TEST_P(RestoreTest, WhatIsNoWholeBackupOfThisVaultIsRefusedAndChangesNothing) {
  const Clinic clinic(GetParam());
  clinic.Admit("1");
  const std::string backup = clinic.BackUp();
  const Content before = clinic.Rows();
  std::vector<std::string> wrong = {"", "not a backup", backup.substr(0, backup.size() - 1),
                                    backup + "x", Clinic(GetParam()).BackUp()};
  for (std::size_t at = 0; at < backup.size(); at += 397) {
    wrong.push_back(backup);
    wrong.back()[at] ^= 1;
  }
  for (const std::string& one : wrong) EXPECT_FALSE(clinic.Restore(one).ok());
  EXPECT_EQ(clinic.Rows(), before);
  EXPECT_TRUE(clinic.IsIntact());
}

TEST_P(RestoreTest, ADamagedStoreIsReplaced) {
  const Clinic clinic(GetParam());
  const std::string id = clinic.Admit("1");
  const std::string backup = clinic.BackUp();
  clinic.LoseStore();
  testing::WriteBytes(clinic.file("store.sqlite"), std::string(5000, 'x'));
  EXPECT_THAT(clinic.Restore(backup, {}), HasCode(StatusCode::kConflict));
  ASSERT_THAT(clinic.Restore(backup), IsOk());
  EXPECT_EQ(clinic.Resolve(id), "1");
}

TEST_P(RestoreTest, ALostAnchorStopsItUnlessItIsDropped) {
  const Clinic clinic(GetParam(), true);
  const std::string id = clinic.Admit("1");
  const std::string backup = clinic.BackUp();
  clinic.LoseStore();
  std::filesystem::remove(clinic.far_anchor());
  EXPECT_THAT(clinic.Restore(backup), HasCode(StatusCode::kNotFound));
  ASSERT_THAT(clinic.Restore(backup, {.drop_anchor = true}), IsOk());
  EXPECT_EQ(clinic.Resolve(id), "1");
  EXPECT_TRUE(clinic.IsIntact());
}

TEST_P(RestoreTest, AnAlteredLogOfAnAnchorStopsIt) {
  const Clinic clinic(GetParam());
  clinic.Admit("1");
  const std::string backup = clinic.BackUp();
  clinic.Erase({Clinic::Mrn("1")});
  clinic.LoseStore();
  std::string head = ReadBytes(clinic.file("store.head"));
  ASSERT_EQ(head.size(), 1024 + 128);
  head[1024 + 30] ^= 1;
  testing::WriteBytes(clinic.file("store.head"), head);
  EXPECT_THAT(clinic.Restore(backup), HasCode(StatusCode::kAltered));
}

// Killed at each system call in turn: the vault has the one store or the other, never anything else,
// and whoever was erased is in neither.
TEST(RestoreStepsTest, AKilledRestoreLeavesTheOneStoreOrTheOther) {
  const Clinic clinic(VaultMode::kDerived);
  const std::string gone = clinic.Admit("gone");
  const std::string kept = clinic.Admit("kept");
  const std::string backup = clinic.BackUp();
  clinic.Erase({Clinic::Mrn("gone")});
  const std::string later = clinic.Admit("later");
  const TemporaryFolder copies;
  const std::string copy = copies.File("vault");
  std::filesystem::copy(clinic.path(), copy);
  int old_stores = 0;
  int new_stores = 0;
  for (int call = 0;; ++call) {
    const std::string answer = InChild([&] {
      SystemCalls::Arm(call, 0);
      const Status status = clinic.Restore(backup);
      SystemCalls::Disarm();
      return std::string(StatusCodeName(status.code()));
    });
    EXPECT_TRUE(clinic.IsIntact()) << call;
    const std::array<std::string_view, 3> ids = {gone, kept, later};
    const auto found = Expect(Resolver::Create(clinic.Open()).ResolveMany(ids, kReason));
    EXPECT_FALSE(found[0]) << call;
    EXPECT_TRUE(found[1]) << call;
    ++(found[2] ? old_stores : new_stores);
    std::filesystem::remove_all(clinic.path());
    std::filesystem::copy(copy, clinic.path());
    if (answer == "ok") break;
    ASSERT_EQ(answer, "died of signal " + std::to_string(SIGKILL));
  }
  EXPECT_GE(old_stores, 20);
  EXPECT_GE(new_stores, 2);
  // What a killed one has left does not stand in the way of the next.
  InChild([&] {
    SystemCalls::Arm(old_stores / 2, 0);
    return std::string(StatusCodeName(clinic.Restore(backup).code()));
  });
  EXPECT_TRUE(std::filesystem::exists(clinic.file("restoring")));
  ASSERT_THAT(clinic.Restore(backup), IsOk());
  EXPECT_FALSE(std::filesystem::exists(clinic.file("restoring")));
}

INSTANTIATE_TEST_SUITE_P(Modes, EraseTest,
                         ::testing::Values(VaultMode::kDerived, VaultMode::kEnrolled),
                         NameOfMode);
INSTANTIATE_TEST_SUITE_P(Modes, RestoreTest,
                         ::testing::Values(VaultMode::kDerived, VaultMode::kEnrolled),
                         NameOfMode);

}  // namespace
}  // namespace moniker
