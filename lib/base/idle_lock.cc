#include "base/idle_lock.h"

#include <csignal>
#include <system_error>

namespace moniker::internal {
namespace {

// Signals are for the threads of the application.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

Result<std::unique_ptr<IdleLock>> IdleLock::Start(std::chrono::milliseconds after,
                                                  std::function<void()> lock) {
  std::unique_ptr<IdleLock> idle(new IdleLock(after, std::move(lock)));
  const SignalsBlocked blocked;
  try {
    idle->thread_ = std::make_unique<std::thread>([one = idle.get()] { one->Run(); });
  } catch (const std::system_error&) {
    return Status(StatusCode::kExhausted, "no thread to lock the vault");
  }
  return idle;
}

IdleLock::~IdleLock() {
  if (process_ != ::getpid()) {
    static_cast<void>(shared_.release());
    static_cast<void>(thread_.release());
    return;
  }
  if (thread_ == nullptr) return;
  {
    const std::lock_guard guard(shared_->mutex);
    shared_->is_ending = true;
  }
  shared_->changed.notify_all();
  thread_->join();
}

void IdleLock::Begin() {
  if (process_ != ::getpid()) return;
  const std::lock_guard guard(shared_->mutex);
  ++shared_->users;
}

// The thread finds out by itself that there was a use while it slept.
void IdleLock::End() {
  if (process_ != ::getpid()) return;
  const std::lock_guard guard(shared_->mutex);
  shared_->last_use = Clock::now();
  if (--shared_->users == 0 && shared_->is_locked) {
    shared_->is_locked = false;
    shared_->changed.notify_all();
  }
}

// Holds the mutex while it locks, so that nobody begins meanwhile what would find half of it done.
void IdleLock::Run() {
  std::unique_lock guard(shared_->mutex);
  while (!shared_->is_ending) {
    const bool is_idle = !shared_->is_locked && shared_->users == 0;
    if (is_idle && Clock::now() - shared_->last_use >= after_) {
      lock_();
      shared_->is_locked = true;
    } else if (shared_->is_locked) {
      shared_->changed.wait(guard);
    } else {
      // If somebody is at work now, it is looked again after as long.
      const auto from = is_idle ? shared_->last_use : Clock::now();
      shared_->changed.wait_until(guard, from + after_);
    }
  }
}

}  // namespace moniker::internal
