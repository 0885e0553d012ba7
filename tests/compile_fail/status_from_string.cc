// A message made at run time may hold a name.
#include <string>

#include "moniker/status.h"

moniker::Status Fail(const std::string& name) {
#ifdef MONIKER_BAD_LINE
  return moniker::Status(moniker::StatusCode::kNotFound, "not found: " + name);
#endif
  static_cast<void>(name);
  return moniker::Status(moniker::StatusCode::kNotFound, "not found");
}
