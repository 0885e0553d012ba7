#include "store/index_tags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <string>

#include "moniker/pseudonym.h"
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
using testing::TestKeyring;
using testing::VectorFile;

IndexTags MakeTags(const TestKeyring& keys) { return Expect(IndexTags::Create(MakeKeyring(keys))); }

TestKeyring OneIndexKey(std::size_t first_byte = 0) {
  return {.keys = {{KeyKind::kIndex, 1, Counting(32, first_byte)}}};
}

Result<RecordTag> TagOf(const IndexTags& tags, const VectorFile& vector) {
  if (vector.Get("use") == "person") {
    const std::string issuer = vector.Bytes("issuer-hex");
    const std::string value = vector.Bytes("value-hex");
    return tags.OfPerson({issuer, value});
  }
  if (vector.Get("use") == "participant") {
    return tags.OfParticipant(vector.Bytes("participant-id-hex"));
  }
  if (vector.Has("uuid")) return tags.OfExternalId(Expect(Uuid::Parse(vector.Get("uuid"))));
  return tags.OfExternalId(UuidOf(Expect(ExternalId::Parse(vector.Get("external-id")))));
}

TEST(IndexTagsTest, AgreesWithTheSpecification) {
  int accepted = 0;
  int refused = 0;
  for (const VectorFile& vector : testing::ReadVectors("mapping-store", "tag")) {
    SCOPED_TRACE(vector.name());
    TestKeyring keys;
    keys.suite = vector.Get("suite") == "blake2b" ? Suite::kBlake2b : Suite::kHmacSha256;
    const std::string vault_id = vector.Bytes("vault-id-hex");
    std::copy_n(vault_id.begin(), keys.vault_id.size(), keys.vault_id.begin());
    keys.keys = {{KeyKind::kIndex, 1, Bytes(vector.Bytes("index-key-hex"))}};
    const Result<RecordTag> tag = TagOf(MakeTags(keys), vector);
    if (vector.Get("expect") == "ok") {
      ++accepted;
      ASSERT_THAT(tag, IsOk());
      EXPECT_EQ(testing::ToHex(tag->bytes()), vector.Get("tag-hex"));
    } else {
      ++refused;
      EXPECT_THAT(tag, HasCode(StatusCode::kInvalidArgument));
    }
  }
  EXPECT_EQ(accepted, 48);
  EXPECT_EQ(refused, 40);
}

// Of 128 bits two unrelated tags share 64, and fewer than 30 or more than 98 once in 10^9.
void ExpectUnrelated(const RecordTag& a, const RecordTag& b) {
  int differing = 0;
  for (std::size_t i = 0; i < IndexTags::kSize; ++i) {
    differing += std::popcount(static_cast<unsigned>(a.bytes()[i] ^ b.bytes()[i]));
  }
  EXPECT_GT(differing, 30);
  EXPECT_LT(differing, 98);
}

TEST(IndexTagsTest, D4TheSameTextInDifferentUsesHasUnrelatedTags) {
  const IndexTags tags = MakeTags(OneIndexKey());
  // The participant ID is the very bytes that the other two hash: lp(issuer) || value, and U.
  Uuid::Bytes sixteen;
  const std::string text = "m0123456789abcde";
  std::copy(text.begin(), text.end(), sixteen.begin());
  const RecordTag as_person = Expect(tags.OfPerson({"m", text}));
  const RecordTag as_external_id = Expect(tags.OfExternalId(Uuid(sixteen)));
  const RecordTag as_participant = Expect(tags.OfParticipant(text));
  ExpectUnrelated(as_person, as_external_id);
  ExpectUnrelated(as_person, as_participant);
  ExpectUnrelated(as_external_id, as_participant);
}

TEST(IndexTagsTest, D5WithoutTheIndexKeyAGuessCannotBeTested) {
  // A thief who knows everything but the index key: same vault ID, suite, identity, storage key.
  const RecordTag real = Expect(MakeTags(OneIndexKey(0)).OfPerson({"mrn.hospital-a", "123"}));
  const RecordTag guess = Expect(MakeTags(OneIndexKey(1)).OfPerson({"mrn.hospital-a", "123"}));
  ExpectUnrelated(real, guess);
}

