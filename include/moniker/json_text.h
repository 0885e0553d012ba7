// How Moniker writes a JSON string.
//
// Thread safety: a function without state.

#ifndef MONIKER_JSON_TEXT_H_
#define MONIKER_JSON_TEXT_H_

#include <string>
#include <string_view>

namespace moniker {

// Appends `utf8` as a JSON string, with its quotes. Escapes only what RFC 8259 section 7 says must
// be: the quotation mark, the backslash and U+0000..U+001F, these by their two-character form where
// there is one (\b \f \n \r \t), else as \u00xx in lower case. All else stays as it is.
//
// REQUIRES: `utf8` is UTF-8, or the output is not JSON; it does not point into *out.
void AppendJsonString(std::string_view utf8, std::string* out);

}  // namespace moniker

#endif  // MONIKER_JSON_TEXT_H_
