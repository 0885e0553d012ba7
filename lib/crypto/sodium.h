// Moniker's use of libsodium beyond SecretBytes and Prf: keys from keys, sealing, randomness,
// comparison. The module `crypto` is the only one that includes <sodium.h>.
//
// Thread safety: all functions may be called from any thread.

#ifndef MONIKER_LIB_CRYPTO_SODIUM_H_
#define MONIKER_LIB_CRYPTO_SODIUM_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "moniker/prf.h"
#include "moniker/result.h"
#include "moniker/secret.h"

namespace moniker::internal {

// sodium_init(). Errors: kUnsupported if libsodium cannot be used on this machine.
Status EnsureSodium();

// kClosed if the key was made before a fork and this is the child, where it reads as zeros.
template <typename Secret>
Status RequireIntact(const Secret& secret) {
  if (secret.intact()) return Status::Ok();
  return Status(StatusCode::kClosed, "a key cannot be used in the child of a fork");
}

// Subkey(key, label, context) as a key (docs/formats/pseudonym.md, section 2).
// REQUIRES: key.size() == kKeySize. Errors: kClosed after a fork, kExhausted.
Result<SecretBytes> DeriveSubkey(Suite suite, const SecretBytes& key, std::string_view label,
                                 ByteView context);

void FillRandom(ByteSpan out);
Result<SecretBytes> RandomSecret(std::size_t size);

// Compares in a time that depends on the size alone. REQUIRES: equal sizes.
bool ConstantTimeEqual(ByteView a, ByteView b);

void Wipe(ByteSpan bytes);

// Overwrites so many bytes of the stack below the caller, where calls that have returned may have
// left what they computed with.
void WipeStack(std::size_t size);

// XChaCha20-Poly1305-IETF (draft-irtf-cfrg-xchacha-03, section 2).
inline constexpr std::size_t kNonceSize = 24;
inline constexpr std::size_t kTagSize = 16;

// ciphertext = sealed plaintext || tag. REQUIRES: ciphertext.size() == plaintext.size() + kTagSize.
// Errors: kClosed after a fork.
Status AeadSeal(const SecretBytes& key, ByteView nonce, ByteView associated_data,
                ByteView plaintext, ByteSpan ciphertext);

// REQUIRES: plaintext.size() + kTagSize == ciphertext.size().
// Errors: kAltered if it does not authenticate (plaintext is then zero); kClosed after a fork.
Status AeadOpen(const SecretBytes& key, ByteView nonce, ByteView associated_data,
                ByteView ciphertext, ByteSpan plaintext);

// bytes = bytes xor XChaCha20 from block 0 (draft-irtf-cfrg-xchacha-03, section 2.3): encrypts and
// decrypts, and authenticates nothing. REQUIRES: key.size() == kKeySize, nonce.size() ==
// kNonceSize. Errors: kClosed after a fork (bytes are as they were).
Status XorXChaCha20(const SecretBytes& key, ByteView nonce, ByteSpan bytes);

// Argon2id version 1.3 (RFC 9106), one lane, 32 bytes of output.
struct Argon2Parameters {
  std::uint32_t passes;
  std::uint32_t memory_kib;
};
inline constexpr std::size_t kArgon2SaltSize = 16;

// Errors: kExhausted if the memory cannot be had; kClosed after a fork. REQUIRES: salt.size() ==
// kArgon2SaltSize, parameters within what the keyring format allows.
Result<SecretBytes> DeriveFromPassphrase(const SecretText& passphrase, ByteView salt,
                                         const Argon2Parameters& parameters);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_CRYPTO_SODIUM_H_
