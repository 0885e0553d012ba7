#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "crypto/sodium.h"
#include "support/hex.h"

namespace moniker::internal {
namespace {

using testing::Secret;
using testing::ToHex;

std::string Derive(std::string_view passphrase, std::string_view salt,
                   const Argon2Parameters& parameters) {
  const Result<SecretBytes> key =
      DeriveFromPassphrase(Secret(passphrase), AsBytes(salt), parameters);
  return key.ok() ? ToHex(key->Expose()) : std::string(StatusCodeName(key.status().code()));
}

// By the reference program (Debian package argon2, 20190702):
//   printf %s PASSPHRASE | argon2 SALT -id -v 13 -t PASSES -k KIB -p 1 -l 32 -r
TEST(Argon2Test, AgreesWithTheReferenceProgram) {
  EXPECT_EQ(Derive("password", "somesaltsomesalt", {.passes = 1, .memory_kib = 65536}),
            "ec2b46acb6f8aec6804bf8df88feeca36a4412df3bea8d2cc99c08a9e8977a72");
  EXPECT_EQ(Derive("password", "somesaltsomesalt", {.passes = 3, .memory_kib = 65536}),
            "7664ad4ba1a3c999fcdd0991ffc2270f78302d2383233db5e7befc85d1bb1819");
  EXPECT_EQ(Derive("password", "somesaltsomesalt", {.passes = 2, .memory_kib = 65537}),
            "b97658065cacfd1d32098938929e53b2c16ee1c0f2c2b83b25ff2ccc1ab861f5");
  EXPECT_EQ(Derive("correct horse battery staple", "0123456789abcdef",
                   {.passes = 1, .memory_kib = 131072}),
            "5375dcdf1d1e59e33a3aedf78b9a7812f58f03250db1799011eb5cef2b80cf0f");
  EXPECT_EQ(Derive("x", "0123456789abcdef", {.passes = 1, .memory_kib = 65536}),
            "b6253ea921a8e3499792d191011200baaea1f760ff9bcf63a4d47295c0dcb07c");
}

TEST(Argon2Test, EveryInputMatters) {
  const std::string key = Derive("x", "0123456789abcdef", {.passes = 1, .memory_kib = 65'536});
  EXPECT_NE(key, Derive("y", "0123456789abcdef", {.passes = 1, .memory_kib = 65'536}));
  EXPECT_NE(key, Derive("x\n", "0123456789abcdef", {.passes = 1, .memory_kib = 65'536}));
  EXPECT_NE(key, Derive("x", "0123456789abcdeF", {.passes = 1, .memory_kib = 65'536}));
  EXPECT_NE(key, Derive("x", "0123456789abcdef", {.passes = 2, .memory_kib = 65'536}));
  EXPECT_NE(key, Derive("x", "0123456789abcdef", {.passes = 1, .memory_kib = 65'540}));
}

TEST(Argon2Test, TakesTheLongestPassphraseAndOneWithNuls) {
  const Argon2Parameters parameters = {.passes = 1, .memory_kib = 65'536};
  EXPECT_EQ(Derive(std::string(1024, 'p'), "0123456789abcdef", parameters).size(), 64u);
  EXPECT_NE(Derive(std::string_view("a\0b", 3), "0123456789abcdef", parameters),
            Derive("a", "0123456789abcdef", parameters));
}

}  // namespace
}  // namespace moniker::internal
