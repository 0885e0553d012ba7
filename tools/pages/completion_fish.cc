// Completions for fish.

#include "completion.h"

namespace moniker::pages {
namespace {

// In fish a backslash stands for itself unless a quote or another one follows.
std::string FishQuote(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

std::string Line(const std::string& condition) {
  return "complete -c moniker -n " + FishQuote(condition);
}

void AppendOptions(const std::string& condition, const CommandText& command, std::string* out) {
  for (const OptionText& option : command.options) {
    if (option.is_argument) continue;
    *out += Line(condition);
    for (const std::string& name : option.names) {
      *out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    const Candidates candidates = CandidatesOf(option);
    if (candidates.files) {
      *out += " -r -F";
    } else if (candidates.folders) {
      *out += " -x -a " + FishQuote("(__fish_complete_directories)");
    } else if (!option.value.empty()) {
      *out += " -x";
      if (!candidates.words.empty()) *out += " -a " + FishQuote(Join(candidates.words, " "));
    }
    *out += " -d " + FishQuote(OneLine(option.help)) + "\n";
  }
}

std::string Given(const std::string& words) { return "__fish_seen_subcommand_from " + words; }

}  // namespace

std::string FishCompletion(const CommandText& program) {
  std::string out = "# fish completion for moniker\n";
  const std::string first = "__fish_use_subcommand";
  out += Line(first) + " -f\n";
  AppendOptions(first, program, &out);
  for (const CommandText& command : program.commands) {
    out +=
        Line(first) + " -f -a " + command.name() + " -d " + FishQuote(OneLine(command.help)) + "\n";
    const std::string given = Given(command.name());
    AppendOptions(given, command, &out);
    std::vector<std::string> names;
    for (const CommandText& step : command.commands) names.push_back(step.name());
    for (const CommandText& step : command.commands) {
      out += Line(given + "; and not " + Given(Join(names, " "))) + " -a " + step.name() + " -d " +
             FishQuote(OneLine(step.help)) + "\n";
      AppendOptions(given + "; and " + Given(step.name()), step, &out);
    }
  }
  return out;
}

}  // namespace moniker::pages
