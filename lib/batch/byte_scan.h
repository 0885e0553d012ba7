// Finds single characters in large texts, many bytes at a time where the processor can.
//
// Thread safety: functions without state.

#ifndef MONIKER_LIB_BATCH_BYTE_SCAN_H_
#define MONIKER_LIB_BATCH_BYTE_SCAN_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace moniker::internal {

// Up to four characters; what is not needed repeats another.
using ByteSet = std::array<char, 4>;

// The places of all characters of the set, ascending. REQUIRES: `text` is smaller than 4 GiB.
void FindBytes(std::string_view text, const ByteSet& set, std::vector<std::uint32_t>* places);

// Where the first character at `from` or later is that ends a run of plain ones in a JSON string: a
// quote, a backslash or a control character; text.size() if there is none.
std::size_t FindEndOfPlainJson(std::string_view text, std::size_t from);

bool HasByteOf(std::string_view text, const ByteSet& set);

std::size_t CountBytes(std::string_view text, char c);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_BYTE_SCAN_H_
