// The keys under which pseudonyms of a scope are derived.
//
// Format: docs/formats/pseudonym.md, section 3.
// Thread safety: functions without state.

#ifndef MONIKER_LIB_PSEUDONYM_SCOPE_KEY_H_
#define MONIKER_LIB_PSEUDONYM_SCOPE_KEY_H_

#include <cstdint>
#include <memory>
#include <string_view>

#include "moniker/keyring.h"
#include "moniker/prf.h"
#include "moniker/result.h"
#include "moniker/scope.h"

namespace moniker::internal {

inline constexpr std::string_view kScopeLabel = "scope";               // of identifiers
inline constexpr std::string_view kHandleScopeLabel = "handle-scope";  // of handles

// Subkey(root, label, scope). Errors: kInvalidArgument for `app`; kNotFound if the keyring has no
// such epoch; kExhausted, kClosed; those of `root`.
Result<std::unique_ptr<Prf>> ScopeKey(const Keyring& keyring, std::string_view app,
                                      std::uint32_t identity_epoch, std::string_view label,
                                      const Scope& scope);
Result<std::unique_ptr<Prf>> ScopeKey(const Prf& root, std::string_view app, std::string_view label,
                                      const Scope& scope);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_PSEUDONYM_SCOPE_KEY_H_
