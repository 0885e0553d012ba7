// What a run of torture came to, as one line of numbers.
//
// Thread safety: a value.

#ifndef MONIKER_TESTS_TORTURE_TALLY_H_
#define MONIKER_TESTS_TORTURE_TALLY_H_

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace moniker::testing {

struct Tally {
  std::uint64_t points = 0;        // kills, states after a cut, failed calls, flipped bits
  std::uint64_t acknowledged = 0;  // records that were, and had to be there at each point
  std::uint64_t lost = 0;          // of these: not there, not found, not opened
  std::uint64_t wrong = 0;         // answers with another person or text than was stored
  std::uint64_t half = 0;          // requests of which a part is there
  std::uint64_t refused = 0;       // vaults and requests that failed without a fault
  std::uint64_t changed = 0;       // flips that changed what is stored
  std::uint64_t unnoticed = 0;     // of these: reported by nothing
  double slowest_open_ms = 0;
  std::string problem;  // the first of them

  bool clean() const { return lost + wrong + half + refused + unnoticed == 0; }

  void Note(std::uint64_t* which, std::string_view what, std::uint64_t count = 1) {
    *which += count;
    if (problem.empty()) problem = what;
  }

  void Add(const Tally& other) {
    points += other.points;
    acknowledged += other.acknowledged;
    lost += other.lost;
    wrong += other.wrong;
    half += other.half;
    refused += other.refused;
    changed += other.changed;
    unnoticed += other.unnoticed;
    slowest_open_ms = std::max(slowest_open_ms, other.slowest_open_ms);
    if (problem.empty()) problem = other.problem;
  }

  // tools/torture.sh reads this.
  void Print(std::string_view name) const {
    std::printf(
        "%.*s\tpoints=%llu\tacknowledged=%llu\tlost=%llu\twrong=%llu\thalf=%llu\trefused=%llu\t"
        "changed=%llu\tunnoticed=%llu\tslowest_open_ms=%.1f\n",
        static_cast<int>(name.size()), name.data(), Number(points), Number(acknowledged),
        Number(lost), Number(wrong), Number(half), Number(refused), Number(changed),
        Number(unnoticed), slowest_open_ms);
    if (!problem.empty()) std::printf("%s\n", ("first problem: " + problem).c_str());
    std::fflush(stdout);
  }

 private:
  static unsigned long long Number(std::uint64_t number) { return number; }
};

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_TORTURE_TALLY_H_
