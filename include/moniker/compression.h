// How a file is compressed.
//
// Thread safety: functions without state.

#ifndef MONIKER_COMPRESSION_H_
#define MONIKER_COMPRESSION_H_

#include <cstdint>
#include <string_view>

namespace moniker {

enum class Compression : std::uint8_t { kNone, kGzip, kZstd };

// By the ending of its name: ".gz" and ".zst", else kNone.
Compression CompressionOfName(std::string_view name);

// The name without that ending.
std::string_view WithoutCompressionEnding(std::string_view name);

// By its first bytes; four are enough.
Compression CompressionOfText(std::string_view text);

}  // namespace moniker

#endif  // MONIKER_COMPRESSION_H_
