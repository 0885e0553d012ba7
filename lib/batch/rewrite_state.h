// How far a run has come, as a text that a later run goes on from.
//
// Thread safety: used by one thread at a time.

#ifndef MONIKER_LIB_BATCH_REWRITE_STATE_H_
#define MONIKER_LIB_BATCH_REWRITE_STATE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/result.h"

namespace moniker::internal {

// Tells a text that was changed by accident; no proof against whoever wants to deceive.
std::uint32_t ChecksumOf(std::string_view text);

struct RewriteState {
  // Another block was done with: its size, and its checksum.
  void Pass(std::uint64_t size, std::uint32_t checksum);

  std::uint64_t text_size = 0;   // of the blocks that were done with, decompressed
  std::uint64_t text_check = 0;  // of the checksums of these blocks, in their order
  std::uint64_t records = 0;
  std::uint64_t rejected = 0;
  std::uint64_t bytes_out = 0;
  bool has_written_record = false;
  bool has_rejected_header = false;
  std::vector<std::uint64_t> of_job;  // RewriteJob::Numbers

  // Decimal numbers with blanks between them.
  std::string Encode() const;
  // Errors: kInvalidArgument for what Encode does not write.
  static Result<RewriteState> Decode(std::string_view text);
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_REWRITE_STATE_H_
