// The sinks of a run whose output holds what was resolved: nothing of it can be seen before the
// audit entry that tells of it is durable.
//
// Thread safety: used by one thread at a time.

#ifndef MONIKER_TOOLS_MONIKER_AUDITED_SINKS_H_
#define MONIKER_TOOLS_MONIKER_AUDITED_SINKS_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "moniker/rewrite.h"

namespace moniker::tool {

// For output that can be seen as soon as it is written: so much of it is held back for each entry.
class AuditedSinks {
 public:
  static constexpr std::size_t kHeldBack = std::size_t{4} << 20;

  // `commit` makes the entry durable. What is given must outlive this.
  AuditedSinks(const RewriteSinks& sinks, std::function<Status()> commit)
      : sinks_(sinks), commit_(std::move(commit)) {}

  // To be given to the run.
  RewriteSinks Sinks();

  // What is held back yet. At the end of a run that did not fail.
  Status Flush();

 private:
  Status AfterBlock(const RewriteProgress& now);

  const RewriteSinks& sinks_;
  const std::function<Status()> commit_;
  std::string held_back_;
  std::optional<RewriteProgress> untold_;  // of blocks that are held back
};

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_AUDITED_SINKS_H_
