// What the tests of the kernels compare: each kernel of this machine with libsodium's one-shot
// call.

#ifndef MONIKER_TESTS_CRYPTO_KERNEL_CASES_H_
#define MONIKER_TESTS_CRYPTO_KERNEL_CASES_H_

#include <sodium.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "crypto/kernels.h"

namespace moniker::testing {

using Message = std::span<const std::uint8_t>;

inline Digest SodiumDigest(Suite suite, std::span<const std::uint8_t> key, Message message) {
  Digest digest;
  if (suite == Suite::kHmacSha256) {
    crypto_auth_hmacsha256(digest.data(), message.data(), message.size(), key.data());
  } else {
    crypto_generichash(digest.data(), digest.size(), message.data(), message.size(), key.data(),
                       key.size());
  }
  return digest;
}

// One kernel with an absorbed key.
struct KernelCase {
  Suite suite;
  std::string name;
  std::size_t lanes;
  std::function<void(std::span<const Message>, std::span<Digest>)> hash;
};

// All kernels of this machine, with `key`.
inline std::vector<KernelCase> KernelCases(std::span<const std::uint8_t> key) {
  std::vector<KernelCase> cases;
  const auto add = [&cases](Suite suite, const auto& kernel, const auto& absorbed) {
    cases.push_back({suite, std::string(SuiteName(suite)) + " " + std::string(kernel.name),
                     kernel.lanes,
                     [absorbed, hash = kernel.hash](std::span<const Message> messages,
                                                    std::span<Digest> digests) {
                       hash(absorbed, messages, digests);
                     }});
  };
  internal::Blake2bKey blake2b;
  internal::AbsorbBlake2bKey(key, &blake2b);
  for (const auto& kernel : internal::Blake2bKernels()) add(Suite::kBlake2b, kernel, blake2b);
  internal::HmacSha256Key hmac;
  internal::AbsorbHmacSha256Key(key, &hmac);
  for (const auto& kernel : internal::HmacSha256Kernels()) add(Suite::kHmacSha256, kernel, hmac);
  return cases;
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_CRYPTO_KERNEL_CASES_H_
