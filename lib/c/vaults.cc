#include <unistd.h>

#include "base/status_macros.h"
#include "boundary/arguments.h"
#include "boundary/call.h"
#include "boundary/structs.h"
#include "c/handle_types.h"
#include "c/scopes.h"
#include "moniker/vault.h"

namespace moniker::internal {
namespace {

static_assert(MONIKER_MODE_DERIVED == static_cast<int>(VaultMode::kDerived));
static_assert(MONIKER_MODE_ENROLLED == static_cast<int>(VaultMode::kEnrolled));

Result<VaultMode> ReadMode(std::int32_t mode) {
  switch (mode) {
    case 0:
    case MONIKER_MODE_DERIVED: return VaultMode::kDerived;
    case MONIKER_MODE_ENROLLED: return VaultMode::kEnrolled;
    default: return Status(StatusCode::kInvalidArgument, "mode: there is no such mode");
  }
}

Result<std::string> ReadOptionalPath(const moniker_text& path) {
  if (path.size == 0) return std::string();
  return ReadPath(path);
}

Result<Keyring::Options> ReadKeyringOptions(const moniker_vault_options& given) {
  Keyring::Options options;
  MONIKER_ASSIGN_OR_RETURN(const std::string_view app, ReadText(given.app));
  options.app = app;
  MONIKER_ASSIGN_OR_RETURN(options.suite, ReadSuite(given.suite));
  MONIKER_ASSIGN_OR_RETURN(options.mode, ReadMode(given.mode));
  if (given.root != nullptr || given.root_size != 0) {
    MONIKER_ASSIGN_OR_RETURN(options.identity_root, ReadRoot(given.root, given.root_size));
  }
  return options;
}

Result<Vault::Options> ReadOptions(const moniker_vault_options* options) {
  MONIKER_ASSIGN_OR_RETURN(const moniker_vault_options given, ReadStruct(options));
  MONIKER_ASSIGN_OR_RETURN(Keyring::Options keyring, ReadKeyringOptions(given));
  Vault::Options read{.keyring = std::move(keyring)};
  MONIKER_ASSIGN_OR_RETURN(const std::string_view url, ReadText(given.avatar_url_template));
  read.avatar_url_template = url;
  MONIKER_ASSIGN_OR_RETURN(read.anchor, ReadOptionalPath(given.anchor));
  MONIKER_ASSIGN_OR_RETURN(read.audit_key_file, ReadOptionalPath(given.audit_key_file));
  read.policy = {.lookups_per_hour = given.budget_hour,
                 .lookups_per_day = given.budget_day,
                 .retention_days = given.retention_days};
  return read;
}

Status Create(const moniker_text& path, const moniker_vault_options* options,
              const moniker_protector* protector) {
  MONIKER_ASSIGN_OR_RETURN(const std::string folder, ReadPath(path));
  MONIKER_ASSIGN_OR_RETURN(Vault::Options read, ReadOptions(options));
  MONIKER_ASSIGN_OR_RETURN(const Protector made, MakeProtector(protector));
  const Status status = Vault::Create(folder, std::move(read), made);
  // A vault that is not there needs no key.
  if (!status.ok() && protector->kind == MONIKER_PROTECTOR_NEW_KEY_FILE) {
    ::unlink(made.key_file_path().c_str());
  }
  return status;
}

Status Erase(const moniker_vault* vault, const moniker_identifier* identifier,
             const moniker_reason* reason, std::int32_t* found) {
  MONIKER_RETURN_IF_ERROR(RequireOutput(found));
  MONIKER_ASSIGN_OR_RETURN(const auto used, Use(vault));
  MONIKER_ASSIGN_OR_RETURN(const Identifier read, ReadIdentifier(identifier));
  AccessReason why;
  if (reason != nullptr) {
    MONIKER_ASSIGN_OR_RETURN(why, ReadReason(reason));
  }
  const ErasureTarget target = read;
  MONIKER_ASSIGN_OR_RETURN(const Erasure erasure, used->Erase({&target, 1}, why));
  *found = erasure.found.at(0) ? 1 : 0;
  return Status::Ok();
}

Status Bind(const moniker_vault* vault, const moniker_text& participant_id,
            const moniker_text& external_id, const moniker_scope* scope) {
  MONIKER_ASSIGN_OR_RETURN(const auto used, Use(vault));
  IdentityGate::Binding binding;
  MONIKER_ASSIGN_OR_RETURN(binding.participant_id, ReadText(participant_id));
  MONIKER_ASSIGN_OR_RETURN(binding.external_id, ReadText(external_id));
  if (scope != nullptr) {
    MONIKER_ASSIGN_OR_RETURN(Scope of, ReadScope(scope));
    binding.scope = of;
  }
  MONIKER_ASSIGN_OR_RETURN(const std::vector<Status> statuses,
                           IdentityGate::BindMany(*used, {&binding, 1}));
  return statuses.at(0);
}

}  // namespace
}  // namespace moniker::internal

using moniker::Status;
using moniker::internal::Call;
using moniker::internal::Use;

moniker_code moniker_vault_create(moniker_text path, const moniker_vault_options* options,
                                  const moniker_protector* protector, moniker_error* error) {
  return Call(error, [&] { return moniker::internal::Create(path, options, protector); });
}

moniker_code moniker_vault_open(moniker_text path, const moniker_protector* protector,
                                moniker_vault** vault, moniker_error* error) {
  moniker::internal::Clear(vault);
  return Call(error, [&]() -> Status {
    MONIKER_RETURN_IF_ERROR(moniker::internal::RequireOutput(vault));
    MONIKER_ASSIGN_OR_RETURN(const std::string folder, moniker::internal::ReadPath(path));
    MONIKER_ASSIGN_OR_RETURN(const moniker::Protector read,
                             moniker::internal::ReadProtector(protector));
    MONIKER_ASSIGN_OR_RETURN(moniker::Vault opened, moniker::Vault::Open(folder, read));
    *vault = moniker::internal::NewHandle<moniker_vault>(std::move(opened));
    return Status::Ok();
  });
}

moniker_code moniker_vault_lock(moniker_vault* vault, moniker_error* error) {
  return Call(error, [&]() -> Status {
    MONIKER_ASSIGN_OR_RETURN(const auto used, Use(vault));
    return used->Lock();
  });
}

void moniker_vault_close(moniker_vault* vault) { moniker::internal::Close(vault); }

moniker_code moniker_vault_declare_issuer(moniker_vault* vault, moniker_text issuer,
                                          std::int32_t kind, moniker_error* error) {
  return Call(error, [&]() -> Status {
    MONIKER_ASSIGN_OR_RETURN(const auto used, Use(vault));
    MONIKER_ASSIGN_OR_RETURN(const std::string_view name, moniker::internal::ReadText(issuer));
    MONIKER_ASSIGN_OR_RETURN(const auto read, moniker::internal::ReadKind(kind));
    return used->DeclareIssuer(name, read.value_or(moniker::BuiltInKind(name)));
  });
}

moniker_code moniker_vault_bind(moniker_vault* vault, moniker_text participant_id,
                                moniker_text external_id, const moniker_scope* scope,
                                moniker_error* error) {
  return Call(error,
              [&] { return moniker::internal::Bind(vault, participant_id, external_id, scope); });
}

moniker_code moniker_vault_erase(moniker_vault* vault, const moniker_identifier* identifier,
                                 const moniker_reason* reason, std::int32_t* found,
                                 moniker_error* error) {
  moniker::internal::Clear(found);
  return Call(error, [&] { return moniker::internal::Erase(vault, identifier, reason, found); });
}
