#include "batch/identity_job.h"

#include <limits>
#include <span>
#include <utility>

#include "base/status_macros.h"
#include "batch/csv_header.h"

namespace moniker::internal {
namespace {

ReidentifyOptions WithoutMark(ReidentifyOptions rules) {
  rules.unknown_mark.clear();
  return rules;
}

void Add(const ReidentifyCounts& more, ReidentifyCounts* counts) {
  counts->external_ids += more.external_ids;
  counts->participant_ids += more.participant_ids;
  counts->names += more.names;
  counts->unknown_ids += more.unknown_ids;
  counts->ambiguous_names += more.ambiguous_names;
}

// Calls visit(first, cells) for the cells of each record, whose first is cells()[first].
template <typename Visit>
void ForEachRow(std::span<Cell> cells, Visit visit) {
  for (std::size_t begin = 0; begin < cells.size();) {
    std::size_t end = begin + 1;
    while (end < cells.size() && cells[end].record == cells[begin].record) ++end;
    visit(begin, cells.subspan(begin, end - begin));
    begin = end;
  }
}

}  // namespace

IdentityJob::IdentityJob(const RewriteOptions& options, const ReidentifyOptions& rules,
                         const IdentitySourceFactory& sources)
    : options_(options),
      rules_(rules),
      unmarked_(WithoutMark(rules)),
      sources_(sources),
      quoting_{options.separator, options.quote},
      no_nulls_({}) {}

Result<std::unique_ptr<IdentityJob::Worker>> IdentityJob::MakeWorker() const {
  MONIKER_ASSIGN_OR_RETURN(std::unique_ptr<IdentitySource> source, sources_());
  return std::make_unique<Worker>(rules_, unmarked_, std::move(source));
}

Status IdentityJob::AddWorker() {
  MONIKER_ASSIGN_OR_RETURN(std::unique_ptr<Worker> worker, MakeWorker());
  workers_.push_back(std::move(worker));
  return Status::Ok();
}

Result<std::size_t> IdentityJob::Begin(RecordFormat format, std::string_view text,
                                       std::size_t begin, std::string* head) {
  format_ = format;
  return format == RecordFormat::kCsv ? BeginCsv(text, begin, head) : begin;
}

Result<std::size_t> IdentityJob::BeginCsv(std::string_view text, std::size_t begin,
                                          std::string* head) {
  MONIKER_ASSIGN_OR_RETURN(const CsvHeader header, ReadCsvHeader(text, begin, quoting_));
  MONIKER_ASSIGN_OR_RETURN(CsvPlan plan, CsvPlan::ForAll(header.names.size()));
  plan_.emplace(std::move(plan));
  header_ = text.substr(begin, header.end - begin);
  Result<std::unique_ptr<Worker>> made = MakeWorker();
  failure_ = made.status();
  if (!made.ok()) return header.end;
  header_worker_ = *std::move(made);
  Worker& worker = *header_worker_;
  std::string unused;
  for (const std::string& name : header.names) {
    const KnownIdentity* const nobody = worker.collector.Find(name);
    static_cast<void>(worker.collector.RewriteKey(name, nobody, &unused));
  }
  failure_ = worker.questions.Ask(worker.source.get());
  if (!failure_.ok()) return header.end;
  MONIKER_RETURN_IF_ERROR(RewriteHeader(header.names, head));
  return header.end;
}

Status IdentityJob::RewriteHeader(const std::vector<std::string>& names, std::string* head) {
  IdentityRewriter& rewriter = header_worker_->rewriter;
  RecordBatch header;
  header.Clear(header_);
  CsvRecords reader(quoting_, /*pass_ragged=*/true, &no_nulls_);
  MONIKER_RETURN_IF_ERROR(reader.Read(0, 1, *plan_, &header).status().At(Status::kNowhere));
  std::vector<std::string> replaced(names.size());
  RenamedKeys keys;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const KnownIdentity* const known = rewriter.Find(names[i]);
    columns_.push_back({rewriter.RoleOf(names[i]), known});
    MONIKER_ASSIGN_OR_RETURN(const bool changed,
                             rewriter.RewriteKey(names[i], known, &replaced[i]));
    keys.Add(names[i], changed ? replaced[i] : names[i]);
    if (changed) header.cells()[i].replacement = replaced[i];
  }
  if (keys.Collide()) {
    return Status(StatusCode::kConflict, "CSV: two different columns would become one");
  }
  header.SettleFaults(quoting_);
  if (!header.faults().empty()) return header.faults().front().status;
  header.Splice(quoting_, added_, head);
  header_counts_ = rewriter.counts();
  return Status::Ok();
}

