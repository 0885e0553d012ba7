#include "base/encoding.h"

#include <array>

namespace moniker::internal {
namespace {

constexpr std::array<std::int8_t, 256> MakeBase32Values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kBase32Alphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(kBase32Alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}

constexpr std::array<std::int8_t, 256> kBase32Values = MakeBase32Values();

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
