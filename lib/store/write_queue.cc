#include "store/write_queue.h"

#include "base/status_macros.h"

namespace moniker::internal {

struct WriteQueue::Writer {
  explicit Writer(const Work& given) : work(given) {}

  const Work& work;
  Status status;
  bool is_settled = false;
  std::condition_variable changed;
  Writer* next = nullptr;
};

void WriteQueue::Line::Append(Writer* writer) {
  (first_ == nullptr ? first_ : last_->next) = writer;
  last_ = writer;
}

WriteQueue::Writer* WriteQueue::Line::TakeFirst() {
  Writer* const writer = first_;
  if (writer != nullptr) {
    first_ = writer->next;
    writer->next = nullptr;
  }
  return writer;
}

Status WriteQueue::Join(const Work& work, const Leader& lead) {
  if (process_ != ::getpid()) {
    return Status(StatusCode::kClosed, "the store cannot be used in the child of a fork");
  }
  Writer self(work);
  {
    std::unique_lock lock(mutex_);
    waiting_.Append(&self);
    self.changed.wait(lock,
                      [&] { return self.is_settled || (!is_led_ && waiting_.first() == &self); });
    if (self.is_settled) return self.status;
    is_led_ = true;
  }
  Batch batch(this);
  try {
    Settle(&batch, lead(&batch));
  } catch (...) {
    Settle(&batch, Status(StatusCode::kExhausted, "no memory for the store"));
    throw;
  }
  return self.status;
}

// Those who were told an error of their own saw what others had put; if that is not kept, the error
// says nothing. Notifies with the lock held: a writer who is settled may be gone without it.
void WriteQueue::Settle(Batch* batch, const Status& failure) {
  const std::lock_guard lock(mutex_);
  // The leader is in no batch if it failed before it came to the work.
  if (batch->size_ == 0) batch->taken_.Append(waiting_.TakeFirst());
  while (Writer* const writer = batch->taken_.TakeFirst()) {
    if (!failure.ok()) writer->status = failure;
    writer->is_settled = true;
    writer->changed.notify_one();
  }
  is_led_ = false;
  if (waiting_.first() != nullptr) waiting_.first()->changed.notify_one();
}

WriteQueue::Writer* WriteQueue::Batch::TakeNext() {
  if (size_ == kMaxWriters) return nullptr;
  const std::lock_guard lock(queue_.mutex_);
  Writer* const writer = queue_.waiting_.TakeFirst();
  if (writer == nullptr) return nullptr;
  taken_.Append(writer);
  ++size_;
  return writer;
}

Status WriteQueue::Batch::CarryOut(const std::shared_ptr<const StoreKeys>& keys,
                                   AccountedTransaction* transaction) {
  while (transaction->changes() < kEnoughChanges) {
    Writer* const writer = TakeNext();
    if (writer == nullptr) break;
    writer->status = writer->work(keys, transaction);
    MONIKER_RETURN_IF_ERROR(transaction->failure());
  }
  return Status::Ok();
}

}  // namespace moniker::internal
