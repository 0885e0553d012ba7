#include "help.h"

#include "examples.h"

namespace moniker::tool {

std::string HelpFormatter::make_help(const CLI::App* app, std::string name,
                                     CLI::AppFormatMode mode) const {
  std::string text;
  for (const std::string_view line : ExamplesOf(PathOf(*app))) {
    text.append(text.empty() ? "Examples:\n  " : "  ").append(line).append("\n");
  }
  if (!text.empty()) text += "\n";
  return text + CLI::Formatter::make_help(app, std::move(name), mode);
}

std::string PathOf(const CLI::App& command) {
  if (command.get_parent() == nullptr) return "";
  const std::string above = PathOf(*command.get_parent());
  return above.empty() ? command.get_name() : above + " " + command.get_name();
}

}  // namespace moniker::tool
