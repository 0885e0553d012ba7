// HMAC-SHA-256 with one message in each 32-bit lane: 16 of them with AVX-512, 8 with AVX2, 4 with
// NEON. For processors without SHA instructions; written once, compiled by Highway for each.

#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "crypto/hmac_sha256_lanes.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "crypto/lanes.h"
#include "crypto/sodium.h"

HWY_BEFORE_NAMESPACE();
namespace moniker::internal::HWY_NAMESPACE {
#if HWY_TARGET != HWY_SCALAR

namespace hn = hwy::HWY_NAMESPACE;

using D32 = hn::ScalableTag<std::uint32_t>;
using V32 = hn::Vec<D32>;
constexpr D32 kD32;
constexpr std::size_t kLanes32 = HWY_MAX_BYTES / sizeof(std::uint32_t);

struct HmacWork {
  V32 chain[8];
  V32 w[16];
  alignas(64) std::uint32_t words[16][kLanes32];  // of the lanes' blocks, or of digests
  alignas(64) std::uint32_t is_on[kLanes32];      // all ones up to a lane's last block
  std::uint8_t block[kSha256Block];

  ~HmacWork() { Wipe({reinterpret_cast<std::uint8_t*>(this), sizeof *this}); }
};

template <int kBits>
HWY_INLINE V32 Turn(V32 v) {
  return hn::RotateRight<kBits>(v);
}

// FIPS 180-4, section 6.2.2, steps 1 to 3, on the words in work.w; v begins as the chain. A round
// finds the word that the standard calls a at v[-round modulo 8].
HWY_INLINE void Rounds(HmacWork& work, V32* HWY_RESTRICT v) {
  V32* HWY_RESTRICT const w = work.w;
  for (std::size_t start = 0; start < 64; start += 16) {
#pragma GCC unroll 16
    for (std::size_t i = 0; i < 16; ++i) {
      if (start != 0) {
        const V32 w15 = w[(i + 1) % 16];
        const V32 w2 = w[(i + 14) % 16];
        const V32 s0 = hn::Xor3(Turn<7>(w15), Turn<18>(w15), hn::ShiftRight<3>(w15));
        const V32 s1 = hn::Xor3(Turn<17>(w2), Turn<19>(w2), hn::ShiftRight<10>(w2));
        w[i] = hn::Add(hn::Add(w[i], s0), hn::Add(w[(i + 9) % 16], s1));
      }
      const V32 a = v[(16 - i) % 8], b = v[(17 - i) % 8], c = v[(18 - i) % 8];
      const V32 e = v[(20 - i) % 8], f = v[(21 - i) % 8], g = v[(22 - i) % 8];
      V32& d = v[(19 - i) % 8];
      V32& h = v[(23 - i) % 8];
      const V32 choice = hn::Xor(g, hn::And(e, hn::Xor(f, g)));
      const V32 majority = hn::Or(hn::And(a, b), hn::And(c, hn::Or(a, b)));
      const V32 k = hn::Add(w[i], hn::Set(kD32, kSha256Round[start + i]));
      h = hn::Add(hn::Add(h, k), hn::Add(choice, hn::Xor3(Turn<6>(e), Turn<11>(e), Turn<25>(e))));
      d = hn::Add(d, h);
      h = hn::Add(h, hn::Add(majority, hn::Xor3(Turn<2>(a), Turn<13>(a), Turn<22>(a))));
    }
  }
}

// In every lane that is on.
HWY_INLINE void CompressHmac(HmacWork& work) {
  V32 v[8];
  for (std::size_t i = 0; i < 8; ++i) v[i] = work.chain[i];
  Rounds(work, v);
  const auto is_on = hn::MaskFromVec(hn::Load(kD32, work.is_on));
  for (std::size_t i = 0; i < 8; ++i) {
    work.chain[i] = hn::IfThenElse(is_on, hn::Add(work.chain[i], v[i]), work.chain[i]);
  }
}

HWY_INLINE void LoadBlocks(HmacWork& work, const ByteView* messages, std::size_t index) {
  for (std::size_t lane = 0; lane < kLanes32; ++lane) {
    const ByteView message = messages[lane];
    const bool is_on = index < Sha256Blocks(message.size());
    work.is_on[lane] = is_on ? ~std::uint32_t{0} : 0;
    if (!is_on) continue;
    const std::uint8_t* block = message.data() + index * kSha256Block;
    if (index >= message.size() / kSha256Block) {
      PadSha256Block(message, index, work.block);
      block = work.block;
    }
    for (std::size_t i = 0; i < 16; ++i) {
      std::uint32_t word;
      std::memcpy(&word, block + 4 * i, sizeof word);
      work.words[i][lane] = __builtin_bswap32(word);
    }
  }
  for (std::size_t i = 0; i < 16; ++i) work.w[i] = hn::Load(kD32, work.words[i]);
}

// The words of the inner digests as the one block of the outer hash.
HWY_INLINE void LoadInner(HmacWork& work) {
  for (std::size_t i = 0; i < 8; ++i) work.w[i] = work.chain[i];
  for (std::size_t i = 8; i < 16; ++i) work.w[i] = hn::Zero(kD32);
  constexpr std::uint32_t kBits = 8 * (kSha256Block + sizeof(Digest));
  work.w[8] = hn::Set(kD32, 0x80000000);
  work.w[15] = hn::Set(kD32, kBits);
  std::ranges::fill(work.is_on, ~std::uint32_t{0});
}

// REQUIRES: the message in lane count - 1 has the most blocks.
HWY_NOINLINE void HashHmacGroup(const HmacSha256Key& key, HmacWork& work, const ByteView* messages,
                                std::size_t count) {
  for (std::size_t i = 0; i < 8; ++i) work.chain[i] = hn::Set(kD32, key.inner[i]);
  const std::size_t blocks = Sha256Blocks(messages[count - 1].size());
  for (std::size_t block = 0; block < blocks; ++block) {
    LoadBlocks(work, messages, block);
    CompressHmac(work);
  }
  LoadInner(work);
  for (std::size_t i = 0; i < 8; ++i) work.chain[i] = hn::Set(kD32, key.outer[i]);
  CompressHmac(work);
  for (std::size_t i = 0; i < 8; ++i) hn::Store(work.chain[i], kD32, work.words[i]);
}

void HashHmacs(const HmacSha256Key& key, std::span<const ByteView> messages,
               std::span<Digest> digests) {
  if (messages.size() == 1) return HashHmacSha256(key, messages, digests);
  HmacWork work;
  for (std::size_t start = 0; start < messages.size(); start += kWindow) {
    const LaneOrder order(messages.subspan(start, std::min(kWindow, messages.size() - start)),
                          Sha256Blocks);
    for (std::size_t first = 0; first < order.size(); first += kLanes32) {
      const std::size_t count = std::min(kLanes32, order.size() - first);
      if (count == 1) {  // as long as all lanes would take
        const std::size_t i = start + order[first];
        HashHmacSha256(key, messages.subspan(i, 1), digests.subspan(i, 1));
        continue;
      }
      ByteView in_lanes[kLanes32] = {};
      for (std::size_t i = 0; i < count; ++i) in_lanes[i] = messages[start + order[first + i]];
      HashHmacGroup(key, work, in_lanes, count);
      for (std::size_t lane = 0; lane < count; ++lane) {
        std::uint8_t* const digest = digests[start + order[first + lane]].data();
        for (std::size_t i = 0; i < 8; ++i) {
          const std::uint32_t word = __builtin_bswap32(work.words[i][lane]);
          std::memcpy(digest + 4 * i, &word, sizeof word);
        }
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

void AppendHmacSha256Lanes(std::vector<Kernel<HmacSha256Key>>* kernels) {
  [[maybe_unused]] const auto append = [kernels](std::int64_t target,
                                                 Kernel<HmacSha256Key> kernel) {
    if ((hwy::SupportedTargets() & target) != 0) kernels->push_back(kernel);
  };
#if HWY_TARGETS & HWY_NEON
  append(HWY_NEON, {"neon", 4, &N_NEON::HashHmacs});
#endif
#if HWY_TARGETS & HWY_AVX2
  append(HWY_AVX2, {"avx2", 8, &N_AVX2::HashHmacs});
#endif
#if HWY_TARGETS & HWY_AVX3
  append(HWY_AVX3, {"avx512", 16, &N_AVX3::HashHmacs});
#endif
}

}  // namespace moniker::internal
#endif
