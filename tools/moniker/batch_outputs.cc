#include "batch_outputs.h"

#include <sys/stat.h>

#include <utility>

#include "failure.h"

namespace moniker::tool {
namespace {

[[noreturn]] void FailResumed(const std::string& name, const char* what) {
  throw Failure(kFailed, name + ": " + what,
                "to begin anew remove what ends in .checkpoint and .partial beside the output");
}

bool IsThere(const std::string& path) {
  struct stat info;
  return ::lstat(path.c_str(), &info) == 0;
}

bool HasSize(const std::string& path, std::uint64_t size) {
  struct stat info;
  return ::lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
         static_cast<std::uint64_t>(info.st_size) == size;
}

void RequireSameRun(const Checkpoint& former, const Checkpoint& now, const std::string& name) {
  if (former.job != now.job) FailResumed(name, "of other options or another vault");
  if (former.input_size != now.input_size || former.input_changed != now.input_changed) {
    FailResumed(name, "the input was changed since");
  }
}

}  // namespace

BatchOutputs::BatchOutputs(const std::string& output, const std::string& rejected)
    : output_name_(output), rejected_name_(rejected), is_resumable_(false) {
  output_.emplace(output);
  if (!rejected.empty()) rejected_.emplace(rejected);
}

BatchOutputs::BatchOutputs(const std::string& output, const std::string& rejected,
                           const Checkpoint& begun)
    : output_name_(output), rejected_name_(rejected), is_resumable_(true), checkpoint_(begun) {
  const std::string name = CheckpointName(output);
  if (std::optional<Checkpoint> former = ReadCheckpoint(name)) {
    RequireSameRun(*former, begun, name);
    checkpoint_ = *std::move(former);
  } else {
    for (const std::string& path : {output, rejected}) {
      const std::string partial = OutputFile::PartialName(path);
      if (path.empty() || !IsThere(partial)) continue;
      FailResumed(partial, "it is there, and no checkpoint that says what it is");
    }
    // First of all: what stands there from now on is this run's.
    Require(WriteCheckpoint(name, checkpoint_), name);
  }
  Open(output, checkpoint_.output_size, &output_);
  if (!rejected.empty()) Open(rejected, checkpoint_.rejected_size, &rejected_);
}

void BatchOutputs::Open(const std::string& path, std::uint64_t size,
                        std::optional<Output>* output) {
  if (!checkpoint_.is_complete || IsThere(OutputFile::PartialName(path))) {
    output->emplace(path, size);
  } else if (!HasSize(path, size)) {
    FailResumed(path, "not what the run has written there");
  }
}

// What was complete is not written again, wherever the run takes up the thread.
Status BatchOutputs::Write(std::string_view text) {
  if (checkpoint_.is_complete) return Status::Ok();
  return Note(output_->Append(text), output_->name());
}

Status BatchOutputs::Reject(std::string_view text) {
  if (checkpoint_.is_complete) return Status::Ok();
  return Note(rejected_->Append(text), rejected_->name());
}

Status BatchOutputs::Keep(const std::string& place, const FaultCounts& faults) {
  for (std::optional<Output>* const output : {&output_, &rejected_}) {
    if (!*output) continue;
    const Status status = Note((*output)->MakeDurable(), (*output)->name());
    if (!status.ok()) return status;
  }
  checkpoint_.place = place;
  checkpoint_.faults = faults;
  if (output_) checkpoint_.output_size = output_->size();
  if (rejected_) checkpoint_.rejected_size = rejected_->size();
  const std::string name = CheckpointName(output_name_);
  return Note(WriteCheckpoint(name, checkpoint_), name);
}

void BatchOutputs::Complete(const std::string& place, const FaultCounts& faults,
                            const std::function<void()>& before) {
  before();
  if (is_resumable_ && !checkpoint_.is_complete) {
    checkpoint_.is_complete = true;
    Require(Keep(place, faults), failed_);
  }
  if (output_) Require(output_->Commit(), output_->name());
  if (rejected_) Require(rejected_->Commit(), rejected_->name());
}

std::vector<std::string> BatchOutputs::temporary_names() const {
  std::vector<std::string> names;
  for (const std::optional<Output>* const output : {&output_, &rejected_}) {
    if (*output && !(*output)->temporary_name().empty()) {
      names.push_back((*output)->temporary_name());
    }
  }
  return names;
}

Status BatchOutputs::Note(const Status& status, const std::string& name) {
  if (!status.ok()) failed_ = name;
  return status;
}

}  // namespace moniker::tool
