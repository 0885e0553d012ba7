#include "store/anchors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/hex.h"
#include "support/memory_anchor.h"
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
using testing::MemoryAnchor;
using testing::ToHex;
using testing::VectorFile;

constexpr VaultId kVault = {1, 2, 3};

Manifest ManifestAt(std::uint64_t counter) {
  Manifest manifest = Expect(NewManifest());
  manifest.integrity_key = testing::Secret(testing::Counting(32));
  manifest.audit.next_key = testing::Secret(testing::Counting(32, 5));
  manifest.counter = counter;
  return manifest;
}

IntegrityKeys KeysOf(const Manifest& manifest, Suite suite = Suite::kBlake2b,
                     const VaultId& vault = kVault) {
  testing::TestKeyring keyring;
  keyring.suite = suite;
  keyring.vault_id = vault;
  return Expect(IntegrityKeys::Create(testing::MakeKeyring(keyring), manifest));
}

TEST(AnchorHeadTest, IsWrittenAndReadAsTheSpecificationSays) {
  int good = 0;
  int bad = 0;
  for (const VectorFile& vector : testing::ReadVectors("mapping-store", "anchor")) {
    SCOPED_TRACE(vector.name());
    Manifest manifest = Expect(NewManifest());
    manifest.integrity_key = testing::Secret(Bytes(vector.Bytes("integrity-key-hex")));
    VaultId vault{};
    std::ranges::copy(vector.Bytes("vault-id-hex"), vault.begin());
    const Suite suite = vector.Get("suite") == "blake2b" ? Suite::kBlake2b : Suite::kHmacSha256;
    const IntegrityKeys keys = KeysOf(manifest, suite, vault);
    const SealedBytes bytes = Bytes(vector.Bytes("head-hex"));
    const Result<AnchorHead> head = DecodeAnchorHead(bytes, vault, keys);
    if (vector.Get("expect") == "error") {
      EXPECT_THAT(head, HasCode(StatusCode::kAltered));
      ++bad;
      continue;
    }
    ASSERT_THAT(head, IsOk());
    EXPECT_EQ(std::to_string(head->counter), vector.Get("counter"));
    EXPECT_EQ(ToHex(head->manifest), vector.Get("manifest-digest-hex"));
    EXPECT_EQ(std::to_string(head->audit_entries), vector.Get("audit-entries"));
    EXPECT_EQ(ToHex(head->audit_head), vector.Get("audit-head-hex"));
    const Manifest told = Expect(DecodeManifest(Bytes(vector.Bytes("manifest-payload-hex"))));
    EXPECT_EQ(ToHex(Expect(keys.OfManifest(told))), vector.Get("manifest-digest-hex"));
    EXPECT_EQ(Expect(EncodeAnchorHead(*head, vault, keys)), bytes);
    ++good;
  }
  EXPECT_EQ(good, 4);
  EXPECT_EQ(bad, 19);
}

TEST(AnchorHeadTest, EveryFlippedBitIsAltered) {
  const IntegrityKeys keys = KeysOf(ManifestAt(7));
  Anchor::Head bytes = Expect(EncodeAnchorHead({.counter = 7}, kVault, keys));
  EXPECT_LE(bytes.size(), Anchor::kMaxHeadSize);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    EXPECT_THAT(DecodeAnchorHead(bytes, kVault, keys), HasCode(StatusCode::kAltered)) << bit;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
  }
}

class AnchorsTest : public ::testing::Test {
 protected:
  void Keep(const Manifest& manifest) { anchors_.Keep(manifest, kVault, keys_); }

  AnchorReport Compare(const Manifest& manifest) {
    readings_ = anchors_.Read();
    return Expect(Anchors::Compare(readings_, manifest, kVault, keys_)).at(0);
  }
  Status Judge(const Manifest& manifest) {
    const AnchorReport report = Compare(manifest);
    return Anchors::Judge(readings_, manifest, {&report, 1});
  }

  std::shared_ptr<MemoryAnchor> anchor_ = std::make_shared<MemoryAnchor>();
  Anchors anchors_{{anchor_}};
  Anchors::Readings readings_;
  IntegrityKeys keys_ = KeysOf(ManifestAt(1));
};

TEST_F(AnchorsTest, TheStateThatWasLeftIsCurrent) {
  Keep(ManifestAt(7));
  const AnchorReport report = Compare(ManifestAt(7));
  EXPECT_EQ(report.state, AnchorState::kCurrent);
  EXPECT_EQ(report.counter, 7u);
  EXPECT_THAT(Judge(ManifestAt(7)), IsOk());
}

TEST_F(AnchorsTest, ALaterStateIsNotAnchoredSince) {
  Keep(ManifestAt(7));
  const AnchorReport report = Compare(ManifestAt(9));
  EXPECT_EQ(report.state, AnchorState::kBehind);
  EXPECT_EQ(report.counter, 7u);
  EXPECT_THAT(Judge(ManifestAt(9)), IsOk());
}

