#include "batch/rewrite_run.h"

#include <simdjson.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "base/status_macros.h"
#include "batch/compression.h"
#include "batch/json_index.h"

namespace moniker::internal {
namespace {

// The element of an array without the comma before it, on a line of its own.
std::string AsLine(std::string_view element) {
  if (element.starts_with(',')) element.remove_prefix(1);
  return std::string(SkipJsonSpace(element)) + "\n";
}

std::size_t WorkersFor(std::size_t threads) {
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  // One more than work at a time: while one waits for its turn, or for the system, another works.
  return threads == 1 ? 1 : threads + 1;
}

}  // namespace

RewriteRun::RewriteRun(int input, const RewriteOptions& options, const RewriteSinks& sinks,
                       RewriteJob* job)
    : options_(options),
      sinks_(sinks),
      quoting_{options.separator, options.quote},
      job_(*job),
      source_(input, options) {}

Result<RewriteOutcome> RewriteRun::Run() {
  for (std::size_t i = WorkersFor(options_.threads); i > 0; --i) {
    MONIKER_RETURN_IF_ERROR(job_.AddWorker());
    workers_.push_back(std::make_unique<Worker>());
  }
  if (!options_.resume_from.empty()) MONIKER_RETURN_IF_ERROR(Resume());
  MONIKER_RETURN_IF_ERROR(RunInOrder(this, workers_.size()));
  if (!outcome_.fault) MONIKER_RETURN_IF_ERROR(End());
  SumUp();
  return std::move(outcome_);
}

// Takes the blocks that an earlier run was done with: that they are cut where they were cut then
// makes what follows, compressed or not, what it would have been.
Status RewriteRun::Resume() {
  MONIKER_ASSIGN_OR_RETURN(RewriteState former, RewriteState::Decode(options_.resume_from));
  if (!job_.SetNumbers(former.of_job)) {
    return Status(StatusCode::kInvalidArgument, "resume_from: a checkpoint of other options");
  }
  RewriteState passed;
  while (passed.text_size < former.text_size) {
    MONIKER_ASSIGN_OR_RETURN(const bool taken, Take(0));
    if (!taken || workers_[0]->fault) break;
    const std::string_view text = workers_[0]->block.text();
    passed.Pass(text.size(), ChecksumOf(text));
  }
  if (passed.text_size != former.text_size || passed.text_check != former.text_check) {
    return Status(StatusCode::kConflict, "the text is not what it was when the run began");
  }
  state_ = std::move(former);
  return Status::Ok();
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
  const std::size_t mark = SizeOfByteOrderMark(text);
  worker->head = text.substr(0, mark);
  const Result<std::size_t> begun = job_.Begin(source_.format(), text, mark, &worker->head);
  if (begun.ok()) {
    *begin = *begun;
    return;
  }
  const Status& status = begun.status();
  worker->fault = RecordFault{status.At(Status::kNowhere)};
  if (status.locator() != Status::kNowhere) {
    worker->fault->column = static_cast<std::size_t>(status.locator());
  }
}

void RewriteRun::Prepare(std::size_t worker) {
  Worker& w = *workers_[worker];
  if (w.fault) return;
  const Status status = job_.Read(worker, w.block, &w.batch);
  if (!status.ok()) {
    w.fault =
        RecordFault{status.At(Status::kNowhere), static_cast<std::uint64_t>(status.locator())};
    return;
  }
  if (options_.checkpoints) w.checksum = ChecksumOf(w.block.text());
  w.batch.CheckText();
  w.batch.HideFaulty();
  if (!options_.map_in_order) MapAndSplice(worker);
}

void RewriteRun::MapAndSplice(std::size_t worker) {
  Worker& w = *workers_[worker];
  w.out.assign(w.head);
  w.failure = job_.Map(worker, &w.batch);
  if (!w.failure.ok() || (!w.batch.faults().empty() && !options_.skip_faulty)) return;
  w.batch.Splice(quoting_, job_.added(), &w.out);
  if (!simdjson::validate_utf8(w.out)) {
    w.failure = Status(StatusCode::kInvalidArgument, "a replacement that is not UTF-8");
    return;
  }
  w.failure = Compress(&w);
}

Status RewriteRun::Compress(Worker* worker) {
  worker->compressed.clear();
  if (options_.output_compression == Compression::kNone || worker->out.empty()) {
    return Status::Ok();
  }
  return AppendCompressed(options_.output_compression, worker->out, &worker->compressed);
}

Result<bool> RewriteRun::Finish(std::size_t worker) {
  Worker& w = *workers_[worker];
  if (!w.fault && options_.map_in_order) MapAndSplice(worker);
  MONIKER_RETURN_IF_ERROR(w.failure);
  if (!TellFaults(w)) return false;
  MONIKER_RETURN_IF_ERROR(WriteRejected(w));
  MONIKER_RETURN_IF_ERROR(WriteOut(&w));
  job_.Count(worker);
  state_.Pass(w.block.text().size(), w.checksum);
  state_.records += w.batch.records().size();
  state_.rejected += w.batch.faults().size();
  MONIKER_RETURN_IF_ERROR(TellProgress(w));
  return true;
}

Status RewriteRun::TellProgress(const Worker& worker) {
  if (!sinks_.after_block) return Status::Ok();
  RewriteProgress progress{worker.block.bytes_read, state_.bytes_out};
  if (options_.checkpoints) {
    state_.of_job = job_.Numbers();
    progress.checkpoint = state_.Encode();
  }
  return sinks_.after_block(progress);
}

void RewriteRun::SumUp() {
  RewriteSummary& summary = outcome_.summary;
  summary.format = source_.format();
  summary.records = state_.records;
  summary.rejected = state_.rejected;
  summary.bytes_in = source_.bytes_read();
  summary.bytes_out = state_.bytes_out;
}

// False if the run is over.
bool RewriteRun::TellFaults(const Worker& worker) {
  if (worker.fault) {
    outcome_.fault = worker.fault;
    if (!worker.is_of_header) outcome_.fault->record += state_.records + 1;
    return false;
  }
  for (const CellFault& fault : worker.batch.faults()) {
    RecordFault told{fault.status, state_.records + fault.record + 1};
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
  const std::string_view header = job_.header();
  if (!state_.has_rejected_header && !header.empty())
    MONIKER_RETURN_IF_ERROR(sinks_.reject(header));
  state_.has_rejected_header = true;
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
  if (first && !state_.has_written_record) {
    state_.has_written_record = true;
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
  state_.bytes_out += bytes.size();
  return bytes.empty() ? Status::Ok() : sinks_.write(bytes);
}

Status RewriteRun::End() {
  outcome_.fault = job_.End(state_.records);
  if (outcome_.fault || state_.bytes_out > 0 || options_.output_compression == Compression::kNone) {
    return Status::Ok();
  }
  // An empty text is not an empty file.
  std::string empty;
  MONIKER_RETURN_IF_ERROR(AppendCompressed(options_.output_compression, {}, &empty));
  return Write(empty);
}

}  // namespace moniker::internal
