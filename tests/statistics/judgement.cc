#include "statistics/judgement.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>
#include <vector>

namespace moniker::testing {
namespace {

constexpr double kFalseAlarms = 1e-4;  // of a family

// P(Z > z).
double UpperTail(double z) { return std::erfc(z / std::sqrt(2.0)) / 2; }

// The z of which UpperTail is `p`. REQUIRES: 0 < p < 1/2.
double QuantileOfUpperTail(double p) {
  double low = 0;
  double high = 40;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (UpperTail(middle) > p ? low : high) = middle;
  }
  return low;
}

double ZOfChiSquare(double chi_square, double degrees) {
  const double variance = 2 / (9 * degrees);
  return (std::cbrt(chi_square / degrees) - (1 - variance)) / std::sqrt(variance);
}

double Square(double value) { return value * value; }

}  // namespace

double BinomialZ(std::uint64_t successes, std::uint64_t trials) {
  const auto n = static_cast<double>(trials);
  return (2 * static_cast<double>(successes) - n) / std::sqrt(n);
}

double PoissonZ(std::uint64_t count, double expected) {
  const auto term = [&](double k) {
    return std::exp(k * std::log(expected) - expected - std::lgamma(k + 1));
  };
  const auto observed = static_cast<double>(count);
  const bool above = observed > expected;
  double tail = 0;
  if (above) {
    for (double k = observed, p = term(k); p > tail * 1e-12; p = term(++k)) tail += p;
  } else {
    for (double k = 0; k <= observed; ++k) tail += term(k);
  }
  const double z =
      QuantileOfUpperTail(std::clamp(tail, std::numeric_limits<double>::min(), 0.4999));
  return above ? z : -z;
}

double ChiSquareZ(std::span<const std::uint32_t> counts, std::span<const double> weights) {
  const double all = std::accumulate(counts.begin(), counts.end(), 0.0);
  const double weight = weights.empty() ? static_cast<double>(counts.size())
                                        : std::accumulate(weights.begin(), weights.end(), 0.0);
  double chi_square = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double expected = all * (weights.empty() ? 1 : weights[i]) / weight;
    chi_square += Square(counts[i] - expected) / expected;
  }
  return ZOfChiSquare(chi_square, static_cast<double>(counts.size() - 1));
}

double IndependenceZ(std::span<const std::uint32_t> table, std::size_t columns) {
  std::vector<double> of_row(table.size() / columns);
  std::vector<double> of_column(columns);
  for (std::size_t i = 0; i < table.size(); ++i) {
    of_row[i / columns] += table[i];
    of_column[i % columns] += table[i];
  }
  const double all = std::accumulate(of_row.begin(), of_row.end(), 0.0);
  double chi_square = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const double expected = of_row[i / columns] * of_column[i % columns] / all;
    if (expected > 0) chi_square += Square(table[i] - expected) / expected;
  }
  return ZOfChiSquare(chi_square,
                      static_cast<double>((of_row.size() - 1) * (of_column.size() - 1)));
}

void Family::Add(double z) {
  ++count_;
  greatest_ = std::max(greatest_, std::isfinite(z) ? std::abs(z) : 1e9);
}

double Family::Limit() const {
  return QuantileOfUpperTail(kFalseAlarms /
                             (2 * static_cast<double>(std::max<std::size_t>(count_, 1))));
}

std::string Family::Describe() const {
  char line[160];
  std::snprintf(line, sizeof line, "%-64s m %6zu  greatest |z| %8.2f  limit %.2f", name_.c_str(),
                count_, greatest_, Limit());
  return line;
}

}  // namespace moniker::testing
