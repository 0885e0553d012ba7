// A display name is made of a label, so that no name can be shown in its place.
#include <string>

#include "moniker/identity_gate.h"

moniker::Result<std::string> Show(const moniker::PersonView& person, const moniker::Label& label) {
#ifdef MONIKER_BAD_LINE
  return moniker::IdentityGate::DisplayName("Patient", person, std::string("Maria"));
#endif
  return moniker::IdentityGate::DisplayName("Patient", person, label);
}
