#include "torture/disk_calls.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>

namespace moniker::testing {
namespace {

thread_local DiskWatcher* watcher = nullptr;

// The function of the C library that this program's own stands in front of.
template <typename Function>
Function* Real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

// `real` makes the call, of `size` bytes where it has a size. What the watcher itself does with
// files is not watched.
template <typename Type, typename Make>
Type Watched(DiskCall call, Make real) {
  DiskWatcher* const asked = watcher;
  if (asked == nullptr) return real(call.size);
  watcher = nullptr;
  const int verdict = asked->Before(call);
  if (verdict > 0) {
    watcher = asked;
    errno = verdict;
    return Type(-1);
  }
  if (verdict == DiskWatcher::kShort && call.size > 1) call.size /= 2;
  if (call.kind == DiskCall::kWrite) call.bytes = call.bytes.first(call.size);
  const Type answer = real(call.size);
  const int error = errno;
  if (answer != Type(-1)) asked->After(call, static_cast<std::int64_t>(answer));
  watcher = asked;
  errno = error;
  return answer;
}

std::span<const std::uint8_t> Bytes(const void* bytes, std::size_t size) {
  return {static_cast<const std::uint8_t*>(bytes), size};
}

}  // namespace

WatchDisk::WatchDisk(DiskWatcher* wanted) { watcher = wanted; }
WatchDisk::~WatchDisk() { watcher = nullptr; }

}  // namespace moniker::testing

using moniker::testing::Bytes;
using moniker::testing::DiskCall;
using moniker::testing::Real;
using moniker::testing::Watched;

// Defined in the program, these come before those of the C library, for shared libraries too. The
// C library has names with and without 64 for the same functions.
#define MONIKER_VISIBLE extern "C" __attribute__((visibility("default")))

#define MONIKER_SYNC(name)                                      \
  MONIKER_VISIBLE int name(int fd) {                            \
    static auto* const real = Real<int(int)>(#name);            \
    return Watched<int>({.kind = DiskCall::kSync, .fd = fd},    \
                        [&](std::size_t) { return real(fd); }); \
  }
MONIKER_SYNC(fsync)
MONIKER_SYNC(fdatasync)

#define MONIKER_TRUNCATE(name)                                                   \
  MONIKER_VISIBLE int name(int fd, off_t size) noexcept {                        \
    static auto* const real = Real<int(int, off_t)>(#name);                      \
    return Watched<int>({.kind = DiskCall::kTruncate, .fd = fd, .offset = size}, \
                        [&](std::size_t) { return real(fd, size); });            \
  }
MONIKER_TRUNCATE(ftruncate)
MONIKER_TRUNCATE(ftruncate64)

#define MONIKER_PWRITE(name)                                                                \
  MONIKER_VISIBLE ssize_t name(int fd, const void* bytes, size_t size, off_t at) {          \
    static auto* const real = Real<ssize_t(int, const void*, size_t, off_t)>(#name);        \
    return Watched<ssize_t>({.kind = DiskCall::kWrite,                                      \
                             .fd = fd,                                                      \
                             .offset = at,                                                  \
                             .bytes = Bytes(bytes, size),                                   \
                             .size = size},                                                 \
                            [&](std::size_t count) { return real(fd, bytes, count, at); }); \
  }
MONIKER_PWRITE(pwrite)
MONIKER_PWRITE(pwrite64)

#define MONIKER_PREAD(name)                                                                  \
  MONIKER_VISIBLE ssize_t name(int fd, void* bytes, size_t size, off_t at) {                 \
    static auto* const real = Real<ssize_t(int, void*, size_t, off_t)>(#name);               \
    return Watched<ssize_t>({.kind = DiskCall::kRead, .fd = fd, .offset = at, .size = size}, \
                            [&](std::size_t count) { return real(fd, bytes, count, at); });  \
  }
MONIKER_PREAD(pread)
MONIKER_PREAD(pread64)

MONIKER_VISIBLE ssize_t write(int fd, const void* bytes, size_t size) {
  static auto* const real = Real<ssize_t(int, const void*, size_t)>("write");
  return Watched<ssize_t>(
      {.kind = DiskCall::kWrite, .fd = fd, .bytes = Bytes(bytes, size), .size = size},
      [&](std::size_t count) { return real(fd, bytes, count); });
}

MONIKER_VISIBLE ssize_t read(int fd, void* bytes, size_t size) {
  static auto* const real = Real<ssize_t(int, void*, size_t)>("read");
  return Watched<ssize_t>({.kind = DiskCall::kRead, .fd = fd, .size = size},
                          [&](std::size_t count) { return real(fd, bytes, count); });
}

MONIKER_VISIBLE int rename(const char* from, const char* to) noexcept {
  static auto* const real = Real<int(const char*, const char*)>("rename");
  return Watched<int>({.kind = DiskCall::kRename, .path = from, .to = to},
                      [&](std::size_t) { return real(from, to); });
}

MONIKER_VISIBLE int renameat2(int from_fd, const char* from, int to_fd, const char* to,
                              unsigned flags) noexcept {
  static auto* const real = Real<int(int, const char*, int, const char*, unsigned)>("renameat2");
  return Watched<int>({.kind = DiskCall::kRename, .path = from, .to = to},
                      [&](std::size_t) { return real(from_fd, from, to_fd, to, flags); });
}

MONIKER_VISIBLE int linkat(int from_fd, const char* from, int to_fd, const char* to,
                           int flags) noexcept {
  static auto* const real = Real<int(int, const char*, int, const char*, int)>("linkat");
  return Watched<int>({.kind = DiskCall::kLink, .path = from, .to = to},
                      [&](std::size_t) { return real(from_fd, from, to_fd, to, flags); });
}

MONIKER_VISIBLE int unlink(const char* path) noexcept {
  static auto* const real = Real<int(const char*)>("unlink");
  return Watched<int>({.kind = DiskCall::kUnlink, .path = path},
                      [&](std::size_t) { return real(path); });
}

// The template becomes the path of the file only by the call.
MONIKER_VISIBLE int mkostemp(char* name, int flags) {
  static auto* const real = Real<int(char*, int)>("mkostemp");
  return Watched<int>({.kind = DiskCall::kOpen, .path = name, .flags = flags | O_CREAT | O_RDWR},
                      [&](std::size_t) { return real(name, flags); });
}

#define MONIKER_OPEN(name)                                                       \
  MONIKER_VISIBLE int name(const char* path, int flags, ...) {                   \
    static auto* const real = Real<int(const char*, int, ...)>(#name);           \
    va_list arguments;                                                           \
    va_start(arguments, flags);                                                  \
    const mode_t mode = va_arg(arguments, mode_t);                               \
    va_end(arguments);                                                           \
    return Watched<int>({.kind = DiskCall::kOpen, .path = path, .flags = flags}, \
                        [&](std::size_t) { return real(path, flags, mode); });   \
  }
MONIKER_OPEN(open)
MONIKER_OPEN(open64)
