// Keyed BLAKE2b of one message at a time with each row of the state in a vector, by AVX-512: its
// four columns are mixed side by side, and one instruction picks the words of a step from the
// block.

#include "crypto/blake2b.h"
#include "crypto/lanes.h"

#if defined(__x86_64__)

// GCC 12 warns of what its own header leaves undefined; Clang has no such warning.
#pragma GCC diagnostic push
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#pragma GCC diagnostic pop

#include <algorithm>
#include <utility>

#include "crypto/sodium.h"

namespace moniker::internal {
namespace {

#define MONIKER_AVX512 __attribute__((target("avx512f,avx512vl,avx512bw")))
#define MONIKER_AVX512_INLINE MONIKER_AVX512 __attribute__((always_inline)) inline

constexpr std::size_t kTurns = 24;  // twelve rounds of columns and diagonals

// Which words of the block a turn adds: those of each column's first addition, then those of its
// second. Row b stays in its place from columns to diagonals, and the others turn.
struct Schedule {
  alignas(64) std::array<std::array<std::uint64_t, 8>, kTurns> words{};
};

constexpr Schedule MakeSchedule() {
  Schedule schedule;
  for (std::size_t turn = 0; turn < kTurns; ++turn) {
    for (std::size_t i = 0; i < 4; ++i) {
      const std::uint8_t* const sigma = kBlake2bSigma[turn / 2] + 8 * (turn % 2) + 2 * i;
      const std::size_t column = (i + turn % 2) % 4;
      schedule.words[turn][column] = sigma[0];
      schedule.words[turn][4 + column] = sigma[1];
    }
  }
  return schedule;
}

constexpr Schedule kSchedule = MakeSchedule();

struct Rows {
  __m256i a, b, c, d;
};

// The bytes of one block, zeros behind the end of the message.
struct Block {
  __m512i low, high;
};

// RFC 7693, section 3.1, on each column. What comes late, b, is added last.
MONIKER_AVX512_INLINE void Mix(Rows& v, __m256i x, __m256i y) {
  v.a = _mm256_add_epi64(_mm256_add_epi64(v.a, x), v.b);
  v.d = _mm256_ror_epi64(_mm256_xor_si256(v.d, v.a), 32);
  v.c = _mm256_add_epi64(v.c, v.d);
  v.b = _mm256_ror_epi64(_mm256_xor_si256(v.b, v.c), 24);
  v.a = _mm256_add_epi64(_mm256_add_epi64(v.a, y), v.b);
  v.d = _mm256_ror_epi64(_mm256_xor_si256(v.d, v.a), 16);
  v.c = _mm256_add_epi64(v.c, v.d);
  v.b = _mm256_ror_epi64(_mm256_xor_si256(v.b, v.c), 63);
}

template <std::size_t kTurn>
MONIKER_AVX512_INLINE void Turn(Rows& v, const Block& block) {
  const __m512i words = _mm512_permutex2var_epi64(
      block.low, _mm512_load_si512(kSchedule.words[kTurn].data()), block.high);
  Mix(v, _mm512_castsi512_si256(words), _mm512_extracti64x4_epi64(words, 1));
  // To the diagonals, or back: b is what the next turn waits for, so it is not the one to move.
  constexpr int kForward = _MM_SHUFFLE(2, 1, 0, 3);
  constexpr int kBackward = _MM_SHUFFLE(0, 3, 2, 1);
  v.a = _mm256_permute4x64_epi64(v.a, kTurn % 2 == 0 ? kForward : kBackward);
  v.c = _mm256_permute4x64_epi64(v.c, kTurn % 2 == 0 ? kBackward : kForward);
  v.d = _mm256_permute4x64_epi64(v.d, _MM_SHUFFLE(1, 0, 3, 2));
}

template <std::size_t... kTurn>
MONIKER_AVX512_INLINE void AllTurns(Rows& v, const Block& block, std::index_sequence<kTurn...>) {
  (Turn<kTurn>(v, block), ...);
}

// `size` bytes, 0..64, and no byte beyond them is touched.
MONIKER_AVX512_INLINE __m512i LoadHalf(const std::uint8_t* bytes, std::size_t size) {
  const __mmask64 inside = size == 0 ? 0 : ~std::uint64_t{0} >> (64 - size);
  return _mm512_maskz_loadu_epi8(inside, bytes);
}

// RFC 7693, section 3.2, of what remains of the message: 1 byte or more.
MONIKER_AVX512_INLINE __m256i HashRest(const Blake2bKey& key, ByteView rest) {
  __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(key.chain.data()));
  __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(key.chain.data() + 4));
  const __m256i iv = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kBlake2bIv.data()));
  const __m256i iv_high =
      _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kBlake2bIv.data() + 4));
  std::uint64_t count = kBlake2bBlock;  // of bytes, the key block with them
  for (bool is_last = false; !is_last;) {
    const std::size_t size = std::min(rest.size(), kBlake2bBlock);
    is_last = size == rest.size();
    count += size;
    const std::size_t half = std::min(size, kBlake2bBlock / 2);
    const Block block = {LoadHalf(rest.data(), half), LoadHalf(rest.data() + half, size - half)};
    const auto last_word = static_cast<long long>(is_last ? ~std::uint64_t{0} : 0);
    Rows v = {low, high, iv,
              _mm256_xor_si256(iv_high,
                               _mm256_set_epi64x(0, last_word, 0, static_cast<long long>(count)))};
    AllTurns(v, block, std::make_index_sequence<kTurns>());
    low = _mm256_ternarylogic_epi64(low, v.a, v.c, 0x96);  // the exclusive or of three
    high = _mm256_ternarylogic_epi64(high, v.b, v.d, 0x96);
    rest = rest.subspan(size);
  }
  return low;
}

bool HasAvx512() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512bw");
}

}  // namespace

MONIKER_AVX512 void HashBlake2bRows(const Blake2bKey& key, std::span<const ByteView> messages,
                                    std::span<Digest> digests) {
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (messages[i].empty()) {
      HashNothingBlake2b(key, &digests[i]);
    } else {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(digests[i].data()),
                          HashRest(key, messages[i]));
    }
  }
  WipeStack(256);  // what did not stay in registers
}

void AppendBlake2bRows(std::vector<Kernel<Blake2bKey>>* kernels) {
  if (HasAvx512()) kernels->push_back({"avx512-rows", 1, &HashBlake2bRows});
}

}  // namespace moniker::internal

#else

namespace moniker::internal {

void AppendBlake2bRows(std::vector<Kernel<Blake2bKey>>*) {}

}  // namespace moniker::internal

#endif
