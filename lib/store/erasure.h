// Persons taken out of a store, with everything that leads to them.
//
// Format: docs/formats/mapping-store.md, section 4.9.
// Thread safety: as the working set.

#ifndef MONIKER_LIB_STORE_ERASURE_H_
#define MONIKER_LIB_STORE_ERASURE_H_

#include <set>
#include <span>
#include <vector>

#include "moniker/access_reason.h"
#include "moniker/result.h"
#include "moniker/status.h"
#include "moniker/storage_backend.h"
#include "store/accounted_transaction.h"
#include "store/payload.h"
#include "store/store_keys.h"
#include "store/tombstone.h"
#include "store/working_set.h"

namespace moniker::internal {

// Erases the records of these persons, their identifiers, links and places in rosters; persons that
// are not there may have left links. Who was merged with one of them and is not among them is a
// person without that merge: that change is in the set, which the caller writes.
// Every link of the store is looked at. Errors: kAltered; kExhausted; those of the transaction.
Status ErasePersons(const std::set<RecordTag>& persons, WorkingSet* set,
                    StorageTransaction* transaction);

// Adds to `places` where a pseudonym stands in the roster of its conference. Errors: kAltered;
// kExhausted; those of the reader.
Status FindPlaces(const Link& link, const StoreKeys& keys, StorageReader* reader,
                  std::vector<RecordTag>* places);

// For what needs no reason: each may be empty too. Errors: kInvalidArgument.
Status CheckReason(const AccessReason& reason);

// Takes an older state of the store, which the transaction begins with, up to what is known of
// erasures: those that are later than its manifest. Who was admitted again before it, stays. The
// answer is who was erased; the set is for the caller to write. Errors: as ErasePersons.
Result<std::set<RecordTag>> EraseAgain(std::span<const Tombstone> tombstones, WorkingSet* set,
                                       AccountedTransaction* transaction);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_ERASURE_H_
