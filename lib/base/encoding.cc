#include "base/encoding.h"

#include <array>

namespace moniker::internal {
namespace {

// RFC 4648, table 2.
constexpr std::string_view kBase64UrlAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> ValuesOf(std::string_view alphabet) {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}

constexpr std::array<std::int8_t, 256> kBase32Values = ValuesOf(kBase32Alphabet);
constexpr std::array<std::int8_t, 256> kBase64UrlValues = ValuesOf(kBase64UrlAlphabet);

// All ones if low <= c <= high, else 0; c, low and high are below 256.
constexpr std::uint32_t InRange(std::uint32_t c, std::uint32_t low, std::uint32_t high) {
  return static_cast<std::uint32_t>(0) - (((c - low) | (high - c)) >> 31 ^ 1u);
}

// The value 0..15, or 16 and more for what is no digit.
std::uint32_t HexValue(char digit) {
  const std::uint32_t c = static_cast<std::uint8_t>(digit);
  const std::uint32_t decimal = InRange(c, '0', '9');
  const std::uint32_t lower = InRange(c, 'a', 'f');
  const std::uint32_t upper = InRange(c, 'A', 'F');
  return (decimal & (c - '0')) | (lower & (c - 'a' + 10)) | (upper & (c - 'A' + 10)) |
         (~(decimal | lower | upper) & 16u);
}

}  // namespace

int Base32Value(char c) { return kBase32Values[static_cast<std::uint8_t>(c)]; }

std::uint8_t FiveBits(ByteView bytes, std::size_t index) {
  const std::size_t bit = 5 * index;
  const std::size_t byte = bit / 8;
  const std::uint32_t next = byte + 1 < bytes.size() ? bytes[byte + 1] : 0u;
  const std::uint32_t pair = (static_cast<std::uint32_t>(bytes[byte]) << 8) | next;
  return static_cast<std::uint8_t>((pair >> (11 - bit % 8)) & 31u);
}

std::string EncodeBase64Url(ByteView bytes) {
  std::string text;
  text.reserve((4 * bytes.size() + 2) / 3);
  std::uint32_t bits = 0;
  int count = 0;
  for (const std::uint8_t byte : bytes) {
    bits = bits << 8 | byte;
    for (count += 8; count >= 6; count -= 6) {
      text.push_back(kBase64UrlAlphabet[bits >> (count - 6) & 63u]);
    }
  }
  if (count > 0) text.push_back(kBase64UrlAlphabet[bits << (6 - count) & 63u]);
  return text;
}

int Base64UrlValue(char c) { return kBase64UrlValues[static_cast<std::uint8_t>(c)]; }

bool IsBase64Url(std::string_view text) {
  if (text.size() % 4 == 1) return false;
  for (const char c : text) {
    if (Base64UrlValue(c) < 0) return false;
  }
  if (text.size() % 4 == 0) return true;
  const int unused = text.size() % 4 == 2 ? 15 : 3;
  return (Base64UrlValue(text.back()) & unused) == 0;
}

std::vector<std::uint8_t> DecodeBase64Url(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    bits = bits << 6 | static_cast<std::uint32_t>(Base64UrlValue(c));
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<std::uint8_t>(bits >> count));
  }
  return bytes;
}

std::string EncodeHex(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

bool DecodeHexSecret(std::string_view digits, ByteSpan out) {
  if (digits.size() != 2 * out.size()) return false;
  std::uint32_t seen = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint32_t high = HexValue(digits[2 * i]);
    const std::uint32_t low = HexValue(digits[2 * i + 1]);
    seen |= high | low;
    out[i] = static_cast<std::uint8_t>((high << 4) | low);
  }
  return seen < 16;
}

std::uint8_t HexDigitOfSecret(std::uint32_t value) {
  const std::uint32_t letter = InRange(value, 10, 15);
  return static_cast<std::uint8_t>('0' + value + (letter & ('a' - '0' - 10)));
}

}  // namespace moniker::internal
