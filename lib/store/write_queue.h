// Group commit: writers that come while another one writes share the next transaction, and with it
// the one wait for the disk that costs more than all the rest.
//
// The first writer in the queue leads: it carries out the work of all, its own first, while the
// others sleep. It serves one batch; the first of those who came meanwhile leads the next.
//
// Thread safety: may be called from any thread. In the child of a fork every call is refused.

#ifndef MONIKER_LIB_STORE_WRITE_QUEUE_H_
#define MONIKER_LIB_STORE_WRITE_QUEUE_H_

#include <unistd.h>

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>

#include "moniker/status.h"
#include "store/accounted_transaction.h"
#include "store/store_keys.h"

namespace moniker::internal {

class WriteQueue {
 public:
  // What one writer does within the transaction. Either it succeeds, or it has put nothing, or the
  // transaction has failed. Called by the thread that leads.
  using Work =
      std::function<Status(const std::shared_ptr<const StoreKeys>&, AccountedTransaction*)>;

  class Batch;

  // Begins a transaction, carries out the work of the batch and commits. What it answers if it
  // fails is what all of the batch are told.
  using Leader = std::function<Status(Batch*)>;

  // What became of `work`; success once it is durable. `lead` is called if it is this thread's turn
  // to lead. Errors: of `work` and `lead`; kExhausted if the leader had no memory (it has the
  // exception itself); kClosed in the child of a fork.
  Status Join(const Work& work, const Leader& lead);

 private:
  struct Writer;

  // Writers in the order of their coming. They live on the stacks of their threads.
  class Line {
   public:
    Writer* first() const { return first_; }
    void Append(Writer* writer);
    Writer* TakeFirst();

   private:
    Writer* first_ = nullptr;
    Writer* last_ = nullptr;
  };

  void Settle(Batch* batch, const Status& failure);

  const pid_t process_ = ::getpid();
  std::mutex mutex_;
  Line waiting_;         // guarded by mutex_
  bool is_led_ = false;  // guarded by mutex_
};

// The writers who share one transaction.
class WriteQueue::Batch {
 public:
  // So that nobody waits long for others.
  static constexpr std::size_t kMaxWriters = 64;
  static constexpr std::size_t kEnoughChanges = 4096;

  // Carries out the work of whoever waits, also of those who come while it does, until there is
  // enough of it. An error is a failure of the transaction, hence of all.
  Status CarryOut(const std::shared_ptr<const StoreKeys>& keys, AccountedTransaction* transaction);

 private:
  friend class WriteQueue;
  explicit Batch(WriteQueue* queue) : queue_(*queue) {}

  Writer* TakeNext();

  WriteQueue& queue_;
  Line taken_;
  std::size_t size_ = 0;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_WRITE_QUEUE_H_