TEST_F(AnchorsTest, AnEarlierStateWasRolledBackByThatManyChanges) {
  Keep(ManifestAt(9));
  EXPECT_EQ(Compare(ManifestAt(7)).state, AnchorState::kAhead);
  const Status status = Judge(ManifestAt(7));
  EXPECT_THAT(status, HasCode(StatusCode::kRolledBack));
  EXPECT_EQ(status.locator(), 2);
}

TEST_F(AnchorsTest, AnotherStateOfTheSameNumberIsOfAnotherHistory) {
  Keep(ManifestAt(7));
  Manifest other = ManifestAt(7);
  other.of(Table::kPerson).count = 1;
  EXPECT_EQ(Compare(other).state, AnchorState::kOtherHistory);
  EXPECT_THAT(Judge(other), HasCode(StatusCode::kAltered));
}

TEST_F(AnchorsTest, TheLaterOfTwoHeadsCounts) {
  Keep(ManifestAt(8));
  Keep(ManifestAt(9));
  EXPECT_EQ(Compare(ManifestAt(9)).counter, 9u);
  EXPECT_EQ(anchor_->heads.size(), 2u);
}

// A machine that fails while a head is written leaves one that does not authenticate.
TEST_F(AnchorsTest, ATornHeadLeavesTheOneBeforeIt) {
  Keep(ManifestAt(8));
  Keep(ManifestAt(9));
  anchor_->heads.at(1).resize(60);
  const AnchorReport report = Compare(ManifestAt(9));
  EXPECT_EQ(report.state, AnchorState::kBehind);
  EXPECT_EQ(report.counter, 8u);
}

TEST_F(AnchorsTest, NothingThatAuthenticatesIsAltered) {
  Keep(ManifestAt(8));
  anchor_->heads.at(0).back() ^= 1;
  EXPECT_EQ(Compare(ManifestAt(8)).state, AnchorState::kAltered);
  EXPECT_THAT(Judge(ManifestAt(8)), HasCode(StatusCode::kAltered));
}

TEST_F(AnchorsTest, AnEmptyAnchorIsMissingButForTheFirstChange) {
  EXPECT_EQ(Compare(ManifestAt(2)).state, AnchorState::kMissing);
  EXPECT_THAT(Judge(ManifestAt(2)), HasCode(StatusCode::kAltered));
  EXPECT_EQ(Compare(ManifestAt(1)).state, AnchorState::kBehind);
  EXPECT_THAT(Judge(ManifestAt(1)), IsOk());
}

TEST_F(AnchorsTest, AnAnchorThatCannotBeReadSaysWhy) {
  Keep(ManifestAt(8));
  for (const StatusCode code :
       {StatusCode::kNotFound, StatusCode::kPermission, StatusCode::kIo}) {
    anchor_->failure = Status(code, "away", 5);
    EXPECT_EQ(Compare(ManifestAt(8)).state, AnchorState::kMissing);
    EXPECT_THAT(Judge(ManifestAt(8)), HasCode(code));
  }
}

TEST_F(AnchorsTest, AnAnchorThatCannotBeWrittenIsBehindUntilItCan) {
  Keep(ManifestAt(7));
  anchor_->failure = Status(StatusCode::kNoSpace, "full", 28);
  Keep(ManifestAt(8));
  anchor_->failure = Status::Ok();
  EXPECT_EQ(Compare(ManifestAt(8)).state, AnchorState::kBehind);
  Keep(ManifestAt(9));
  EXPECT_EQ(Compare(ManifestAt(9)).counter, 9u);
}

TEST_F(AnchorsTest, TheHeadOfAnotherVaultIsAltered) {
  Keep(ManifestAt(8));
  const VaultId other = {9};
  const IntegrityKeys keys = KeysOf(ManifestAt(8), Suite::kBlake2b, other);
  const auto reports = Expect(Anchors::Compare(anchors_.Read(), ManifestAt(8), other, keys));
  EXPECT_EQ(reports.at(0).state, AnchorState::kAltered);
}

TEST_F(AnchorsTest, EachAnchorIsJudged) {
  const auto second = std::make_shared<MemoryAnchor>();
  const Anchors both({anchor_, second});
  both.Keep(ManifestAt(9), kVault, keys_);
  anchor_->heads.clear();
  Keep(ManifestAt(7));
  const Anchors::Readings readings = both.Read();
  const auto reports = Expect(Anchors::Compare(readings, ManifestAt(8), kVault, keys_));
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_EQ(reports[0].state, AnchorState::kBehind);
  EXPECT_EQ(reports[1].state, AnchorState::kAhead);
  EXPECT_THAT(Anchors::Judge(readings, ManifestAt(8), reports),
              HasCode(StatusCode::kRolledBack));
}

}  // namespace
}  // namespace moniker::internal
