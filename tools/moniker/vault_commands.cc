// Opening vaults, and init.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "commands.h"
#include "io.h"

namespace moniker::tool {
namespace {

bool Exists(const std::string& path) {
  struct stat info;
  return ::lstat(path.c_str(), &info) == 0;
}

bool IsOpenToOthers(const std::string& path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0 && (info.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

Protector ReadKeyFile(const std::string& path) {
  Result<Protector> protector = Protector::KeyFile(path);
  if (!protector.ok() && protector.status().code() == StatusCode::kAltered) {
    throw Failure(kKeyOrAltered, path + ": " + std::string(protector.status().message()),
                  "moniker init makes key files; give the one of this vault");
  }
  return Take(std::move(protector), "key file " + path);
}

void WarnIfNotLocked(const VaultOptions& options) {
  if (options.quiet || SecretMemory::Current().locked()) return;
  Tell("warning: secrets may reach swap: the system locks too little memory (ulimit -l)");
}

Suite SuiteOf(const std::string& name) {
  for (const Suite suite : {Suite::kBlake2b, Suite::kHmacSha256}) {
    if (SuiteName(suite) == name) return suite;
  }
  FailUsage("--suite: neither blake2b nor hmac-sha256");
}

Vault::Options OptionsOfNewVault(const InitOptions& options) {
  Vault::Options made;
  if (const Status status = ValidateApp(options.app); !status.ok()) {
    FailOption("--app", status);
  }
  if (const Status status = ValidateAvatarUrlTemplate(options.avatar_url); !status.ok()) {
    FailOption("--avatar-url", status);
  }
  if (options.mode != "derived" && options.mode != "enrolled") {
    FailUsage("--mode: neither derived nor enrolled");
  }
  made.keyring.mode = options.mode == "enrolled" ? VaultMode::kEnrolled : VaultMode::kDerived;
  made.keyring.app = options.app;
  made.keyring.suite = SuiteOf(options.suite);
  made.avatar_url_template = options.avatar_url;
  made.anchor = options.anchor;
  made.audit_key_file = options.audit_key;
  made.policy = options.policy.ApplyTo({});
  if (!options.import_root.empty()) {
    made.keyring.identity_root =
        Take(Keyring::ReadRootFile(options.import_root), options.import_root);
    if (!options.vault.quiet && IsOpenToOthers(options.import_root)) {
      Tell("warning: " + options.import_root + ": a root key that others can read");
    }
  }
  return made;
}

}  // namespace

Protector ProtectorOf(const VaultOptions& options) {
  if (!options.key_file.empty()) return ReadKeyFile(options.key_file);
  if (!options.passphrase_file.empty()) {
    return Take(Protector::PassphraseFile(options.passphrase_file), options.passphrase_file);
  }
  const std::string keyring = Take(Vault::KeyringPath(options.path), options.path);
  const std::string remembered = Take(Keyring::RememberedKeyFile(keyring), options.path);
  if (remembered.empty()) {
    FailUsage(options.path + ": the keyring is protected by a passphrase",
              "--passphrase-file FILE");
  }
  return ReadKeyFile(remembered);
}

// What the vault says of its protector, as a hint of which option is missing or too much.
void FailToOpen(const Status& status, const VaultOptions& options) {
  if (status.code() == StatusCode::kInvalidArgument) {
    FailUsage(options.path + ": " + std::string(status.message()),
              "open it with --passphrase-file or --key-file, as it was made");
  }
  Fail(status, options.path);
}

KeyFileForVault::FolderLock::FolderLock(const std::string& file) {
  const std::size_t slash = file.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "." : file.substr(0, slash + 1);
  fd_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd_ < 0 || ::flock(fd_, LOCK_EX) != 0) {
    throw Failure(kFailed, file + ": cannot lock its folder (" + std::strerror(errno) + ")");
  }
}

KeyFileForVault::FolderLock::~FolderLock() { ::close(fd_); }

KeyFileForVault::KeyFileForVault(const std::string& path)
    : lock_(path), path_(path), is_new_(!Exists(path)) {}

KeyFileForVault::~KeyFileForVault() {
  if (made_ && !kept_) ::unlink(path_.c_str());
}

Protector KeyFileForVault::Make() {
  if (!is_new_) return ReadKeyFile(path_);
  Protector protector = Take(Protector::NewKeyFile(path_), path_);
  made_ = true;
  return protector;
}

LabelStyle LabelStyleOf(const std::string& name) {
  const std::optional<LabelStyle> style = FindLabelStyle(name);
  if (!style) FailUsage("--label: neither code nor words");
  return *style;
}

IssuerKind ParseIssuerKind(const std::string& option, const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::optional<IdentifierKind> kind =
      colon == std::string::npos ? std::nullopt : FindKind(text.substr(colon + 1));
  if (!kind) FailUsage(option + ": not ISSUER:KIND with a kind of opaque, text, email, phone");
  IssuerKind rule{text.substr(0, colon), *kind};
  if (const Status status = ValidateIssuer(rule.issuer); !status.ok()) FailOption(option, status);
  const IdentifierKind built_in = BuiltInKind(rule.issuer);
  if (built_in != IdentifierKind::kOpaque && built_in != rule.kind) {
    FailUsage(option + ": the issuer has the kind " + std::string(KindName(built_in)));
  }
  return rule;
}

Vault OpenVault(const VaultOptions& options) {
  const Protector protector = ProtectorOf(options);
  Result<Vault> vault = Vault::Open(options.path, protector);
  if (!vault.ok()) FailToOpen(vault.status(), options);
  WarnIfNotLocked(options);
  return *std::move(vault);
}

Identifier WithKind(const Vault& vault, const Identifier& identifier) {
  if (identifier.kind) return identifier;
  return {identifier.issuer, identifier.id, Take(vault.KindOf(identifier.issuer))};
}

Scope ScopeOf(const std::optional<std::string>& conference) {
  if (!conference) return Scope::App();
  Result<Scope> scope = Scope::Conference(*conference);
  if (!scope.ok()) FailOption("--conference", scope.status());
  return *std::move(scope);
}

void FailOption(const std::string& option, const Status& status) {
  const std::string_view message = status.message();
  const std::size_t colon = message.find(": ");
  const std::string_view what =
      colon == std::string_view::npos ? message : message.substr(colon + 2);
  FailUsage(option + ": " + std::string(what));
}

ExitStatus Init(const InitOptions& options) {
  Vault::Options made = OptionsOfNewVault(options);
  for (const std::string& text : options.issuers) {
    made.issuers.push_back(ParseIssuerKind("--issuer", text));
  }
  if (Exists(options.vault.path)) {
    throw Failure(kFailed, options.vault.path + ": there is something already",
                  "a vault is never replaced; choose another path");
  }
  if (!options.audit_key.empty() && Exists(options.audit_key)) {
    throw Failure(kFailed, options.audit_key + ": there is something already",
                  "an audit key is never replaced; choose another path");
  }
  if (!options.vault.passphrase_file.empty()) {
    const Protector protector = Take(Protector::PassphraseFile(options.vault.passphrase_file),
                                     options.vault.passphrase_file);
    Require(Vault::Create(options.vault.path, std::move(made), protector), options.vault.path);
  } else {
    KeyFileForVault key_file(options.vault.key_file);
    const Protector protector = key_file.Make();
    Require(Vault::Create(options.vault.path, std::move(made), protector), options.vault.path);
    key_file.Keep();
  }
  if (!options.vault.quiet) {
    Tell("made " + options.vault.path + " (app " + options.app + ", suite " + options.suite + ")");
    Tell("keep a copy of its key or passphrase elsewhere: without it nobody can be resolved");
    if (!options.audit_key.empty()) {
      Tell("move " + options.audit_key + " to where the vault's keys are not, and keep it");
    }
  }
  return kDone;
}

}  // namespace moniker::tool
