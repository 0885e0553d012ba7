#include "command_line.h"

#include <CLI/CLI.hpp>

#include "command_line_parts.h"
#include "commands.h"
#include "moniker/version.h"
#include "option_values.h"

namespace moniker::tool {

// Looked for before the command line is parsed: moniker.cc.
void AddJson(CLI::App* command) {
  command->add_flag_callback(
      "--json", [] {}, "errors and notes as JSON, one object a line");
}

// Adds VAULT and the options that every command on a vault has.
void AddVault(CLI::App* command, VaultOptions* vault) {
  command->add_option("VAULT", vault->path, "folder of the vault")->required();
  command->add_option("--key-file", vault->key_file, "key file, if not the remembered one");
  command->add_option("--passphrase-file", vault->passphrase_file, "file that holds the passphrase")
      ->excludes("--key-file");
  command->add_flag("--quiet,-q", vault->quiet, "no counts or warnings on standard error");
  AddJson(command);
}

void AddReason(CLI::App* command, std::string* actor, std::string* purpose) {
  command->add_option("--actor", *actor, "who asks; kept in the audit log")->required();
  command->add_option("--purpose", *purpose, "what for; kept in the audit log")->required();
}

// Of those who resolve.
void AddReasonOfLookup(CLI::App* command, std::string* actor, std::string* purpose,
                       bool* break_glass) {
  AddReason(command, actor, purpose);
  command->add_flag("--break-glass", *break_glass,
                    "in an emergency, whatever the budget; the audit log tells of it");
}

void AddDialect(CLI::App* command, BatchOptions* options) {
  command->add_option("--from", options->from, "csv, tsv, json or jsonl; else by the file's name");
  command->add_option("--separator", options->separator, "between fields of CSV: one character");
  command->add_option("--quote", options->quote, "around fields of CSV: one character, or none");
  command->add_option("--ragged", options->ragged,
                      "records with more or fewer fields than the header: error (default) or pass");
  command->add_option("--on-error", options->on_error,
                      "records that cannot be rewritten: fail (default), skip, or reject=FILE");
  command->add_option("--threads", options->threads,
                      "as many as there are processors if not given");
}

void AddRun(CLI::App* command, BatchOptions* options) {
  AddDialect(command, options);
  command->add_option("--report", options->report, "write what was done as JSON to this file");
  CLI::Option* const resume = command->add_flag(
      "--resume", options->resume,
      "keep what was done if the run is ended early, and go on there the next time");
  command
      ->add_option("--checkpoint-every", options->checkpoint_every,
                   "seconds between the places where a run can go on (default: 10)")
      ->check(CLI::NonNegativeNumber)
      ->needs(resume);
  command->add_option("-o,--output", options->output, "output; appears whole or not at all");
  command->add_option("--out-dir", options->out_dir,
                      "folder of the outputs, each with the name of its input");
  command->add_option("FILE", options->inputs, "input; standard input if none or -");
}

void AddBatch(CLI::App* command, BatchOptions* options) {
  command->add_option("--to", options->to, "as --from, and the same");
  AddRun(command, options);
}

namespace {

void AddPolicy(CLI::App* command, PolicyOptions* policy) {
  command->add_option("--budget-hour", policy->budget_hour,
                      "IDs that an actor may ask for in an hour; 0: as many as wanted");
  command->add_option("--budget-day", policy->budget_day, "the same for a day");
  command->add_option("--retention", policy->retention,
                      "days after which pseudonyms of conferences expire; 0: never");
}

void AddInput(CLI::App* command, std::string* input) {
  command->add_option("FILE", *input, "input; standard input if it is - or missing");
}

void AddInit(CLI::App* app, Command* chosen) {
  CLI::App* const command = app->add_subcommand("init", "make a vault");
  static InitOptions options;
  command->add_option("VAULT", options.vault.path, "folder to make")->required();
  command->add_option("--app", options.app, "name of the application: a-z 0-9 . _ - /")->required();
  CLI::Option_group* const key = command->add_option_group("protector");
  key->add_option("--key-file", options.vault.key_file, "key file; made (0600) if it is not there");
  key->add_option("--passphrase-file", options.vault.passphrase_file, "file with the passphrase");
  key->require_option(1);
  command->add_option("--suite", options.suite, "blake2b (default) or hmac-sha256");
  command->add_option(
      "--mode", options.mode,
      "derived (default): pseudonyms from identifiers; enrolled: from random handles");
  command->add_option("--import-root", options.import_root, "file with 64 hexadecimal digits");
  command
      ->add_option("--issuer", options.issuers,
                   "ISSUER:KIND, of opaque, text, email, phone; several times")
      ->allow_extra_args(false);
  command->add_option("--avatar-url", options.avatar_url, "https://.../{avatar}.svg, or data:");
  command->add_option("--anchor", options.anchor,
                      "file to make that tells when the store is older than it was; best where\n"
                      "those who can write the vault cannot");
  command->add_option("--audit-key", options.audit_key,
                      "file to make (0600) for who is to verify the audit log");
  AddPolicy(command, &options.policy);
  command->add_flag("--quiet,-q", options.vault.quiet, "no notes on standard error");
  AddJson(command);
  command->callback([chosen] { *chosen = [] { return Init(options); }; });
}

void AddAdmit(CLI::App* app, Command* chosen) {
  CLI::App* const command =
      app->add_subcommand("admit",
                          "store persons and print what may go to the platform\n"
                          "records: {\"issuer\",\"id\",\"name\",\"role\"?,...}");
  static AdmitOptions options;
  AddVault(command, &options.vault);
  command->add_option("--conference", options.conference, "scope: this conference, not the app");
  command->add_option("--platform", options.platform, "its spelling and limits");
  command->add_option("--role", options.role, "for records without one (default: Participant)");
  command->add_option("--label", options.label, "of the display names: code (default) or words");
  command->add_option("--epoch", options.epoch, "an older identity epoch, not the newest");
  command->add_option("--retention", options.retention,
                      "of the conference: days after which its pseudonyms expire");
  command
      ->add_option("--metadata", options.metadata,
                   "sealed behind the ID: role, locale=TAG, shard=N, flags=N, expiry=SECONDS;\n"
                   "several times")
      ->allow_extra_args(false);
  command->add_option("--avatar-url", options.avatar_url, "instead of the vault's");
  AddInput(command, &options.input);
  command->callback([chosen] { *chosen = [] { return Admit(options); }; });
}

void AddCheck(CLI::App* app, Command* chosen) {
  CLI::App* const command =
      app->add_subcommand("check",
                          "whether IDs are those of identifiers\n"
                          "records: {\"issuer\",\"id\",\"external_id\",\"conference\"?}");
  static CheckOptions options;
  AddVault(command, &options.vault);
  command->add_flag("--outbound", options.outbound,
                    "whether texts hold a part of a person\n"
                    "records: {\"issuer\",\"id\",\"name\",...,\"text\"}");
  AddInput(command, &options.input);
  command->callback([chosen] { *chosen = [] { return Check(options); }; });
}

void AddBind(CLI::App* app, Command* chosen) {
  CLI::App* const command =
      app->add_subcommand("bind",
                          "remember the participant IDs that a platform gave\n"
                          "records: {\"participant_id\",\"external_id\",\"conference\"?}");
  static RecordsOptions options;
  AddVault(command, &options.vault);
  AddInput(command, &options.input);
  command->callback([chosen] { *chosen = [] { return Bind(options); }; });
}

void AddIdentifiers(CLI::App* app, Command* chosen) {
  CLI::App* const command = app->add_subcommand(
      "identifiers", "which identifiers are one person, in an enrolled vault: add, merge, split");
  static IdentifiersOptions options;
  AddVault(command, &options.vault);
  command->require_subcommand(1);
  command->fallthrough();  // inherited: the options of the vault may stand behind the step
  const auto add = [&](const char* name, const char* help, IdentifiersOptions::Step step) {
    CLI::App* const one = command->add_subcommand(name, help);
    one->add_flag("--dry-run", options.dry_run, "only tell whether it could be done");
    AddInput(one, &options.input);
    one->callback([chosen, step] {
      options.step = step;
      *chosen = [] { return Identifiers(options); };
    });
  };
  add("add",
      "a further identifier of a person\n"
      "records: {\"issuer\",\"id\",\"new_issuer\",\"new_id\"}",
      IdentifiersOptions::Step::kAdd);
  add("merge",
      "two persons are one, with the name of the first\n"
      "records: {\"issuer\",\"id\",\"other_issuer\",\"other_id\"}",
      IdentifiersOptions::Step::kMerge);
  add("split",
      "take a merge back, or make an added identifier a person\n"
      "records: {\"issuer\",\"id\"}",
      IdentifiersOptions::Step::kSplit);
}

void AddKeys(CLI::App* app, Command* chosen) {
  CLI::App* const command =
      app->add_subcommand("keys", "the keys of a vault: list, rotate, destroy, rewrap");
  static KeysOptions options;
  AddVault(command, &options.vault);
  command->require_subcommand(1);
  command->fallthrough();  // inherited: the options of the vault may stand behind what is done
  CLI::App* const list = command->add_subcommand("list", "epochs of each kind");
  list->callback([chosen] { *chosen = [] { return ListKeys(options.vault); }; });
  const auto kinds_of = [](CLI::App* step) {
    CLI::Option_group* const group = step->add_option_group("kind");
    group->require_option(1);
    return group;
  };
  const auto add_kind = [](CLI::App* group, KeyKind value, const char* name, const char* help) {
    group->add_flag_callback(
        name, [value] { options.kind = value; }, help);
  };
  CLI::App* const rotate = command->add_subcommand("rotate", "begin a new epoch of one kind");
  CLI::Option_group* const rotated = kinds_of(rotate);
  add_kind(rotated, KeyKind::kIdentity, "--identity",
           "new external IDs from now on; the old ones still resolve");
  add_kind(rotated, KeyKind::kStorage, "--storage", "new records are sealed under a new key");
  add_kind(rotated, KeyKind::kIndex, "--index", "new records are found under new tags");
  rotate->callback([chosen] { *chosen = [] { return RotateKeys(options); }; });
  CLI::App* const destroy = command->add_subcommand("destroy", "remove the keys of an old epoch");
  CLI::Option_group* const destroyed = kinds_of(destroy);
  add_kind(destroyed, KeyKind::kIdentity, "--identity",
           "its IDs still resolve, but can no longer be checked or derived");
  add_kind(destroyed, KeyKind::kStorage, "--storage", "refused while a record stands under it");
  destroy->add_option("EPOCH", options.epoch, "number of the epoch")->required();
  destroy->callback([chosen] { *chosen = [] { return DestroyKeys(options); }; });
  CLI::App* const rewrap =
      command->add_subcommand("rewrap", "seal the keyring under another key file or passphrase");
  CLI::Option_group* const protector = rewrap->add_option_group("new protector");
  protector->add_option("--new-key-file", options.new_key_file,
                        "key file; made (0600) if it is not there");
  protector->add_option("--new-passphrase-file", options.new_passphrase_file,
                        "file with the passphrase");
  protector->require_option(1);
  rewrap->callback([chosen] { *chosen = [] { return RewrapKeys(options); }; });
}

// The steps of `store` that write a backup and bring it back.
void AddBackup(CLI::App* store, const VaultOptions* vault, Command* chosen) {
  static BackupOptions backup_options;
  CLI::App* const backup = store->add_subcommand(
      "backup", "write a sealed copy, without the keyring; others may work meanwhile");
  backup->add_option("FILE", backup_options.file, "appears whole or not at all")->required();
  backup->callback([chosen, vault] {
    backup_options.vault = *vault;
    *chosen = [] { return BackUpStore(backup_options); };
  });
  static RestoreOptions restore_options;
  CLI::App* const restore =
      store->add_subcommand("restore", "bring a backup back; who was erased since stays erased");
  restore->add_option("FILE", restore_options.file, "the backup; standard input if it is -")
      ->required();
  restore->add_flag("--force", restore_options.force, "in the place of the store that is there");
  restore->add_flag("--drop-anchor", restore_options.drop_anchor,
                    "without the anchor of the vault's choice, which is lost");
  restore->add_option("--actor", restore_options.actor, "who asks; kept in the audit log");
  restore->add_option("--purpose", restore_options.purpose, "what for; kept in the audit log");
  restore->callback([chosen, vault] {
    restore_options.vault = *vault;
    *chosen = [] { return RestoreStore(restore_options); };
  });
}

void AddPolicyStep(CLI::App* store, const VaultOptions* vault, Command* chosen) {
  static StorePolicyOptions options;
  CLI::App* const policy = store->add_subcommand(
      "policy",
      "what whoever resolves may do, and how long conferences are kept; with an option,\n"
      "set it: audited");
  AddPolicy(policy, &options.policy);
  policy->add_option("--actor", options.actor, "who asks; kept in the audit log");
  policy->add_option("--purpose", options.purpose, "what for; kept in the audit log");
  policy->callback([chosen, vault] {
    options.vault = *vault;
    *chosen = [] { return ShowOrSetPolicy(options); };
  });
}

void AddExpireStep(CLI::App* store, const VaultOptions* vault, Command* chosen) {
  static ExpireOptions options;
  CLI::App* const expire = store->add_subcommand(
      "expire", "take out pseudonyms of conferences that are older than their retention");
  expire->add_option("--before", options.before,
                     "whatever the retention: last admitted before this day or time, UTC");
  expire->add_flag("--undated", options.undated, "those too of which no day is known");
  expire->add_flag("--persons", options.persons, "persons too who have no pseudonym then");
  expire->add_option("--actor", options.actor, "who asks; kept in the audit log");
  expire->add_option("--purpose", options.purpose, "what for; kept in the audit log");
  expire->callback([chosen, vault] {
    options.vault = *vault;
    *chosen = [] { return ExpireStore(options); };
  });
}

void AddStore(CLI::App* app, Command* chosen) {
  CLI::App* const command =
      app->add_subcommand("store",
                          "the mapping store of a vault: verify, backup, restore, stats,\n"
                          "policy, expire, reseal, accept");
  static AcceptOptions accept_options;
  static VaultOptions& options = accept_options.vault;
  AddVault(command, &options);
  command->fallthrough();  // inherited: the options of the vault may stand behind what is done
  command->require_subcommand(1);
  CLI::App* const verify = command->add_subcommand(
      "verify",
      "look at everything and say what is wrong: nothing, or what was altered,\n"
      "removed, added or put back");
  verify->callback([chosen] { *chosen = [] { return VerifyStore(options); }; });
  CLI::App* const accept = command->add_subcommand(
      "accept",
      "take the store for the right one whatever its anchors say: after an older\n"
      "copy was put back on purpose, or an anchor was lost");
  CLI::Option* const anchor =
      accept->add_option("--anchor", accept_options.anchor, "file to make, the anchor from now on");
  accept->add_flag("--no-anchor", accept_options.no_anchor, "only the vault's own from now on")
      ->excludes(anchor);
  accept->callback([chosen] { *chosen = [] { return AcceptStore(accept_options); }; });
  CLI::App* const stats = command->add_subcommand("stats", "what it holds, in numbers");
  stats->callback([chosen] { *chosen = [] { return PrintStoreStats(options); }; });
  CLI::App* const reseal = command->add_subcommand(
      "reseal", "seal every record under the newest storage epoch; others may work meanwhile");
  reseal->callback([chosen] { *chosen = [] { return ResealStore(options); }; });
  AddPolicyStep(command, &options, chosen);
  AddExpireStep(command, &options, chosen);
  AddBackup(command, &options, chosen);
}

void AddErase(CLI::App* app, Command* chosen) {
  CLI::App* const command =
      app->add_subcommand("erase",
                          "make persons unrecoverable, from backups too; audited\n"
                          "records: {\"issuer\",\"id\"}, or lines of IDs");
  static EraseOptions options;
  AddVault(command, &options.vault);
  command->add_option("--actor", options.actor, "who asks; kept in the audit log");
  command->add_option("--purpose", options.purpose, "what for; kept in the audit log");
  AddInput(command, &options.input);
  command->callback([chosen] { *chosen = [] { return Erase(options); }; });
}

void AddMark(CLI::App* app, Command* chosen) {
  CLI::App* const command =
      app->add_subcommand("mark",
                          "persons whom nobody has a reason to resolve: the audit log tells of it\n"
                          "records: {\"issuer\",\"id\"}");
  static MarkOptions options;
  AddVault(command, &options.vault);
  command->add_flag("--remove", options.remove, "they are like all others again");
  command->add_option("--actor", options.actor, "who asks; kept in the audit log");
  command->add_option("--purpose", options.purpose, "what for; kept in the audit log");
  AddInput(command, &options.input);
  command->callback([chosen] { *chosen = [] { return Mark(options); }; });
}

void AddAudit(CLI::App* app, Command* chosen) {
  CLI::App* const command =
      app->add_subcommand("audit", "who resolved whom, when, what for: show, export, verify");
  static AuditOptions options;
  AddVault(command, &options.vault);
  command->fallthrough();  // inherited: the options of the vault may stand behind what is done
  command->require_subcommand(1);
  const auto add_filter = [](CLI::App* step) {
    step->add_option("--from", options.from, "first day or time, UTC: 2026-05-01[T12:00[:00]]");
    step->add_option("--to", options.to, "the day or time before which it ends, likewise");
    step->add_option("--actor", options.actor, "of this actor alone");
    step->add_flag("--alerts", options.alerts,
                   "only what somebody should look at: refused, broken glass, marked persons");
  };
  CLI::App* const show = command->add_subcommand("show", "one line for people per entry");
  add_filter(show);
  show->callback([chosen] { *chosen = [] { return ShowAuditLog(options); }; });
  CLI::App* const exported = command->add_subcommand("export", "one JSON object per entry");
  add_filter(exported);
  exported->add_option("-o,--output", options.output, "output; appears whole or not at all");
  exported->callback([chosen] { *chosen = [] { return ExportAuditLog(options); }; });
  CLI::App* const verify = command->add_subcommand(
      "verify", "whether every entry is there and as it was written, and what vouches for it");
  verify->add_option("--audit-key", options.audit_key, "the file that init made for this");
  verify->callback([chosen] { *chosen = [] { return VerifyAuditLog(options); }; });
}

void AddStatement(CLI::App* app, Command* chosen) {
  CLI::App* const command = app->add_subcommand(
      "statement", "what an expert's file needs to say of the vault and its method");
  static VaultOptions options;
  AddVault(command, &options);
  command->callback([chosen] { *chosen = [] { return PrintStatement(options); }; });
}

void AddResolve(CLI::App* app, Command* chosen) {
  CLI::App* const command = app->add_subcommand(
      "resolve",
      "from external or participant IDs (arguments, or lines of standard input)\n"
      "back to persons; audited");
  static ResolveOptions options;
  AddVault(command, &options.vault);
  AddReasonOfLookup(command, &options.actor, &options.purpose, &options.break_glass);
  command->add_option("ID", options.ids, "external IDs, UUIDs or participant IDs");
  command->callback([chosen] { *chosen = [] { return Resolve(options); }; });
}

void AddPseudonymize(CLI::App* app, Command* chosen) {
  CLI::App* const command = app->add_subcommand(
      "pseudonymize", "replace identifiers in tables (CSV, TSV) and exports (JSON, JSON Lines)");
  static PseudonymizeOptions options;
  AddVault(command, &options.vault);
  const auto several = [&](const char* name, std::vector<std::string>* values, const char* text) {
    return command->add_option(name, *values, text)->allow_extra_args(false);
  };
  several("--column", &options.columns, "COLUMN=ISSUER[:KIND], several times")->required();
  several("--add", &options.add, "NEW=COLUMN: a new column beside that one, several times");
  several("--drop", &options.drop, "leave this column out, several times");
  several("--null-values", &options.null_values,
          "besides the empty one, a value that is none and stays, several times");
  command->add_option("--name-column", options.name_column,
                      "column of real names; becomes that of display names");
  command->add_option("--role", options.role, "of the display names (default: Participant)");
  command->add_flag("--enroll", options.enroll, "store the persons, so that they can be resolved");
  command->add_option("--conference", options.conference, "scope: this conference, not the app");
  command->add_option("--conference-column", options.conference_column,
                      "scope: the conference that stands in this column");
  command->add_option("--as", options.as, "external-id (default), uuid or label");
  command->add_option("--label", options.label, "style of labels: code (default) or words");
  command->add_option("--epoch", options.epoch, "an older identity epoch, not the newest");
  AddBatch(command, &options.batch);
  command->callback([chosen] { *chosen = [] { return Pseudonymize(options); }; });
}

void AddReidentify(CLI::App* app, Command* chosen) {
  CLI::App* const command = app->add_subcommand(
      "reidentify",
      "put identifiers and names back into exports (CSV, TSV, JSON, JSON Lines);\n"
      "audited");
  static ReidentifyOptionsOfCommand options;
  AddVault(command, &options.vault);
  AddReasonOfLookup(command, &options.actor, &options.purpose, &options.break_glass);
  command->add_option("--participants", options.participants,
                      "what becomes of participant IDs: keep (default), id or name; with --out-dir\n"
                      "also of those in the names of the files");
  command->add_option("--mark-unknown", options.unknown_mark,
                      "what to put before every ID that is not known");
  command
      ->add_option("--name-column", options.name_columns,
                   "column or member of display names besides the usual ones, several times")
      ->allow_extra_args(false);
  AddBatch(command, &options.batch);
  command->callback([chosen] { *chosen = [] { return Reidentify(options); }; });
}

void AddAvatars(CLI::App* app, Command* chosen) {
  CLI::App* const command = app->add_subcommand("avatars", "the 256 pictures: export DIR");
  command->require_subcommand(1);
  CLI::App* const written = command->add_subcommand(
      "export", "write 0.svg to 255.svg and a page that shows them, for a web server");
  static std::string folder;
  written->add_option("DIR", folder, "folder to make, or an empty one")->required();
  AddJson(written);
  written->callback([chosen] { *chosen = [] { return ExportAvatars(folder); }; });
}

void AddInformation(CLI::App* app, Command* chosen) {
  static bool json = false;
  CLI::App* const platforms =
      app->add_subcommand("platforms", "list the platforms, their spellings and limits");
  platforms->add_flag("--json", json, "one JSON object a line");
  platforms->callback([chosen] { *chosen = [] { return ListPlatforms(json); }; });
  CLI::App* const version = app->add_subcommand("version", "print the version");
  version->add_flag("--json", json, "with the versions of the formats");
  version->callback([chosen] { *chosen = [] { return PrintVersion(json); }; });
}

// An empty value is most often a variable that a script did not set, and must not mean "not given".
void RefuseEmptyValues(CLI::App* app) {
  const CLI::Validator not_empty(
      [](const std::string& value) { return value.empty() ? "empty" : ""; }, "");
  for (CLI::App* command : app->get_subcommands({})) {
    for (CLI::Option* option : command->get_options()) {
      if (option->get_items_expected_max() > 0) option->check(not_empty);
    }
    RefuseEmptyValues(command);
  }
}

}  // namespace

void AddCommands(CLI::App* app, Command* chosen) {
  app->description("Keeps people's identities out of the platforms that carry their calls.");
  app->require_subcommand(1);
  app->footer(
      "Exit status: 0 done; 1 failed, nothing written; 2 usage; 3 done, but some records were\n"
      "rejected or unknown; 4 wrong key or altered data; 5 refused: the budget is used up;\n"
      "130 interrupted.");
  AddInit(app, chosen);
  AddAdmit(app, chosen);
  AddCheck(app, chosen);
  AddBind(app, chosen);
  AddResolve(app, chosen);
  AddPseudonymize(app, chosen);
  AddReidentify(app, chosen);
  AddRemap(app, chosen);
  AddTable(app, chosen);
  AddIdentifiers(app, chosen);
  AddKeys(app, chosen);
  AddStore(app, chosen);
  AddAudit(app, chosen);
  AddErase(app, chosen);
  AddMark(app, chosen);
  AddStatement(app, chosen);
  AddAvatars(app, chosen);
  AddInformation(app, chosen);
  RefuseEmptyValues(app);
  NameValues(app);
  app->set_version_flag("--version", "moniker " MONIKER_VERSION);
}

}  // namespace moniker::tool
