#include "batch/byte_source.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "base/status_macros.h"

namespace moniker::internal {
namespace {

constexpr std::size_t kMagicSize = 4;
constexpr std::size_t kStoredSize = std::size_t{1} << 18;

}  // namespace

Result<std::size_t> ByteSource::Read(std::span<char> buffer) {
  if (!has_begun_) MONIKER_RETURN_IF_ERROR(Begin());
  if (decompressor_ != nullptr) return ReadCompressed(buffer);
  const std::size_t head = TakeHead(buffer);
  MONIKER_ASSIGN_OR_RETURN(const std::size_t rest, ReadStored(buffer.subspan(head)));
  return head + rest;
}

// Reads until the buffer is full or the input at its end, so that blocks are the same whatever
// pieces a pipe hands out.
Result<std::size_t> ByteSource::ReadStored(std::span<char> buffer) {
  std::size_t used = 0;
  while (used < buffer.size()) {
    const ssize_t got = ::read(fd_, buffer.data() + used, buffer.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, "cannot read");
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  bytes_read_ += used;
  return used;
}

Status ByteSource::Begin() {
  has_begun_ = true;
  stored_.resize(kMagicSize);
  MONIKER_ASSIGN_OR_RETURN(stored_end_, ReadStored(stored_));
  const Compression compression =
      CompressionOfText(std::string_view(stored_).substr(0, stored_end_));
  if (compression == Compression::kNone) return Status::Ok();
  decompressor_ = MakeDecompressor(compression);
  stored_.resize(kStoredSize);
  return Status::Ok();
}

std::size_t ByteSource::TakeHead(std::span<char> buffer) {
  const std::size_t size = std::min(buffer.size(), stored_end_ - stored_begin_);
  std::memcpy(buffer.data(), stored_.data() + stored_begin_, size);
  stored_begin_ += size;
  return size;
}

Result<std::size_t> ByteSource::ReadCompressed(std::span<char> buffer) {
  std::size_t used = 0;
  while (used < buffer.size()) {
    const std::string_view stored =
        std::string_view(stored_).substr(stored_begin_, stored_end_ - stored_begin_);
    MONIKER_ASSIGN_OR_RETURN(const Decompressor::Step step,
                             decompressor_->Decompress(stored, buffer.subspan(used)));
    used += step.produced;
    stored_begin_ += step.consumed;
    if (step.produced > 0 || step.consumed > 0) continue;
    if (stored_is_all_) {
      if (decompressor_->IsAtEnd()) break;
      return Status(StatusCode::kInvalidArgument, "the compressed input ends too early");
    }
    // What is left of the former piece is what the decompressor could make nothing of yet.
    std::memmove(stored_.data(), stored.data(), stored.size());
    MONIKER_ASSIGN_OR_RETURN(const std::size_t got,
                             ReadStored(std::span(stored_).subspan(stored.size())));
    stored_begin_ = 0;
    stored_end_ = stored.size() + got;
    stored_is_all_ = got == 0;
  }
  return used;
}

}  // namespace moniker::internal
