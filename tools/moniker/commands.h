// The commands of the program. Each takes what was given on the command line, does all of its work
// and returns an exit status; it throws Failure when it can do none of it (docs/cli.md).

#ifndef MONIKER_TOOLS_MONIKER_COMMANDS_H_
#define MONIKER_TOOLS_MONIKER_COMMANDS_H_

#include <optional>
#include <string>
#include <vector>

#include "failure.h"
#include "moniker/keyring.h"
#include "moniker/protector.h"
#include "moniker/scope.h"
#include "moniker/vault.h"

namespace moniker::tool {

// What every command that opens a vault is told.
struct VaultOptions {
  std::string path;
  std::string key_file;         // empty: the remembered one
  std::string passphrase_file;  // empty: none
  bool quiet = false;
};

// Throw Failure; warn on standard error if secrets could not be locked into memory.
Vault OpenVault(const VaultOptions& options);
Keyring OpenVaultKeyring(const VaultOptions& options);

// The app scope if no conference is given; an empty one is an error, so that an unset variable in a
// script does not widen the scope. Throws Failure as a usage error.
Scope ScopeOf(const std::optional<std::string>& conference);

// "--option: what is wrong", from a message that begins with the field's name.
[[noreturn]] void FailOption(const std::string& option, const Status& status);

struct InitOptions {
  VaultOptions vault;
  std::string app;
  std::string suite = "blake2b";
  std::string mode = "derived";
  std::string import_root;  // a file
  std::string avatar_url;
};
ExitStatus Init(const InitOptions& options);

struct AdmitOptions {
  VaultOptions vault;
  std::optional<std::string> conference;
  std::string platform = "generic";
  std::string role;
  std::string avatar_url;
  std::string input;
};
ExitStatus Admit(const AdmitOptions& options);

struct RecordsOptions {
  VaultOptions vault;
  std::string input;
};
ExitStatus Check(const RecordsOptions& options);
ExitStatus Bind(const RecordsOptions& options);

struct ResolveOptions {
  VaultOptions vault;
  std::string actor;
  std::string purpose;
  std::vector<std::string> ids;  // empty: lines of standard input
};
ExitStatus Resolve(const ResolveOptions& options);

struct PseudonymizeOptions {
  VaultOptions vault;
  std::vector<std::string> columns;  // COL=ISSUER[:KIND]
  std::vector<std::string> drop;
  std::string name_column;
  std::string role;
  bool enroll = false;
  std::optional<std::string> conference;
  std::string as = "external-id";
  std::string from;
  std::string to;
  std::string output;
  std::string input;
};
ExitStatus Pseudonymize(const PseudonymizeOptions& options);

struct ReidentifyOptionsOfCommand {
  VaultOptions vault;
  std::string actor;
  std::string purpose;
  std::string participants = "keep";
  std::vector<std::string> name_columns;
  std::string from;
  std::string output;
  std::string input;
};
ExitStatus Reidentify(const ReidentifyOptionsOfCommand& options);

// Writes 0.svg to 255.svg and index.html; the folder appears whole or not at all.
ExitStatus ExportAvatars(const std::string& folder);

ExitStatus ListPlatforms(bool json);
ExitStatus PrintVersion(bool json);

inline constexpr char kDefaultRole[] = "Participant";

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_COMMANDS_H_
