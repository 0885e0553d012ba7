// Times on the command line and in what is printed: UTC, milliseconds since 1970-01-01.

#ifndef MONIKER_TOOLS_MONIKER_TIMES_H_
#define MONIKER_TOOLS_MONIKER_TIMES_H_

#include <cstdint>
#include <string>

namespace moniker::tool {

// YYYY-MM-DD, and THH:MM or THH:MM:SS behind it, and Z or not. Throws Failure as a usage error.
std::uint64_t TimeOf(const std::string& option, const std::string& text);

// 2026-05-01T12:00:00.123Z; a number of milliseconds for what has no year of four digits.
std::string TimeText(std::uint64_t time_ms);

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_TIMES_H_
