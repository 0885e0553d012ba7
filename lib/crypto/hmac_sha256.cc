#include "crypto/hmac_sha256.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "crypto/sodium.h"

namespace moniker::internal {
namespace {

// Compilers make one load and one store of these.
inline std::uint32_t LoadBig(const std::uint8_t* bytes) {
  return static_cast<std::uint32_t>(bytes[0]) << 24 | static_cast<std::uint32_t>(bytes[1]) << 16 |
         static_cast<std::uint32_t>(bytes[2]) << 8 | bytes[3];
}

void StoreBig(std::uint32_t value, std::uint8_t* bytes) {
  for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

void StoreBig64(std::uint64_t value, std::uint8_t* bytes) {
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
}

// What holds key or message from block to block.
struct Work {
  Sha256Chain chain;
  std::array<std::uint8_t, kSha256Block> block;
};

// FIPS 180-4, section 6.2.2. Instead of eight moves a round, a round finds the word that the
// standard calls a at v[-round modulo 8]; w holds the last 16 words of the schedule.
[[gnu::noinline]] void Compress(Work& work, const std::uint8_t* block) {
  Sha256Chain v = work.chain;
  std::array<std::uint32_t, 16> w;
  for (std::size_t i = 0; i < 16; ++i) w[i] = LoadBig(block + 4 * i);
  for (std::size_t start = 0; start < 64; start += 16) {
#pragma GCC unroll 16
    for (std::size_t i = 0; i < 16; ++i) {
      if (start != 0) {
        const std::uint32_t w15 = w[(i + 1) % 16];
        const std::uint32_t w2 = w[(i + 14) % 16];
        w[i] += (std::rotr(w15, 7) ^ std::rotr(w15, 18) ^ w15 >> 3) + w[(i + 9) % 16] +
                (std::rotr(w2, 17) ^ std::rotr(w2, 19) ^ w2 >> 10);
      }
      const std::uint32_t a = v[(16 - i) % 8], b = v[(17 - i) % 8], c = v[(18 - i) % 8];
      const std::uint32_t e = v[(20 - i) % 8], f = v[(21 - i) % 8], g = v[(22 - i) % 8];
      std::uint32_t& d = v[(19 - i) % 8];
      std::uint32_t& h = v[(23 - i) % 8];
      h += (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + (g ^ (e & (f ^ g))) +
           kSha256Round[start + i] + w[i];
      d += h;
      h += (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) | (c & (a | b)));
    }
  }
  for (std::size_t i = 0; i < 8; ++i) work.chain[i] += v[i];
}

// The work itself, and what the calls that have returned left on the stack.
void WipeTraces(Work& work) {
  Wipe({reinterpret_cast<std::uint8_t*>(&work), sizeof work});
  WipeStack(512);
}

Digest DigestOf(const Work& work) {
  Digest digest;
  for (std::size_t i = 0; i < 8; ++i) StoreBig(work.chain[i], digest.data() + 4 * i);
  return digest;
}

Digest Hash(const HmacSha256Key& key, ByteView message, Work& work) {
  work.chain = key.inner;
  const std::size_t blocks = Sha256Blocks(message.size());
  const std::size_t whole = message.size() / kSha256Block;
  for (std::size_t i = 0; i < whole; ++i) Compress(work, message.data() + i * kSha256Block);
  for (std::size_t i = whole; i < blocks; ++i) {
    PadSha256Block(message, i, work.block.data());
    Compress(work, work.block.data());
  }
  const Digest inner = DigestOf(work);
  work.chain = key.outer;
  PadSha256Block(inner, 0, work.block.data());
  Compress(work, work.block.data());
  return DigestOf(work);
}

}  // namespace

void AbsorbHmacSha256Key(ByteView key, HmacSha256Key* absorbed) {
  Work work;
  const auto absorb = [&](std::uint8_t pad) {  // RFC 2104, section 2
    work.block.fill(pad);
    for (std::size_t i = 0; i < key.size(); ++i) work.block[i] ^= key[i];
    work.chain = kSha256Iv;
    Compress(work, work.block.data());
    return work.chain;
  };
  absorbed->inner = absorb(0x36);
  absorbed->outer = absorb(0x5c);
  WipeTraces(work);
}

void HashHmacSha256(const HmacSha256Key& key, std::span<const ByteView> messages,
                    std::span<Digest> digests) {
  Work work;
  for (std::size_t i = 0; i < messages.size(); ++i) digests[i] = Hash(key, messages[i], work);
  WipeTraces(work);
}

void PadSha256Block(ByteView message, std::size_t index, std::uint8_t* block) {
  const std::size_t start = std::min(index * kSha256Block, message.size());
  const std::size_t size = std::min(message.size() - start, kSha256Block);
  std::memset(block, 0, kSha256Block);
  if (size > 0) std::memcpy(block, message.data() + start, size);
  // Behind the last byte, unless that fills the block before.
  if (index == message.size() / kSha256Block) block[size] = 0x80;
  if (index + 1 == Sha256Blocks(message.size())) {
    // The key block counts.
    StoreBig64(8 * (kSha256Block + static_cast<std::uint64_t>(message.size())), block + 56);
  }
}

}  // namespace moniker::internal
