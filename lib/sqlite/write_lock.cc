#include "sqlite/write_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <utility>

#include "base/status_macros.h"

namespace moniker::internal {

Status WriteLock::Create(const std::string& path) { return CreateFileDurably(path, {}); }

Result<WriteLock> WriteLock::Open(const std::string& path) {
  MONIKER_ASSIGN_OR_RETURN(FileDescriptor file, OpenFile(path, O_RDWR | O_NOFOLLOW));
  return WriteLock(std::move(file));
}

Result<WriteLock::Hold> WriteLock::Acquire() {
  if (process_ != ::getpid()) {
    return Status(StatusCode::kClosed, "the store cannot be used in the child of a fork");
  }
  std::unique_lock lock(mutex_);
  while (::flock(file_.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return ErrnoStatus(errno, "cannot lock the store");
  }
  return Hold(std::move(lock), file_.get());
}

WriteLock::Hold::~Hold() {
  if (fd_ >= 0 && process_ == ::getpid()) ::flock(fd_, LOCK_UN);
}

}  // namespace moniker::internal
