// remap: from old pseudonyms to new ones, through the store that knows the old and the keys that
// make the new.

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audited_sinks.h"
#include "batch_job.h"
#include "commands.h"
#include "io.h"
#include "moniker/reidentify.h"
#include "remap_report.h"
#include "remap_table.h"
#include "remap_table_file.h"
#include "remap_target.h"
#include "remapped_identities.h"

namespace moniker::tool {
namespace {

bool HasStore(const std::string& vault) {
  struct stat info;
  return ::stat((vault + "/store.sqlite").c_str(), &info) == 0;
}

// Where the pseudonyms are to come from, opened.
class OpenedTarget {
 public:
  OpenedTarget(const RemapOptions& options, const Vault& vault) {
    target_.label_style = LabelStyleOf(options.label);
    OpenVaultOf(options, vault);
    target_.app = options.to_app.empty() ? target_.keyring->app() : options.to_app;
    target_.epoch = options.to_epoch.value_or(target_.keyring->NewestEpoch(KeyKind::kIdentity));
    if (options.to_conference) {
      Result<Scope> scope = Scope::Conference(*options.to_conference);
      if (!scope.ok()) FailOption("--to-conference", scope.status());
      target_.scope.emplace(*std::move(scope));
    } else if (!options.to_app.empty()) {
      target_.scope = Scope::App();
    }
    if (options.enroll && !target_.uses_store()) {
      FailUsage("--enroll: there is no store of that app to enroll into",
                "make a vault of that app and name it with --to-vault");
    }
    CheckEpoch();
  }

  const RemapTarget& target() const { return target_; }

 private:
  void OpenVaultOf(const RemapOptions& options, const Vault& vault) {
    const VaultOptions& other = options.to_vault;
    target_.vault = &vault;
    if (!other.path.empty() && HasStore(other.path)) {
      vault_.emplace(OpenVault(other));
      target_.vault = &*vault_;
    } else if (!other.path.empty()) {
      Result<Keyring> keyring = Vault::OpenKeyring(other.path, ProtectorOf(other));
      if (!keyring.ok()) FailToOpen(keyring.status(), other);
      target_.keyring = std::make_shared<const Keyring>(*std::move(keyring));
      target_.vault = nullptr;
      return;
    }
    target_.keyring = target_.vault->keyring();
    if (target_.keyring == nullptr) Fail(Status(StatusCode::kClosed, "the vault is locked"));
  }

  // What is wrong with the options is told before anything is read.
  void CheckEpoch() const {
    const Status status = NewPseudonyms(target_).Check(target_.ScopeOf(Scope::App()));
    if (status.code() == StatusCode::kNotFound) {
      FailUsage("--to: there is no such identity epoch", "moniker keys VAULT list");
    }
    if (status.code() == StatusCode::kInvalidArgument) FailOption("--to-app", status);
    if (status.code() == StatusCode::kUnsupported) {
      FailUsage("--to-vault, --to-app: an enrolled vault makes pseudonyms only with its own store");
    }
    Require(status);
  }

  std::optional<Vault> vault_;
  RemapTarget target_;
};

void CheckTarget(const RemapOptions& options) {
  const bool has_target = options.to_epoch || !options.to_app.empty() || options.to_conference ||
                          !options.to_vault.path.empty();
  if (!has_target) FailUsage("none of --to, --to-app, --to-conference, --to-vault");
  if (!options.to_app.empty()) {
    if (const Status status = ValidateApp(options.to_app); !status.ok()) {
      FailOption("--to-app", status);
    }
  }
  if (!options.enroll) return;
  for (const std::string& input : options.batch.inputs) {
    struct stat info;
    const bool is_stream =
        input == "-" || (::stat(input.c_str(), &info) == 0 && !S_ISREG(info.st_mode));
    if (is_stream) FailUsage("--enroll: only files can be read twice");
  }
  if (options.batch.inputs.empty()) FailUsage("--enroll: only files can be read twice");
}

class RemapRun {
 public:
  explicit RemapRun(const RemapOptions& options)
      : options_(options), job_(options.batch, options.vault, &rewrite_) {
    CheckTarget(options);
    rules_.name_fields = options.name_columns;
    rules_.unknown_mark = options.unknown_mark;
  }

  ExitStatus Run() {
    vault_.emplace(OpenVault(options_.vault));
    target_.emplace(options_, *vault_);
    identities_.emplace(*vault_,
                        AccessReason{.actor = options_.actor,
                                     .purpose = options_.purpose,
                                     .break_glass = options_.break_glass},
                        target_->target(), &table_);
    if (options_.enroll && options_.batch.dry_run) identities_->AssumeEnrolment();
    std::optional<Output> table;
    if (!options_.batch.table.empty() && !options_.batch.dry_run) {
      table.emplace(options_.batch.table);
    }
    BatchWork work;
    work.pass = [this](int input, const RewriteOptions& rewrite, const RewriteSinks& sinks) {
      return Pass(input, rewrite, sinks);
    };
    work.terms = Terms();
    work.before_output = [this] { Require(identities_->Commit(), options_.vault.path); };
    work.numbers = [this] { return report_.OfInput(table_); };
    const ExitStatus status = job_.Run(&*vault_, work);
    if (table) table->Write(CsvOf(table_));
    if (!options_.vault.quiet) TellCounts();
    return report_.has_unknown() ? kSomeRejected : status;
  }

