// Connections that read, for as many threads at once as there are processors: the first is given,
// others are opened when two threads read at the same time.
//
// Thread safety: all members may be called from any thread, but not in the child of a fork.

#ifndef MONIKER_LIB_SQLITE_READER_POOL_H_
#define MONIKER_LIB_SQLITE_READER_POOL_H_

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "sqlite/connection.h"

namespace moniker::internal {

class ReaderPool {
 public:
  // A connection that nobody else has meanwhile.
  class Lease {
   public:
    Lease(ReaderPool* pool, Connection* connection) : pool_(*pool), connection_(connection) {}
    ~Lease() { pool_.Return(connection_); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    Connection* get() const { return connection_; }

   private:
    ReaderPool& pool_;
    Connection* const connection_;
  };

  // `database` must outlive the pool.
  ReaderPool(const std::string& database, std::unique_ptr<Connection> first);

  // Waits while all are in use and there may be no more.
  Lease Take();

  const Connection& first() const { return *connections_.front(); }

 private:
  void Return(Connection* connection);

  const std::string& database_;
  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Connection>> connections_;  // guarded by mutex_, but for the first
  std::vector<Connection*> idle_;                         // guarded by mutex_
  bool may_open_ = true;                                  // guarded by mutex_
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_SQLITE_READER_POOL_H_
