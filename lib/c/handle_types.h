// What the opaque types of c.h and c_derive.h stand for.

#ifndef MONIKER_LIB_C_HANDLE_TYPES_H_
#define MONIKER_LIB_C_HANDLE_TYPES_H_

#include "boundary/handles.h"
#include "moniker/anonymizer.h"
#include "moniker/c.h"
#include "moniker/c_derive.h"
#include "moniker/identity_gate.h"
#include "moniker/vault.h"

namespace moniker::internal {

template <>
struct HandleOf<moniker_vault> {
  using Object = Vault;
  static constexpr HandleType kType = HandleType::kVault;
};

// Errors: kClosed if the vault is locked and cannot get its keys again.
inline Result<std::shared_ptr<const Keyring>> KeyringOf(const Vault& vault) {
  std::shared_ptr<const Keyring> keyring = vault.keyring();
  if (keyring == nullptr) {
    return Status(StatusCode::kClosed, "the vault is locked, and its keys cannot be had");
  }
  return keyring;
}

template <>
struct HandleOf<moniker_gate> {
  using Object = IdentityGate;
  static constexpr HandleType kType = HandleType::kGate;
};

template <>
struct HandleOf<moniker_identity> {
  using Object = SessionIdentity;
  static constexpr HandleType kType = HandleType::kIdentity;
};

template <>
struct HandleOf<moniker_anonymizer> {
  using Object = Anonymizer;
  static constexpr HandleType kType = HandleType::kAnonymizer;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_C_HANDLE_TYPES_H_
