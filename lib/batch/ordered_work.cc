#include "batch/ordered_work.h"

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace moniker::internal {
namespace {

class Run {
 public:
  explicit Run(OrderedWork* work) : work_(*work) {}

  void Work(std::size_t worker) {
    try {
      while (WorkOnce(worker)) {
      }
    } catch (...) {
      const std::lock_guard lock(turn_mutex_);
      if (!is_over_) thrown_ = std::current_exception();
      EndLocked();
    }
  }

  Status Outcome() const {
    if (thrown_ != nullptr) std::rethrow_exception(thrown_);
    return status_;
  }

 private:
  bool WorkOnce(std::size_t worker) {
    std::uint64_t number = 0;
    Result<bool> taken = Take(worker, &number);
    if (taken.ok() && !*taken) return false;
    if (taken.ok()) work_.Prepare(worker);
    std::unique_lock lock(turn_mutex_);
    turn_changed_.wait(lock, [&] { return is_over_ || turn_ == number; });
    if (is_over_) return false;
    // An error of Take is that of a piece: what was taken before it comes first.
    if (taken.ok()) {
      lock.unlock();  // nobody else has this turn
      taken = work_.Finish(worker);
      lock.lock();
    }
    ++turn_;
    if (!taken.ok()) status_ = taken.status();
    if (!taken.ok() || !*taken) {
      EndLocked();
      return false;
    }
    turn_changed_.notify_all();
    return true;
  }

  Result<bool> Take(std::size_t worker, std::uint64_t* number) {
    const std::lock_guard lock(take_mutex_);
    if (no_more_) return false;
    *number = taken_++;
    no_more_ = true;  // also if it throws
    Result<bool> taken = work_.Take(worker);
    no_more_ = !taken.ok() || !*taken;
    return taken;
  }

  void EndLocked() {
    is_over_ = true;
    turn_changed_.notify_all();
    // Whoever is in Take is let finish; what comes of it is not looked at.
  }

  OrderedWork& work_;
  std::mutex take_mutex_;
  std::uint64_t taken_ = 0;
  bool no_more_ = false;
  std::mutex turn_mutex_;
  std::condition_variable turn_changed_;
  std::uint64_t turn_ = 0;
  bool is_over_ = false;
  Status status_;
  std::exception_ptr thrown_;
};

}  // namespace

Status RunInOrder(OrderedWork* work, std::size_t workers) {
  Run run(work);
  std::vector<std::thread> threads;
  threads.reserve(workers);
  for (std::size_t worker = 1; worker < workers; ++worker) {
    try {
      threads.emplace_back([&run, worker] { run.Work(worker); });
    } catch (const std::system_error&) {
      break;
    }
  }
  run.Work(0);
  for (std::thread& thread : threads) thread.join();
  return run.Outcome();
}

}  // namespace moniker::internal
