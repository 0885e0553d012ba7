// Who holds and who waits for a lock, seen from outside.

#ifndef MONIKER_TESTS_SQLITE_FLOCK_PROBE_H_
#define MONIKER_TESTS_SQLITE_FLOCK_PROBE_H_

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace moniker::testing {

// Whether somebody holds the lock of `path`, this process included: asked by an open file of its
// own, which is never kept waiting.
inline bool IsLocked(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) throw std::runtime_error("cannot open " + path);
  const int result = ::flock(fd, LOCK_EX | LOCK_NB);
  const int error = errno;
  ::close(fd);
  if (result != 0 && error != EWOULDBLOCK) throw std::runtime_error("cannot ask for the lock");
  return result != 0;
}

// Number of those that wait for the lock of `path` now (proc(5), /proc/locks).
inline int CountWaiters(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) throw std::runtime_error("cannot inspect " + path);
  const std::string inode = ":" + std::to_string(status.st_ino) + " ";
  int count = 0;
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    count += line.find("-> FLOCK") != std::string::npos && line.find(inode) != std::string::npos;
  }
  return count;
}

// Whether a thread of this process sleeps: the field behind the name in proc(5), /proc/[pid]/stat.
inline bool IsAsleep(pid_t thread) {
  std::ifstream stat("/proc/self/task/" + std::to_string(thread) + "/stat");
  const std::string text((std::istreambuf_iterator<char>(stat)), {});
  const std::size_t end_of_name = text.rfind(')');
  return end_of_name != std::string::npos && text.substr(end_of_name + 2, 1) == "S";
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_SQLITE_FLOCK_PROBE_H_
