#include "pseudonym/scope_key.h"

#include <array>

#include "base/bytes.h"
#include "base/status_macros.h"

namespace moniker::internal {
namespace {

constexpr std::size_t kMaxScopeSize = 4 + 64 + 1 + 4 + Scope::kMaxConferenceSize;
using Buffer = std::array<std::uint8_t, kMaxScopeSize>;

// REQUIRES: valid app.
ByteView EncodeScope(std::string_view app, const Scope& scope, Buffer* buffer) {
  ByteWriter writer(*buffer);
  writer.Prefixed(app);
  if (scope.is_app()) {
    writer.U8(0);
  } else {
    writer.U8(1).Prefixed(scope.conference());
  }
  return writer.written();
}

}  // namespace

Result<std::unique_ptr<Prf>> ScopeKey(const Keyring& keyring, std::string_view app,
                                      std::uint32_t identity_epoch, std::string_view label,
                                      const Scope& scope) {
  MONIKER_RETURN_IF_ERROR(ValidateApp(app));
  Buffer buffer;
  return keyring.SubkeyPrf(KeyKind::kIdentity, identity_epoch, label,
                           EncodeScope(app, scope, &buffer));
}

Result<std::unique_ptr<Prf>> ScopeKey(const Prf& root, std::string_view app, std::string_view label,
                                      const Scope& scope) {
  MONIKER_RETURN_IF_ERROR(ValidateApp(app));
  Buffer buffer;
  return root.Subkey(label, EncodeScope(app, scope, &buffer));
}

}  // namespace moniker::internal
