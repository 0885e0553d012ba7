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
#include <cstring>

#include "crypto/blake2b_rounds-inl.h"
#include "crypto/lanes.h"
#include "crypto/sodium.h"

HWY_BEFORE_NAMESPACE();
namespace moniker::internal::HWY_NAMESPACE {
#if HWY_TARGET != HWY_SCALAR

// For so few messages that the lanes would take longer.
#if HWY_ARCH_X86_64 && HWY_TARGET <= HWY_AVX3
constexpr auto* kHashFew = &HashBlake2bRows;
constexpr std::size_t kFew = 2;
#else
constexpr auto* kHashFew = &HashBlake2b;
constexpr std::size_t kFew = 1;
#endif

struct LaneGroup {
  alignas(64) std::uint64_t size[kLanes];  // of the lanes' messages
  const std::uint8_t* at[kLanes];          // their first blocks
  std::uint8_t* digest[kLanes];            // where they go
  V chain[8];
  V m[16];
  // Last blocks, copied. AVX-512 loads the bytes of a mask and touches no others.
  alignas(64) std::uint8_t tail[kIsAvx512 ? 1 : kLanes][kBlake2bBlock];
};

struct BlakeWork {
  LaneGroup groups[kMaxGroups];
  Digest unused;  // where the digests of unused lanes go

  ~BlakeWork() { Wipe({reinterpret_cast<std::uint8_t*>(this), sizeof *this}); }
};

// Two blocks of 16 bytes of `a`, then two of `b`. Highway has no such function.
template <int kWhich>
HWY_INLINE V Blocks([[maybe_unused]] V a, V b) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  return V{_mm512_shuffle_i64x2(a.raw, b.raw, kWhich)};
#else
  return b;  // never: there is no other unit of eight lanes
#endif
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
      // Even blocks of 16 bytes of two vectors, or odd ones, twice.
      const V even_low = Blocks<0x88>(pairs[0], pairs[1]);
      const V even_high = Blocks<0x88>(pairs[2], pairs[3]);
      const V odd_low = Blocks<0xDD>(pairs[0], pairs[1]);
      const V odd_high = Blocks<0xDD>(pairs[2], pairs[3]);
      words[first] = Blocks<0x88>(even_low, even_high);
      words[first + 2] = Blocks<0x88>(odd_low, odd_high);
      words[first + 4] = Blocks<0xDD>(even_low, even_high);
      words[first + 6] = Blocks<0xDD>(odd_low, odd_high);
    }
  };
  spread(lower, 0);
  spread(upper, 1);
}

// The first kWords words of the blocks that begin at byte `start` of the messages, zeros behind
// their ends.
template <std::size_t kWords>
HWY_INLINE void LoadWords(LaneGroup& group, std::size_t start) {
  const auto rest = [&group](std::size_t lane, std::size_t from) {
    return group.size[lane] > from ? group.size[lane] - from : 0;
  };
  if constexpr (!kIsAvx512) {
    for (std::size_t i = 0; i < kLanes; ++i) {
      const std::size_t size = rest(i, start);
      if (size >= kBlake2bBlock) continue;
      std::memset(group.tail[i], 0, 8 * kWords);
      if (size > 0) std::memcpy(group.tail[i], group.at[i] + start, size);
    }
  }
  for (std::size_t first = 0; first < kWords; first += kLanes) {
    V rows[kLanes];
    for (std::size_t i = 0; i < kLanes; ++i) {
      const std::size_t from = start + 8 * first;
      if constexpr (kIsAvx512) {
        const auto inside = hn::FirstN(kBytes, std::min(rest(i, from), kRowSize));
        rows[i] = hn::BitCast(kD, hn::MaskedLoad(inside, kBytes, group.at[i] + from));
      } else {
        const bool is_whole = rest(i, start) >= kBlake2bBlock;
        const std::uint8_t* const row = is_whole ? group.at[i] + from : group.tail[i] + 8 * first;
        rows[i] = hn::BitCast(kD, hn::LoadU(kBytes, row));
      }
    }
    Transpose(rows, group.m + first);
  }
}

