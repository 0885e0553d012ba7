// Who does something that the audit log tells of, and what for.
//
// Thread safety: a view; as that of the texts it points to.

#ifndef MONIKER_ACCESS_REASON_H_
#define MONIKER_ACCESS_REASON_H_

#include <string_view>

namespace moniker {

// At most 128 bytes of UTF-8 without control characters each; for resolving not empty.
struct AccessReason {
  std::string_view actor = {};
  std::string_view purpose = {};
};

}  // namespace moniker

#endif  // MONIKER_ACCESS_REASON_H_
