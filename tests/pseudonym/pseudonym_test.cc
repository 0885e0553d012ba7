#include "moniker/pseudonym.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "moniker/anonymizer.h"
#include "support/hex.h"

namespace moniker {
namespace {

using testing::Counting;
using testing::FromHex;
using ::testing::MatchesRegex;
using testing::Secret;
using testing::ToHex;

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";

Digest DigestOf(std::string_view hex) {
  const std::vector<std::uint8_t> bytes = FromHex(hex);
  Digest digest;
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

Digest RandomDigest(std::mt19937* random) {
  Digest digest;
  for (std::uint8_t& byte : digest) byte = static_cast<std::uint8_t>((*random)());
  return digest;
}

std::string IdOf(const Digest& digest) {
  return std::string(Pseudonym(digest).external_id().text());
}

// A few IDs of every kind: the worked examples, the ends of the range, random ones.
std::vector<std::string> SomeIds() {
  std::vector<std::string> ids = {"m32pnb88e0wgd7hc26m7ph6zyfqm3092",
                                  "masat0zm843tjq7f9421yapab7xdcp47", IdOf(Digest{}),
                                  IdOf(DigestOf(std::string(64, 'f')))};
  std::mt19937 random(7);
  for (int i = 0; i < 6; ++i) ids.push_back(IdOf(RandomDigest(&random)));
  return ids;
}

TEST(PseudonymTest, RendersTheWorkedExampleOfTheFormat) {
  const Pseudonym pseudonym(
      DigestOf("18ad55a10e0720d3c582350f689bfe7de83027c321b1bd6ed1d330b1c0eaee39"));
  EXPECT_EQ(pseudonym.external_id().text(), "m32pnb88e0wgd7hc26m7ph6zyfqm3092");
  EXPECT_EQ(pseudonym.label_code(), "RCG-V3F");
  EXPECT_EQ(pseudonym.avatar_index(), 211);
  EXPECT_EQ(pseudonym.uuid().text(), "18ad55a1-0e07-80d3-8582-350f689bfe7d");
}

// The model: the digest as a text of 0 and 1.
TEST(PseudonymTest, EveryRenderingAgreesWithATextOfBits) {
  std::mt19937 random(11);
  for (int round = 0; round < 500; ++round) {
    const Digest digest = RandomDigest(&random);
    std::string bits;
    for (const std::uint8_t byte : digest) {
      for (int i = 7; i >= 0; --i) bits += (byte >> i & 1) != 0 ? '1' : '0';
    }
    const auto character = [&bits](std::size_t start) {
      return kAlphabet[std::stoul(bits.substr(start, 5), nullptr, 2)];
    };
    const Pseudonym pseudonym(digest);
    const std::string id(pseudonym.external_id().text());
    ASSERT_EQ(id.size(), 32u);
    EXPECT_EQ(id[0], 'm');
    for (std::size_t i = 0; i < 30; ++i) EXPECT_EQ(id[1 + i], character(5 * i));
    std::string label;
    for (std::size_t i = 0; i < 6; ++i) {
      if (i == 3) label += '-';
      label += static_cast<char>(std::toupper(character(8 * 19 + 5 * i)));
    }
    EXPECT_EQ(pseudonym.label_code(), label);
    EXPECT_EQ(pseudonym.avatar_index(), digest[25]);
    bits.replace(48, 4, "1000");
    bits.replace(64, 2, "10");
    std::string uuid;
    for (std::size_t i = 0; i < 32; ++i) {
      if (i == 8 || i == 12 || i == 16 || i == 20) uuid += '-';
      uuid += "0123456789abcdef"[std::stoul(bits.substr(4 * i, 4), nullptr, 2)];
    }
    EXPECT_EQ(pseudonym.uuid().text(), uuid);
    EXPECT_EQ(UuidOf(pseudonym.external_id()), pseudonym.uuid());
    EXPECT_EQ(*ExternalId::Parse(id), pseudonym.external_id());
  }
}

// Each bit of the digest is in the renderings that the format says, and in no other.
TEST(PseudonymTest, EveryBitOfTheDigestChangesWhatItBelongsToAndNothingElse) {
  const Digest digest =
      DigestOf("18ad55a10e0720d3c582350f689bfe7de83027c321b1bd6ed1d330b1c0eaee39");
  const Pseudonym original(digest);
  for (std::size_t bit = 0; bit < 256; ++bit) {
    Digest changed = digest;
    changed[bit / 8] ^= static_cast<std::uint8_t>(0x80u >> bit % 8);
    const Pseudonym pseudonym(changed);
    const bool in_version = (bit >= 48 && bit < 52) || bit == 64 || bit == 65;
    EXPECT_EQ(pseudonym.external_id() != original.external_id(), bit < 150) << bit;
    EXPECT_EQ(pseudonym.uuid() == original.uuid(), bit >= 128 || in_version) << bit;
    EXPECT_EQ(pseudonym.label_code() != original.label_code(), bit >= 152 && bit < 182) << bit;
    EXPECT_EQ(pseudonym.avatar_index() != original.avatar_index(), bit >= 200 && bit < 208) << bit;
  }
}

TEST(PseudonymTest, LabelHasSixCapitalsOrDigitsOfTheAlphabetAndAHyphen) {
  std::mt19937 random(12);
  std::set<char> seen;
  for (int i = 0; i < 2000; ++i) {
    const std::string label = Pseudonym(RandomDigest(&random)).label_code();
    ASSERT_EQ(label.size(), Pseudonym::kLabelCodeSize);
    ASSERT_EQ(label[3], '-');
    seen.insert(label.begin(), label.end());
  }
  std::set<char> expected = {'-'};
  for (const char c : kAlphabet) expected.insert(static_cast<char>(std::toupper(c)));
  EXPECT_EQ(seen, expected);
}

TEST(PseudonymTest, KeepsItsDigest) {
  std::mt19937 random(13);
  const Digest digest = RandomDigest(&random);
  EXPECT_EQ(Pseudonym(digest).digest(), digest);
}

TEST(ExternalIdTest, EverySubstitutionOfOneCharacterIsFound) {
  int count = 0;
  for (const std::string& id : SomeIds()) {
    ASSERT_TRUE(ExternalId::Parse(id).ok()) << id;
    for (std::size_t i = 1; i < 32; ++i) {
      for (const char c : kAlphabet) {
        if (c == id[i]) continue;
        std::string wrong = id;
        wrong[i] = c;
        EXPECT_FALSE(ExternalId::Parse(wrong).ok()) << wrong;
        EXPECT_FALSE(ExternalId::ParseTyped(wrong).ok()) << wrong;
        ++count;
      }
    }
  }
  EXPECT_EQ(count, 10 * 31 * 31);
}

TEST(ExternalIdTest, EverySwapOfTwoDifferentCharactersIsFound) {
  int count = 0;
  for (const std::string& id : SomeIds()) {
    for (std::size_t i = 0; i < 32; ++i) {
      for (std::size_t j = i + 1; j < 32; ++j) {
        if (id[i] == id[j]) continue;
        std::string wrong = id;
        std::swap(wrong[i], wrong[j]);
        EXPECT_FALSE(ExternalId::Parse(wrong).ok()) << wrong;
        ++count;
      }
    }
  }
  EXPECT_GT(count, 3500);
}

TEST(ExternalIdTest, ExactlyOneCheckCharacterIsRight) {
  for (const std::string& id : SomeIds()) {
    int accepted = 0;
    for (int c = 0; c < 256; ++c) {
      std::string other = id;
      other[31] = static_cast<char>(c);
      accepted += ExternalId::Parse(other).ok();
    }
    EXPECT_EQ(accepted, 1);
  }
}

TEST(ExternalIdTest, NoOtherByteIsTakenAtAnyPlace) {
  const std::string id = SomeIds()[0];
  for (std::size_t i = 0; i < 32; ++i) {
    for (int c = 0; c < 256; ++c) {
      std::string other = id;
      other[i] = static_cast<char>(c);
      EXPECT_EQ(ExternalId::Parse(other).ok(), other == id) << i << " " << c;
    }
  }
}

TEST(ExternalIdTest, ErrorsSayLengthOrCharacterOrCheckCharacter) {
  const auto message = [](std::string_view text) {
    return std::string(ExternalId::Parse(text).status().message());
  };
  const std::string id = SomeIds()[0];
  for (const std::string& text :
       {std::string(), id.substr(1), id.substr(0, 31), id + "0", " " + id, id + "\n", id + id}) {
    EXPECT_EQ(message(text), "external ID: not 32 characters");
    EXPECT_EQ(ExternalId::ParseTyped(text).status().message(), "external ID: not 32 characters");
  }
  EXPECT_EQ(message("n" + id.substr(1)), "external ID: a character it cannot have");
  EXPECT_EQ(message("M" + id.substr(1)), "external ID: a character it cannot have");
  EXPECT_EQ(message("mu" + id.substr(2)), "external ID: a character it cannot have");
  EXPECT_EQ(message("m4" + id.substr(2)), "external ID: the check character is wrong");
}

TEST(ExternalIdTest, TypedTakesUpperCaseAndLookalikesAndNothingElse) {
  for (const std::string& id : SomeIds()) {
    std::string upper = id;
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    EXPECT_EQ(ExternalId::ParseTyped(id)->text(), id);
    EXPECT_EQ(ExternalId::ParseTyped(upper)->text(), id);
    for (std::size_t i = 1; i < 32; ++i) {
      for (int c = 0; c < 256; ++c) {
        std::string typed = id;
        typed[i] = static_cast<char>(c);
        char meant = static_cast<char>(c < 128 ? std::tolower(c) : c);
        if (meant == 'o') meant = '0';
        if (meant == 'i' || meant == 'l') meant = '1';
        EXPECT_EQ(ExternalId::ParseTyped(typed).ok(), meant == id[i]) << typed;
      }
    }
  }
  EXPECT_FALSE(ExternalId::ParseTyped(" 32pnb88e0wgd7hc26m7ph6zyfqm3092").ok());
}

TEST(ExternalIdTest, MetadataBehindAFullStopIsDropped) {
  const std::string id = SomeIds()[0];
  for (const std::size_t size : {124u, 210u, 4050u}) {
    const std::string text = id + "." + std::string(size, 'A');
    ASSERT_TRUE(ExternalId::Parse(text).ok()) << size;
    EXPECT_EQ(ExternalId::Parse(text)->text(), id);
    EXPECT_EQ(ExternalId::ParseTyped(text)->text(), id);
  }
  for (const std::size_t size : {0u, 1u, 3u, 123u, 125u, 209u, 211u, 4051u, 4136u}) {
    const std::string text = id + "." + std::string(size, 'A');
    EXPECT_EQ(ExternalId::Parse(text).status().message(),
              "external ID: what follows the full stop is no metadata")
        << size;
    EXPECT_FALSE(ExternalId::ParseTyped(text).ok()) << size;
  }
  EXPECT_FALSE(ExternalId::Parse(id + "," + std::string(124, 'A')).ok());
  EXPECT_FALSE(ExternalId::Parse(id.substr(1) + "." + std::string(124, 'A')).ok());
  EXPECT_FALSE(ExternalId::Parse("m4" + id.substr(2) + "." + std::string(124, 'A')).ok());
}

TEST(ExternalIdTest, TypedMapsTheIdAndNotItsMetadata) {
  const std::string id = SomeIds()[0];
  std::string upper = id;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(ExternalId::ParseTyped(upper + "." + std::string(124, 'o'))->text(), id);
  EXPECT_FALSE(ExternalId::Parse(upper + "." + std::string(124, 'o')).ok());
  // "B" has bits that stand for nothing at the end of 210 characters; "Q" has not.
  EXPECT_TRUE(ExternalId::ParseTyped(upper + "." + std::string(209, 'A') + "Q").ok());
  EXPECT_FALSE(ExternalId::ParseTyped(upper + "." + std::string(209, 'A') + "q").ok());
}

TEST(ExternalIdTest, OrderIsThatOfTheText) {
  const std::vector<std::string> ids = SomeIds();
  for (const std::string& a : ids) {
    for (const std::string& b : ids) {
      EXPECT_EQ(*ExternalId::Parse(a) < *ExternalId::Parse(b), a < b);
      EXPECT_EQ(*ExternalId::Parse(a) == *ExternalId::Parse(b), a == b);
    }
  }
}

constexpr std::string_view kUuid = "18ad55a1-0e07-80d3-8582-350f689bfe7d";

TEST(UuidTest, ParsesEitherCaseAndWritesLowerCase) {
  std::string upper(kUuid);
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  for (const std::string& text : {std::string(kUuid), upper}) {
    const Result<Uuid> uuid = Uuid::Parse(text);
    ASSERT_TRUE(uuid.ok());
    EXPECT_EQ(uuid->text(), kUuid);
    EXPECT_EQ(ToHex(uuid->bytes()), "18ad55a10e0780d38582350f689bfe7d");
  }
}

TEST(UuidTest, ParsesAnyVersion) {
  for (const std::string_view text :
       {"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "f47ac10b-58cc-4372-a567-0e02b2c3d479"}) {
    const Result<Uuid> uuid = Uuid::Parse(text);
    ASSERT_TRUE(uuid.ok());
    EXPECT_EQ(uuid->text(), text);
  }
}

TEST(UuidTest, TakesDigitsAndHyphensAtTheirPlacesAlone) {
  for (std::size_t i = 0; i < kUuid.size(); ++i) {
    for (int c = 0; c < 256; ++c) {
      std::string text(kUuid);
      text[i] = static_cast<char>(c);
      const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
      const bool expected = hyphen ? c == '-' : c < 128 && std::isxdigit(c) != 0;
      ASSERT_EQ(Uuid::Parse(text).ok(), expected) << i << " " << c;
    }
  }
}

TEST(UuidTest, OtherLengthsAndFormsAreRefused) {
  const std::string uuid(kUuid);
  for (const std::string& text :
       {std::string(), uuid.substr(1), uuid + "0", "{" + uuid + "}", "urn:uuid:" + uuid,
        std::string("18ad55a10e0780d38582350f689bfe7d"),
        std::string("18ad55a10e07-80d3-8582-350f689bfe7d-")}) {
    EXPECT_EQ(Uuid::Parse(text).status().code(), StatusCode::kInvalidArgument) << text;
  }
}

// 100,000 external IDs of one scope. Of a chi-square value with k degrees of freedom 99.99 % lie
// below the bound and as many above the lower one. Deterministic: the same IDs on every run.
class StatisticsTest : public ::testing::Test {
 protected:
  static constexpr std::size_t kCount = 100'000;

  static void SetUpTestSuite() {
    const std::unique_ptr<Prf> root = *MakePrf(Suite::kBlake2b, Secret(Counting(32)));
    const Anonymizer anonymizer = *Anonymizer::Create(*root, "clinic-7", Scope::App());
    std::vector<std::string> values;
    for (std::size_t i = 0; i < kCount; ++i) values.push_back(std::to_string(i));
    std::vector<Identifier> identifiers;
    for (const std::string& value : values) {
      identifiers.push_back({.issuer = "mrn.hospital-a", .id = value});
    }
    pseudonyms_ = new std::vector<Pseudonym>(kCount, Pseudonym(Digest{}));
    ASSERT_TRUE(anonymizer.PseudonymizeMany(identifiers, *pseudonyms_).ok());
    ids_ = new std::vector<ExternalId>();
    for (const Pseudonym& pseudonym : *pseudonyms_) ids_->push_back(pseudonym.external_id());
  }
  static void TearDownTestSuite() {
    delete pseudonyms_;
    delete ids_;
  }

  // `class_of` gives the class of the i-th pseudonym.
  template <typename ClassOf>
  static double ChiSquare(std::size_t classes, ClassOf class_of) {
    std::vector<double> counts(classes);
    for (std::size_t i = 0; i < kCount; ++i) ++counts[class_of(i)];
    const double expected = static_cast<double>(kCount) / static_cast<double>(classes);
    double sum = 0;
    for (const double count : counts) sum += (count - expected) * (count - expected) / expected;
    return sum;
  }

  static std::vector<Pseudonym>* pseudonyms_;
  static std::vector<ExternalId>* ids_;
};

std::vector<Pseudonym>* StatisticsTest::pseudonyms_ = nullptr;
std::vector<ExternalId>* StatisticsTest::ids_ = nullptr;

TEST_F(StatisticsTest, EveryCharacterOfTheExternalIdIsUniform) {
  for (std::size_t place = 1; place < 32; ++place) {
    const double value =
        ChiSquare(32, [place](std::size_t i) { return kAlphabet.find((*ids_)[i].text()[place]); });
    EXPECT_LT(value, 69.106) << place;  // 31 degrees of freedom
    EXPECT_GT(value, 9.792) << place;
  }
}

TEST_F(StatisticsTest, EveryCharacterOfTheLabelIsUniform) {
  for (const std::size_t place : {0u, 1u, 2u, 4u, 5u, 6u}) {
    const double value = ChiSquare(32, [place](std::size_t i) {
      return kAlphabet.find(static_cast<char>(std::tolower((*pseudonyms_)[i].label_code()[place])));
    });
    EXPECT_LT(value, 69.106) << place;
    EXPECT_GT(value, 9.792) << place;
  }
}

TEST_F(StatisticsTest, AvatarsAreUniform) {
  const double value =
      ChiSquare(256, [](std::size_t i) { return (*pseudonyms_)[i].avatar_index(); });
  EXPECT_LT(value, 347.654);  // 255 degrees of freedom
  EXPECT_GT(value, 179.429);
}

TEST_F(StatisticsTest, NoTwoPersonsShareAnExternalIdOrUuid) {
  std::set<std::string> ids;
  std::set<Uuid::Bytes> uuids;
  for (const ExternalId& id : *ids_) ids.emplace(id.text());
  for (const Pseudonym& pseudonym : *pseudonyms_) uuids.insert(pseudonym.uuid().bytes());
  EXPECT_EQ(ids.size(), kCount);
  EXPECT_EQ(uuids.size(), kCount);
}

// 100,000 labels of 2^30: 4.66 pairs are expected, and more than 15 in fewer than 1 of 10,000 runs.
TEST_F(StatisticsTest, LabelsCollideAsRarelyAsThirtyBitsDo) {
  std::set<std::string> labels;
  for (const Pseudonym& pseudonym : *pseudonyms_) labels.insert(pseudonym.label_code());
  EXPECT_LE(kCount - labels.size(), 15u);
}

}  // namespace
}  // namespace moniker
