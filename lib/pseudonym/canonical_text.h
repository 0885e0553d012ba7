// Unicode text made canonical: NFC, full case folding, NFC, then white space.
//
// Format: docs/formats/pseudonym.md, section 4, kind `text`.
// Thread safety: functions without state.

#ifndef MONIKER_LIB_PSEUDONYM_CANONICAL_TEXT_H_
#define MONIKER_LIB_PSEUDONYM_CANONICAL_TEXT_H_

#include <cstddef>
#include <string_view>

#include "base/bytes.h"
#include "moniker/result.h"
#include "moniker/secret.h"

namespace moniker::internal {

// Appends the canonical form of `text`, or on an error nothing.
// REQUIRES: `text` is UTF-8 of code points that Unicode 15.0 assigns, without control characters.
// Errors: kInvalidArgument if nothing but white space is there or the form has more than `max_size`
// bytes; kExhausted; kUnsupported if utf8proc is older than Unicode 15.0.
Status AppendText(std::string_view text, std::size_t max_size, ByteWriter* writer);

// AppendText without its way around the tables for ASCII: for tests, which compare the two.
Status AppendUnicodeText(std::string_view text, std::size_t max_size, ByteWriter* writer);

// The passes. `text` is as for AppendText and does not lie in `buffer`, which has TextBufferSize(n)
// bytes, n at least the bytes of what the first pass began with. The answer lies in `buffer`.
// Errors: kInvalidArgument if `buffer` is too small.
std::size_t TextBufferSize(std::size_t size);
Result<std::string_view> ToNfc(std::string_view text, SecretBytes* buffer);
Result<std::string_view> FoldCase(std::string_view text, SecretBytes* buffer);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_PSEUDONYM_CANONICAL_TEXT_H_
