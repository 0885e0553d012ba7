// Records that are sealed anew, epochs of storage keys that end, keyrings under another protector,
// and what a vault counts and declares.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
#include "moniker/sqlite_backend.h"
#include "moniker/vault.h"
#include "store/manifest.h"
#include "support/child_process.h"
#include "support/status_matchers.h"
#include "support/test_vault.h"
#include "vault/system_calls.h"

namespace moniker {
namespace {

using testing::Content;
using ::testing::Each;
using testing::Expect;
using testing::FailingBackend;
using testing::Faults;
using testing::HasCode;
using testing::HasCodeAt;
using testing::InChild;
using testing::IsOk;
using testing::kAllTables;
using testing::StorageKind;
using testing::SystemCalls;
using testing::TemporaryFolder;
using testing::TestVault;
using ::testing::UnorderedElementsAre;

constexpr AccessReason kReason = {.actor = "test", .purpose = "test"};
constexpr VaultMode kModes[] = {VaultMode::kDerived, VaultMode::kEnrolled};

std::string IdOf(const Vault& vault, const std::string& id, const Scope& scope = Scope::App()) {
  const IdentityGate gate = Expect(IdentityGate::Create(vault, {.scope = scope}));
  return Expect(gate.Admit({.issuer = "mrn", .id = id, .name = "Zz"}, "Patient")).external_id();
}

std::vector<std::string> AdmitMany(const Vault& vault, int count) {
  std::vector<std::string> numbers;
  for (int i = 0; i < count; ++i) numbers.push_back(std::to_string(i));
  std::vector<PersonView> persons;
  for (const std::string& id : numbers)
    persons.push_back({.issuer = "mrn", .id = id, .name = "Zz"});
  const std::vector<std::string_view> roles(persons.size(), "Patient");
  const IdentityGate gate = Expect(IdentityGate::Create(vault, {.scope = Scope::App()}));
  std::vector<std::string> ids;
  for (const SessionIdentity& one : Expect(gate.AdmitMany(persons, roles))) {
    ids.push_back(one.external_id());
  }
  return ids;
}

// Who each of them is, or the code of the error.
std::vector<std::string> Who(const Vault& vault, const std::vector<std::string>& ids) {
  std::vector<std::string> answers;
  const Resolver resolver = Resolver::Create(vault);
  for (const std::string& id : ids) {
    const Result<Resolved> resolved = resolver.Resolve(id, kReason);
    answers.push_back(resolved.ok() ? std::string(resolved->person.id.Expose())
                                    : std::string(StatusCodeName(resolved.status().code())));
  }
  return answers;
}

// docs/formats/mapping-store.md, section 3: u32 epoch at byte 2, u32 version at byte 6.
std::uint32_t LittleEndianAt(const SealedBytes& sealed, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value |= std::uint32_t{sealed.at(at + i)} << (8 * i);
  return value;
}
std::uint32_t EpochOf(const SealedBytes& sealed) { return LittleEndianAt(sealed, 2); }
std::uint32_t VersionOf(const SealedBytes& sealed) { return LittleEndianAt(sealed, 6); }

std::map<std::uint32_t, int> RecordsByEpoch(const Content& content) {
  std::map<std::uint32_t, int> counts;
  for (const auto& [table, records] : content) {
    for (const SealedRecord& record : records) ++counts[EpochOf(record.sealed)];
  }
  return counts;
}

std::set<std::uint32_t> EpochsIn(StorageReader& tables) {
  std::set<std::uint32_t> epochs;
  for (const auto& [epoch, count] : RecordsByEpoch(testing::ContentOf(tables)))
    epochs.insert(epoch);
  return epochs;
}

// A vault in a folder with something in every table, whose storage key was rotated.
class ResealTest : public ::testing::TestWithParam<VaultMode> {
 protected:
  ResealTest() {
    Expect(vault().DeclareIssuer("mrn", IdentifierKind::kText));
    ids_ = AdmitMany(vault(), 5);
    who_ = {"0", "1", "2", "3", "4"};
    ids_.push_back(IdOf(vault(), "0", Expect(Scope::Conference("visit-42"))));
    const IdentityGate::Binding binding{"part-1", ids_[1]};
    Expect(Expect(IdentityGate::BindMany(vault(), {&binding, 1})).at(0));
    ids_.push_back("part-1");
    who_.insert(who_.end(), {"0", "1"});
    Expect(Resolver::Create(vault()).Resolve(ids_[0], kReason).status());
    IdOf(vault(), "9");
    const ErasureTarget erased = Identifier{"mrn", "9"};
    Expect(vault().Erase({&erased, 1}).status());  // leaves a tombstone
  }