TEST(IndexTagsTest, TwoVaultsWithTheSameKeyHaveUnrelatedTags) {
  TestKeyring other = OneIndexKey();
  other.vault_id[15] = 1;
  const IndexTags here = MakeTags(OneIndexKey());
  const IndexTags there = MakeTags(other);
  ExpectUnrelated(Expect(here.OfPerson({"mrn", "123"})), Expect(there.OfPerson({"mrn", "123"})));
  ExpectUnrelated(Expect(here.OfParticipant("123")), Expect(there.OfParticipant("123")));
  ExpectUnrelated(Expect(here.OfExternalId(Uuid({}))), Expect(there.OfExternalId(Uuid({}))));
}

TEST(IndexTagsTest, IdentityAndStorageKeysDoNotChangeTags) {
  TestKeyring rotated = OneIndexKey();
  rotated.keys.push_back({KeyKind::kIdentity, 2, Counting(32, 50)});
  rotated.keys.push_back({KeyKind::kStorage, 2, Counting(32, 60)});
  EXPECT_EQ(Expect(MakeTags(OneIndexKey()).OfPerson({"mrn", "123"})),
            Expect(MakeTags(rotated).OfPerson({"mrn", "123"})));
}

TEST(IndexTagsTest, TheNewestIndexEpochMakesTheTags) {
  TestKeyring two = OneIndexKey(0);
  two.keys.push_back({KeyKind::kIndex, 2, Counting(32, 9)});
  EXPECT_EQ(Expect(MakeTags(two).OfPerson({"mrn", "123"})),
            Expect(MakeTags(OneIndexKey(9)).OfPerson({"mrn", "123"})));
}

TEST(IndexTagsTest, IssuerAndValueCannotBeShiftedIntoEachOther) {
  const IndexTags tags = MakeTags(OneIndexKey());
  EXPECT_NE(Expect(tags.OfPerson({"mrn", "a123"})), Expect(tags.OfPerson({"mrna", "123"})));
}

TEST(IndexTagsTest, TagsHaveSixteenBytes) {
  const IndexTags tags = MakeTags(OneIndexKey());
  EXPECT_EQ(Expect(tags.OfPerson({"mrn", "1"})).bytes().size(), 16u);
  EXPECT_EQ(Expect(tags.OfExternalId(Uuid({}))).bytes().size(), 16u);
  EXPECT_EQ(Expect(tags.OfParticipant("1")).bytes().size(), 16u);
}

TEST(IndexTagsTest, IdentifiersThatAreNotValidHaveNoTag) {
  const IndexTags tags = MakeTags(OneIndexKey());
  EXPECT_THAT(tags.OfPerson({"", "123"}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(tags.OfPerson({"MRN", "123"}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(tags.OfPerson({"mrn", ""}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(tags.OfPerson({"mrn", " 123"}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(tags.OfPerson({"mrn", std::string(1025, 'x')}),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(tags.OfPerson({"mrn", std::string(1024, 'x')}), IsOk());
}

TEST(IndexTagsTest, ParticipantIdsAreAtMost256BytesWithoutWhiteSpace) {
  EXPECT_THAT(ValidateParticipantId(std::string(256, 'x')), IsOk());
  EXPECT_THAT(ValidateParticipantId(std::string(257, 'x')), HasCode(StatusCode::kInvalidArgument));
  for (const std::string_view bad : {"", "a b", " a", "a ", "a\tb", "a\n", "a\xC2\xA0", "a\x80",
                                     "a\xE2\x80\xA8"
                                     "b",
                                     "a\xC2\x85", "\x7F"}) {
    EXPECT_THAT(ValidateParticipantId(bad), HasCode(StatusCode::kInvalidArgument)) << bad;
  }
  EXPECT_THAT(ValidateParticipantId("\xC3\xA4-\xF0\x9F\x98\x80"), IsOk());
}

}  // namespace
}  // namespace moniker::internal