// The working vector for the block at `start`: RFC 7693, section 3.2.
HWY_INLINE void BeginBlock(const LaneGroup& group, std::size_t start, V* HWY_RESTRICT v) {
  const V size = hn::Load(kD, group.size);
  const V end = hn::Set(kD, start + kBlake2bBlock);
  const auto goes_on = hn::Gt(size, end);
  for (std::size_t i = 0; i < 8; ++i) {
    v[i] = group.chain[i];
    v[8 + i] = hn::Set(kD, kBlake2bIv[i]);
  }
  // The key block counts.
  v[12] = hn::Xor(v[12], hn::Add(hn::IfThenElse(goes_on, end, size), hn::Set(kD, kBlake2bBlock)));
  v[14] = hn::Xor(v[14], hn::IfThenZeroElse(goes_on, hn::Set(kD, ~std::uint64_t{0})));
}

// The chain behind that block, in every lane whose message has not ended before it.
HWY_INLINE void EndBlock(LaneGroup& group, std::size_t start, const V* HWY_RESTRICT v) {
  const auto is_on = hn::Gt(hn::Load(kD, group.size), hn::Set(kD, start));
  for (std::size_t i = 0; i < 8; ++i) {
    const V next = hn::Xor3(group.chain[i], v[i], v[8 + i]);
    group.chain[i] = start == 0 ? next : hn::IfThenElse(is_on, next, group.chain[i]);
  }
}

template <std::size_t kGroups, std::size_t kWords>
HWY_INLINE void CompressBlake(LaneGroup* groups, std::size_t start) {
  for (std::size_t g = 0; g < kGroups; ++g) LoadWords<kWords>(groups[g], start);
  V v[16];
  BeginBlock(groups[0], start, v);
  if constexpr (kGroups == 1) {
    MixGroup<kWords>(v, groups[0].m);
  } else {
    V w[16];
    BeginBlock(groups[1], start, w);
    MixTwoGroups<kWords>(v, groups[0].m, w, groups[1].m);
    EndBlock(groups[1], start, w);
  }
  EndBlock(groups[0], start, v);
}

// The first four words of each lane's chain.
HWY_INLINE void StoreDigests(const LaneGroup& group) {
  const auto store = [&group](const V low, const V high, std::size_t first) HWY_ATTR {
    // low: words 0 and 1 of every other lane from `first`; high: words 2 and 3.
    if constexpr (kLanes == 2) {
      hn::StoreU(hn::BitCast(kBytes, low), kBytes, group.digest[first]);
      hn::StoreU(hn::BitCast(kBytes, high), kBytes, group.digest[first] + 16);
    } else if constexpr (kLanes == 4) {
      hn::StoreU(hn::BitCast(kBytes, hn::ConcatLowerLower(kD, high, low)), kBytes,
                 group.digest[first]);
      hn::StoreU(hn::BitCast(kBytes, hn::ConcatUpperUpper(kD, high, low)), kBytes,
                 group.digest[first + 2]);
    } else {
      constexpr hn::Half<decltype(kBytes)> kHalf;
      const auto put = [&group, kHalf](V pair, std::size_t lane) HWY_ATTR {
        const auto bytes = hn::BitCast(kBytes, pair);
        hn::StoreU(hn::LowerHalf(kHalf, bytes), kHalf, group.digest[lane]);
        hn::StoreU(hn::UpperHalf(kHalf, bytes), kHalf, group.digest[lane + 4]);
      };
      put(hn::OddEvenBlocks(hn::SwapAdjacentBlocks(high), low), first);
      put(hn::OddEvenBlocks(high, hn::SwapAdjacentBlocks(low)), first + 2);
    }
  };
  const V* const c = group.chain;
  store(hn::InterleaveLower(kD, c[0], c[1]), hn::InterleaveLower(kD, c[2], c[3]), 0);
  store(hn::InterleaveUpper(kD, c[0], c[1]), hn::InterleaveUpper(kD, c[2], c[3]), 1);
}

