// The links of external IDs and participant IDs.
//
// Thread safety: as the working set.

#ifndef MONIKER_LIB_STORE_LOOKUP_H_
#define MONIKER_LIB_STORE_LOOKUP_H_

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "moniker/result.h"
#include "store/mapping_store.h"
#include "store/working_set.h"

namespace moniker::internal {

// As MappingStore::FindMany; links of participant IDs are without the labels.
Result<std::vector<std::optional<MappingStore::Found>>> LookUp(
    std::span<const std::string_view> ids, WorkingSet* set);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_LOOKUP_H_
