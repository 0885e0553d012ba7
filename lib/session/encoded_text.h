// What a text says to those who decode it. Decoding never fails: what is not an encoding stays as
// it is or is left out.
//
// Thread safety: functions without state.

#ifndef MONIKER_LIB_SESSION_ENCODED_TEXT_H_
#define MONIKER_LIB_SESSION_ENCODED_TEXT_H_

#include <string_view>

#include "session/wiped_vector.h"

namespace moniker::internal {

enum class Escapes {
  kAllButQuotedPrintable,  // %XX, %uXXXX; &name; &#N; &#xN; JSON's \uXXXX, \n; \xXX, \u{X}
  kAll,                    // and =XX and soft line breaks, which texts such as "id=42" resemble
};

// `text` with its escapes replaced once. Bytes that are not UTF-8 then are taken for Windows-1252,
// which is Latin-1 with more letters. UTF-8, never longer than `text`.
WipedText DecodeEscapes(std::string_view text, Escapes escapes);

// What the tokens of `text` are that may be base64 or base64url (7 characters and more, padded or
// not, broken into lines or not, beginning anywhere in the token) or hexadecimal (12 digits and
// more): runs of 5 bytes and more that are UTF-8 without control characters, and whole tokens that
// are Latin-1. Between two of them are more line feeds than anything of a person may have.
WipedText DecodeTokens(std::string_view text);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_SESSION_ENCODED_TEXT_H_
