// What completions of all shells ask.

#ifndef MONIKER_TOOLS_PAGES_COMPLETION_H_
#define MONIKER_TOOLS_PAGES_COMPLETION_H_

#include <string>
#include <vector>

#include "command_text.h"

namespace moniker::pages {

// What the value of an option can be completed to.
struct Candidates {
  bool files = false;
  bool folders = false;
  std::vector<std::string> words;
};
Candidates CandidatesOf(const OptionText& option);

// The options of a command and of those above it, without its arguments.
std::vector<OptionText> OptionsOf(const CommandText& above, const CommandText& command);

// 'text' for a shell.
std::string Quote(const std::string& text);

std::string Join(const std::vector<std::string>& words, const char* between);

}  // namespace moniker::pages

#endif  // MONIKER_TOOLS_PAGES_COMPLETION_H_
