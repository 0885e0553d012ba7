// Scopes and root keys of C callers.

#ifndef MONIKER_LIB_C_SCOPES_H_
#define MONIKER_LIB_C_SCOPES_H_

#include <cstddef>
#include <cstdint>

#include "moniker/c.h"
#include "moniker/prf.h"
#include "moniker/result.h"
#include "moniker/scope.h"
#include "moniker/secret.h"

namespace moniker::internal {

// Errors: kInvalidArgument, also for null and for no choice; kUnsupported.
Result<Scope> ReadScope(const moniker_scope* scope);

// Errors: kInvalidArgument unless there are 32 bytes; kExhausted.
Result<SecretBytes> ReadRoot(const std::uint8_t* root, std::size_t size);

// Zero is the default. Errors: kInvalidArgument.
Result<Suite> ReadSuite(std::int32_t suite);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_C_SCOPES_H_
