#include "batch/rewrite_run.h"

#include <simdjson.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/status_macros.h"
#include "batch/compression.h"

namespace moniker::internal {
namespace {

// The element of an array without the comma before it, on a line of its own.
std::string AsLine(std::string_view element) {
  if (element.starts_with(',')) element.remove_prefix(1);
  return std::string(SkipJsonSpace(element)) + "\n";
}

}  // namespace

RewriteRun::RewriteRun(int input, const RewriteOptions& options, const RewriteSinks& sinks)
    : options_(options),
      sinks_(sinks),
      quoting_{options.separator, options.quote},
      nulls_(options.null_values),
      source_(input, options) {
  for (const RewriteColumn& column : options.columns) added_.push_back(column.added);
  outcome_.summary.columns.resize(options.columns.size());
}

Status RewriteRun::AddWorker(const CellMapperFactory& mappers) {
  MONIKER_ASSIGN_OR_RETURN(std::unique_ptr<CellMapper> mapper, mappers());
  workers_.push_back(std::make_unique<Worker>());
  workers_.back()->mapper = std::move(mapper);
  return Status::Ok();
}

Result<RewriteOutcome> RewriteRun::Run() {
  MONIKER_RETURN_IF_ERROR(RunInOrder(this, workers_.size()));
  outcome_.summary.format = source_.format();
  outcome_.summary.bytes_in = source_.bytes_read();
  outcome_.summary.passed_on = passed_on_;
  if (!outcome_.fault) MONIKER_RETURN_IF_ERROR(End());
  return std::move(outcome_);
}

Result<bool> RewriteRun::Take(std::size_t worker) {
  Worker& w = *workers_[worker];
  w.head.clear();
  w.fault.reset();
  w.is_of_header = false;
  w.failure = Status::Ok();
  if (has_bad_beginning_) return false;
  MONIKER_ASSIGN_OR_RETURN(const bool taken, source_.Next(&w.block));
  if (!taken) return false;
  std::size_t begin = 0;
  if (w.block.is_first) {
    Begin(&w, &begin);
    has_bad_beginning_ = w.is_of_header = w.fault.has_value();
  }
  w.batch.Clear(w.block.text().substr(begin));
  return true;
}

void RewriteRun::Begin(Worker* worker, std::size_t* begin) {
  const std::string_view text = worker->block.text();
  *begin = SizeOfByteOrderMark(text);
  Status status;
  if (source_.format() == RecordFormat::kCsv) {
    status = BeginCsv(text, worker, begin);
  } else {
    worker->head = text.substr(0, *begin);
    Result<JsonPaths> paths = JsonPaths::Make(options_.columns);
    status = paths.status();
    if (paths.ok()) paths_.emplace(*std::move(paths));
  }
  if (status.ok()) return;
  worker->fault = RecordFault{status.At(Status::kNowhere)};
  if (status.locator() != Status::kNowhere) {
    worker->fault->column = static_cast<std::size_t>(status.locator());
  }
}

// The locator of an error is the column.
Status RewriteRun::BeginCsv(std::string_view text, Worker* worker, std::size_t* begin) {
  const std::size_t mark = *begin;
  MONIKER_ASSIGN_OR_RETURN(CsvPlan plan, PlanFor(text, mark, begin));
  plan_.emplace(std::move(plan));
  header_ = text.substr(mark, *begin - mark);
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
  worker->head = text.substr(0, mark);
  header.Splice(quoting_, added_, &worker->head);
  return Status::Ok();
}

Result<CsvPlan> RewriteRun::PlanFor(std::string_view text, std::size_t begin, std::size_t* end) {
  if (begin == text.size()) {
    return Status(StatusCode::kInvalidArgument, "CSV: no header");
  }
  RecordBatch header;
  header.Clear(text);
  CsvRecords reader(quoting_, /*pass_ragged=*/true, &nulls_);
  const Result<std::size_t> read = reader.Read(begin, 1, CsvPlan::ForHeader(), &header);
  if (!read.ok()) return read.status().At(Status::kNowhere);
  *end = *read;
  RecordBatch alone;
  alone.Clear(text.substr(0, *end));
  alone.BeginRecord(begin);
  alone.EndRecord(*end);
  alone.CheckText();
  if (!alone.faults().empty()) return alone.faults().front().status;
  std::vector<std::string> names;
  for (const Cell& cell : header.cells()) names.emplace_back(cell.value);
  MONIKER_ASSIGN_OR_RETURN(CsvPlan plan, CsvPlan::Make(names, options_.columns));
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (plan.column(i).action == CsvPlan::Action::kPass) passed_on_.push_back(std::move(names[i]));
  }
  return plan;
}

