#include "moniker/label.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "moniker/prf.h"
#include "moniker/pseudonym.h"
#include "pseudonym/words.h"
#include "support/hex.h"

namespace moniker {
namespace {

using internal::kAdjectives;
using internal::kNouns;
using testing::Counting;
using testing::FromHex;
using testing::Secret;

constexpr std::uint32_t kCodeCount = 1'073'741'824;
constexpr std::uint32_t kWordsCount = 6'553'600;
constexpr LabelStyle kStyles[] = {LabelStyle::kCode, LabelStyle::kWords};

Digest DigestOf(std::string_view hex) {
  const std::vector<std::uint8_t> bytes = FromHex(hex);
  Digest digest;
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

// D[19..22] as given, zeros elsewhere.
Digest WithBytes(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  Digest digest{};
  digest[19] = a;
  digest[20] = b;
  digest[21] = c;
  digest[22] = d;
  return digest;
}

std::string Words(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return Label::Of(WithBytes(a, b, c, d), LabelStyle::kWords).text();
}

std::string NextOf(std::string_view text) { return Label::Parse(text)->Next().text(); }

TEST(LabelTest, RendersTheWorkedExamplesOfTheFormat) {
  struct Example {
    std::string_view digest;
    std::string_view code;
    std::string_view words;
    std::uint32_t value;
  };
  for (const Example& example : {
           Example{"18ad55a10e0720d3c582350f689bfe7de83027c321b1bd6ed1d330b1c0eaee39", "RCG-V3F",
                   "Snowbound Calcite 01", 4'995'301},
           Example{"5655a07e8820f52b9de92083e5594b3f5acb1002bec31ce9ce71ed08633d2a02", "0AZ-C67",
                   "Adjacent Raspberry 48", 70'248},
           Example{"4f30cf1366f9675b2bea2762975a78c3371350f59e5e2a2f7d25a741977b6245", "YPF-5WA",
                   "Vivid Oleander 06", 6'287'806},
           Example{"e56604c533e5288fff9e19c6fec3eeb8de5f831fd285460bceca1c8c16d33ada", "3Z9-8AH",
                   "Citrus Speedwell 18", 814'618},
       }) {
    const Digest digest = DigestOf(example.digest);
    EXPECT_EQ(Label::Of(digest, LabelStyle::kCode).text(), example.code);
    EXPECT_EQ(Label::Of(digest, LabelStyle::kWords).text(), example.words);
    EXPECT_EQ(Label::Of(digest, LabelStyle::kWords).value(), example.value);
    EXPECT_EQ(Pseudonym(digest).label_code(), example.code);
  }
}

TEST(LabelTest, WordsAreTheWordsAtTheirBytesAndTheRemainderOfTheNextTwo) {
  EXPECT_EQ(Words(5, 101, 0, 42), "Amber Heron 42");
  EXPECT_EQ(Words(0, 0, 0, 0), "Abstract Aardvark 00");
  EXPECT_EQ(Words(255, 255, 0, 7), "Zippered Zircon 07");
  EXPECT_EQ(Words(5, 101, 0, 99), "Amber Heron 99");
  EXPECT_EQ(Words(5, 101, 0, 100), "Amber Heron 00");
  EXPECT_EQ(Words(5, 101, 1, 0), "Amber Heron 56");        // big endian: 256
  EXPECT_EQ(Words(5, 101, 0xFF, 0xFF), "Amber Heron 35");  // 65535
}

TEST(LabelTest, ValuesAreTheNumbersOfTheFormat) {
  const Digest digest = WithBytes(0xAB, 0xCD, 0xEF, 0x13);
  EXPECT_EQ(Label::Of(digest, LabelStyle::kCode).value(), 0xABCDEF13u / 4);
  EXPECT_EQ(Label::Of(digest, LabelStyle::kWords).value(),
            (0xABu * 256 + 0xCD) * 100 + 0xEF13u % 100);
}

// Each bit of the digest is in the labels that the format says, and in no other.
TEST(LabelTest, OnlyItsBytesOfTheDigestChangeALabel) {
  const Digest digest =
      DigestOf("18ad55a10e0720d3c582350f689bfe7de83027c321b1bd6ed1d330b1c0eaee39");
  for (std::size_t bit = 0; bit < 256; ++bit) {
    Digest changed = digest;
    changed[bit / 8] ^= static_cast<std::uint8_t>(0x80u >> bit % 8);
    const auto differs = [&](LabelStyle style) {
      return !(Label::Of(changed, style) == Label::Of(digest, style));
    };
    EXPECT_EQ(differs(LabelStyle::kCode), bit >= 152 && bit < 182) << bit;
    EXPECT_EQ(differs(LabelStyle::kWords), bit >= 152 && bit < 184) << bit;
  }
}

TEST(LabelTest, CountsAreThirtyBitsAndTheProductOfTheLists) {
  EXPECT_EQ(Label::Count(LabelStyle::kCode), kCodeCount);
  EXPECT_EQ(Label::Count(LabelStyle::kWords), kWordsCount);
}

TEST(LabelTest, ValuesBelowTheCountAreTakenAndNoOthers) {
  for (const LabelStyle style : kStyles) {
    const std::uint32_t count = Label::Count(style);
    for (const std::uint32_t value : {0u, 1u, count / 2, count - 1}) {
      const std::optional<Label> label = Label::FromValue(style, value);
      ASSERT_TRUE(label.has_value()) << value;
      EXPECT_EQ(label->value(), value);
      EXPECT_EQ(label->style(), style);
    }
    EXPECT_FALSE(Label::FromValue(style, count).has_value());
    EXPECT_FALSE(Label::FromValue(style, 0xFFFFFFFF).has_value());
  }
}

// Whoever stores a style as a number reads what the file says.
TEST(LabelTest, AStyleThatIsNoneHasNoLabels) {
  for (const int number : {0, 3, 255}) {
    const auto style = static_cast<LabelStyle>(number);
    EXPECT_EQ(Label::Count(style), 0u);
    EXPECT_FALSE(Label::FromValue(style, 0).has_value());
  }
}

TEST(LabelTest, FromValueIsTheInverseOfValue) {
  std::mt19937 random(3);
  for (int round = 0; round < 1000; ++round) {
    Digest digest{};
    for (std::uint8_t& byte : digest) byte = static_cast<std::uint8_t>(random());
    for (const LabelStyle style : kStyles) {
      const Label label = Label::Of(digest, style);
      EXPECT_EQ(Label::FromValue(style, label.value()), label);
    }
  }
}

TEST(LabelTest, LabelsOfTheSameValueAndOtherStylesDiffer) {
  EXPECT_FALSE(*Label::FromValue(LabelStyle::kCode, 7) == *Label::FromValue(LabelStyle::kWords, 7));
  EXPECT_FALSE(*Label::FromValue(LabelStyle::kCode, 7) == *Label::FromValue(LabelStyle::kCode, 8));
  EXPECT_TRUE(*Label::FromValue(LabelStyle::kCode, 7) == *Label::FromValue(LabelStyle::kCode, 7));
}

TEST(LabelTest, NextCountsThroughNumberNounAndAdjective) {
  EXPECT_EQ(NextOf("Amber Heron 42"), "Amber Heron 43");
  EXPECT_EQ(NextOf("Amber Heron 09"), "Amber Heron 10");
  EXPECT_EQ(NextOf("Amber Heron 99"), "Amber Hibiscus 00");
  EXPECT_EQ(NextOf("Amber Zircon 99"), "Ambient Aardvark 00");
  EXPECT_EQ(NextOf("Zippered Zircon 99"), "Abstract Aardvark 00");
}

TEST(LabelTest, NextCountsThroughTheCharactersOfACode) {
  EXPECT_EQ(NextOf("RCG-V3F"), "RCG-V3G");
  EXPECT_EQ(NextOf("RCG-V3H"), "RCG-V3J");  // no I
  EXPECT_EQ(NextOf("RCG-V3Z"), "RCG-V40");
  EXPECT_EQ(NextOf("RCG-ZZZ"), "RCH-000");
  EXPECT_EQ(NextOf("ZZZ-ZZZ"), "000-000");
}

TEST(LabelTest, NextKeepsTheStyleAndStaysInRange) {
  for (const LabelStyle style : kStyles) {
    Label label = *Label::FromValue(style, Label::Count(style) - 3);
    std::vector<std::uint32_t> values;
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(label.style(), style);
      values.push_back(label.value());
      label = label.Next();
    }
    const std::uint32_t count = Label::Count(style);
    EXPECT_EQ(values, (std::vector<std::uint32_t>{count - 3, count - 2, count - 1, 0, 1}));
  }
}

// Every pair of words with one number each, and every number: no two labels have the same text.
TEST(LabelTest, EveryPairOfWordsHasATextOfItsOwnThatIsParsedBack) {
  std::set<std::string> texts;
  for (std::uint32_t pair = 0; pair < 65'536; ++pair) {
    const Label label = *Label::FromValue(LabelStyle::kWords, pair * 100 + pair % 100);
    const std::string text = label.text();
    ASSERT_EQ(text.substr(0, text.size() - 3),
              std::string(kAdjectives[pair / 256]) + " " + std::string(kNouns[pair % 256]));
    const Result<Label> parsed = Label::Parse(text);
    ASSERT_TRUE(parsed.ok()) << text;
    ASSERT_EQ(*parsed, label) << text;
    texts.insert(text);
  }
  EXPECT_EQ(texts.size(), 65'536u);
}

TEST(LabelTest, CodesAreParsedBack) {
  std::mt19937 random(5);
  for (int round = 0; round < 20'000; ++round) {
    const Label label = *Label::FromValue(LabelStyle::kCode, random() % kCodeCount);
    const Result<Label> parsed = Label::Parse(label.text());
    ASSERT_TRUE(parsed.ok()) << label.text();
    ASSERT_EQ(*parsed, label);
  }
}

// A display name is a role of up to 40 characters, a blank and a label, in 64 bytes of ASCII.
TEST(LabelTest, NoLabelIsLongerThanTheBoundAndOneIsAsLong) {
  std::size_t longest = 0;
  for (std::uint32_t pair = 0; pair < 65'536; ++pair) {
    longest = std::max(longest, Label::FromValue(LabelStyle::kWords, pair * 100)->text().size());
  }
  EXPECT_EQ(longest, Label::kMaxSize);
  EXPECT_EQ(40 + 1 + Label::kMaxSize, 64u);
  EXPECT_EQ(Label::FromValue(LabelStyle::kCode, 0)->text().size(), Pseudonym::kLabelCodeSize);
}

// The model: one of all texts with one byte changed, left out or added is a label only if it is the
// text of one.
TEST(LabelParseTest, NothingIsAcceptedThatTextDoesNotMake) {
  int accepted = 0;
  const auto check = [&accepted](const std::string& text) {
    const Result<Label> label = Label::Parse(text);
    if (label.ok()) {
      ++accepted;
      EXPECT_EQ(label->text(), text);
    } else {
      EXPECT_EQ(label.status().code(), StatusCode::kInvalidArgument);
    }
  };
  for (const std::string& text :
       {std::string("RCG-V3F"), std::string("000-000"), std::string("Amber Heron 42"),
        std::string("Branching Breadfruit 00")}) {
    for (std::size_t i = 0; i <= text.size(); ++i) {
      check(text.substr(0, i));
      check(text.substr(i));
      for (int c = 0; c < 256; ++c) {
        std::string other = text;
        other.insert(i, 1, static_cast<char>(c));
        check(other);
        if (i == text.size()) continue;
        other = text;
        other[i] = static_cast<char>(c);
        check(other);
      }
    }
  }
  // The four, once for each of their bytes and at both ends; 31 other characters at 6 places of the
  // codes; 9 other digits at 2 places of the words.
  EXPECT_EQ(accepted, (7 + 7 + 14 + 23) + 4 * 2 + 2 * 6 * 31 + 2 * 2 * 9);
}

TEST(LabelParseTest, EachPartIsHeldToTheLists) {
  for (const std::string_view text : {"Heron Amber 42",
                                      "Amber Amber 42",
                                      "Heron Heron 42",
                                      "Aaa Heron 42",
                                      "Zzz Heron 42",
                                      "Amber Aaa 42",
                                      "Amber Zzz 42",
                                      "Amber Hero 42",
                                      "Amber Herons 42",
                                      "AmberHeron 42",
                                      "Amber Heron42",
                                      " Heron 42",
                                      "Amber  42",
                                      "Amber Heron 142",
                                      "Amber Heron 4",
                                      "amber heron 42",
                                      "AMBER HERON 42",
                                      "Patient Amber Heron 42",
                                      "Patient RCG-V3F",
                                      "rcg-v3f",
                                      "RCGV3F",
                                      "RCG-V3I",
                                      "RCG-V3L",
                                      "RCG-V3O",
                                      "RCG-V3U",
                                      "",
                                      " ",
                                      "-",
                                      "---",
                                      "   -   "}) {
    EXPECT_EQ(Label::Parse(text).status().code(), StatusCode::kInvalidArgument) << text;
  }
}

TEST(LabelParseTest, TheErrorHoldsNothingOfTheText) {
  const Status status = Label::Parse("Jane Doe 42").status();
  EXPECT_EQ(status.message(), "label: neither a code nor words of the lists");
}

TEST(LabelStyleTest, NamesAreThoseOfTheFormatAndFindTheirStyle) {
  EXPECT_EQ(LabelStyleName(LabelStyle::kCode), "code");
  EXPECT_EQ(LabelStyleName(LabelStyle::kWords), "words");
  for (const LabelStyle style : kStyles) EXPECT_EQ(FindLabelStyle(LabelStyleName(style)), style);
}

TEST(LabelStyleTest, NoOtherNameIsFound) {
  for (const std::string_view name : {"", "Code", "codes", "cod", "words ", " words", "WORDS"}) {
    EXPECT_FALSE(FindLabelStyle(name).has_value()) << name;
  }
}

TEST(LabelStyleTest, NumbersArePersistent) {
  EXPECT_EQ(static_cast<int>(LabelStyle::kCode), 1);
  EXPECT_EQ(static_cast<int>(LabelStyle::kWords), 2);
}

// A million labels of one PRF. A chi-square value with k degrees of freedom lies between the bounds
// in 99.98 % of all runs, with as many below as above; this is one run and always the same.
class LabelStatisticsTest : public ::testing::Test {
 protected:
  static constexpr std::size_t kCount = 1'000'000;

  static void SetUpTestSuite() {
    const std::unique_ptr<Prf> prf = *MakePrf(Suite::kBlake2b, Secret(Counting(32)));
    values_ = new std::vector<std::uint32_t>();
    for (std::size_t i = 0; i < kCount; ++i) {
      const std::string message = std::to_string(i);
      const Result<Digest> digest = prf->Compute(internal::AsBytes(message));
      ASSERT_TRUE(digest.ok());
      values_->push_back(Label::Of(*digest, LabelStyle::kWords).value());
    }
  }
  static void TearDownTestSuite() { delete values_; }

  // `class_of` gives the class of a label; `probability` that of a class.
  template <typename ClassOf, typename Probability>
  static double ChiSquare(std::size_t classes, ClassOf class_of, Probability probability) {
    std::vector<double> counts(classes);
    for (const std::uint32_t value : *values_) ++counts[class_of(value)];
    double sum = 0;
    for (std::size_t i = 0; i < classes; ++i) {
      const double expected = static_cast<double>(kCount) * probability(i);
      sum += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    return sum;
  }

  // Of the 65,536 values of two bytes 656 leave each of 0..35, and 655 each of 36..99.
  static double NumberProbability(std::size_t number) {
    return (number < 65'536 % 100 ? 656.0 : 655.0) / 65'536.0;
  }

  static std::vector<std::uint32_t>* values_;
};

std::vector<std::uint32_t>* LabelStatisticsTest::values_ = nullptr;

TEST_F(LabelStatisticsTest, ProbabilitiesOfNumbersAddUpToOne) {
  double sum = 0;
  for (std::size_t number = 0; number < 100; ++number) sum += NumberProbability(number);
  EXPECT_DOUBLE_EQ(sum, 1.0);
}

TEST_F(LabelStatisticsTest, EveryAdjectiveIsEquallyFrequent) {
  const double value = ChiSquare(
      256, [](std::uint32_t label) { return label / 25'600; },
      [](std::size_t) { return 1 / 256.0; });
  EXPECT_LT(value, 347.654);  // 255 degrees of freedom
  EXPECT_GT(value, 179.429);
}

TEST_F(LabelStatisticsTest, EveryNounIsEquallyFrequent) {
  const double value = ChiSquare(
      256, [](std::uint32_t label) { return label / 100 % 256; },
      [](std::size_t) { return 1 / 256.0; });
  EXPECT_LT(value, 347.654);
  EXPECT_GT(value, 179.429);
}

TEST_F(LabelStatisticsTest, NumbersAreAsFrequentAsTheRemainderMakesThem) {
  const double value = ChiSquare(
      100, [](std::uint32_t label) { return label % 100; }, NumberProbability);
  EXPECT_LT(value, 160.056);  // 99 degrees of freedom
  EXPECT_GT(value, 54.986);
}

// Adjective and noun in 16 parts each, and number in four: a dependence of the parts would show.
TEST_F(LabelStatisticsTest, AdjectiveNounAndNumberAreIndependent) {
  const auto probability = [](std::size_t cell) {
    double quarter = 0;
    for (std::size_t i = 0; i < 25; ++i) quarter += NumberProbability(cell % 4 * 25 + i);
    return quarter / 256.0;
  };
  const double value = ChiSquare(
      1024,
      [](std::uint32_t label) {
        const std::uint32_t words = label / 100;
        return (words / 256 / 16 * 16 + words % 256 / 16) * 4 + label % 100 / 25;
      },
      probability);
  EXPECT_LT(value, 1199.835);  // 1,023 degrees of freedom
  EXPECT_GT(value, 863.267);
}

TEST(LabelTest, TextInTheCallersMemoryIsTheText) {
  for (std::uint32_t i = 0; i < 5000; ++i) {
    for (const LabelStyle style : {LabelStyle::kCode, LabelStyle::kWords}) {
      const std::uint32_t value = i * 214'748u % Label::Count(style);
      const Label label = *Label::FromValue(style, value);
      std::array<char, Label::kMaxSize> memory;
      const std::size_t size = label.WriteText(memory);
      EXPECT_EQ(std::string_view(memory.data(), size), label.text());
    }
  }
}

}  // namespace
}  // namespace moniker