 private:
  bool enrolls() const { return options_.enroll && !options_.batch.dry_run; }

  Result<RewriteOutcome> Pass(int input, const RewriteOptions& rewrite, const RewriteSinks& sinks) {
    // A run that goes on does not see all of the input any more, and its table has to have all.
    if (enrolls() || options_.batch.resume) {
      Result<RewriteOutcome> first = ReadFirst(input, rewrite, sinks);
      if (!first.ok() || first->fault) return first;
    }
    if (options_.batch.dry_run || !job_.writes_openly()) return RunOver(input, rewrite, sinks);
    AuditedSinks audited(sinks, [this] { return identities_->Commit(); });
    Result<RewriteOutcome> outcome = RunOver(input, rewrite, audited.Sinks());
    if (!outcome.ok() || outcome->fault) return outcome;
    if (const Status status = audited.Flush(); !status.ok()) return status;
    return outcome;
  }

  Result<RewriteOutcome> RunOver(int input, const RewriteOptions& rewrite,
                                 const RewriteSinks& sinks) {
    Result<ReidentifyOutcome> outcome =
        moniker::Reidentify(input, rewrite, rules_, identities_->Sources(), sinks);
    if (!outcome.ok()) return outcome.status();
    report_.Add(outcome->counts);
    return RewriteOutcome{std::move(outcome->summary), std::move(outcome->fault)};
  }

  // Everybody in the input is known, and stored if that was asked for, before anything is written.
  Result<RewriteOutcome> ReadFirst(int input, RewriteOptions rewrite, const RewriteSinks& sinks) {
    const off_t begin = ::lseek(input, 0, SEEK_CUR);
    const std::string place = std::exchange(rewrite.resume_from, "");
    rewrite.output_compression = Compression::kNone;
    rewrite.checkpoints = false;
    // A conference allots its labels in the order of the text.
    if (enrolls()) rewrite.threads = 1;
    RewriteSinks nowhere;
    nowhere.write = [](std::string_view) { return Status::Ok(); };
    // Progress is shown and signals are seen, but the place where the run goes on stays.
    nowhere.after_block = [&](const RewriteProgress& now) {
      return sinks.after_block({.bytes_in = now.bytes_in, .checkpoint = place});
    };
    if (enrolls()) identities_->BeginEnrolment();
    Result<ReidentifyOutcome> outcome =
        moniker::Reidentify(input, rewrite, rules_, identities_->Sources(), nowhere);
    if (!outcome.ok()) return outcome.status();
    if (!outcome->fault && enrolls()) {
      if (const Status status = identities_->EndEnrolment(); !status.ok()) return status;
    }
    if (::lseek(input, begin, SEEK_SET) != begin) {
      return Status(StatusCode::kIo, "cannot read the input a second time", errno);
    }
    return RewriteOutcome{std::move(outcome->summary), std::move(outcome->fault)};
  }

  std::vector<std::string> Terms() const {
    const RemapTarget& target = target_->target();
    const VaultId& vault = target.keyring->vault_id();
    std::vector<std::string> terms = {"remap",
                                      std::string(vault.begin(), vault.end()),
                                      target.app,
                                      std::to_string(target.epoch),
                                      target.scope ? "scope " + target.scope->conference() : "",
                                      options_.label,
                                      options_.enroll ? "enroll" : "",
                                      options_.unknown_mark};
    terms.insert(terms.end(), options_.name_columns.begin(), options_.name_columns.end());
    return terms;
  }

  void TellCounts() const {
    report_.TellIds();
    Tell(std::to_string(table_.changed()) + " different external IDs become others, " +
         std::to_string(table_.unchanged()) + " stay");
    if (identities_->labels_not_allotted() > 0) {
      Tell(std::to_string(identities_->labels_not_allotted()) +
           " labels of a conference are those of the IDs: whoever else is in it may have them");
    }
    if (options_.batch.dry_run) Tell("nothing was written");
  }

  const RemapOptions& options_;
  ReidentifyOptions rules_;
  RewriteOptions rewrite_;
  BatchJob job_;
  std::optional<Vault> vault_;
  std::optional<OpenedTarget> target_;
  RemapTable table_;
  std::optional<RemappedIdentities> identities_;
  RemapReport report_;
};

}  // namespace

ExitStatus Remap(const RemapOptions& options) { return RemapRun(options).Run(); }

}  // namespace moniker::tool
