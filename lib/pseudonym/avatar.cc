#include "moniker/avatar.h"

#include <array>

namespace moniker {
namespace {

// The tables of docs/formats/pseudonym.md, section 9; the pictures are the same for ever.

// In coordinates of 48 by 48, mirrored at x = 24.
constexpr std::array<std::string_view, 8> kForms = {
    // disc
    "M24 5A19 19 0 0 1 24 43A19 19 0 0 1 24 5Z",
    // tile
    "M15 8L33 8Q40 8 40 15L40 33Q40 40 33 40L15 40Q8 40 8 33L8 15Q8 8 15 8Z",
    // diamond
    "M20 6Q24 2 28 6L42 20Q46 24 42 28L28 42Q24 46 20 42L6 28Q2 24 6 20Z",
    // clover
    "M24 10A10 10 0 0 1 38 24A10 10 0 0 1 24 38A10 10 0 0 1 10 24A10 10 0 0 1 24 10Z",
    // bowl
    "M7 12L41 12Q44 12 44 15C44 30 36 40 24 40C12 40 4 30 4 15Q4 12 7 12Z",
    // gable
    "M21 5Q24 2 27 5L39 19Q41 22 41 25L41 36Q41 40 37 40L11 40Q7 40 7 36L7 25"
    "Q7 22 9 19Z",
    // spool
    "M10 7L38 7Q42 7 40 11C34 20 34 28 40 37Q42 41 38 41L10 41Q6 41 8 37"
    "C14 28 14 20 8 11Q6 7 10 7Z",
    // hill
    "M24 8C36 8 44 20 44 35Q44 38 41 38L7 38Q4 38 4 35C4 20 12 8 24 8Z",
};

constexpr std::array<std::string_view, 8> kFigures = {
    // ring
    "M24 14A10 10 0 0 1 24 34A10 10 0 0 1 24 14ZM24 19A5 5 0 0 0 24 29"
    "A5 5 0 0 0 24 19Z",
    // lozenge
    "M24 14L34 24L24 34L14 24Z",
    // pillar
    "M23 13L25 13Q28 13 28 16L28 32Q28 35 25 35L23 35Q20 35 20 32L20 16Q20 13 23 13Z",
    // valley
    "M24 33L11 20L15 16L24 25L33 16L37 20Z",
    // stripes
    "M14 16L34 16L34 21L14 21ZM14 27L34 27L34 32L14 32Z",
    // sprout
    "M24 33Q24 16 37 16Q37 33 24 33Q11 33 11 16Q24 16 24 33Z",
    // dome
    "M13 31A11 11 0 0 1 35 31Z",
    // dots
    "M24 13A4 4 0 0 1 24 21A4 4 0 0 1 24 13ZM18 24A4 4 0 0 1 18 32A4 4 0 0 1 18 24Z"
    "M30 24A4 4 0 0 1 30 32A4 4 0 0 1 30 24Z",
};

struct Colours {
  std::string_view ground;
  std::string_view form;
  std::string_view figure;
};

// Four hues of each tone. Tones differ in lightness, so that they can be told apart without hue.
constexpr std::array<Colours, 16> kColours = {{
    {"dce8f5", "24568f", "f9d98c"},
    {"d6eee8", "12635c", "f8dea2"},
    {"f7e9cb", "7d4e12", "a9e0d3"},
    {"ece3f4", "5c3584", "f9cbb0"},
    {"17355e", "b8d5f3", "1f5290"},
    {"0e4240", "aee0d2", "12635c"},
    {"553410", "f3d49a", "84510f"},
    {"402460", "dcc7f0", "633491"},
    {"4f8acb", "ffffff", "1c4478"},
    {"2f9688", "ffffff", "0e4a46"},
    {"c98a2b", "ffffff", "5f3a0c"},
    {"9871c2", "ffffff", "472770"},
    {"84b3e3", "15325a", "ffffff"},
    {"6cc0ae", "0c3f3c", "ffffff"},
    {"e2b057", "50300c", "ffffff"},
    {"b594dc", "3c215c", "ffffff"},
}};

struct Drawing {
  std::string_view form;
  std::string_view figure;
  Colours colours;
};

Drawing DrawingOf(std::uint8_t index) {
  const std::size_t form = index / 32;
  const std::size_t figure = index / 4 % 8;
  const std::size_t tone = index % 4;
  const std::size_t hue = (form + form / 4 + figure + figure / 4) % 4;
  return {kForms[form], kFigures[figure], kColours[tone * 4 + hue]};
}

std::string Path(std::string_view colour, std::string_view path) {
  return "<path fill=\"#" + std::string(colour) + "\" d=\"" + std::string(path) + "\"/>";
}

// Of the characters of a picture these stand in a URL as they are (RFC 2397 urlchar, RFC 3986
// pchar and "/"); the double quote, "<", ">", "#" and the blank do not.
bool StandsInUrl(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '/' ||
         c == ':' || c == '=' || c == '.';
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";  // RFC 3986, section 2.1
  std::string encoded;
  for (const char c : text) {
    if (StandsInUrl(c)) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', kDigits[byte / 16], kDigits[byte % 16]};
    }
  }
  return encoded;
}

}  // namespace

std::string AvatarSvg(std::uint8_t index) {
  const Drawing drawing = DrawingOf(index);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"96\" height=\"96\" "
         "viewBox=\"0 0 48 48\"><rect width=\"48\" height=\"48\" fill=\"#" +
         std::string(drawing.colours.ground) + "\"/>" + Path(drawing.colours.form, drawing.form) +
         Path(drawing.colours.figure, drawing.figure) + "</svg>";
}

std::string AvatarDataUrl(std::uint8_t index) {
  return "data:image/svg+xml," + PercentEncode(AvatarSvg(index));
}

std::string AvatarUrl(std::string_view url_template, std::uint8_t index) {
  if (url_template == kInlineAvatar) return AvatarDataUrl(index);
  constexpr std::string_view kPlaceholder = "{avatar}";
  std::string url(url_template);
  if (const std::size_t at = url.find(kPlaceholder); at != std::string::npos) {
    url.replace(at, kPlaceholder.size(), std::to_string(index));
  }
  return url;
}

}  // namespace moniker
