#include "store/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/hex.h"
#include "support/records.h"
#include "support/status_matchers.h"
#include "support/test_keyring.h"
#include "support/vector_file.h"

namespace moniker::internal {
namespace {

using testing::Bytes;
using testing::Expect;
using testing::HasCode;
using testing::VectorFile;

Manifest ManifestWith(const std::string& integrity_key) {
  Manifest manifest = Expect(NewManifest());
  manifest.integrity_key = testing::Secret(Bytes(integrity_key));
  return manifest;
}

IntegrityKeys KeysOf(const VectorFile& vector) {
  testing::TestKeyring keyring;
  keyring.suite = vector.Get("suite") == "blake2b" ? Suite::kBlake2b : Suite::kHmacSha256;
  std::ranges::copy(vector.Bytes("vault-id-hex"), keyring.vault_id.begin());
  return Expect(IntegrityKeys::Create(testing::MakeKeyring(keyring),
                                      ManifestWith(vector.Bytes("integrity-key-hex"))));
}

TEST(ManifestTest, RowsAndTablesHaveTheDigestsOfTheSpecification) {
  int count = 0;
  for (const VectorFile& vector : testing::ReadVectors("mapping-store", "rows")) {
    SCOPED_TRACE(vector.name());
    const auto table = static_cast<Table>(std::stoi(vector.Get("table")));
    std::vector<SealedRecord> rows;
    for (int i = 1; i <= std::stoi(vector.Get("rows")); ++i) {
      const std::string row = "row-" + std::to_string(i);
      rows.push_back({RecordTag(Bytes(vector.Bytes(row + "-tag-hex"))),
                      Bytes(vector.Bytes(row + "-record-hex"))});
    }
    const std::vector<Digest> digests = Expect(KeysOf(vector).OfRows(table, rows));
    Digest all{};
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(testing::ToHex(digests[i]),
                vector.Get("row-" + std::to_string(i + 1) + "-digest-hex"));
      Toggle(digests[i], &all);
    }
    EXPECT_EQ(testing::ToHex(all), vector.Get("table-digest-hex"));
    ++count;
  }
  EXPECT_EQ(count, 14);
}

TEST(ManifestTest, EachStoreHasKeysOfItsOwn) {
  const Manifest a = Expect(NewManifest());
  const Manifest b = Expect(NewManifest());
  EXPECT_NE(testing::ToHex(a.integrity_key.Expose()), testing::ToHex(b.integrity_key.Expose()));
  EXPECT_NE(testing::ToHex(a.audit.next_key.Expose()), testing::ToHex(b.audit.next_key.Expose()));
  EXPECT_NE(testing::ToHex(a.audit.next_key.Expose()), testing::ToHex(a.integrity_key.Expose()));
}

TEST(ManifestTest, KeysKnowTheManifestThatTheyAreOf) {
  const Manifest a = Expect(NewManifest());
  const Manifest b = Expect(NewManifest());
  const IntegrityKeys keys = Expect(IntegrityKeys::Create(testing::MakeKeyring({}), a));
  EXPECT_TRUE(keys.AreOf(a));
  EXPECT_FALSE(keys.AreOf(b));
}

TEST(ManifestTest, EverythingThatItSaysIsInItsDigest) {
  Manifest manifest = Expect(NewManifest());
  manifest.counter = 1;
  const IntegrityKeys keys = Expect(IntegrityKeys::Create(testing::MakeKeyring({}), manifest));
  std::vector<Digest> digests = {Expect(keys.OfManifest(manifest))};
  manifest.counter = 2;
  digests.push_back(Expect(keys.OfManifest(manifest)));
  for (Manifest::Rows& rows : manifest.tables) {
    ++rows.count;
    digests.push_back(Expect(keys.OfManifest(manifest)));
    rows.digest.back() ^= 1;
    digests.push_back(Expect(keys.OfManifest(manifest)));
  }
  ++manifest.audit.entries;
  digests.push_back(Expect(keys.OfManifest(manifest)));
  manifest.audit.head.front() ^= 1;
  digests.push_back(Expect(keys.OfManifest(manifest)));
  std::ranges::sort(digests);
  EXPECT_EQ(std::ranges::adjacent_find(digests), digests.end());
}

TEST(ManifestTest, OneThatCannotBeReadBackIsNotWritten) {
  Manifest manifest = Expect(NewManifest());  // counter 0
  EXPECT_THAT(EncodeManifest(manifest), HasCode(StatusCode::kInvalidArgument));
  manifest.counter = 1;
  EXPECT_THAT(EncodeManifest(manifest), testing::IsOk());
  manifest.integrity_key.Truncate(31);
  EXPECT_THAT(EncodeManifest(manifest), HasCode(StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace moniker::internal
