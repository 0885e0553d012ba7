// Calls something once nobody has been at work for a while, on a thread of its own.
//
// Thread safety: may be called from any thread. In the child of a fork there is no such thread, and
// nothing is called.

#ifndef MONIKER_LIB_BASE_IDLE_LOCK_H_
#define MONIKER_LIB_BASE_IDLE_LOCK_H_

#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "moniker/result.h"

namespace moniker::internal {

class IdleLock {
 public:
  // `lock` is called after this time without a Use, by the steady clock, and again only after
  // another Use has ended. It must not use this object. Errors: kExhausted if the system gives no
  // thread.
  static Result<std::unique_ptr<IdleLock>> Start(std::chrono::milliseconds after,
                                                 std::function<void()> lock);
  IdleLock(const IdleLock&) = delete;
  IdleLock& operator=(const IdleLock&) = delete;
  ~IdleLock();

  // Somebody is at work as long as it lives.
  class Use {
   public:
    Use() = default;
    explicit Use(IdleLock* idle) : idle_(idle) {
      if (idle_ != nullptr) idle_->Begin();
    }
    Use(Use&& other) noexcept : idle_(std::exchange(other.idle_, nullptr)) {}
    Use& operator=(Use&& other) noexcept {
      std::swap(idle_, other.idle_);
      return *this;
    }
    ~Use() {
      if (idle_ != nullptr) idle_->End();
    }

   private:
    IdleLock* idle_ = nullptr;
  };

 private:
  using Clock = std::chrono::steady_clock;

  // What the thread shares. In the child of a fork it is left behind: destroying a condition waits
  // for threads that are not there.
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    int users = 0;
    bool is_locked = true;  // there has been no use yet
    bool is_ending = false;
    Clock::time_point last_use;
  };

  IdleLock(std::chrono::milliseconds after, std::function<void()> lock)
      : after_(after), lock_(std::move(lock)) {}

  void Begin();
  void End();
  void Run();

  const pid_t process_ = ::getpid();
  const std::chrono::milliseconds after_;
  const std::function<void()> lock_;
  std::unique_ptr<Shared> shared_ = std::make_unique<Shared>();
  std::unique_ptr<std::thread> thread_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BASE_IDLE_LOCK_H_
