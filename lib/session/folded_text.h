// Text as it is compared: its letters and digits alone, without case, accents, width and style, so
// that "GARCÍA", "García" and "Ｇａｒｃｉａ" are one text. What stood between them is kept as a
// property of the letter that follows.
//
// Folding: compatibility decomposition and case folding (Unicode 14, utf8proc), without default
// ignorable code points and without the marks that are no letters of their own; Hangul composed;
// digits of all scripts as 0..9; Latin letters that do not decompose by their base letters (ł is
// l, æ is ae).
//
// Thread safety: functions without state.

#ifndef MONIKER_LIB_SESSION_FOLDED_TEXT_H_
#define MONIKER_LIB_SESSION_FOLDED_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "session/wiped_vector.h"

namespace moniker::internal {

struct FoldedCharacter {
  enum class Kind : std::uint8_t {
    kLetter,    // of a script that sets blanks between words
    kDigit,     // 0..9
    kSyllable,  // Han and Hangul: words are not set apart, or have endings, and pairs are names
    kUnspaced,  // kana, Thai, Lao, Khmer, Myanmar: words are not set apart
  };
  static constexpr std::uint8_t kEdge = std::numeric_limits<std::uint8_t>::max();

  char32_t value = 0;
  std::uint8_t gap = 0;  // characters left out before it, at most 254; kEdge for the first one
  Kind kind = Kind::kLetter;
  bool starts_piece = false;  // begins a piece of a word in camel case: the J of MariaJensen
  bool breaks_number =
      false;  // the gap has what does not stand within numbers: a comma, a line feed
  bool after_apostrophe = false;  // the gap is an apostrophe: the B of O'Brien
};

using FoldedText = WipedVector<FoldedCharacter>;

enum class Spelling {
  kBaseLetters,  // ü is u
  kDigraphs,     // ü is ue, ø is oe, å is aa: as in the machine readable zone of passports
};

// REQUIRES: `text` is UTF-8; the folding of what follows an ill-formed byte is left out.
FoldedText Fold(std::string_view text, Spelling spelling = Spelling::kBaseLetters);

inline bool IsDigit(const FoldedCharacter& c) { return c.kind == FoldedCharacter::Kind::kDigit; }

// The end of the word that begins at `at`: no gap, one kind.
std::size_t EndOfWord(std::span<const FoldedCharacter> text, std::size_t at);

// Whether the letters from `begin` up to `end` are `ascii`, in lower case.
bool Equals(const FoldedCharacter* begin, const FoldedCharacter* end, std::string_view ascii);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_SESSION_FOLDED_TEXT_H_
