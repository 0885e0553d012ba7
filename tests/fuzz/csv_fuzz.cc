// Rewriting CSV and its variants. Input: a byte of choices, one for the size of blocks, and the
// text.

#include "fuzz/rewrite_claims.h"

namespace moniker::testing {

void FuzzOne(std::span<const std::uint8_t> bytes) {
  FuzzInput input(bytes);
  const std::uint8_t flags = input.Byte();
  const std::size_t small = 1 + input.Byte();
  RewriteOptions options = CsvOptions({Replaced("a"), Beside("b", "new"), Dropped("c")});
  if ((flags & 1) != 0) options.columns = {Replaced("a")};
  if ((flags & 2) != 0) options.separator = ';';
  if ((flags & 4) != 0) options.quote = '\'';
  if ((flags & 8) != 0) options.quote = '\0';
  options.pass_ragged = (flags & 16) != 0;
  options.skip_faulty = (flags & 32) != 0;
  if ((flags & 64) != 0) options.null_values = {"NA", "x"};
  const std::string_view text = FuzzInput::AsText(input.rest());
  RequireSameInBlocks(text, options, small);
  options.columns = {Replaced("a")};
  RequireReadable(text, options);
  RequireUntouched(text, options);
}

}  // namespace moniker::testing
