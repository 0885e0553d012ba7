// An answer holds a person, who lives in secret memory, once.
#include <utility>

#include "moniker/resolver.h"

moniker::Resolved Take(moniker::Resolved& resolved) {
#ifdef MONIKER_BAD_LINE
  return resolved;
#endif
  return std::move(resolved);
}
