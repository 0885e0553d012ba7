// External IDs and participant IDs as they come to the program.

#ifndef MONIKER_TOOLS_MONIKER_IDS_H_
#define MONIKER_TOOLS_MONIKER_IDS_H_

#include <string>
#include <string_view>
#include <vector>

#include "records.h"

namespace moniker::tool {

// Whether a text is one of JSON objects rather than of IDs.
bool HoldsRecords(std::string_view text);

// The lines of a text that are not empty.
std::vector<std::string> IdLines(const std::string& text);

// What is in `query`, else `external_id`, else `participant_id`. Throws Failure.
std::string_view IdIn(const Record& record);

// What was typed, as an external ID if that can be told (ExternalId::ParseTyped), else as it is.
std::string CanonicalId(const std::string& typed);

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_IDS_H_
