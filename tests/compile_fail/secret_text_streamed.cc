#include <ostream>

#include "moniker/secret.h"

void Print(std::ostream& out, const moniker::SecretText& secret) {
#ifdef MONIKER_BAD_LINE
  out << secret;
#endif
  out << secret.size();
}
