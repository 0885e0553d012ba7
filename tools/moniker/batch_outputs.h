// Where one input of a batch command goes: its output, the file of what is left out, and, if the
// run is to be continued some time, the checkpoint beside them.

#ifndef MONIKER_TOOLS_MONIKER_BATCH_OUTPUTS_H_
#define MONIKER_TOOLS_MONIKER_BATCH_OUTPUTS_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint.h"
#include "io.h"

namespace moniker::tool {

class BatchOutputs {
 public:
  // Nothing is written anywhere.
  BatchOutputs() : is_resumable_(false) { checkpoint_.is_complete = true; }

  // `rejected` may be empty. Throws Failure, as all of them do that do not return a Status.
  BatchOutputs(const std::string& output, const std::string& rejected);

  // The same, which go on behind what an earlier run left there. `begun` says of which job and
  // input; a checkpoint that says something else is refused.
  BatchOutputs(const std::string& output, const std::string& rejected, const Checkpoint& begun);

  // That of the earlier run, or the one that was given; it has no place if there was none.
  const Checkpoint& checkpoint() const { return checkpoint_; }

  Status Write(std::string_view text);
  Status Reject(std::string_view text);  // REQUIRES: there is a file for them

  // What was written so far is durable, and then the checkpoint: at `place`, with these faults.
  Status Keep(const std::string& place, const FaultCounts& faults);

  // The outputs appear. `before` is done when they are certain to.
  void Complete(const std::string& place, const FaultCounts& faults,
                const std::function<void()>& before);

  // Those that a run that is not to be continued has under another name until then.
  std::vector<std::string> temporary_names() const;

  // Whose error the last one of Write, Reject or Keep was; empty if there was none.
  const std::string& failed() const { return failed_; }

 private:
  Status Note(const Status& status, const std::string& name);
  void Open(const std::string& path, std::uint64_t size, std::optional<Output>* output);

  const std::string output_name_;
  const std::string rejected_name_;
  const bool is_resumable_;
  std::optional<Output> output_;  // nothing: complete since an earlier run
  std::optional<Output> rejected_;
  Checkpoint checkpoint_;
  std::string failed_;
};

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_BATCH_OUTPUTS_H_
