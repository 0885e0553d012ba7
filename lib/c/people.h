// Persons of C callers.

#ifndef MONIKER_LIB_C_PEOPLE_H_
#define MONIKER_LIB_C_PEOPLE_H_

#include <vector>

#include "moniker/c.h"
#include "moniker/person.h"
#include "moniker/result.h"

namespace moniker::internal {

// The caller's texts, and the list of fields that a view of them points to.
class GivenPerson {
 public:
  // Errors: kInvalidArgument, kUnsupported.
  static Result<GivenPerson> Read(const moniker_person* person);

  // Valid as long as the object.
  PersonView view() const;

 private:
  PersonView without_fields_;
  std::vector<FieldView> fields_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_C_PEOPLE_H_
