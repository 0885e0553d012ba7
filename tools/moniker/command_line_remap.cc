// The command line of remap, and of what is done with its table.

#include <CLI/CLI.hpp>

#include "command_line_parts.h"
#include "commands.h"

namespace moniker::tool {
namespace {

void AddRules(CLI::App* command, std::string* unknown_mark,
              std::vector<std::string>* name_columns) {
  command->add_option("--mark-unknown", *unknown_mark,
                      "what to put before every ID that is not known");
  command
      ->add_option("--name-column", *name_columns,
                   "column or member of display names besides the usual ones, several times")
      ->allow_extra_args(false);
}

void AddTarget(CLI::App* command, RemapOptions* options) {
  command->add_option("--to", options->to_epoch,
                      "number of an identity epoch (default: the newest)");
  command->add_option("--to-app", options->to_app, "app scope of this app under the same root key");
  command->add_option("--to-conference", options->to_conference, "scope: this conference");
  command->add_option("--to-vault", options->to_vault.path,
                      "vault of other keys; its keyring alone will do");
  CLI::Option* const key_file =
      command->add_option("--to-key-file", options->to_vault.key_file, "key file of that vault");
  command
      ->add_option("--to-passphrase-file", options->to_vault.passphrase_file,
                   "file with the passphrase of that vault")
      ->excludes(key_file);
}

}  // namespace

void AddRemap(CLI::App* app, Command* chosen) {
  CLI::App* const command =
      app->add_subcommand("remap",
                          "replace old pseudonyms by new ones in exports: of another epoch, app,\n"
                          "conference, suite or vault; audited");
  static RemapOptions options;
  AddVault(command, &options.vault);
  AddReasonOfLookup(command, &options.actor, &options.purpose, &options.break_glass);
  AddTarget(command, &options);
  command->add_option("--table", options.batch.table,
                      "write old and new IDs and labels to this file (CSV)");
  command->add_flag("--enroll", options.enroll,
                    "store the persons where the new IDs are, so that they can be resolved");
  command->add_option("--label", options.label,
                      "style of the labels in a conference: code (default) or words");
  command->add_flag("--dry-run", options.batch.dry_run, "only tell what would change; audited");
  AddRules(command, &options.unknown_mark, &options.name_columns);
  AddRun(command, &options.batch);
  command->callback([chosen] {
    options.to_vault.quiet = options.vault.quiet;
    options.batch.other_vault = options.to_vault.path;
    *chosen = [] { return Remap(options); };
  });
}

void AddTable(CLI::App* app, Command* chosen) {
  CLI::App* const command = app->add_subcommand(
      "table", "what a table of remap is good for, without any vault: apply, verify");
  command->require_subcommand(1);
  static TableOptions options;
  const auto add = [](CLI::App* step) {
    step->add_option("TABLE", options.table, "what remap --table wrote")->required();
    step->add_flag("--quiet,-q", options.vault.quiet, "no counts on standard error");
    AddJson(step);
    AddRules(step, &options.unknown_mark, &options.name_columns);
  };
  CLI::App* const apply =
      command->add_subcommand("apply", "the same remap again, of any file with the same IDs");
  add(apply);
  AddRun(apply, &options.batch);
  apply->callback([chosen] { *chosen = [] { return ApplyTable(options); }; });
  CLI::App* const verify = command->add_subcommand(
      "verify",
      "prove that the table is one to one, and that the new file is the old one\n"
      "with what the table says and nothing else changed");
  add(verify);
  AddDialect(verify, &options.batch);
  verify->add_option("OLD", options.old_file, "what remap read")->required();
  verify->add_option("NEW", options.new_file, "what remap wrote")->required();
  verify->callback([chosen] { *chosen = [] { return VerifyTable(options); }; });
}

}  // namespace moniker::tool
