#include "c/people.h"

#include "base/status_macros.h"
#include "boundary/arguments.h"
#include "boundary/structs.h"

namespace moniker::internal {

Result<GivenPerson> GivenPerson::Read(const moniker_person* person) {
  MONIKER_ASSIGN_OR_RETURN(const moniker_person given, ReadStruct(person));
  GivenPerson read;
  MONIKER_ASSIGN_OR_RETURN(read.without_fields_.issuer, ReadText(given.issuer));
  MONIKER_ASSIGN_OR_RETURN(read.without_fields_.id, ReadText(given.id));
  MONIKER_ASSIGN_OR_RETURN(read.without_fields_.name, ReadText(given.name));
  MONIKER_ASSIGN_OR_RETURN(read.without_fields_.kind, ReadKind(given.kind));
  // Before they are read: a count that is too high may be one that was never set.
  if (given.field_count > kMaxFields) {
    return Status(StatusCode::kInvalidArgument, "fields: more than 64");
  }
  MONIKER_ASSIGN_OR_RETURN(const auto fields, ReadArray(given.fields, given.field_count));
  for (const moniker_field& field : fields) {
    FieldView view;
    MONIKER_ASSIGN_OR_RETURN(view.name, ReadText(field.name));
    MONIKER_ASSIGN_OR_RETURN(view.text, ReadText(field.text));
    read.fields_.push_back(view);
  }
  return read;
}

PersonView GivenPerson::view() const {
  PersonView view = without_fields_;
  view.fields = fields_;
  return view;
}

}  // namespace moniker::internal
