// HMAC-SHA-256 by the SHA instructions of x86, for two messages at a time: each instruction waits
// for the one before, and takes half as long as it makes wait.

#include "crypto/lanes.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#include <algorithm>
#include <cstring>

#include "crypto/sodium.h"

namespace moniker::internal {
namespace {

#define MONIKER_SHA_NI __attribute__((target("sha,sse4.1"))) inline

// A chain as the instructions take it: words a b e f and c d g h.
struct Chain {
  __m128i abef;
  __m128i cdgh;
};

struct Work {
  Chain chain[2];
  __m128i w[2][4];
  alignas(16) std::uint8_t block[kSha256Block];

  ~Work() { Wipe({reinterpret_cast<std::uint8_t*>(this), sizeof *this}); }
};

const __m128i* Vector(const void* bytes) { return static_cast<const __m128i*>(bytes); }

MONIKER_SHA_NI __m128i SwapBytes(__m128i words) {
  return _mm_shuffle_epi8(words, _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
}

MONIKER_SHA_NI Chain FromWords(const Sha256Chain& words) {
  const __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128(Vector(words.data())), 0xB1);
  const __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(Vector(words.data() + 4)), 0x1B);
  return {_mm_alignr_epi8(cdab, efgh, 8), _mm_blend_epi16(efgh, cdab, 0xF0)};
}

// Words 0..3 and 4..7.
MONIKER_SHA_NI void ToWords(const Chain& chain, __m128i* low, __m128i* high) {
  const __m128i feba = _mm_shuffle_epi32(chain.abef, 0x1B);
  const __m128i dchg = _mm_shuffle_epi32(chain.cdgh, 0xB1);
  *low = _mm_blend_epi16(feba, dchg, 0xF0);
  *high = _mm_alignr_epi8(dchg, feba, 8);
}

// FIPS 180-4, section 6.2.2, of the words in work.w, for the first kCount chains from `first`.
template <std::size_t kCount>
MONIKER_SHA_NI void Compress(Work& work, std::size_t first) {
  Chain chain[kCount];
  __m128i w[kCount][4];
  for (std::size_t s = 0; s < kCount; ++s) {
    chain[s] = work.chain[first + s];
    for (int i = 0; i < 4; ++i) w[s][i] = work.w[first + s][i];
  }
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) {
    const __m128i k = _mm_load_si128(Vector(kSha256Round.data() + 4 * i));
#pragma GCC unroll 2
    for (std::size_t s = 0; s < kCount; ++s) {
      __m128i& w0 = w[s][i % 4];
      const __m128i& w3 = w[s][(i + 3) % 4];
      const __m128i sum = _mm_add_epi32(w0, k);
      chain[s].cdgh = _mm_sha256rnds2_epu32(chain[s].cdgh, chain[s].abef, sum);
      chain[s].abef =
          _mm_sha256rnds2_epu32(chain[s].abef, chain[s].cdgh, _mm_shuffle_epi32(sum, 0x0E));
      if (i >= 12) continue;
      const __m128i older = _mm_sha256msg1_epu32(w0, w[s][(i + 1) % 4]);
      w0 =
          _mm_sha256msg2_epu32(_mm_add_epi32(older, _mm_alignr_epi8(w3, w[s][(i + 2) % 4], 4)), w3);
    }
  }
  for (std::size_t s = 0; s < kCount; ++s) {
    Chain& sum = work.chain[first + s];
    sum.abef = _mm_add_epi32(sum.abef, chain[s].abef);
    sum.cdgh = _mm_add_epi32(sum.cdgh, chain[s].cdgh);
  }
}

MONIKER_SHA_NI void LoadBlock(Work& work, std::size_t s, ByteView message, std::size_t index) {
  const std::uint8_t* block = message.data() + index * kSha256Block;
  if (index >= message.size() / kSha256Block) {
    PadSha256Block(message, index, work.block);
    block = work.block;
  }
  for (int i = 0; i < 4; ++i) work.w[s][i] = SwapBytes(_mm_loadu_si128(Vector(block + 16 * i)));
}

// The words of the inner digest as the one block of the outer hash.
MONIKER_SHA_NI void LoadInner(Work& work, std::size_t s) {
  ToWords(work.chain[s], &work.w[s][0], &work.w[s][1]);
  constexpr int kBits = 8 * (kSha256Block + sizeof(Digest));
  work.w[s][2] = _mm_set_epi32(0, 0, 0, static_cast<int>(0x80000000));
  work.w[s][3] = _mm_set_epi32(kBits, 0, 0, 0);
}

template <std::size_t kCount>
MONIKER_SHA_NI void HashSome(const HmacSha256Key& key, const ByteView* messages, Digest** digests,
                             Work& work) {
  std::size_t blocks[kCount];
  for (std::size_t s = 0; s < kCount; ++s) {
    blocks[s] = Sha256Blocks(messages[s].size());
    work.chain[s] = FromWords(key.inner);
  }
  // The last has the most blocks.
  for (std::size_t i = 0; i < blocks[0]; ++i) {
    for (std::size_t s = 0; s < kCount; ++s) LoadBlock(work, s, messages[s], i);
    Compress<kCount>(work, 0);
  }
  for (std::size_t i = blocks[0]; i < blocks[kCount - 1]; ++i) {
    LoadBlock(work, kCount - 1, messages[kCount - 1], i);
    Compress<1>(work, kCount - 1);
  }
  for (std::size_t s = 0; s < kCount; ++s) {
    LoadInner(work, s);
    work.chain[s] = FromWords(key.outer);
  }
  Compress<kCount>(work, 0);
  for (std::size_t s = 0; s < kCount; ++s) {
    __m128i words[2];
    ToWords(work.chain[s], &words[0], &words[1]);
    for (__m128i& half : words) half = SwapBytes(half);
    std::memcpy(digests[s]->data(), words, sizeof words);
  }
}

MONIKER_SHA_NI void HashMany(const HmacSha256Key& key, std::span<const ByteView> messages,
                             std::span<Digest> digests) {
  Work work;
  for (std::size_t start = 0; start < messages.size(); start += kWindow) {
    const LaneOrder order(messages.subspan(start, std::min(kWindow, messages.size() - start)),
                          Sha256Blocks);
    for (std::size_t first = 0; first < order.size(); first += 2) {
      const std::size_t last = std::min(first + 1, order.size() - 1);
      const std::size_t at[] = {start + order[first], start + order[last]};
      const ByteView pair[] = {messages[at[0]], messages[at[1]]};
      Digest* to[] = {&digests[at[0]], &digests[at[1]]};
      if (last == first) {
        HashSome<1>(key, pair, to, work);
      } else {
        HashSome<2>(key, pair, to, work);
      }
    }
  }
  WipeStack(1024);
}

// Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2A, CPUID: leaf 7, EBX bit
// 29; leaf 1, ECX bits 9 and 19.
bool HasShaInstructions() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_SSSE3) == 0 || (c & bit_SSE4_1) == 0) {
    return false;
  }
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b >> 29 & 1) != 0;
}

}  // namespace

void AppendHmacSha256Ni(std::vector<Kernel<HmacSha256Key>>* kernels) {
  if (HasShaInstructions()) kernels->push_back({"sha-ni", 2, &HashMany});
}

}  // namespace moniker::internal

#else

namespace moniker::internal {

void AppendHmacSha256Ni(std::vector<Kernel<HmacSha256Key>>* /*kernels*/) {}

}  // namespace moniker::internal

#endif
