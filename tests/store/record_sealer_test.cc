#include "store/record_sealer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "support/records.h"
#include "support/status_matchers.h"
#include "support/test_keyring.h"
#include "support/vector_file.h"

namespace moniker::internal {
namespace {

using testing::Bytes;
using testing::Counting;
using testing::Expect;
using testing::HasCode;
using testing::IsOk;
using testing::MakeKeyring;
using testing::Tag;
using testing::TestKeyring;

constexpr std::size_t kEpochOffset = 2;
constexpr std::size_t kVersionOffset = 6;
constexpr std::size_t kNonceOffset = 10;
constexpr std::size_t kOverhead = 10 + 24 + 16;

VaultId VaultIdOf(std::string_view bytes) {
  VaultId id{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), id.size()), id.begin());
  return id;
}

RecordSealer MakeSealer(const TestKeyring& keys) {
  return Expect(RecordSealer::Create(MakeKeyring(keys)));
}

TestKeyring OneStorageKey(std::uint32_t epoch = 1, std::size_t first_byte = 0) {
  return {.vault_id = VaultIdOf("vault number one"),
          .keys = {{KeyKind::kStorage, epoch, Counting(32, first_byte)}}};
}

std::string PayloadOf(const Result<RecordSealer::Opened>& opened) {
  return std::string(AsText(opened->payload.Expose()));
}

TEST(RecordSealerTest, AgreesWithTheSpecification) {
  int accepted = 0;
  int refused = 0;
  for (const testing::VectorFile& vector : testing::ReadVectors("mapping-store", "record")) {
    SCOPED_TRACE(vector.name());
    const auto epoch = static_cast<std::uint32_t>(std::stoul(vector.Get("storage-epoch")));
    TestKeyring keys;
    keys.suite = vector.Get("suite") == "blake2b" ? Suite::kBlake2b : Suite::kHmacSha256;
    keys.vault_id = VaultIdOf(vector.Bytes("vault-id-hex"));
    keys.keys = {{KeyKind::kStorage, epoch, Bytes(vector.Bytes("storage-key-hex"))}};
    const RecordSealer sealer = MakeSealer(keys);
    const auto table = static_cast<Table>(std::stoi(vector.Get("table")));
    const RecordTag tag = Tag(vector.Bytes("tag-hex"));
    const SealedBytes record = Bytes(vector.Bytes("record-hex"));

    const Result<RecordSealer::Opened> opened = sealer.Open(table, tag, record);
    if (vector.Get("expect") == "ok") {
      ++accepted;
      ASSERT_THAT(opened, IsOk());
      EXPECT_EQ(std::to_string(opened->version), vector.Get("version"));
      EXPECT_EQ(PayloadOf(opened), vector.Bytes("payload-hex"));
      // What this sealer makes of the same has the same open part and length.
      const SealedBytes again =
          Expect(sealer.Seal(table, tag, opened->version, opened->payload.Expose()));
      ASSERT_EQ(again.size(), record.size());
      EXPECT_TRUE(std::equal(again.begin(), again.begin() + kNonceOffset, record.begin()));
      EXPECT_EQ(PayloadOf(sealer.Open(table, tag, again)), vector.Bytes("payload-hex"));
    } else {
      ++refused;
      ASSERT_EQ(vector.Get("code"), "altered");
      EXPECT_THAT(opened, HasCode(StatusCode::kAltered));
    }
  }
  EXPECT_EQ(accepted, 39);
  EXPECT_EQ(refused, 77);
}

TEST(RecordSealerTest, D6EveryFlippedBitIsNoticed) {
  const RecordSealer sealer = MakeSealer(OneStorageKey());
  const RecordTag tag = Tag("0123456789abcdef");
  SealedBytes record = Expect(sealer.Seal(Table::kPerson, tag, 1, Bytes("Ada Lovelace")));
  ASSERT_THAT(sealer.Open(Table::kPerson, tag, record), IsOk());
  for (std::size_t bit = 0; bit < 8 * record.size(); ++bit) {
    const auto mask = static_cast<std::uint8_t>(1u << bit % 8);
    record[bit / 8] ^= mask;
    ASSERT_THAT(sealer.Open(Table::kPerson, tag, record), HasCode(StatusCode::kAltered)) << bit;
    record[bit / 8] ^= mask;
  }
  EXPECT_THAT(sealer.Open(Table::kPerson, tag, record), IsOk());
}

