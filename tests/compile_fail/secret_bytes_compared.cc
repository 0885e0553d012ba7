// Comparing goes through a function that takes the same time for all of them.
#include "moniker/secret.h"

bool Same(const moniker::SecretBytes& a, const moniker::SecretBytes& b) {
#ifdef MONIKER_BAD_LINE
  return a == b;
#endif
  return a.size() == b.size();
}
