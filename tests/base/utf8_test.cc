#include "base/utf8.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moniker::internal {
namespace {

// UTF-8 by its definition from the other side: the sequences that an encoder makes of the Unicode
// scalar values, and no others. Answers the size, 0 for none of those.
std::size_t Encode(char32_t value, std::array<std::uint8_t, 4>* out) {
  const auto tail = [value](int shift) {
    return static_cast<std::uint8_t>(0x80 | (value >> shift & 0x3F));
  };
  if (value < 0x80) {
    *out = {static_cast<std::uint8_t>(value)};
    return 1;
  }
  if (value < 0x800) {
    *out = {static_cast<std::uint8_t>(0xC0 | value >> 6), tail(0)};
    return 2;
  }
  if (value >= 0xD800 && value <= 0xDFFF) return 0;
  if (value < 0x10000) {
    *out = {static_cast<std::uint8_t>(0xE0 | value >> 12), tail(6), tail(0)};
    return 3;
  }
  if (value > 0x10FFFF) return 0;
  *out = {static_cast<std::uint8_t>(0xF0 | value >> 18), tail(12), tail(6), tail(0)};
  return 4;
}

std::string Encoded(char32_t value) {
  std::array<std::uint8_t, 4> bytes{};
  const std::size_t size = Encode(value, &bytes);
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

// Whether `size` bytes are what Encode makes of some value: the bits of each possible payload are
// put together without any look at the lead byte's class, and encoded again.
bool IsOneCodePoint(const std::uint8_t* bytes, std::size_t size, char32_t* value) {
  constexpr std::array<std::uint8_t, 5> kMasks = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t bits = bytes[0] & kMasks[size];
  for (std::size_t i = 1; i < size; ++i) bits = bits << 6 | (bytes[i] & 0x3Fu);
  std::array<std::uint8_t, 4> again{};
  *value = bits;
  return Encode(bits, &again) == size && std::equal(bytes, bytes + size, again.begin());
}

// Counts sequences where FirstCodePoint and the definition differ.
class Comparison {
 public:
  void Check(const std::uint8_t* bytes, std::size_t size) {
    std::optional<CodePoint> expected;
    for (std::size_t prefix = 1; prefix <= size && !expected; ++prefix) {
      char32_t value;
      if (IsOneCodePoint(bytes, prefix, &value)) expected = CodePoint{value, prefix};
    }
    const std::optional<CodePoint> found =
        FirstCodePoint({reinterpret_cast<const char*>(bytes), size});
    const bool same =
        found.has_value() == expected.has_value() &&
        (!found || (found->value == expected->value && found->size == expected->size));
    ++count_;
    if (expected) ++well_formed_;
    if (!same && differences_++ == 0) first_difference_.assign(bytes, bytes + size);
  }

  int count() const { return count_; }
  int well_formed() const { return well_formed_; }
  int differences() const { return differences_; }
  const std::vector<int>& first_difference() const { return first_difference_; }

 private:
  int count_ = 0;
  int well_formed_ = 0;
  int differences_ = 0;
  std::vector<int> first_difference_;
};

TEST(Utf8Test, EveryCodePointIsReadAsItWasEncoded) {
  int differences = 0;
  int count = 0;
  for (char32_t value = 0; value <= 0x10FFFF; ++value) {
    if (value >= 0xD800 && value <= 0xDFFF) continue;
    const std::string text = Encoded(value);
    const std::optional<CodePoint> found = FirstCodePoint(text);
    if (!found || found->value != value || found->size != text.size() ||
        LastCodePoint(text) != value || LastCodePoint("a" + text) != value ||
        CountCodePoints(text) != 1) {
      ++differences;
    }
    ++count;
  }
  EXPECT_EQ(differences, 0);
  EXPECT_EQ(count, 1'112'064);
}

TEST(Utf8Test, AcceptsNoOtherSequenceOfOneByte) {
  Comparison comparison;
  for (unsigned a = 0; a < 256; ++a) {
    const std::uint8_t bytes[] = {static_cast<std::uint8_t>(a)};
    comparison.Check(bytes, 1);
  }
  EXPECT_EQ(comparison.count(), 256);
  EXPECT_EQ(comparison.well_formed(), 128);
  EXPECT_EQ(comparison.differences(), 0) << ::testing::PrintToString(comparison.first_difference());
}

TEST(Utf8Test, AcceptsNoOtherSequenceOfTwoBytes) {
  Comparison comparison;
  for (unsigned i = 0; i < 1u << 16; ++i) {
    const std::uint8_t bytes[] = {static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
    comparison.Check(bytes, 2);
  }
  EXPECT_EQ(comparison.count(), 65'536);
  EXPECT_EQ(comparison.well_formed(), 128 * 256 + 1920);
  EXPECT_EQ(comparison.differences(), 0) << ::testing::PrintToString(comparison.first_difference());
}

TEST(Utf8Test, AcceptsNoOtherSequenceOfThreeBytes) {
  Comparison comparison;
  for (unsigned i = 0; i < 1u << 24; ++i) {
    const std::uint8_t bytes[] = {static_cast<std::uint8_t>(i >> 16),
                                  static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
    comparison.Check(bytes, 3);
  }
  EXPECT_EQ(comparison.count(), 16'777'216);
  EXPECT_EQ(comparison.well_formed(), 128 * 65'536 + 1920 * 256 + (65'536 - 2048 - 2048));
  EXPECT_EQ(comparison.differences(), 0) << ::testing::PrintToString(comparison.first_difference());
}

// All first and second bytes; of the last two those at the edges of what they may be.
TEST(Utf8Test, AcceptsNoOtherSequenceOfFourBytes) {
  constexpr std::array<std::uint8_t, 8> kEdges = {0x00, 0x7F, 0x80, 0x81, 0xBE, 0xBF, 0xC0, 0xFF};
  Comparison comparison;
  for (unsigned i = 0; i < 1u << 16; ++i) {
    for (const std::uint8_t third : kEdges) {
      for (const std::uint8_t fourth : kEdges) {
        const std::uint8_t bytes[] = {static_cast<std::uint8_t>(i >> 8),
                                      static_cast<std::uint8_t>(i), third, fourth};
        comparison.Check(bytes, 4);
      }
    }
  }
  EXPECT_EQ(comparison.count(), 65'536 * 64);
  EXPECT_EQ(comparison.differences(), 0) << ::testing::PrintToString(comparison.first_difference());
}

TEST(Utf8Test, NothingIsReadFromAnEmptyText) { EXPECT_FALSE(FirstCodePoint("").has_value()); }

TEST(Utf8Test, LastCodePointLooksAtTheLastOfMany) {
  EXPECT_EQ(LastCodePoint("ab"), U'b');
  EXPECT_EQ(LastCodePoint("\xF0\x9F\x98\x80z"), U'z');
  EXPECT_EQ(LastCodePoint("z\xF0\x9F\x98\x80"), U'\U0001F600');
  EXPECT_EQ(LastCodePoint("\xC3\xA9\xE2\x82\xAC"), U'\u20AC');
}

TEST(Utf8Test, CountsCodePointsNotBytes) {
  EXPECT_EQ(CountCodePoints(""), 0u);
  EXPECT_EQ(CountCodePoints("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), 4u);
}

// General category Cc of UnicodeData.txt: U+0000..001F and U+007F..009F, 65 code points.
TEST(Utf8Test, ControlsAreTheSixtyFiveOfCategoryCc) {
  int count = 0;
  for (char32_t value = 0; value <= 0x10FFFF; ++value) {
    const bool expected = value <= 0x1F || (0x7F <= value && value <= 0x9F);
    ASSERT_EQ(IsControl(value), expected) << static_cast<std::uint32_t>(value);
    count += IsControl(value);
  }
  EXPECT_EQ(count, 65);
}

// PropList.txt of Unicode 15.0, White_Space.
TEST(Utf8Test, WhiteSpaceIsTheTwentyFiveOfTheProperty) {
  const std::vector<char32_t> white_space = {0x0009, 0x000A, 0x000B, 0x000C, 0x000D, 0x0020, 0x0085,
                                             0x00A0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004,
                                             0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200A, 0x2028,
                                             0x2029, 0x202F, 0x205F, 0x3000};
  int count = 0;
  for (char32_t value = 0; value <= 0x10FFFF; ++value) {
    const bool expected = std::binary_search(white_space.begin(), white_space.end(), value);
    ASSERT_EQ(IsWhiteSpace(value), expected) << static_cast<std::uint32_t>(value);
    count += IsWhiteSpace(value);
  }
  EXPECT_EQ(count, 25);
}

TEST(Utf8Test, EveryControlIsFoundAtEveryPlace) {
  for (char32_t value = 0; value <= 0x2FF; ++value) {
    const std::string c = Encoded(value);
    const TextFault expected = IsControl(value) ? TextFault::kControl : TextFault::kNone;
    for (const std::string& text : {c, c + "ab", "a" + c + "b", "ab" + c}) {
      ASSERT_EQ(FindTextFault(text), expected) << static_cast<std::uint32_t>(value);
    }
  }
}

TEST(Utf8Test, TheFirstFaultOfATextIsTheOneThatIsNamed) {
  EXPECT_EQ(FindTextFault(""), TextFault::kNone);
  EXPECT_EQ(FindTextFault("a\x80"), TextFault::kNotUtf8);
  EXPECT_EQ(FindTextFault("a\x80\n"), TextFault::kNotUtf8);
  EXPECT_EQ(FindTextFault("a\n\x80"), TextFault::kControl);
  EXPECT_EQ(FindTextFault("\xF0\x9F\x98"), TextFault::kNotUtf8);
}

TEST(Utf8Test, ControlsAreUtf8AndBrokenTextIsNot) {
  for (const char* const text : {"", "a", "a\n\x7F", "\xF0\x9F\x98\x80"}) EXPECT_TRUE(IsUtf8(text));
  for (const char* const text : {"a\x80", "\n\x80", "\xF0\x9F\x98", "\xED\xA0\x80"}) {
    EXPECT_FALSE(IsUtf8(text));
  }
}

}  // namespace
}  // namespace moniker::internal
