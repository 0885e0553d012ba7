#include "base/metadata_part.h"

#include <algorithm>

#include "base/encoding.h"

namespace moniker::internal {
namespace {

constexpr std::size_t kMaxTextSize = 4096;
constexpr std::size_t kBefore = 32 + 1;  // the ID and the full stop
constexpr std::size_t kFixedSize = kMetadataHeaderSize + kMetadataIvSize;

constexpr std::size_t EncodedSize(std::size_t steps) {
  return (4 * (kFixedSize + steps * kMetadataStep) + 2) / 3;
}

// The most steps whose text has at most `size` bytes.
constexpr std::size_t StepsWithin(std::size_t size) {
  const std::size_t bytes = size * 3 / 4;
  return bytes < kFixedSize ? 0 : (bytes - kFixedSize) / kMetadataStep;
}

constexpr std::size_t kMaxSteps = StepsWithin(kMaxTextSize - kBefore);
static_assert(kMaxSteps == 47 && EncodedSize(1) == 124 && EncodedSize(kMaxSteps) == 4050);

bool IsLetterOrDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

bool IsMetadataPart(std::string_view text) {
  const std::size_t steps = StepsWithin(text.size());
  return steps >= 1 && steps <= kMaxSteps && text.size() == EncodedSize(steps) && IsBase64Url(text);
}

std::size_t MetadataPartSize(std::string_view text) {
  const std::string_view most = text.substr(0, EncodedSize(kMaxSteps));
  const auto end = std::ranges::find_if(most, [](char c) { return Base64UrlValue(c) < 0; });
  const auto run = static_cast<std::size_t>(end - most.begin());
  for (std::size_t steps = StepsWithin(run); steps >= 1; --steps) {
    const std::size_t size = EncodedSize(steps);
    if (size < text.size() && IsLetterOrDigit(text[size])) continue;
    // All of it is base64url; of which its last four characters decide whether it is strict.
    if (IsBase64Url(text.substr(size - size % 4, size % 4))) return size;
  }
  return 0;
}

}  // namespace moniker::internal
