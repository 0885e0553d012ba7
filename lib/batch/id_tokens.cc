#include "batch/id_tokens.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/metadata_part.h"

namespace moniker::internal {
namespace {

constexpr std::size_t kMaxIdSize = 256;
constexpr std::size_t kExternalIdSize = 32;
constexpr std::string_view kExternalIdAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::string_view kUuidShape = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";

bool IsLetterOrDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool IsHexDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

constexpr std::array<bool, 256> TableOf(std::string_view characters) {
  std::array<bool, 256> table{};
  for (const char c : characters) table[static_cast<unsigned char>(c)] = true;
  return table;
}

bool IsExternalId(std::string_view word) {
  static constexpr std::array<bool, 256> kIsOfAlphabet = TableOf(kExternalIdAlphabet);
  return word.size() == kExternalIdSize && word.front() == 'm' &&
         std::all_of(word.begin(), word.end(),
                     [](char c) { return kIsOfAlphabet[static_cast<unsigned char>(c)]; });
}

// Whether all bytes are above 0x20 and none is 0x7F, eight at a time.
bool IsVisible(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  std::uint64_t found = 0;  // in the high bit of a byte
  const auto look_at = [&](std::uint64_t word) {
    const std::uint64_t low = word & ~kHighs;
    // Only bytes below 0x80 count: those that stay below it with 0x5F more, or are 0x7F.
    const std::uint64_t is_small = ~(low + kOnes * 0x5F);
    const std::uint64_t is_delete = low + kOnes;
    found |= (is_small | is_delete) & ~word & kHighs;
  };
  while (text.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), sizeof(word));
    look_at(word);
    text.remove_prefix(sizeof(word));
  }
  if (!text.empty()) {
    std::uint64_t word = kOnes * 'a';
    std::memcpy(&word, text.data(), text.size());
    look_at(word);
  }
  return found == 0;
}

// The end of the external ID that ends at `end`, with its metadata if there is any.
std::size_t EndWithMetadata(std::string_view text, std::size_t end) {
  if (end == text.size() || text[end] != '.') return end;
  const std::size_t size = MetadataPartSize(text.substr(end + 1));
  return size == 0 ? end : end + 1 + size;
}

bool IsExternalIdWithMetadata(std::string_view text) {
  return IsExternalId(text.substr(0, kExternalIdSize)) &&
         EndWithMetadata(text, kExternalIdSize) == text.size();
}

// REQUIRES: nothing that is a letter or digit stands before `text`.
bool BeginsWithUuid(std::string_view text) {
  if (text.size() < kUuidShape.size()) return false;
  if (text.size() > kUuidShape.size() && IsLetterOrDigit(text[kUuidShape.size()])) return false;
  return std::equal(kUuidShape.begin(), kUuidShape.end(), text.begin(),
                    [](char shape, char c) { return shape == '-' ? c == '-' : IsHexDigit(c); });
}

}  // namespace

bool MayBeId(std::string_view text) {
  if (text.size() > kMaxIdSize) return IsExternalIdWithMetadata(text);
  return !text.empty() && IsVisible(text);
}

std::optional<IdToken> FindIdToken(std::string_view text, std::size_t from) {
  // Nothing shorter is one.
  for (std::size_t begin = from; begin + kExternalIdSize <= text.size();) {
    if (!IsLetterOrDigit(text[begin])) {
      ++begin;
      continue;
    }
    std::size_t end = begin + 1;
    while (end < text.size() && IsLetterOrDigit(text[end])) ++end;
    if (IsExternalId(text.substr(begin, end - begin))) {
      return IdToken{begin, EndWithMetadata(text, end), true};
    }
    if (BeginsWithUuid(text.substr(begin))) return IdToken{begin, begin + kUuidShape.size(), false};
    begin = end;
  }
  return std::nullopt;
}

bool EndsWithLabel(std::string_view text, std::string_view label) {
  if (label.empty() || !text.ends_with(label)) return false;
  return text.size() == label.size() || !IsLetterOrDigit(text[text.size() - label.size() - 1]);
}

}  // namespace moniker::internal
