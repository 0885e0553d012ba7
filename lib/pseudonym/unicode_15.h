// What Unicode 15.0 says of a code point, whatever version the libraries beside us know. The format
// pins that version: a newer one must not make more identifiers acceptable.
//
// Thread safety: functions without state.

#ifndef MONIKER_LIB_PSEUDONYM_UNICODE_15_H_
#define MONIKER_LIB_PSEUDONYM_UNICODE_15_H_

#include <string_view>

namespace moniker::internal {

// General_Category is not Cn; so noncharacters are not assigned, and private use is.
bool IsAssigned(char32_t c);

// Property Bidi_Control.
bool IsBidiControl(char32_t c);

// Whether a library that calls its version of Unicode `version` ("15.0.0") knows all of 15.0.
bool KnowsUnicode15(std::string_view version);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_PSEUDONYM_UNICODE_15_H_
