#include <utility>

#include "moniker/secret.h"

moniker::SecretBytes Take(moniker::SecretBytes& secret) {
#ifdef MONIKER_BAD_LINE
  return secret;
#endif
  return std::move(secret);
}
