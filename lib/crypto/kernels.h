// The ways to compute a PRF of many messages that this machine can run. All give the same digests;
// which one is used is a matter of speed alone. No branch and no address in them depends on a key
// or a message; the sizes of messages are no secret.
//
// Thread safety: functions without state.

#ifndef MONIKER_LIB_CRYPTO_KERNELS_H_
#define MONIKER_LIB_CRYPTO_KERNELS_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "crypto/blake2b.h"
#include "crypto/hmac_sha256.h"
#include "moniker/prf.h"
#include "moniker/result.h"
#include "moniker/secret.h"

namespace moniker::internal {

template <typename Key>
struct Kernel {
  std::string_view name;  // "scalar", "sha-ni", "avx512-rows", "neon", "avx2", "avx512"
  std::size_t lanes;      // messages side by side

  // digests[i] of messages[i]. Reads nothing beyond a message's end. REQUIRES: equal sizes.
  void (*hash)(const Key& key, std::span<const ByteView> messages, std::span<Digest> digests);
};

// The scalar kernel first, the fastest last. Static storage.
std::span<const Kernel<Blake2bKey>> Blake2bKernels();
std::span<const Kernel<HmacSha256Key>> HmacSha256Kernels();

// Those of a suite by name, in that order.
std::vector<std::string_view> KernelNames(Suite suite);

// MakePrf, and the PRFs of its subkeys, by one kernel instead of the fastest: for tests and
// measurements. Errors: as MakePrf; kNotFound if this machine has no such kernel.
Result<std::unique_ptr<Prf>> MakePrfByKernel(Suite suite, SecretBytes key, std::string_view kernel);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_CRYPTO_KERNELS_H_
