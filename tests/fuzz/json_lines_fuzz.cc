// Rewriting JSON Lines. Input: a byte of choices, one for the size of blocks, and the text.

#include "fuzz/rewrite_claims.h"

namespace moniker::testing {

void FuzzOne(std::span<const std::uint8_t> bytes) {
  RequireJsonClaims(RecordFormat::kJsonLines, FuzzInput(bytes));
}

}  // namespace moniker::testing
