#include "pseudonym/unicode_15.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <system_error>

namespace moniker::internal {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

constexpr Range kAssigned[] = {
#include "pseudonym/assigned_ranges.inc"
};

}  // namespace

bool IsAssigned(char32_t c) {
  const Range* after =
      std::upper_bound(std::begin(kAssigned), std::end(kAssigned), c,
                       [](char32_t point, Range range) { return point < range.first; });
  return after != std::begin(kAssigned) && c <= std::prev(after)->last;
}

bool IsBidiControl(char32_t c) {
  return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

bool KnowsUnicode15(std::string_view version) {
  int major = 0;
  const auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), major);
  return error == std::errc() && major >= 15;
}

}  // namespace moniker::internal
