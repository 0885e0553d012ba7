#include "base/utf8.h"

#include <algorithm>

namespace moniker::internal {
namespace {

struct LeadByte {
  std::size_t size;
  std::uint8_t second_min;  // the second byte alone tells over-long forms and surrogates
  std::uint8_t second_max;
  std::uint8_t payload_mask;
};

std::optional<LeadByte> Classify(std::uint8_t lead) {
  if (lead < 0x80) return LeadByte{1, 0, 0, 0x7F};
  if (lead < 0xC2) return std::nullopt;
  if (lead < 0xE0) return LeadByte{2, 0x80, 0xBF, 0x1F};
  if (lead == 0xE0) return LeadByte{3, 0xA0, 0xBF, 0x0F};
  if (lead == 0xED) return LeadByte{3, 0x80, 0x9F, 0x0F};
  if (lead < 0xF0) return LeadByte{3, 0x80, 0xBF, 0x0F};
  if (lead == 0xF0) return LeadByte{4, 0x90, 0xBF, 0x07};
  if (lead < 0xF4) return LeadByte{4, 0x80, 0xBF, 0x07};
  if (lead == 0xF4) return LeadByte{4, 0x80, 0x8F, 0x07};
  return std::nullopt;
}

}  // namespace

std::optional<CodePoint> FirstCodePoint(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto byte = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::optional<LeadByte> lead = Classify(byte(0));
  if (!lead || text.size() < lead->size) return std::nullopt;
  char32_t value = byte(0) & lead->payload_mask;
  for (std::size_t i = 1; i < lead->size; ++i) {
    const std::uint8_t min = i == 1 ? lead->second_min : 0x80;
    const std::uint8_t max = i == 1 ? lead->second_max : 0xBF;
    if (byte(i) < min || byte(i) > max) return std::nullopt;
    value = (value << 6) | (byte(i) & 0x3Fu);
  }
  return CodePoint{value, lead->size};
}

char32_t LastCodePoint(std::string_view text) {
  std::size_t start = text.size() - 1;
  while (start > 0 && (static_cast<std::uint8_t>(text[start]) & 0xC0) == 0x80) --start;
  const std::optional<CodePoint> last = FirstCodePoint(text.substr(start));
  return last ? last->value : U'\uFFFD';
}

bool IsControl(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

bool IsWhiteSpace(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

TextFault FindTextFault(std::string_view text) {
  while (!text.empty()) {
    const std::optional<CodePoint> next = FirstCodePoint(text);
    if (!next) return TextFault::kNotUtf8;
    if (IsControl(next->value)) return TextFault::kControl;
    text.remove_prefix(next->size);
  }
  return TextFault::kNone;
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<std::uint8_t>(c) < 0x80; });
}

bool IsUtf8(std::string_view text) {
  while (const std::optional<CodePoint> next = FirstCodePoint(text)) {
    text.remove_prefix(next->size);
  }
  return text.empty();
}

std::size_t CountCodePoints(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<std::uint8_t>(c) & 0xC0) != 0x80;
  return count;
}

}  // namespace moniker::internal
