#include "session/encoded_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/utf8.h"

namespace moniker::internal {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsAsciiLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsAsciiDigit(char c) { return c >= '0' && c <= '9'; }

void AppendCodePoint(char32_t c, WipedText* out) {
  const auto byte = [out](char32_t value) { out->push_back(static_cast<char>(value)); };
  if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) c = 0xFFFD;
  if (c < 0x80) return byte(c);
  if (c < 0x800) {
    byte(0xC0 | c >> 6);
  } else {
    if (c < 0x10000) {
      byte(0xE0 | c >> 12);
    } else {
      byte(0xF0 | c >> 18);
      byte(0x80 | (c >> 12 & 0x3F));
    }
    byte(0x80 | (c >> 6 & 0x3F));
  }
  byte(0x80 | (c & 0x3F));
}

// ---- Escapes

// What one escape stands for: a code point, a byte of a text that is not decoded yet, or nothing.
struct Escape {
  std::size_t size = 0;  // of the escape itself; 0 for none
  char32_t value = 0;
  bool is_byte = false;
  bool is_nothing = false;
  char32_t mark = 0;  // a combining mark after `value`; 0 for none
};

struct Number {
  std::size_t digits = 0;
  char32_t value = 0;  // 0xFFFFFFFF at most
};

// At most `max_digits` hexadecimal digits at the front.
Number ReadHex(std::string_view text, std::size_t max_digits) {
  Number number;
  while (number.digits < std::min(max_digits, text.size()) && HexValue(text[number.digits]) >= 0) {
    const int digit = HexValue(text[number.digits++]);
    number.value = (number.value << 4) | static_cast<char32_t>(digit);
  }
  return number;
}

Number ReadDecimal(std::string_view text) {
  Number number;
  while (number.digits < std::min<std::size_t>(8, text.size()) &&
         IsAsciiDigit(text[number.digits])) {
    number.value = number.value * 10 + static_cast<char32_t>(text[number.digits++] - '0');
  }
  return number;
}

// `prefix_size` characters, then exactly `digits` hexadecimal ones.
Escape HexEscape(std::string_view text, std::size_t prefix_size, std::size_t digits) {
  if (text.size() < prefix_size) return {};
  const Number number = ReadHex(text.substr(prefix_size), digits);
  if (number.digits != digits) return {};
  return {.size = prefix_size + digits, .value = number.value, .is_byte = digits == 2};
}

// Two escapes of surrogates are one code point (RFC 8259, section 7).
Escape Utf16Escape(std::string_view text) {
  const Escape first = HexEscape(text, 2, 4);
  if (first.value < 0xD800 || first.value >= 0xDC00) return first;
  const std::string_view rest = text.substr(first.size);
  if (!rest.starts_with(text.substr(0, 2))) return first;
  const Escape second = HexEscape(rest, 2, 4);
  if (second.value < 0xDC00 || second.value >= 0xE000) return first;
  return {.size = first.size + second.size,
          .value = 0x10000 + ((first.value - 0xD800) << 10) + (second.value - 0xDC00)};
}

Escape PercentEscape(std::string_view text) {
  return text.starts_with("%u") ? Utf16Escape(text) : HexEscape(text, 1, 2);
}

Escape BackslashEscape(std::string_view text) {
  if (text.starts_with("\\u{")) {
    const Number number = ReadHex(text.substr(3), 6);
    if (number.digits == 0 || !text.substr(3 + number.digits).starts_with("}")) return {};
    return {.size = number.digits + 4, .value = number.value};
  }
  if (text.starts_with("\\u")) return Utf16Escape(text);
  if (text.starts_with("\\x")) return HexEscape(text, 2, 2);
  constexpr std::string_view kNames = "bfnrt\"\\/";
  constexpr std::string_view kValues = "\b\f\n\r\t\"\\/";
  const std::size_t which = text.size() < 2 ? kNames.npos : kNames.find(text[1]);
  if (which == kNames.npos) return {};
  return {.size = 2, .value = static_cast<char32_t>(kValues[which])};
}

