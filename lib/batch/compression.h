// gzip and zstd: inputs are read as a stream, outputs are written block by block, each block a
// member (gzip) or frame (zstd) of its own. Every reader takes several of them as one.
//
// Thread safety: a Decompressor is used by one thread at a time; functions without state.

#ifndef MONIKER_LIB_BATCH_COMPRESSION_H_
#define MONIKER_LIB_BATCH_COMPRESSION_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "moniker/compression.h"
#include "moniker/result.h"

namespace moniker::internal {

class Decompressor {
 public:
  struct Step {
    std::size_t consumed = 0;  // of the input
    std::size_t produced = 0;  // of the output
  };

  virtual ~Decompressor() = default;

  // Takes as much as there is input and room for. Errors: kInvalidArgument for what is damaged.
  virtual Result<Step> Decompress(std::string_view input, std::span<char> output) = 0;

  // Whether the input may end here: between members or frames.
  virtual bool IsAtEnd() const = 0;
};

// REQUIRES: not kNone.
std::unique_ptr<Decompressor> MakeDecompressor(Compression compression);

// Appends `text` as one member or frame; the text itself for kNone.
// Errors: kUnsupported for 4 GiB or more of gzip.
Status AppendCompressed(Compression compression, std::string_view text, std::string* out);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_COMPRESSION_H_
