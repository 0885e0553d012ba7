// Stores the persons of an input before it is rewritten: all of them, in the large steps that keep
// the last of ten million as quick as the first.

#ifndef MONIKER_TOOLS_MONIKER_ENROL_PASS_H_
#define MONIKER_TOOLS_MONIKER_ENROL_PASS_H_

#include "moniker/rewrite.h"
#include "pseudonym_mapper.h"

namespace moniker::tool {

// Whether the input can be read twice and is long enough for it, and all persons are of the app.
bool CanEnrolFirst(int fd, const PseudonymRules& rules);

// Reads it to the end, stores everybody whom the rewriting will not leave out, durably, and goes
// back to where it was. What ended it may be a fault in the data; who was stored before stays.
// Errors: those of Rewrite and Enroller.
Result<RewriteOutcome> EnrolFirst(int fd, RewriteOptions options, PseudonymRules rules,
                                  PersonsSeen* seen);

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_ENROL_PASS_H_
