// Who does something that the audit log tells of, and what for.
//
// Thread safety: a view; as that of the texts it points to.

#ifndef MONIKER_ACCESS_REASON_H_
#define MONIKER_ACCESS_REASON_H_

#include <string_view>

namespace moniker {

struct AccessReason {
  // At most 128 bytes of UTF-8 without control characters each; for resolving not empty.
  std::string_view actor = {};
  std::string_view purpose = {};
  // For resolving in an emergency: no budget is looked at, and the audit log tells of it.
  bool break_glass = false;
};

}  // namespace moniker

#endif  // MONIKER_ACCESS_REASON_H_
