// One bit of an identifier changes half of the bits of what is derived, each of them as often as
// not.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "moniker/anonymizer.h"
#include "statistics/sources.h"

namespace moniker::testing {
namespace {

constexpr std::size_t kPairs = kIds / 10;
constexpr std::size_t kLetters = 8;
// The top bit would make two letters of UTF-8 of one.
constexpr std::size_t kInputBits = kLetters * 7;

using Letters = std::array<char, kLetters>;

// Of 'a' to 'n', which stay printable whichever of their seven bits is flipped.
Letters LettersOf(std::size_t number) {
  Letters letters;
  for (char& letter : letters) {
    letter = static_cast<char>('a' + number % 14);
    number /= 14;
  }
  return letters;
}

void Flip(std::size_t bit, Letters* letters) {
  (*letters)[bit / 7] = static_cast<char>((*letters)[bit / 7] ^ 1 << bit % 7);
}

class Avalanche {
 public:
  void Add(std::size_t input_bit, const Digest& differing) {
    int distance = 0;
    for (const std::uint8_t byte : differing) distance += std::popcount(byte);
    ++distances_[static_cast<std::size_t>(distance)];
    flips_[input_bit].Add({&differing, 1});
  }

  void Merge(const Avalanche& other) {
    for (std::size_t i = 0; i < distances_.size(); ++i) distances_[i] += other.distances_[i];
    for (std::size_t i = 0; i < flips_.size(); ++i) flips_[i].Merge(other.flips_[i]);
  }

  void Judge(const std::string& source, std::vector<Family>* families) const {
    JudgeDistances(source, families);
    Family output(source + ": each of 256 bits");
    Family matrix(source + ": each of 256 bits, by the bit flipped");
    for (std::size_t bit = 0; bit < BitCounter::kBits; ++bit) {
      std::uint64_t flipped = 0;
      std::uint64_t all = 0;
      for (const BitCounter& of_input : flips_) {
        matrix.Add(BinomialZ(of_input.Ones(bit), of_input.Total()));
        flipped += of_input.Ones(bit);
        all += of_input.Total();
      }
      output.Add(BinomialZ(flipped, all));
    }
    families->push_back(output);
    families->push_back(matrix);
  }

 private:
  // Binomial of 256 halves: mean 128, variance 64.
  void JudgeDistances(const std::string& source, std::vector<Family>* families) const {
    double n = 0;
    double sum = 0;
    double squares = 0;
    for (std::size_t distance = 0; distance < distances_.size(); ++distance) {
      const auto count = static_cast<double>(distances_[distance]);
      const double off = static_cast<double>(distance) - 128;
      n += count;
      sum += count * off;
      squares += count * off * off;
    }
    char figures[64];
    std::snprintf(figures, sizeof figures, ": mean %.4f of 256 bits", 128 + sum / n);
    Family mean(source + figures);
    mean.Add(sum / n / (8 / std::sqrt(n)));
    families->push_back(mean);
    std::snprintf(figures, sizeof figures, ": variance %.3f, 64 expected", squares / n);
    Family variance(source + figures);
    variance.Add((squares / n / 64 - 1) * std::sqrt(n / 2));
    families->push_back(variance);
  }

