// The calls to the system by which this program, the library and SQLite use files: a test sees each
// of them before and after it is made, and may let it fail.
//
// Thread safety: a watcher sees the calls of the thread that set it, and no others.

#ifndef MONIKER_TESTS_TORTURE_DISK_CALLS_H_
#define MONIKER_TESTS_TORTURE_DISK_CALLS_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace moniker::testing {

struct DiskCall {
  enum Kind { kOpen, kRead, kWrite, kTruncate, kSync, kRename, kLink, kUnlink };

  Kind kind;
  int fd = -1;
  const char* path = nullptr;  // kOpen, kRename, kLink, kUnlink
  const char* to = nullptr;    // kRename, kLink
  int flags = 0;               // kOpen
  std::int64_t offset = -1;    // kRead, kWrite: -1 is where the descriptor stands; kTruncate: size
  std::span<const std::uint8_t> bytes = {};  // kWrite
  std::size_t size = 0;                      // kRead, kWrite

  bool changes() const { return kind != kRead; }
};

class DiskWatcher {
 public:
  static constexpr int kGoOn = 0;
  static constexpr int kShort = -1;  // half of what was asked for is read or written

  virtual ~DiskWatcher() = default;

  // kGoOn, kShort, or the errno with which the call fails without being made.
  virtual int Before(const DiskCall&) { return kGoOn; }

  // After a call that was made. `answer` is what it returned.
  virtual void After(const DiskCall&, std::int64_t /*answer*/) {}
};

// Watches the thread that makes it, while it lives. REQUIRES: the thread has no other.
class WatchDisk {
 public:
  explicit WatchDisk(DiskWatcher* watcher);
  ~WatchDisk();
  WatchDisk(const WatchDisk&) = delete;
  WatchDisk& operator=(const WatchDisk&) = delete;
};

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_TORTURE_DISK_CALLS_H_
