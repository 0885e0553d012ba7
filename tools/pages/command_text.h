// What the program says of its command line, as plain values: from which manual pages and
// completions are written.

#ifndef MONIKER_TOOLS_PAGES_COMMAND_TEXT_H_
#define MONIKER_TOOLS_PAGES_COMMAND_TEXT_H_

#include <string>
#include <string_view>
#include <vector>

namespace moniker::pages {

struct OptionText {
  std::vector<std::string> names;  // "--output", "-o"; of an argument its name
  std::string value;               // "FILE", "code|words"; empty for a flag or argument
  std::string help;
  bool is_argument = false;
  bool is_required = false;
  bool is_repeated = false;
};

struct CommandText {
  std::string path;  // "store backup"; empty for the whole program
  std::string help;
  std::vector<OptionText> options;  // and arguments, in their order
  std::vector<CommandText> commands;
  std::vector<std::string_view> examples;

  // The last word of the path.
  std::string name() const;
};

// Of the whole program.
CommandText DescribeProgram();

// The alternatives in "a|b|c"; none if it is no list.
std::vector<std::string> Choices(const std::string& value);

// One line: line feeds become spaces.
std::string OneLine(std::string text);

// The names of the platforms, for --platform.
std::vector<std::string> PlatformNames();

// What is written: the text of a file.
std::string ManPage(const CommandText& program, const CommandText& command);
std::string BashCompletion(const CommandText& program);
std::string ZshCompletion(const CommandText& program);
std::string FishCompletion(const CommandText& program);

}  // namespace moniker::pages

#endif  // MONIKER_TOOLS_PAGES_COMMAND_TEXT_H_
