// What another process does between two reads of one request: a request without the lock must not
// take it for damage.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "moniker/identity_gate.h"
#include "moniker/sqlite_backend.h"
#include "moniker/vault.h"
#include "store/mapping_store.h"
#include "support/status_matchers.h"
#include "support/test_vault.h"
#include "support/vault_kinds.h"

namespace moniker {
namespace {

using internal::Link;
using internal::MappingStore;
using testing::Expect;
using testing::HasCode;
using testing::IsOk;
using testing::StorageKind;
using testing::TestVault;

constexpr Identifier kMaria = {"mrn", "1"};
constexpr Identifier kMail = {"email", "maria@example.org"};

// Calls `before` once, before the first read of a table.
struct Hook {
  Table table = Table::kMeta;
  std::function<void()> before;

  void Reached(Table read) {
    if (read != table || !before) return;
    std::exchange(before, nullptr)();
  }
};

class HookedBackend final : public StorageBackend {
 public:
  HookedBackend(std::unique_ptr<StorageBackend> inner, Hook* hook)
      : inner_(std::move(inner)), hook_(hook) {}

  Status FindMany(Table table, std::span<const RecordTag> tags,
                  std::vector<std::optional<SealedBytes>>* found) override {
    hook_->Reached(table);
    return inner_->FindMany(table, tags, found);
  }
  Status Scan(Table table, const std::optional<RecordTag>& after, std::size_t limit,
              std::vector<SealedRecord>* records) override {
    hook_->Reached(table);
    return inner_->Scan(table, after, limit, records);
  }
  Result<std::optional<RecordTag>> LastTag(Table table) override { return inner_->LastTag(table); }
  Result<std::uint64_t> Count(Table table) override { return inner_->Count(table); }
  Result<std::unique_ptr<StorageTransaction>> Begin() override { return inner_->Begin(); }
  Result<StoreFormat> Format() override { return inner_->Format(); }
  Result<std::unique_ptr<StorageSnapshot>> Snapshot() override { return inner_->Snapshot(); }
  Result<bool> Checkpoint() override { return inner_->Checkpoint(); }

 private:
  std::unique_ptr<StorageBackend> inner_;
  Hook* hook_;
};

class RotationRaceTest : public ::testing::TestWithParam<VaultMode> {
 protected:
  RotationRaceTest() {
    Admit("Maria Jensen", LabelStyle::kCode);
    if (enrolled()) {
      const IdentifierPair pairs[] = {{kMaria, kMail}, {kMaria, {"mrn", "2"}}};
      Expect(others().AddIdentifiers(pairs));
    }
    store_ = Expect(MappingStore::Open(
        Load(), std::make_unique<HookedBackend>(Expect(OpenSqliteStore(test_.path())), &hook_),
        [this]() -> Result<Keyring> {
          ++loads_;
          return Load();
        }));
  }

  bool enrolled() const { return GetParam() == VaultMode::kEnrolled; }
  const Vault& others() const { return *test_.vault; }
  Keyring Load() const { return Expect(Vault::OpenKeyring(test_.path(), Protector::Remembered())); }

  // The other process.
  SessionIdentity Admit(std::string_view name, LabelStyle style) const {
    const IdentityGate gate =
        Expect(IdentityGate::Create(others(), {.scope = conference_, .label_style = style}));
    return Expect(gate.Admit({.issuer = kMaria.issuer, .id = kMaria.id, .name = name}, "Patient"));
  }

  // Before this store reads the table next, the other seals person and link under a new key.
  void ArmRotation(Table table) {
    hook_ = {table, [this] {
               Expect(others().RotateKeys(KeyKind::kStorage));
               Admit("Maria Hansen", LabelStyle::kWords);
             }};
  }

  // Whether it came to that.
  void ExpectReached() const { EXPECT_FALSE(hook_.before); }

  Result<std::vector<MappingStore::Admitted>> AdmitHere() {
    const PersonView person = {.issuer = kMaria.issuer, .id = kMaria.id, .name = "Maria Hansen"};
    return store_->AdmitMany({.persons = {&person, 1}, .scope = conference_});
  }

