// The commands of the program. Each takes what was given on the command line, does all of its work
// and returns an exit status; it throws Failure when it can do none of it (docs/cli.md).

#ifndef MONIKER_TOOLS_MONIKER_COMMANDS_H_
#define MONIKER_TOOLS_MONIKER_COMMANDS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "failure.h"
#include "moniker/identifier.h"
#include "moniker/keyring.h"
#include "moniker/label.h"
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

// Throws Failure; warns on standard error if secrets could not be locked into memory.
Vault OpenVault(const VaultOptions& options);

// What opens the vault, as the options or its keyring say. Throws Failure.
Protector ProtectorOf(const VaultOptions& options);

// Ends the command because of an error in opening a vault.
[[noreturn]] void FailToOpen(const Status& status, const VaultOptions& options);

// With the kind that the vault says, if the record says none. Throws Failure.
Identifier WithKind(const Vault& vault, const Identifier& identifier);

// The key file for a keyring that is about to be written, made if it is not there, and taken back
// unless it is kept. One after another for the key files of a folder: who made one and failed must
// not take it from somebody else who found it there meanwhile. The constructor throws Failure.
class KeyFileForVault {
 public:
  explicit KeyFileForVault(const std::string& path);
  KeyFileForVault(const KeyFileForVault&) = delete;
  KeyFileForVault& operator=(const KeyFileForVault&) = delete;
  ~KeyFileForVault();

  Protector Make();  // throws Failure
  void Keep() { kept_ = true; }

 private:
  class FolderLock {
   public:
    explicit FolderLock(const std::string& file);
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;
    ~FolderLock();

   private:
    int fd_;
  };

  FolderLock lock_;
  std::string path_;
  bool is_new_;
  bool made_ = false;
  bool kept_ = false;
};

// The app scope if no conference is given; an empty one is an error, so that an unset variable in a
// script does not widen the scope. Throws Failure as a usage error.
Scope ScopeOf(const std::optional<std::string>& conference);

// "code" or "words" of --label. Throws Failure as a usage error.
LabelStyle LabelStyleOf(const std::string& name);

// ISSUER:KIND of `option`. Throws Failure as a usage error.
IssuerKind ParseIssuerKind(const std::string& option, const std::string& text);

// "--option: what is wrong", from a message that begins with the field's name.
[[noreturn]] void FailOption(const std::string& option, const Status& status);

// What is not given stays.
struct PolicyOptions {
  std::optional<std::uint32_t> budget_hour;
  std::optional<std::uint32_t> budget_day;
  std::optional<std::uint32_t> retention;  // days

  bool empty() const { return !budget_hour && !budget_day && !retention; }
  VaultPolicy ApplyTo(VaultPolicy policy) const;
};

struct InitOptions {
  VaultOptions vault;
  std::string app;
  std::string suite = "blake2b";
  std::string mode = "derived";
  std::string import_root;  // a file
  std::string avatar_url;
  std::string anchor;                // a file
  std::vector<std::string> issuers;  // ISSUER:KIND
  std::string audit_key;             // a file to make
  PolicyOptions policy;
};
ExitStatus Init(const InitOptions& options);

struct AdmitOptions {
  VaultOptions vault;
  std::optional<std::string> conference;
  std::string platform = "generic";
  std::string role;
  std::string avatar_url;
  std::string label = "code";
  std::optional<std::uint32_t> epoch;
  std::optional<std::uint16_t> retention;  // days
  std::vector<std::string> metadata;       // role, or KEY=VALUE
  std::string input;
};
ExitStatus Admit(const AdmitOptions& options);

struct RecordsOptions {
  VaultOptions vault;
  std::string input;
};
ExitStatus Bind(const RecordsOptions& options);

struct CheckOptions {
  VaultOptions vault;
  bool outbound = false;
  std::string input;
};
ExitStatus Check(const CheckOptions& options);

struct IdentifiersOptions {
  enum class Step { kAdd, kMerge, kSplit };

  VaultOptions vault;
  Step step = Step::kAdd;
  bool dry_run = false;
  std::string input;
};
ExitStatus Identifiers(const IdentifiersOptions& options);

struct KeysOptions {
  VaultOptions vault;
  KeyKind kind = KeyKind::kIdentity;
  std::uint32_t epoch = 0;
  std::string new_key_file;
  std::string new_passphrase_file;
};
ExitStatus ListKeys(const VaultOptions& options);
ExitStatus RotateKeys(const KeysOptions& options);
ExitStatus DestroyKeys(const KeysOptions& options);
ExitStatus RewrapKeys(const KeysOptions& options);

ExitStatus ResealStore(const VaultOptions& options);
ExitStatus VerifyStore(const VaultOptions& options);

struct AcceptOptions {
  VaultOptions vault;
  std::string anchor;  // a file
  bool no_anchor = false;
};
ExitStatus AcceptStore(const AcceptOptions& options);
ExitStatus PrintStoreStats(const VaultOptions& options);

