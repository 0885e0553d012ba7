#include "pseudonym/handle_anonymizer.h"

#include "base/status_macros.h"
#include "pseudonym/scope_key.h"

namespace moniker::internal {

Result<HandleAnonymizer> HandleAnonymizer::Create(const Keyring& keyring, const Scope& scope,
                                                  std::uint32_t identity_epoch) {
  MONIKER_ASSIGN_OR_RETURN(
      std::unique_ptr<Prf> scope_key,
      ScopeKey(keyring, keyring.app(), identity_epoch, kHandleScopeLabel, scope));
  return HandleAnonymizer(std::move(scope_key));
}

Result<std::vector<Pseudonym>> HandleAnonymizer::PseudonymizeMany(
    std::span<const ByteView> handles) const {
  std::vector<Digest> digests(handles.size());
  MONIKER_RETURN_IF_ERROR(scope_key_->ComputeMany(handles, digests));
  return std::vector<Pseudonym>(digests.begin(), digests.end());
}

}  // namespace moniker::internal
