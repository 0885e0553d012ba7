// Pseudonyms of sequential identifiers under fixed keys, by the library's own derivation, in as
// many threads as the machine has.

#ifndef MONIKER_TESTS_STATISTICS_SOURCES_H_
#define MONIKER_TESTS_STATISTICS_SOURCES_H_

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "moniker/prf.h"
#include "moniker/pseudonym.h"
#include "moniker/scope.h"
#include "statistics/counters.h"

namespace moniker::testing {

// Sanitizers and builds that are not optimised take tens of times as long.
#if !defined(NDEBUG)
inline constexpr std::size_t kIds = 200'000;
inline constexpr std::size_t kBirthdayCharacters = 6;
#else
inline constexpr std::size_t kIds = 10'000'000;
inline constexpr std::size_t kBirthdayCharacters = 8;  // 40 bits
#endif

class Source {
 public:
  virtual ~Source() = default;
  // Of the identifiers or handles with the numbers from `first` on.
  virtual void Derive(std::size_t first, std::span<Pseudonym> pseudonyms) const = 0;
};

// The root key of a number: 32 bytes of it.
std::unique_ptr<Prf> RootKey(Suite suite, std::uint8_t number);

// The identifiers 00000000, 00000001 and so on of one issuer.
std::unique_ptr<Source> Identifiers(const Prf& root, const Scope& scope);

// Handles of an enrolled vault that count as well: harder than the random ones that a vault makes.
std::unique_ptr<Source> Handles(Suite suite, std::uint8_t root_number);

// The pseudonyms of a block, as digests and as their parts.
struct Derived {
  std::vector<Digest> digests;
  std::vector<Parts> parts;
};
Derived DeriveBlock(const Source& source, std::size_t first, std::size_t count);

// A counter over the numbers from 0 to `total`: each thread has its own, which `add` is given with
// one block of numbers after the other; then they are merged.
template <typename Counter>
Counter CountAll(std::size_t total, const Counter& empty,
                 const std::function<void(std::size_t first, std::size_t count, Counter*)>& add) {
  constexpr std::size_t kBlock = 1024;
  const std::size_t threads = std::max(1u, std::thread::hardware_concurrency());
  std::vector<Counter> counters(threads, empty);
  std::vector<std::thread> workers;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    workers.emplace_back([&, thread] {
      for (std::size_t first = thread * kBlock; first < total; first += threads * kBlock) {
        add(first, std::min(kBlock, total - first), &counters[thread]);
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  for (std::size_t thread = 1; thread < threads; ++thread) counters[0].Merge(counters[thread]);
  return std::move(counters[0]);
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_STATISTICS_SOURCES_H_