void RewriteRun::Prepare(std::size_t worker) {
  Worker& w = *workers_[worker];
  if (w.fault) return;
  const Status status = Parse(&w);
  if (!status.ok()) {
    w.fault =
        RecordFault{status.At(Status::kNowhere), static_cast<std::uint64_t>(status.locator())};
    return;
  }
  w.batch.CheckText();
  w.batch.HideFaulty();
  if (!options_.map_in_order) MapAndSplice(&w);
}

// The locator of an error is the record.
Status RewriteRun::Parse(Worker* worker) {
  if (source_.format() == RecordFormat::kCsv) {
    if (worker->csv == nullptr) {
      worker->csv = std::make_unique<CsvRecords>(quoting_, options_.pass_ragged, &nulls_);
    }
    const std::size_t all = std::numeric_limits<std::size_t>::max();
    return worker->csv->Read(0, all, *plan_, &worker->batch).status();
  }
  if (worker->json == nullptr) {
    worker->json = std::make_unique<JsonRecords>(&*paths_, &options_.columns, &nulls_);
  }
  if (source_.format() == RecordFormat::kJsonLines) {
    worker->json->ReadLines(&worker->batch);
    return Status::Ok();
  }
  const Block& block = worker->block;
  if (block.place == JsonPlace::kDocuments) return worker->json->ReadDocuments(&worker->batch);
  return worker->json->ReadElements(block.place, block.is_last, &worker->batch);
}

void RewriteRun::MapAndSplice(Worker* worker) {
  worker->out.assign(worker->head);
  worker->counts.assign(options_.columns.size(), {});
  worker->failure = MapCells(worker);
  RecordBatch& batch = worker->batch;
  if (!worker->failure.ok() || (!batch.faults().empty() && !options_.skip_faulty)) return;
  batch.Splice(quoting_, added_, &worker->out);
  if (!simdjson::validate_utf8(worker->out)) {
    worker->failure = Status(StatusCode::kInvalidArgument, "a replacement that is not UTF-8");
    return;
  }
  worker->failure = Compress(worker);
}

Status RewriteRun::Compress(Worker* worker) {
  worker->compressed.clear();
  if (options_.output_compression == Compression::kNone || worker->out.empty()) {
    return Status::Ok();
  }
  return AppendCompressed(options_.output_compression, worker->out, &worker->compressed);
}

Status RewriteRun::MapCells(Worker* worker) {
  RecordBatch& batch = worker->batch;
  if (batch.faults().empty() || options_.skip_faulty) {
    MONIKER_RETURN_IF_ERROR(worker->mapper->Map(batch.block(), &batch.faults()));
  }
  batch.SettleFaults(quoting_);
  for (const Cell& cell : batch.cells()) {
    if (batch.records()[cell.record].rejected) continue;
    ColumnCounts& counts = worker->counts[cell.column];
    ++(cell.replacement.data() != nullptr ? counts.replaced : counts.kept);
  }
  return Status::Ok();
}

Result<bool> RewriteRun::Finish(std::size_t worker) {
  Worker& w = *workers_[worker];
  if (!w.fault && options_.map_in_order) MapAndSplice(&w);
  MONIKER_RETURN_IF_ERROR(w.failure);
  if (!TellFaults(w)) return false;
  MONIKER_RETURN_IF_ERROR(WriteRejected(w));
  MONIKER_RETURN_IF_ERROR(WriteOut(&w));
  Count(w);
  return true;
}

