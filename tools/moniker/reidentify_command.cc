// The batch job that puts persons back: reidentify.

#include <cstddef>
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
#include "resolved_identities.h"

namespace moniker::tool {
namespace {

// Large: the store is asked for the IDs of a block at once, in the order in which it has them, so
// that the more there are, the nearer they lie.
constexpr std::size_t kBlockSize = std::size_t{1} << 20;

ParticipantPolicy PolicyOf(const std::string& name) {
  if (name == "keep") return ParticipantPolicy::kKeep;
  if (name == "id") return ParticipantPolicy::kId;
  if (name == "name") return ParticipantPolicy::kName;
  FailUsage("--participants: none of keep, id, name");
}

ReidentifyOptions RulesOf(const ReidentifyOptionsOfCommand& options) {
  ReidentifyOptions rules;
  rules.participants = PolicyOf(options.participants);
  rules.name_fields = options.name_columns;
  rules.unknown_mark = options.unknown_mark;
  return rules;
}

class ReidentifyRun {
 public:
  explicit ReidentifyRun(const ReidentifyOptionsOfCommand& options)
      : options_(options), rules_(RulesOf(options)), batch_(options.batch) {
    rewrite_.block_size = kBlockSize;
    // What is wrong with the options is told before anything is opened.
    job_ = std::make_unique<BatchJob>(batch_, options.vault, &rewrite_);
  }

  ExitStatus Run() {
    vault_.emplace(OpenVault(options_.vault));
    identities_.emplace(*vault_, AccessReason{.actor = options_.actor,
                                              .purpose = options_.purpose,
                                              .break_glass = options_.break_glass});
    if (batch_.out_dir.empty() || rules_.participants == ParticipantPolicy::kKeep) return RunJob();
    NameOutputs();
    try {
      job_ = std::make_unique<BatchJob>(batch_, options_.vault, &rewrite_);
      return RunJob();
    } catch (const Failure& failure) {
      throw Failure(failure.exit_status(), WithoutPersons(failure.what()), failure.hint());
    }
  }

 private:
  ExitStatus RunJob() {
    BatchWork work;
    work.pass = [this](int input, const RewriteOptions& rewrite, const RewriteSinks& sinks) {
      return job_->writes_openly() ? PassOpenly(input, rewrite, sinks)
                                   : Pass(input, rewrite, sinks);
    };
    work.terms = Terms();
    work.before_output = [this] { Require(identities_->Commit(), options_.vault.path); };
    work.numbers = [this] { return Numbers(); };
    const ExitStatus status = job_->Run(&*vault_, work);
    if (!options_.vault.quiet) TellCounts();
    return total_.unknown_ids == 0 ? status : kSomeRejected;
  }

  Result<RewriteOutcome> Pass(int input, const RewriteOptions& rewrite, const RewriteSinks& sinks) {
    Result<ReidentifyOutcome> outcome =
        moniker::Reidentify(input, rewrite, rules_, identities_->Sources(), sinks);
    if (!outcome.ok()) return outcome.status();
    counts_ = outcome->counts;
    total_.external_ids += counts_.external_ids;
    total_.participant_ids += counts_.participant_ids;
    total_.names += counts_.names;
    total_.unknown_ids += counts_.unknown_ids;
    total_.ambiguous_names += counts_.ambiguous_names;
    return RewriteOutcome{std::move(outcome->summary), std::move(outcome->fault)};
  }

  Result<RewriteOutcome> PassOpenly(int input, const RewriteOptions& rewrite,
                                    const RewriteSinks& sinks) {
    AuditedSinks audited(sinks, [this] { return identities_->Commit(); });
    Result<RewriteOutcome> outcome = Pass(input, rewrite, audited.Sinks());
    if (!outcome.ok() || outcome->fault) return outcome;
    if (const Status status = audited.Flush(); !status.ok()) return status;
    return outcome;
  }

  // The IDs in the names of files are replaced as those in them.
  void NameOutputs() {
    const std::unique_ptr<IdentitySource> source = Take(identities_->Sources()());
    for (const std::string& input : batch_.inputs) {
      const std::string name = input.substr(input.find_last_of('/') + 1);
      const Result<std::optional<std::string>> renamed =
          ReidentifyFileName(name, rules_, source.get());
      if (!renamed.ok()) Fail(renamed.status(), input);
      batch_.out_names.push_back(renamed->value_or(name));
    }
    // They are told in messages, and seen when the first output appears.
    Require(identities_->Commit(), options_.vault.path);
  }

  // A message with the names that the outputs would have had by those of the inputs.
  std::string WithoutPersons(std::string message) const {
    for (std::size_t i = 0; i < batch_.out_names.size(); ++i) {
      const std::string renamed = batch_.out_dir + "/" + batch_.out_names[i];
      const std::string& input = batch_.inputs[i];
      const std::string plain = batch_.out_dir + "/" + input.substr(input.find_last_of('/') + 1);
      for (std::size_t at = message.find(renamed); at != std::string::npos;
           at = message.find(renamed, at + plain.size())) {
        message.replace(at, renamed.size(), plain);
      }
    }
    return message;
  }

  std::vector<std::string> Terms() const {
    std::vector<std::string> terms = {"reidentify", options_.participants, options_.unknown_mark};
    terms.insert(terms.end(), options_.name_columns.begin(), options_.name_columns.end());
    return terms;
  }

  ReportNumbers Numbers() const {
    return {{"external_ids", counts_.external_ids},
            {"participant_ids", counts_.participant_ids},
            {"names", counts_.names},
            {"unknown_ids", counts_.unknown_ids},
            {"ambiguous_names", counts_.ambiguous_names}};
  }

  void TellCounts() const {
    Tell(std::to_string(total_.external_ids) + " external IDs, " +
         std::to_string(total_.participant_ids) + " participant IDs known; " +
         std::to_string(total_.names) + " names put back; " + std::to_string(total_.unknown_ids) +
         " IDs unknown, " + std::to_string(total_.ambiguous_names) + " names ambiguous");
  }

  const ReidentifyOptionsOfCommand& options_;
  const ReidentifyOptions rules_;
  BatchOptions batch_;
  RewriteOptions rewrite_;
  std::unique_ptr<BatchJob> job_;
  std::optional<Vault> vault_;
  std::optional<ResolvedIdentities> identities_;
  ReidentifyCounts counts_;  // of the last input
  ReidentifyCounts total_;
};

}  // namespace

ExitStatus Reidentify(const ReidentifyOptionsOfCommand& options) {
  return ReidentifyRun(options).Run();
}

}  // namespace moniker::tool
