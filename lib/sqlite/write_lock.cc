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
  {
    std::unique_lock lock(turns_->mutex);
    const std::uint64_t mine = turns_->next++;
    turns_->changed.wait(lock, [&] { return turns_->current == mine; });
  }
  Hold hold(this);
  while (::flock(file_.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return ErrnoStatus(errno, "cannot lock the store");
  }
  return hold;
}

void WriteLock::Release() {
  // The child of a fork shares the parent's open file and must not unlock it.
  if (process_ != ::getpid()) return;
  ::flock(file_.get(), LOCK_UN);
  {
    const std::lock_guard lock(turns_->mutex);
    ++turns_->current;
  }
  turns_->changed.notify_all();
}

}  // namespace moniker::internal