  const Vault& vault() const { return *test_.vault; }
  void Rotate() const { Expect(vault().RotateKeys(KeyKind::kStorage)); }

  TestVault test_{StorageKind::kSqlite, "", GetParam()};
  std::vector<std::string> ids_;
  std::vector<std::string> who_;  // of each of ids_
};

std::string NameOf(const ::testing::TestParamInfo<VaultMode>& mode) {
  return std::string(VaultModeName(mode.param));
}

INSTANTIATE_TEST_SUITE_P(Modes, ResealTest, ::testing::ValuesIn(kModes), NameOf);

// --- Reseal ---

TEST_P(ResealTest, AfterItNoRecordNamesAnOlderEpochAndEverythingResolves) {
  for (const Table table : kAllTables) {
    // A derived vault finds a person by a tag of the identifier itself.
    const bool unused = table == Table::kIdentifier && GetParam() == VaultMode::kDerived;
    ASSERT_GE(Expect(test_.tables->Count(table)), unused ? 0u : 1u) << static_cast<int>(table);
  }
  Rotate();
  ASSERT_THAT(EpochsIn(*test_.tables), UnorderedElementsAre(1, 2));
  ASSERT_THAT(vault().Reseal(), IsOk());
  EXPECT_THAT(EpochsIn(*test_.tables), UnorderedElementsAre(2));
  EXPECT_EQ(Who(vault(), ids_), who_);
  EXPECT_EQ(Who(Expect(Vault::Open(test_.path())), ids_), who_);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(IdOf(vault(), std::to_string(i)), ids_[std::size_t(i)]);
}

TEST_P(ResealTest, VersionsGoUpByOneOfWhatWasOldAndTagsStay) {
  Rotate();
  const Content before = test_.content();
  ASSERT_THAT(vault().Reseal(), IsOk());
  const Content after = test_.content();
  for (const Table table : kAllTables) {
    ASSERT_EQ(after.at(table).size(), before.at(table).size());
    for (std::size_t i = 0; i < before.at(table).size(); ++i) {
      const SealedRecord& old = before.at(table)[i];
      const SealedRecord& now = after.at(table)[i];
      EXPECT_EQ(now.tag, old.tag);
      EXPECT_EQ(now.sealed.size(), old.sealed.size());
      if (internal::IsManifest(table, now.tag)) {
        EXPECT_NE(now, old);  // written with every change
      } else if (EpochOf(old.sealed) == 2) {
        EXPECT_EQ(now, old);
      } else {
        EXPECT_EQ(VersionOf(now.sealed), VersionOf(old.sealed) + 1);
      }
    }
  }
}

TEST_P(ResealTest, OfWhatStandsUnderTheNewestNothingIsWritten) {
  const Content fresh = test_.content();
  ASSERT_THAT(vault().Reseal(), IsOk());
  EXPECT_EQ(test_.content(), fresh);
  Rotate();
  ASSERT_THAT(vault().Reseal(), IsOk());
  const Content once = test_.content();
  ASSERT_THAT(vault().Reseal(), IsOk());
  ASSERT_THAT(Expect(Vault::Open(test_.path())).Reseal(), IsOk());
  EXPECT_EQ(test_.content(), once);
}

TEST_P(ResealTest, SeveralOldEpochsBecomeOne) {
  Rotate();
  ids_.push_back(IdOf(vault(), "5"));
  who_.push_back("5");
  Rotate();
  ids_.push_back(IdOf(vault(), "6"));
  who_.push_back("6");
  ASSERT_THAT(EpochsIn(*test_.tables), UnorderedElementsAre(1, 2, 3));
  ASSERT_THAT(vault().Reseal(), IsOk());
  EXPECT_THAT(EpochsIn(*test_.tables), UnorderedElementsAre(3));
  EXPECT_EQ(Who(vault(), ids_), who_);
}

TEST_P(ResealTest, RotationsOfTheOtherKindsNeedNoneAndAreNoObstacle) {
  Expect(vault().RotateKeys(KeyKind::kIndex));
  Expect(vault().RotateKeys(KeyKind::kIdentity));
  const Content before = test_.content();
  ASSERT_THAT(vault().Reseal(), IsOk());
  EXPECT_EQ(test_.content(), before);
  Rotate();
  ASSERT_THAT(vault().Reseal(), IsOk());
  EXPECT_THAT(EpochsIn(*test_.tables), UnorderedElementsAre(2));
  EXPECT_EQ(Who(vault(), ids_), who_);
}

// --- Progress ---

struct Step {
  std::uint64_t done;
  std::uint64_t total;
};

TEST_P(ResealTest, ProgressOnlyGrowsAndEndsAtTheTotal) {
  AdmitMany(vault(), 1100);
  Rotate();
  std::uint64_t records = 0;
  for (const Table table : kAllTables) records += Expect(test_.tables->Count(table));
  std::vector<Step> steps;
  ASSERT_THAT(vault().Reseal([&](std::uint64_t done, std::uint64_t total) {
    steps.push_back({done, total});
  }),
              IsOk());
  ASSERT_GE(steps.size(), 4u);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    EXPECT_EQ(steps[i].total, records);
    if (i > 0) {
      EXPECT_GT(steps[i].done, steps[i - 1].done);
    }
  }
  EXPECT_EQ(steps.back().done, records);
}

TEST_P(ResealTest, ProgressNeverPassesTheTotalThoughOthersAddRecords) {
  Rotate();
  const Vault other = Expect(Vault::Open(test_.path()));
  int added = 100;
  std::optional<Step> last;
  ASSERT_THAT(vault().Reseal([&](std::uint64_t done, std::uint64_t total) {
    EXPECT_LE(done, total);
    last = {done, total};
    for (int i = 0; i < 5; ++i) IdOf(other, std::to_string(added++));
  }),
              IsOk());
  ASSERT_TRUE(last);
  EXPECT_EQ(last->done, last->total);
}

// --- Interruptions ---

// Over memory, where each call can be let fail: one epoch more for each call.
TEST(InterruptedResealTest, AfterAFailureOfAnyCallEverythingResolvesAndItGoesOn) {
  const std::shared_ptr<StorageBackend> tables = MakeMemoryBackend();
  std::optional<Keyring> keyring = testing::SampleKeyring();
  Expect(Vault::Initialize(*keyring, tables.get(), ""));
  std::vector<std::string> ids;
  const std::vector<std::string> who = {"0", "1", "2"};
  int failed = 0;
  for (int call = 0;; ++call) {
    SCOPED_TRACE(call);
    std::optional<Keyring> next = Expect(keyring->WithNewEpoch(KeyKind::kStorage));
    const std::uint32_t newest = next->NewestEpoch(KeyKind::kStorage);
    {
      const Vault before =
          Expect(Vault::Assemble(*std::move(keyring), std::make_unique<FailingBackend>(
                                                          tables, std::make_shared<Faults>())));
      if (ids.empty()) ids = AdmitMany(before, 3);
      ASSERT_EQ(Who(before, ids), who);
    }
    keyring = Expect(next->WithNewEpoch(KeyKind::kIdentity));  // a copy for the next round
    const auto faults = std::make_shared<Faults>();
    const Vault vault =
        Expect(Vault::Assemble(*std::move(next), std::make_unique<FailingBackend>(tables, faults)));
    faults->Arm(call, Status(StatusCode::kNoSpace, "full"));
    const Status status = vault.Reseal();
    const bool reached = faults->armed_call_reached();
    faults->Arm(Faults::kNever, Status::Ok());
    if (reached) {
      ++failed;
      EXPECT_THAT(status, HasCode(StatusCode::kNoSpace));
      EXPECT_EQ(Who(vault, ids), who);
      EXPECT_THAT(vault.Reseal(), IsOk());
    } else {
      EXPECT_THAT(status, IsOk());
    }
    EXPECT_THAT(EpochsIn(*tables), UnorderedElementsAre(newest));
    EXPECT_EQ(Who(vault, ids), who);
    if (!reached) break;
  }
  EXPECT_GE(failed, 30);
}

TEST(InterruptedResealTest, WhatIsDoneStaysDoneAndIsNotDoneAgain) {
  const std::shared_ptr<StorageBackend> tables = MakeMemoryBackend();
  Keyring first = testing::SampleKeyring();
  Keyring second = Expect(first.WithNewEpoch(KeyKind::kStorage));
  Expect(Vault::Initialize(first, tables.get(), ""));
  std::vector<std::string> ids;
  {
    const Vault vault = Expect(Vault::Assemble(
        std::move(first), std::make_unique<FailingBackend>(tables, std::make_shared<Faults>())));
    ids = AdmitMany(vault, 1500);
  }
  const Content before = testing::ContentOf(*tables);
  const auto faults = std::make_shared<Faults>();
  const Vault vault =
      Expect(Vault::Assemble(std::move(second), std::make_unique<FailingBackend>(tables, faults)));
  // Fails in the call behind the first full step.
  bool armed = false;
  const Status status = vault.Reseal([&](std::uint64_t done, std::uint64_t) {
    if (done < 1000 || armed) return;
    armed = true;
    faults->Arm(0, Status(StatusCode::kIo, "gone"));
  });
  EXPECT_THAT(status, HasCode(StatusCode::kIo));
  faults->Arm(Faults::kNever, Status::Ok());
  const std::map<std::uint32_t, int> halfway = RecordsByEpoch(testing::ContentOf(*tables));
  EXPECT_GE(halfway.at(2), 1000);
  EXPECT_GE(halfway.at(1), 500);
  EXPECT_EQ(Who(vault, {ids[0], ids[777], ids[1499]}),
            (std::vector<std::string>{"0", "777", "1499"}));

  ASSERT_THAT(vault.Reseal(), IsOk());
  const Content after = testing::ContentOf(*tables);
  EXPECT_EQ(RecordsByEpoch(after).size(), 1u);
  for (const Table table : {Table::kPerson, Table::kExternalId, Table::kIdentifier}) {
    ASSERT_EQ(after.at(table).size(), before.at(table).size());
    for (std::size_t i = 0; i < after.at(table).size(); ++i) {
      EXPECT_EQ(VersionOf(after.at(table)[i].sealed), VersionOf(before.at(table)[i].sealed) + 1);
    }
  }
}

// --- While others work ---

TEST_P(ResealTest, AnotherHolderAdmitsAndResolvesBetweenTheSteps) {
  AdmitMany(vault(), 1100);
  const Vault other = Expect(Vault::Open(test_.path()));
  Rotate();
  int step = 0;
  ASSERT_THAT(vault().Reseal([&](std::uint64_t, std::uint64_t) {
    const std::string number = "between-" + std::to_string(step++);
    ids_.push_back(IdOf(other, number));
    who_.push_back(number);
    EXPECT_EQ(Who(other, ids_), who_);
  }),
              IsOk());
  EXPECT_GE(step, 4);
  EXPECT_THAT(EpochsIn(*test_.tables), UnorderedElementsAre(2));
  EXPECT_EQ(Who(vault(), ids_), who_);
}

TEST_P(ResealTest, OneAtTheSameTimeAsAdmissionsAndAnotherResealLosesNothing) {
  AdmitMany(vault(), 1100);
  const Vault other = Expect(Vault::Open(test_.path()));
  const Vault third = Expect(Vault::Open(test_.path()));
  Rotate();
  std::vector<std::string> added;
  Status of_third;
  std::thread admitting([&] {
    for (int i = 2000; i < 2040; ++i) added.push_back(IdOf(other, std::to_string(i)));
  });
  std::thread resealing([&] { of_third = third.Reseal(); });
  EXPECT_THAT(vault().Reseal(), IsOk());
  admitting.join();
  resealing.join();
  EXPECT_THAT(of_third, IsOk());
  EXPECT_THAT(EpochsIn(*test_.tables), UnorderedElementsAre(2));
  EXPECT_EQ(Who(vault(), ids_), who_);
  for (int i = 2000; i < 2040; ++i) {
    EXPECT_EQ(Who(vault(), {added.at(std::size_t(i - 2000))}),
              std::vector<std::string>{std::to_string(i)});
  }
}

// --- The end of a storage epoch ---

TEST_P(ResealTest, AStorageEpochEndsOnceNoRecordStandsUnderIt) {
  const Vault other = Expect(Vault::Open(test_.path()));
  Rotate();
  const Content before = test_.content();
  EXPECT_THAT(vault().DestroyEpoch(KeyKind::kStorage, 1), HasCode(StatusCode::kConflict));
  EXPECT_THAT(other.DestroyEpoch(KeyKind::kStorage, 1), HasCode(StatusCode::kConflict));
  EXPECT_EQ(test_.content(), before);
  EXPECT_THAT(vault().DestroyEpoch(KeyKind::kStorage, 2),
              HasCodeAt(StatusCode::kInvalidArgument, 2));
  EXPECT_THAT(vault().DestroyEpoch(KeyKind::kStorage, 3), HasCodeAt(StatusCode::kNotFound, 3));

  ASSERT_THAT(vault().Reseal(), IsOk());
  ASSERT_THAT(vault().DestroyEpoch(KeyKind::kStorage, 1), IsOk());
  EXPECT_THAT(vault().keyring()->Epochs(KeyKind::kStorage), ::testing::ElementsAre(2));
  EXPECT_EQ(Who(vault(), ids_), who_);
  EXPECT_EQ(Who(other, ids_), who_);
  EXPECT_EQ(Who(Expect(Vault::Open(test_.path())), ids_), who_);
  EXPECT_EQ(IdOf(other, "0"), ids_[0]);
  EXPECT_EQ(IdOf(other, "new").size(), 32u);
  EXPECT_THAT(vault().DestroyEpoch(KeyKind::kStorage, 1), HasCodeAt(StatusCode::kNotFound, 1));
  // Numbers are not used again.
  Rotate();
  EXPECT_THAT(vault().keyring()->Epochs(KeyKind::kStorage), ::testing::ElementsAre(2, 3));
}

TEST_P(ResealTest, OneRecordIsEnoughToKeepAnEpoch) {
  Rotate();
  ASSERT_THAT(vault().Reseal(), IsOk());
  const SealedRecord last = testing::ScanAll(*test_.tables, Table::kAudit).back();
  Rotate();
  ASSERT_THAT(vault().Reseal(), IsOk());
  testing::PutOne(*test_.tables, Table::kAudit, last);
  EXPECT_THAT(vault().DestroyEpoch(KeyKind::kStorage, 2), HasCode(StatusCode::kConflict));
  EXPECT_THAT(vault().DestroyEpoch(KeyKind::kStorage, 1), IsOk());
  ASSERT_THAT(vault().Reseal(), IsOk());
  EXPECT_THAT(vault().DestroyEpoch(KeyKind::kStorage, 2), IsOk());
}

// What a destroyed epoch is good for: records of before say nothing to who has the keyring of now.
TEST_P(ResealTest, OldRecordsOpenWithTheOldKeyringAlone) {
  const std::string old_vault = test_.folder.File("old.vault");
  std::filesystem::copy(test_.path(), old_vault);
  Rotate();
  ASSERT_THAT(vault().Reseal(), IsOk());
  ASSERT_THAT(vault().DestroyEpoch(KeyKind::kStorage, 1), IsOk());

  EXPECT_EQ(Who(Expect(Vault::Open(old_vault)), ids_), who_);
  const std::string mixed = test_.folder.File("mixed.vault");
  std::filesystem::copy(old_vault, mixed);
  std::filesystem::copy_file(test_.path() + "/keyring", mixed + "/keyring",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(Vault::Open(mixed), HasCode(StatusCode::kAltered));

  std::filesystem::copy_file(old_vault + "/keyring", test_.path() + "/keyring",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(Vault::Open(test_.path()), HasCode(StatusCode::kAltered));
}

// --- Another protector ---

constexpr Protector::PassphraseCost kCheapest = {.passes = 1, .memory_kib = 65'536};

class RewrapTest : public ::testing::Test {
 protected:
  RewrapTest() {
    Expect(Vault::Create(Path("v"), {.keyring = {.app = "clinic-7"}}, NewKeyFile("first.key")));
  }

  std::string Path(std::string_view name) const { return folder_.File(name); }
  Protector NewKeyFile(std::string_view name) const {
    return Expect(Protector::NewKeyFile(Path(name)));
  }
  Protector KeyFile(std::string_view name) const { return Expect(Protector::KeyFile(Path(name))); }
  static Protector Passphrase(std::string_view text = "open sesame") {
    return Expect(Protector::Passphrase(testing::Secret(text), kCheapest));
  }
  Result<Vault> Open(const Protector& protector) const { return Vault::Open(Path("v"), protector); }
  std::string KeyringFile() const { return testing::ReadBytes(Path("v/keyring")); }

  TemporaryFolder folder_;
};

TEST_F(RewrapTest, FromAKeyFileToAPassphraseToAnotherKeyFile) {
  const Vault vault = Expect(Open(KeyFile("first.key")));
  const std::string id = IdOf(vault, "1");
  ASSERT_THAT(vault.Rewrap(Passphrase()), IsOk());
  EXPECT_THAT(Open(KeyFile("first.key")), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(Open(Protector::Remembered()), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(Open(Passphrase("open says me")), HasCode(StatusCode::kWrongKey));
  EXPECT_EQ(Who(Expect(Open(Passphrase())), {id}), std::vector<std::string>{"1"});
  EXPECT_EQ(Expect(Keyring::RememberedKeyFile(Path("v/keyring"))), "");

  ASSERT_THAT(vault.Rewrap(NewKeyFile("second.key")), IsOk());
  EXPECT_THAT(Open(Passphrase()), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(Open(KeyFile("first.key")), HasCode(StatusCode::kWrongKey));
  EXPECT_EQ(Expect(Keyring::RememberedKeyFile(Path("v/keyring"))), Path("second.key"));
  EXPECT_EQ(Who(Expect(Open(Protector::Remembered())), {id}), std::vector<std::string>{"1"});
  EXPECT_EQ(IdOf(vault, "1"), id);
}

TEST_F(RewrapTest, NoKeyAndNoRecordChanges) {
  const Vault vault = Expect(Open(KeyFile("first.key")));
  const std::string id = IdOf(vault, "1");
  const std::unique_ptr<StorageBackend> tables = Expect(OpenSqliteStore(Path("v")));
  const Content before = testing::ContentOf(*tables);
  const std::string file = KeyringFile();
  ASSERT_THAT(vault.Rewrap(NewKeyFile("second.key")), IsOk());
  EXPECT_NE(KeyringFile(), file);
  EXPECT_EQ(testing::ModeOf(Path("v/keyring")), 0600u);
  EXPECT_EQ(testing::ContentOf(*tables), before);  // "no data is touched"
  testing::WriteBytes(Path("v/keyring"), file);
  EXPECT_EQ(Who(Expect(Open(KeyFile("first.key"))), {id}), std::vector<std::string>{"1"});
}

TEST_F(RewrapTest, TheVaultGoesOnAndCanRotateAfterwards) {
  const Vault vault = Expect(Open(Protector::Remembered()));
  const std::string id = IdOf(vault, "1");
  for (int round = 0; round < 2; ++round) {
    if (round == 0) {
      ASSERT_THAT(vault.Rewrap(Passphrase()), IsOk());
    } else {
      ASSERT_THAT(vault.Rewrap(NewKeyFile("second.key")), IsOk());
    }
    EXPECT_EQ(IdOf(vault, "1"), id);
    EXPECT_THAT(vault.RotateKeys(KeyKind::kStorage), IsOk());
    EXPECT_THAT(vault.RotateKeys(KeyKind::kIndex), IsOk());
    EXPECT_THAT(vault.Reseal(), IsOk());
    EXPECT_EQ(Who(vault, {id}), std::vector<std::string>{"1"});
  }
  EXPECT_THAT(vault.RotateKeys(KeyKind::kIdentity), IsOk());
  EXPECT_NE(IdOf(vault, "1"), id);
  EXPECT_EQ(Who(Expect(Open(KeyFile("second.key"))), {id}), std::vector<std::string>{"1"});
}

// "Whoever has the vault open keeps it, but after the next rotation has to open it again."
TEST_F(RewrapTest, WhoHasTheVaultOpenKeepsItUntilTheNextRotation) {
  const Vault vault = Expect(Open(KeyFile("first.key")));
  const std::string id = IdOf(vault, "1");
  const Vault other = Expect(Open(KeyFile("first.key")));
  const Vault untouched = Expect(Open(KeyFile("first.key")));
  EXPECT_EQ(IdOf(other, "1"), id);
  ASSERT_THAT(vault.Rewrap(NewKeyFile("second.key")), IsOk());
  for (const Vault* const one : {&other, &untouched}) {
    EXPECT_EQ(Who(*one, {id}), std::vector<std::string>{"1"});
    EXPECT_EQ(IdOf(*one, "1"), id);
    EXPECT_EQ(IdOf(*one, "2"), IdOf(vault, "2"));
  }
  ASSERT_THAT(vault.RotateKeys(KeyKind::kStorage), IsOk());
  EXPECT_EQ(Who(other, {id}), std::vector<std::string>{"wrong_key"});
  EXPECT_EQ(Who(Expect(Open(KeyFile("second.key"))), {id}), std::vector<std::string>{"1"});
}

TEST_F(RewrapTest, WhatIsOnlyForOpeningIsRefusedAndLeavesTheFile) {
  const Vault vault = Expect(Open(KeyFile("first.key")));
  const std::string file = KeyringFile();
  EXPECT_THAT(vault.Rewrap(Protector::Remembered()), HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(KeyringFile(), file);
  EXPECT_THAT(vault.RotateKeys(KeyKind::kStorage), IsOk());
  const TestVault memory(StorageKind::kMemory);
  EXPECT_THAT(memory.vault->Rewrap(KeyFile("first.key")), HasCode(StatusCode::kUnsupported));
}

TEST_F(RewrapTest, AFailedSystemCallLeavesAKeyringThatOneOfTheTwoOpens) {
  Protector from = KeyFile("first.key");
  Protector to = NewKeyFile("second.key");
  const std::string id = IdOf(Expect(Open(from)), "1");
  int failed = 0;
  for (int call = 0;; ++call) {
    const Vault vault = Expect(Open(from));
    const std::string file = KeyringFile();
    SystemCalls::Arm(call, ENOSPC);
    const Status status = vault.Rewrap(to);
    if (!SystemCalls::Disarm()) {
      EXPECT_THAT(status, IsOk());
      break;
    }
    const std::string name = SystemCalls::last_failed();
    SCOPED_TRACE("call " + std::to_string(call) + ", " + name);
    const bool replaced = KeyringFile() != file;
    if (status.ok()) {
      EXPECT_TRUE(replaced);
    } else {
      ++failed;
    }
    EXPECT_EQ(Open(from).ok(), !replaced);
    EXPECT_EQ(Open(to).ok(), replaced);
    EXPECT_EQ(Who(Expect(Open(replaced ? to : from)), {id}), std::vector<std::string>{"1"});
    EXPECT_EQ(Who(vault, {id}), std::vector<std::string>{"1"});
    EXPECT_THAT(vault.RotateKeys(KeyKind::kStorage), IsOk());
    for (const std::string& left : testing::NamesIn(Path("v"))) {
      EXPECT_THAT(left, ::testing::AnyOf("keyring", "store.head", "store.lock",
                                           ::testing::StartsWith("store.sqlite")));
    }
    if (replaced) std::swap(from, to);
  }
  EXPECT_GE(failed, 3);
}

// --- What a vault counts ---

TEST(CountTest, EveryKindOfRecordIsCountedOnItsOwn) {
  for (const StorageKind storage : {StorageKind::kMemory, StorageKind::kSqlite}) {
    for (const VaultMode mode : kModes) {
      const TestVault test(storage, "", mode);
      const Vault& vault = *test.vault;
      const auto expect = [&](const StoreCounts& wanted) {
        const StoreCounts counts = Expect(vault.Count());
        EXPECT_EQ(counts.persons, wanted.persons);
        EXPECT_EQ(counts.app_pseudonyms, wanted.app_pseudonyms);
        EXPECT_EQ(counts.conference_pseudonyms, wanted.conference_pseudonyms);
        EXPECT_EQ(counts.conferences, wanted.conferences);
        EXPECT_EQ(counts.participant_ids, wanted.participant_ids);
        EXPECT_EQ(counts.audit_entries, wanted.audit_entries);
      };
      expect({});
      const std::string id = IdOf(vault, "1");
      IdOf(vault, "1");
      IdOf(vault, "2");
      IdOf(vault, "1", Expect(Scope::Conference("a")));
      IdOf(vault, "2", Expect(Scope::Conference("a")));
      IdOf(vault, "3", Expect(Scope::Conference("b")));
      const IdentityGate::Binding binding{"part", id};
      Expect(Expect(IdentityGate::BindMany(vault, {&binding, 1})).at(0));
      EXPECT_EQ(Who(vault, {id, "part"}), (std::vector<std::string>{"1", "1"}));
      expect({.persons = 3,
              .app_pseudonyms = 2,
              .conference_pseudonyms = 3,
              .conferences = 2,
              .participant_ids = 1,
              .audit_entries = 2});
    }
  }
}

TEST(CountTest, RotationsAndResealsChangeNoCountButAnEpochHasItsOwnPseudonyms) {
  const TestVault test(StorageKind::kSqlite, "");
  const Vault& vault = *test.vault;
  IdOf(vault, "1");
  for (const KeyKind kind : {KeyKind::kStorage, KeyKind::kIndex, KeyKind::kIdentity}) {
    Expect(vault.RotateKeys(kind));
    Expect(vault.Reseal());
    EXPECT_EQ(Expect(vault.Count()).persons, 1u);
    EXPECT_EQ(Expect(vault.Count()).app_pseudonyms, 1u);
  }
  IdOf(vault, "1");
  EXPECT_EQ(Expect(vault.Count()).persons, 1u);
  EXPECT_EQ(Expect(vault.Count()).app_pseudonyms, 2u);
}

// --- Issuers that are declared from the start ---

class IssuersTest : public ::testing::Test {
 protected:
  Status Create(std::vector<IssuerKind> issuers) const {
    return Vault::Create(path_, {.keyring = {.app = "clinic-7"}, .issuers = std::move(issuers)},
                         key_);
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.File("v");
  Protector key_ = Expect(Protector::NewKeyFile(folder_.File("k")));
};

TEST_F(IssuersTest, TheyHaveTheirKindsFromTheFirstPersonOn) {
  ASSERT_THAT(Create({{"names.a", IdentifierKind::kText}, {"pager.a", IdentifierKind::kPhone}}),
              IsOk());
  const Vault vault = Expect(Vault::Open(path_));
  EXPECT_EQ(Expect(vault.KindOf("names.a")), IdentifierKind::kText);
  EXPECT_EQ(Expect(vault.KindOf("pager.a")), IdentifierKind::kPhone);
  EXPECT_EQ(Expect(vault.KindOf("email")), IdentifierKind::kEmail);
  EXPECT_EQ(Expect(vault.KindOf("other")), std::nullopt);
  EXPECT_THAT(vault.DeclareIssuer("names.a", IdentifierKind::kText), IsOk());
  EXPECT_THAT(vault.DeclareIssuer("names.a", IdentifierKind::kOpaque),
              HasCode(StatusCode::kConflict));
  const IdentityGate gate = Expect(IdentityGate::Create(vault, {.scope = Scope::App()}));
  EXPECT_EQ(Expect(gate.Admit({.issuer = "names.a", .id = "Quux  A", .name = "Zz"}, "Patient"))
                .external_id(),
            Expect(gate.Admit({.issuer = "names.a", .id = "QUUX a", .name = "Zz"}, "Patient"))
                .external_id());
}

TEST_F(IssuersTest, TheSameTwiceIsOne) {
  ASSERT_THAT(Create({{"names.a", IdentifierKind::kText}, {"names.a", IdentifierKind::kText}}),
              IsOk());
  EXPECT_EQ(Expect(Expect(Vault::Open(path_)).KindOf("names.a")), IdentifierKind::kText);
}

TEST_F(IssuersTest, TheNewVaultIsWholeInItsMainFiles) {
  ASSERT_THAT(Create({{"names.a", IdentifierKind::kText}}), IsOk());
  const std::string copy = folder_.File("copy");
  std::filesystem::create_directory(copy);
  for (const char* name : {"/keyring", "/store.sqlite", "/store.lock", "/store.head"}) {
    std::filesystem::copy_file(path_ + name, copy + name);
  }
  EXPECT_EQ(Expect(Expect(Vault::Open(copy)).KindOf("names.a")), IdentifierKind::kText);
}

TEST_F(IssuersTest, WhatCannotBeLeavesNoVault) {
  EXPECT_THAT(Create({{"Names A", IdentifierKind::kText}}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(Create({{"", IdentifierKind::kText}}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(Create({{"names.a", static_cast<IdentifierKind>(99)}}),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(Create({{"names.a", IdentifierKind::kText}, {"names.a", IdentifierKind::kEmail}}),
              HasCode(StatusCode::kConflict));
  EXPECT_THAT(Create({{"email", IdentifierKind::kText}}), HasCode(StatusCode::kConflict));
  EXPECT_THAT(testing::NamesIn(folder_.path()), UnorderedElementsAre("k"));
}

// --- Vaults that were moved from ---

TEST(MovedVaultTest, ResealDestroyEpochAndRewrapAreClosed) {
  EXPECT_EQ(InChild([] {
              TestVault test(StorageKind::kSqlite);
              const Vault moved = std::move(*test.vault);
              const Vault& empty = *test.vault;
              std::string codes;
              for (const Status& status :
                   {empty.Reseal(), empty.DestroyEpoch(KeyKind::kStorage, 1),
                    empty.Rewrap(Protector::Remembered()), empty.Count().status()}) {
                codes += std::string(StatusCodeName(status.code())) + " ";
              }
              return codes;
            }),
            "closed closed closed closed ");
}

}  // namespace
}  // namespace moniker
