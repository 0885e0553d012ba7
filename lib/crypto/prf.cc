#include "moniker/prf.h"

#include <new>
#include <type_traits>

#include "base/bytes.h"
#include "base/status_macros.h"
#include "crypto/kernels.h"
#include "crypto/sodium.h"

namespace moniker {
namespace {

using internal::AsBytes;
using internal::Blake2bKey;
using internal::ByteSpan;
using internal::ByteView;
using internal::ByteWriter;
using internal::HmacSha256Key;
using internal::Kernel;

constexpr std::string_view kLabelPrefix = "moniker/v1/";

void Absorb(ByteView key, Blake2bKey* absorbed) { internal::AbsorbBlake2bKey(key, absorbed); }
void Absorb(ByteView key, HmacSha256Key* absorbed) { internal::AbsorbHmacSha256Key(key, absorbed); }

// The key of a suite, absorbed: in the arena, since it is worth as much as the key that it is made
// of, which need not be kept.
template <typename Key>
class AbsorbedKey {
 public:
  static_assert(std::is_trivially_copyable_v<Key> && alignof(Key) <= 16);

  // Errors: kClosed after a fork, kExhausted.
  static Result<AbsorbedKey> Of(const SecretBytes& key) {
    MONIKER_RETURN_IF_ERROR(internal::RequireIntact(key));
    MONIKER_ASSIGN_OR_RETURN(SecretBytes bytes, SecretBytes::Allocate(sizeof(Key)));
    Absorb(key.Expose(), new (bytes.Expose().data()) Key);
    return AbsorbedKey(std::move(bytes));
  }

  bool intact() const { return bytes_.intact(); }
  const Key& Expose() const {
    return *std::launder(reinterpret_cast<const Key*>(bytes_.Expose().data()));
  }

 private:
  explicit AbsorbedKey(SecretBytes bytes) : bytes_(std::move(bytes)) {}
  SecretBytes bytes_;
};

// Subkey(key, label, context) as a key.
template <typename Key>
Result<SecretBytes> Subkey(const AbsorbedKey<Key>& key, const Kernel<Key>& kernel,
                           std::string_view label, ByteView context) {
  // A context can name a conference, so it is laid out where identifiers are.
  MONIKER_ASSIGN_OR_RETURN(
      SecretBytes message,
      SecretBytes::Allocate(kLabelPrefix.size() + label.size() + 1 + context.size()));
  ByteWriter writer(message.Expose());
  writer.Bytes(kLabelPrefix).Bytes(label).U8(0).Bytes(context);
  const ByteView view = writer.written();
  Digest digest;
  kernel.hash(key.Expose(), {&view, 1}, {&digest, 1});
  Result<SecretBytes> subkey = SecretBytes::CopyOf(digest);
  internal::Wipe(digest);
  return subkey;
}

template <typename Key>
class KernelPrf final : public Prf {
 public:
  KernelPrf(AbsorbedKey<Key> key, const Kernel<Key>& kernel)
      : key_(std::move(key)), kernel_(kernel) {}

  Status ComputeMany(std::span<const std::span<const std::uint8_t>> messages,
                     std::span<Digest> digests) const override {
    MONIKER_RETURN_IF_ERROR(internal::RequireIntact(key_));
    if (messages.size() != digests.size()) {
      return Status(StatusCode::kInvalidArgument, "as many digests as messages are needed");
    }
    kernel_.hash(key_.Expose(), messages, digests);
    return Status::Ok();
  }

  Result<std::unique_ptr<Prf>> Subkey(std::string_view label,
                                      std::span<const std::uint8_t> context) const override {
    MONIKER_RETURN_IF_ERROR(internal::RequireIntact(key_));
    MONIKER_ASSIGN_OR_RETURN(SecretBytes key, moniker::Subkey(key_, kernel_, label, context));
    return Make(key, kernel_);
  }

  static Result<std::unique_ptr<Prf>> Make(const SecretBytes& key, const Kernel<Key>& kernel) {
    MONIKER_ASSIGN_OR_RETURN(AbsorbedKey<Key> absorbed, AbsorbedKey<Key>::Of(key));
    return std::unique_ptr<Prf>(std::make_unique<KernelPrf>(std::move(absorbed), kernel));
  }

 private:
  AbsorbedKey<Key> key_;
  const Kernel<Key>& kernel_;  // static
};

template <typename Key>
Result<std::unique_ptr<Prf>> MakeByName(const SecretBytes& key,
                                        std::span<const Kernel<Key>> kernels,
                                        std::string_view name) {
  for (const Kernel<Key>& kernel : kernels) {
    if (kernel.name == name) return KernelPrf<Key>::Make(key, kernel);
  }
  return Status(StatusCode::kNotFound, "no such kernel on this machine");
}

template <typename Key>
Result<SecretBytes> SubkeyOf(const SecretBytes& key, const Kernel<Key>& kernel,
                             std::string_view label, ByteView context) {
  MONIKER_ASSIGN_OR_RETURN(AbsorbedKey<Key> absorbed, AbsorbedKey<Key>::Of(key));
  return Subkey(absorbed, kernel, label, context);
}

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
  return internal::MakePrfByKernel(suite, std::move(key),
                                   suite == Suite::kHmacSha256
                                       ? internal::HmacSha256Kernels().back().name
                                       : internal::Blake2bKernels().back().name);
}

namespace internal {

Result<std::unique_ptr<Prf>> MakePrfByKernel(Suite suite, SecretBytes key,
                                             std::string_view kernel) {
  MONIKER_RETURN_IF_ERROR(EnsureSodium());
  if (key.size() != kKeySize) {
    return Status(StatusCode::kInvalidArgument, "key: not 32 bytes");
  }
  if (suite == Suite::kHmacSha256) return MakeByName(key, HmacSha256Kernels(), kernel);
  return MakeByName(key, Blake2bKernels(), kernel);
}

Result<SecretBytes> DeriveSubkey(Suite suite, const SecretBytes& key, std::string_view label,
                                 ByteView context) {
  MONIKER_RETURN_IF_ERROR(EnsureSodium());
  if (suite == Suite::kHmacSha256) {
    return SubkeyOf(key, HmacSha256Kernels().back(), label, context);
  }
  return SubkeyOf(key, Blake2bKernels().back(), label, context);
}

}  // namespace internal
}  // namespace moniker
