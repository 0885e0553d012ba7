// Keyed BLAKE2b with one message in each 64-bit lane: 8 of them with AVX-512, 4 with AVX2, 2 with
// NEON. Written once; Highway compiles this file for each.

// The 128-bit units of x86 are no faster than the scalar kernel, and SVE has no size that is known
// to the compiler.
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "crypto/blake2b_lanes.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "crypto/lanes.h"
#include "crypto/sodium.h"

HWY_BEFORE_NAMESPACE();
namespace moniker::internal::HWY_NAMESPACE {
#if HWY_TARGET != HWY_SCALAR

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<std::uint64_t>;
using V = hn::Vec<D>;
constexpr D kD;
constexpr hn::Repartition<std::uint8_t, D> kBytes;
constexpr std::size_t kLanes = HWY_MAX_BYTES / sizeof(std::uint64_t);
constexpr std::size_t kRowSize = kLanes * sizeof(std::uint64_t);
// AVX-512 loads the bytes of a mask and touches no others; elsewhere the last block is copied.
constexpr bool kMasksBytes = HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86;

// For so few messages that the lanes would take longer.
#if HWY_ARCH_X86_64 && HWY_TARGET <= HWY_AVX3
constexpr auto* kHashFew = &HashBlake2bRows;
constexpr std::size_t kFew = 2;
#else
constexpr auto* kHashFew = &HashBlake2b;
constexpr std::size_t kFew = 1;
#endif

struct BlakeWork {
  alignas(64) std::uint64_t size[kLanes];  // of the lanes' messages
  const std::uint8_t* at[kLanes];          // their next blocks
  std::uint8_t* digest[kLanes];            // where they go
  V chain[8];
  V m[16];
  alignas(64) std::uint8_t tail[kMasksBytes ? 1 : kLanes][kBlake2bBlock];  // last blocks, copied
  Digest unused;  // where the digests of unused lanes go

