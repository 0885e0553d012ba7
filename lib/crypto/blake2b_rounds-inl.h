// The rounds of BLAKE2b with one message in each 64-bit lane. For blake2b_lanes.cc, which Highway
// compiles for each kind of processor, and this file with it.
//
// Thread safety: functions without state.

#include <hwy/highway.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "crypto/blake2b.h"

// Once for each kind of processor.
#if defined(MONIKER_LIB_CRYPTO_BLAKE2B_ROUNDS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MONIKER_LIB_CRYPTO_BLAKE2B_ROUNDS_INL_H_
#undef MONIKER_LIB_CRYPTO_BLAKE2B_ROUNDS_INL_H_
#else
#define MONIKER_LIB_CRYPTO_BLAKE2B_ROUNDS_INL_H_
#endif

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
constexpr bool kIsAvx512 = HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86;

// So many registers hold 16 words of state and some of the message.
constexpr bool kHas32Registers = HWY_TARGET != HWY_AVX2;

// So many vectors of messages are hashed side by side. One leaves a fifth of the time of a
// processor with AVX-512 to waiting for rotations; two fill its registers, and read the message
// from memory.
constexpr std::size_t kMaxGroups = kIsAvx512 ? 2 : 1;

template <int kBits>
HWY_INLINE V Rotate(V v) {
  if constexpr (kIsAvx512) {
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

// RFC 7693, section 3.1, in eight steps, of which this is one, on columns (kTurn 0) or diagonals
// (1) `i...` of v. Of the message only the first kWords words are not zero.
template <std::size_t kWords, std::size_t kRound, std::size_t kTurn, std::size_t kStep,
          std::size_t... i>
HWY_INLINE void Mix(V* HWY_RESTRICT v, const V* HWY_RESTRICT m, std::index_sequence<i...>) {
  constexpr const std::uint8_t* kSigma = kBlake2bSigma[kRound] + 8 * kTurn;
  constexpr auto kOfB = [](std::size_t column) { return 4 + (column + kTurn) % 4; };
  constexpr auto kOfC = [](std::size_t column) { return 8 + (column + 2 * kTurn) % 4; };
  constexpr auto kOfD = [](std::size_t column) { return 12 + (column + 3 * kTurn) % 4; };
  constexpr std::size_t kHalf = kStep / 4;
  if constexpr (kStep % 4 == 0) {
    ((v[i] = AddWord<kWords, kSigma[2 * i + kHalf]>(v[i], m)), ...);
    ((v[i] = hn::Add(v[i], v[kOfB(i)])), ...);
  } else if constexpr (kStep % 4 == 1) {
    ((v[kOfD(i)] = Rotate < kHalf == 0 ? 32 : 16 > (hn::Xor(v[kOfD(i)], v[i]))), ...);
  } else if constexpr (kStep % 4 == 2) {
    ((v[kOfC(i)] = hn::Add(v[kOfC(i)], v[kOfD(i)])), ...);
  } else {
    ((v[kOfB(i)] = Rotate < kHalf == 0 ? 24 : 63 > (hn::Xor(v[kOfB(i)], v[kOfC(i)]))), ...);
  }
}

constexpr std::size_t kMixSteps = 8;
constexpr std::size_t kRounds = 12;
constexpr std::size_t kAllSteps = kRounds * 2 * kMixSteps;

// Step kStep of all, on all columns or diagonals: while a step of one waits for the step before it,
// a processor can do the others.
template <std::size_t kWords, std::size_t kStep>
HWY_INLINE void MixFour(V* HWY_RESTRICT v, const V* HWY_RESTRICT m) {
  if constexpr (kStep < kAllSteps) {
    Mix<kWords, kStep / (2 * kMixSteps), kStep / kMixSteps % 2, kStep % kMixSteps>(
        v, m, std::index_sequence<0, 1, 2, 3>());
  }
}

// Half a round on one column or diagonal after the other: four at a time need more registers than
// there are.
template <std::size_t kWords, std::size_t kRound, std::size_t kTurn, std::size_t... kSteps>
HWY_INLINE void MixOneByOne(V* HWY_RESTRICT v, const V* HWY_RESTRICT m,
                            std::index_sequence<kSteps...>) {
  (Mix<kWords, kRound, kTurn, kSteps>(v, m, std::index_sequence<0>()), ...);
  (Mix<kWords, kRound, kTurn, kSteps>(v, m, std::index_sequence<1>()), ...);
  (Mix<kWords, kRound, kTurn, kSteps>(v, m, std::index_sequence<2>()), ...);
  (Mix<kWords, kRound, kTurn, kSteps>(v, m, std::index_sequence<3>()), ...);
}

// The twelve rounds of one group.
template <std::size_t kWords, std::size_t... kSteps>
HWY_INLINE void MixSteps(V* HWY_RESTRICT v, const V* HWY_RESTRICT m,
                         std::index_sequence<kSteps...>) {
  (MixFour<kWords, kSteps>(v, m), ...);
}
template <std::size_t kWords, std::size_t... i>
HWY_INLINE void MixRounds(V* HWY_RESTRICT v, const V* HWY_RESTRICT m, std::index_sequence<i...>) {
  ((MixOneByOne<kWords, i, 0>(v, m, std::make_index_sequence<kMixSteps>()),
    MixOneByOne<kWords, i, 1>(v, m, std::make_index_sequence<kMixSteps>())),
   ...);
}
template <std::size_t kWords>
HWY_INLINE void MixGroup(V* HWY_RESTRICT v, const V* HWY_RESTRICT m) {
  if constexpr (kHas32Registers) {
    MixSteps<kWords>(v, m, std::make_index_sequence<kAllSteps>());
  } else {
    MixRounds<kWords>(v, m, std::make_index_sequence<kRounds>());
  }
}

// Those of two groups, the second half a mix behind the first: while the one rotates, which a
// processor can do for fewer vectors at a time than add, the other adds.
constexpr std::size_t kBehind = kMixSteps / 2;
template <std::size_t kWords, std::size_t... kSteps>
HWY_INLINE void MixTwoGroups(V* HWY_RESTRICT v, const V* HWY_RESTRICT m, V* HWY_RESTRICT w,
                             const V* HWY_RESTRICT n, std::index_sequence<kSteps...>) {
  // Before its first step and behind its last one a group has none.
  ((MixFour<kWords, kSteps>(v, m),
    MixFour<kWords, (kSteps < kBehind ? kAllSteps : kSteps - kBehind)>(w, n)),
   ...);
}
template <std::size_t kWords>
HWY_INLINE void MixTwoGroups(V* HWY_RESTRICT v, const V* HWY_RESTRICT m, V* HWY_RESTRICT w,
                             const V* HWY_RESTRICT n) {
  MixTwoGroups<kWords>(v, m, w, n, std::make_index_sequence<kAllSteps + kBehind>());
}

#endif
}  // namespace moniker::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // once
