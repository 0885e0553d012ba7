// What the options of a run may be.
//
// Thread safety: a function without state.

#ifndef MONIKER_LIB_BATCH_REWRITE_OPTIONS_H_
#define MONIKER_LIB_BATCH_REWRITE_OPTIONS_H_

#include "moniker/rewrite.h"
#include "moniker/status.h"

namespace moniker::internal {

// Errors: kInvalidArgument; the message names the field, the locator is the index of the column.
Status CheckRewriteOptions(const RewriteOptions& options);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_REWRITE_OPTIONS_H_
