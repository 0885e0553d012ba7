// An input in blocks of whole records.
//
// Thread safety: used by one thread at a time; a Block by whoever has it.

#ifndef MONIKER_LIB_BATCH_BLOCK_SOURCE_H_
#define MONIKER_LIB_BATCH_BLOCK_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "batch/byte_source.h"
#include "batch/record_splitter.h"
#include "moniker/result.h"
#include "moniker/rewrite.h"

namespace moniker::internal {

class Block {
 public:
  std::string_view text() const { return {bytes_.data(), size_}; }

  bool is_first = false;
  bool is_last = false;
  JsonPlace place = JsonPlace::kDocuments;
  std::uint64_t bytes_read = 0;  // of the input as it is stored, until this block was complete

 private:
  friend class BlockSource;

  std::vector<char> bytes_;
  std::size_t size_ = 0;
};

class BlockSource {
 public:
  BlockSource(int fd, const RewriteOptions& options) : options_(options), bytes_(fd) {}

  // The first block is never missing, but may be empty, as the last may be; the first begins with
  // the byte order mark if there is one. False: there are no more.
  // Errors: those of ByteSource; kUnsupported for a record of 4 GiB or more.
  Result<bool> Next(Block* block);

  // Known after the first block.
  RecordFormat format() const { return format_; }
  std::uint64_t bytes_read() const { return bytes_.bytes_read(); }

 private:
  Result<std::size_t> Fill(Block* block);
  bool Begin(std::string_view text, bool is_all);

  const RewriteOptions& options_;
  ByteSource bytes_;
  RecordFormat format_ = RecordFormat::kCsv;
  std::unique_ptr<RecordSplitter> splitter_;
  std::vector<char> rest_;  // what was read behind the block before
  bool is_over_ = false;
};

// The size of the byte order mark at the beginning of a text, or 0.
std::size_t SizeOfByteOrderMark(std::string_view text);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_BLOCK_SOURCE_H_
