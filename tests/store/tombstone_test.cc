#include "store/tombstone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "moniker/anchor.h"
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
using testing::IsOk;
using testing::Tag;
using testing::VectorFile;

IntegrityKeys KeysOf(const VectorFile& vector, VaultId* vault) {
  testing::TestKeyring keys;
  keys.suite = vector.Get("suite") == "blake2b" ? Suite::kBlake2b : Suite::kHmacSha256;
  std::ranges::copy(Bytes(vector.Bytes("vault-id-hex")), keys.vault_id.begin());
  *vault = keys.vault_id;
  Manifest manifest;
  manifest.integrity_key = Expect(SecretBytes::CopyOf(Bytes(vector.Bytes("integrity-key-hex"))));
  return Expect(IntegrityKeys::Create(testing::MakeKeyring(keys), manifest));
}

std::string TextOf(std::span<const Tombstone> tombstones) {
  std::string text;
  for (const Tombstone& one : tombstones) {
    text += (text.empty() ? "" : " ") + testing::ToHex(one.person.bytes()) + "/" +
            std::to_string(one.counter) + "/" + std::to_string(one.time_ms);
  }
  return text;
}

TEST(TombstoneTest, PayloadsAgreeWithTheSpecification) {
  int accepted = 0;
  int refused = 0;
  for (const VectorFile& vector : testing::ReadVectors("backup", "tombstone")) {
    SCOPED_TRACE(vector.name());
    const RecordTag tag = Tag(vector.Bytes("tag-hex"));
    const SealedBytes payload = Bytes(vector.Bytes("payload-hex"));
    const Result<Tombstone> decoded = DecodeTombstone(tag, payload);
    if (vector.Get("expect") == "error") {
      ++refused;
      EXPECT_EQ(StatusCodeName(decoded.status().code()), vector.Get("code"));
      continue;
    }
    ++accepted;
    ASSERT_THAT(decoded, IsOk());
    EXPECT_EQ(std::to_string(decoded->time_ms), vector.Get("time-ms"));
    EXPECT_EQ(std::to_string(decoded->counter), vector.Get("counter"));
    EXPECT_TRUE(std::ranges::equal(Expect(EncodeTombstone(*decoded)).Expose(), payload));
  }
  EXPECT_GE(accepted, 3);
  EXPECT_GE(refused, 6);
}

TEST(TombstoneTest, LogsAgreeWithTheSpecification) {
  int accepted = 0;
  int refused = 0;
  for (const VectorFile& vector : testing::ReadVectors("backup", "tombstone-log")) {
    SCOPED_TRACE(vector.name());
    VaultId vault{};
    const IntegrityKeys keys = KeysOf(vector, &vault);
    const SealedBytes log = Bytes(vector.Bytes("log-hex"));
    const Result<std::vector<Tombstone>> decoded = DecodeTombstoneLog(log, vault, keys);
    if (vector.Get("expect") == "error") {
      ++refused;
      EXPECT_EQ(StatusCodeName(decoded.status().code()), vector.Get("code"));
      continue;
    }
    ++accepted;
    ASSERT_THAT(decoded, IsOk());
    EXPECT_EQ(TextOf(*decoded), vector.Get("tombstones"));
    const SealedBytes again = Expect(EncodeTombstoneLog(*decoded, vault, keys));
    EXPECT_TRUE(std::equal(again.rbegin(), again.rend(), log.rbegin()));
  }
  EXPECT_GE(accepted, 5);
  EXPECT_GE(refused, 15);
}

TEST(TombstoneTest, WhatCouldNotBeReadBackIsNotWritten) {
  EXPECT_THAT(EncodeTombstone({Tag("a person's tag.."), 0, 1}),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(EncodeTombstone({Tag("short"), 1, 1}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(EncodeTombstone({Tag("a person's tag.."), 1, 1}), IsOk());
}

}  // namespace
}  // namespace moniker::internal
