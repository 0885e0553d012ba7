// How a command of the program ends early: with an exit status and a message for people. A message
// never contains a value of a record.

#ifndef MONIKER_TOOLS_MONIKER_FAILURE_H_
#define MONIKER_TOOLS_MONIKER_FAILURE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

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
  kRefused = 5,       // nobody was resolved: the actor's budget is used up
  // 128 + number of the signal, as a shell tells it: ended early, and --resume goes on.
  kInterrupted = 130,
  kTerminated = 143,
};

class Failure : public std::runtime_error {
 public:
  Failure(ExitStatus exit_status, const std::string& message, std::string hint = "");

  // What programs are told besides.
  Failure& Because(StatusCode code);
  Failure& At(std::uint64_t record, std::string_view field = "");  // counted from 1; 0: in none

  ExitStatus exit_status() const { return exit_status_; }
  const std::string& hint() const { return hint_; }
  // The name of a status code, or "usage", "altered", "failed".
  std::string_view code() const { return code_; }
  std::optional<std::uint64_t> record() const { return record_; }
  const std::string& field() const { return field_; }  // "": none is to blame

 private:
  ExitStatus exit_status_;
  std::string hint_;
  std::string_view code_;
  std::optional<std::uint64_t> record_;
  std::string field_;
};

// "context: message (system's word for the errno)". `context` is a path or "record 7", never a
// value.
[[noreturn]] void Fail(const Status& status, const std::string& context = "");

// The field that a message begins with ("id: not UTF-8"), or "".
std::string_view FieldOf(std::string_view message);

// Something on the command line is wrong.
[[noreturn]] void FailUsage(const std::string& message, const std::string& hint = "");

// Whether the locator is the number of a record that something is wrong with.
bool IsOfRecord(const Status& status);

// "record 7: message", `index` counted from 0.
[[noreturn]] void FailRecord(const Status& status, std::size_t index);

// The same where the context says the record (0: none) and field, for people.
[[noreturn]] void FailRecordAt(const Status& status, const std::string& context,
                               std::uint64_t record, std::string_view field);

// An ID, counted from 1, that cannot be one.
[[noreturn]] void FailId(std::size_t number);

// As FailRecord, for what a library call found in an identifier: "record 7: id: what (byte 3)".
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
