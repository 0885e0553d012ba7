// Every statistic finds the fault that it is for: pseudonyms are changed a little, and the family
// named beside the change must not pass.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "statistics/counters.h"
#include "statistics/sources.h"

namespace moniker::testing {
namespace {

// Which counter a fault is looked for with.
enum class By { kUniformity, kIndependence, kBirthdays, kCorrelation };

struct Fault {
  const char* name;
  By by;
  const char* found_by;  // part of the name of a family
  // How many times 1/sqrt(n) of the digests are changed: what a statistic can see is proportional.
  double rate;
  void (*change)(const Digest& of_other_source, Digest* digest);
};

bool Bit(const Digest& digest, std::size_t bit) { return digest[bit / 8] << bit % 8 & 0x80; }

void SetBit(std::size_t bit, bool value, Digest* digest) {
  const auto mask = static_cast<std::uint8_t>(0x80 >> bit % 8);
  std::uint8_t& byte = (*digest)[bit / 8];
  byte = static_cast<std::uint8_t>(value ? byte | mask : byte & ~mask);
}

constexpr double kAlways = 1e9;

const Fault kFaults[] = {
    // The probabilities are those of 10 million: 2/1000 of the digests are changed.
    {"bit 77 is 1 with a probability of 0.501", By::kUniformity, ": bits of the ID", 6.3246,
     [](const Digest&, Digest* digest) { SetBit(77, true, digest); }},
    {"bit 200 is 1 with a probability of 0.5013", By::kUniformity, ": bits of D", 8,
     [](const Digest&, Digest* digest) { SetBit(200, true, digest); }},
    {"bits 100 and 101 are equal with a probability of 0.5013", By::kUniformity,
     ": neighbouring bits of D", 8,
     [](const Digest&, Digest* digest) { SetBit(101, Bit(*digest, 100), digest); }},
    {"bits 103 and 104, of two bytes, likewise", By::kUniformity, ": neighbouring bits of D", 8,
     [](const Digest&, Digest* digest) { SetBit(104, Bit(*digest, 103), digest); }},
    {"character 12 is 0 too often", By::kUniformity, ": 30 characters", 4,
     [](const Digest&, Digest* digest) {
       for (std::size_t bit = 60; bit < 65; ++bit) SetBit(bit, false, digest);
     }},
    {"label begins with 0 too often", By::kIndependence, ": 6 characters of the label", 6,
     [](const Digest&, Digest* digest) { (*digest)[19] = 0; }},
    {"avatar 0 is too frequent", By::kIndependence, ": avatar, chi-square", 3,
     [](const Digest&, Digest* digest) { (*digest)[25] = 0; }},
    {"number 00 is too frequent", By::kIndependence, ": adjective, noun, number, chi-square", 3,
     [](const Digest&, Digest* digest) { (*digest)[21] = (*digest)[22] = 0; }},
    {"noun goes with the adjective", By::kIndependence, ": adjective, noun, number in pairs", 6,
     [](const Digest&, Digest* digest) { (*digest)[20] = (*digest)[19]; }},
    {"label begins as the ID", By::kIndependence, ": ID x label, characters", 8,
     [](const Digest&, Digest* digest) { (*digest)[19] = (*digest)[0]; }},
    {"avatar goes with the ID", By::kIndependence, ": ID x avatar", 12,
     [](const Digest&, Digest* digest) { (*digest)[25] = (*digest)[0]; }},
    {"avatar goes with the label", By::kIndependence, ": label x avatar", 12,
     [](const Digest&, Digest* digest) { (*digest)[25] = (*digest)[19]; }},
    {"a bit of the label is one of the ID", By::kIndependence, ": ID x label x avatar, pairs of", 8,
     [](const Digest&, Digest* digest) { SetBit(155, Bit(*digest, 3), digest); }},
    {"two bits of the ID's beginning are 0", By::kBirthdays, ": pairs with equal", kAlways,
     [](const Digest&, Digest* digest) {
       SetBit(5 * kBirthdayCharacters - 1, false, digest);
       SetBit(5 * kBirthdayCharacters - 2, false, digest);
     }},
    {"bit 60 is that of the other scope", By::kCorrelation, ": bits of D", 8,
     [](const Digest& other, Digest* digest) { SetBit(60, Bit(other, 60), digest); }},
    {"ID begins as in the other scope", By::kCorrelation, ": characters of the ID", 8,
     [](const Digest& other, Digest* digest) { (*digest)[0] = other[0]; }},
    {"label begins as in the other scope", By::kCorrelation, ": characters of the label", 8,
     [](const Digest& other, Digest* digest) { (*digest)[19] = other[19]; }},
    {"avatar is that of the other scope", By::kCorrelation, ": avatars", 6,
     [](const Digest& other, Digest* digest) { (*digest)[25] = other[25]; }},
};

// The last bytes of D are in no rendering and change nothing, so they decide what is changed.
bool Happens(const Fault& fault, const Digest& digest) {
  const std::uint32_t chance = std::uint32_t{digest[28]} << 24 | std::uint32_t{digest[29]} << 16 |
                               std::uint32_t{digest[30]} << 8 | digest[31];
  return chance < std::min(1.0, fault.rate / std::sqrt(static_cast<double>(kIds))) * 0x1p32;
}

class FaultCounter {
 public:
  explicit FaultCounter(const Fault* fault) : fault_(fault) {}

