#include "option_values.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <string_view>

namespace moniker::tool {
namespace {

struct Value {
  std::string_view option;  // or argument
  std::string_view word;
};

constexpr Value kValues[] = {
    {"--actor", "WHO"},
    {"--add", "NEW=COLUMN"},
    {"--anchor", "FILE"},
    {"--app", "NAME"},
    {"--as", "external-id|uuid|label"},
    {"--audit-key", "FILE"},
    {"--avatar-url", "URL"},
    {"--column", "COLUMN=ISSUER[:KIND]"},
    {"--before", "TIME"},
    {"--budget-day", "NUMBER"},
    {"--budget-hour", "NUMBER"},
    {"--conference-column", "COLUMN"},
    {"--conference", "CONFERENCE"},
    {"--drop", "COLUMN"},
    {"--epoch", "NUMBER"},
    {"--import-root", "FILE"},
    {"--issuer", "ISSUER:KIND"},
    {"--key-file", "FILE"},
    {"--label", "code|words"},
    {"--metadata", "FIELD"},
    {"--mode", "derived|enrolled"},
    {"--name-column", "COLUMN"},
    {"--new-key-file", "FILE"},
    {"--new-passphrase-file", "FILE"},
    {"--null-values", "VALUE"},
    {"--on-error", "fail|skip|reject=FILE"},
    {"--out-dir", "FOLDER"},
    {"--output", "FILE"},
    {"--participants", "keep|id|name"},
    {"--passphrase-file", "FILE"},
    {"--platform", "PLATFORM"},
    {"--purpose", "WHAT-FOR"},
    {"--quote", "CHARACTER"},
    {"--ragged", "error|pass"},
    {"--report", "FILE"},
    {"--retention", "DAYS"},
    {"--role", "ROLE"},
    {"--separator", "CHARACTER"},
    {"--suite", "blake2b|hmac-sha256"},
    {"--table", "FILE"},
    {"--threads", "NUMBER"},
    {"--to-app", "NAME"},
    {"--to-conference", "CONFERENCE"},
    {"--to-key-file", "FILE"},
    {"--to-passphrase-file", "FILE"},
    {"--to-vault", "VAULT"},
};
constexpr std::string_view kFormats = "csv|tsv|json|jsonl";

std::string WordOf(const CLI::App& command, const CLI::Option& option) {
  if (option.get_positional()) return "";  // its name says it
  const std::string name = option.get_name(false, false);
  // The same words for the ends of a time, for formats and for a target.
  if (name == "--to" && command.get_name() == "remap") return "EPOCH";
  if (name == "--from" || name == "--to") {
    return command.get_parent()->get_name() == "audit" ? "TIME" : std::string(kFormats);
  }
  const auto* const value = std::ranges::find(kValues, name, &Value::option);
  return value == std::end(kValues) ? "VALUE" : std::string(value->word);
}

}  // namespace

void NameValues(CLI::App* app) {
  for (CLI::App* command : app->get_subcommands({})) {
    for (CLI::Option* option : command->get_options()) {
      if (option->get_items_expected_max() > 0) option->type_name(WordOf(*command, *option));
    }
    NameValues(command);
  }
}

}  // namespace moniker::tool
