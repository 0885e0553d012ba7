#include "store/index_tags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <string>

#include "moniker/label.h"
#include "moniker/pseudonym.h"
#include "moniker/scope.h"
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

Result<TagSet> TagsOf(const IndexTags& tags, const VectorFile& vector) {
  if (vector.Get("use") == "person") {
    const std::string issuer = vector.Bytes("issuer-hex");
    const std::string value = vector.Bytes("value-hex");
    return tags.OfIdentifier({issuer, value, IdentifierKind::kOpaque});
  }
  if (vector.Get("use") == "roster") {
    const auto style = static_cast<LabelStyle>(std::stoi(vector.Get("style")));
    const auto value = static_cast<std::uint32_t>(std::stoul(vector.Get("value")));
    return tags.OfLabel(vector.Bytes("conference-hex"), Label::FromValue(style, value).value());
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
    const Result<TagSet> made = TagsOf(MakeTags(keys), vector);
    if (vector.Get("expect") == "ok") {
      ++accepted;
      ASSERT_THAT(made, IsOk());
      ASSERT_EQ(made->size(), 1u);
      EXPECT_EQ(testing::ToHex(made->front().bytes()), vector.Get("tag-hex"));
    } else {
      ++refused;
      EXPECT_THAT(made, HasCode(StatusCode::kInvalidArgument));
    }
  }
  EXPECT_EQ(accepted, 70);
  EXPECT_EQ(refused, 40);
}

RecordTag Newest(const Result<TagSet>& tags) {
  Expect(tags.status());
  return tags->front();
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
  const RecordTag as_person = Newest(tags.OfIdentifier({"m", text}));
  const RecordTag as_external_id = Newest(tags.OfExternalId(Uuid(sixteen)));
  const RecordTag as_participant = Newest(tags.OfParticipant(text));
  ExpectUnrelated(as_person, as_external_id);
  ExpectUnrelated(as_person, as_participant);
  ExpectUnrelated(as_external_id, as_participant);
}

TEST(IndexTagsTest, D5WithoutTheIndexKeyAGuessCannotBeTested) {
  // A thief who knows everything but the index key: same vault ID, suite, identity, storage key.
  const RecordTag real = Newest(MakeTags(OneIndexKey(0)).OfIdentifier({"mrn.hospital-a", "123"}));
  const RecordTag guess = Newest(MakeTags(OneIndexKey(1)).OfIdentifier({"mrn.hospital-a", "123"}));
  ExpectUnrelated(real, guess);
}

TEST(IndexTagsTest, TwoVaultsWithTheSameKeyHaveUnrelatedTags) {
  TestKeyring other = OneIndexKey();
  other.vault_id[15] = 1;
  const IndexTags here = MakeTags(OneIndexKey());
  const IndexTags there = MakeTags(other);
  ExpectUnrelated(Newest(here.OfIdentifier({"mrn", "123"})),
                  Newest(there.OfIdentifier({"mrn", "123"})));
  ExpectUnrelated(Newest(here.OfParticipant("123")), Newest(there.OfParticipant("123")));
  ExpectUnrelated(Newest(here.OfExternalId(Uuid({}))), Newest(there.OfExternalId(Uuid({}))));
}

TEST(IndexTagsTest, IdentityAndStorageKeysDoNotChangeTags) {
  TestKeyring rotated = OneIndexKey();
  rotated.keys.push_back({KeyKind::kIdentity, 2, Counting(32, 50)});
  rotated.keys.push_back({KeyKind::kStorage, 2, Counting(32, 60)});
  EXPECT_EQ(Newest(MakeTags(OneIndexKey()).OfIdentifier({"mrn", "123"})),
            Newest(MakeTags(rotated).OfIdentifier({"mrn", "123"})));
}