// RFC 2045, section 6.7.
Escape QuotedPrintableEscape(std::string_view text) {
  if (text.starts_with("=\n")) return {.size = 2, .is_nothing = true};
  if (text.starts_with("=\r\n")) return {.size = 3, .is_nothing = true};
  return HexEscape(text, 1, 2);
}

// Named character references (HTML, section 13.5): of Latin letters, of Greek ones and of what
// stands between words. The accented ones are a letter and the name of its accent.
struct NamedCharacter {
  std::string_view name;
  char32_t value;
};
constexpr NamedCharacter kCharacters[] = {
    {"amp", U'&'},      {"lt", U'<'},      {"gt", U'>'},      {"quot", U'"'},
    {"apos", U'\''},    {"AMP", U'&'},     {"LT", U'<'},      {"GT", U'>'},
    {"QUOT", U'"'},     {"nbsp", 0xA0},    {"shy", 0xAD},     {"zwj", 0x200D},
    {"zwnj", 0x200C},   {"ensp", 0x2002},  {"emsp", 0x2003},  {"thinsp", 0x2009},
    {"hyphen", 0x2010}, {"dash", 0x2010},  {"ndash", 0x2013}, {"mdash", 0x2014},
    {"lsquo", 0x2018},  {"rsquo", 0x2019}, {"Tab", U'\t'},    {"NewLine", U'\n'},
    {"period", U'.'},   {"comma", U','},   {"colon", U':'},   {"semi", U';'},
    {"plus", U'+'},     {"lowbar", U'_'},  {"sol", U'/'},     {"num", U'#'},
    {"percnt", U'%'},   {"equals", U'='},  {"commat", U'@'},  {"lpar", U'('},
    {"rpar", U')'},     {"bsol", U'\\'},   {"AElig", 0xC6},   {"aelig", 0xE6},
    {"ETH", 0xD0},      {"eth", 0xF0},     {"THORN", 0xDE},   {"thorn", 0xFE},
    {"Oslash", 0xD8},   {"oslash", 0xF8},  {"szlig", 0xDF},   {"OElig", 0x152},
    {"oelig", 0x153},   {"Dstrok", 0x110}, {"dstrok", 0x111}, {"Hstrok", 0x126},
    {"hstrok", 0x127},  {"Lstrok", 0x141}, {"lstrok", 0x142}, {"Tstrok", 0x166},
    {"tstrok", 0x167},  {"ENG", 0x14A},    {"eng", 0x14B},    {"imath", 0x131},
    {"inodot", 0x131},  {"IJlig", 0x132},  {"ijlig", 0x133},  {"ZeroWidthSpace", 0x200B},
};
constexpr NamedCharacter kAccents[] = {
    {"grave", 0x300}, {"acute", 0x301}, {"circ", 0x302}, {"tilde", 0x303}, {"macr", 0x304},
    {"breve", 0x306}, {"dot", 0x307},   {"uml", 0x308},  {"ring", 0x30A},  {"dblac", 0x30B},
    {"caron", 0x30C}, {"cedil", 0x327}, {"ogon", 0x328},
};
// U+03B1 and following, which is also the order of the capitals from U+0391.
constexpr std::string_view kGreek[] = {
    "alpha", "beta",   "gamma",   "delta", "epsilon", "zeta",    "eta",  "theta", "iota",
    "kappa", "lambda", "mu",      "nu",    "xi",      "omicron", "pi",   "rho",   "sigmaf",
    "sigma", "tau",    "upsilon", "phi",   "chi",     "psi",     "omega"};

Escape NamedCharacterOf(std::string_view name) {
  for (const auto& [known, value] : kCharacters) {
    if (name == known) return {.size = name.size(), .value = value};
  }
  for (const auto& [accent, mark] : kAccents) {
    if (name.size() == accent.size() + 1 && name.ends_with(accent)) {
      return {.size = name.size(), .value = static_cast<char32_t>(name[0]), .mark = mark};
    }
  }
  const bool capital = name[0] >= 'A' && name[0] <= 'Z';
  for (std::size_t i = 0; i < std::size(kGreek); ++i) {
    const char first = static_cast<char>(kGreek[i][0] - (capital ? 'a' - 'A' : 0));
    if (name[0] != first || name.substr(1) != kGreek[i].substr(1)) continue;
    return {.size = name.size(), .value = (capital ? 0x391u : 0x3B1u) + static_cast<char32_t>(i)};
  }
  return {};
}

