#include "command_text.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "../moniker/command_line.h"
#include "../moniker/examples.h"
#include "../moniker/help.h"
#include "moniker/platform.h"

namespace moniker::pages {
namespace {

OptionText Describe(const CLI::Option& option) {
  OptionText text;
  text.is_argument = option.get_positional();
  if (text.is_argument) {
    text.names.push_back(option.get_name(true, false));
  } else {
    for (const std::string& name : option.get_lnames()) text.names.push_back("--" + name);
    for (const std::string& name : option.get_snames()) text.names.push_back("-" + name);
    if (option.get_items_expected_max() > 0) text.value = option.get_type_name();
  }
  text.help = option.get_description();
  text.is_required = option.get_required();
  text.is_repeated = option.get_items_expected_max() > 1;
  return text;
}

void AddOptions(const CLI::App& command, bool is_required, std::vector<OptionText>* options) {
  for (const CLI::Option* option : command.get_options()) {
    options->push_back(Describe(*option));
    options->back().is_required |= is_required;
  }
}

CommandText Describe(const CLI::App& command) {
  CommandText text;
  text.path = tool::PathOf(command);
  text.help = command.get_description();
  text.examples = tool::ExamplesOf(text.path);
  AddOptions(command, false, &text.options);
  for (const CLI::App* one : command.get_subcommands([](const CLI::App*) { return true; })) {
    if (one->get_name().empty()) {
      AddOptions(*one, false, &text.options);  // options of which one is taken
    } else {
      text.commands.push_back(Describe(*one));
    }
  }
  return text;
}

}  // namespace

std::string CommandText::name() const { return path.substr(path.rfind(' ') + 1); }

CommandText DescribeProgram() {
  CLI::App app("", "moniker");
  tool::Command chosen;
  tool::AddCommands(&app, &chosen);
  return Describe(app);
}

std::vector<std::string> Choices(const std::string& value) {
  if (value.find('|') == std::string::npos) return {};
  std::vector<std::string> choices;
  for (std::size_t start = 0; start <= value.size();) {
    const std::size_t end = std::min(value.find('|', start), value.size());
    choices.push_back(value.substr(start, end - start));
    start = end + 1;
  }
  return choices;
}

std::string OneLine(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

std::vector<std::string> PlatformNames() {
  std::vector<std::string> names;
  for (const Platform& platform : Platforms()) names.emplace_back(platform.key);
  return names;
}

}  // namespace moniker::pages
