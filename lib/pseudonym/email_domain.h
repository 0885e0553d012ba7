// The domain of an e-mail address in its ASCII form.
//
// Format: docs/formats/pseudonym.md, section 4, kind `email`.
// Thread safety: functions without state.

#ifndef MONIKER_LIB_PSEUDONYM_EMAIL_DOMAIN_H_
#define MONIKER_LIB_PSEUDONYM_EMAIL_DOMAIN_H_

#include <cstddef>
#include <string_view>

#include "base/bytes.h"
#include "moniker/status.h"

namespace moniker::internal {

// RFC 1035, sections 2.3.4 and 3.1, as text: 255 bytes less the lengths of the first label and of
// the root.
inline constexpr std::size_t kMaxDomainSize = 253;
inline constexpr std::size_t kMaxDomainLabelSize = 63;

// Appends the domain in lower case and ASCII, or on an error nothing. ASCII without an `xn--` label
// is judged here, everything else by libidn2.
// REQUIRES: UTF-8 without control characters; kMaxDomainSize bytes of room.
// Errors: kInvalidArgument, the locator a byte of `domain` (its first one where libidn2 finds the
// fault); kUnsupported if libidn2 is needed and not in this build; kExhausted.
Status AppendDomain(std::string_view domain, ByteWriter* writer);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_PSEUDONYM_EMAIL_DOMAIN_H_
