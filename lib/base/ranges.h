// Work on many things of one kind, spread over the processors.
//
// Thread safety: may be called from any thread.

#ifndef MONIKER_LIB_BASE_RANGES_H_
#define MONIKER_LIB_BASE_RANGES_H_

#include <algorithm>
#include <cstddef>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

#include "moniker/status.h"

namespace moniker::internal {

// Calls work(begin, size) for ranges that make up 0..count-1, all but one on threads of their own
// if there are at least `fewest` for each. The first error, in the order of the ranges.
// Errors: of `work`; kExhausted if a thread had no memory.
template <typename Work>
Status InRanges(std::size_t count, std::size_t fewest, const Work& work) {
  constexpr std::size_t kMaxThreads = 16;
  const std::size_t processors = std::max(1u, std::thread::hardware_concurrency());
  const std::size_t ranges =
      std::clamp<std::size_t>(count / fewest, 1, std::min(processors, kMaxThreads));
  if (ranges == 1) return work(0, count);

  std::vector<Status> statuses(ranges);
  const auto run = [&](std::size_t range) {
    const std::size_t begin = count * range / ranges;
    try {
      statuses[range] = work(begin, count * (range + 1) / ranges - begin);
    } catch (const std::bad_alloc&) {
      statuses[range] = Status(StatusCode::kExhausted, "no memory for the store");
    }
  };
  std::vector<std::thread> threads;
  threads.reserve(ranges);
  std::size_t next = 1;
  try {
    for (; next < ranges; ++next) threads.emplace_back(run, next);
  } catch (const std::system_error&) {
    // The system gives no more threads: the rest is done here.
  } catch (const std::bad_alloc&) {
  }
  run(0);
  for (; next < ranges; ++next) run(next);
  for (std::thread& thread : threads) thread.join();
  const auto failed = std::ranges::find_if(statuses, [](const Status& one) { return !one.ok(); });
  return failed == statuses.end() ? Status::Ok() : *failed;
}

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BASE_RANGES_H_
