// The audit log: what is noticed, and up to where it is vouched for.

#include "moniker/audit_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
#include "store/anchors.h"
#include "store/audit_chain.h"
#include "store/mapping_store.h"
#include "support/forged_audit_log.h"
#include "support/sample_people.h"
#include "support/status_matchers.h"
#include "support/test_vault.h"

namespace moniker {
namespace {

using internal::Manifest;
using testing::ContentOf;
using ::testing::ElementsAre;
using testing::EraseOne;
using testing::Expect;
using testing::HasCode;
using testing::IsOk;
using testing::NumberTag;
using testing::PutOne;
using testing::ReadBytes;
using testing::ScanAll;
using testing::WriteBytes;

constexpr std::string_view kMariaId = "m32pnb88e0wgd7hc26m7ph6zyfqm3092";
constexpr std::uint64_t kEntries = 5;

// A vault with five entries, an audit key and an anchor of its own.
class AuditLogTest : public ::testing::Test {
 protected:
  AuditLogTest() {
    const Protector protector = Expect(Protector::NewKeyFile(folder_.File("key")));
    Expect(Vault::Create(
        path_,
        {.keyring = {.app = testing::kSampleApp, .identity_root = testing::SampleRoot()},
         .audit_key_file = folder_.File("audit.key")},
        protector));
    vault_.emplace(Expect(Vault::Open(path_)));
    const auto maria = testing::SamplePeople().at(0);
    Expect(Expect(IdentityGate::Create(*vault_, {.scope = Scope::App()}))
               .Admit(maria.view(), maria.role));
    for (std::uint64_t i = 1; i <= kEntries; ++i) Resolve(i);
    tables_ = Expect(OpenSqliteStore(path_));
  }

  // Entry i is of time 1000 * i, by actor-0 or actor-1.
  void Resolve(std::uint64_t i) {
    const std::string actor = "actor-" + std::to_string(i % 2);
    const Resolver resolver = Resolver::Create(*vault_, [i] { return 1000 * i; });
    Expect(resolver.Resolve(kMariaId, {.actor = actor, .purpose = "treatment"}));
  }

  AuditLog Open() const { return Expect(AuditLog::Open(path_, Protector::Remembered())); }
  SecretBytes Key() const { return Expect(AuditLog::ReadKeyFile(folder_.File("audit.key"))); }
  AuditReport Verify() const { return Expect(Open().Verify()); }
  AuditReport VerifyWithKey() const { return Expect(Open().Verify(Key())); }

  std::string HeadPath() const { return path_ + "/store.head"; }
  SealedRecord Entry(std::uint64_t number) const {
    return {NumberTag(number),
            testing::FindOne(*tables_, Table::kAudit, NumberTag(number)).value()};
  }
  const internal::RecordSealer Sealer() const {
    return Expect(internal::RecordSealer::Create(*vault_->keyring()));
  }
  Manifest ReadManifestNow() const {
    return Expect(internal::ReadManifest(Sealer(), tables_.get()));
  }

  // Numbers, and "-" for those that were altered.
  std::vector<std::string> Numbers(const AuditLog::Filter& filter) const {
    std::vector<std::string> numbers;
    Expect(Open().Read(filter, [&](std::uint64_t number, const AuditEntry* entry) {
      numbers.push_back(std::to_string(number) + (entry == nullptr ? "-" : ""));
      return Status::Ok();
    }));
    return numbers;
  }

  // What somebody with all of the vault's keys can do: entries of his choice, and a chain, manifest
  // and anchor that fit them. Those that are changed keep their marks.
  void Forge(std::uint64_t entries, std::uint64_t changed) const {
    testing::ForgeAuditLog(*vault_->keyring(), entries, changed, {OpenFileAnchor(HeadPath())},
                           tables_.get());
  }