  const Scope conference_ = Expect(Scope::Conference("visit-42"));
  TestVault test_{StorageKind::kSqlite, "", GetParam()};
  Hook hook_;
  std::atomic<int> loads_ = 0;  // how often the store has read the keyring anew
  std::unique_ptr<MappingStore> store_;
};

std::string NameOfMode(const ::testing::TestParamInfo<VaultMode>& info) {
  return std::string(VaultModeName(info.param));
}

INSTANTIATE_TEST_SUITE_P(Modes, RotationRaceTest,
                         ::testing::Values(VaultMode::kDerived, VaultMode::kEnrolled), NameOfMode);

TEST_P(RotationRaceTest, AnAdmissionIsCarriedOut) {
  const Pseudonym before = Expect(AdmitHere())[0].pseudonym;
  for (const Table table : {Table::kPerson, Table::kExternalId}) {
    ArmRotation(table);
    const auto admitted = AdmitHere();
    ExpectReached();
    ASSERT_THAT(admitted, IsOk());
    EXPECT_EQ(admitted->at(0).pseudonym.external_id(), before.external_id());
  }
}

TEST_P(RotationRaceTest, ABindingIsCarriedOut) {
  const Uuid uuid = Admit("Maria Jensen", LabelStyle::kCode).pseudonym().uuid();
  const MappingStore::Binding binding{"participant", uuid};
  ArmRotation(Table::kExternalId);
  const auto statuses = store_->BindMany({&binding, 1});
  ExpectReached();
  ASSERT_THAT(statuses, IsOk());
  EXPECT_THAT(statuses->at(0), IsOk());
}

TEST_P(RotationRaceTest, AnIdIsFoundAndItsPersonRead) {
  const std::string id = Admit("Maria Jensen", LabelStyle::kCode).external_id();
  const std::string_view view = id;
  ArmRotation(Table::kExternalId);
  const auto found = store_->FindMany({&view, 1});
  ExpectReached();
  ASSERT_THAT(found, IsOk());
  ASSERT_TRUE(found->at(0).has_value());
  std::vector<Link> links = {found->at(0)->link};
  ArmRotation(Table::kPerson);
  Admit("Maria Jensen", LabelStyle::kCode);
  const auto persons = store_->ReadPersons(links);
  ExpectReached();
  ASSERT_THAT(persons, IsOk());
  ASSERT_TRUE(persons->at(0).has_value());
  EXPECT_EQ(persons->at(0)->name.Expose(), "Maria Hansen");
}

TEST_P(RotationRaceTest, CountingGoesOn) {
  ArmRotation(Table::kExternalId);
  const auto counts = store_->CountAll();
  ExpectReached();
  ASSERT_THAT(counts, IsOk());
  EXPECT_EQ(counts->conference_pseudonyms, 1u);
}

TEST_P(RotationRaceTest, PseudonymsOfTheEnrolledAreDerived) {
  if (!enrolled()) return;  // a derived vault reads no person for them
  const Pseudonym expected = Admit("Maria Jensen", LabelStyle::kCode).pseudonym();
  ArmRotation(Table::kPerson);
  const auto pseudonyms = store_->PseudonymizeMany({&kMaria, 1}, conference_, std::nullopt);
  ExpectReached();
  ASSERT_THAT(pseudonyms, IsOk());
  EXPECT_EQ(pseudonyms->at(0)->external_id(), expected.external_id());
  Admit("Maria Jensen", LabelStyle::kCode);
  ArmRotation(Table::kPerson);
  const auto all = store_->AllPseudonymsOf(kMaria, conference_);
  ExpectReached();
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(all->size(), 1u);
}

// Two who take one identifier from a person at once: one does, the other is told.
TEST_P(RotationRaceTest, ASplitThatAnotherWasFirstWithIsAConflictAndNoDamage) {
  if (!enrolled()) return;  // nobody is split in a derived vault
  hook_ = {Table::kPerson, [this] { Expect(others().SplitPersons({&kMail, 1})); }};
  EXPECT_THAT(store_->SplitPersons({&kMail, 1}, /*dry_run=*/false), HasCode(StatusCode::kConflict));
  ExpectReached();
}

// To read a keyring under a passphrase takes memory and time on purpose: once for all threads.
TEST_P(RotationRaceTest, ThreadsThatMeetARotationTogetherReadTheKeyringOnce) {
  Expect(AdmitHere());
  for (int round = 1; round <= 5; ++round) {
    Expect(others().RotateKeys(KeyKind::kStorage));
    Admit("Maria Hansen", LabelStyle::kCode);
    std::barrier start(8);
    std::atomic<int> failed = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        start.arrive_and_wait();
        failed += !AdmitHere().ok();
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(failed, 0);
    EXPECT_EQ(loads_, round);
  }
}

// Damage stays damage.
TEST_P(RotationRaceTest, ARecordThatWasAlteredIsStillSaidToBe) {
  for (const SealedRecord& record : testing::ScanAll(*test_.tables, Table::kPerson)) {
    SealedRecord altered = record;
    altered.sealed.back() ^= 1;
    testing::PutOne(*test_.tables, Table::kPerson, altered);
  }
  EXPECT_THAT(AdmitHere(), HasCode(StatusCode::kAltered));
  Expect(others().RotateKeys(KeyKind::kStorage));
  EXPECT_THAT(AdmitHere(), HasCode(StatusCode::kAltered));
}

}  // namespace
}  // namespace moniker