TEST(RecordSealerTest, ARecordCutOrExtendedAnywhereDoesNotOpen) {
  const RecordSealer sealer = MakeSealer(OneStorageKey());
  const RecordTag tag = Tag("0123456789abcdef");
  const SealedBytes record = Expect(sealer.Seal(Table::kPerson, tag, 1, Counting(150)));
  for (std::size_t size = 0; size < record.size(); ++size) {
    ASSERT_THAT(sealer.Open(Table::kPerson, tag, ByteView(record).first(size)),
                HasCode(StatusCode::kAltered))
        << size;
  }
  SealedBytes longer = record;
  for (int more = 0; more < 130; ++more) {
    longer.push_back(0);
    ASSERT_THAT(sealer.Open(Table::kPerson, tag, longer), HasCode(StatusCode::kAltered));
  }
}

TEST(RecordSealerTest, D2SwappedRecordsDoNotOpen) {
  const RecordSealer here = MakeSealer(OneStorageKey());
  TestKeyring other_vault = OneStorageKey();  // the same key
  other_vault.vault_id = VaultIdOf("vault number two");
  const RecordSealer elsewhere = MakeSealer(other_vault);

  // Every record under every place but its own.
  struct Place {
    const RecordSealer* vault;
    Table table;
    RecordTag tag;
  };
  std::vector<Place> places;
  for (const RecordSealer* vault : {&here, &elsewhere}) {
    for (const Table table : testing::kAllTables) {
      for (const std::string_view tag : {"", "settings", "settingt", "0123456789abcdef",
                                         "1123456789abcdef", "0123456789abcdeg"}) {
        places.push_back({vault, table, Tag(tag)});
      }
    }
  }
  int swaps = 0;
  for (std::size_t from = 0; from < places.size(); ++from) {
    const Place& home = places[from];
    const SealedBytes record =
        Expect(home.vault->Seal(home.table, home.tag, 1, Bytes("Ada Lovelace")));
    for (std::size_t to = 0; to < places.size(); ++to) {
      const auto opened = places[to].vault->Open(places[to].table, places[to].tag, record);
      if (to == from) {
        EXPECT_THAT(opened, IsOk());
      } else {
        ++swaps;
        EXPECT_THAT(opened, HasCode(StatusCode::kAltered)) << from << " under " << to;
      }
    }
  }
  EXPECT_EQ(swaps, 96 * 95);
}

TEST(RecordSealerTest, AnotherSuiteWithTheSameKeyDoesNotOpen) {
  TestKeyring keys = OneStorageKey();
  const RecordSealer blake2b = MakeSealer(keys);
  keys.suite = Suite::kHmacSha256;
  const RecordSealer hmac = MakeSealer(keys);
  const RecordTag tag = Tag("tag");
  const SealedBytes record = Expect(blake2b.Seal(Table::kPerson, tag, 1, Bytes("payload")));
  EXPECT_THAT(hmac.Open(Table::kPerson, tag, record), HasCode(StatusCode::kAltered));
}

TEST(RecordSealerTest, PartsOfTwoRecordsDoNotMakeAThird) {
  const RecordSealer sealer = MakeSealer(OneStorageKey());
  const RecordTag tag = Tag("tag");
  const SealedBytes old = Expect(sealer.Seal(Table::kPerson, tag, 1, Bytes("old name")));
  const SealedBytes now = Expect(sealer.Seal(Table::kPerson, tag, 2, Bytes("new name")));
  ASSERT_EQ(old.size(), now.size());
  for (std::size_t cut = 1; cut < old.size(); ++cut) {
    SealedBytes mixed(old.begin(), old.begin() + static_cast<std::ptrdiff_t>(cut));
    mixed.insert(mixed.end(), now.begin() + static_cast<std::ptrdiff_t>(cut), now.end());
    if (mixed == old || mixed == now) continue;  // the headers agree in their first bytes
    ASSERT_THAT(sealer.Open(Table::kPerson, tag, mixed), HasCode(StatusCode::kAltered)) << cut;
  }
}

