#include "batch/byte_scan.h"

#include <algorithm>
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

bool EndsPlainJson(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

#if defined(__SSE2__)

constexpr std::size_t kPart = 16;

// A bit for each of 16 bytes that is no plain character of a JSON string.
std::uint32_t NotPlainJson(const char* bytes) {
  const __m128i part = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  const __m128i quote = _mm_cmpeq_epi8(part, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(part, _mm_set1_epi8('\\'));
  const __m128i last_control = _mm_set1_epi8(0x1F);
  const __m128i control = _mm_cmpeq_epi8(_mm_max_epu8(part, last_control), last_control);
  const __m128i found = _mm_or_si128(_mm_or_si128(quote, backslash), control);
  return static_cast<std::uint32_t>(_mm_movemask_epi8(found));
}

// A bit for each of 16 bytes that is one of the set.
std::uint32_t MatchesOfPart(const char* bytes, const ByteSet& set) {
  const __m128i part = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  const __m128i a = _mm_cmpeq_epi8(part, _mm_set1_epi8(set[0]));
  const __m128i b = _mm_cmpeq_epi8(part, _mm_set1_epi8(set[1]));
  const __m128i c = _mm_cmpeq_epi8(part, _mm_set1_epi8(set[2]));
  const __m128i d = _mm_cmpeq_epi8(part, _mm_set1_epi8(set[3]));
  const __m128i found = _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d));
  return static_cast<std::uint32_t>(_mm_movemask_epi8(found));
}

std::uint64_t MatchesOfChunk(const char* bytes, const ByteSet& set) {
  std::uint64_t matches = 0;
  for (std::size_t i = 0; i < kChunk; i += kPart) {
    matches |= std::uint64_t{MatchesOfPart(bytes + i, set)} << i;
  }
  return matches;
}

// In each of 16 lanes a byte counts; more steps than these would overflow it.
constexpr std::size_t kCounted = std::size_t{16} * 255;

std::size_t CountInChunk(const char* bytes, char c) {
  const __m128i wanted = _mm_set1_epi8(c);
  __m128i counts = _mm_setzero_si128();
  for (std::size_t i = 0; i < kCounted; i += 16) {
    const __m128i part = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + i));
    counts = _mm_sub_epi8(counts, _mm_cmpeq_epi8(part, wanted));
  }
  const __m128i sums = _mm_sad_epu8(counts, _mm_setzero_si128());
  return static_cast<std::size_t>(_mm_cvtsi128_si32(sums)) +
         static_cast<std::size_t>(_mm_extract_epi16(sums, 4));
}

#else

constexpr std::size_t kCounted = 1;
constexpr std::size_t kPart = 1;

std::uint32_t NotPlainJson(const char* bytes) { return EndsPlainJson(*bytes) ? 1 : 0; }

std::uint32_t MatchesOfPart(const char* bytes, const ByteSet& set) {
  return IsOneOf(*bytes, set) ? 1 : 0;
}

std::size_t CountInChunk(const char* bytes, char c) { return *bytes == c ? 1 : 0; }

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
  std::size_t used = 0;  // what stands in `places` is only room
  std::size_t i = 0;
  for (; i + kChunk <= text.size(); i += kChunk) {
    // Room for a chunk in which every byte is one: then a place is written without a question.
    if (places->size() < used + kChunk) places->resize((used + kChunk) * 2);
    std::uint32_t* const out = places->data();
    for (std::uint64_t matches = MatchesOfChunk(text.data() + i, set); matches != 0;
         matches &= matches - 1) {
      const auto bit = static_cast<std::size_t>(std::countr_zero(matches));
      out[used++] = static_cast<std::uint32_t>(i + bit);
    }
  }
  places->resize(used);
  for (; i < text.size(); ++i) {
    if (IsOneOf(text[i], set)) places->push_back(static_cast<std::uint32_t>(i));
  }
}

std::size_t FindEndOfPlainJson(std::string_view text, std::size_t from) {
  std::size_t i = from;
  for (; i + kPart <= text.size(); i += kPart) {
    const std::uint32_t found = NotPlainJson(text.data() + i);
    if (found != 0) return i + static_cast<std::size_t>(std::countr_zero(found));
  }
  while (i < text.size() && !EndsPlainJson(text[i])) ++i;
  return i;
}

bool HasByteOf(std::string_view text, const ByteSet& set) {
  if (text.size() < kPart) {
    return std::any_of(text.begin(), text.end(), [&](char c) { return IsOneOf(c, set); });
  }
  std::uint32_t matches = 0;
  for (std::size_t i = 0; i + kPart <= text.size(); i += kPart) {
    matches |= MatchesOfPart(text.data() + i, set);
  }
  // The last ones again, with some of those before them.
  return (matches | MatchesOfPart(text.data() + text.size() - kPart, set)) != 0;
}

std::size_t CountBytes(std::string_view text, char c) {
  std::size_t count = 0;
  std::size_t i = 0;
  for (; i + kCounted <= text.size(); i += kCounted) count += CountInChunk(text.data() + i, c);
  for (; i < text.size(); ++i) count += text[i] == c ? 1U : 0U;
  return count;
}

}  // namespace moniker::internal
