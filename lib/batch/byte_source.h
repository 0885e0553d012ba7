// The bytes of a file or pipe, decompressed if its first bytes say that it is compressed.
//
// Thread safety: used by one thread at a time.

#ifndef MONIKER_LIB_BATCH_BYTE_SOURCE_H_
#define MONIKER_LIB_BATCH_BYTE_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "batch/compression.h"
#include "moniker/result.h"

namespace moniker::internal {

class ByteSource {
 public:
  // `fd` stays open and stays the caller's.
  explicit ByteSource(int fd) : fd_(fd) {}

  // Fills the buffer, or what of it there is input for: less than its size is the end.
  // Errors: kInvalidArgument if compressed input is damaged or ends too early; those of read(2).
  Result<std::size_t> Read(std::span<char> buffer);

  // Bytes taken from the file so far, as they are stored there.
  std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  Result<std::size_t> ReadStored(std::span<char> buffer);
  Status Begin();
  Result<std::size_t> ReadCompressed(std::span<char> buffer);
  std::size_t TakeHead(std::span<char> buffer);

  const int fd_;
  std::uint64_t bytes_read_ = 0;
  bool has_begun_ = false;
  std::string stored_;  // as it is stored: the first bytes, or what is still to be decompressed
  std::size_t stored_begin_ = 0;
  std::size_t stored_end_ = 0;
  bool stored_is_all_ = false;
  std::unique_ptr<Decompressor> decompressor_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_BYTE_SOURCE_H_
