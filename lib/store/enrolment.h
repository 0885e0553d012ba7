// Which identifiers belong to which person of an enrolled vault.
//
// Format: docs/formats/mapping-store.md, section 4.1.
// Thread safety: as the working set.

#ifndef MONIKER_LIB_STORE_ENROLMENT_H_
#define MONIKER_LIB_STORE_ENROLMENT_H_

#include "store/mapping_store.h"
#include "store/persons.h"

namespace moniker::internal {

class Enrolment {
 public:
  // REQUIRES: `set` outlives it.
  explicit Enrolment(WorkingSet* set) : set_(set), issuers_(set) {}

  // As those of MappingStore, for one.
  Status Add(const Identifier& known, const Identifier& added);
  Status Merge(const Identifier& kept, const Identifier& absorbed);
  Status Split(const Identifier& identifier);

 private:
  struct Known {
    CanonicalIdentifier identifier;
    WorkingSet::Entry* own;     // before merges
    WorkingSet::Entry* person;  // behind them
  };

  Result<Known> Find(const Identifier& identifier);
  Status Detach(WorkingSet::Entry* person, WorkingSet::Entry* absorbed);
  Status MoveOut(const Known& known);
  Status RequireWays(const WorkingSet::Entry& merged);

  WorkingSet* set_;
  Issuers issuers_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_ENROLMENT_H_