TEST(RecordSealerTest, D1NoncesOfTwoHundredThousandSealsDiffer) {
  const RecordSealer sealer = MakeSealer(OneStorageKey());
  constexpr std::size_t kSeals = 200'000;
  std::vector<std::array<std::uint8_t, 24>> nonces(kSeals);
  const RecordTag tag = Tag("tag");
  const SealedBytes payload = Bytes("the same payload");
  for (auto& nonce : nonces) {
    const SealedBytes record = Expect(sealer.Seal(Table::kPerson, tag, 1, payload));
    std::copy_n(record.begin() + kNonceOffset, nonce.size(), nonce.begin());
  }
  std::sort(nonces.begin(), nonces.end());
  EXPECT_EQ(std::adjacent_find(nonces.begin(), nonces.end()), nonces.end());
  // A counter would be unique too, and would repeat when a copy of the store lives on: about half
  // of all bits must be set in each position.
  for (std::size_t bit = 0; bit < 24 * 8; ++bit) {
    const auto set = std::count_if(nonces.begin(), nonces.end(), [bit](const auto& nonce) {
      return (nonce[bit / 8] >> bit % 8 & 1) != 0;
    });
    EXPECT_NEAR(static_cast<double>(set), kSeals / 2.0, 2000) << bit;  // 9 standard deviations
  }
}

TEST(RecordSealerTest, LengthsAreHiddenInStepsOf64) {
  const RecordSealer sealer = MakeSealer(OneStorageKey());
  const RecordTag tag = Tag("tag");
  for (std::size_t size = 0; size <= 300; ++size) {
    const SealedBytes record = Expect(sealer.Seal(Table::kPerson, tag, 1, Counting(size)));
    EXPECT_EQ(record.size(), kOverhead + (size / 64 + 1) * 64) << size;
    const auto opened = sealer.Open(Table::kPerson, tag, record);
    ASSERT_THAT(opened, IsOk());
    EXPECT_TRUE(std::ranges::equal(opened->payload.Expose(), Counting(size))) << size;
  }
}

TEST(RecordSealerTest, PayloadsThatLookLikePaddingComeBackWhole) {
  const RecordSealer sealer = MakeSealer(OneStorageKey());
  const RecordTag tag = Tag("tag");
  for (const std::size_t size : {1u, 62u, 63u, 64u, 65u, 127u, 128u}) {
    for (const std::uint8_t fill : {std::uint8_t{0x00}, std::uint8_t{0x80}}) {
      const SealedBytes payload(size, fill);
      const SealedBytes record = Expect(sealer.Seal(Table::kPerson, tag, 1, payload));
      const auto opened = sealer.Open(Table::kPerson, tag, record);
      ASSERT_THAT(opened, IsOk());
      EXPECT_TRUE(std::ranges::equal(opened->payload.Expose(), payload)) << size;
    }
  }
}

TEST(RecordSealerTest, VersionAndEpochStandInTheHeaderAndComeBack) {
  const RecordSealer sealer = MakeSealer(OneStorageKey(0x01020304));
  const RecordTag tag = Tag("tag");
  for (const std::uint32_t version : {1u, 2u, 0x80000000u, 0xffffffffu}) {
    const SealedBytes record = Expect(sealer.Seal(Table::kPerson, tag, version, Bytes("x")));
    ByteReader reader(record);
    EXPECT_EQ(reader.U8(), 1);  // format
    EXPECT_EQ(reader.U8(), 1);  // symmetric
    EXPECT_EQ(reader.U32(), 0x01020304u);
    EXPECT_EQ(reader.U32(), version);
    EXPECT_EQ(Expect(sealer.Open(Table::kPerson, tag, record)).version, version);
  }
}

// No reader takes version 0 (docs/formats/mapping-store.md, section 3), so no writer may make it.
TEST(RecordSealerTest, VersionZeroIsNotSealed) {
  const RecordSealer sealer = MakeSealer(OneStorageKey());
  EXPECT_THAT(sealer.Seal(Table::kPerson, Tag("tag"), 0, Bytes("x")),
              HasCode(StatusCode::kInvalidArgument));
}

