#include <algorithm>
#include <cerrno>
#include <optional>
#include <random>
#include <vector>

#include "torture/allocation_faults.h"
#include "torture/disk_calls.h"
#include "torture/runs.h"
#include "torture/scenario.h"

namespace moniker::testing {
namespace {

// A call that fails: which, how, and whether each after it fails as well.
struct Point {
  const Scenario* scenario;
  std::uint64_t at;  // counted from 1
  int error;         // an errno, or DiskWatcher::kShort
  bool for_good;
};

class DiskFault final : public Fault, public DiskWatcher {
 public:
  // `at` is 0 if none fails.
  explicit DiskFault(std::uint64_t at, int error = 0, bool for_good = false)
      : at_(at), error_(error), for_good_(for_good) {}

  void Arm() override { watch_.emplace(this); }
  void Disarm() override { watch_.reset(); }
  // What a failing call leaves, no call can remove.
  bool may_leave_files() const override { return for_good_ || failed_removal_; }

  int Before(const DiskCall& call) override {
    ++calls_;
    kinds_.push_back(call.kind);
    const bool fails = at_ != 0 && (for_good_ ? calls_ >= at_ : calls_ == at_);
    if (!fails) return kGoOn;
    if (error_ == ENOSPC && !call.changes()) return kGoOn;  // a full disk can be read
    failed_removal_ = failed_removal_ || call.kind == DiskCall::kUnlink;
    return error_;
  }

  const std::vector<DiskCall::Kind>& kinds() const { return kinds_; }

 private:
  std::uint64_t at_;
  int error_;
  bool for_good_;
  bool failed_removal_ = false;
  std::uint64_t calls_ = 0;
  std::vector<DiskCall::Kind> kinds_;
  std::optional<WatchDisk> watch_;
};

class AllocationFault final : public Fault {
 public:
  explicit AllocationFault(std::uint64_t at, bool for_good = false)
      : at_(at), for_good_(for_good) {}

  void Arm() override { AllocationFaults::Arm(at_, for_good_); }
  void Disarm() override { counted_ = AllocationFaults::Disarm(); }
  bool may_leave_files() const override { return false; }
  std::uint64_t counted() const { return counted_; }

 private:
  std::uint64_t at_;
  bool for_good_;
  std::uint64_t counted_ = 0;
};

std::vector<int> ErrorsOf(DiskCall::Kind kind) {
  switch (kind) {
    case DiskCall::kRead: return {EIO, DiskWatcher::kShort};
    case DiskCall::kWrite: return {EIO, ENOSPC, DiskWatcher::kShort};
    default: return {EIO, ENOSPC};
  }
}

// As many of them as are wanted, in an order that the seed decides.
void Choose(const RunOptions& options, std::vector<Point>* points) {
  std::mt19937_64 random(options.seed);
  std::shuffle(points->begin(), points->end(), random);
  if (points->size() > options.rounds) points->resize(options.rounds);
}

}  // namespace

Tally FailDiskCalls(const RunOptions& options) {
  Tally tally;
  std::vector<Point> points;
  for (const Scenario& scenario : AllScenarios()) {
    DiskFault none(0);
    RunWithFault(scenario, &none, &tally);
    for (std::uint64_t at = 1; at <= none.kinds().size(); ++at) {
      for (const int error : ErrorsOf(none.kinds()[at - 1])) {
        for (const bool for_good : {false, true}) {
          points.push_back({&scenario, at, error, for_good});
        }
      }
    }
  }
  Choose(options, &points);
  for (const Point& point : points) {
    DiskFault fault(point.at, point.error, point.for_good);
    RunWithFault(*point.scenario, &fault, &tally);
    ++tally.points;
  }
  return tally;
}

Tally FailAllocations(const RunOptions& options) {
  Tally tally;
  std::vector<Point> points;
  for (const Scenario& scenario : AllScenarios()) {
    AllocationFault none(0);
    RunWithFault(scenario, &none, &tally);
    for (std::uint64_t at = 1; at <= none.counted(); ++at) {
      for (const bool for_good : {false, true}) points.push_back({&scenario, at, 0, for_good});
    }
  }
  Choose(options, &points);
  for (const Point& point : points) {
    AllocationFault fault(point.at, point.for_good);
    RunWithFault(*point.scenario, &fault, &tally);
    ++tally.points;
  }
  return tally;
}

}  // namespace moniker::testing
