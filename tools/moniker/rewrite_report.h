// What a batch run tells: messages for people, and a summary for programs. Neither has a value of a
// record in it.

#ifndef MONIKER_TOOLS_MONIKER_REWRITE_REPORT_H_
#define MONIKER_TOOLS_MONIKER_REWRITE_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "moniker/rewrite.h"

namespace moniker::tool {

// Throws Failure for a fault that ends a run: `record 7: column "mrn" (byte 3 of the value): what`.
[[noreturn]] void FailFault(const RecordFault& fault, const std::vector<RewriteColumn>& columns,
                            const std::string& context);

// Records that were left out, by message and column (or the largest number if it is of none).
using FaultCounts = std::map<std::pair<std::string, std::size_t>, std::uint64_t>;

// Further counts of an input, and what they are of.
using ReportNumbers = std::vector<std::pair<std::string_view, std::uint64_t>>;

class RewriteReport {
 public:
  // `columns` must outlive the report.
  RewriteReport(const std::vector<RewriteColumn>& columns, bool quiet)
      : columns_(columns), is_quiet_(quiet) {}

  // The faults that are told from now on are of this input; `context` goes before its messages.
  // `faults` were told by an earlier run.
  void BeginInput(const std::string& input, const std::string& context,
                  const FaultCounts& faults = {});

  // A record that was left out: the first ones are told, all are counted.
  void Add(const RecordFault& fault);
  void EndInput(const RewriteSummary& summary, ReportNumbers numbers = {});

  std::uint64_t rejected() const { return rejected_; }
  // Of the input that was begun last.
  const FaultCounts& faults() const { return inputs_.back().faults; }

  // How many records were left out, if any.
  void TellTotal() const;

  // One JSON object, by input.
  std::string Json() const;

 private:
  struct Input {
    std::string name;
    RewriteSummary summary;
    FaultCounts faults;
    ReportNumbers numbers = {};  // of identities
  };

  void AppendInput(const Input& input, std::string* out) const;

  const std::vector<RewriteColumn>& columns_;
  const bool is_quiet_;
  std::string context_;
  std::vector<Input> inputs_;
  std::uint64_t rejected_ = 0;
};

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_REWRITE_REPORT_H_
