// What the batch commands have in common: from each input to its output, whole or not at all, with
// what is told on the way, and to be continued if it was ended early.

#ifndef MONIKER_TOOLS_MONIKER_BATCH_JOB_H_
#define MONIKER_TOOLS_MONIKER_BATCH_JOB_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "commands.h"
#include "moniker/rewrite.h"
#include "moniker/vault.h"
#include "rewrite_report.h"

namespace moniker::tool {

// What a command does with each input.
struct BatchWork {
  // One run over an input, as Rewrite does it.
  using Pass = std::function<Result<RewriteOutcome>(int input, const RewriteOptions& options,
                                                    const RewriteSinks& sinks)>;
  Pass pass;
  // What the output depends on besides the files and the options of BatchOptions: the run goes on
  // only where all of it is the same.
  std::vector<std::string> terms;
  // When it is certain that there is an output, and before it appears.
  std::function<void()> before_output = [] {};
  // What the report says of the last pass besides its summary.
  std::function<ReportNumbers()> numbers = [] { return ReportNumbers(); };
};

class BatchJob {
 public:
  // Reads the options into *rewrite, and checks that the files can be what they are to be. What is
  // given must outlive this. Throws Failure.
  BatchJob(const BatchOptions& options, const VaultOptions& vault, RewriteOptions* rewrite);

  // Whether what is written can be seen before the output is complete: it is a stream, or stands
  // there to be continued.
  bool writes_openly() const;

  // `vault` may be null for a command that works without one. Throws Failure.
  ExitStatus Run(const Vault* vault, const BatchWork& work);

 private:
  class InputRun;

  void ReadDialect();
  void ReadErrorOptions();
  void CheckFiles();
  void CheckResumable() const;
  std::string OutputOf(std::size_t input) const;
  void SetFormat(const std::string& input);
  void RunInput(std::size_t number, const BatchWork& work);
  std::string DigestOf(const Vault* vault, const BatchWork& work) const;
  [[noreturn]] void FailRun(const Status& status, const std::string& context) const;
  void TellPassedOn(const RewriteSummary& summary, const std::string& context) const;

  const BatchOptions& options_;
  const VaultOptions& vault_options_;
  RewriteOptions& rewrite_;
  RewriteReport report_;
  std::optional<FormatOfName> from_;
  std::optional<FormatOfName> to_;
  std::optional<char> separator_;
  std::string reject_file_;
  std::vector<std::string> inputs_;
  std::string digest_;                    // of what has to be the same for a run to go on
  std::vector<std::string> checkpoints_;  // to be removed when everything is done
};

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_BATCH_JOB_H_