// The semicolon may be missing, as browsers have it for numbers and for the names of Latin-1: then
// the longest name counts, which is at most "&Aacute".
Escape NamedEscape(std::string_view text) {
  constexpr std::size_t kLongestName = 14;
  constexpr std::size_t kLongestOpenName = 6;
  std::size_t size = 1;
  while (size < std::min(text.size(), kLongestName + 1) && IsAsciiLetter(text[size])) ++size;
  if (size == 1) return {};
  const bool closed = size < text.size() && text[size] == ';';
  if (closed) {
    Escape escape = NamedCharacterOf(text.substr(1, size - 1));
    if (escape.size > 0) escape.size += 2;
    return escape;
  }
  for (size = std::min(size, kLongestOpenName + 1); size > 2; --size) {
    Escape escape = NamedCharacterOf(text.substr(1, size - 1));
    if (escape.size == 0) continue;
    ++escape.size;
    return escape;
  }
  return {};
}

Escape EntityEscape(std::string_view text) {
  if (!text.starts_with("&#")) return NamedEscape(text);
  const bool hex = text.size() > 2 && (text[2] == 'x' || text[2] == 'X');
  std::size_t size = hex ? 3 : 2;
  // Leading zeros are no digits that count.
  while (size + 1 < text.size() && text[size] == '0' && HexValue(text[size + 1]) >= 0) ++size;
  const Number number = hex ? ReadHex(text.substr(size), 6) : ReadDecimal(text.substr(size));
  if (number.digits == 0) return {};
  size += number.digits;
  if (size < text.size() && text[size] == ';') ++size;
  return {.size = size, .value = number.value};
}

Escape ReadEscape(std::string_view text, Escapes escapes) {
  switch (text[0]) {
    case '%': return PercentEscape(text);
    case '&': return EntityEscape(text);
    case '\\': return BackslashEscape(text);
    case '=': return escapes == Escapes::kAll ? QuotedPrintableEscape(text) : Escape{};
    default: return {};
  }
}

// The letters of Windows-1252 at 0x80..9F (WHATWG Encoding, index-windows-1252); 0 for the others.
char32_t Windows1252Letter(std::uint8_t byte) {
  switch (byte) {
    case 0x8A: return 0x160;
    case 0x8C: return 0x152;
    case 0x8E: return 0x17D;
    case 0x9A: return 0x161;
    case 0x9C: return 0x153;
    case 0x9E: return 0x17E;
    case 0x9F: return 0x178;
    default: return 0;
  }
}

WipedText ToUtf8(const WipedText& bytes) {
  WipedText text;
  text.reserve(bytes.size());
  for (std::string_view rest = ViewOf(bytes); !rest.empty();) {
    if (const std::optional<CodePoint> next = FirstCodePoint(rest)) {
      Append(rest.substr(0, next->size), &text);
      rest.remove_prefix(next->size);
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(rest[0]);
    const char32_t letter = byte >= 0xA0 ? byte : Windows1252Letter(byte);
    if (letter == 0) {
      text.push_back('?');
    } else {
      AppendCodePoint(letter, &text);
    }
    rest.remove_prefix(1);
  }
  return text;
}

// ---- Tokens

constexpr std::size_t kShortestBase64 = 7;
constexpr std::size_t kShortestHex = 12;
constexpr std::size_t kShortestRun = 5;
constexpr std::string_view kBetweenRuns = "\n\n\n\n";

int Base64Value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (IsAsciiDigit(c)) return c - '0' + 52;
  if (c == '+' || c == '-') return 62;  // RFC 4648, sections 4 and 5
  if (c == '/' || c == '_') return 63;
  return -1;
}

bool IsLineBreak(char c) { return c == '\n' || c == '\r'; }