  ~BlakeWork() { Wipe({reinterpret_cast<std::uint8_t*>(this), sizeof *this}); }
};

template <int kBits>
HWY_INLINE V Rotate(V v) {
  if constexpr (kMasksBytes) {
    return hn::RotateRight<kBits>(v);
  } else if constexpr (kBits == 63) {
    return hn::Or(hn::ShiftRight<63>(v), hn::Add(v, v));
  } else {
    // Rotating by whole bytes is a permutation of the bytes of each lane.
    constexpr int kTurn = kBits / 8;
    alignas(16) static constexpr auto kFrom = [] {
      std::array<std::uint8_t, 16> from{};
      for (int i = 0; i < 16; ++i) {
        from[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>((i & 8) | ((i + kTurn) & 7));
      }
      return from;
    }();
    return hn::BitCast(
        kD, hn::TableLookupBytes(hn::BitCast(kBytes, v), hn::LoadDup128(kBytes, kFrom.data())));
  }
}

// a + m[kWord], but for a word that is known to be zero in every lane.
template <std::size_t kWords, std::size_t kWord>
HWY_INLINE V AddWord(V a, const V* HWY_RESTRICT m) {
  if constexpr (kWord < kWords) {
    return hn::Add(a, m[kWord]);
  } else {
    return a;
  }
}

// RFC 7693, section 3.1, on columns (kTurn 0) or diagonals (1) `i...` of v, step by step: while a
// step of one waits for the step before it, a processor can do the others. Of the message only the
// first kWords words are not zero.
template <std::size_t kWords, std::size_t kRound, std::size_t kTurn, std::size_t... i>
HWY_INLINE void Mix(V* HWY_RESTRICT v, const V* HWY_RESTRICT m, std::index_sequence<i...>) {
  constexpr const std::uint8_t* kSigma = kBlake2bSigma[kRound] + 8 * kTurn;
  constexpr auto kOfA = [](std::size_t column) { return column; };
  constexpr auto kOfB = [](std::size_t column) { return 4 + (column + kTurn) % 4; };
  constexpr auto kOfC = [](std::size_t column) { return 8 + (column + 2 * kTurn) % 4; };
  constexpr auto kOfD = [](std::size_t column) { return 12 + (column + 3 * kTurn) % 4; };
  ((v[kOfA(i)] = AddWord<kWords, kSigma[2 * i]>(v[kOfA(i)], m)), ...);
  ((v[kOfA(i)] = hn::Add(v[kOfA(i)], v[kOfB(i)])), ...);
  ((v[kOfD(i)] = Rotate<32>(hn::Xor(v[kOfD(i)], v[kOfA(i)]))), ...);
  ((v[kOfC(i)] = hn::Add(v[kOfC(i)], v[kOfD(i)])), ...);
  ((v[kOfB(i)] = Rotate<24>(hn::Xor(v[kOfB(i)], v[kOfC(i)]))), ...);
  ((v[kOfA(i)] = AddWord<kWords, kSigma[2 * i + 1]>(v[kOfA(i)], m)), ...);
  ((v[kOfA(i)] = hn::Add(v[kOfA(i)], v[kOfB(i)])), ...);
  ((v[kOfD(i)] = Rotate<16>(hn::Xor(v[kOfD(i)], v[kOfA(i)]))), ...);
  ((v[kOfC(i)] = hn::Add(v[kOfC(i)], v[kOfD(i)])), ...);
  ((v[kOfB(i)] = Rotate<63>(hn::Xor(v[kOfB(i)], v[kOfC(i)]))), ...);
}

template <std::size_t kWords, std::size_t kRound, std::size_t kTurn>
HWY_INLINE void MixAll(V* HWY_RESTRICT v, const V* HWY_RESTRICT m) {
  // Four at a time need more registers than AVX2 has.
  constexpr bool kHas32Registers = HWY_TARGET != HWY_AVX2;
  if constexpr (kHas32Registers) {
    Mix<kWords, kRound, kTurn>(v, m, std::index_sequence<0, 1, 2, 3>());
  } else {
    Mix<kWords, kRound, kTurn>(v, m, std::index_sequence<0>());
    Mix<kWords, kRound, kTurn>(v, m, std::index_sequence<1>());
    Mix<kWords, kRound, kTurn>(v, m, std::index_sequence<2>());
    Mix<kWords, kRound, kTurn>(v, m, std::index_sequence<3>());
  }
}

// words[w] lane l = rows[l] lane w.
HWY_INLINE void Transpose(const V* HWY_RESTRICT rows, V* HWY_RESTRICT words) {
  V lower[kLanes / 2];
  V upper[kLanes / 2];
  for (std::size_t i = 0; i < kLanes / 2; ++i) {
    lower[i] = hn::InterleaveLower(kD, rows[2 * i], rows[2 * i + 1]);
    upper[i] = hn::InterleaveUpper(kD, rows[2 * i], rows[2 * i + 1]);
  }
  const auto spread = [words](const V* pairs, std::size_t first) {
    if constexpr (kLanes == 2) {
      words[first] = pairs[0];
    } else if constexpr (kLanes == 4) {
      words[first] = hn::ConcatLowerLower(kD, pairs[1], pairs[0]);
      words[first + 2] = hn::ConcatUpperUpper(kD, pairs[1], pairs[0]);
    } else {
      const auto even = [](V a, V b) { return hn::OddEvenBlocks(hn::SwapAdjacentBlocks(b), a); };
      const auto odd = [](V a, V b) { return hn::OddEvenBlocks(b, hn::SwapAdjacentBlocks(a)); };
      const V even_low = even(pairs[0], pairs[1]);
      const V even_high = even(pairs[2], pairs[3]);
      const V odd_low = odd(pairs[0], pairs[1]);
      const V odd_high = odd(pairs[2], pairs[3]);
      words[first] = hn::ConcatLowerLower(kD, even_high, even_low);
      words[first + 2] = hn::ConcatLowerLower(kD, odd_high, odd_low);
      words[first + 4] = hn::ConcatUpperUpper(kD, even_high, even_low);
      words[first + 6] = hn::ConcatUpperUpper(kD, odd_high, odd_low);
    }
  };
  spread(lower, 0);
  spread(upper, 1);
}

// The first kWords words of the blocks that begin at byte `start` of the messages, zeros behind
// their ends.
template <std::size_t kWords>
HWY_INLINE void LoadWords(BlakeWork& work, std::size_t start) {
  const auto rest = [&work](std::size_t lane, std::size_t from) {
    return work.size[lane] > from ? work.size[lane] - from : 0;
  };
  if constexpr (!kMasksBytes) {
    for (std::size_t i = 0; i < kLanes; ++i) {
      const std::size_t size = rest(i, start);
      if (size >= kBlake2bBlock) continue;
      std::memset(work.tail[i], 0, 8 * kWords);
      if (size > 0) std::memcpy(work.tail[i], work.at[i] + start, size);
    }
  }
  for (std::size_t first = 0; first < kWords; first += kLanes) {
    V rows[kLanes];
    for (std::size_t i = 0; i < kLanes; ++i) {
      const std::size_t from = start + 8 * first;
      if constexpr (kMasksBytes) {
        const auto inside = hn::FirstN(kBytes, std::min(rest(i, from), kRowSize));
        rows[i] = hn::BitCast(kD, hn::MaskedLoad(inside, kBytes, work.at[i] + from));
      } else {
        const bool is_whole = rest(i, start) >= kBlake2bBlock;
        const std::uint8_t* const row = is_whole ? work.at[i] + from : work.tail[i] + 8 * first;
        rows[i] = hn::BitCast(kD, hn::LoadU(kBytes, row));
      }
    }
    Transpose(rows, work.m + first);
  }
}

// RFC 7693, section 3.2, in every lane whose message has not ended before the block at `start`.
template <std::size_t kWords>
HWY_INLINE void CompressBlake(BlakeWork& work, std::size_t start) {
  const V size = hn::Load(kD, work.size);
  const V end = hn::Set(kD, start + kBlake2bBlock);
  const auto goes_on = hn::Gt(size, end);
  V v[16];
  for (std::size_t i = 0; i < 8; ++i) {
    v[i] = work.chain[i];
    v[8 + i] = hn::Set(kD, kBlake2bIv[i]);
  }
  // The key block counts.
  v[12] = hn::Xor(v[12], hn::Add(hn::IfThenElse(goes_on, end, size), hn::Set(kD, kBlake2bBlock)));
  v[14] = hn::Xor(v[14], hn::IfThenZeroElse(goes_on, hn::Set(kD, ~std::uint64_t{0})));
  [&]<std::size_t... kRounds>(std::index_sequence<kRounds...>) HWY_ATTR {
    ((MixAll<kWords, kRounds, 0>(v, work.m), MixAll<kWords, kRounds, 1>(v, work.m)), ...);
  }
  (std::make_index_sequence<12>());
  for (std::size_t i = 0; i < 8; ++i) v[i] = hn::Xor3(work.chain[i], v[i], v[8 + i]);
  if (start == 0) {
    for (std::size_t i = 0; i < 8; ++i) work.chain[i] = v[i];
  } else {
    const auto is_on = hn::Gt(size, hn::Set(kD, start));
    for (std::size_t i = 0; i < 8; ++i) {
      work.chain[i] = hn::IfThenElse(is_on, v[i], work.chain[i]);
    }
  }
}

// The first four words of each lane's chain.
HWY_INLINE void StoreDigests(const BlakeWork& work) {
  const auto store = [&work](const V low, const V high, std::size_t first) HWY_ATTR {
    // low: words 0 and 1 of every other lane from `first`; high: words 2 and 3.
    if constexpr (kLanes == 2) {
      hn::StoreU(hn::BitCast(kBytes, low), kBytes, work.digest[first]);
      hn::StoreU(hn::BitCast(kBytes, high), kBytes, work.digest[first] + 16);
    } else if constexpr (kLanes == 4) {
      hn::StoreU(hn::BitCast(kBytes, hn::ConcatLowerLower(kD, high, low)), kBytes,
                 work.digest[first]);
      hn::StoreU(hn::BitCast(kBytes, hn::ConcatUpperUpper(kD, high, low)), kBytes,
                 work.digest[first + 2]);
    } else {
      constexpr hn::Half<decltype(kBytes)> kHalf;
      const auto put = [&work, kHalf](V pair, std::size_t lane) HWY_ATTR {
        const auto bytes = hn::BitCast(kBytes, pair);
        hn::StoreU(hn::LowerHalf(kHalf, bytes), kHalf, work.digest[lane]);
        hn::StoreU(hn::UpperHalf(kHalf, bytes), kHalf, work.digest[lane + 4]);
      };
      put(hn::OddEvenBlocks(hn::SwapAdjacentBlocks(high), low), first);
      put(hn::OddEvenBlocks(high, hn::SwapAdjacentBlocks(low)), first + 2);
    }
  };
  const V* const c = work.chain;
  store(hn::InterleaveLower(kD, c[0], c[1]), hn::InterleaveLower(kD, c[2], c[3]), 0);
  store(hn::InterleaveUpper(kD, c[0], c[1]), hn::InterleaveUpper(kD, c[2], c[3]), 1);
}

// REQUIRES: the message in the lane count - 1 has the most blocks, and none is longer than
// `longest`.
HWY_NOINLINE void HashBlakeGroup(const Blake2bKey& key, BlakeWork& work, std::size_t count,
                                 std::size_t longest) {
  for (std::size_t i = count; i < kLanes; ++i) {
    work.size[i] = 0;
    work.at[i] = work.unused.data();
    work.digest[i] = work.unused.data();
  }
  for (std::size_t i = 0; i < 8; ++i) work.chain[i] = hn::Set(kD, key.chain[i]);
  if (longest - 1 < kBlake2bBlock / 2) {  // and none is empty
    LoadWords<8>(work, 0);
    CompressBlake<8>(work, 0);
  } else {
    for (std::size_t block = 0; block < Blake2bBlocks(work.size[count - 1]); ++block) {
      LoadWords<16>(work, block * kBlake2bBlock);
      CompressBlake<16>(work, block * kBlake2bBlock);
    }
  }
  StoreDigests(work);
}

void HashBlakes(const Blake2bKey& key, std::span<const ByteView> messages,
                std::span<Digest> digests) {
  if (messages.size() <= kFew) return kHashFew(key, messages, digests);
  BlakeWork work;
  for (std::size_t start = 0; start < messages.size(); start += kWindow) {
    const LaneOrder order(messages.subspan(start, std::min(kWindow, messages.size() - start)),
                          Blake2bBlocks);
    for (std::size_t first = 0; first < order.size(); first += kLanes) {
      const std::size_t count = std::min(kLanes, order.size() - first);
      if (count <= kFew) {
        for (std::size_t lane = 0; lane < count; ++lane) {
          const std::size_t i = start + order[first + lane];
          kHashFew(key, messages.subspan(i, 1), digests.subspan(i, 1));
        }
        continue;
      }
      for (std::size_t lane = 0; lane < count; ++lane) {
        const std::size_t i = start + order[first + lane];
        work.at[lane] = messages[i].data();
        work.size[lane] = messages[i].size();
        work.digest[lane] = digests[i].data();
      }
      HashBlakeGroup(key, work, count, order.longest());
      for (std::size_t lane = 0; lane < count && order.any_empty(); ++lane) {
        const std::size_t i = start + order[first + lane];
        if (messages[i].empty()) HashNothingBlake2b(key, &digests[i]);
      }
    }
  }
  WipeStack(4096);
}

#endif
}  // namespace moniker::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace moniker::internal {

void AppendBlake2bLanes(std::vector<Kernel<Blake2bKey>>* kernels) {
  [[maybe_unused]] const auto append = [kernels](std::int64_t target, Kernel<Blake2bKey> kernel) {
    if ((hwy::SupportedTargets() & target) != 0) kernels->push_back(kernel);
  };
#if HWY_TARGETS & HWY_NEON
  append(HWY_NEON, {"neon", 2, &N_NEON::HashBlakes});
#endif
#if HWY_TARGETS & HWY_AVX2
  append(HWY_AVX2, {"avx2", 4, &N_AVX2::HashBlakes});
#endif
#if HWY_TARGETS & HWY_AVX3
  append(HWY_AVX3, {"avx512", 8, &N_AVX3::HashBlakes});
#endif
}

}  // namespace moniker::internal
#endif
