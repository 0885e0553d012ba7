// Every key of a vault: identity epochs, storage epochs and index epochs, and the suite and app
// that they belong to. With an Anonymizer it is all that a token server needs to derive external
// IDs.
//
// Format: docs/formats/keyring.md.
// Thread safety: const members may be called from any thread.

#ifndef MONIKER_KEYRING_H_
#define MONIKER_KEYRING_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/prf.h"
#include "moniker/protector.h"
#include "moniker/result.h"
#include "moniker/secret.h"

namespace moniker {

// persistent: never renumber
enum class KeyKind : std::uint8_t {
  kIdentity = 1,  // decides external IDs
  kStorage = 2,   // seals records
  kIndex = 3,     // makes the tags under which records are found
};

// Where the pseudonyms of a vault come from. persistent: never renumber
enum class VaultMode : std::uint8_t {
  kDerived = 1,   // from the identifier: whoever has the key can derive them
  kEnrolled = 2,  // from a random handle that the mapping store keeps for each person
};

// "derived" or "enrolled".
std::string_view VaultModeName(VaultMode mode);

using VaultId = std::array<std::uint8_t, 16>;

// The name of an application: 1..64 bytes of a-z 0-9 . _ - /. Errors: kInvalidArgument.
Status ValidateApp(std::string_view app);

class Keyring {
 public:
  struct Options {
    std::string app;  // 1..64 bytes of a-z 0-9 . _ - /
    Suite suite = Suite::kBlake2b;
    VaultMode mode = VaultMode::kDerived;
    // The first identity key, from elsewhere (several sites, vectors); random if there is none.
    std::optional<SecretBytes> identity_root = std::nullopt;
  };

  // An identity root from a file of 64 hexadecimal digits, with or without a line feed, for
  // Options::identity_root. Errors: kNotFound, kPermission, kIo; kInvalidArgument if it is none.
  static Result<SecretBytes> ReadRootFile(const std::string& path);

  // New random keys, one epoch of each kind.
  // Errors: kInvalidArgument (app, or a root that is not 32 bytes), kExhausted.
  static Result<Keyring> Create(Options options);

  // Errors: kNotFound, kPermission, kIo of the file or of the key file; kWrongKey; kAltered;
  // kNewerFormat; kUnsupported; kInvalidArgument if the protector is of the other kind; kClosed if
  // it was moved from or made before a fork; kExhausted.
  static Result<Keyring> Load(const std::string& path, const Protector& protector);

  // The path of the key file that a keyring file remembers; empty if a passphrase protects it. Not
  // authenticated: only for finding the key. Errors: those of Load that need no key.
  static Result<std::string> RememberedKeyFile(const std::string& path);

  // Writes the file whole or not at all, durable when it returns.
  // Errors: those of writing; kInvalidArgument for Protector::Remembered(); kClosed if keyring or
  // protector was moved from or made before a fork; kExhausted.
  Status Save(const std::string& path, const Protector& protector) const;

  // Writes over the keyring file of this vault, under the protector that it has.
  // Errors: as Load and Save; kConflict if the file is that of another vault.
  Status SaveOver(const std::string& path, const Protector& protector) const;

  // A copy with one more epoch of a kind, random, which is the newest from now on.
  // Errors: kInvalidArgument for what is no kind; kExhausted, also for more than 4,096 keys;
  // kClosed.
  Result<Keyring> WithNewEpoch(KeyKind kind) const;

  // A copy without an epoch. Errors: kNotFound if there is none; kInvalidArgument for the newest.
  Result<Keyring> WithoutEpoch(KeyKind kind, std::uint32_t epoch) const;

  const std::string& app() const { return app_; }
  Suite suite() const { return suite_; }
  VaultMode mode() const { return mode_; }
  const VaultId& vault_id() const { return vault_id_; }

  // Ascending, at least one. Destroyed epochs are absent.
  std::vector<std::uint32_t> Epochs(KeyKind kind) const;
  std::uint32_t NewestEpoch(KeyKind kind) const;

  // Seconds since 1970-01-01 UTC when an epoch was made; 0 if there is no such epoch.
  std::uint64_t CreatedAt(KeyKind kind, std::uint32_t epoch) const;

  // Subkey(key, label, context) of one epoch (docs/formats/pseudonym.md, section 2), as a PRF and
  // as a key. The keys themselves are not handed out. Errors: kNotFound if there is no such epoch;
  // kExhausted; kClosed after a fork.
  Result<std::unique_ptr<Prf>> SubkeyPrf(KeyKind kind, std::uint32_t epoch, std::string_view label,
                                         std::span<const std::uint8_t> context) const;
  Result<SecretBytes> Subkey(KeyKind kind, std::uint32_t epoch, std::string_view label,
                             std::span<const std::uint8_t> context) const;

 private:
  struct Key {
    KeyKind kind;
    std::uint32_t epoch;
    std::uint64_t created;  // seconds since 1970-01-01 UTC
    SecretBytes bytes;
  };
  Keyring() = default;

  Result<Keyring> Copy() const;
  Status AddKey(KeyKind kind, std::uint32_t epoch, std::optional<SecretBytes> bytes);
  Result<SecretBytes> EncodeBody() const;
  static Result<Keyring> DecodeBody(Suite suite, std::span<const std::uint8_t> body);
  const Key* Find(KeyKind kind, std::uint32_t epoch) const;

  std::string app_;
  Suite suite_ = Suite::kBlake2b;
  VaultMode mode_ = VaultMode::kDerived;
  VaultId vault_id_{};
  std::vector<Key> keys_;  // ascending by kind and epoch
};

}  // namespace moniker

#endif  // MONIKER_KEYRING_H_
