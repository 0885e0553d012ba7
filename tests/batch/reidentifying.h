// Runs Reidentify over a text in memory.

#ifndef MONIKER_TESTS_BATCH_REIDENTIFYING_H_
#define MONIKER_TESTS_BATCH_REIDENTIFYING_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "moniker/reidentify.h"
#include "rewriting.h"
#include "test_directory.h"

namespace moniker::testing {

struct Reidentified {
  Status status;
  ReidentifyOutcome outcome;
  std::string text;
  std::string rejected;
  std::vector<RecordFault> told;
};

inline Reidentified RunReidentify(std::string_view text, const RewriteOptions& options,
                                  const ReidentifyOptions& rules,
                                  const IdentitySourceFactory& sources) {
  const TextFile file(text);
  Reidentified result;
  RewriteSinks sinks;
  sinks.write = [&](std::string_view bytes) {
    result.text.append(bytes);
    return Status::Ok();
  };
  sinks.reject = [&](std::string_view bytes) {
    result.rejected.append(bytes);
    return Status::Ok();
  };
  sinks.tell = [&](const RecordFault& fault) { result.told.push_back(fault); };
  Result<ReidentifyOutcome> outcome = Reidentify(file.fd(), options, rules, sources, sinks);
  result.status = outcome.status();
  if (outcome.ok()) result.outcome = *std::move(outcome);
  return result;
}

// The text, or the fault that ends the run, with its record as locator. *counts may be null.
inline Result<std::string> ReidentifyText(std::string_view text, RewriteOptions options,
                                          const TestDirectory& directory,
                                          const ReidentifyOptions& rules,
                                          ReidentifyCounts* counts) {
  options.block_size = 1024;  // most texts of tests are one block, and some are several
  Reidentified result = RunReidentify(text, options, rules, directory.Sources());
  if (!result.status.ok()) return result.status;
  if (result.outcome.fault) {
    return result.outcome.fault->status.At(static_cast<std::int64_t>(result.outcome.fault->record));
  }
  if (counts != nullptr) *counts = result.outcome.counts;
  return std::move(result.text);
}

inline Result<std::string> ReidentifyJson(std::string_view text, const TestDirectory& directory,
                                          const ReidentifyOptions& rules,
                                          ReidentifyCounts* counts) {
  return ReidentifyText(text, JsonOptions(RecordFormat::kJson, {}), directory, rules, counts);
}

inline Result<std::string> ReidentifyCsv(std::string_view text, char separator,
                                         const TestDirectory& directory,
                                         const ReidentifyOptions& rules, ReidentifyCounts* counts) {
  RewriteOptions options = CsvOptions({});
  options.separator = separator;
  return ReidentifyText(text, options, directory, rules, counts);
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_BATCH_REIDENTIFYING_H_
