// Persons are not compared: it would take a time that depends on them.
#include "moniker/person.h"

bool Same(const moniker::Person& a, const moniker::Person& b) {
#ifdef MONIKER_BAD_LINE
  return a == b;
#endif
  return &a == &b;
}