TEST(IndexTagsTest, EveryIndexEpochHasATagAndTheNewestComesFirst) {
  TestKeyring three;
  three.keys = {{KeyKind::kIndex, 2, Counting(32, 0)},
                {KeyKind::kIndex, 5, Counting(32, 9)},
                {KeyKind::kIndex, 300, Counting(32, 30)}};
  const IndexTags tags = MakeTags(three);
  const auto each = [&](const auto& of) {
    const TagSet expected = {Newest(of(MakeTags(OneIndexKey(30)))),
                             Newest(of(MakeTags(OneIndexKey(9)))),
                             Newest(of(MakeTags(OneIndexKey(0))))};
    EXPECT_EQ(Expect(of(tags)), expected);
  };
  each([](const IndexTags& of) { return of.OfIdentifier({"mrn", "123"}); });
  each([](const IndexTags& of) { return of.OfParticipant("p-1"); });
  each([](const IndexTags& of) { return of.OfExternalId(Uuid({})); });
  each([](const IndexTags& of) {
    return of.OfLabel("visit-42", *Label::FromValue(LabelStyle::kCode, 1));
  });
}

TEST(IndexTagsTest, LabelsOfOtherConferencesStylesAndValuesHaveUnrelatedTags) {
  const IndexTags tags = MakeTags(OneIndexKey());
  const auto of = [&](std::string_view conference, LabelStyle style, std::uint32_t value) {
    return Newest(tags.OfLabel(conference, *Label::FromValue(style, value)));
  };
  const RecordTag one = of("visit-42", LabelStyle::kCode, 7);
  ExpectUnrelated(one, of("visit-43", LabelStyle::kCode, 7));
  ExpectUnrelated(one, of("visit-42", LabelStyle::kWords, 7));
  ExpectUnrelated(one, of("visit-42", LabelStyle::kCode, 8));
}

TEST(IndexTagsTest, TheLongestConferenceHasATag) {
  const IndexTags tags = MakeTags(OneIndexKey());
  const std::string longest(Scope::kMaxConferenceSize, 'c');
  std::string other = longest;
  other.back() = 'd';
  const Label label = *Label::FromValue(LabelStyle::kWords, Label::Count(LabelStyle::kWords) - 1);
  ExpectUnrelated(Newest(tags.OfLabel(longest, label)), Newest(tags.OfLabel(other, label)));
}

// The tag is that of the canonical form, whatever the spelling.
TEST(IndexTagsTest, SpellingsOfOneIdentifierHaveOneTag) {
  const IndexTags tags = MakeTags(OneIndexKey());
  EXPECT_EQ(Newest(tags.OfIdentifier({"email", "Jo@EXAMPLE.org"})),
            Newest(tags.OfIdentifier({"email", "jo@example.org"})));
  EXPECT_EQ(Newest(tags.OfIdentifier({"staff", "Jo  Ann", IdentifierKind::kText})),
            Newest(tags.OfIdentifier({"staff", "jo ann", IdentifierKind::kText})));
  EXPECT_NE(Newest(tags.OfIdentifier({"staff", "Jo Ann"})),
            Newest(tags.OfIdentifier({"staff", "jo ann"})));
}

TEST(IndexTagsTest, IssuerAndValueCannotBeShiftedIntoEachOther) {
  const IndexTags tags = MakeTags(OneIndexKey());
  EXPECT_NE(Newest(tags.OfIdentifier({"mrn", "a123"})), Newest(tags.OfIdentifier({"mrna", "123"})));
}

TEST(IndexTagsTest, TagsHaveSixteenBytes) {
  const IndexTags tags = MakeTags(OneIndexKey());
  EXPECT_EQ(Newest(tags.OfIdentifier({"mrn", "1"})).bytes().size(), 16u);
  EXPECT_EQ(Newest(tags.OfExternalId(Uuid({}))).bytes().size(), 16u);
  EXPECT_EQ(Newest(tags.OfParticipant("1")).bytes().size(), 16u);
}

TEST(IndexTagsTest, IdentifiersThatAreNotValidHaveNoTag) {
  const IndexTags tags = MakeTags(OneIndexKey());
  EXPECT_THAT(tags.OfIdentifier({"", "123"}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(tags.OfIdentifier({"MRN", "123"}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(tags.OfIdentifier({"mrn", ""}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(tags.OfIdentifier({"mrn", " 123"}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(tags.OfIdentifier({"mrn", std::string(1025, 'x')}),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(tags.OfIdentifier({"mrn", std::string(1024, 'x')}), IsOk());
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
