// Pieces of work that begin and end in their order, and are done side by side in between.
//
// A worker takes a piece, prepares it while others do the same with theirs, waits until it is its
// turn, and finishes it. So there are never more pieces than workers, and no queue between them.
//
// Thread safety: RunInOrder may be called from several threads, with different work.

#ifndef MONIKER_LIB_BATCH_ORDERED_WORK_H_
#define MONIKER_LIB_BATCH_ORDERED_WORK_H_

#include <cstddef>

#include "moniker/result.h"

namespace moniker::internal {

class OrderedWork {
 public:
  virtual ~OrderedWork() = default;

  // The next piece, for this worker. Called by one thread at a time; false if there is none. After
  // an error or false it is not called again.
  virtual Result<bool> Take(std::size_t worker) = 0;

  // Called side by side with all other calls.
  virtual void Prepare(std::size_t worker) = 0;

  // Called by one thread at a time, in the order of Take. False: no more pieces are wanted.
  virtual Result<bool> Finish(std::size_t worker) = 0;
};

// Uses as many threads as there are workers, the caller's among them; fewer if the system gives no
// more. The error is that of the first piece that has one. Exceptions (std::bad_alloc) of any
// thread are thrown here. REQUIRES: workers > 0.
Status RunInOrder(OrderedWork* work, std::size_t workers);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_ORDERED_WORK_H_
