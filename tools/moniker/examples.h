// Examples of every command, for help texts and manual pages. Each parses
// (tests/cli/test_pages.py).

#ifndef MONIKER_TOOLS_MONIKER_EXAMPLES_H_
#define MONIKER_TOOLS_MONIKER_EXAMPLES_H_

#include <string_view>
#include <vector>

namespace moniker::tool {

// Lines for a shell. `command` as it is typed, "store backup"; "" is the whole program. Those of
// "store" are those of its steps.
std::vector<std::string_view> ExamplesOf(std::string_view command);

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_EXAMPLES_H_