TEST(RecordSealerTest, SealsUnderTheNewestEpochAndOpensAllOfThem) {
  const RecordTag tag = Tag("tag");
  TestKeyring keys = OneStorageKey(3, 0);
  const SealedBytes old = Expect(MakeSealer(keys).Seal(Table::kPerson, tag, 1, Bytes("old")));
  keys.keys.push_back({KeyKind::kStorage, 300, Counting(32, 100)});
  const RecordSealer both = MakeSealer(keys);
  EXPECT_EQ(PayloadOf(both.Open(Table::kPerson, tag, old)), "old");
  const SealedBytes now = Expect(both.Seal(Table::kPerson, tag, 2, Bytes("new")));
  EXPECT_EQ(PayloadOf(both.Open(Table::kPerson, tag, now)), "new");
  ByteReader reader(ByteView(now).subspan(kEpochOffset));
  EXPECT_EQ(reader.U32(), 300u);
  // Without the old epoch its records are gone, and the others are not.
  keys.keys.erase(keys.keys.begin());
  const RecordSealer newest = MakeSealer(keys);
  EXPECT_THAT(newest.Open(Table::kPerson, tag, old), HasCode(StatusCode::kAltered));
  EXPECT_EQ(PayloadOf(newest.Open(Table::kPerson, tag, now)), "new");
}

TEST(RecordSealerTest, SaysWhetherItHasTheKeyThatARecordNames) {
  const RecordTag tag = Tag("tag");
  TestKeyring keys = OneStorageKey(3, 0);
  const SealedBytes old = Expect(MakeSealer(keys).Seal(Table::kPerson, tag, 1, Bytes("old")));
  keys.keys.push_back({KeyKind::kStorage, 0x01000003, Counting(32, 100)});
  const RecordSealer both = MakeSealer(keys);
  const SealedBytes now = Expect(both.Seal(Table::kPerson, tag, 2, Bytes("new")));
  EXPECT_TRUE(both.HasKeyOf(old));
  EXPECT_TRUE(both.HasKeyOf(now));
  EXPECT_FALSE(MakeSealer(OneStorageKey(3, 0)).HasKeyOf(now));
  // What is too short to name an epoch names none.
  for (std::size_t size = 0; size < 6; ++size) {
    EXPECT_FALSE(both.HasKeyOf(ByteView(now).first(size))) << size;
  }
}

TEST(RecordSealerTest, OnlyTheKeyOfTheNamedEpochIsTried) {
  // Sealed as epoch 1 with a key that the opener knows, but as epoch 2.
  const RecordTag tag = Tag("tag");
  const SealedBytes record =
      Expect(MakeSealer(OneStorageKey(1, 7)).Seal(Table::kPerson, tag, 1, Bytes("payload")));
  TestKeyring keys = OneStorageKey(1, 0);
  keys.keys.push_back({KeyKind::kStorage, 2, Counting(32, 7)});
  const RecordSealer opener = MakeSealer(keys);
  EXPECT_THAT(opener.Open(Table::kPerson, tag, record), HasCode(StatusCode::kAltered));
  // Naming epoch 2 instead chooses the right key, and changes what is authenticated.
  SealedBytes renamed = record;
  renamed[kEpochOffset] = 2;
  EXPECT_THAT(opener.Open(Table::kPerson, tag, renamed), HasCode(StatusCode::kAltered));
  // As epoch 1 that key opens it.
  EXPECT_THAT(MakeSealer(OneStorageKey(1, 7)).Open(Table::kPerson, tag, record), IsOk());
}

TEST(RecordSealerTest, AnOlderVersionNumberCannotBeClaimed) {
  const RecordSealer sealer = MakeSealer(OneStorageKey());
  const RecordTag tag = Tag("tag");
  SealedBytes record = Expect(sealer.Seal(Table::kPerson, tag, 1, Bytes("old")));
  record[kVersionOffset] = 2;
  EXPECT_THAT(sealer.Open(Table::kPerson, tag, record), HasCode(StatusCode::kAltered));
}

TEST(RecordSealerTest, RecordsAreAtMostOneMebibyte) {
  const RecordSealer sealer = MakeSealer(OneStorageKey());
  const RecordTag tag = Tag("tag");
  constexpr std::size_t kLargestPayload = ((std::size_t{1} << 20) - kOverhead) / 64 * 64 - 1;
  const SealedBytes largest = Counting(kLargestPayload);
  const auto record = sealer.Seal(Table::kPerson, tag, 1, largest);
  ASSERT_THAT(record, IsOk());
  EXPECT_LE(record->size(), std::size_t{1} << 20);
  EXPECT_THAT(sealer.Open(Table::kPerson, tag, *record), IsOk());
  EXPECT_THAT(sealer.Seal(Table::kPerson, tag, 1, Counting(kLargestPayload + 1)),
              HasCode(StatusCode::kInvalidArgument));
}

