// What a mapping store holds, in numbers. Not personal.
//
// Thread safety: a value.

#ifndef MONIKER_STORE_COUNTS_H_
#define MONIKER_STORE_COUNTS_H_

#include <cstdint>

namespace moniker {

struct StoreCounts {
  std::uint64_t persons = 0;  // also those that were merged into others
  std::uint64_t app_pseudonyms = 0;
  std::uint64_t conference_pseudonyms = 0;
  std::uint64_t conferences = 0;
  std::uint64_t participant_ids = 0;
  std::uint64_t audit_entries = 0;
};

}  // namespace moniker

#endif  // MONIKER_STORE_COUNTS_H_
