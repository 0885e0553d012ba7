#include "c/scopes.h"

#include <span>

#include "base/status_macros.h"
#include "boundary/arguments.h"
#include "boundary/structs.h"

namespace moniker::internal {

static_assert(MONIKER_SUITE_BLAKE2B == static_cast<int>(Suite::kBlake2b));
static_assert(MONIKER_SUITE_HMAC_SHA256 == static_cast<int>(Suite::kHmacSha256));

Result<Scope> ReadScope(const moniker_scope* scope) {
  MONIKER_ASSIGN_OR_RETURN(const moniker_scope given, ReadStruct(scope));
  MONIKER_ASSIGN_OR_RETURN(const std::string_view conference, ReadText(given.conference));
  if (given.kind == MONIKER_SCOPE_CONFERENCE) return Scope::Conference(conference);
  if (given.kind != MONIKER_SCOPE_APP) {
    return Status(StatusCode::kInvalidArgument, "scope: neither an app's nor a conference's");
  }
  if (!conference.empty()) {
    return Status(StatusCode::kInvalidArgument, "scope: an app's has no conference");
  }
  return Scope::App();
}

Result<SecretBytes> ReadRoot(const std::uint8_t* root, std::size_t size) {
  if (root == nullptr || size != kKeySize) {
    return Status(StatusCode::kInvalidArgument, "root: not 32 bytes");
  }
  return SecretBytes::CopyOf({root, size});
}

Result<Suite> ReadSuite(std::int32_t suite) {
  switch (suite) {
    case 0:
    case MONIKER_SUITE_BLAKE2B: return Suite::kBlake2b;
    case MONIKER_SUITE_HMAC_SHA256: return Suite::kHmacSha256;
    default: return Status(StatusCode::kInvalidArgument, "suite: there is no such suite");
  }
}

}  // namespace moniker::internal
