#include "crypto/blake2b.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "crypto/sodium.h"

namespace moniker::internal {
namespace {

using Chain = std::array<std::uint64_t, 8>;
using Words = std::array<std::uint64_t, 16>;

// Little-endian bytes to a number, and back.
inline std::uint64_t Little(std::uint64_t value) {
  return std::endian::native == std::endian::little ? value : __builtin_bswap64(value);
}

inline std::uint64_t LoadLittle(const std::uint8_t* bytes) {
  std::uint64_t value;
  std::memcpy(&value, bytes, sizeof value);
  return Little(value);
}

// Word kWord of a block of which only the first kWords words are not zero: a short message is the
// usual case, and what is zero need not be added.
template <std::size_t kWords, std::size_t kWord>
[[gnu::always_inline]] inline std::uint64_t WordOf(const std::uint8_t* block) {
  return kWord < kWords ? LoadLittle(block + 8 * kWord) : 0;
}

// RFC 7693, section 3.1.
[[gnu::always_inline]] inline void Mix(std::uint64_t& a, std::uint64_t& b, std::uint64_t& c,
                                       std::uint64_t& d, std::uint64_t x, std::uint64_t y) {
  a = a + x + b;
  d = std::rotr(d ^ a, 32);
  c += d;
  b = std::rotr(b ^ c, 24);
  a = a + y + b;
  d = std::rotr(d ^ a, 16);
  c += d;
  b = std::rotr(b ^ c, 63);
}

// On columns (kTurn 0) or diagonals (1).
template <std::size_t kWords, std::size_t kRound, std::size_t kTurn, std::size_t... i>
[[gnu::always_inline]] inline void MixAll(Words& v, const std::uint8_t* block,
                                          std::index_sequence<i...>) {
  constexpr const std::uint8_t* kSigma = kBlake2bSigma[kRound] + 8 * kTurn;
  (Mix(v[i], v[4 + (i + kTurn) % 4], v[8 + (i + 2 * kTurn) % 4], v[12 + (i + 3 * kTurn) % 4],
       WordOf<kWords, kSigma[2 * i]>(block), WordOf<kWords, kSigma[2 * i + 1]>(block)),
   ...);
}

template <std::size_t kWords, std::size_t kRound>
[[gnu::always_inline]] inline void Round(Words& v, const std::uint8_t* block) {
  MixAll<kWords, kRound, 0>(v, block, std::make_index_sequence<4>());
  MixAll<kWords, kRound, 1>(v, block, std::make_index_sequence<4>());
}

template <std::size_t kWords, std::size_t... kRounds>
[[gnu::always_inline]] inline void Rounds(Words& v, const std::uint8_t* block,
                                          std::index_sequence<kRounds...>) {
  (Round<kWords, kRounds>(v, block), ...);
}

// What holds key or message from block to block.
struct Work {
  Chain chain;
  std::array<std::uint8_t, kBlake2bBlock> tail;
};

// RFC 7693, section 3.2. `count` is that of bytes up to the end of the block, the key block with
// them.
template <std::size_t kWords>
[[gnu::noinline]] void Compress(Chain& chain, const std::uint8_t* block, std::uint64_t count,
                                bool is_last) {
  Words v;
  for (std::size_t i = 0; i < 8; ++i) {
    v[i] = chain[i];
    v[8 + i] = kBlake2bIv[i];
  }
  v[12] ^= count;
  v[14] ^= is_last ? ~std::uint64_t{0} : 0;
  Rounds<kWords>(v, block, std::make_index_sequence<12>());
  for (std::size_t i = 0; i < 8; ++i) chain[i] ^= v[i] ^ v[8 + i];
}

// The first 32 bytes.
void StoreDigest(const Chain& chain, Digest* digest) {
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint64_t word = Little(chain[i]);
    std::memcpy(digest->data() + 8 * i, &word, sizeof word);
  }
}

// The last block, of which kWords words hold all that there is.
template <std::size_t kWords>
void CompressLast(Work& work, ByteView rest, std::uint64_t count) {
  std::memset(work.tail.data(), 0, 8 * kWords);
  std::memcpy(work.tail.data(), rest.data(), rest.size());
  Compress<kWords>(work.chain, work.tail.data(), count, /*is_last=*/true);
}

// RFC 7693, section 2.5: the block of the key, for 32 bytes of digest, a key of 32, one layer.
void CompressKey(ByteView key, bool is_last, Work& work) {
  constexpr std::uint64_t kParameters = 0x01010000 | kKeySize << 8 | sizeof(Digest);
  work.tail.fill(0);
  std::ranges::copy(key, work.tail.begin());
  work.chain = kBlake2bIv;
  work.chain[0] ^= kParameters;
  Compress<16>(work.chain, work.tail.data(), kBlake2bBlock, is_last);
}

// REQUIRES: !message.empty().
void Hash(const Blake2bKey& key, ByteView message, Work& work) {
  work.chain = key.chain;
  std::uint64_t count = kBlake2bBlock;
  for (; message.size() > kBlake2bBlock; message = message.subspan(kBlake2bBlock)) {
    count += kBlake2bBlock;
    Compress<16>(work.chain, message.data(), count, /*is_last=*/false);
  }
  count += message.size();
  if (message.size() <= kBlake2bBlock / 2) {
    CompressLast<8>(work, message, count);
  } else {
    CompressLast<16>(work, message, count);
  }
}

// The work itself, and what the calls that have returned left on the stack.
void WipeTraces(Work& work) {
  Wipe({reinterpret_cast<std::uint8_t*>(&work), sizeof work});
  WipeStack(512);
}

}  // namespace

void AbsorbBlake2bKey(ByteView key, Blake2bKey* absorbed) {
  Work work;
  std::ranges::copy(key, absorbed->bytes.begin());
  CompressKey(absorbed->bytes, /*is_last=*/false, work);
  absorbed->chain = work.chain;
  WipeTraces(work);
}

void HashNothingBlake2b(const Blake2bKey& key, Digest* digest) {
  Work work;
  CompressKey(key.bytes, /*is_last=*/true, work);
  StoreDigest(work.chain, digest);
  WipeTraces(work);
}

void HashBlake2b(const Blake2bKey& key, std::span<const ByteView> messages,
                 std::span<Digest> digests) {
  Work work;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (messages[i].empty()) {
      HashNothingBlake2b(key, &digests[i]);
    } else {
      Hash(key, messages[i], work);
      StoreDigest(work.chain, &digests[i]);
    }
  }
  WipeTraces(work);
}

}  // namespace moniker::internal
