// The lock that every write transaction and every checkpoint holds: within the process a mutex,
// between processes flock(2) on a file that is used for nothing else. SQLite's own locks let a
// checkpoint race a writer that resets the log, which loses acknowledged commits in versions before
// 3.51.3 (docs/decisions/0002-write-lock.md). It also makes writers wait in turn instead of
// polling.
//
// Thread safety: one WriteLock may be used by many threads; a Hold belongs to the thread that took
// it.

#ifndef MONIKER_LIB_SQLITE_WRITE_LOCK_H_
#define MONIKER_LIB_SQLITE_WRITE_LOCK_H_

#include <sys/types.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/file.h"
#include "moniker/result.h"

namespace moniker::internal {

class WriteLock {
 public:
  // Makes the lock file (0600). Errors: as file.h.
  static Status Create(const std::string& path);

  // Errors: kNotFound; kReadOnly, kPermission, kIo.
  static Result<WriteLock> Open(const std::string& path);

  // REQUIRES: nobody holds `other`.
  WriteLock(WriteLock&& other) noexcept
      : file_(std::move(other.file_)), turns_(std::move(other.turns_)) {}
  ~WriteLock() {
    if (process_ != ::getpid()) static_cast<void>(turns_.release());
  }

  class Hold {
   public:
    Hold(Hold&& other) noexcept : lock_(std::exchange(other.lock_, nullptr)) {}
    Hold& operator=(Hold&&) = delete;
    ~Hold() {
      if (lock_ != nullptr) lock_->Release();
    }

   private:
    friend class WriteLock;
    explicit Hold(WriteLock* lock) : lock_(lock) {}

    WriteLock* lock_;
  };

  // Waits as long as it takes. Errors: kIo; kClosed in the child of a fork, which shares the
  // parent's open file and would release the parent's lock.
  Result<Hold> Acquire();

 private:
  explicit WriteLock(FileDescriptor file) : file_(std::move(file)) {}

  void Release();

  FileDescriptor file_;
  pid_t process_ = ::getpid();
  // Threads get the lock in the order in which they ask, as processes do from flock. In the child
  // of a fork it is left behind: destroying a condition waits for threads that are not there.
  struct Turns {
    std::mutex mutex;
    std::condition_variable changed;
    std::uint64_t next = 0;
    std::uint64_t current = 0;
  };
  std::unique_ptr<Turns> turns_ = std::make_unique<Turns>();
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_SQLITE_WRITE_LOCK_H_
