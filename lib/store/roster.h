// Labels of a conference, each for one pseudonym.
//
// Format: docs/formats/mapping-store.md, section 4.7.
// Thread safety: as the working set.

#ifndef MONIKER_LIB_STORE_ROSTER_H_
#define MONIKER_LIB_STORE_ROSTER_H_

#include <string_view>

#include "moniker/label.h"
#include "moniker/pseudonym.h"
#include "moniker/result.h"
#include "store/working_set.h"

namespace moniker::internal {

// The first label from that of the digest on that nobody else has in this conference; from now on
// it is the pseudonym's. Errors: kExhausted if all are taken; those of the set.
Result<Label> TakeLabel(std::string_view conference, const Pseudonym& pseudonym, LabelStyle style,
                        WorkingSet* set);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_ROSTER_H_