// REQUIRES: no message has more than so many blocks, nor more than `longest` bytes.
template <std::size_t kGroups>
HWY_NOINLINE void HashBlakeGroups(const Blake2bKey& key, LaneGroup* groups, std::size_t blocks,
                                  std::size_t longest) {
  for (std::size_t g = 0; g < kGroups; ++g) {
    for (std::size_t i = 0; i < 8; ++i) groups[g].chain[i] = hn::Set(kD, key.chain[i]);
  }
  if (longest - 1 < kBlake2bBlock / 2) {  // and none is empty
    CompressBlake<kGroups, 8>(groups, 0);
  } else {
    for (std::size_t block = 0; block < blocks; ++block) {
      CompressBlake<kGroups, 16>(groups, block * kBlake2bBlock);
    }
  }
  for (std::size_t g = 0; g < kGroups; ++g) StoreDigests(groups[g]);
}

// Messages in an order of LaneOrder, and where their digests go.
struct Window {
  LaneOrder order;
  std::span<const ByteView> messages;
  std::span<Digest> digests;

  std::size_t blocks(std::size_t place) const {
    return Blake2bBlocks(messages[order[place]].size());
  }
};

// Those from place `first` to the lanes; returns of how many.
HWY_INLINE std::size_t FillLanes(const Window& window, std::size_t first, BlakeWork& work,
                                 LaneGroup& group) {
  const std::size_t count = std::min(kLanes, window.order.size() - first);
  for (std::size_t lane = 0; lane < count; ++lane) {
    const std::size_t i = window.order[first + lane];
    group.at[lane] = window.messages[i].data();
    group.size[lane] = window.messages[i].size();
    group.digest[lane] = window.digests[i].data();
  }
  for (std::size_t lane = count; lane < kLanes; ++lane) {
    group.at[lane] = work.unused.data();
    group.size[lane] = 0;
    group.digest[lane] = work.unused.data();
  }
  return count;
}

HWY_INLINE void HashWindow(const Blake2bKey& key, const Window& window, BlakeWork& work) {
  const LaneOrder& order = window.order;
  for (std::size_t first = 0; first < order.size();) {
    if (order.size() - first <= kFew) {
      const std::size_t i = order[first++];
      kHashFew(key, window.messages.subspan(i, 1), window.digests.subspan(i, 1));
      continue;
    }
    const std::size_t start = first;
    first += FillLanes(window, first, work, work.groups[0]);
    const std::size_t blocks = window.blocks(first - 1);
    if constexpr (kMaxGroups > 1) {
      const std::size_t last = std::min(start + 2 * kLanes, order.size()) - 1;
      if (last >= first + kFew && window.blocks(last) == blocks) {
        first += FillLanes(window, first, work, work.groups[1]);
        HashBlakeGroups<2>(key, work.groups, blocks, order.longest());
        continue;
      }
    }
    HashBlakeGroups<1>(key, work.groups, blocks, order.longest());
  }
  for (std::size_t i = 0; i < order.size() && order.any_empty(); ++i) {
    if (window.messages[i].empty()) HashNothingBlake2b(key, &window.digests[i]);
  }
}

void HashBlakes(const Blake2bKey& key, std::span<const ByteView> messages,
                std::span<Digest> digests) {
  if (messages.size() <= kFew) return kHashFew(key, messages, digests);
  BlakeWork work;
  for (std::size_t start = 0; start < messages.size(); start += kWindow) {
    const std::size_t count = std::min(kWindow, messages.size() - start);
    const auto some = messages.subspan(start, count);
    HashWindow(key, {LaneOrder(some, Blake2bBlocks), some, digests.subspan(start, count)}, work);
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
