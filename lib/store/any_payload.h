// Whether what a sealed record holds is of its table's format.
//
// Format: docs/formats/mapping-store.md, section 4.
// Thread safety: a function without state.

#ifndef MONIKER_LIB_STORE_ANY_PAYLOAD_H_
#define MONIKER_LIB_STORE_ANY_PAYLOAD_H_

#include "base/bytes.h"
#include "moniker/status.h"
#include "moniker/storage_backend.h"

namespace moniker::internal {

// kAltered if it is not; kExhausted.
Status CheckPayload(Table table, const RecordTag& tag, ByteView payload);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_ANY_PAYLOAD_H_
