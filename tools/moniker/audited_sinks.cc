#include "audited_sinks.h"

#include <utility>

namespace moniker::tool {

RewriteSinks AuditedSinks::Sinks() {
  RewriteSinks sinks = sinks_;
  sinks.write = [this](std::string_view text) {
    held_back_.append(text);
    return Status::Ok();
  };
  sinks.after_block = [this](const RewriteProgress& now) { return AfterBlock(now); };
  return sinks;
}

// Whoever keeps a checkpoint takes all blocks up to it for written.
Status AuditedSinks::AfterBlock(const RewriteProgress& now) {
  untold_ = now;
  return held_back_.size() >= kHeldBack ? Flush() : Status::Ok();
}

Status AuditedSinks::Flush() {
  if (Status status = commit_(); !status.ok()) return status;
  if (!held_back_.empty()) {
    if (Status status = sinks_.write(held_back_); !status.ok()) return status;
    held_back_.clear();
  }
  if (!untold_ || !sinks_.after_block) return Status::Ok();
  const RewriteProgress told = *std::exchange(untold_, std::nullopt);
  return sinks_.after_block(told);
}

}  // namespace moniker::tool
