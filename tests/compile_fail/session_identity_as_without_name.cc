// A struct without a member for the display name would be sent without one.
#include <optional>
#include <string>
#include <string_view>

#include "moniker/session_identity.h"

struct Good {
  std::string external_id, name;
};
struct Bad {
  std::string external_id, full_name, avatar_url;
};

Good Fill(const moniker::SessionIdentity& identity) {
#ifdef MONIKER_BAD_LINE
  static_cast<void>(identity.As<Bad>());
#endif
  return identity.As<Good>();
}
