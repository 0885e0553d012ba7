#include "times.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>

#include "failure.h"

namespace moniker::tool {
namespace {

using std::chrono::milliseconds;
using Time = std::chrono::sys_time<milliseconds>;

// The number of exactly `size` digits at the front of `text`, which then goes behind them.
std::optional<unsigned> TakeNumber(std::string_view* text, std::size_t size) {
  unsigned number = 0;
  if (text->size() < size) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + size, number);
  if (error != std::errc() || end != text->data() + size) return std::nullopt;
  text->remove_prefix(size);
  return number;
}

bool TakeCharacter(std::string_view* text, char c) {
  if (!text->starts_with(c)) return false;
  text->remove_prefix(1);
  return true;
}

// YYYY-MM-DD, and THH:MM or THH:MM:SS behind it, and Z or not. Nothing for what is no such time.
std::optional<std::uint64_t> ParseTime(std::string_view text) {
  const auto year = TakeNumber(&text, 4);
  if (!year || !TakeCharacter(&text, '-')) return std::nullopt;
  const auto month = TakeNumber(&text, 2);
  if (!month || !TakeCharacter(&text, '-')) return std::nullopt;
  const auto day = TakeNumber(&text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day)};
  std::optional<unsigned> hour = 0;
  std::optional<unsigned> minute = 0;
  std::optional<unsigned> second = 0;
  if (TakeCharacter(&text, 'T')) {
    hour = TakeNumber(&text, 2);
    if (!hour || !TakeCharacter(&text, ':')) return std::nullopt;
    minute = TakeNumber(&text, 2);
    if (TakeCharacter(&text, ':')) second = TakeNumber(&text, 2);
    TakeCharacter(&text, 'Z');
  }
  if (!text.empty() || !minute || !second || !date.ok() || *hour > 23 || *minute > 59 ||
      *second > 59 || *year < 1970) {
    return std::nullopt;
  }
  const Time time = std::chrono::sys_days(date) + std::chrono::hours(*hour) +
                    std::chrono::minutes(*minute) + std::chrono::seconds(*second);
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

}  // namespace

std::uint64_t TimeOf(const std::string& option, const std::string& text) {
  const std::optional<std::uint64_t> time = ParseTime(text);
  if (!time) FailUsage(option + ": not a day or time such as 2026-05-01T12:00");
  return *time;
}

std::string TimeText(std::uint64_t time_ms) {
  constexpr std::uint64_t kYear10000 = 253'402'300'800'000;
  if (time_ms >= kYear10000) return std::to_string(time_ms);
  const Time time{milliseconds(static_cast<std::int64_t>(time_ms))};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<milliseconds> clock(time - day);
  std::array<char, 80> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text.data();
}

}  // namespace moniker::tool
