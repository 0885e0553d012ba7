#include "batch/id_tokens.h"

#include <algorithm>

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

bool IsExternalId(std::string_view word) {
  return word.size() == kExternalIdSize && word.front() == 'm' &&
         word.find_first_not_of(kExternalIdAlphabet) == std::string_view::npos;
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
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7F;
  });
}

std::optional<IdToken> FindIdToken(std::string_view text, std::size_t from) {
  for (std::size_t begin = from; begin < text.size();) {
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
