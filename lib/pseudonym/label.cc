#include "moniker/label.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "pseudonym/rendering.h"
#include "pseudonym/words.h"

namespace moniker {
namespace {

using internal::Base32Value;
using internal::kAdjectives;
using internal::kNouns;

constexpr std::uint32_t kCodes = 1u << 30;
constexpr std::uint32_t kNumbers = 100;
constexpr std::uint32_t kPhrases = 256 * 256 * kNumbers;

constexpr std::size_t kCodeSize = 7;
constexpr std::size_t kHyphenAt = 3;

char Digit(std::uint32_t value) { return static_cast<char>('0' + value); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::size_t WriteWords(std::uint32_t value, std::span<char, Label::kMaxSize> text) {
  const std::uint32_t number = value % kNumbers;
  const std::uint32_t words = value / kNumbers;
  std::size_t size = 0;
  for (const std::string_view word : {kAdjectives[words / 256], kNouns[words % 256]}) {
    size += word.copy(text.data() + size, word.size());
    text[size++] = ' ';
  }
  text[size++] = Digit(number / 10);
  text[size++] = Digit(number % 10);
  return size;
}

// The value 0..31 of a character of a code, -1 of any other.
int CodeCharacterValue(char c) {
  if (c >= 'A' && c <= 'Z') return Base32Value(static_cast<char>(c - 'A' + 'a'));
  return IsDigit(c) ? Base32Value(c) : -1;
}

// REQUIRES: kCodeSize characters.
std::optional<std::uint32_t> CodeValue(std::string_view text) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < kCodeSize; ++i) {
    if (i == kHyphenAt) continue;
    const int character = CodeCharacterValue(text[i]);
    if (character < 0) return std::nullopt;
    value = value << 5 | static_cast<std::uint32_t>(character);
  }
  return value;
}

std::optional<std::uint32_t> IndexOf(std::string_view word,
                                     const std::array<std::string_view, 256>& words) {
  const auto found = std::ranges::lower_bound(words, word);
  if (found == words.end() || *found != word) return std::nullopt;
  return static_cast<std::uint32_t>(found - words.begin());
}

std::optional<std::uint32_t> WordsValue(std::string_view text) {
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  // Behind the first blank: a noun, a blank, two digits.
  const std::string_view rest = text.substr(blank + 1);
  if (rest.size() < 3) return std::nullopt;
  const std::string_view number = rest.substr(rest.size() - 3);
  if (number[0] != ' ' || !IsDigit(number[1]) || !IsDigit(number[2])) return std::nullopt;
  const auto adjective = IndexOf(text.substr(0, blank), kAdjectives);
  const auto noun = IndexOf(rest.substr(0, rest.size() - 3), kNouns);
  if (!adjective || !noun) return std::nullopt;
  const auto digits = static_cast<std::uint32_t>((number[1] - '0') * 10 + (number[2] - '0'));
  return (*adjective * 256 + *noun) * kNumbers + digits;
}

}  // namespace

std::string_view LabelStyleName(LabelStyle style) {
  return style == LabelStyle::kCode ? "code" : "words";
}

std::optional<LabelStyle> FindLabelStyle(std::string_view name) {
  for (const LabelStyle style : {LabelStyle::kCode, LabelStyle::kWords}) {
    if (LabelStyleName(style) == name) return style;
  }
  return std::nullopt;
}

Label Label::Of(const Digest& digest, LabelStyle style) {
  const std::uint32_t high = static_cast<std::uint32_t>(digest[19]) << 8 | digest[20];
  const std::uint32_t low = static_cast<std::uint32_t>(digest[21]) << 8 | digest[22];
  return Label(style, style == LabelStyle::kCode ? (high << 16 | low) >> 2
                                                 : high * kNumbers + low % kNumbers);
}

std::optional<Label> Label::FromValue(LabelStyle style, std::uint32_t value) {
  if (value >= Count(style)) return std::nullopt;
  return Label(style, value);
}

Result<Label> Label::Parse(std::string_view text) {
  // The shortest label of words has more characters than a code.
  const bool is_code = text.size() == kCodeSize && text[kHyphenAt] == '-';
  const std::optional<std::uint32_t> value = is_code ? CodeValue(text) : WordsValue(text);
  if (!value) {
    return Status(StatusCode::kInvalidArgument, "label: neither a code nor words of the lists");
  }
  return Label(is_code ? LabelStyle::kCode : LabelStyle::kWords, *value);
}

std::uint32_t Label::Count(LabelStyle style) {
  if (style == LabelStyle::kCode) return kCodes;
  return style == LabelStyle::kWords ? kPhrases : 0;
}

Label Label::Next() const { return Label(style_, (value_ + 1) % Count(style_)); }

std::string Label::text() const {
  std::array<char, kMaxSize> text;
  return std::string(text.data(), WriteText(text));
}

std::size_t Label::WriteText(std::span<char, kMaxSize> text) const {
  if (style_ == LabelStyle::kWords) return WriteWords(value_, text);
  internal::RenderCode(value_, text.first<kCodeSize>());
  return kCodeSize;
}

}  // namespace moniker
