#include "vault/system_calls.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>

namespace moniker::testing {
namespace {

thread_local bool armed = false;
thread_local int calls = 0;
thread_local int fail_at = SystemCalls::kNever;
thread_local int error_to_give = 0;
thread_local const char* failed = "";

bool Fails(const char* name) {
  if (!armed || calls++ != fail_at) return false;
  failed = name;
  if (error_to_give == 0) ::kill(::getpid(), SIGKILL);
  errno = error_to_give;
  return true;
}

// The function of the C library that this program's own stands in front of.
template <typename Function>
Function* Real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

void SystemCalls::Arm(int call, int error) {
  fail_at = call;
  error_to_give = error;
  calls = 0;
  armed = true;
}

bool SystemCalls::Disarm() {
  armed = false;
  return calls > fail_at;
}

std::string SystemCalls::last_failed() { return failed; }

}  // namespace moniker::testing

// Defined in the program, these come before those of the C library, for shared libraries too.
#define MONIKER_CALL(type, name, parameters, arguments, specifier)                   \
  extern "C" __attribute__((visibility("default"))) type name parameters specifier { \
    static auto* const real = moniker::testing::Real<type parameters>(#name);        \
    if (moniker::testing::Fails(#name)) return type(-1);                             \
    return real arguments;                                                           \
  }

MONIKER_CALL(int, fsync, (int fd), (fd), )
MONIKER_CALL(int, fdatasync, (int fd), (fd), )
MONIKER_CALL(int, ftruncate, (int fd, off_t size), (fd, size), noexcept)
MONIKER_CALL(int, ftruncate64, (int fd, off_t size), (fd, size), noexcept)
MONIKER_CALL(int, rename, (const char* from, const char* to), (from, to), noexcept)
MONIKER_CALL(int, renameat2,
             (int from_fd, const char* from, int to_fd, const char* to, unsigned flags),
             (from_fd, from, to_fd, to, flags), noexcept)
MONIKER_CALL(ssize_t, write, (int fd, const void* bytes, size_t size), (fd, bytes, size), )
MONIKER_CALL(ssize_t, pwrite, (int fd, const void* bytes, size_t size, off_t at),
             (fd, bytes, size, at), )
MONIKER_CALL(ssize_t, pwrite64, (int fd, const void* bytes, size_t size, off_t at),
             (fd, bytes, size, at), )
MONIKER_CALL(int, mkostemp, (char* name, int flags), (name, flags), )

extern "C" __attribute__((visibility("default"))) char* mkdtemp(char* name) noexcept {
  static auto* const real = moniker::testing::Real<char*(char*)>("mkdtemp");
  return moniker::testing::Fails("mkdtemp") ? nullptr : real(name);
}

#define MONIKER_OPEN(name)                                                                       \
  extern "C" __attribute__((visibility("default"))) int name(const char* path, int flags, ...) { \
    static auto* const real = moniker::testing::Real<int(const char*, int, ...)>(#name);         \
    va_list arguments;                                                                           \
    va_start(arguments, flags);                                                                  \
    const mode_t mode = va_arg(arguments, mode_t);                                               \
    va_end(arguments);                                                                           \
    return moniker::testing::Fails(#name) ? -1 : real(path, flags, mode);                        \
  }

MONIKER_OPEN(open)
MONIKER_OPEN(open64)