TEST(RecordSealerTest, AuditEntriesAreAtMost64Mebibytes) {
  const RecordSealer sealer = MakeSealer(OneStorageKey());
  const RecordTag tag = testing::NumberTag(1);
  constexpr std::size_t kLargestPayload = ((std::size_t{64} << 20) - kOverhead) / 64 * 64 - 1;
  SealedBytes payload(kLargestPayload, 0x41);
  const auto record = sealer.Seal(Table::kAudit, tag, 1, payload);
  ASSERT_THAT(record, IsOk());
  EXPECT_LE(record->size(), std::size_t{64} << 20);
  EXPECT_THAT(sealer.Open(Table::kAudit, tag, *record), IsOk());
  payload.push_back(0x41);
  EXPECT_THAT(sealer.Seal(Table::kAudit, tag, 1, payload), HasCode(StatusCode::kInvalidArgument));
}

TEST(RecordSealerTest, ManyAreSealedAsEachByItselfAndUnderNoncesOfTheirOwn) {
  const RecordSealer sealer = MakeSealer(OneStorageKey(7));
  for (const std::size_t count : std::to_array<std::size_t>({0, 1, 2, 255, 256, 5000})) {
    std::vector<std::vector<std::uint8_t>> payloads;
    std::vector<RecordSealer::Plain> plain;
    for (std::size_t i = 0; i < count; ++i) payloads.emplace_back(i % 300, std::uint8_t{0x80});
    for (std::size_t i = 0; i < count; ++i) {
      plain.push_back({i % 2 == 0 ? Table::kPerson : Table::kExternalId,
                       testing::NumberTag(i), static_cast<std::uint32_t>(i + 1), payloads[i]});
    }
    const std::vector<SealedBytes> sealed = Expect(sealer.SealMany(plain));
    ASSERT_EQ(sealed.size(), count);
    std::set<std::vector<std::uint8_t>> nonces;
    for (std::size_t i = 0; i < count; ++i) {
      const auto opened = sealer.Open(plain[i].table, plain[i].tag, sealed[i]);
      ASSERT_THAT(opened, IsOk());
      EXPECT_EQ(opened->version, plain[i].version);
      EXPECT_TRUE(std::ranges::equal(opened->payload.Expose(), payloads[i]));
      EXPECT_EQ(sealed[i].size(), kOverhead + (payloads[i].size() / 64 + 1) * 64);
      const auto nonce = sealed[i].begin() + kNonceOffset;
      EXPECT_TRUE(nonces.emplace(nonce, nonce + 24).second);
    }
  }
}

TEST(RecordSealerTest, OfManyNoneIsSealedIfOneCannotBe) {
  const RecordSealer sealer = MakeSealer(OneStorageKey());
  const std::vector<std::uint8_t> large(std::size_t{1} << 20);
  std::vector<RecordSealer::Plain> plain(3000, {Table::kPerson, Tag("a"), 1, {}});
  plain[2999].payload = large;
  EXPECT_THAT(sealer.SealMany(plain), HasCode(StatusCode::kInvalidArgument));
  plain[2999] = {Table::kPerson, Tag("a"), 0, {}};
  EXPECT_THAT(sealer.SealMany(plain), HasCode(StatusCode::kInvalidArgument));
}

TEST(RecordSealerTest, TheSamePayloadSealedTwiceLooksUnrelated) {
  const RecordSealer sealer = MakeSealer(OneStorageKey());
  const RecordTag tag = Tag("tag");
  const SealedBytes a = Expect(sealer.Seal(Table::kPerson, tag, 1, Bytes("the same")));
  const SealedBytes b = Expect(sealer.Seal(Table::kPerson, tag, 1, Bytes("the same")));
  std::size_t equal = 0;
  for (std::size_t i = kNonceOffset; i < a.size(); ++i) equal += a[i] == b[i];
  EXPECT_LT(equal, 10u);  // of 104 bytes, 0.4 by chance
}

}  // namespace
}  // namespace moniker::internal
