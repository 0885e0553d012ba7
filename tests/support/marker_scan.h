// Looks for a text in bytes, as it is and in the encodings that it might hide in.

#ifndef MONIKER_TESTS_SUPPORT_MARKER_SCAN_H_
#define MONIKER_TESTS_SUPPORT_MARKER_SCAN_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace moniker::testing {

inline std::string Base64(std::string_view bytes) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<std::uint8_t>(c);
    for (count += 8; count >= 6; count -= 6) text += kAlphabet[bits >> (count - 6) & 63];
  }
  if (count > 0) text += kAlphabet[bits << (6 - count) & 63];
  return text;
}

// The forms of `marker`, of ASCII and some 12 bytes or more, by name.
inline std::vector<std::pair<std::string, std::string>> FormsOf(std::string_view marker) {
  std::string lower_hex;
  std::string upper_hex;
  std::string utf16_le;
  std::string utf16_be;
  for (const char c : marker) {
    const auto byte = static_cast<std::uint8_t>(c);
    lower_hex += {"0123456789abcdef"[byte / 16], "0123456789abcdef"[byte % 16]};
    upper_hex += {"0123456789ABCDEF"[byte / 16], "0123456789ABCDEF"[byte % 16]};
    utf16_le += {c, '\0'};
    utf16_be += {'\0', c};
  }
  std::vector<std::pair<std::string, std::string>> forms = {
      {"raw", std::string(marker)}, {"hex", lower_hex},     {"upper-case hex", upper_hex},
      {"UTF-16LE", utf16_le},       {"UTF-16BE", utf16_be},
  };
  // Base64 depends on where in its group of three the text begins; the characters that share bits
  // with a neighbour are left out.
  for (std::size_t offset = 0; offset < 3; ++offset) {
    const std::string encoded = Base64(std::string(offset, 'x') + std::string(marker));
    const std::size_t first = offset == 0 ? 0 : offset + 1;
    forms.emplace_back("base64 at " + std::to_string(offset),
                       encoded.substr(first, encoded.size() - first - 1));
  }
  return forms;
}

// Names of the forms of `marker` that occur in `bytes`.
inline std::vector<std::string> FindMarker(std::string_view bytes, std::string_view marker) {
  std::vector<std::string> found;
  for (const auto& [name, form] : FormsOf(marker)) {
    if (bytes.find(form) != std::string_view::npos) found.push_back(name);
  }
  return found;
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_SUPPORT_MARKER_SCAN_H_
