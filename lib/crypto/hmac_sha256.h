// HMAC-SHA-256 (RFC 2104, FIPS 180-4), its two key blocks absorbed once: half the work for a short
// message.
//
// Thread safety: functions without state.

#ifndef MONIKER_LIB_CRYPTO_HMAC_SHA256_H_
#define MONIKER_LIB_CRYPTO_HMAC_SHA256_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "moniker/prf.h"

namespace moniker::internal {

inline constexpr std::size_t kSha256Block = 64;

using Sha256Chain = std::array<std::uint32_t, 8>;

// FIPS 180-4, section 5.3.3.
inline constexpr Sha256Chain kSha256Iv = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                          0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

// FIPS 180-4, section 4.2.2.
alignas(64) inline constexpr std::array<std::uint32_t, 64> kSha256Round = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// What a key leaves behind, and as secret as the key. All that is needed of it.
struct HmacSha256Key {
  Sha256Chain inner;  // the state behind the key xor ipad
  Sha256Chain outer;  // behind the key xor opad
};

// REQUIRES: key.size() == kKeySize.
void AbsorbHmacSha256Key(ByteView key, HmacSha256Key* absorbed);

// digests[i] of messages[i], one after the other. REQUIRES: equal sizes.
void HashHmacSha256(const HmacSha256Key& key, std::span<const ByteView> messages,
                    std::span<Digest> digests);

// How many blocks follow the key block: with the bit 1 and the length (FIPS 180-4, section 5.1.1).
constexpr std::size_t Sha256Blocks(std::size_t message_size) {
  return (message_size + 9 + kSha256Block - 1) / kSha256Block;
}

// Block `index` of the padded message into `block`.
// REQUIRES: index < Sha256Blocks(message.size()).
void PadSha256Block(ByteView message, std::size_t index, std::uint8_t* block);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_CRYPTO_HMAC_SHA256_H_
