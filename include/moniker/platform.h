// What each platform calls the parts of a session identity, and what it accepts: data, not code.
//
// Sources and dates: docs/platforms.md.
// Thread safety: constants.

#ifndef MONIKER_PLATFORM_H_
#define MONIKER_PLATFORM_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "moniker/status.h"

namespace moniker {

struct Platform {
  enum class Part : std::uint8_t { kExternalId, kDisplayName, kAvatarUrl };
  enum class IdRendering : std::uint8_t {
    kExternalId,  // the 32 characters
    kUuid,        // for platforms that keep nothing but a UUID
    kNone,        // the platform makes the ID itself
  };
  enum class Unit : std::uint8_t { kBytes, kCharacters };
  // Where the text of SealMetadata (moniker/metadata.h) can go.
  enum class Metadata : std::uint8_t {
    kNone,          // nowhere
    kInExternalId,  // into the field of the ID, in place of the ID alone
    kOwnField,      // into metadata_field, whole, beside the ID
  };

  struct Field {
    std::string_view name = {};  // the platform's own spelling; empty: it has no such field
    std::size_t min = 0;
    std::size_t max = 0;  // 0: no limit is documented
    Unit unit = Unit::kBytes;
    // ASCII characters that it takes; empty: any.
    std::string_view allowed = {};
    // Texts that begin so are the platform's own.
    std::string_view forbidden_prefix = {};
  };

  std::string_view key;    // for --platform: "dolbyio-cpp"
  std::string_view title;  // for people
  std::string_view type;   // the type or call that takes the fields, as the platform spells it
  IdRendering id_rendering = IdRendering::kExternalId;
  Field id = {};
  Field name = {};
  Field avatar_url = {};
  // The order in which the platform's own constructor takes them.
  std::array<Part, 3> order = {Part::kExternalId, Part::kDisplayName, Part::kAvatarUrl};
  Metadata metadata = Metadata::kNone;
  std::string_view metadata_field = {};  // the platform's own spelling; for kOwnField alone
  std::string_view note = {};

  const Field& FieldOf(Part part) const {
    return part == Part::kExternalId ? id : part == Part::kDisplayName ? name : avatar_url;
  }
};

// All of them; the first has no limits and the project's own spelling (external_id, name,
// avatar_url).
std::span<const Platform> Platforms();

// Nullptr if there is no such platform.
const Platform* FindPlatform(std::string_view key);

// Whether a platform takes `text` in a field that it has. Errors: kInvalidArgument; the message
// names the part, not the text.
Status CheckField(const Platform& platform, Platform::Part part, std::string_view text);

// Whether a platform takes an external ID with its metadata where Platform::metadata says. Nothing
// is ever left out to make it fit. Errors: kInvalidArgument, if it has no place for metadata, or as
// CheckField for the external ID.
Status CheckMetadataFits(const Platform& platform, std::string_view external_id_text);

}  // namespace moniker

#endif  // MONIKER_PLATFORM_H_