  std::array<std::uint64_t, BitCounter::kBits + 1> distances_{};
  std::vector<BitCounter> flips_ = std::vector<BitCounter>(kInputBits);
};

void AddPairs(const Anonymizer& anonymizer, std::size_t first, std::size_t count,
              Avalanche* avalanche) {
  std::vector<Letters> texts;
  for (std::size_t i = first; i < first + count; ++i) {
    texts.push_back(LettersOf(i));
    texts.push_back(LettersOf(i));
    Flip(i % kInputBits, &texts.back());
  }
  std::vector<Identifier> identifiers;
  for (const Letters& letters : texts) {
    identifiers.push_back({"mrn.hospital-a", {letters.data(), letters.size()}});
  }
  std::vector<Pseudonym> pseudonyms(identifiers.size(), Pseudonym(Digest{}));
  ASSERT_TRUE(anonymizer.PseudonymizeMany(identifiers, pseudonyms).ok());
  for (std::size_t i = 0; i < count; ++i) {
    Digest differing = pseudonyms[2 * i].digest();
    const Digest& other = pseudonyms[2 * i + 1].digest();
    for (std::size_t byte = 0; byte < differing.size(); ++byte) differing[byte] ^= other[byte];
    avalanche->Add((first + i) % kInputBits, differing);
  }
}

std::vector<Family> Judge(const std::string& source, const Prf& root) {
  const Anonymizer anonymizer = *Anonymizer::Create(root, "clinic-7", Scope::App());
  const Avalanche avalanche = CountAll<Avalanche>(
      kPairs, Avalanche(), [&](std::size_t first, std::size_t count, Avalanche* of_thread) {
        AddPairs(anonymizer, first, count, of_thread);
      });
  std::vector<Family> families;
  avalanche.Judge(source, &families);
  for (const Family& family : families) std::puts(family.Describe().c_str());
  return families;
}

TEST(AvalancheTest, OneBitOfAnIdentifierChangesHalfOfTheBits) {
  std::printf("%zu pairs for each suite\n", kPairs);
  for (const Suite suite : {Suite::kBlake2b, Suite::kHmacSha256}) {
    const std::vector<Family> families = Judge(std::string(SuiteName(suite)), *RootKey(suite, 1));
    for (const Family& family : families) EXPECT_TRUE(family.Passes()) << family.Describe();
  }
}

// A PRF that is not one: what it is asked and what it answers pass through a change.
class FaultyPrf final : public Prf {
 public:
  using Message = std::vector<std::uint8_t>;
  using Change = std::function<void(Message*, Digest*)>;

  FaultyPrf(std::unique_ptr<Prf> prf, Change before, Change after)
      : prf_(std::move(prf)), before_(std::move(before)), after_(std::move(after)) {}

  Status ComputeMany(std::span<const std::span<const std::uint8_t>> messages,
                     std::span<Digest> digests) const override {
    for (std::size_t i = 0; i < messages.size(); ++i) {
      Message message(messages[i].begin(), messages[i].end());
      before_(&message, &digests[i]);
      digests[i] = *prf_->Compute(message);
      after_(&message, &digests[i]);
    }
    return Status::Ok();
  }

  Result<std::unique_ptr<Prf>> Subkey(std::string_view label,
                                      std::span<const std::uint8_t> context) const override {
    return std::unique_ptr<Prf>(
        std::make_unique<FaultyPrf>(*prf_->Subkey(label, context), before_, after_));
  }

 private:
  std::unique_ptr<Prf> prf_;
  Change before_;
  Change after_;
};

TEST(AvalancheTest, FaultsAreFound) {
  const FaultyPrf::Change nothing = [](FaultyPrf::Message*, Digest*) {};
  struct Fault {
    const char* name;
    FaultyPrf::Change before;
    FaultyPrf::Change after;
    std::vector<bool> passes;  // mean, variance, bits, bits by the bit flipped
  };
  const std::vector<Fault> faults = {
      // One bit of 56 does nothing: such pairs have the distance 0.
      {"control: upper case of the last letter is ignored",
       [](FaultyPrf::Message* message, Digest*) { message->back() |= 0x20; },
       nothing,
       {false, false, false, false}},
      {"control: bit 200 is always 0",
       nothing,
       [](FaultyPrf::Message*, Digest* digest) { (*digest)[25] &= 0x7F; },
       {false, true, false, false}},
      // The bit changes if the last bit of the message does, with what that is by chance.
      {"control: bit 0 is a bit of the identifier",
       nothing,
       [](FaultyPrf::Message* message, Digest* digest) {
         (*digest)[0] =
             static_cast<std::uint8_t>(((*digest)[0] & 0x7F) | (message->back() & 1) << 7);
       },
       {false, true, false, false}},
      {"control: the halves of D are equal",
       nothing,
       [](FaultyPrf::Message*, Digest* digest) {
         std::copy_n(digest->begin(), 16, digest->begin() + 16);
       },
       {true, false, true, true}},
  };
  for (const Fault& fault : faults) {
    const FaultyPrf root(RootKey(Suite::kBlake2b, 1), fault.before, fault.after);
    const std::vector<Family> families = Judge(fault.name, root);
    std::vector<bool> passes;
    for (const Family& family : families) passes.push_back(family.Passes());
    EXPECT_EQ(passes, fault.passes) << fault.name;
  }
}

}  // namespace
}  // namespace moniker::testing
