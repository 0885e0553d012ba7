#include "sqlite/reader_pool.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace moniker::internal {
namespace {

// Each has pages of its own in memory.
constexpr std::size_t kMostReaders = 4;

}  // namespace

ReaderPool::ReaderPool(const std::string& database, std::unique_ptr<Connection> first)
    : database_(database),
      most_(std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMostReaders)) {
  connections_.reserve(most_);  // so that first() can be called while others are added
  idle_.reserve(most_);
  idle_.push_back(first.get());
  connections_.push_back(std::move(first));
}

ReaderPool::Lease ReaderPool::Take() {
  std::unique_lock lock(mutex_);
  if (idle_.empty() && may_open_ && connections_.size() < most_) {
    may_open_ = false;  // one at a time
    lock.unlock();
    Result<std::unique_ptr<Connection>> opened = Connection::Open(database_);
    lock.lock();
    // One that cannot be opened is not missed: there is the first.
    if (opened.ok()) {
      may_open_ = true;
      connections_.push_back(*std::move(opened));
      return {this, connections_.back().get()};
    }
  }
  returned_.wait(lock, [this] { return !idle_.empty(); });
  Connection* const connection = idle_.back();
  idle_.pop_back();
  return {this, connection};
}

void ReaderPool::Return(Connection* connection) {
  {
    const std::lock_guard lock(mutex_);
    // One that is of no use any more is left aside; the first stays, to say so.
    if (!connection->failed() || connection == connections_.front().get()) {
      idle_.push_back(connection);
    }
  }
  returned_.notify_one();
}

}  // namespace moniker::internal
