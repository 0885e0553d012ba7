// What binding participant IDs changes in the store.
//
// Thread safety: as the working set.

#ifndef MONIKER_LIB_STORE_BINDING_H_
#define MONIKER_LIB_STORE_BINDING_H_

#include <span>
#include <vector>

#include "store/mapping_store.h"

namespace moniker::internal {

// As MappingStore::BindMany.
Result<std::vector<Status>> PlanBindings(std::span<const MappingStore::Binding> bindings,
                                         WorkingSet* set);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_BINDING_H_
