// How far a batch command is, for somebody who looks on: one line on a terminal, nothing elsewhere.

#ifndef MONIKER_TOOLS_MONIKER_PROGRESS_LINE_H_
#define MONIKER_TOOLS_MONIKER_PROGRESS_LINE_H_

#include <chrono>
#include <cstdint>
#include <string>

namespace moniker::tool {

// "42 %, 310 MB/s, 12 s left"; without the whole size "1230 MB, 310 MB/s". `done` bytes of `total`
// (0 if that is unknown), of which `here` were done in `seconds`. REQUIRES: seconds > 0.
std::string DescribeProgress(std::uint64_t done, std::uint64_t total, std::uint64_t here,
                             double seconds);

class ProgressLine {
 public:
  // `total` bytes; 0 if nobody knows. `what` stands before the rest, if it is not empty.
  ProgressLine(bool quiet, std::uint64_t total, std::string what);
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine();

  // Writes a few times a second, and not in the first one.
  void Show(std::uint64_t done);

 private:
  using Clock = std::chrono::steady_clock;

  const bool is_shown_;
  const std::uint64_t total_;
  const std::string what_;
  Clock::time_point begun_;
  Clock::time_point next_;
  std::uint64_t skipped_ = 0;  // what an earlier run had done
  bool has_begun_ = false;
};

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_PROGRESS_LINE_H_
