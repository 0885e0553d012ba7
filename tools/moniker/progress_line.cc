#include "progress_line.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "io.h"

namespace moniker::tool {
namespace {

constexpr auto kFirst = std::chrono::milliseconds(500);
constexpr auto kEvery = std::chrono::milliseconds(250);
constexpr double kMegabyte = 1e6;

std::string Rounded(double number) { return std::to_string(std::llround(number)); }

}  // namespace

std::string DescribeProgress(std::uint64_t done, std::uint64_t total, std::uint64_t here,
                             double seconds) {
  const double rate = static_cast<double>(here) / seconds;
  const std::string rate_text = ", " + Rounded(rate / kMegabyte) + " MB/s";
  if (total == 0) return Rounded(static_cast<double>(done) / kMegabyte) + " MB" + rate_text;
  // The file may have grown since it was looked at.
  const std::uint64_t left = total - std::min(done, total);
  const double percent = 100 * (1 - static_cast<double>(left) / static_cast<double>(total));
  std::string text = Rounded(std::floor(percent)) + " %" + rate_text;
  if (rate > 0) text += ", " + Rounded(std::ceil(static_cast<double>(left) / rate)) + " s left";
  return text;
}

ProgressLine::ProgressLine(bool quiet, std::uint64_t total, std::string what)
    : is_shown_(!quiet && ::isatty(STDERR_FILENO) == 1),
      total_(total),
      what_(std::move(what)),
      begun_(Clock::now()),
      next_(begun_ + kFirst) {}

ProgressLine::~ProgressLine() {
  if (is_shown_) TellInPlace("");
}

void ProgressLine::Show(std::uint64_t done) {
  if (!is_shown_) return;
  const Clock::time_point now = Clock::now();
  if (!has_begun_) {
    // The rate is that of this run, which begins with its first block.
    has_begun_ = true;
    skipped_ = done;
    begun_ = now;
  }
  if (now < next_) return;
  next_ = now + kEvery;
  const double seconds = std::chrono::duration<double>(now - begun_).count();
  if (seconds <= 0) return;
  TellInPlace((what_.empty() ? "" : what_ + ": ") +
              DescribeProgress(done, total_, done - skipped_, seconds));
}

}  // namespace moniker::tool
