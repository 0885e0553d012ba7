// What else a person is known by lives in secret memory, once.
#include <utility>

#include "moniker/person.h"

moniker::Person::OtherIdentifier Take(moniker::Person& person) {
#ifdef MONIKER_BAD_LINE
  return person.other_identifiers.front();
#endif
  return std::move(person.other_identifiers.front());
}
