// Neither may what a pointer of run time points to.
#include "moniker/status.h"

moniker::Status Fail(const char* name) {
#ifdef MONIKER_BAD_LINE
  return moniker::Status(moniker::StatusCode::kNotFound, name);
#endif
  static_cast<void>(name);
  return moniker::Status(moniker::StatusCode::kNotFound, "not found");
}
