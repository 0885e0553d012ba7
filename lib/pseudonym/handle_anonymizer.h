// Handles to pseudonyms, for one scope and one identity epoch of an enrolled vault. A handle is 32
// random bytes that the mapping store keeps for a person, so nothing here depends on an identifier.
//
// Format: docs/formats/pseudonym.md, section 10.
// Thread safety: const members may be called from any thread.

#ifndef MONIKER_LIB_PSEUDONYM_HANDLE_ANONYMIZER_H_
#define MONIKER_LIB_PSEUDONYM_HANDLE_ANONYMIZER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "moniker/keyring.h"
#include "moniker/prf.h"
#include "moniker/pseudonym.h"
#include "moniker/result.h"
#include "moniker/scope.h"

namespace moniker::internal {

inline constexpr std::size_t kHandleSize = 32;

class HandleAnonymizer {
 public:
  // Errors: kNotFound if the keyring has no such epoch; kExhausted, kClosed.
  static Result<HandleAnonymizer> Create(const Keyring& keyring, const Scope& scope,
                                         std::uint32_t identity_epoch);

  // One pseudonym for each handle. REQUIRES: each has 32 bytes. Errors: those of the Prf.
  Result<std::vector<Pseudonym>> PseudonymizeMany(std::span<const ByteView> handles) const;

 private:
  explicit HandleAnonymizer(std::unique_ptr<Prf> scope_key) : scope_key_(std::move(scope_key)) {}

  std::unique_ptr<Prf> scope_key_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_PSEUDONYM_HANDLE_ANONYMIZER_H_
