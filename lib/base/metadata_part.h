// The shape of what may stand behind an external ID and a full stop. Needs no key, and so says
// nothing of whether it opens.
//
// Format: docs/formats/metadata.md, sections 1 and 6.
// Thread safety: functions without state.

#ifndef MONIKER_LIB_BASE_METADATA_PART_H_
#define MONIKER_LIB_BASE_METADATA_PART_H_

#include <cstddef>
#include <string_view>

namespace moniker::internal {

// Of sealed metadata: the header, the iv, and the step to which the payload is padded.
inline constexpr std::size_t kMetadataHeaderSize = 5;
inline constexpr std::size_t kMetadataIvSize = 24;
inline constexpr std::size_t kMetadataStep = 64;

// Whether `text` (without the ID and the full stop) is base64url of 29 + 64 k bytes, k >= 1, and
// with both has at most 4,096 bytes.
bool IsMetadataPart(std::string_view text);

// The size of the longest such part with which `text` begins and behind which no ASCII letter or
// digit stands; 0 if there is none. Looks at 4,096 bytes at most, and at none behind the first that
// is not of base64url.
std::size_t MetadataPartSize(std::string_view text);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BASE_METADATA_PART_H_