  testing::TemporaryFolder folder_;
  const std::string path_ = folder_.File("clinic.vault");
  std::optional<Vault> vault_;
  std::unique_ptr<StorageBackend> tables_;
};

TEST_F(AuditLogTest, AWholeLogIsIntactUpToItsEnd) {
  const AuditReport report = VerifyWithKey();
  EXPECT_TRUE(report.intact());
  EXPECT_EQ(report.entries, kEntries);
  EXPECT_EQ(report.found, kEntries);
  EXPECT_EQ(report.marks, kEntries);
  EXPECT_EQ(report.anchored, kEntries);
  ASSERT_EQ(report.anchors.size(), 1u);
  EXPECT_EQ(report.anchors[0].state, AnchorState::kCurrent);
  EXPECT_EQ(Verify().marks, 0u);
  EXPECT_TRUE(Verify().intact());
}

TEST_F(AuditLogTest, ReadingTellsEveryEntryInItsOrder) {
  std::vector<AuditEntry> entries;
  Expect(Open().Read({}, [&](std::uint64_t number, const AuditEntry* entry) {
    EXPECT_EQ(number, entries.size() + 1);
    entries.push_back(*entry);
    return Status::Ok();
  }));
  ASSERT_EQ(entries.size(), kEntries);
  EXPECT_EQ(entries[1].time_ms, 2000u);
  EXPECT_EQ(entries[1].actor, "actor-0");
  EXPECT_EQ(entries[1].purpose, "treatment");
  EXPECT_EQ(entries[1].asked, 1u);
  EXPECT_EQ(entries[1].persons.size(), 1u);
  EXPECT_EQ(entries[1].persons, entries[2].persons);
}

TEST_F(AuditLogTest, AFilterTakesTimesAndAnActor) {
  EXPECT_THAT(Numbers({.from_ms = 2000, .before_ms = 4000}), ElementsAre("2", "3"));
  EXPECT_THAT(Numbers({.actor = "actor-1"}), ElementsAre("1", "3", "5"));
  EXPECT_THAT(Numbers({.from_ms = 4001, .actor = "actor-1"}), ElementsAre("5"));
  EXPECT_THAT(Numbers({.actor = "actor"}), ElementsAre());
}

TEST_F(AuditLogTest, AVisitThatFailsEndsReading) {
  int calls = 0;
  EXPECT_THAT(Open().Read({},
                          [&](std::uint64_t, const AuditEntry*) {
                            ++calls;
                            return Status(StatusCode::kNoSpace, "no room for the output");
                          }),
              HasCode(StatusCode::kNoSpace));
  EXPECT_EQ(calls, 1);
}

TEST_F(AuditLogTest, ReadingAndVerifyingLeaveNoEntry) {
  Numbers({});
  EXPECT_EQ(VerifyWithKey().found, kEntries);
}

// --- D15: cut, reorder, replay ---

TEST_F(AuditLogTest, D15ACutTailIsNoticedAndTheAnchorSaysHowFarTheLogWent) {
  EraseOne(*tables_, Table::kAudit, NumberTag(kEntries));
  EraseOne(*tables_, Table::kAudit, NumberTag(kEntries - 1));
  const AuditReport report = Verify();
  EXPECT_FALSE(report.intact());
  EXPECT_EQ(report.fault, AuditFault::kMissing);
  EXPECT_EQ(report.first_bad, kEntries - 1);
  EXPECT_EQ(report.entries, kEntries);
  EXPECT_EQ(report.found, kEntries - 2);
  EXPECT_EQ(report.anchors.at(0).audit_entries, kEntries);
}

TEST_F(AuditLogTest, D15AMissingEntryIsNamed) {
  for (std::uint64_t i = kEntries - 1; i >= 1; --i) {
    EraseOne(*tables_, Table::kAudit, NumberTag(i));
    EXPECT_EQ(Verify().fault, AuditFault::kMissing);
    EXPECT_EQ(Verify().first_bad, i);
  }
}

TEST_F(AuditLogTest, D15ExchangedEntriesAreNamed) {
  const SealedRecord second = Entry(2);
  const SealedRecord fourth = Entry(4);
  PutOne(*tables_, Table::kAudit, {fourth.tag, second.sealed});
  EXPECT_EQ(Verify().fault, AuditFault::kAltered);
  EXPECT_EQ(Verify().first_bad, 4u);
  PutOne(*tables_, Table::kAudit, {second.tag, fourth.sealed});
  EXPECT_EQ(Verify().first_bad, 2u);
  EXPECT_THAT(Numbers({}), ElementsAre("1", "2-", "3", "4-", "5"));
  EXPECT_THAT(Numbers({.actor = "nobody"}), ElementsAre("2-", "4-"));
}

TEST_F(AuditLogTest, D15AReplayedEntryIsNamed) {
  PutOne(*tables_, Table::kAudit, {NumberTag(kEntries + 1), Entry(1).sealed});
  EXPECT_EQ(Verify().fault, AuditFault::kAdded);
  EXPECT_EQ(Verify().first_bad, kEntries + 1);
  PutOne(*tables_, Table::kAudit, {NumberTag(3), Entry(1).sealed});
  EXPECT_EQ(Verify().fault, AuditFault::kAltered);
  EXPECT_EQ(Verify().first_bad, 3u);
}

// The older rows fit the older manifest; only what stands outside the store knows more.
TEST_F(AuditLogTest, D15AnOlderLogInItsPlaceIsNoticedByTheAnchor) {
  const auto older = ContentOf(*tables_);
  Resolve(kEntries + 1);
  EraseOne(*tables_, Table::kAudit, NumberTag(kEntries + 1));
  for (const SealedRecord& record : older.at(Table::kMeta)) {
    PutOne(*tables_, Table::kMeta, record);
  }
  const AuditReport report = VerifyWithKey();
  EXPECT_EQ(report.fault, AuditFault::kNone) << "in itself it is whole";
  EXPECT_FALSE(report.intact());
  EXPECT_EQ(report.anchors.at(0).state, AnchorState::kAhead);
  EXPECT_EQ(report.anchors.at(0).audit_entries, kEntries + 1);
  EXPECT_EQ(report.anchored, 0u);
}

TEST_F(AuditLogTest, D15AnAnchorThatIsBehindVouchesForWhatItKnows) {
  const std::string head = ReadBytes(HeadPath());
  Resolve(kEntries + 1);
  Resolve(kEntries + 2);
  WriteBytes(HeadPath(), head);
  const AuditReport report = Verify();
  EXPECT_TRUE(report.intact());
  EXPECT_EQ(report.anchors.at(0).state, AnchorState::kBehind);
  EXPECT_EQ(report.anchored, kEntries);
  EXPECT_EQ(report.entries, kEntries + 2);
}

TEST_F(AuditLogTest, AFlippedBitOfAnEntryIsNoticed) {
  const SealedRecord third = Entry(3);
  const AuditLog log = Open();
  for (std::size_t bit = 0; bit < third.sealed.size() * 8; bit += 31) {
    SealedRecord changed = third;
    changed.sealed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    PutOne(*tables_, Table::kAudit, changed);
    const AuditReport report = Expect(log.Verify());
    ASSERT_EQ(report.fault, AuditFault::kAltered) << bit;
    ASSERT_EQ(report.first_bad, 3u);
  }
  PutOne(*tables_, Table::kAudit, third);
  EXPECT_TRUE(Verify().intact());
}

TEST_F(AuditLogTest, AManifestThatWasAlteredOrRemovedIsToldOf) {
  SealedRecord manifest{internal::ManifestTag(),
                        testing::FindOne(*tables_, Table::kMeta, internal::ManifestTag()).value()};
  manifest.sealed.back() ^= 1;
  PutOne(*tables_, Table::kMeta, manifest);
  EXPECT_EQ(Verify().fault, AuditFault::kManifest);
  EraseOne(*tables_, Table::kMeta, internal::ManifestTag());
  EXPECT_EQ(Verify().fault, AuditFault::kManifest);
  EXPECT_FALSE(Verify().intact());
}

TEST_F(AuditLogTest, AnAnchorThatIsGoneOrAlteredIsToldOf) {
  std::string head = ReadBytes(HeadPath());
  for (const std::size_t place : {40u, 40u + 512u}) head[place] ^= 1;
  WriteBytes(HeadPath(), head);
  EXPECT_EQ(Verify().anchors.at(0).state, AnchorState::kAltered);
  EXPECT_FALSE(Verify().intact());
  std::filesystem::remove(HeadPath());
  EXPECT_EQ(Verify().anchors.at(0).state, AnchorState::kMissing);
  EXPECT_FALSE(Verify().intact());
}

// --- Against who has all of the vault's keys ---

TEST_F(AuditLogTest, OnlyTheAuditKeyNoticesAnEntryRewrittenByWhoHasAllKeys) {
  Forge(kEntries, 2);
  EXPECT_TRUE(Verify().intact()) << "what the vault's own keys cannot notice";
  const AuditReport report = VerifyWithKey();
  EXPECT_EQ(report.fault, AuditFault::kMark);
  EXPECT_EQ(report.first_bad, 2u);
  EXPECT_EQ(report.marks, 1u);
}

TEST_F(AuditLogTest, D15OnlyTheAuditKeyNoticesATailCutByWhoHasAllKeys) {
  Forge(kEntries - 2, 0);
  EXPECT_TRUE(Verify().intact()) << "what the vault's own keys cannot notice";
  const AuditReport report = VerifyWithKey();
  EXPECT_EQ(report.fault, AuditFault::kOtherEnd);
  EXPECT_EQ(report.first_bad, kEntries - 1);
}

// He does not reach every anchor.
TEST_F(AuditLogTest, AnAnchorThatWasNotReachedNoticesWhoHasAllKeys) {
  const std::string head = ReadBytes(HeadPath());
  Forge(kEntries, 2);
  WriteBytes(HeadPath(), head);
  EXPECT_FALSE(Verify().intact());
  EXPECT_EQ(Verify().anchors.at(0).state, AnchorState::kOtherHistory);
  EXPECT_EQ(Verify().anchored, 0u);
}

TEST_F(AuditLogTest, AnEntrySealedAnewWithoutTheChainIsNoticed) {
  const internal::RecordSealer sealer = Sealer();
  const SealedRecord record = Entry(4);
  AuditEntry entry = Expect(internal::DecodeAuditEntry(
      Expect(sealer.Open(Table::kAudit, record.tag, record.sealed)).payload.Expose()));
  entry.purpose = "another";
  PutOne(*tables_, Table::kAudit,
         {record.tag, Expect(sealer.Seal(Table::kAudit, record.tag, 1,
                                         Expect(internal::EncodeAuditEntry(entry)).Expose()))});
  EXPECT_EQ(Verify().fault, AuditFault::kChain);
  EXPECT_EQ(VerifyWithKey().fault, AuditFault::kMark);
  EXPECT_EQ(VerifyWithKey().first_bad, 4u);
}

TEST_F(AuditLogTest, TheKeyOfAnotherVaultFitsNoMark) {
  const SecretBytes other = testing::Secret(testing::Counting(32));
  const AuditReport report = Expect(Open().Verify(other));
  EXPECT_EQ(report.fault, AuditFault::kMark);
  EXPECT_EQ(report.first_bad, 1u);
}

// --- Other entries ---

TEST_F(AuditLogTest, AcceptingAStateLeavesAnEntry) {
  vault_.reset();
  Expect(Vault::Accept(path_, Protector::Remembered()));
  std::vector<AuditEntry> entries;
  Expect(Open().Read({}, [&](std::uint64_t, const AuditEntry* entry) {
    entries.push_back(*entry);
    return Status::Ok();
  }));
  ASSERT_EQ(entries.size(), kEntries + 1);
  EXPECT_EQ(entries.back().operation, AuditOperation::kStateAccepted);
  EXPECT_EQ(entries.back().actor, "");
  EXPECT_GT(entries.back().time_ms, 1'600'000'000'000u);
  EXPECT_TRUE(VerifyWithKey().intact());
}

TEST_F(AuditLogTest, EntriesOfOtherKindsAreCountedByKind) {
  const auto store = Expect(
      internal::MappingStore::Open(Expect(Vault::OpenKeyring(path_, Protector::Remembered())),
                                   Expect(OpenSqliteStore(path_)), nullptr));
  AuditEntry entry;
  entry.actor = "dr-obrien";
  entry.purpose = "treatment";
  const auto append = [&](AuditOperation operation, bool honey) {
    entry.operation = operation;
    entry.honey = honey;
    Expect(store->AppendAuditEntry(entry));
  };
  append(AuditOperation::kRefusedResolve, false);
  append(AuditOperation::kBreakGlassResolve, false);
  append(AuditOperation::kBreakGlassResolve, true);
  append(AuditOperation::kResolve, true);
  append(AuditOperation::kResolve, true);
  append(AuditOperation::kErase, false);
  const AuditReport report = VerifyWithKey();
  EXPECT_TRUE(report.intact());
  EXPECT_EQ(report.entries, kEntries + 6);
  EXPECT_EQ(report.refused, 1u);
  EXPECT_EQ(report.break_glass, 2u);
  EXPECT_EQ(report.honey, 3u);
}

TEST_F(AuditLogTest, TheKeyOfTheFirstEntryIsNowhereInTheVault) {
  const std::string key = ReadBytes(folder_.File("audit.key")).substr(0, 64);
  const Manifest manifest = ReadManifestNow();
  EXPECT_NE(testing::ToHex(manifest.audit.next_key.Expose()), key);
  EXPECT_NE(testing::ToHex(manifest.integrity_key.Expose()), key);
}

TEST(AuditLogOpenTest, WhereNoVaultIsThereIsNoLog) {
  const testing::TemporaryFolder folder;
  EXPECT_THAT(AuditLog::Open(folder.File("none"), Protector::Remembered()).status(),
              HasCode(StatusCode::kNotFound));
}

}  // namespace
}  // namespace moniker
