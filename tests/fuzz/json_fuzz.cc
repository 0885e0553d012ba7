// Rewriting JSON: documents, or the elements of one array. Input: a byte of choices, one for the
// size of blocks, and the text.

#include "fuzz/rewrite_claims.h"

namespace moniker::testing {

void FuzzOne(std::span<const std::uint8_t> bytes) {
  RequireJsonClaims(RecordFormat::kJson, FuzzInput(bytes));
}

}  // namespace moniker::testing
