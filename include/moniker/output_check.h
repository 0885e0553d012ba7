// Whether a file is what Reidentify makes of another, byte for byte: whoever wrote it, and whether
// it is compressed or not.
//
// Thread safety: a call is independent of others; sources are called as by Reidentify.

#ifndef MONIKER_OUTPUT_CHECK_H_
#define MONIKER_OUTPUT_CHECK_H_

#include <cstdint>
#include <optional>

#include "moniker/reidentify.h"
#include "moniker/result.h"
#include "moniker/rewrite.h"

namespace moniker {

struct OutputCheck {
  // The record of the output with the first byte that is not as it should be, from 1; 0 is the
  // header of CSV. The last one if the output goes on behind it. Nothing: they are equal.
  std::optional<std::uint64_t> different_record;
  // Of the run over the input; without a difference all of it.
  ReidentifyOutcome run;
};

// Reads `input` and `output`, which are file descriptors of regular files at their beginnings: the
// input a second time to say where the difference is. REQUIRES: as Reidentify; no checkpoints, no
// resume_from.
//
// Errors: as Reidentify. An output whose compression is damaged is a different one.
Result<OutputCheck> CheckReidentified(int input, int output, const RewriteOptions& options,
                                      const ReidentifyOptions& rules,
                                      const IdentitySourceFactory& sources,
                                      const RewriteSinks& sinks);

}  // namespace moniker

#endif  // MONIKER_OUTPUT_CHECK_H_
