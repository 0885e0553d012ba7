#include "session/dates.h"

#include <algorithm>

namespace moniker::internal {

Dates DatesAt(const FoldedText& text, std::size_t at) {
  const std::span<const FoldedCharacter> all = text;
  Dates dates;
  if (!IsDigit(all[at]) || (at > 0 && all[at].gap == 0 && IsDigit(all[at - 1]))) return dates;
  struct Group {
    std::size_t size = 0;
    std::uint32_t value = 0;
  };
  constexpr std::size_t kCompact = 8;
  const auto read = [&](std::size_t& from) {
    Group group;
    const std::size_t end = std::min(EndOfWord(all, from), from + kCompact + 1);
    for (; from < end; ++from, ++group.size) {
      group.value = group.value * 10 + static_cast<std::uint32_t>(all[from].value - U'0');
    }
    return group;
  };
  const auto offer = [&](std::uint32_t year, std::uint32_t month, std::uint32_t day) {
    const bool valid =
        year >= 1800 && year < 2200 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
    if (valid) dates.Add({year, month, day});
  };
  const auto offer_year_last = [&](std::uint32_t first, std::uint32_t second, std::uint32_t year) {
    offer(year, second, first);
    if (first != second) offer(year, first, second);
  };

  Group groups[3];
  for (Group& group : groups) {
    if (&group != groups && (at == all.size() || !IsDigit(all[at]) || all[at].gap > 2))
      return dates;
    group = read(at);
    if (&group == groups && group.size == kCompact) {
      offer(group.value / 10'000, group.value / 100 % 100, group.value % 100);
      offer_year_last(group.value / 1'000'000, group.value / 10'000 % 100, group.value % 10'000);
      return dates;
    }
  }
  if (groups[1].size > 2) return dates;
  if (groups[0].size == 4 && groups[2].size <= 2) {
    offer(groups[0].value, groups[1].value, groups[2].value);
  } else if (groups[0].size <= 2 && groups[2].size == 4) {
    offer_year_last(groups[0].value, groups[1].value, groups[2].value);
  }
  return dates;
}

}  // namespace moniker::internal
