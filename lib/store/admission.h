// What admitting persons changes in the store.
//
// Format: docs/formats/mapping-store.md, sections 4.1, 4.2 and 4.7.
// Thread safety: as the working set.

#ifndef MONIKER_LIB_STORE_ADMISSION_H_
#define MONIKER_LIB_STORE_ADMISSION_H_

#include <vector>

#include "store/mapping_store.h"
#include "store/persons.h"

namespace moniker::internal {

class Admission {
 public:
  // REQUIRES: both outlive it.
  Admission(const MappingStore::AdmissionRequest& request, WorkingSet* set)
      : request_(request), set_(set) {}

  // Once. Errors: as MappingStore::AdmitMany.
  Result<std::vector<MappingStore::Admitted>> Plan();

 private:
  Status FindPersons();
  Status StorePersons();
  Status StorePerson(std::size_t index);
  Result<WorkingSet::Entry*> Enrol(const CanonicalIdentifier& identifier);
  Result<std::vector<Pseudonym>> Derive() const;
  bool Renew(Link* link) const;
  Result<Label> StoreLink(std::size_t index, const Pseudonym& pseudonym, const TagSet& tags);

  const MappingStore::AdmissionRequest& request_;
  WorkingSet* set_;
  std::uint32_t epoch_ = 0;
  std::vector<CanonicalIdentifier> identifiers_;
  std::vector<WorkingSet::Entry*> persons_;  // behind merges
};

// Pseudonyms of identifiers, or of the handles of enrolled persons.
// Errors: kNotFound if the keyring has no such epoch; those of the Prf.
Result<std::vector<Pseudonym>> DeriveFromIdentifiers(
    std::span<const CanonicalIdentifier> identifiers, const Scope& scope, std::uint32_t epoch,
    const StoreKeys& keys);
Result<std::vector<Pseudonym>> DeriveFromHandles(std::span<WorkingSet::Entry* const> persons,
                                                 const Scope& scope, std::uint32_t epoch,
                                                 const StoreKeys& keys);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_ADMISSION_H_
