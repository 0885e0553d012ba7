// Completions for zsh.

#include "completion.h"

namespace moniker::pages {
namespace {

// 'name:what it is', as _describe takes it.
std::string Described(const std::string& name, const std::string& help) {
  std::string escaped;
  for (const char c : name) escaped += c == ':' ? std::string("\\:") : std::string(1, c);
  return Quote(escaped + ":" + OneLine(help));
}

void AppendValues(const std::string& path, const std::vector<OptionText>& options,
                  std::string* out) {
  for (const OptionText& option : options) {
    if (option.value.empty()) continue;
    const Candidates candidates = CandidatesOf(option);
    std::vector<std::string> patterns;
    for (const std::string& name : option.names) patterns.push_back(Quote(path + "/" + name));
    *out += "    (" + Join(patterns, "|") + ") ";
    if (candidates.files) {
      *out += "_files";
    } else if (candidates.folders) {
      *out += "_files -/";
    } else if (candidates.words.empty()) {
      *out += "_message " + Quote(option.value);
    } else {
      *out += "compadd -- " + Join(candidates.words, " ");
    }
    *out += "; return ;;\n";
  }
}

void AppendCommand(const CommandText& above, const CommandText& command, std::string* values,
                   std::string* commands) {
  const std::vector<OptionText> options = OptionsOf(above, command);
  AppendValues(command.path, options, values);
  *commands += "    (" + Quote(command.path) + ")\n      options=(";
  for (const OptionText& option : options) {
    for (const std::string& name : option.names) {
      *commands += "\n        " + Described(name, option.help);
    }
  }
  *commands += ")\n      steps=(";
  for (const CommandText& step : command.commands) {
    *commands += "\n        " + Described(step.name(), step.help);
  }
  *commands += ") ;;\n";
  for (const CommandText& step : command.commands) AppendCommand(command, step, values, commands);
}

}  // namespace

std::string ZshCompletion(const CommandText& program) {
  std::string values;
  std::string commands;
  const CommandText nothing;
  AppendCommand(nothing, program, &values, &commands);
  std::vector<std::string> paths;
  for (const CommandText& command : program.commands) {
    paths.push_back(Quote(command.path));
    for (const CommandText& step : command.commands) paths.push_back(Quote(step.path));
  }
  return R"(#compdef moniker
_moniker() {
  local word command=''
  local -a options steps
  for word in ${words[2,CURRENT-1]}; do
    case "${command:+$command }$word" in
    ()" + Join(paths, "|") +
         R"() command="${command:+$command }$word" ;;
    esac
  done
  case "$command/${words[CURRENT-1]}" in
)" + values +
         R"(  esac
  case "$command" in
)" + commands +
         R"(  esac
  if [[ ${words[CURRENT]} == -* ]]; then
    _describe option options
    return
  fi
  (( $#steps )) && _describe command steps
  [[ -n $command ]] && _files
}
if [[ ${funcstack[1]} == _moniker ]]; then
  _moniker "$@"
else
  compdef _moniker moniker
fi
)";
}

}  // namespace moniker::pages
