#include <utility>

#include "moniker/secret.h"

void Take(moniker::SecretText& from, moniker::SecretText& to) {
#ifdef MONIKER_BAD_LINE
  to = from;
#endif
  to = std::move(from);
}
