// What records say of persons and their identifiers.

#ifndef MONIKER_TOOLS_MONIKER_PERSON_RECORD_H_
#define MONIKER_TOOLS_MONIKER_PERSON_RECORD_H_

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "moniker/identifier.h"
#include "moniker/person.h"
#include "records.h"

namespace moniker::tool {

// The kind of identifier that `member` names; nothing if it is not there. Throws Failure.
std::optional<IdentifierKind> KindIn(const Record& record, std::string_view member);

// A person of a record, and the views that it is handed on with. Not moved once filled.
struct PersonRecord {
  std::vector<FieldView> fields;
  PersonView person;
  std::string_view role;
};

// Every member that is not the platform's or the program's becomes a field of the person, but for
// those `also_not_of_the_person`. Throws Failure.
PersonRecord ReadPerson(const Record& record, std::string_view default_role,
                        std::span<const std::string_view> also_not_of_the_person = {});

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_PERSON_RECORD_H_
