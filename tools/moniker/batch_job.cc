#include "batch_job.h"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <set>
#include <utility>

#include "batch_outputs.h"
#include "interruption.h"
#include "io.h"
#include "moniker/keyring.h"
#include "moniker/prf.h"
#include "moniker/version.h"
#include "progress_line.h"
#include "records.h"

namespace moniker::tool {
namespace {

constexpr std::string_view kReject = "reject=";

bool IsStandard(const std::string& path) { return path.empty() || path == "-"; }

FormatOfName FormatNamed(const std::string& option, const std::string& name) {
  const std::optional<FormatOfName> format = FindFormat("." + name);
  const bool is_known = name == "csv" || name == "tsv" || name == "json" || name == "jsonl";
  if (!format || !is_known) FailUsage(option + ": none of csv, tsv, json, jsonl");
  return *format;
}

// 0 for what is no regular file, whose size is not that of its content.
struct stat Look(int fd) {
  struct stat info = {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) info.st_size = 0;
  return info;
}

std::int64_t Nanoseconds(const struct timespec& time) {
  constexpr std::int64_t kInSecond = 1'000'000'000;
  return time.tv_sec * kInSecond + time.tv_nsec;
}

// Without a vault there is no key, and nothing among the terms that is to be kept from anybody.
Result<std::unique_ptr<Prf>> CheckpointPrf(const Vault* vault) {
  if (vault == nullptr) {
    Result<SecretBytes> zeros = SecretBytes::Allocate(kKeySize);
    if (!zeros.ok()) return zeros.status();
    return MakePrf(Suite::kBlake2b, *std::move(zeros));
  }
  const std::shared_ptr<const Keyring> keyring = vault->keyring();
  return keyring->SubkeyPrf(KeyKind::kIdentity, keyring->NewestEpoch(KeyKind::kIdentity),
                            "batch-checkpoint", {});
}

}  // namespace

// One input: what is told, kept and asked on the way.
class BatchJob::InputRun {
 public:
  InputRun(BatchJob* job, const Input& input, BatchOutputs* outputs, const std::string& context)
      : job_(*job),
        outputs_(*outputs),
        progress_(job->vault_options_.quiet, static_cast<std::uint64_t>(Look(input.fd()).st_size),
                  context),
        place_(outputs->checkpoint().place),
        kept_at_(Clock::now()) {}

  RewriteSinks Sinks() {
    RewriteSinks sinks;
    sinks.write = [this](std::string_view text) { return outputs_.Write(text); };
    if (!job_.reject_file_.empty()) {
      sinks.reject = [this](std::string_view text) { return outputs_.Reject(text); };
    }
    sinks.tell = [this](const RecordFault& fault) { job_.report_.Add(fault); };
    sinks.after_block = [this](const RewriteProgress& now) { return AfterBlock(now); };
    return sinks;
  }

  const std::string& place() const { return place_; }
  bool was_interrupted() const { return was_interrupted_; }

 private:
  using Clock = std::chrono::steady_clock;

  Status AfterBlock(const RewriteProgress& now) {
    progress_.Show(now.bytes_in);
    if (!job_.options_.resume) return Status::Ok();
    place_ = now.checkpoint;
    was_interrupted_ = Interruption::Signal() != 0;
    const std::chrono::duration<double> since = Clock::now() - kept_at_;
    if (was_interrupted_ || since.count() >= job_.options_.checkpoint_every) {
      const Status status = outputs_.Keep(place_, job_.report_.faults());
      if (!status.ok()) return status;
      kept_at_ = Clock::now();
    }
    return was_interrupted_ ? Status(StatusCode::kClosed, "interrupted") : Status::Ok();
  }

