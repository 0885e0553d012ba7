// IDs, labels, words and avatars of ten million sequential identifiers show no bias and have
// nothing to do with each other, nor with those of other scopes, epochs, suites and vaults.
//
// The keys are fixed, so every figure is the same on every run. Each is printed: judgement.h says
// what a family of statistics must stay below.

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "statistics/counters.h"
#include "statistics/sources.h"

namespace moniker::testing {
namespace {

void ExpectToPass(const std::vector<Family>& families) {
  for (const Family& family : families) {
    std::puts(family.Describe().c_str());
    EXPECT_TRUE(family.Passes()) << family.Describe();
  }
}

// The sources: what differs from the first is in the name.
struct Sources {
  std::vector<std::string> names = {"app",         "visit-1",
                                    "visit-2",     "epoch 2",
                                    "hmac-sha256", "hmac-sha256 visit-1",
                                    "handles",     "handles of another vault"};
  std::vector<std::unique_ptr<Source>> sources;

  Sources() {
    const auto root = RootKey(Suite::kBlake2b, 1);
    const auto second_root = RootKey(Suite::kBlake2b, 2);
    const auto hmac_root = RootKey(Suite::kHmacSha256, 1);
    const Scope visit_1 = *Scope::Conference("visit-1");
    const Scope visit_2 = *Scope::Conference("visit-2");
    sources.push_back(Identifiers(*root, Scope::App()));
    sources.push_back(Identifiers(*root, visit_1));
    sources.push_back(Identifiers(*root, visit_2));
    sources.push_back(Identifiers(*second_root, Scope::App()));
    sources.push_back(Identifiers(*hmac_root, Scope::App()));
    sources.push_back(Identifiers(*hmac_root, visit_1));
    sources.push_back(Handles(Suite::kBlake2b, 1));
    sources.push_back(Handles(Suite::kBlake2b, 2));
  }
};

// Positions in Sources.
constexpr std::size_t kLookedAtWhole[] = {0, 4, 6};
constexpr std::pair<std::size_t, std::size_t> kPairs[] = {{0, 1}, {1, 2}, {0, 3}, {0, 4},
                                                          {4, 5}, {0, 6}, {6, 7}};

struct Counters {
  std::vector<Uniformity> uniformity = std::vector<Uniformity>(8);
  std::vector<Independence> independence = std::vector<Independence>(std::size(kLookedAtWhole));
  std::vector<Birthdays> birthdays =
      std::vector<Birthdays>(std::size(kLookedAtWhole), Birthdays(kBirthdayCharacters));
  std::vector<Correlation> correlations = std::vector<Correlation>(std::size(kPairs));

  void Merge(const Counters& other) {
    const auto merge = [](auto* counters, const auto& others) {
      for (std::size_t i = 0; i < counters->size(); ++i) (*counters)[i].Merge(others[i]);
    };
    merge(&uniformity, other.uniformity);
    merge(&independence, other.independence);
    merge(&birthdays, other.birthdays);
    merge(&correlations, other.correlations);
  }
};

void CountBlock(const Sources& sources, std::size_t first, std::size_t count, Counters* counters) {
  std::vector<Derived> derived;
  for (std::size_t s = 0; s < sources.sources.size(); ++s) {
    derived.push_back(DeriveBlock(*sources.sources[s], first, count));
    counters->uniformity[s].Add(derived[s].parts, derived[s].digests);
  }
  for (std::size_t w = 0; w < std::size(kLookedAtWhole); ++w) {
    counters->independence[w].Add(derived[kLookedAtWhole[w]].parts);
    counters->birthdays[w].Add(derived[kLookedAtWhole[w]].parts);
  }
  for (std::size_t p = 0; p < std::size(kPairs); ++p) {
    const Derived& one = derived[kPairs[p].first];
    const Derived& other = derived[kPairs[p].second];
    counters->correlations[p].Add(one.parts, one.digests, other.parts, other.digests);
  }
}

TEST(StatisticsTest, IdentifiersShowNoBiasAndNoCorrelation) {
  const Sources sources;
  std::printf("%zu identifiers from each source\n", kIds);
  Counters counters = CountAll<Counters>(
      kIds, Counters(), [&](std::size_t first, std::size_t count, Counters* of_thread) {
        CountBlock(sources, first, count, of_thread);
      });
  std::vector<Family> families;
  for (std::size_t s = 0; s < sources.names.size(); ++s) {
    counters.uniformity[s].Judge(sources.names[s], &families);
  }
  for (std::size_t w = 0; w < std::size(kLookedAtWhole); ++w) {
    const std::string& name = sources.names[kLookedAtWhole[w]];
    counters.independence[w].Judge(name, &families);
    counters.birthdays[w].Judge(name, &families);
  }
  for (std::size_t p = 0; p < std::size(kPairs); ++p) {
    counters.correlations[p].Judge(
        sources.names[kPairs[p].first] + " | " + sources.names[kPairs[p].second], &families);
  }
  ExpectToPass(families);
}

}  // namespace
}  // namespace moniker::testing
