#include "completion.h"

#include <algorithm>

namespace moniker::pages {

Candidates CandidatesOf(const OptionText& option) {
  const std::string& what = option.is_argument ? option.names[0] : option.value;
  if (what == "FILE") return {.files = true, .folders = false, .words = {}};
  if (what == "FOLDER" || what == "VAULT" || what == "DIR") {
    return {.files = false, .folders = true, .words = {}};
  }
  if (what == "PLATFORM") return {.files = false, .folders = false, .words = PlatformNames()};
  std::vector<std::string> words = Choices(what);
  for (std::string& word : words) {
    word.resize(std::min(word.find('='), word.size() - 1) +
                1);  // reject=FILE: what FILE is, is open
  }
  return {.files = false, .folders = false, .words = std::move(words)};
}

std::vector<OptionText> OptionsOf(const CommandText& above, const CommandText& command) {
  std::vector<OptionText> options;
  for (const CommandText* one : {&above, &command}) {
    if (one == &above && above.path.empty())
      continue;  // those of the program stand before commands
    for (const OptionText& option : one->options) {
      const bool is_there = one == &command && !above.path.empty() && option.names[0] == "--help";
      if (!option.is_argument && !is_there) options.push_back(option);
    }
  }
  return options;
}

std::string Quote(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string Join(const std::vector<std::string>& words, const char* between) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : between) + word;
  return joined;
}

}  // namespace moniker::pages
