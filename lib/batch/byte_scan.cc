#include "batch/byte_scan.h"

#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace moniker::internal {
namespace {

constexpr std::size_t kChunk = 64;

bool IsOneOf(char c, const ByteSet& set) {
  return c == set[0] || c == set[1] || c == set[2] || c == set[3];
}

#if defined(__SSE2__)

// A bit for each of 64 bytes that is one of the set.
std::uint64_t MatchesOfChunk(const char* bytes, const ByteSet& set) {
  std::uint64_t matches = 0;
  const __m128i a = _mm_set1_epi8(set[0]);
  const __m128i b = _mm_set1_epi8(set[1]);
  const __m128i c = _mm_set1_epi8(set[2]);
  const __m128i d = _mm_set1_epi8(set[3]);
  for (std::size_t i = 0; i < kChunk; i += 16) {
    const __m128i part = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + i));
    const __m128i found =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(part, a), _mm_cmpeq_epi8(part, b)),
                     _mm_or_si128(_mm_cmpeq_epi8(part, c), _mm_cmpeq_epi8(part, d)));
    matches |= std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(found))} << i;
  }
  return matches;
}

#else

std::uint64_t MatchesOfChunk(const char* bytes, const ByteSet& set) {
  std::uint64_t matches = 0;
  for (std::size_t i = 0; i < kChunk; ++i) {
    matches |= std::uint64_t{IsOneOf(bytes[i], set)} << i;
  }
  return matches;
}

#endif

}  // namespace

void FindBytes(std::string_view text, const ByteSet& set, std::vector<std::uint32_t>* places) {
  places->clear();
  std::size_t used = 0;
  std::size_t i = 0;
  for (; i + kChunk <= text.size(); i += kChunk) {
    // Room for a chunk in which every byte is one: then a place is written without a question.
    if (places->size() < used + kChunk) places->resize((used + kChunk) * 2);
    std::uint32_t* out = places->data() + used;
    std::uint64_t matches = MatchesOfChunk(text.data() + i, set);
    used += static_cast<std::size_t>(std::popcount(matches));
    for (; matches != 0; matches &= matches - 1) {
      *out++ = static_cast<std::uint32_t>(i + static_cast<std::size_t>(std::countr_zero(matches)));
    }
  }
  places->resize(used);
  for (; i < text.size(); ++i) {
    if (IsOneOf(text[i], set)) places->push_back(static_cast<std::uint32_t>(i));
  }
}

std::size_t CountBytes(std::string_view text, char c) {
  const ByteSet set{c, c, c, c};
  std::size_t count = 0;
  std::size_t i = 0;
  for (; i + kChunk <= text.size(); i += kChunk) {
    count += static_cast<std::size_t>(std::popcount(MatchesOfChunk(text.data() + i, set)));
  }
  for (; i < text.size(); ++i) count += text[i] == c ? 1U : 0U;
  return count;
}

}  // namespace moniker::internal
