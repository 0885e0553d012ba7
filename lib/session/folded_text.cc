#include "session/folded_text.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "base/utf8.h"

namespace moniker::internal {
namespace {

using Kind = FoldedCharacter::Kind;

// Latin letters in lower case that have no decomposition. Digraphs: ICAO Doc 9303-3, section 6.A.
struct LatinLetter {
  char32_t value;
  std::string_view base;
  std::string_view digraph;
};
constexpr LatinLetter kLatinLetters[] = {
    {0xE6, "ae", "ae"}, {0xF0, "d", "d"},  {0xF8, "o", "oe"},   {0xFE, "th", "th"},
    {0x111, "d", "d"},  {0x127, "h", "h"}, {0x131, "i", "i"},   {0x138, "q", "q"},
    {0x142, "l", "l"},  {0x14B, "n", "n"}, {0x153, "oe", "oe"}, {0x167, "t", "t"},
    {0x180, "b", "b"},  {0x199, "k", "k"}, {0x1B4, "y", "y"},   {0x1B6, "z", "z"},
    {0x1DD, "e", "e"},  {0x1E5, "g", "g"}, {0x237, "j", "j"},   {0x253, "b", "b"},
    {0x254, "o", "o"},  {0x256, "d", "d"}, {0x257, "d", "d"},   {0x259, "e", "e"},
    {0x25B, "e", "e"},  {0x268, "i", "i"}, {0x272, "n", "n"},   {0x289, "u", "u"},
};

// Blocks of Unicode 14 without those that decompose.
struct Block {
  char32_t first;
  char32_t last;
  Kind kind;
};
constexpr Block kUnspacedBlocks[] = {
    {0x0E00, 0x0EFF, Kind::kUnspaced},    // Thai, Lao
    {0x1000, 0x109F, Kind::kUnspaced},    // Myanmar
    {0x1780, 0x17FF, Kind::kUnspaced},    // Khmer
    {0x3005, 0x3007, Kind::kSyllable},    // marks that repeat a Han character; the zero
    {0x3040, 0x30FF, Kind::kUnspaced},    // Hiragana, Katakana
    {0x31F0, 0x31FF, Kind::kUnspaced},    // Katakana Phonetic Extensions
    {0x3400, 0x4DBF, Kind::kSyllable},    // CJK Unified Ideographs Extension A
    {0x4E00, 0x9FFF, Kind::kSyllable},    // CJK Unified Ideographs
    {0xAC00, 0xD7A3, Kind::kSyllable},    // Hangul Syllables
    {0x20000, 0x323AF, Kind::kSyllable},  // CJK Unified Ideographs Extensions B to H
};

Kind KindOfLetter(char32_t c) {
  if (c < kUnspacedBlocks[0].first) return Kind::kLetter;
  for (const Block& block : kUnspacedBlocks) {
    if (c >= block.first && c <= block.last) return block.kind;
  }
  return Kind::kLetter;
}

utf8proc_category_t Category(char32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

bool IsUpper(char32_t c) {
  const utf8proc_category_t category = Category(c);
  return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LT;
}

// Digits that do not decompose stand in rows of ten (Unicode Standard, section 4.6).
char32_t AsciiDigit(char32_t c) {
  if (c < 0x80) return c;
  char32_t before = 0;
  while (before < 10 && Category(c - before - 1) == UTF8PROC_CATEGORY_ND) ++before;
  return U'0' + before % 10;
}

// Of the marks those are letters of their own that do not reorder (vowel signs), the voicing marks
// of kana (class 8) and the viramas (class 9). Accents, points and nuktas have other classes.
bool IsMarkOfItsOwn(char32_t c) {
  const utf8proc_propval_t order =
      utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->combining_class;
  return Category(c) != UTF8PROC_CATEGORY_ME && (order == 0 || order == 8 || order == 9);
}

constexpr char32_t kTatweel = 0x640;  // stretches an Arabic word

// Modifier letters that are written for an apostrophe.
bool IsApostrophe(char32_t c) {
  return c == U'\'' || c == U'`' || c == 0x2018 || c == 0x2019 || (c >= 0x2B9 && c <= 0x2BD);
}

// What people set between the parts of numbers.
bool StandsInNumbers(char32_t c) {
  if (c < 0x80) {
    return std::string_view(" -_./\\:()+'*#~").find(static_cast<char>(c)) != std::string_view::npos;
  }
  switch (Category(c)) {
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_ZS: return true;
    default: return c == 0x2212 || c == 0xB7;  // minus sign, middle dot
  }
}

// Hangul syllables, Unicode Standard, section 3.12.
constexpr char32_t kFirstSyllable = 0xAC00, kFirstL = 0x1100, kFirstV = 0x1161, kLastT0 = 0x11A7;
constexpr char32_t kLCount = 19, kVCount = 21, kTCount = 28;

// The syllable that `c` makes of the `last` one or of a leading consonant.
std::optional<char32_t> ComposeHangul(char32_t last, char32_t c) {
  if (last >= kFirstL && last < kFirstL + kLCount && c >= kFirstV && c < kFirstV + kVCount) {
    return kFirstSyllable + ((last - kFirstL) * kVCount + (c - kFirstV)) * kTCount;
  }
  const bool open = last >= kFirstSyllable && last < kFirstSyllable + kLCount * kVCount * kTCount &&
                    (last - kFirstSyllable) % kTCount == 0;
  if (open && c > kLastT0 && c < kLastT0 + kTCount) return last + (c - kLastT0);
  return std::nullopt;
}

class Folder {
 public:
  explicit Folder(Spelling spelling) : spelling_(spelling) {}

  void Take(char32_t c) {
    begins_ = true;
    if (c < 0x80) {
      upper_ = c >= U'A' && c <= U'Z';
      return TakeAscii(static_cast<char>(upper_ ? c - U'A' + U'a' : c));
    }
    if (c == kTatweel) return;
    // U+FDFA decomposes to 18 code points, more than any other.
    std::array<utf8proc_int32_t, 32> parts;
    constexpr auto kOptions = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
                                                             UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    const utf8proc_ssize_t count =
        utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), parts.data(),
                                static_cast<utf8proc_ssize_t>(parts.size()), kOptions, nullptr);
    upper_ = IsUpper(c);
    for (utf8proc_ssize_t i = 0; i < count; ++i) {
      TakeFolded(static_cast<char32_t>(parts[static_cast<std::size_t>(i)]));
    }
  }