struct StorePolicyOptions {
  VaultOptions vault;
  PolicyOptions policy;
  std::string actor;    // empty: none is told
  std::string purpose;  // likewise
};
ExitStatus ShowOrSetPolicy(const StorePolicyOptions& options);

struct ExpireOptions {
  VaultOptions vault;
  std::string before;  // a day, or a time; empty: by retention
  bool undated = false;
  bool persons = false;
  std::string actor;    // empty: none is told
  std::string purpose;  // likewise
};
ExitStatus ExpireStore(const ExpireOptions& options);

struct BackupOptions {
  VaultOptions vault;
  std::string file;
};
ExitStatus BackUpStore(const BackupOptions& options);

struct RestoreOptions {
  VaultOptions vault;
  std::string file;
  bool force = false;
  bool drop_anchor = false;
  std::string actor;    // empty: none is told
  std::string purpose;  // likewise
};
ExitStatus RestoreStore(const RestoreOptions& options);

struct EraseOptions {
  VaultOptions vault;
  std::string actor;    // empty: none is told
  std::string purpose;  // likewise
  std::string input;
};
ExitStatus Erase(const EraseOptions& options);

struct MarkOptions {
  VaultOptions vault;
  bool remove = false;
  std::string actor;    // empty: none is told
  std::string purpose;  // likewise
  std::string input;
};
ExitStatus Mark(const MarkOptions& options);

ExitStatus PrintStatement(const VaultOptions& options);

struct ResolveOptions {
  VaultOptions vault;
  std::string actor;
  std::string purpose;
  bool break_glass = false;
  std::vector<std::string> ids;  // empty: lines of standard input
};
ExitStatus Resolve(const ResolveOptions& options);

struct AuditOptions {
  VaultOptions vault;
  std::string from;  // a day, or a time; empty: from the first entry
  std::string to;    // before that; empty: to the last
  std::string actor;
  bool alerts = false;
  std::string audit_key;  // a file; empty: without
  std::string output;
};
ExitStatus ShowAuditLog(const AuditOptions& options);
ExitStatus ExportAuditLog(const AuditOptions& options);
ExitStatus VerifyAuditLog(const AuditOptions& options);

// What the batch commands have in common: their files, and what becomes of records with faults.
struct BatchOptions {
  std::vector<std::string> inputs;
  std::string output;
  std::string out_dir;
  std::vector<std::string> out_names;  // of the outputs there, by input; empty: as the inputs
  std::string from;
  std::string to;
  std::string separator;
  std::string quote;
  std::string ragged = "error";
  std::string on_error = "fail";
  std::string report;
  std::size_t threads = 0;
  bool resume = false;
  double checkpoint_every = 10;  // seconds
  bool dry_run = false;          // nothing but the report is written
  std::string table;             // a further output, empty: none
  std::string other_vault;       // where no output belongs either; empty: none
};

struct PseudonymizeOptions {
  VaultOptions vault;
  BatchOptions batch;
  std::vector<std::string> columns;  // COL=ISSUER[:KIND]
  std::vector<std::string> add;      // NEW=COL
  std::vector<std::string> drop;
  std::vector<std::string> null_values;
  std::string name_column;
  std::string conference_column;
  std::string role;
  bool enroll = false;
  std::optional<std::string> conference;
  std::string as = "external-id";
  std::string label = "code";
  std::optional<std::uint32_t> epoch;
};
ExitStatus Pseudonymize(const PseudonymizeOptions& options);

struct ReidentifyOptionsOfCommand {
  VaultOptions vault;
  BatchOptions batch;
  std::string actor;
  std::string purpose;
  bool break_glass = false;
  std::string participants = "keep";
  std::string unknown_mark;
  std::vector<std::string> name_columns;
};
ExitStatus Reidentify(const ReidentifyOptionsOfCommand& options);

struct RemapOptions {
  VaultOptions vault;
  BatchOptions batch;  // with table, dry_run and other_vault
  std::string actor;
  std::string purpose;
  bool break_glass = false;
  std::optional<std::uint32_t> to_epoch;
  std::string to_app;  // empty: that of the vault
  std::optional<std::string> to_conference;
  VaultOptions to_vault;  // without a path: the same
  bool enroll = false;
  std::string label = "code";
  std::string unknown_mark;
  std::vector<std::string> name_columns;
};
ExitStatus Remap(const RemapOptions& options);

// What a table of remap is good for without any vault.
struct TableOptions {
  std::string table;
  BatchOptions batch;
  VaultOptions vault;  // without a path: of its options only `quiet` means anything
  std::string unknown_mark;
  std::vector<std::string> name_columns;
  std::string old_file;  // of verify
  std::string new_file;
};
ExitStatus ApplyTable(const TableOptions& options);
ExitStatus VerifyTable(const TableOptions& options);

// Writes 0.svg to 255.svg and index.html; the folder appears whole or not at all.
ExitStatus ExportAvatars(const std::string& folder);

ExitStatus ListPlatforms(bool json);
ExitStatus PrintVersion(bool json);

inline constexpr char kDefaultRole[] = "Participant";

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_COMMANDS_H_
