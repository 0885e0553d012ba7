// How a command of the program ends early: with an exit status and a message for people. A message
// never contains a value of a record.

#ifndef MONIKER_TOOLS_MONIKER_FAILURE_H_
#define MONIKER_TOOLS_MONIKER_FAILURE_H_

#include <cstddef>
#include <stdexcept>
#include <string>

#include "moniker/identifier.h"
#include "moniker/result.h"
#include "moniker/status.h"

namespace moniker::tool {

// docs/cli.md
enum ExitStatus : int {
  kDone = 0,
  kFailed = 1,  // nothing was written
  kUsage = 2,
  kSomeRejected = 3,  // done, but some records were rejected or unknown
  kKeyOrAltered = 4,  // wrong key, or altered data
  // 128 + number of the signal, as a shell tells it: ended early, and --resume goes on.
  kInterrupted = 130,
  kTerminated = 143,
};

class Failure : public std::runtime_error {
 public:
  Failure(ExitStatus exit_status, const std::string& message, std::string hint = "")
      : std::runtime_error(message), exit_status_(exit_status), hint_(std::move(hint)) {}

  ExitStatus exit_status() const { return exit_status_; }
  const std::string& hint() const { return hint_; }

 private:
  ExitStatus exit_status_;
  std::string hint_;
};

// "context: message (system's word for the errno)". `context` is a path or "record 7", never a
// value.
[[noreturn]] void Fail(const Status& status, const std::string& context = "");

// Something on the command line is wrong.
[[noreturn]] void FailUsage(const std::string& message, const std::string& hint = "");

// Whether the locator is the number of a record that something is wrong with.
bool IsOfRecord(const Status& status);

// "record 7: message", `index` counted from 0.
[[noreturn]] void FailRecord(const Status& status, std::size_t index);

// The same for what a library call found in an identifier: "record 7: id: what (byte 3)".
[[noreturn]] void FailIdentifier(const Status& status, std::size_t index,
                                 const Identifier& identifier);

template <typename T>
T Take(Result<T> result, const std::string& context = "") {
  if (!result.ok()) Fail(result.status(), context);
  return *std::move(result);
}

inline void Require(const Status& status, const std::string& context = "") {
  if (!status.ok()) Fail(status, context);
}

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_FAILURE_H_
