// The keyed hash that everything is derived with, as a seam: derivation asks an object for
// PRF(message) and never holds its key, so the key may live in an HSM or behind another process.
//
// Format: docs/formats/pseudonym.md, sections 1 and 2.
// Thread safety: const members may be called from any thread.

#ifndef MONIKER_PRF_H_
#define MONIKER_PRF_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "moniker/result.h"
#include "moniker/secret.h"

namespace moniker {

// persistent: never renumber
enum class Suite : std::uint8_t {
  kBlake2b = 1,     // keyed BLAKE2b, 32 bytes (RFC 7693)
  kHmacSha256 = 2,  // HMAC-SHA-256 (RFC 2104, FIPS 198-1)
};

// "blake2b" or "hmac-sha256".
std::string_view SuiteName(Suite suite);

using Digest = std::array<std::uint8_t, 32>;
inline constexpr std::size_t kKeySize = 32;

class Prf {
 public:
  virtual ~Prf() = default;

  // digests[i] = PRF(messages[i]); all of them or, on error, none to be used.
  // REQUIRES: messages.size() == digests.size().
  // Errors: kClosed in the child of a fork; what the implementation adds.
  virtual Status ComputeMany(std::span<const std::span<const std::uint8_t>> messages,
                             std::span<Digest> digests) const = 0;

  // A PRF under Subkey(this key, label, context): PRF("moniker/v1/" || label || 0x00 || context).
  // REQUIRES: `label` is ASCII without NUL, and no other use has it.
  // Errors: as ComputeMany; kExhausted.
  virtual Result<std::unique_ptr<Prf>> Subkey(std::string_view label,
                                              std::span<const std::uint8_t> context) const = 0;

  Result<Digest> Compute(std::span<const std::uint8_t> message) const;
};

// A PRF over libsodium with its key in the secret arena.
// Errors: kInvalidArgument unless `key` has kKeySize bytes.
Result<std::unique_ptr<Prf>> MakePrf(Suite suite, SecretBytes key);

}  // namespace moniker

#endif  // MONIKER_PRF_H_
