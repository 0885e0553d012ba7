// Completions for bash.

#include "completion.h"

namespace moniker::pages {
namespace {

void AppendValues(const std::string& path, const std::vector<OptionText>& options,
                  std::string* out) {
  for (const OptionText& option : options) {
    if (option.value.empty()) continue;
    const Candidates candidates = CandidatesOf(option);
    std::vector<std::string> patterns;
    for (const std::string& name : option.names) patterns.push_back(Quote(path + "/" + name));
    *out += "    " + Join(patterns, "|") + ") ";
    if (candidates.files) *out += "files=-f ";
    if (candidates.folders) *out += "files=-d ";
    *out += "words=" + Quote(Join(candidates.words, " ")) + "; is_value=1 ;;\n";
  }
}

void AppendCommand(const CommandText& above, const CommandText& command, std::string* values,
                   std::string* commands) {
  const std::vector<OptionText> options = OptionsOf(above, command);
  AppendValues(command.path, options, values);
  std::vector<std::string> names;
  for (const OptionText& option : options) {
    for (const std::string& name : option.names) names.push_back(name);
  }
  std::vector<std::string> steps;
  for (const CommandText& step : command.commands) steps.push_back(step.name());
  *commands += "    " + Quote(command.path) + ") options=" + Quote(Join(names, " ")) +
               " words=" + Quote(Join(steps, " ")) + " ;;\n";
  for (const CommandText& step : command.commands) AppendCommand(command, step, values, commands);
}

}  // namespace

std::string BashCompletion(const CommandText& program) {
  std::string values;
  std::string commands;
  const CommandText nothing;
  AppendCommand(nothing, program, &values, &commands);
  std::vector<std::string> paths;
  for (const CommandText& command : program.commands) {
    paths.push_back(Quote(command.path));
    for (const CommandText& step : command.commands) paths.push_back(Quote(step.path));
  }
  return R"(# bash completion for moniker
_moniker() {
  local word path='' options='' words='' files=-f is_value=''
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "${path:+$path }$word" in
    )" + Join(paths, "|") +
         R"() path="${path:+$path }$word" ;;
    esac
  done
  case "$path/$previous" in
)" + values +
         R"(  esac
  if [ -z "$is_value" ]; then
    case "$path" in
)" + commands +
         R"(    esac
    case "$current" in
      -*) words=$options files='' ;;
      *) [ -n "$path" ] || files='' ;;
    esac
  elif [ -n "$words" ]; then
    files=''
  fi
  mapfile -t COMPREPLY < <(compgen $files -W "$words" -- "$current")
}
complete -o filenames -F _moniker moniker
)";
}

}  // namespace moniker::pages
