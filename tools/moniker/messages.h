// What standard error looks like: lines for people, with colours on a terminal, or with --json
// objects for programs.

#ifndef MONIKER_TOOLS_MONIKER_MESSAGES_H_
#define MONIKER_TOOLS_MONIKER_MESSAGES_H_

#include <string_view>

#include "failure.h"

namespace moniker::tool {

// For the whole run. Without it: lines without colours. Reads NO_COLOR and TERM.
void ChooseMessageForm(bool json);

// "moniker: line", or {"note":"line"}. A line of printable text.
void PrintNote(std::string_view line);

// "moniker: error: ..." and its hint, or one object (docs/cli.md).
void PrintFailure(const Failure& failure);

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_MESSAGES_H_
