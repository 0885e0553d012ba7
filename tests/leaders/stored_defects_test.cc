// Defects that were found in other systems of this kind, by number: what is stored.
//
//   D1  a nonce that is used twice, or one key for everything
//   D2  sealed records that are not bound to their place
//   D4  one salt for all columns of an index    D5  an index without a key
//   D6  ciphers that do not authenticate
//   D9  a mapping table that can be read
//   D14 bindings that a rotation of keys loses
//
// The others are in used_defects_test.cc, but for D3, erased persons who live on in backups
// (vault/erase_restore_test.cc), and D15, a cut audit log (resolve/audit_log_test.cc).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "leaders/sample_use.h"
#include "store/record_sealer.h"
#include "support/hex.h"
#include "support/marker_scan.h"
#include "support/status_matchers.h"
#include "support/test_vault.h"

namespace moniker {
namespace {

using internal::RecordSealer;
using testing::Answers;
using testing::AskAll;
using testing::Content;
using testing::Expect;
using testing::HasCode;
using testing::IsOk;
using testing::kAllTables;
using testing::StorageKind;
using testing::TestVault;

std::string NameOfMode(const ::testing::TestParamInfo<VaultMode>& info) {
  return std::string(VaultModeName(info.param));
}

class StoredDefectsTest : public ::testing::TestWithParam<VaultMode> {};

INSTANTIATE_TEST_SUITE_P(Modes, StoredDefectsTest,
                         ::testing::Values(VaultMode::kDerived, VaultMode::kEnrolled), NameOfMode);

// docs/formats/mapping-store.md, section 3.
constexpr std::size_t kNonceAt = 10;
constexpr std::size_t kNonceSize = 24;

std::string NonceOf(const SealedRecord& record) {
  return {record.sealed.begin() + kNonceAt, record.sealed.begin() + kNonceAt + kNonceSize};
}

// --- D1

TEST_P(StoredDefectsTest, D1NoNonceIsUsedTwiceInALargeStore) {
  const TestVault test(StorageKind::kSqlite, "", GetParam());
  std::set<std::string> nonces;
  std::set<std::string> records;  // one that was not written anew is seen twice as it was
  const auto collect = [&] {
    for (const auto& [table, rows] : test.content()) {
      for (const SealedRecord& record : rows) {
        nonces.insert(NonceOf(record));
        records.emplace(record.sealed.begin(), record.sealed.end());
      }
    }
  };
  testing::AdmitSamples(*test.vault, 3000);
  testing::AdmitSamples(*test.vault, 1000, Expect(Scope::Conference("visit-42")));
  collect();
  for (int round = 0; round < 2; ++round) {
    Expect(test.vault->RotateKeys(KeyKind::kStorage));
    Expect(test.vault->Reseal());
    collect();
  }
  EXPECT_GE(records.size(), 24'000u);
  EXPECT_EQ(nonces.size(), records.size());
}

TEST(StoredDefectsOnceTest, D1EveryUseHasAKeyOfItsOwn) {
  const Keyring keyring = testing::SampleKeyring();
  std::set<std::string> keys;
  std::size_t uses = 0;
  for (const KeyKind kind : {KeyKind::kIdentity, KeyKind::kStorage, KeyKind::kIndex}) {
    for (const char* label : {"record-seal", "tag-person", "tag-external-id", "tag-participant"}) {
      const SecretBytes key = Expect(keyring.Subkey(kind, 1, label, keyring.vault_id()));
      keys.insert(testing::ToHex(key.Expose()));
      ++uses;
    }
  }
  EXPECT_EQ(keys.size(), uses);
}

// --- D2

struct Place {
  Table table;
  SealedRecord record;
};

std::vector<Place> PlacesOf(const Content& content) {
  std::vector<Place> places;
  for (const auto& [table, rows] : content) {
    for (const SealedRecord& record : rows) places.push_back({table, record});
  }
  return places;
}

// Of every table a record at least, but for identifiers in a derived vault.
void UseAll(const Vault& vault, std::vector<std::string>* external_ids) {
  *external_ids = testing::AdmitSamples(vault, 4);
  testing::AdmitSamples(vault, 4, Expect(Scope::Conference("visit-42")));
  testing::BindSamples(vault, *external_ids);
  ASSERT_EQ(AskAll(vault, *external_ids).right, 12);
}

TEST_P(StoredDefectsTest, D2NoRecordOpensInThePlaceOfAnother) {
  const TestVault test(StorageKind::kMemory, "", GetParam());
  std::vector<std::string> ids;
  UseAll(*test.vault, &ids);
  const RecordSealer sealer = Expect(RecordSealer::Create(*test.vault->keyring()));
  const std::vector<Place> places = PlacesOf(test.content());
  int opened = 0;
  int refused = 0;
  for (const Place& own : places) {
    for (const Place& other : places) {
      const bool same = own.table == other.table && own.record.tag == other.record.tag;
      const auto result = sealer.Open(other.table, other.record.tag, own.record.sealed);
      EXPECT_EQ(result.ok(), same);
      if (!same) {
        EXPECT_THAT(result, HasCode(StatusCode::kAltered));
      }
      ++(result.ok() ? opened : refused);
    }
    // Nor in another column: under the same tag in any other table.
    for (const Table table : kAllTables) {
      if (table == own.table) continue;
      EXPECT_THAT(sealer.Open(table, own.record.tag, own.record.sealed),
                  HasCode(StatusCode::kAltered));
    }
  }
  EXPECT_EQ(opened, static_cast<int>(places.size()));
  EXPECT_GE(refused, 700);
}

TEST_P(StoredDefectsTest, D2TwoRecordsThatAreExchangedAnswerAnErrorAndNobodyElse) {
  const TestVault test(StorageKind::kMemory, "", GetParam());
  std::vector<std::string> ids;
  UseAll(*test.vault, &ids);
  int pairs = 0;
  for (const Table table :
       {Table::kPerson, Table::kExternalId, Table::kParticipant, Table::kIdentifier}) {
    const std::vector<SealedRecord> rows = testing::ScanAll(*test.tables, table);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (std::size_t k = i + 1; k < rows.size(); ++k) {
        testing::PutOne(*test.tables, table, {rows[i].tag, rows[k].sealed});
        testing::PutOne(*test.tables, table, {rows[k].tag, rows[i].sealed});
        const Answers answers = AskAll(*test.vault, ids);
        EXPECT_EQ(answers.wrong, 0);
        EXPECT_EQ(answers.unknown, 0);
        // The pseudonyms of the conference are not asked for.
        if (table != Table::kExternalId) {
          EXPECT_GE(answers.errors, 2);
        }
        testing::PutOne(*test.tables, table, rows[i]);
        testing::PutOne(*test.tables, table, rows[k]);
        ++pairs;
      }
    }
  }
  EXPECT_EQ(pairs, GetParam() == VaultMode::kDerived ? 6 + 28 + 6 : 6 + 28 + 6 + 6);
  EXPECT_EQ(AskAll(*test.vault, ids).right, 12);
}

// --- D4, D5

// Tags of a vault in which 200 texts are identifiers and participant IDs.
std::map<Table, std::set<std::string>> TagsOfTexts(VaultMode mode) {
  const TestVault test(StorageKind::kMemory, "", mode);
  std::vector<std::string> texts;
  for (int i = 0; i < 200; ++i) texts.push_back("shared-text-" + std::to_string(i));
  const IdentityGate gate = testing::GateTo(*test.vault);
  for (const std::string& text : texts) {
    const SessionIdentity who =
        Expect(gate.Admit({.issuer = "mrn.hospital-a", .id = text, .name = "Q"}, "Patient"));
    Expect(gate.Bind(text, who));
    Expect(gate.Bind(who.external_id(), who));
  }
  std::map<Table, std::set<std::string>> tags;
  for (const Table table :
       {Table::kPerson, Table::kExternalId, Table::kParticipant, Table::kIdentifier}) {
    for (const SealedRecord& record : testing::ScanAll(*test.tables, table)) {
      tags[table].insert(testing::ToHex(record.tag.bytes()));
    }
  }
  return tags;
}

TEST_P(StoredDefectsTest, D4OneTextInTwoUsesHasUnrelatedTags) {
  std::set<std::string> all;
  std::size_t count = 0;
  for (const auto& [table, tags] : TagsOfTexts(GetParam())) {
    all.insert(tags.begin(), tags.end());
    count += tags.size();
  }
  EXPECT_GE(count, 800u);
  EXPECT_EQ(all.size(), count);
}

TEST_P(StoredDefectsTest, D5WithoutTheIndexKeyNoGuessCanBeTested) {
  // What a thief can compute from a guess is the same for each vault; no tag is.
  const auto one = TagsOfTexts(GetParam());
  const auto other = TagsOfTexts(GetParam());
  for (const auto& [table, tags] : one) {
    for (const std::string& tag : tags) EXPECT_FALSE(other.at(table).contains(tag));
  }
}

// --- D6

TEST_P(StoredDefectsTest, D6EachBitOfEachRecordIsAuthenticated) {
  const TestVault test(StorageKind::kMemory, "", GetParam());
  const std::vector<std::string> ids = testing::AdmitSamples(*test.vault, 1);
  testing::AdmitSamples(*test.vault, 1, Expect(Scope::Conference("visit-42")));
  testing::BindSamples(*test.vault, ids);
  ASSERT_EQ(AskAll(*test.vault, ids).right, 3);
  const RecordSealer sealer = Expect(RecordSealer::Create(*test.vault->keyring()));
  std::size_t bits = 0;
  for (Place& place : PlacesOf(test.content())) {
    for (std::size_t bit = 0; bit < 8 * place.record.sealed.size(); ++bit, ++bits) {
      std::uint8_t& byte = place.record.sealed[bit / 8];
      byte = static_cast<std::uint8_t>(byte ^ 1U << bit % 8);
      const auto opened = sealer.Open(place.table, place.record.tag, place.record.sealed);
      if (opened.status().code() != StatusCode::kAltered) {
        ADD_FAILURE() << "table " << static_cast<int>(place.table) << ", bit " << bit;
      }
      byte = static_cast<std::uint8_t>(byte ^ 1U << bit % 8);
    }
  }
  EXPECT_GE(bits, 8u * 114 * 8);
}

TEST_P(StoredDefectsTest, D6AFlippedBitOfAPersonIsAnErrorAndNeverAnotherText) {
  const TestVault test(StorageKind::kMemory, "", GetParam());
  const std::vector<std::string> ids = testing::AdmitSamples(*test.vault, 1);
  const Resolver resolver = Resolver::Create(*test.vault);
  for (const Table table : {Table::kPerson, Table::kExternalId}) {
    SealedRecord record = testing::ScanAll(*test.tables, table).at(0);
    for (std::size_t bit = 0; bit < 8 * record.sealed.size(); ++bit) {
      SealedRecord flipped = record;
      std::uint8_t& byte = flipped.sealed[bit / 8];
      byte = static_cast<std::uint8_t>(byte ^ 1U << bit % 8);
      testing::PutOne(*test.tables, table, flipped);
      EXPECT_THAT(resolver.Resolve(ids[0], testing::kSampleReason), HasCode(StatusCode::kAltered));
    }
    testing::PutOne(*test.tables, table, record);
  }
  EXPECT_THAT(resolver.Resolve(ids[0], testing::kSampleReason), IsOk());
}

// --- D9

TEST_P(StoredDefectsTest, D9NothingOfAPersonCanBeReadInAnyFileOfAVault) {
  const TestVault test(StorageKind::kSqlite, "", GetParam());
  const std::vector<std::string> markers = {"Wilhelmina-Zuckerkandl",  "mrn-550-77-1234-x",
                                            "zuckerkandl@example.org", "visit-of-the-marker",
                                            "participant-marker-01",   "actor-marker-zz-01",
                                            "purpose-marker-zz-01"};
  const FieldView email{"email", markers[2]};
  const IdentityGate gate = testing::GateTo(*test.vault, Expect(Scope::Conference(markers[3])));
  const SessionIdentity who = Expect(gate.Admit(
      {.issuer = "mrn.hospital-a", .id = markers[1], .name = markers[0], .fields = {&email, 1}},
      "Patient"));
  Expect(gate.Bind(markers[4], who));
  Expect(Resolver::Create(*test.vault)
             .Resolve(markers[4], {.actor = markers[5], .purpose = markers[6]}));
  Expect(test.vault->RotateKeys(KeyKind::kStorage));
  Expect(test.vault->Reseal());
  int files = 0;
  for (const bool in_log : {true, false}) {
    if (!in_log) Expect(test.tables->Checkpoint());
    for (const std::string& name : testing::NamesIn(test.path())) {
      const std::string bytes = testing::ReadBytes(test.path() + "/" + name);
      ++files;
      for (const std::string& marker : markers) {
        EXPECT_THAT(testing::FindMarker(bytes, marker), ::testing::IsEmpty()) << name;
        EXPECT_THAT(testing::FindMarker(bytes + marker, marker), ::testing::Contains("raw"));
      }
    }
  }
  EXPECT_GE(files, 2 * 4);
}

// --- D14

TEST_P(StoredDefectsTest, D14RotationsOfAllKeysLoseNoBinding) {
  const TestVault test(StorageKind::kSqlite, "", GetParam());
  constexpr std::size_t kPersons = 15;
  const std::vector<std::string> ids = testing::AdmitSamples(*test.vault, kPersons);
  const Scope visit = Expect(Scope::Conference("visit-42"));
  const std::vector<std::string> visit_ids = testing::AdmitSamples(*test.vault, kPersons, visit);
  testing::BindSamples(*test.vault, ids);
  for (int round = 0; round < 2; ++round) {
    for (const KeyKind kind : {KeyKind::kIdentity, KeyKind::kStorage, KeyKind::kIndex}) {
      Expect(test.vault->RotateKeys(kind));
    }
    Expect(test.vault->Reseal());
    const std::uint32_t old = test.vault->keyring()->Epochs(KeyKind::kStorage).front();
    Expect(test.vault->DestroyEpoch(KeyKind::kStorage, old));
    const Vault again = Expect(Vault::Open(test.path()));
    for (const Vault* const vault : {&*test.vault, &again}) {
      const Answers answers = AskAll(*vault, ids);
      EXPECT_EQ(answers.right, static_cast<int>(3 * kPersons));
      const Resolver resolver = Resolver::Create(*vault);
      for (std::size_t i = 0; i < kPersons; ++i) {
        const Resolved answer = Expect(resolver.Resolve(visit_ids[i], testing::kSampleReason));
        EXPECT_TRUE(testing::IsSample(answer, i));
        EXPECT_EQ(answer.scope, visit);
      }
    }
  }
  EXPECT_EQ(Expect(test.vault->Count()).persons, kPersons);
}

}  // namespace
}  // namespace moniker
