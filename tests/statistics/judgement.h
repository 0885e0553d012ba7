// Counts to a verdict: every statistic becomes a standard normal z, and a family of them passes if
// the greatest |z| is one that chance gives.

#ifndef MONIKER_TESTS_STATISTICS_JUDGEMENT_H_
#define MONIKER_TESTS_STATISTICS_JUDGEMENT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace moniker::testing {

// How often `successes` of `trials` with probability 1/2 come up.
double BinomialZ(std::uint64_t successes, std::uint64_t trials);

// A count whose expectation is `expected`, by the exact tails of Poisson's distribution.
double PoissonZ(std::uint64_t count, double expected);

// Pearson's chi-square of counts, each expected with its share of `weights` (all the same if there
// are none), by the cube root of Wilson and Hilferty (1931).
double ChiSquareZ(std::span<const std::uint32_t> counts, std::span<const double> weights = {});

// Pearson's chi-square of independence of the rows and columns of a table.
double IndependenceZ(std::span<const std::uint32_t> table, std::size_t columns);

// Statistics of one sort. It passes if the greatest |z| of its m is below the quantile of a normal
// distribution that all m stay below with a probability of 99.99 % (Bonferroni: 10^-4 / m each,
// two-sided).
class Family {
 public:
  explicit Family(std::string name) : name_(std::move(name)) {}

  void Add(double z);

  const std::string& name() const { return name_; }
  double greatest() const { return greatest_; }
  double Limit() const;
  bool Passes() const { return count_ > 0 && greatest_ < Limit(); }

  // One line: name, m, the greatest |z| and its limit.
  std::string Describe() const;

 private:
  std::string name_;
  std::size_t count_ = 0;
  double greatest_ = 0;
};

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_STATISTICS_JUDGEMENT_H_
