// External IDs of many digests, one in each 64-bit lane: 8 of them with AVX-512, 4 with AVX2.
// Written once; Highway compiles this file for both.

// Where there are two lanes, one ID in a vector (rendering.cc) is as fast.
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL | HWY_NEON | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pseudonym/rendering_lanes.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <array>

#include "base/encoding.h"
#include "pseudonym/rendering.h"

HWY_BEFORE_NAMESPACE();
namespace moniker::internal::HWY_NAMESPACE {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<std::uint64_t>;
using V = hn::Vec<D>;
constexpr D kD;
constexpr hn::Repartition<std::uint8_t, D> kBytes;
constexpr hn::Repartition<std::int8_t, D> kSignedBytes;
constexpr std::size_t kLanes = HWY_MAX_BYTES / sizeof(std::uint64_t);

// What becomes of each value 0..31.
struct Table {
  alignas(16) std::array<std::uint8_t, 16> low{};
  alignas(16) std::array<std::uint8_t, 16> high{};
};

template <typename Function>
constexpr Table MakeTable(Function function) {
  Table table;
  for (std::uint8_t i = 0; i < 16; ++i) {
    table.low[i] = function(i);
    table.high[i] = function(static_cast<std::uint8_t>(16 + i));
  }
  return table;
}

constexpr Table kCharacters =
    MakeTable([](std::uint8_t v) { return static_cast<std::uint8_t>(kBase32Alphabet[v]); });

// v times the kPower-th power of a.
template <int kPower>
constexpr Table kTimes = MakeTable([](std::uint8_t v) {
  for (int i = 0; i < kPower; ++i) v = TimesA(v);
  return v;
});

// In each byte, which is 0..31. The instructions look at the low four bits of an index alone.
HWY_INLINE V LookUp(const Table& table, V values) {
  const auto index = hn::BitCast(kBytes, values);
  const auto low = hn::TableLookupBytes(hn::LoadDup128(kBytes, table.low.data()), index);
  const auto high = hn::TableLookupBytes(hn::LoadDup128(kBytes, table.high.data()), index);
  const auto is_high = hn::Gt(hn::BitCast(kSignedBytes, values), hn::Set(kSignedBytes, 15));
  return hn::BitCast(kD, hn::IfThenElse(hn::RebindMask(kBytes, is_high), high, low));
}

// The first byte to the top of each lane, and back.
HWY_INLINE V Reverse(V v) {
  alignas(16) static constexpr std::array<std::uint8_t, 16> kFrom = {7,  6,  5,  4,  3,  2,  1, 0,
                                                                     15, 14, 13, 12, 11, 10, 9, 8};
  return hn::BitCast(
      kD, hn::TableLookupBytes(hn::BitCast(kBytes, v), hn::LoadDup128(kBytes, kFrom.data())));
}

// The bits of `v` under `high` moved up by kBits, beside those under `low`.
template <int kBits>
HWY_INLINE V Part(V v, std::uint64_t high, std::uint64_t low) {
  return hn::OrAnd(hn::ShiftLeft<kBits>(hn::And(v, hn::Set(kD, high))), v, hn::Set(kD, low));
}

// The low 40 bits of each lane, 5 in each byte: halved three times.
HWY_INLINE V Spread(V bits) {
  bits = Part<12>(bits, 0x000000FFFFF00000, 0x00000000000FFFFF);
  bits = Part<6>(bits, 0x000FFC00000FFC00, 0x000003FF000003FF);
  return Part<3>(bits, 0x03E003E003E003E0, 0x001F001F001F001F);
}

// The sum of a^i * v[i] over i = 0..31 with v[8 * w + p] in byte p of words[w], counted from the
// top. v[0] and v[31] are 0.
HWY_INLINE V CheckValue(const V* words) {
  V sum = words[3];
  for (int w = 2; w >= 0; --w) sum = hn::Xor(LookUp(kTimes<8>, sum), words[w]);
  // Of the eight sums, those of the lower half count a^4 more, and so on.
  sum = hn::Xor(hn::ShiftRight<32>(sum), LookUp(kTimes<4>, sum));
  sum = hn::Xor(hn::ShiftRight<16>(sum), LookUp(kTimes<2>, sum));
  sum = hn::Xor(hn::ShiftRight<8>(sum), LookUp(kTimes<1>, sum));
  return hn::And(sum, hn::Set(kD, 0xFF));
}

// `digests` and `texts` begin with kLanes of 32 bytes each.
HWY_INLINE void RenderGroup(const std::uint64_t* digests, std::uint64_t* texts) {
  V a, b, c, unused;
  hn::LoadInterleaved4(kD, digests, a, b, c, unused);
  a = Reverse(a);
  b = Reverse(b);
  c = Reverse(c);
  // Values 1..7, 8..15, 16..23 and 24..30 of 5 bits each.
  V words[4] = {
      hn::ShiftRight<29>(a),
      hn::ShiftRight<24>(hn::Or(hn::ShiftLeft<35>(a), hn::ShiftRight<29>(b))),
      hn::ShiftRight<24>(hn::Or(hn::ShiftLeft<11>(b), hn::ShiftRight<53>(c))),
      hn::ShiftRight<24>(hn::Or(hn::ShiftLeft<51>(b), hn::ShiftRight<13>(c))),
  };
  words[3] = hn::And(words[3], hn::Set(kD, ~std::uint64_t{31}));
  for (V& word : words) word = Spread(word);
  words[3] = hn::Or(words[3], CheckValue(words));
  words[0] = hn::Or(words[0], hn::Set(kD, std::uint64_t{kBase32Alphabet.find('m')} << 56));
  for (V& word : words) word = Reverse(LookUp(kCharacters, word));
  hn::StoreInterleaved4(words[0], words[1], words[2], words[3], kD, texts);
}

void RenderMany(std::span<const Digest> digests, std::span<ExternalId::Text> texts) {
  std::size_t i = 0;
  for (; i + kLanes <= digests.size(); i += kLanes) {
    RenderGroup(reinterpret_cast<const std::uint64_t*>(digests[i].data()),
                reinterpret_cast<std::uint64_t*>(texts[i].data()));
  }
  for (; i < digests.size(); ++i) RenderExternalId(digests[i], texts[i]);
}

#endif
}  // namespace moniker::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace moniker::internal {

void AppendLaneRenderers(std::vector<Renderer>* renderers) {
  [[maybe_unused]] const auto append = [renderers](std::int64_t target, Renderer renderer) {
    if ((hwy::SupportedTargets() & target) != 0) renderers->push_back(renderer);
  };
#if HWY_TARGETS & HWY_AVX2
  append(HWY_AVX2, {"avx2", &N_AVX2::RenderMany});
#endif
#if HWY_TARGETS & HWY_AVX3
  append(HWY_AVX3, {"avx512", &N_AVX3::RenderMany});
#endif
}

}  // namespace moniker::internal
#endif
