// The version of this library.

#ifndef MONIKER_VERSION_H_
#define MONIKER_VERSION_H_

#define MONIKER_VERSION_MAJOR 0
#define MONIKER_VERSION_MINOR 1
#define MONIKER_VERSION_PATCH 0
#define MONIKER_VERSION "0.1.0"

namespace moniker {

// The persistent formats that this version writes (docs/formats).
inline constexpr int kPseudonymFormat = 1;
inline constexpr int kKeyringFormat = 1;
inline constexpr int kMappingStoreFormat = 2;
inline constexpr int kMetadataFormat = 1;

}  // namespace moniker

#endif  // MONIKER_VERSION_H_