  void Add(const Derived& source, const Derived& other) {
    Derived changed = source;
    for (std::size_t i = 0; i < changed.digests.size(); ++i) {
      if (!Happens(*fault_, source.digests[i])) continue;
      fault_->change(other.digests[i], &changed.digests[i]);
      changed.parts[i] = Parts(Pseudonym(changed.digests[i]));
    }
    switch (fault_->by) {
      case By::kUniformity: uniformity_.Add(changed.parts, changed.digests); break;
      case By::kIndependence: independence_.Add(changed.parts); break;
      case By::kBirthdays: birthdays_.Add(changed.parts); break;
      case By::kCorrelation:
        correlation_.Add(other.parts, other.digests, changed.parts, changed.digests);
        break;
    }
  }

  void Merge(const FaultCounter& other) {
    uniformity_.Merge(other.uniformity_);
    independence_.Merge(other.independence_);
    birthdays_.Merge(other.birthdays_);
    correlation_.Merge(other.correlation_);
  }

  std::vector<Family> Judge() {
    std::vector<Family> families;
    const std::string name = std::string("control, ") + fault_->name;
    switch (fault_->by) {
      case By::kUniformity: uniformity_.Judge(name, &families); break;
      case By::kIndependence: independence_.Judge(name, &families); break;
      case By::kBirthdays: birthdays_.Judge(name, &families); break;
      case By::kCorrelation: correlation_.Judge(name, &families); break;
    }
    return families;
  }

 private:
  const Fault* fault_;
  Uniformity uniformity_;
  Independence independence_;
  Birthdays birthdays_ = Birthdays(kBirthdayCharacters);
  Correlation correlation_;
};

struct FaultCounters {
  std::vector<FaultCounter> counters;
  void Merge(const FaultCounters& other) {
    for (std::size_t i = 0; i < counters.size(); ++i) counters[i].Merge(other.counters[i]);
  }
};

void ExpectToBeFound(const std::vector<Family>& families, const std::string& by) {
  for (const Family& family : families) {
    if (family.name().find(by) == std::string::npos) continue;
    std::puts(family.Describe().c_str());
    EXPECT_FALSE(family.Passes()) << family.Describe();
    return;
  }
  ADD_FAILURE() << "no family is called " << by;
}

TEST(ControlsTest, EveryFaultIsFoundByItsStatistic) {
  const auto root = RootKey(Suite::kBlake2b, 1);
  const auto source = Identifiers(*root, Scope::App());
  const auto other = Identifiers(*root, *Scope::Conference("visit-1"));
  FaultCounters empty;
  for (const Fault& fault : kFaults) empty.counters.emplace_back(&fault);
  FaultCounters counters = CountAll<FaultCounters>(
      kIds, empty, [&](std::size_t first, std::size_t count, FaultCounters* of_thread) {
        const Derived derived = DeriveBlock(*source, first, count);
        const Derived of_other = DeriveBlock(*other, first, count);
        for (FaultCounter& counter : of_thread->counters) counter.Add(derived, of_other);
      });
  for (std::size_t i = 0; i < counters.counters.size(); ++i) {
    ExpectToBeFound(counters.counters[i].Judge(), kFaults[i].found_by);
  }
}

// The character is made of others, so only a fault in making it shows.
TEST(ControlsTest, ACheckCharacterThatIsTooOftenZeroIsFound) {
  const auto source = Identifiers(*RootKey(Suite::kBlake2b, 1), Scope::App());
  const std::size_t one_of = static_cast<std::size_t>(std::sqrt(static_cast<double>(kIds)) / 3);
  const Uniformity uniformity = CountAll<Uniformity>(
      kIds, Uniformity(), [&](std::size_t first, std::size_t count, Uniformity* of_thread) {
        Derived derived = DeriveBlock(*source, first, count);
        for (std::size_t i = 0; i < count; ++i) {
          if ((first + i) % one_of == 0) derived.parts[i].id.back() = 0;
        }
        of_thread->Add(derived.parts, derived.digests);
      });
  std::vector<Family> families;
  uniformity.Judge("control, check character is 0 too often", &families);
  ExpectToBeFound(families, ": 30 characters and the check character");
}

TEST(ControlsTest, ACounterThatBeginsAgainIsFound) {
  const auto source = Identifiers(*RootKey(Suite::kBlake2b, 1), Scope::App());
  const std::size_t period = kIds - 2048;
  Birthdays birthdays =
      CountAll<Birthdays>(kIds, Birthdays(kBirthdayCharacters),
                          [&](std::size_t first, std::size_t count, Birthdays* of_thread) {
                            of_thread->Add(DeriveBlock(*source, first % period, count).parts);
                          });
  std::vector<Family> families;
  birthdays.Judge("control, counter begins again", &families);
  ExpectToBeFound(families, ": pairs with equal");
}

}  // namespace
}  // namespace moniker::testing
