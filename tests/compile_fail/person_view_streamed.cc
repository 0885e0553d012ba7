// There is no way to print a person.
#include <ostream>

#include "moniker/person.h"

void Print(std::ostream& out, const moniker::PersonView& person) {
#ifdef MONIKER_BAD_LINE
  out << person;
#endif
  out << person.issuer;
}
