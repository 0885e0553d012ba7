// How far a batch command has come with one input, as a file beside its output (docs/cli.md, "To go
// on with a run"). Has numbers, digests and fixed messages in it, no value and no name.

#ifndef MONIKER_TOOLS_MONIKER_CHECKPOINT_H_
#define MONIKER_TOOLS_MONIKER_CHECKPOINT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "moniker/status.h"
#include "rewrite_report.h"

namespace moniker::tool {

struct Checkpoint {
  std::string job;                  // digest of program, vault and options, hexadecimal
  std::uint64_t input_size = 0;     // bytes
  std::int64_t input_changed = 0;   // nanoseconds since 1970
  std::string place;                // RewriteProgress::checkpoint; empty at the beginning
  std::uint64_t output_size = 0;    // so much of it is durable
  std::uint64_t rejected_size = 0;  // likewise, of the file of --on-error
  bool is_complete = false;         // nothing is missing but perhaps the outputs' names
  FaultCounts faults;               // of the records that were left out so far
};

std::string CheckpointName(const std::string& output);

// Nothing if there is none. Throws Failure for a file that is none of this version.
std::optional<Checkpoint> ReadCheckpoint(const std::string& name);

// Durable when it returns success; until then the one before stands there.
Status WriteCheckpoint(const std::string& name, const Checkpoint& checkpoint);

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_CHECKPOINT_H_