  BatchJob& job_;
  BatchOutputs& outputs_;
  ProgressLine progress_;
  std::string place_;
  Clock::time_point kept_at_;
  bool was_interrupted_ = false;
};

BatchJob::BatchJob(const BatchOptions& options, const VaultOptions& vault, RewriteOptions* rewrite)
    : options_(options),
      vault_options_(vault),
      rewrite_(*rewrite),
      report_(rewrite->columns, vault.quiet) {
  ReadDialect();
  ReadErrorOptions();
  CheckFiles();
  rewrite_.threads = options.threads;
  rewrite_.checkpoints = options.resume;
}

void BatchJob::ReadDialect() {
  if (!options_.from.empty()) from_ = FormatNamed("--from", options_.from);
  if (!options_.to.empty()) to_ = FormatNamed("--to", options_.to);
  if (!options_.separator.empty()) {
    const std::string& separator = options_.separator;
    if (separator.size() != 1 && separator != "tab") FailUsage("--separator: not one character");
    separator_ = separator == "tab" ? '\t' : separator[0];
  }
  if (!options_.quote.empty()) {
    if (options_.quote.size() != 1 && options_.quote != "none") {
      FailUsage("--quote: neither one character nor none");
    }
    rewrite_.quote = options_.quote == "none" ? '\0' : options_.quote[0];
  }
  if (options_.ragged != "error" && options_.ragged != "pass") {
    FailUsage("--ragged: neither error nor pass");
  }
  rewrite_.pass_ragged = options_.ragged == "pass";
}

void BatchJob::ReadErrorOptions() {
  const std::string& choice = options_.on_error;
  rewrite_.skip_faulty = choice != "fail";
  if (choice == "fail" || choice == "skip") return;
  if (!choice.starts_with(kReject) || choice.size() == kReject.size()) {
    FailUsage("--on-error: none of fail, skip, reject=FILE");
  }
  reject_file_ = choice.substr(kReject.size());
}

void BatchJob::CheckFiles() {
  inputs_ = options_.inputs.empty() ? std::vector<std::string>{"-"} : options_.inputs;
  if (!options_.out_dir.empty() && !options_.output.empty()) {
    FailUsage("--out-dir: not together with --output");
  }
  if (inputs_.size() > 1) {
    if (options_.out_dir.empty() && !options_.dry_run) FailUsage("several inputs need --out-dir");
    if (!reject_file_.empty()) {
      FailUsage("--on-error: the rejected records of several inputs do not belong into one file");
    }
  }
  if (options_.resume && options_.dry_run) FailUsage("--resume: not together with --dry-run");
  if (options_.resume) CheckResumable();
  std::set<std::string> outputs;
  const auto add = [&](const std::string& output) {
    if (IsStandard(output)) return;
    if (!outputs.insert(output).second) FailUsage(output + ": an output twice");
    for (const std::string& input : inputs_) {
      CheckOutput(output, input, vault_options_.path);
      if (!options_.other_vault.empty()) CheckOutput(output, input, options_.other_vault);
    }
  };
  const auto add_resumable = [&](const std::string& output) {
    add(output);
    if (options_.resume && !output.empty()) add(OutputFile::PartialName(output));
  };
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    add_resumable(OutputOf(i));
    if (options_.resume) add(CheckpointName(OutputOf(i)));
  }
  add_resumable(reject_file_);
  add(options_.report);
  add(options_.table);
}

void BatchJob::CheckResumable() const {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    struct stat info;
    const bool is_other = ::stat(inputs_[i].c_str(), &info) == 0 && !S_ISREG(info.st_mode);
    if (IsStandard(inputs_[i]) || IsStandard(OutputOf(i)) || is_other) {
      FailUsage("--resume: only from a file to a file; what comes or goes as a stream is gone");
    }
  }
}

std::string BatchJob::OutputOf(std::size_t input) const {
  if (options_.out_dir.empty()) return options_.output;
  const std::string& path = inputs_[input];
  if (IsStandard(path)) FailUsage("--out-dir: standard input has no name for its output");
  const std::string name = options_.out_names.empty() ? path.substr(path.find_last_of('/') + 1)
                                                      : options_.out_names[input];
  return options_.out_dir + "/" + name;
}

bool BatchJob::writes_openly() const {
  return options_.resume || (options_.out_dir.empty() && IsStandard(options_.output));
}

void BatchJob::SetFormat(const std::string& input) {
  std::optional<FormatOfName> format = from_;
  if (!format) format = FindFormat(input);
  const auto is_to = [&](const FormatOfName& other) {
    return to_->format == other.format && to_->separator == other.separator;
  };
  // Without a name only CSV can be meant: JSON would be found by its first character.
  if (!format && to_ && is_to(FormatOfName{})) format = to_;
  if (to_ && !(format && is_to(*format))) {
    FailUsage("--to: the output has the format of the input");
  }
  rewrite_.format.reset();
  if (format) rewrite_.format = format->format;
  rewrite_.separator = separator_.value_or(format ? format->separator : ',');
}

