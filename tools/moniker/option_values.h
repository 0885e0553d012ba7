// What stands behind an option, as help texts, manual pages and completions say it.

#ifndef MONIKER_TOOLS_MONIKER_OPTION_VALUES_H_
#define MONIKER_TOOLS_MONIKER_OPTION_VALUES_H_

#include <string>

namespace CLI {
class App;
}

namespace moniker::tool {

// Gives every option of every command a word for its value: what it is (FILE), or what it can be
// (code|words).
void NameValues(CLI::App* app);

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_OPTION_VALUES_H_
