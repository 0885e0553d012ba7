// The words of label style "words": position is value.
//
// Format: docs/formats/pseudonym.md, section 8. The lists are docs/formats/words-1-*.txt, which a
// test holds these against; a changed list is a new format.
// Thread safety: constants.

#ifndef MONIKER_LIB_PSEUDONYM_WORDS_H_
#define MONIKER_LIB_PSEUDONYM_WORDS_H_

#include <array>
#include <string_view>

namespace moniker::internal {

// 3 to 9 letters each, in order of bytes.
extern const std::array<std::string_view, 256> kAdjectives;

// 3 to 10 letters each, in order of bytes. None is an adjective of the above.
extern const std::array<std::string_view, 256> kNouns;

}  // namespace moniker::internal

#endif  // MONIKER_LIB_PSEUDONYM_WORDS_H_
