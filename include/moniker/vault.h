// A keyring and a mapping store, and the settings of one app: on disk a folder.
//
//   keyring        docs/formats/keyring.md
//   store.sqlite   docs/formats/mapping-store.md
//   store.lock     docs/decisions/0002-write-lock.md
//
// A Vault is what gates (IdentityGate) and resolvers (Resolver) are made from; they keep what they
// need of it alive. By itself it hands out no person.
//
// Thread safety: may be shared by threads; the folder may be used by several processes at once.

#ifndef MONIKER_VAULT_H_
#define MONIKER_VAULT_H_

#include <memory>
#include <optional>
#include <string>

#include "moniker/keyring.h"
#include "moniker/protector.h"
#include "moniker/result.h"
#include "moniker/storage_backend.h"

namespace moniker {

namespace internal {
class MappingStore;
}

class Vault {
 public:
  struct Options {
    Keyring::Options keyring;
    // Empty: no avatars. Or "https://..." with at most one "{avatar}", which becomes the index
    // 0..255 of the picture: printable ASCII, at most 1024 bytes. Or "data:" alone: the URL is the
    // picture itself (avatar.h).
    std::string avatar_url_template;
  };

  // Makes a vault in a folder that does not exist; it appears whole or not at all.
  // Errors: kConflict if something is there; kInvalidArgument (the message names the field);
  // kUnsupported on a network file system; kPermission, kReadOnly, kNoSpace, kIo.
  static Status Create(const std::string& path, Options options, const Protector& protector);

  // Errors: kNotFound if there is no vault; those of Keyring::Load; kAltered if store and keyring
  // do not belong together or the store was changed; kNewerFormat; kReadOnly, kPermission, kIo.
  static Result<Vault> Open(const std::string& path, const Protector& protector);
  static Result<Vault> Open(const std::string& path) { return Open(path, Protector::Remembered()); }

  // The keyring alone, for what needs no store: derivation and checking.
  // Errors: kNotFound if there is no vault; those of Keyring::Load.
  static Result<Keyring> OpenKeyring(const std::string& path, const Protector& protector);

  // Where Keyring::RememberedKeyFile finds it. Errors: kNotFound if there is no vault.
  static Result<std::string> KeyringPath(const std::string& path);

  // Over another backend, which must be empty / must have been initialised with this keyring.
  // Errors: kInvalidArgument; kConflict if it is not empty; as Open.
  static Status Initialize(const Keyring& keyring, StorageBackend* backend,
                           const std::string& avatar_url_template);
  static Result<Vault> Assemble(Keyring keyring, std::unique_ptr<StorageBackend> backend);

  const Keyring& keyring() const;
  const std::string& avatar_url_template() const;

 private:
  friend class IdentityGate;
  friend class Resolver;

  explicit Vault(std::shared_ptr<internal::MappingStore> store) : store_(std::move(store)) {}

  std::shared_ptr<internal::MappingStore> store_;
};

// Errors: kInvalidArgument for what Vault::Options::avatar_url_template cannot be.
Status ValidateAvatarUrlTemplate(std::string_view text);

}  // namespace moniker

#endif  // MONIKER_VAULT_H_
