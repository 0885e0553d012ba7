// The picture of a pseudonym: one of 256, which all persons share.
//
// Format: docs/formats/pseudonym.md, section 9.
// Thread safety: functions without state.

#ifndef MONIKER_AVATAR_H_
#define MONIKER_AVATAR_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace moniker {

// The template for the picture itself in place of a link to it.
inline constexpr std::string_view kInlineAvatar = "data:";

// The picture as an SVG document, below 512 bytes; the same bytes for ever. ASCII without line
// feeds, no scripts, no references: fit for <img> and for any web server.
std::string AvatarSvg(std::uint8_t index);

// The same as a "data:" URL (RFC 2397), below 1,024 bytes; fit for JSON, CSS and HTML attributes as
// it is.
std::string AvatarDataUrl(std::uint8_t index);

// The URL that goes to a platform. Nothing but the index goes into it.
// REQUIRES: `url_template` is one of Vault::Options::avatar_url_template.
std::string AvatarUrl(std::string_view url_template, std::uint8_t index);

}  // namespace moniker

#endif  // MONIKER_AVATAR_H_
