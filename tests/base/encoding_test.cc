#include "base/encoding.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace moniker::internal {
namespace {

// As strtoul would, with upper case; -1 for what is no digit.
int HexDigit(int c) {
  const std::string_view digits = "0123456789abcdefABCDEF";
  const std::size_t at = c == 0 ? std::string_view::npos : digits.find(static_cast<char>(c));
  if (at == std::string_view::npos) return -1;
  return static_cast<int>(at < 16 ? at : at - 6);
}

TEST(Base32Test, AlphabetIsCrockfordsInLowerCase) {
  const std::set<char> characters(kBase32Alphabet.begin(), kBase32Alphabet.end());
  EXPECT_EQ(characters.size(), 32u);
  std::string expected;
  for (const char c : std::string("0123456789abcdefghijklmnopqrstuvwxyz")) {
    if (c != 'i' && c != 'l' && c != 'o' && c != 'u') expected += c;
  }
  EXPECT_EQ(kBase32Alphabet, expected);
}

TEST(Base32Test, ValueIsThePlaceInTheAlphabetForAllBytes) {
  for (int c = 0; c < 256; ++c) {
    const std::size_t place = kBase32Alphabet.find(static_cast<char>(c));
    const int expected = place == std::string_view::npos ? -1 : static_cast<int>(place);
    EXPECT_EQ(Base32Value(static_cast<char>(c)), expected) << c;
  }
}

// The model writes the bytes as a text of 0 and 1 and cuts it.
TEST(FiveBitsTest, AgreesWithATextOfBits) {
  std::mt19937 random(20240501);
  for (std::size_t size = 1; size <= 32; ++size) {
    for (int round = 0; round < 50; ++round) {
      std::vector<std::uint8_t> bytes(size);
      std::string bits;
      for (std::uint8_t& byte : bytes) {
        byte = static_cast<std::uint8_t>(random());
        for (int i = 7; i >= 0; --i) bits += (byte >> i & 1) != 0 ? '1' : '0';
      }
      for (std::size_t i = 0; 5 * i + 5 <= 8 * size; ++i) {
        ASSERT_EQ(FiveBits(bytes, i), std::stoi(bits.substr(5 * i, 5), nullptr, 2))
            << bits << " at " << i;
      }
    }
  }
}

TEST(EncodeHexTest, WritesEveryByteInLowerCase) {
  EXPECT_EQ(EncodeHex({}), "");
  for (unsigned value = 0; value < 256; ++value) {
    const std::array<std::uint8_t, 1> byte = {static_cast<std::uint8_t>(value)};
    char expected[3];
    std::snprintf(expected, sizeof expected, "%02x", value);
    EXPECT_EQ(EncodeHex(byte), expected);
  }
  const std::array<std::uint8_t, 3> bytes = {0x00, 0xA5, 0xFF};
  EXPECT_EQ(EncodeHex(bytes), "00a5ff");
}

TEST(DecodeHexSecretTest, AgreesWithADigitTableForAllPairsOfCharacters) {
  int accepted = 0;
  for (int high = 0; high < 256; ++high) {
    for (int low = 0; low < 256; ++low) {
      const char digits[] = {static_cast<char>(high), static_cast<char>(low)};
      std::array<std::uint8_t, 1> out{};
      const bool expected = HexDigit(high) >= 0 && HexDigit(low) >= 0;
      ASSERT_EQ(DecodeHexSecret({digits, 2}, out), expected) << high << " " << low;
      if (!expected) continue;
      ++accepted;
      ASSERT_EQ(out[0], HexDigit(high) * 16 + HexDigit(low));
    }
  }
  EXPECT_EQ(accepted, 22 * 22);
}

TEST(DecodeHexSecretTest, OneWrongCharacterAtAnyPlaceIsRefused) {
  const std::string good(64, 'a');
  std::array<std::uint8_t, 32> out;
  ASSERT_TRUE(DecodeHexSecret(good, out));
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const char wrong : {'g', 'G', '/', ':', '@', '`', ' ', '\n', '\0', '\x80', '\xE1'}) {
      std::string bad = good;
      bad[i] = wrong;
      EXPECT_FALSE(DecodeHexSecret(bad, out)) << i << " " << static_cast<int>(wrong);
    }
  }
}

