// What cannot be assigned to is not filled.
#include <optional>
#include <string>
#include <string_view>

#include "moniker/session_identity.h"

struct Good {
  std::string external_id, name;
};
struct Bad {
  const std::string external_id, name;
};

Good Fill(const moniker::SessionIdentity& identity) {
#ifdef MONIKER_BAD_LINE
  static_cast<void>(identity.As<Bad>());
#endif
  return identity.As<Good>();
}
