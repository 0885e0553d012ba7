#include "moniker/rewrite.h"

#include "base/status_macros.h"
#include "batch/column_job.h"
#include "batch/rewrite_options.h"
#include "batch/rewrite_run.h"

namespace moniker {
std::optional<FormatOfName> FindFormat(std::string_view name) {
  name = WithoutCompressionEnding(name);
  if (name.ends_with(".csv")) return FormatOfName{RecordFormat::kCsv, ','};
  if (name.ends_with(".tsv")) return FormatOfName{RecordFormat::kCsv, '\t'};
  if (name.ends_with(".json")) return FormatOfName{RecordFormat::kJson};
  if (name.ends_with(".jsonl") || name.ends_with(".ndjson")) {
    return FormatOfName{RecordFormat::kJsonLines};
  }
  return std::nullopt;
}

Result<RewriteOutcome> Rewrite(int input, const RewriteOptions& options,
                               const CellMapperFactory& mappers, const RewriteSinks& sinks) {
  MONIKER_RETURN_IF_ERROR(internal::CheckRewriteOptions(options));
  internal::ColumnJob job(options, mappers);
  MONIKER_ASSIGN_OR_RETURN(RewriteOutcome outcome,
                           internal::RewriteRun(input, options, sinks, &job).Run());
  outcome.summary.columns = job.TakeCounts();
  outcome.summary.passed_on = job.TakePassedOn();
  return outcome;
}

}  // namespace moniker
