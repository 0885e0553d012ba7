// Bytes of a test written as hexadecimal digits, and secrets made of them. Not the project's own
// decoder, which is under test.

#ifndef MONIKER_TESTS_SUPPORT_HEX_H_
#define MONIKER_TESTS_SUPPORT_HEX_H_

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "moniker/secret.h"

namespace moniker::testing {

inline std::vector<std::uint8_t> FromHex(std::string_view digits) {
  if (digits.size() % 2 != 0) throw std::invalid_argument("half a byte");
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    bytes.push_back(
        static_cast<std::uint8_t>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

inline std::string ToHex(std::span<const std::uint8_t> bytes) {
  std::string digits;
  for (const std::uint8_t byte : bytes) {
    digits += "0123456789abcdef"[byte / 16];
    digits += "0123456789abcdef"[byte % 16];
  }
  return digits;
}

// first, first + 1, .. modulo 256.
inline std::vector<std::uint8_t> Counting(std::size_t size, std::size_t first = 0) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(first + i);
  return bytes;
}

inline SecretBytes Secret(std::span<const std::uint8_t> bytes) {
  Result<SecretBytes> secret = SecretBytes::CopyOf(bytes);
  if (!secret.ok()) throw std::runtime_error("no secret memory");
  return *std::move(secret);
}

inline SecretText Secret(std::string_view text) {
  Result<SecretText> secret = SecretText::CopyOf(text);
  if (!secret.ok()) throw std::runtime_error("no secret memory");
  return *std::move(secret);
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_SUPPORT_HEX_H_