TEST(DecodeHexSecretTest, TakesExactlyTwoDigitsAByte) {
  std::array<std::uint8_t, 2> out;
  EXPECT_TRUE(DecodeHexSecret("00ff", out));
  for (const std::string digits : {"", "0", "00", "000", "00000", "000000"}) {
    EXPECT_FALSE(DecodeHexSecret(digits, out)) << digits;
  }
  EXPECT_TRUE(DecodeHexSecret("", {}));
}

TEST(HexDigitOfSecretTest, IsTheLowerCaseDigit) {
  for (std::uint32_t value = 0; value < 16; ++value) {
    EXPECT_EQ(HexDigitOfSecret(value), static_cast<std::uint8_t>("0123456789abcdef"[value]));
  }
}

TEST(HexDigitOfSecretTest, IsReadBackByDecodeHexSecret) {
  for (std::uint32_t value = 0; value < 256; ++value) {
    const char digits[] = {static_cast<char>(HexDigitOfSecret(value >> 4)),
                           static_cast<char>(HexDigitOfSecret(value & 15))};
    std::array<std::uint8_t, 1> out;
    ASSERT_TRUE(DecodeHexSecret({digits, 2}, out));
    EXPECT_EQ(out[0], value);
  }
}

// RFC 4648, section 10, without the padding; and the two characters of section 5.
TEST(Base64UrlTest, AgreesWithTheRfc) {
  const std::pair<std::string_view, std::string_view> examples[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xFB\xEF\xFF", "--__"}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(EncodeBase64Url(AsBytes(bytes)), text);
    ASSERT_TRUE(IsBase64Url(text)) << text;
    const std::vector<std::uint8_t> decoded = DecodeBase64Url(text);
    EXPECT_EQ(AsText(decoded), bytes);
  }
}

TEST(Base64UrlTest, EveryByteAtEveryPlaceIsReadBack) {
  for (std::size_t size = 1; size <= 7; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int value = 0; value < 256; ++value) {
        std::vector<std::uint8_t> bytes(size, 0x5A);
        bytes[at] = static_cast<std::uint8_t>(value);
        const std::string text = EncodeBase64Url(bytes);
        ASSERT_EQ(text.size(), (8 * size + 5) / 6);
        ASSERT_TRUE(IsBase64Url(text)) << text;
        ASSERT_EQ(DecodeBase64Url(text), bytes) << text;
      }
    }
  }
}

TEST(Base64UrlTest, OneSequenceOfBytesHasOneText) {
  const std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  int strict_of_two = 0;
  int strict_of_three = 0;
  for (const char last : alphabet) {
    const bool two = IsBase64Url(std::string("A") + last);
    const bool three = IsBase64Url(std::string("AA") + last);
    strict_of_two += two;
    strict_of_three += three;
    EXPECT_EQ(two, EncodeBase64Url(DecodeBase64Url(std::string("A") + last)).back() == last);
    EXPECT_EQ(three, EncodeBase64Url(DecodeBase64Url(std::string("AA") + last)).back() == last);
    EXPECT_TRUE(IsBase64Url(std::string("AAA") + last));
  }
  EXPECT_EQ(strict_of_two, 4);
  EXPECT_EQ(strict_of_three, 16);
}

TEST(Base64UrlTest, NoOtherCharacterOrLengthIsTaken) {
  for (int value = 0; value < 256; ++value) {
    const char c = static_cast<char>(value);
    const bool good = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
    EXPECT_EQ(Base64UrlValue(c) >= 0, good) << value;
    for (std::size_t at = 0; at < 8; ++at) {
      std::string text = "AAAAAAAA";
      text[at] = c;
      EXPECT_EQ(IsBase64Url(text), good) << value;
    }
  }
  for (const std::string_view text : {"A", "AAAAA", "AA==", "AAA=", "AA AA", "AAAA\n"}) {
    EXPECT_FALSE(IsBase64Url(text)) << text;
  }
}

}  // namespace
}  // namespace moniker::internal
