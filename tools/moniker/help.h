// Help texts: examples first, then what may be given.

#ifndef MONIKER_TOOLS_MONIKER_HELP_H_
#define MONIKER_TOOLS_MONIKER_HELP_H_

#include <CLI/CLI.hpp>
#include <string>

namespace moniker::tool {

// To be set before commands are added, who take it over.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
};

// The words that call a command: "store backup"; "" for the whole program.
std::string PathOf(const CLI::App& command);

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_HELP_H_