// False if the run is over.
bool RewriteRun::TellFaults(const Worker& worker) {
  if (worker.fault) {
    outcome_.fault = worker.fault;
    if (!worker.is_of_header) outcome_.fault->record += outcome_.summary.records + 1;
    return false;
  }
  for (const CellFault& fault : worker.batch.faults()) {
    RecordFault told{fault.status, outcome_.summary.records + fault.record + 1};
    if (fault.column != kNoColumn) told.column = fault.column;
    if (!options_.skip_faulty) {
      outcome_.fault = told;
      return false;
    }
    if (sinks_.tell) sinks_.tell(told);
  }
  return true;
}

Status RewriteRun::WriteRejected(const Worker& worker) {
  if (!sinks_.reject || worker.batch.faults().empty()) return Status::Ok();
  if (!has_rejected_header_ && !header_.empty()) MONIKER_RETURN_IF_ERROR(sinks_.reject(header_));
  has_rejected_header_ = true;
  for (const CellFault& fault : worker.batch.faults()) {
    const RecordBatch::Record& record = worker.batch.records()[fault.record];
    const std::string_view text =
        worker.batch.text().substr(record.begin, record.end - record.begin);
    const bool is_element = worker.block.place != JsonPlace::kDocuments;
    MONIKER_RETURN_IF_ERROR(is_element ? sinks_.reject(AsLine(text)) : sinks_.reject(text));
  }
  return Status::Ok();
}

Status RewriteRun::WriteOut(Worker* worker) {
  const std::optional<std::size_t> first = worker->batch.first_written();
  if (first && !has_written_record_) {
    has_written_record_ = true;
    // The elements before it were left out, and its comma now has nothing to divide.
    const bool is_element = worker->block.place != JsonPlace::kDocuments;
    if (is_element && worker->out[*first] == ',') {
      worker->out.erase(*first, 1);
      MONIKER_RETURN_IF_ERROR(Compress(worker));
    }
  }
  const bool is_plain = options_.output_compression == Compression::kNone;
  return Write(is_plain ? worker->out : worker->compressed);
}

Status RewriteRun::Write(std::string_view bytes) {
  outcome_.summary.bytes_out += bytes.size();
  return bytes.empty() ? Status::Ok() : sinks_.write(bytes);
}

void RewriteRun::Count(const Worker& worker) {
  RewriteSummary& summary = outcome_.summary;
  summary.records += worker.batch.records().size();
  summary.rejected += worker.batch.faults().size();
  for (std::size_t i = 0; i < worker.counts.size(); ++i) {
    summary.columns[i].replaced += worker.counts[i].replaced;
    summary.columns[i].kept += worker.counts[i].kept;
  }
}

Status RewriteRun::End() {
  CheckPaths();
  if (outcome_.fault || outcome_.summary.bytes_out > 0 ||
      options_.output_compression == Compression::kNone) {
    return Status::Ok();
  }
  // An empty text is not an empty file.
  std::string empty;
  MONIKER_RETURN_IF_ERROR(AppendCompressed(options_.output_compression, {}, &empty));
  return Write(empty);
}

// A path that leads nowhere in the whole text is most often misspelled, and what it meant has
// passed unmapped.
void RewriteRun::CheckPaths() {
  if (source_.format() == RecordFormat::kCsv || outcome_.summary.records == 0) return;
  for (std::size_t i = 0; i < options_.columns.size(); ++i) {
    const auto finds = [i](const std::unique_ptr<Worker>& worker) {
      return worker->json != nullptr && worker->json->found()[i] > 0;
    };
    if (std::any_of(workers_.begin(), workers_.end(), finds)) continue;
    const Status status(StatusCode::kNotFound, "there is none in the whole text");
    outcome_.fault = RecordFault{status, 0, i};
    return;
  }
}

}  // namespace moniker::internal