ExitStatus BatchJob::Run(const Vault* vault, const BatchWork& work) {
  std::optional<Output> report;
  if (!options_.report.empty()) report.emplace(options_.report);
  std::optional<Interruption> interruption;
  if (options_.resume) {
    digest_ = DigestOf(vault, work);
    interruption.emplace();
  }
  for (std::size_t i = 0; i < inputs_.size(); ++i) RunInput(i, work);
  if (report) report->Write(report_.Json());
  for (const std::string& checkpoint : checkpoints_) ::unlink(checkpoint.c_str());
  report_.TellTotal();
  return report_.rejected() == 0 ? kDone : kSomeRejected;
}

// Under a key of the vault: what was asked for, a conference say, is not to be guessed from it.
std::string BatchJob::DigestOf(const Vault* vault, const BatchWork& work) const {
  std::vector<std::string> terms = {MONIKER_VERSION,    options_.from,  options_.to,
                                    options_.separator, options_.quote, options_.ragged,
                                    options_.on_error};
  terms.insert(terms.end(), work.terms.begin(), work.terms.end());
  std::string message;
  for (const std::string& term : terms) message += std::to_string(term.size()) + ":" + term;
  const std::unique_ptr<Prf> prf = Take(CheckpointPrf(vault), vault_options_.path);
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(message.data());
  return HexOf(Take(prf->Compute({bytes, message.size()}), vault_options_.path));
}

void BatchJob::RunInput(std::size_t number, const BatchWork& work) {
  const std::string& path = inputs_[number];
  SetFormat(path);
  const std::string output = OutputOf(number);
  rewrite_.output_compression = CompressionOfName(output);
  const Input input(path);
  std::optional<BatchOutputs> outputs;
  if (options_.dry_run) {
    outputs.emplace();
  } else if (options_.resume) {
    const struct stat info = Look(input.fd());
    Checkpoint begun;
    begun.job = digest_;
    begun.input_size = static_cast<std::uint64_t>(info.st_size);
    begun.input_changed = Nanoseconds(info.st_mtim);
    outputs.emplace(output, reject_file_, begun);
    checkpoints_.push_back(CheckpointName(output));
  } else {
    outputs.emplace(output, reject_file_);
  }
  std::optional<RemovalWhenKilled> removal;
  if (const auto names = outputs->temporary_names(); !options_.resume && !names.empty()) {
    removal.emplace(names);
  }
  const std::string context = inputs_.size() > 1 ? path : "";
  report_.BeginInput(input.name(), context, outputs->checkpoint().faults);
  rewrite_.resume_from = outputs->checkpoint().place;
  InputRun run(this, input, &*outputs, context);
  const Result<RewriteOutcome> outcome = work.pass(input.fd(), rewrite_, run.Sinks());
  if (run.was_interrupted()) {
    throw Failure(Interruption::Signal() == SIGTERM ? kTerminated : kInterrupted, "interrupted",
                  "the same command goes on from here");
  }
  if (!outcome.ok()) {
    FailRun(outcome.status(), outputs->failed().empty() ? input.name() : outputs->failed());
  }
  if (outcome->fault) FailFault(*outcome->fault, rewrite_.columns, context);
  outputs->Complete(run.place(), report_.faults(), work.before_output);
  report_.EndInput(outcome->summary, work.numbers());
  TellPassedOn(outcome->summary, context);
}

void BatchJob::FailRun(const Status& status, const std::string& context) const {
  const std::string message(status.message());
  if (message.starts_with("separator:") || message.starts_with("quote:")) {
    FailUsage("--" + message);
  }
  if (message.starts_with("columns:")) FailUsage("--add or --drop: two columns of one name");
  Fail(status, context);
}

void BatchJob::TellPassedOn(const RewriteSummary& summary, const std::string& context) const {
  if (vault_options_.quiet || summary.passed_on.empty()) return;
  std::string names;
  for (const std::string& name : summary.passed_on) names += (names.empty() ? "" : ", ") + name;
  Tell((context.empty() ? "" : context + ": ") + "columns passed on as they are: " + names);
}

}  // namespace moniker::tool
