// Strict UTF-8 (Unicode 15.0, table 3-7) and the few character classes that the formats name.

#ifndef MONIKER_LIB_BASE_UTF8_H_
#define MONIKER_LIB_BASE_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace moniker::internal {

struct CodePoint {
  char32_t value;
  std::size_t size;  // 1..4 bytes
};

// The code point at the front of `text`; nothing if `text` is empty or does not begin with
// well-formed UTF-8 (over-long forms, surrogates and values above U+10FFFF are not).
std::optional<CodePoint> FirstCodePoint(std::string_view text);

// The code point at the back of well-formed, non-empty `text`.
char32_t LastCodePoint(std::string_view text);

// General category Cc: U+0000..001F and U+007F..009F.
bool IsControl(char32_t c);

// Property White_Space.
bool IsWhiteSpace(char32_t c);

enum class TextFault { kNone, kNotUtf8, kControl };

// The first fault of `text`.
TextFault FindTextFault(std::string_view text);

// U+0000..007F only.
bool IsAscii(std::string_view text);

// A-Z to a-z; any other byte as it is.
constexpr char ToLowerAscii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool IsUtf8(std::string_view text);

// Number of code points of well-formed `text`.
std::size_t CountCodePoints(std::string_view text);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BASE_UTF8_H_
