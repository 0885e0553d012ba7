// Keyed BLAKE2b with digests of 32 bytes (RFC 7693), its key block absorbed once: that block never
// changes, and is half the work for a short message.
//
// Thread safety: functions without state.

#ifndef MONIKER_LIB_CRYPTO_BLAKE2B_H_
#define MONIKER_LIB_CRYPTO_BLAKE2B_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "moniker/prf.h"

namespace moniker::internal {

inline constexpr std::size_t kBlake2bBlock = 128;

// RFC 7693, section 2.6.
inline constexpr std::array<std::uint64_t, 8> kBlake2bIv = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

// RFC 7693, section 2.7; rounds 10 and 11 are rounds 0 and 1 again (section 3.2).
inline constexpr std::uint8_t kBlake2bSigma[12][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3}};

// How many blocks follow the key block; 1 for the empty message too, which takes as long.
constexpr std::size_t Blake2bBlocks(std::size_t message_size) {
  return message_size == 0 ? 1 : (message_size + kBlake2bBlock - 1) / kBlake2bBlock;
}

// What a key leaves behind, and as secret as the key.
struct Blake2bKey {
  std::array<std::uint64_t, 8> chain;  // the state behind the key block
  // The key itself, for the empty message: there the key block is the last, and `chain` is no use.
  std::array<std::uint8_t, kKeySize> bytes;
};

// REQUIRES: key.size() == kKeySize.
void AbsorbBlake2bKey(ByteView key, Blake2bKey* absorbed);

// The digest of the empty message.
void HashNothingBlake2b(const Blake2bKey& key, Digest* digest);

// digests[i] of messages[i], one after the other. REQUIRES: equal sizes.
void HashBlake2b(const Blake2bKey& key, std::span<const ByteView> messages,
                 std::span<Digest> digests);

// The same by AVX-512, which makes one message a third faster. x86-64 alone has it.
// REQUIRES: a processor with AVX-512 F, VL and BW.
void HashBlake2bRows(const Blake2bKey& key, std::span<const ByteView> messages,
                     std::span<Digest> digests);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_CRYPTO_BLAKE2B_H_
