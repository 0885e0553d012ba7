// XChaCha20 alone, as metadata uses it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "crypto/sodium.h"
#include "support/child_process.h"
#include "support/hex.h"

namespace moniker::internal {
namespace {

using testing::Counting;
using testing::FromHex;
using testing::Secret;
using testing::ToHex;
using Bytes = std::vector<std::uint8_t>;

// draft-irtf-cfrg-xchacha-03, A.3.2
constexpr std::string_view kPlaintext =
    "The dhole (pronounced \"dole\") is also known as the Asiatic wild dog, red dog, and whistling "
    "dog. It is about the size of a German shepherd but looks more like a long-legged fox. This "
    "highly elusive and skilled jumper is classified with wolves, coyotes, jackals, and foxes in "
    "the taxonomic family Canidae.";
constexpr std::string_view kCiphertext =
    "4559abba4e48c16102e8bb2c05e6947f50a786de162f9b0b7e592a9b53d0d4e9"
    "8d8d6410d540a1a6375b26d80dace4fab52384c731acbf16a5923c0c48d3575d"
    "4d0d2c673b666faa731061277701093a6bf7a158a8864292a41c48e3a9b4c0da"
    "ece0f8d98d0d7e05b37a307bbb66333164ec9e1b24ea0d6c3ffddcec4f68e744"
    "3056193a03c810e11344ca06d8ed8a2bfb1e8d48cfa6bc0eb4e2464b74814240"
    "7c9f431aee769960e15ba8b96890466ef2457599852385c661f752ce20f9da0c"
    "09ab6b19df74e76a95967446f8d0fd415e7bee2a12a114c20eb5292ae7a349ae"
    "577820d5520a1f3fb62a17ce6a7e68fa7c79111d8860920bc048ef43fe84486c"
    "cb87c25f0ae045f0cce1e7989a9aa220a28bdd4827e751a24a6d5c62d790a663"
    "93b93111c1a55dd7421a10184974c7c5";
constexpr std::string_view kNonce = "404142434445464748494a4b4c4d4e4f5051525354555658";

Bytes Xor(Bytes bytes, const Bytes& key = Counting(kKeySize, 0x80),
          const Bytes& nonce = FromHex(kNonce)) {
  EXPECT_TRUE(XorXChaCha20(Secret(key), nonce, bytes).ok());
  return bytes;
}

Bytes Plaintext() {
  const ByteView bytes = AsBytes(kPlaintext);
  return {bytes.begin(), bytes.end()};
}

TEST(XChaCha20Test, EncryptsAndDecryptsAsTheDraftSays) {
  EXPECT_EQ(ToHex(Xor(Plaintext())), kCiphertext);
  EXPECT_EQ(Xor(FromHex(kCiphertext)), Plaintext());
}

TEST(XChaCha20Test, TheBeginningOfATextIsTheTextOfTheBeginning) {
  const Bytes whole = Xor(Plaintext());
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    Bytes part = Plaintext();
    part.resize(size);
    EXPECT_EQ(Xor(part), Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
  }
}

TEST(XChaCha20Test, EveryBitOfKeyAndNonceCounts) {
  const Bytes expected = Xor(Bytes(64));
  int flips = 0;
  for (std::size_t bit = 0; bit < 8 * (kKeySize + kNonceSize); ++bit) {
    Bytes key = Counting(kKeySize, 0x80);
    Bytes nonce = FromHex(kNonce);
    const std::size_t byte = bit / 8;
    (byte < kKeySize ? key[byte] : nonce[byte - kKeySize]) ^=
        static_cast<std::uint8_t>(1u << bit % 8);
    EXPECT_NE(Xor(Bytes(64), key, nonce), expected) << bit;
    ++flips;
  }
  EXPECT_EQ(flips, 8 * (32 + 24));
}

TEST(XChaCha20Test, AKeyFromBeforeAForkIsClosedAndTheBytesStay) {
  const SecretBytes key = Secret(Counting(kKeySize, 0x80));
  EXPECT_EQ(testing::InChild([&] {
              Bytes bytes(64, 0x11);
              const Status status = XorXChaCha20(key, FromHex(kNonce), bytes);
              return testing::Describe(status) + (bytes == Bytes(64, 0x11) ? "" : " changed");
            }),
            "closed");
}

}  // namespace
}  // namespace moniker::internal
