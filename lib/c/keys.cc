// Rotation of a vault's keys.

#include "base/status_macros.h"
#include "boundary/arguments.h"
#include "boundary/call.h"
#include "boundary/structs.h"
#include "c/handle_types.h"

namespace moniker::internal {
namespace {

static_assert(MONIKER_KEY_IDENTITY == static_cast<int>(KeyKind::kIdentity));
static_assert(MONIKER_KEY_STORAGE == static_cast<int>(KeyKind::kStorage));
static_assert(MONIKER_KEY_INDEX == static_cast<int>(KeyKind::kIndex));

Result<KeyKind> ReadKeyKind(std::int32_t kind) {
  if (kind < MONIKER_KEY_IDENTITY || kind > MONIKER_KEY_INDEX) {
    return Status(StatusCode::kInvalidArgument, "key kind: there is no such kind");
  }
  return static_cast<KeyKind>(kind);
}

// change(vault, key kind) with what these stand for.
template <typename Change>
moniker_code WithKeys(const moniker_vault* vault, std::int32_t key_kind, moniker_error* error,
                      const Change& change) noexcept {
  return Call(error, [&]() -> Status {
    MONIKER_ASSIGN_OR_RETURN(const auto used, Use(vault));
    MONIKER_ASSIGN_OR_RETURN(const KeyKind kind, ReadKeyKind(key_kind));
    return change(*used, kind);
  });
}

}  // namespace
}  // namespace moniker::internal

using moniker::KeyKind;
using moniker::Status;
using moniker::Vault;
using moniker::internal::Call;
using moniker::internal::Use;
using moniker::internal::WithKeys;

moniker_code moniker_vault_newest_epoch(moniker_vault* vault, std::int32_t key_kind,
                                        std::uint32_t* epoch, moniker_error* error) {
  moniker::internal::Clear(epoch);
  return WithKeys(vault, key_kind, error, [&](const Vault& used, KeyKind kind) -> Status {
    MONIKER_RETURN_IF_ERROR(moniker::internal::RequireOutput(epoch));
    MONIKER_ASSIGN_OR_RETURN(const auto keyring, moniker::internal::KeyringOf(used));
    *epoch = keyring->NewestEpoch(kind);
    return Status::Ok();
  });
}

moniker_code moniker_vault_rotate_keys(moniker_vault* vault, std::int32_t key_kind,
                                       moniker_error* error) {
  return WithKeys(vault, key_kind, error,
                  [](const Vault& used, KeyKind kind) { return used.RotateKeys(kind); });
}

moniker_code moniker_vault_destroy_epoch(moniker_vault* vault, std::int32_t key_kind,
                                         std::uint32_t epoch, moniker_error* error) {
  return WithKeys(vault, key_kind, error,
                  [&](const Vault& used, KeyKind kind) { return used.DestroyEpoch(kind, epoch); });
}

moniker_code moniker_vault_reseal(moniker_vault* vault, moniker_error* error) {
  return Call(error, [&]() -> Status {
    MONIKER_ASSIGN_OR_RETURN(const auto used, Use(vault));
    return used->Reseal();
  });
}

// A new key file stays also when this fails: the keyring may be under it already.
moniker_code moniker_vault_rewrap(moniker_vault* vault, const moniker_protector* protector,
                                  moniker_error* error) {
  return Call(error, [&]() -> Status {
    MONIKER_ASSIGN_OR_RETURN(const auto used, Use(vault));
    MONIKER_ASSIGN_OR_RETURN(const moniker::Protector made,
                             moniker::internal::MakeProtector(protector));
    return used->Rewrap(made);
  });
}
