// moniker: runs the command that the command line asks for.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <new>
#include <string_view>

#include "command_line.h"
#include "failure.h"
#include "help.h"
#include "messages.h"
#include "process.h"

namespace moniker::tool {
namespace {

// CLI11 puts arguments into some of its messages. Persons do not belong on a command line, but
// those who put one there shall not find it in a log too.
std::string DescribeUsageError(const CLI::ParseError& error) {
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr ||
      dynamic_cast<const CLI::ExcludesError*>(&error) != nullptr ||
      dynamic_cast<const CLI::ValidationError*>(&error) != nullptr) {  // RefuseEmptyValues
    return error.what();
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    return "an argument or option that this command does not have";
  }
  return "an option without its value, or with too many";
}

ExitStatus Run(int argc, char** argv) {
  CLI::App app("", "moniker");
  app.formatter(std::make_shared<HelpFormatter>());
  Command chosen;
  AddCommands(&app, &chosen);
  const auto is_named = [&](CLI::App* command) { return command->get_name() == argv[1]; };
  if (argc > 1 && argv[1][0] != '-' && app.get_subcommands(is_named).empty()) {
    FailUsage("there is no such command", "moniker --help");
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help
    app.exit(success);
    return kDone;
  } catch (const CLI::ParseError& error) {
    FailUsage(DescribeUsageError(error), "moniker COMMAND --help");
  }
  return chosen();
}

// Before the command line is understood, so that an error in it has the form that was asked for
// too.
bool AsksForJson(int argc, char** argv) {
  char** const end = std::find(argv, argv + argc, std::string_view("--"));
  return std::find(argv, end, std::string_view("--json")) != end;
}

}  // namespace
}  // namespace moniker::tool

int main(int argc, char** argv) {
  namespace tool = moniker::tool;
  tool::ReserveStandardStreams();
  tool::HardenProcess();
  tool::ChooseMessageForm(tool::AsksForJson(argc, argv));
  try {
    return tool::Run(argc, argv);
  } catch (const tool::Failure& failure) {
    tool::PrintFailure(failure);
    return failure.exit_status();
  } catch (const std::bad_alloc&) {
    tool::PrintFailure(tool::Failure(tool::kFailed, "not enough memory"));
    return tool::kFailed;
  }
}
