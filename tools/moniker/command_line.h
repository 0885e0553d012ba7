// What may stand on the command line, and which command does it. Help texts, manual pages and
// completions are made from this alone.

#ifndef MONIKER_TOOLS_MONIKER_COMMAND_LINE_H_
#define MONIKER_TOOLS_MONIKER_COMMAND_LINE_H_

#include <functional>

#include "failure.h"

namespace CLI {
class App;
}

namespace moniker::tool {

using Command = std::function<ExitStatus()>;

// Adds all commands. Parsing then sets `*chosen`, which must outlive `app`. Once in a process: what
// is given is kept in variables of the commands.
void AddCommands(CLI::App* app, Command* chosen);

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_COMMAND_LINE_H_
