// A person lives in secret memory, once.
#include <utility>

#include "moniker/person.h"

moniker::Person Take(moniker::Person& person) {
#ifdef MONIKER_BAD_LINE
  return person;
#endif
  return std::move(person);
}