// Both alphabets: values of `bits` bits each, from `values[skip]` on.
WipedText Unpack(const WipedVector<std::uint8_t>& values, std::size_t skip, int bits) {
  WipedText bytes;
  bytes.reserve(values.size());
  std::uint32_t buffer = 0;
  int filled = 0;
  for (std::size_t i = skip; i < values.size(); ++i) {
    buffer = (buffer << bits) | values[i];
    filled += bits;
    if (filled < 8) continue;
    filled -= 8;
    bytes.push_back(static_cast<char>(buffer >> filled & 0xFF));
  }
  return bytes;
}

void AppendRun(std::string_view run, WipedText* out) {
  if (run.size() < kShortestRun) return;
  Append(run, out);
  Append(kBetweenRuns, out);
}

void AppendRuns(std::string_view bytes, WipedText* out) {
  std::size_t begin = 0, at = 0;
  while (at < bytes.size()) {
    const std::optional<CodePoint> next = FirstCodePoint(bytes.substr(at));
    const bool is_text = next && (!IsControl(next->value) || IsWhiteSpace(next->value));
    if (!is_text) AppendRun(bytes.substr(begin, at - begin), out);
    at += is_text ? next->size : 1;
    if (!is_text) begin = at;
  }
  AppendRun(bytes.substr(begin), out);
}

// Not UTF-8; mostly ASCII letters and otherwise letters of Latin-1: random bytes are not.
bool IsLatin1(std::string_view bytes) {
  if (IsUtf8(bytes)) return false;
  std::size_t letters = 0;
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    letters += IsAsciiLetter(c);
    const bool is_text = (byte >= 0x20 && byte < 0x7F) ||
                         (byte >= 0xC0 && byte != 0xD7 && byte != 0xF7) || IsLineBreak(c);
    if (!is_text) return false;
  }
  return bytes.size() >= kShortestRun && letters * 2 >= bytes.size();
}

void AppendDecoded(const WipedVector<std::uint8_t>& values, int bits, std::size_t alignments,
                   WipedText* out) {
  for (std::size_t skip = 0; skip < alignments; ++skip) {
    const WipedText bytes = Unpack(values, skip, bits);
    AppendRuns(ViewOf(bytes), out);
    if (skip == 0 && IsLatin1(ViewOf(bytes))) AppendRun(ViewOf(ToUtf8(bytes)), out);
  }
}

// Calls `take` with the values of each token of at least `shortest` characters of an alphabet.
template <typename ValueOf, typename Take>
void ForEachToken(std::string_view text, std::size_t shortest, ValueOf value_of, Take take) {
  WipedVector<std::uint8_t> values;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const int value = i < text.size() ? value_of(text[i]) : -1;
    if (value >= 0) {
      values.push_back(static_cast<std::uint8_t>(value));
    } else if (i == text.size() || !IsLineBreak(text[i])) {
      if (values.size() >= shortest) take(values);
      values.clear();
    }
  }
}

}  // namespace

WipedText DecodeEscapes(std::string_view text, Escapes escapes) {
  WipedText bytes;
  bytes.reserve(text.size());
  while (!text.empty()) {
    const Escape escape = ReadEscape(text, escapes);
    if (escape.size == 0) {
      bytes.push_back(text[0]);
    } else if (escape.is_byte) {
      bytes.push_back(static_cast<char>(escape.value));
    } else if (!escape.is_nothing) {
      AppendCodePoint(escape.value, &bytes);
      if (escape.mark != 0) AppendCodePoint(escape.mark, &bytes);
    }
    text.remove_prefix(std::max<std::size_t>(1, escape.size));
  }
  return ToUtf8(bytes);
}

WipedText DecodeTokens(std::string_view text) {
  WipedText decoded;
  ForEachToken(text, kShortestBase64, Base64Value, [&](const WipedVector<std::uint8_t>& values) {
    AppendDecoded(values, 6, 4, &decoded);
  });
  ForEachToken(text, kShortestHex, HexValue, [&](const WipedVector<std::uint8_t>& values) {
    AppendDecoded(values, 4, 2, &decoded);
  });
  return decoded;
}

}  // namespace moniker::internal
