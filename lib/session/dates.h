// Dates in texts, as people write them: the year first or last, or eight digits.
//
// Thread safety: functions without state.

#ifndef MONIKER_LIB_SESSION_DATES_H_
#define MONIKER_LIB_SESSION_DATES_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "session/folded_text.h"

namespace moniker::internal {

struct Date {
  std::uint32_t year, month, day;
  friend bool operator==(const Date&, const Date&) = default;
};

// What one place of a text may mean: the year first, and day and month in either order.
class Dates {
 public:
  const Date* begin() const { return dates_.data(); }
  const Date* end() const { return dates_.data() + count_; }

  // REQUIRES: there are fewer than three.
  void Add(const Date& date) { dates_[count_++] = date; }

 private:
  std::array<Date, 3> dates_ = {};
  std::size_t count_ = 0;
};

// The dates that may be meant by what begins at `text[at]`.
Dates DatesAt(const FoldedText& text, std::size_t at);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_SESSION_DATES_H_
