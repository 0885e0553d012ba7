// What a keyring is sealed under: a key file or a passphrase.
//
// Format: docs/formats/keyring.md, section 2.
// Thread safety: const members may be called from any thread.

#ifndef MONIKER_PROTECTOR_H_
#define MONIKER_PROTECTOR_H_

#include <cstdint>
#include <string>
#include <utility>

#include "moniker/result.h"
#include "moniker/secret.h"

namespace moniker {

namespace internal {
class KeyringFile;
}

class Protector {
 public:
  enum class Kind : std::uint8_t { kRemembered, kKeyFile, kPassphrase };

  // The cost of guessing one passphrase: Argon2id (RFC 9106), one lane. The default takes
  // 256 MiB for as long as it runs.
  struct PassphraseCost {
    std::uint32_t passes = 3;               // 1..64
    std::uint32_t memory_kib = 256 * 1024;  // 65,536..4,194,304

    constexpr bool valid() const {
      return passes >= 1 && passes <= 64 && memory_kib >= 65'536 && memory_kib <= 4'194'304;
    }
  };

  // The key file whose path the keyring remembers. Only for opening.
  static Protector Remembered() { return Protector(Kind::kRemembered); }

  // A key file that exists. It must be closed to group and others. It is read here, once.
  // Errors: kNotFound, kPermission, kIo; kAltered if it is not a key file.
  static Result<Protector> KeyFile(const std::string& path);

  // Makes a new key file (0600, durable) and uses it. Errors: kConflict if it exists, and those of
  // writing.
  static Result<Protector> NewKeyFile(const std::string& path);

  // 1..1024 bytes, used as given. The cost is used when a keyring is written and read from it when
  // one is opened. Errors: kInvalidArgument.
  static Result<Protector> Passphrase(SecretText passphrase, PassphraseCost cost);
  static Result<Protector> Passphrase(SecretText passphrase) {
    return Passphrase(std::move(passphrase), PassphraseCost());
  }

  // A passphrase in a file closed to others, or in a pipe; one line feed at its end is not part of
  // it. Errors: as KeyFile and Passphrase.
  static Result<Protector> PassphraseFile(const std::string& path, PassphraseCost cost);
  static Result<Protector> PassphraseFile(const std::string& path) {
    return PassphraseFile(path, PassphraseCost());
  }

  // Another one of the same. Errors: kExhausted; kClosed if this was made before a fork.
  Result<Protector> Copy() const;

  Kind kind() const { return kind_; }

  // Absolute; empty unless kind() is kKeyFile.
  const std::string& key_file_path() const { return path_; }

 private:
  friend class internal::KeyringFile;
  explicit Protector(Kind kind) : kind_(kind) {}

  Kind kind_;
  std::string path_;
  SecretBytes key_;  // of a key file
  SecretText passphrase_;
  PassphraseCost cost_;
};

}  // namespace moniker

#endif  // MONIKER_PROTECTOR_H_
