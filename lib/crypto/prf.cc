#include "moniker/prf.h"

#include <sodium.h>

#include <initializer_list>

#include "base/bytes.h"
#include "base/status_macros.h"
#include "crypto/sodium.h"

namespace moniker {
namespace {

using internal::AsBytes;
using internal::ByteSpan;
using internal::ByteView;

constexpr std::string_view kLabelPrefix = "moniker/v1/";

// Hash states hold what the key was absorbed into, so they are wiped like keys.
void Blake2b(ByteView key, std::initializer_list<ByteView> parts, ByteSpan out) {
  crypto_generichash_blake2b_state state;
  crypto_generichash_blake2b_init(&state, key.data(), key.size(), out.size());
  for (const ByteView part : parts) {
    crypto_generichash_blake2b_update(&state, part.data(), part.size());
  }
  crypto_generichash_blake2b_final(&state, out.data(), out.size());
  sodium_memzero(&state, sizeof state);
}

void HmacSha256(ByteView key, std::initializer_list<ByteView> parts, ByteSpan out) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), key.size());
  for (const ByteView part : parts) {
    crypto_auth_hmacsha256_update(&state, part.data(), part.size());
  }
  crypto_auth_hmacsha256_final(&state, out.data());
  sodium_memzero(&state, sizeof state);
}

// REQUIRES: key and out have 32 bytes.
void Evaluate(Suite suite, ByteView key, std::initializer_list<ByteView> parts, ByteSpan out) {
  if (suite == Suite::kHmacSha256) {
    HmacSha256(key, parts, out);
  } else {
    Blake2b(key, parts, out);
  }
}

class SodiumPrf final : public Prf {
 public:
  SodiumPrf(Suite suite, SecretBytes key) : suite_(suite), key_(std::move(key)) {}

  Status ComputeMany(std::span<const std::span<const std::uint8_t>> messages,
                     std::span<Digest> digests) const override {
    MONIKER_RETURN_IF_ERROR(internal::RequireIntact(key_));
    if (messages.size() != digests.size()) {
      return Status(StatusCode::kInvalidArgument, "as many digests as messages are needed");
    }
    for (std::size_t i = 0; i < messages.size(); ++i) {
      Evaluate(suite_, key_.Expose(), {messages[i]}, digests[i]);
    }
    return Status::Ok();
  }

  Result<std::unique_ptr<Prf>> Subkey(std::string_view label,
                                      std::span<const std::uint8_t> context) const override {
    MONIKER_ASSIGN_OR_RETURN(SecretBytes key, internal::DeriveSubkey(suite_, key_, label, context));
    return std::unique_ptr<Prf>(std::make_unique<SodiumPrf>(suite_, std::move(key)));
  }

 private:
  Suite suite_;
  SecretBytes key_;
};

}  // namespace

std::string_view SuiteName(Suite suite) {
  return suite == Suite::kHmacSha256 ? "hmac-sha256" : "blake2b";
}

Result<Digest> Prf::Compute(std::span<const std::uint8_t> message) const {
  Digest digest;
  MONIKER_RETURN_IF_ERROR(ComputeMany({&message, 1}, {&digest, 1}));
  return digest;
}

Result<std::unique_ptr<Prf>> MakePrf(Suite suite, SecretBytes key) {
  MONIKER_RETURN_IF_ERROR(internal::EnsureSodium());
  if (key.size() != kKeySize) {
    return Status(StatusCode::kInvalidArgument, "key: not 32 bytes");
  }
  return std::unique_ptr<Prf>(std::make_unique<SodiumPrf>(suite, std::move(key)));
}

namespace internal {

Result<SecretBytes> DeriveSubkey(Suite suite, const SecretBytes& key, std::string_view label,
                                 ByteView context) {
  MONIKER_RETURN_IF_ERROR(EnsureSodium());
  MONIKER_RETURN_IF_ERROR(RequireIntact(key));
  MONIKER_ASSIGN_OR_RETURN(SecretBytes subkey, SecretBytes::Allocate(kKeySize));
  constexpr std::uint8_t kSeparator = 0;
  Evaluate(suite, key.Expose(),
           {AsBytes(kLabelPrefix), AsBytes(label), ByteView(&kSeparator, 1), context},
           subkey.Expose());
  return subkey;
}

}  // namespace internal
}  // namespace moniker
