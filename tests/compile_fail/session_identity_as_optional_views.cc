// A view in an optional would outlive the text that it points to as well.
#include <optional>
#include <string>
#include <string_view>

#include "moniker/session_identity.h"

struct Good {
  std::string external_id, name;
};
struct Bad {
  std::optional<std::string_view> external_id, name;
};

Good Fill(const moniker::SessionIdentity& identity) {
#ifdef MONIKER_BAD_LINE
  static_cast<void>(identity.As<Bad>());
#endif
  return identity.As<Good>();
}
