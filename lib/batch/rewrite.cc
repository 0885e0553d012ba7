#include "moniker/rewrite.h"

#include "base/status_macros.h"
#include "batch/column_job.h"
#include "batch/rewrite_run.h"

namespace moniker {
namespace {

constexpr std::size_t kMaxColumns = 0xFFFE;

Status CheckQuoting(const RewriteOptions& options) {
  const auto usable = [](char c) {
    return c != '\0' && static_cast<unsigned char>(c) < 0x80 && c != '\r' && c != '\n';
  };
  if (!usable(options.separator)) {
    return Status(StatusCode::kInvalidArgument, "separator: not one ASCII character");
  }
  if (options.quote != '\0' && !(usable(options.quote) && options.quote != options.separator)) {
    return Status(StatusCode::kInvalidArgument,
                  "quote: not one ASCII character other than the separator");
  }
  return Status::Ok();
}

Status CheckColumns(const std::vector<RewriteColumn>& columns) {
  if (columns.size() > kMaxColumns) {
    return Status(StatusCode::kInvalidArgument, "columns: too many");
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      const bool same_added = !columns[i].added.empty() && columns[k].added == columns[i].added;
      if (columns[k].name != columns[i].name && !same_added) continue;
      return Status(StatusCode::kInvalidArgument, "columns: two of one name",
                    static_cast<std::int64_t>(i));
    }
  }
  return Status::Ok();
}

}  // namespace

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
  MONIKER_RETURN_IF_ERROR(CheckQuoting(options));
  MONIKER_RETURN_IF_ERROR(CheckColumns(options.columns));
  internal::ColumnJob job(options, mappers);
  MONIKER_ASSIGN_OR_RETURN(RewriteOutcome outcome,
                           internal::RewriteRun(input, options, sinks, &job).Run());
  outcome.summary.columns = job.TakeCounts();
  outcome.summary.passed_on = job.TakePassedOn();
  return outcome;
}

}  // namespace moniker