  FoldedText Finish() && { return std::move(text_); }

 private:
  // REQUIRES: no capital letter.
  void TakeAscii(char c) {
    if (c >= 'a' && c <= 'z') {
      Push(static_cast<char32_t>(c), Kind::kLetter);
    } else if (c >= '0' && c <= '9') {
      Push(static_cast<char32_t>(c), Kind::kDigit);
    } else {
      LeaveOut(static_cast<char32_t>(c));
    }
  }

  void TakeFolded(char32_t c) {
    if (c < 0x80) return TakeAscii(static_cast<char>(c));
    if (IsApostrophe(c)) return LeaveOut(c);
    switch (Category(c)) {
      case UTF8PROC_CATEGORY_MN:
      case UTF8PROC_CATEGORY_MC:
      case UTF8PROC_CATEGORY_ME: return TakeMark(c);
      case UTF8PROC_CATEGORY_ND: return Push(AsciiDigit(c), Kind::kDigit);
      case UTF8PROC_CATEGORY_LU:
      case UTF8PROC_CATEGORY_LL:
      case UTF8PROC_CATEGORY_LT:
      case UTF8PROC_CATEGORY_LM:
      case UTF8PROC_CATEGORY_LO:
      case UTF8PROC_CATEGORY_NL: return TakeLetter(c);
      default: return LeaveOut(c);
    }
  }

  void TakeLetter(char32_t c) {
    const auto* const latin = std::ranges::find(kLatinLetters, c, &LatinLetter::value);
    if (latin != std::end(kLatinLetters)) {
      const std::string_view base = spelling_ == Spelling::kDigraphs ? latin->digraph : latin->base;
      for (const char letter : base) Push(static_cast<char32_t>(letter), Kind::kLetter);
      return;
    }
    if (gap_ == 0 && !text_.empty()) {
      if (const auto syllable = ComposeHangul(text_.back().value, c)) {
        text_.back().value = *syllable;
        text_.back().kind = Kind::kSyllable;
        return;
      }
    }
    Push(c, KindOfLetter(c));
  }

  void TakeMark(char32_t c) {
    if (text_.empty() || gap_ != 0) return;
    if (IsMarkOfItsOwn(c)) return Push(c, KindOfLetter(text_.back().value));
    if (spelling_ != Spelling::kDigraphs) return;
    const char32_t letter = text_.back().value;
    if (c == 0x308 && (letter == U'a' || letter == U'o' || letter == U'u')) {
      Push(U'e', Kind::kLetter);
    } else if (c == 0x30A && letter == U'a') {
      Push(U'a', Kind::kLetter);
    }
  }

  void LeaveOut(char32_t c) {
    if (gap_ < FoldedCharacter::kEdge - 1) ++gap_;
    breaks_number_ |= !StandsInNumbers(c);
    apostrophe_ = gap_ == 1 && IsApostrophe(c);
  }

  void Push(char32_t value, Kind kind) {
    FoldedCharacter next{.value = value,
                         .gap = text_.empty() ? FoldedCharacter::kEdge : gap_,
                         .kind = kind,
                         .breaks_number = breaks_number_,
                         .after_apostrophe = apostrophe_};
    if (begins_) {
      const bool inside = !text_.empty() && gap_ == 0;
      next.starts_piece = inside && upper_ && !last_upper_;
      // The P of "XMLParser" is known by the letter after it.
      if (inside && !upper_ && last_upper_ && kind == Kind::kLetter) {
        text_[last_begin_].starts_piece |= text_[last_begin_].gap == 0;
      }
      last_upper_ = upper_;
      last_begin_ = text_.size();
      begins_ = false;
    }
    text_.push_back(next);
    gap_ = 0;
    breaks_number_ = false;
    apostrophe_ = false;
  }

  Spelling spelling_;
  FoldedText text_;
  std::uint8_t gap_ = 0;
  bool breaks_number_ = false;
  bool apostrophe_ = false;
  bool begins_ = true;  // nothing is written yet of the code point that is being folded
  bool upper_ = false;
  bool last_upper_ = false;
  std::size_t last_begin_ = 0;
};

}  // namespace

FoldedText Fold(std::string_view text, Spelling spelling) {
  Folder folder(spelling);
  while (const std::optional<CodePoint> next = FirstCodePoint(text)) {
    folder.Take(next->value);
    text.remove_prefix(next->size);
  }
  return std::move(folder).Finish();
}

std::size_t EndOfWord(std::span<const FoldedCharacter> text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && text[end].gap == 0 && text[end].kind == text[at].kind) ++end;
  return end;
}

bool Equals(const FoldedCharacter* begin, const FoldedCharacter* end, std::string_view ascii) {
  return std::equal(begin, end, ascii.begin(), ascii.end(),
                    [](const FoldedCharacter& c, char other) {
                      return c.value == static_cast<char32_t>(static_cast<unsigned char>(other));
                    });
}

}  // namespace moniker::internal
