#include "batch/column_job.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/status_macros.h"
#include "batch/csv_header.h"

namespace moniker::internal {

ColumnJob::ColumnJob(const RewriteOptions& options, const CellMapperFactory& mappers)
    : options_(options),
      mappers_(mappers),
      quoting_{options.separator, options.quote},
      nulls_(options.null_values),
      total_(options.columns.size()),
      found_(options.columns.size()) {
  for (const RewriteColumn& column : options.columns) added_.push_back(column.added);
}

Status ColumnJob::AddWorker() {
  MONIKER_ASSIGN_OR_RETURN(std::unique_ptr<CellMapper> mapper, mappers_());
  workers_.emplace_back().mapper = std::move(mapper);
  return Status::Ok();
}

Result<std::size_t> ColumnJob::Begin(RecordFormat format, std::string_view text, std::size_t begin,
                                     std::string* head) {
  format_ = format;
  if (format == RecordFormat::kCsv) return BeginCsv(text, begin, head);
  MONIKER_ASSIGN_OR_RETURN(JsonPaths paths, JsonPaths::Make(options_.columns));
  paths_.emplace(std::move(paths));
  return begin;
}

Result<std::size_t> ColumnJob::BeginCsv(std::string_view text, std::size_t begin,
                                        std::string* head) {
  MONIKER_ASSIGN_OR_RETURN(CsvHeader names, ReadCsvHeader(text, begin, quoting_));
  MONIKER_ASSIGN_OR_RETURN(CsvPlan plan, CsvPlan::Make(names.names, options_.columns));
  plan_.emplace(std::move(plan));
  for (std::size_t i = 0; i < names.names.size(); ++i) {
    if (plan_->column(i).action != CsvPlan::Action::kPass) continue;
    passed_on_.push_back(std::move(names.names[i]));
  }
  header_ = text.substr(begin, names.end - begin);
  // The header is a record whose replacements are the names that are added.
  RecordBatch header;
  header.Clear(header_);
  CsvRecords reader(quoting_, /*pass_ragged=*/true, &nulls_);
  MONIKER_RETURN_IF_ERROR(reader.Read(0, 1, *plan_, &header).status().At(Status::kNowhere));
  for (Cell& cell : header.cells()) {
    if (!added_[cell.column].empty()) cell.replacement = added_[cell.column];
  }
  header.SettleFaults(quoting_);
  if (!header.faults().empty()) {
    return header.faults().front().status.At(header.faults().front().column);
  }
  header.Splice(quoting_, added_, head);
  return names.end;
}

Status ColumnJob::Read(std::size_t worker, const Block& block, RecordBatch* batch) {
  Worker& w = workers_[worker];
  if (format_ == RecordFormat::kCsv) {
    if (w.csv == nullptr) {
      w.csv = std::make_unique<CsvRecords>(quoting_, options_.pass_ragged, &nulls_);
    }
    const std::size_t all = std::numeric_limits<std::size_t>::max();
    return w.csv->Read(0, all, *plan_, batch).status();
  }
  if (w.json == nullptr) {
    w.json = std::make_unique<JsonColumns>(&*paths_, &options_.columns, &nulls_);
  }
  return w.json->Read(format_, block, batch);
}

Status ColumnJob::Map(std::size_t worker, RecordBatch* batch) {
  Worker& w = workers_[worker];
  w.counts.assign(options_.columns.size(), {});
  if (batch->faults().empty() || options_.skip_faulty) {
    MONIKER_RETURN_IF_ERROR(w.mapper->Map(batch->block(), &batch->faults()));
  }
  batch->SettleFaults(quoting_);
  for (const Cell& cell : batch->cells()) {
    if (batch->records()[cell.record].rejected) continue;
    ColumnCounts& counts = w.counts[cell.column];
    ++(cell.replacement.data() != nullptr ? counts.replaced : counts.kept);
  }
  return Status::Ok();
}

void ColumnJob::Count(std::size_t worker) {
  const Worker& w = workers_[worker];
  for (std::size_t i = 0; i < w.counts.size(); ++i) {
    total_[i].replaced += w.counts[i].replaced;
    total_[i].kept += w.counts[i].kept;
    if (w.json != nullptr && w.json->found()[i] > 0) found_[i] = true;
  }
}

std::vector<std::uint64_t> ColumnJob::Numbers() const {
  std::vector<std::uint64_t> numbers;
  for (std::size_t i = 0; i < total_.size(); ++i) {
    numbers.insert(numbers.end(), {total_[i].replaced, total_[i].kept, found_[i] ? 1U : 0U});
  }
  return numbers;
}

bool ColumnJob::SetNumbers(std::span<const std::uint64_t> numbers) {
  if (numbers.size() != total_.size() * 3) return false;
  for (std::size_t i = 0; i < total_.size(); ++i) {
    total_[i] = {numbers[i * 3], numbers[i * 3 + 1]};
    found_[i] = numbers[i * 3 + 2] != 0;
  }
  return true;
}

// A path that leads nowhere in the whole text is most often misspelled, and what it meant has
// passed unmapped.
std::optional<RecordFault> ColumnJob::End(std::uint64_t records) {
  if (format_ == RecordFormat::kCsv || records == 0) return std::nullopt;
  const auto missing = std::find(found_.begin(), found_.end(), false);
  if (missing == found_.end()) return std::nullopt;
  return RecordFault{Status(StatusCode::kNotFound, "there is none in the whole text"), 0,
                     static_cast<std::size_t>(missing - found_.begin())};
}

}  // namespace moniker::internal