Status IdentityJob::Read(std::size_t worker, const Block& block, RecordBatch* batch) {
  Worker& w = *workers_[worker];
  if (format_ != RecordFormat::kCsv) {
    w.json.Clear();
    return w.json.Read(format_, block, batch);
  }
  if (w.csv == nullptr) {
    w.csv = std::make_unique<CsvRecords>(quoting_, options_.pass_ragged, &no_nulls_);
  }
  return w.csv->Read(0, std::numeric_limits<std::size_t>::max(), *plan_, batch).status();
}

Status IdentityJob::Map(std::size_t worker, RecordBatch* batch) {
  MONIKER_RETURN_IF_ERROR(failure_);
  Worker& w = *workers_[worker];
  w.rewriter.set_counts({});
  if (batch->faults().empty() || options_.skip_faulty) {
    Collect(&w, batch);
    MONIKER_RETURN_IF_ERROR(w.questions.Ask(w.source.get()));
    if (format_ == RecordFormat::kCsv) {
      RewriteRows(&w, batch);
    } else {
      w.json.Rewrite(&w.rewriter, batch);
    }
    // Then what looks like an unknown ID may be a known one.
    if (w.questions.has_missed()) {
      return Status(StatusCode::kUnsupported, "an ID that was not asked for");
    }
  }
  batch->SettleFaults(quoting_);
  // The columns of options, of which there are none.
  for (CellFault& fault : batch->faults()) fault.column = kNoColumn;
  return Status::Ok();
}

void IdentityJob::Collect(Worker* worker, RecordBatch* batch) const {
  if (format_ != RecordFormat::kCsv) {
    worker->json.Collect(*batch, &worker->collector);
    return;
  }
  worker->questions.Clear();
  ForEachRow(batch->cells(), [&](std::size_t, std::span<Cell> row) {
    if (batch->records()[row.front().record].rejected) return;
    worker->texts.clear();
    worker->places.resize(row.size());
    // Nobody is known, so nothing can go wrong.
    static_cast<void>(
        RewriteRow(row, columns_, &worker->collector, &worker->texts, worker->places));
  });
}

void IdentityJob::RewriteRows(Worker* worker, RecordBatch* batch) const {
  std::string& texts = worker->texts;
  std::vector<TextPlace>& places = worker->places;
  texts.clear();
  places.assign(batch->cells().size(), {});
  ForEachRow(batch->cells(), [&](std::size_t first, std::span<Cell> row) {
    const std::uint32_t record = row.front().record;
    if (batch->records()[record].rejected) return;
    const ReidentifyCounts before = worker->rewriter.counts();
    const std::size_t begin = texts.size();
    Status status = RewriteRow(row, columns_, &worker->rewriter, &texts,
                               std::span(places).subspan(first, row.size()));
    if (status.ok() && texts.find('\0', begin) != std::string::npos) {
      status = Status(StatusCode::kInvalidArgument, "a replacement with NUL");
    }
    if (status.ok()) return;
    worker->rewriter.set_counts(before);
    batch->faults().push_back({record, kNoColumn, status});
  });
  // When all of them stand still.
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!places[i].changed) continue;
    batch->cells()[i].replacement = std::string_view(texts).substr(places[i].begin, places[i].size);
  }
}

void IdentityJob::Count(std::size_t worker) { Add(workers_[worker]->rewriter.counts(), &total_); }

ReidentifyCounts IdentityJob::counts() const {
  ReidentifyCounts counts = total_;
  Add(header_counts_, &counts);
  return counts;
}

std::vector<std::uint64_t> IdentityJob::Numbers() const {
  return {total_.external_ids, total_.participant_ids, total_.names, total_.unknown_ids,
          total_.ambiguous_names};
}

bool IdentityJob::SetNumbers(std::span<const std::uint64_t> numbers) {
  if (numbers.size() != Numbers().size()) return false;
  total_ = {numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]};
  return true;
}

}  // namespace moniker::internal
