#include "crypto/sodium.h"

#include <sodium.h>

#include "base/status_macros.h"

namespace moniker::internal {
namespace {

static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == kKeySize);
static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == kNonceSize);
static_assert(crypto_aead_xchacha20poly1305_ietf_ABYTES == kTagSize);
static_assert(crypto_stream_xchacha20_KEYBYTES == kKeySize);
static_assert(crypto_stream_xchacha20_NONCEBYTES == kNonceSize);
static_assert(crypto_pwhash_argon2id_SALTBYTES == kArgon2SaltSize);

}  // namespace

Status EnsureSodium() {
  static const bool usable = sodium_init() >= 0;
  if (usable) return Status::Ok();
  return Status(StatusCode::kUnsupported, "libsodium cannot be initialised");
}

void FillRandom(ByteSpan out) { randombytes_buf(out.data(), out.size()); }

Result<SecretBytes> RandomSecret(std::size_t size) {
  MONIKER_RETURN_IF_ERROR(EnsureSodium());
  MONIKER_ASSIGN_OR_RETURN(SecretBytes secret, SecretBytes::Allocate(size));
  FillRandom(secret.Expose());
  return secret;
}

bool ConstantTimeEqual(ByteView a, ByteView b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

void Wipe(ByteSpan bytes) { sodium_memzero(bytes.data(), bytes.size()); }

void WipeStack(std::size_t size) { sodium_stackzero(size); }

Status AeadSeal(const SecretBytes& key, ByteView nonce, ByteView associated_data,
                ByteView plaintext, ByteSpan ciphertext) {
  MONIKER_RETURN_IF_ERROR(EnsureSodium());
  MONIKER_RETURN_IF_ERROR(RequireIntact(key));
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      ciphertext.data(), nullptr, plaintext.data(), plaintext.size(), associated_data.data(),
      associated_data.size(), nullptr, nonce.data(), key.Expose().data());
  return Status::Ok();
}

Status AeadOpen(const SecretBytes& key, ByteView nonce, ByteView associated_data,
                ByteView ciphertext, ByteSpan plaintext) {
  MONIKER_RETURN_IF_ERROR(EnsureSodium());
  MONIKER_RETURN_IF_ERROR(RequireIntact(key));
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          plaintext.data(), nullptr, nullptr, ciphertext.data(), ciphertext.size(),
          associated_data.data(), associated_data.size(), nonce.data(), key.Expose().data()) != 0) {
    Wipe(plaintext);
    return Status(StatusCode::kAltered, "sealed data does not authenticate");
  }
  return Status::Ok();
}

Status XorXChaCha20(const SecretBytes& key, ByteView nonce, ByteSpan bytes) {
  MONIKER_RETURN_IF_ERROR(EnsureSodium());
  MONIKER_RETURN_IF_ERROR(RequireIntact(key));
  // libsodium declares its pointers as never null, which those of an empty span may be.
  if (bytes.empty()) return Status::Ok();
  crypto_stream_xchacha20_xor(bytes.data(), bytes.data(), bytes.size(), nonce.data(),
                              key.Expose().data());
  return Status::Ok();
}

Result<SecretBytes> DeriveFromPassphrase(const SecretText& passphrase, ByteView salt,
                                         const Argon2Parameters& parameters) {
  MONIKER_RETURN_IF_ERROR(EnsureSodium());
  MONIKER_RETURN_IF_ERROR(RequireIntact(passphrase));
  MONIKER_ASSIGN_OR_RETURN(SecretBytes key, SecretBytes::Allocate(kKeySize));
  const std::string_view text = passphrase.Expose();
  if (crypto_pwhash_argon2id(key.Expose().data(), key.size(), text.data(), text.size(), salt.data(),
                             parameters.passes,
                             static_cast<std::size_t>(parameters.memory_kib) * 1024,
                             crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
    return Status(StatusCode::kExhausted, "not enough memory for the passphrase function");
  }
  return key;
}

}  // namespace moniker::internal
