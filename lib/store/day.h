// Days, by which pseudonyms of conferences get old.
//
// Thread safety: functions without state.

#ifndef MONIKER_LIB_STORE_DAY_H_
#define MONIKER_LIB_STORE_DAY_H_

#include <chrono>
#include <cstdint>

namespace moniker::internal {

inline constexpr std::uint64_t kDayMs = 86'400'000;

// Since 1970-01-01, UTC.
inline std::uint32_t Today() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint32_t>(std::chrono::floor<std::chrono::days>(now).count());
}

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_DAY_H_
