// A copy and a check at once, for the usual identifier and text: printable ASCII.
//
// Thread safety: a function without state.

#ifndef MONIKER_LIB_BASE_PRINTABLE_ASCII_H_
#define MONIKER_LIB_BASE_PRINTABLE_ASCII_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace moniker::internal {

// GCC's and Clang's vectors of 16 bytes, which every processor of 64 bits has.
using SixteenBytes = signed char __attribute__((vector_size(16)));
using TwoWords = std::uint64_t __attribute__((vector_size(16)));

// Copies `text` to `out`; returns whether it is U+0020..007E only. If it is not, what was written
// is to be ignored. REQUIRES: room for text.size() bytes.
inline bool CopyPrintableAscii(std::string_view text, std::uint8_t* out) {
  SixteenBytes faults{};
  // Bytes from 0x80 are negative.
  const auto check = [&faults](SixteenBytes bytes) {
    faults |= (SixteenBytes)((bytes < 0x20) | (bytes == 0x7F));
  };
  const auto copy = [&check, text, out](std::size_t at) {
    SixteenBytes bytes;
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    check(bytes);
    std::memcpy(out + at, &bytes, sizeof bytes);
  };
  const std::size_t size = text.size();
  if (size >= 16) {
    for (std::size_t at = 0; at + 16 < size; at += 16) copy(at);
    copy(size - 16);  // some of it a second time, here and below
  } else if (size >= 8) {
    TwoWords words;
    std::memcpy(&words, text.data(), 8);
    std::memcpy(reinterpret_cast<char*>(&words) + 8, text.data() + size - 8, 8);
    check((SixteenBytes)words);
    std::memcpy(out, &words, 8);
    std::memcpy(out + size - 8, reinterpret_cast<const char*>(&words) + 8, 8);
  } else {
    for (std::size_t at = 0; at < size; ++at) {
      const auto byte = static_cast<signed char>(text[at]);
      faults[at] = byte < 0x20 || byte == 0x7F;
      out[at] = static_cast<std::uint8_t>(byte);
    }
  }
  const auto words = (TwoWords)faults;
  return (words[0] | words[1]) == 0;
}

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BASE_PRINTABLE_ASCII_H_
