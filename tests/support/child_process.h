// Runs part of a test in the child of a fork: for what changes the process (user, limits, name
// spaces) and for what a fork itself changes.

#ifndef MONIKER_TESTS_SUPPORT_CHILD_PROCESS_H_
#define MONIKER_TESTS_SUPPORT_CHILD_PROCESS_H_

#include <grp.h>
#include <sched.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>

#include "moniker/status.h"

namespace moniker::testing {

inline constexpr uid_t kOrdinaryUser = 65534;

// What `body` answers, or how the child died. Assertions of GoogleTest do not reach the parent: a
// body answers with a text, and the test compares it.
inline std::string InChild(const std::function<std::string()>& body) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("cannot make a pipe");
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) {
    ::close(ends[0]);
    std::string answer;
    try {
      answer = body();
    } catch (const std::exception& error) {
      answer = std::string("exception: ") + error.what();
    }
    const ssize_t written = ::write(ends[1], answer.data(), answer.size());
    ::_exit(written == static_cast<ssize_t>(answer.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  std::string answer;
  char buffer[4096];
  ssize_t got;
  while ((got = ::read(ends[0], buffer, sizeof buffer)) > 0 || (got < 0 && errno == EINTR)) {
    if (got > 0) answer.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) return "died of signal " + std::to_string(WTERMSIG(status));
  if (WEXITSTATUS(status) != 0) return "exit status " + std::to_string(WEXITSTATUS(status));
  return answer;
}

// An answer for InChild: the name of the code and the locator, "ok" for success.
inline std::string Describe(const Status& status) {
  std::string text(StatusCodeName(status.code()));
  if (status.locator() != Status::kNowhere) text += " at " + std::to_string(status.locator());
  return text;
}

// In a child only: becomes a user without rights of its own. Nothing to do for who is one already.
inline void BecomeOrdinaryUser() {
  if (::geteuid() != 0) return;
  if (::setgroups(0, nullptr) != 0 || ::setgid(kOrdinaryUser) != 0 ||
      ::setuid(kOrdinaryUser) != 0) {
    throw std::runtime_error("cannot give up the rights of root");
  }
}

// In a child only: a mount name space of its own, for root as for others (in a user name space).
inline void EnterPrivateMountNamespace() {
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  if (user == 0 && ::unshare(CLONE_NEWNS) == 0) return;
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
    throw std::runtime_error("this test needs root or user name spaces");
  }
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
  std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_SUPPORT_CHILD_PROCESS_H_
