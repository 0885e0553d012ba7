// A child that is killed while it does something to a vault, and says what it was answered.
//
// Thread safety: used by one thread.

#ifndef MONIKER_TESTS_TORTURE_KILL_CHILD_H_
#define MONIKER_TESTS_TORTURE_KILL_CHILD_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "moniker/protector.h"
#include "moniker/status.h"
#include "torture/workload.h"

namespace moniker::testing {

// Writes lines to a pipe. A line that is not written because the child dies there is one that
// nobody was answered.
class PipeJournal final : public Journal {
 public:
  explicit PipeJournal(int fd) : fd_(fd) {}
  void Begin(const Step& step) override { Write(Ledger::BeginLine(step)); }
  void Done(const std::vector<std::string>& ids) override { Write(Ledger::DoneLine(ids)); }
  void Failed(const Status& status);

 private:
  void Write(const std::string& line);

  int fd_;
};

// When a child dies, if ever.
struct MomentOfDeath {
  std::uint64_t call = 0;               // at this call that reads or changes files, from 1
  std::chrono::microseconds after{-1};  // so long after it has begun, unless negative
};

// One of the first `calls` calls, or a moment of the first `time`.
MomentOfDeath RandomMoment(std::mt19937_64* random, std::uint64_t calls,
                           std::chrono::microseconds time = std::chrono::milliseconds(20));

// What the child wrote before it died. `use` is the child's; it may end before its death.
std::string RunAndKill(const MomentOfDeath& moment, const std::function<void(PipeJournal*)>& use);

// A child's own key: those that were read before a fork are gone in it.
Protector OwnKey(const std::string& path);

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_TORTURE_KILL_CHILD_H_
