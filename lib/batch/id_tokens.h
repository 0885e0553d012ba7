// Which texts may be IDs, by their shape alone.
//
// Thread safety: functions without state.

#ifndef MONIKER_LIB_BATCH_ID_TOKENS_H_
#define MONIKER_LIB_BATCH_ID_TOKENS_H_

#include <cstddef>
#include <optional>
#include <string_view>

namespace moniker::internal {

// The text as a whole may be an ID of any platform: 1..256 bytes without ASCII white space or
// control characters, or an external ID with metadata (docs/formats/metadata.md, section 1).
bool MayBeId(std::string_view text);

struct IdToken {
  std::size_t begin;
  std::size_t end;
  bool is_external;  // an external ID of Moniker; else a UUID
};

// The first token at `from` or later that is shaped as an external ID (`m` and 31 characters of
// 0123456789abcdefghjkmnpqrstvwxyz) or as a UUID (8-4-4-4-12 hexadecimal digits of either case),
// and has no ASCII letter or digit on either side. Metadata behind an external ID
// (docs/formats/metadata.md, section 6) belongs to its token; any other full stop ends it.
// REQUIRES: `from` is 0 or the end of an earlier token, so that a scan through `text` is linear.
std::optional<IdToken> FindIdToken(std::string_view text, std::size_t from);

// `text` ends with `label`, and no ASCII letter or digit stands before it. False for no label.
bool EndsWithLabel(std::string_view text, std::string_view label);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_ID_TOKENS_H_
