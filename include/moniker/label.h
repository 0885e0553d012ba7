// The label of a display name, in one of two styles: code ("RCG-V3F") or words ("Amber Heron 42").
// For people in a room, not a key: labels of different persons may be equal.
//
// Format: docs/formats/pseudonym.md, sections 5 and 8.
// Thread safety: values; distinct objects are independent.

#ifndef MONIKER_LABEL_H_
#define MONIKER_LABEL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "moniker/prf.h"
#include "moniker/result.h"

namespace moniker {

// persistent: never renumber
enum class LabelStyle : std::uint8_t {
  kCode = 1,   // 30 bits
  kWords = 2,  // two words and two digits: 22.6 bits
};

// "code" or "words".
std::string_view LabelStyleName(LabelStyle style);

// Nothing if no style has this name.
std::optional<LabelStyle> FindLabelStyle(std::string_view name);

// A number 0..Count(style) - 1 and its style. Always a valid one.
class Label {
 public:
  // Bytes of the longest text(). After the longest role and a blank, 64 bytes of display name.
  static constexpr std::size_t kMaxSize = 23;

  // REQUIRES: `digest` is D of the format, `style` one of the two. As a number: code, the first 30
  // bits of D[19..22]; words, (D[19] * 256 + D[20]) * 100 + the remainder of u16(D[21..22]) modulo
  // 100.
  static Label Of(const Digest& digest, LabelStyle style);

  // For what was stored. Nothing if `value` is not below Count(style), or `style` is none.
  static std::optional<Label> FromValue(LabelStyle style, std::uint32_t value);

  // Accepts only what text() makes, of either style; no two labels have the same text.
  // Errors: kInvalidArgument.
  static Result<Label> Parse(std::string_view text);

  // How many labels the style has: 2^30, and 256 * 256 * 100. None has what is no style.
  static std::uint32_t Count(LabelStyle style);

  // What to try next when a name is taken: the value plus one, modulo Count(style()). All labels of
  // a style come up before one does again.
  Label Next() const;

  LabelStyle style() const { return style_; }
  std::uint32_t value() const { return value_; }
  std::string text() const;  // ASCII
  // text() into the caller's memory; returns its size. What is behind it is unspecified.
  std::size_t WriteText(std::span<char, kMaxSize> text) const;

  friend bool operator==(const Label&, const Label&) = default;

 private:
  Label(LabelStyle style, std::uint32_t value) : style_(style), value_(value) {}

  LabelStyle style_;
  std::uint32_t value_;
};

}  // namespace moniker

#endif  // MONIKER_LABEL_H_
