// XChaCha20-Poly1305, and the small functions of lib/crypto/sodium.cc around it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "crypto/sodium.h"
#include "support/hex.h"

namespace moniker::internal {
namespace {

using testing::Counting;
using ::testing::Each;
using ::testing::ElementsAreArray;
using testing::FromHex;
using testing::Secret;
using testing::ToHex;
using Bytes = std::vector<std::uint8_t>;

struct Sealed {
  Bytes key = Counting(kKeySize, 0x80);
  Bytes nonce = Counting(kNonceSize, 0x40);
  Bytes associated_data;
  Bytes ciphertext;
};

Sealed Seal(ByteView plaintext, Bytes associated_data) {
  Sealed sealed;
  sealed.associated_data = std::move(associated_data);
  sealed.ciphertext.resize(plaintext.size() + kTagSize);
  EXPECT_TRUE(AeadSeal(Secret(sealed.key), sealed.nonce, sealed.associated_data, plaintext,
                       sealed.ciphertext)
                  .ok());
  return sealed;
}

Status Open(const Sealed& sealed, Bytes* plaintext) {
  plaintext->assign(sealed.ciphertext.size() - kTagSize, 0xEE);
  return AeadOpen(Secret(sealed.key), sealed.nonce, sealed.associated_data, sealed.ciphertext,
                  *plaintext);
}

// draft-irtf-cfrg-xchacha-03, A.3.1
constexpr std::string_view kDraftPlaintext =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
    "sunscreen would be it.";
constexpr std::string_view kDraftCiphertext =
    "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
    "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
    "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
    "21f9664c97637da9768812f615c68b13b52e"
    "c0875924c1c7987947deafd8780acf49";

Sealed Draft() { return Seal(AsBytes(kDraftPlaintext), FromHex("50515253c0c1c2c3c4c5c6c7")); }

TEST(AeadTest, SealsAsTheDraftSays) { EXPECT_EQ(ToHex(Draft().ciphertext), kDraftCiphertext); }

TEST(AeadTest, OpensWhatTheDraftSealed) {
  Sealed sealed = Draft();
  sealed.ciphertext = FromHex(kDraftCiphertext);
  Bytes plaintext;
  ASSERT_TRUE(Open(sealed, &plaintext).ok());
  EXPECT_EQ(AsText(plaintext), kDraftPlaintext);
}

TEST(AeadTest, OpensWhatItSealedAtEverySize) {
  for (std::size_t size = 0; size <= 200; ++size) {
    const Sealed sealed = Seal(Counting(size), Counting(200 - size));
    Bytes plaintext;
    ASSERT_TRUE(Open(sealed, &plaintext).ok()) << size;
    ASSERT_EQ(plaintext, Counting(size));
  }
}

// Counts the flips so that a loop that does not run cannot pass.
int ExpectEveryFlipIsNoticed(Sealed sealed, Bytes Sealed::*part) {
  int flips = 0;
  for (std::size_t bit = 0; bit < 8 * (sealed.*part).size(); ++bit) {
    std::uint8_t& byte = (sealed.*part)[bit / 8];
    byte ^= static_cast<std::uint8_t>(1u << bit % 8);
    Bytes plaintext;
    const Status status = Open(sealed, &plaintext);
    EXPECT_EQ(status.code(), StatusCode::kAltered) << bit;
    EXPECT_THAT(plaintext, Each(0)) << bit;
    byte ^= static_cast<std::uint8_t>(1u << bit % 8);
    ++flips;
  }
  Bytes plaintext;
  EXPECT_TRUE(Open(sealed, &plaintext).ok());
  return flips;
}

TEST(AeadTest, OneBitOfTheCiphertextOrTagChangedDoesNotOpen) {
  EXPECT_EQ(ExpectEveryFlipIsNoticed(Draft(), &Sealed::ciphertext), 8 * (114 + 16));
}
TEST(AeadTest, OneBitOfTheAssociatedDataChangedDoesNotOpen) {
  EXPECT_EQ(ExpectEveryFlipIsNoticed(Draft(), &Sealed::associated_data), 8 * 12);
}
TEST(AeadTest, OneBitOfTheNonceChangedDoesNotOpen) {
  EXPECT_EQ(ExpectEveryFlipIsNoticed(Draft(), &Sealed::nonce), 8 * 24);
}
TEST(AeadTest, OneBitOfTheKeyChangedDoesNotOpen) {
  EXPECT_EQ(ExpectEveryFlipIsNoticed(Draft(), &Sealed::key), 8 * 32);
}

TEST(AeadTest, AssociatedDataCutOrMovedIntoTheTextDoesNotOpen) {
  Sealed sealed = Draft();
  Bytes plaintext;
  sealed.associated_data.pop_back();
  EXPECT_EQ(Open(sealed, &plaintext).code(), StatusCode::kAltered);
  sealed.associated_data.clear();
  EXPECT_EQ(Open(sealed, &plaintext).code(), StatusCode::kAltered);
  sealed = Draft();
  sealed.ciphertext.insert(sealed.ciphertext.begin(), sealed.associated_data.begin(),
                           sealed.associated_data.end());
  sealed.associated_data.clear();
  EXPECT_EQ(Open(sealed, &plaintext).code(), StatusCode::kAltered);
}

TEST(AeadTest, CutCiphertextDoesNotOpen) {
  const Sealed whole = Draft();
  for (std::size_t size = kTagSize; size < whole.ciphertext.size(); ++size) {
    Sealed cut = whole;
    cut.ciphertext.resize(size);
    Bytes plaintext;
    EXPECT_EQ(Open(cut, &plaintext).code(), StatusCode::kAltered) << size;
    EXPECT_THAT(plaintext, Each(0));
  }
}

TEST(ConstantTimeEqualTest, AgreesWithEqualityOfBytes) {
  const Bytes a = Counting(32);
  EXPECT_TRUE(ConstantTimeEqual(a, Counting(32)));
  EXPECT_TRUE(ConstantTimeEqual({}, {}));
  for (std::size_t bit = 0; bit < 8 * a.size(); ++bit) {
    Bytes b = a;
    b[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    EXPECT_FALSE(ConstantTimeEqual(a, b)) << bit;
  }
  EXPECT_FALSE(ConstantTimeEqual(a, ByteView(a).first(31)));
}

TEST(WipeTest, MakesEveryByteZero) {
  Bytes bytes = Counting(100, 1);
  Wipe(bytes);
  EXPECT_THAT(bytes, Each(0));
  Wipe({});
}

TEST(RandomTest, SecretsHaveTheirSizeAndDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const Result<SecretBytes> secret = RandomSecret(kKeySize);
    ASSERT_TRUE(secret.ok());
    ASSERT_EQ(secret->size(), kKeySize);
    seen.insert(ToHex(secret->Expose()));
  }
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(RandomTest, EveryBitIsFilled) {
  std::array<std::uint8_t, 24> ones{};
  std::array<std::uint8_t, 24> zeros{};
  for (int i = 0; i < 100; ++i) {
    std::array<std::uint8_t, 24> bytes{};
    FillRandom(bytes);
    for (std::size_t j = 0; j < bytes.size(); ++j) {
      ones[j] |= bytes[j];
      zeros[j] |= static_cast<std::uint8_t>(~bytes[j]);
    }
  }
  EXPECT_THAT(ones, Each(0xFF));
  EXPECT_THAT(zeros, Each(0xFF));
}

TEST(RandomTest, TooLargeASecretIsExhausted) {
  EXPECT_EQ(RandomSecret(SecretBytes::kMaxSize + 1).status().code(), StatusCode::kExhausted);
}

}  // namespace
}  // namespace moniker::internal
