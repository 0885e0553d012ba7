// What is counted over pseudonyms. Each counter takes them in blocks; those of several threads are
// merged, and then judged.

#ifndef MONIKER_TESTS_STATISTICS_COUNTERS_H_
#define MONIKER_TESTS_STATISTICS_COUNTERS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "moniker/label.h"
#include "moniker/pseudonym.h"
#include "statistics/judgement.h"

namespace moniker::testing {

using Counts = std::vector<std::uint32_t>;
using Digests = std::span<const Digest>;

// The values of what people and platforms see of a pseudonym, from its renderings.
struct Parts {
  static constexpr std::size_t kCharacters = 30;
  static constexpr std::size_t kLabelCharacters = 6;

  explicit Parts(const Pseudonym& pseudonym);

  std::array<std::uint8_t, kCharacters + 1> id;  // of 5 bits; the last is the check character
  std::array<std::uint8_t, kLabelCharacters> label;
  std::uint8_t adjective;
  std::uint8_t noun;
  std::uint8_t number;  // 0..99
  std::uint8_t avatar;
};

// How often each bit of 32 bytes is 1.
class BitCounter {
 public:
  static constexpr std::size_t kBits = 256;

  void Add(Digests digests);
  void Merge(const BitCounter& other);

  // Bit 0 is the top bit of the first byte.
  std::uint64_t Ones(std::size_t bit) const;
  std::uint64_t Total() const;

 private:
  std::array<std::array<std::uint32_t, 256>, 32> counts_{};
};

// Whether characters and bits are uniform, and neighbours among the bits independent.
class Uniformity {
 public:
  void Add(std::span<const Parts> parts, Digests digests);
  void Merge(const Uniformity& other);
  void Judge(const std::string& source, std::vector<Family>* families) const;

 private:
  Counts characters_ = Counts((Parts::kCharacters + 1) * 32);
  BitCounter bits_;
  BitCounter neighbours_;  // bit i: whether it differs from the one before
};

// Whether ID, label and avatar, and the parts of the words, are uniform and independent.
class Independence {
 public:
  void Add(std::span<const Parts> parts);
  void Merge(const Independence& other);
  void Judge(const std::string& source, std::vector<Family>* families) const;

 private:
  Counts label_ = Counts(Parts::kLabelCharacters * 32);
  Counts avatar_ = Counts(256);
  Counts adjective_ = Counts(256);
  Counts noun_ = Counts(256);
  Counts number_ = Counts(100);
  Counts adjective_noun_ = Counts(256 * 256);
  Counts adjective_number_ = Counts(256 * 100);
  Counts noun_number_ = Counts(256 * 100);
  Counts id_label_ = Counts(Parts::kCharacters * Parts::kLabelCharacters * 32 * 32);
  Counts id_avatar_ = Counts(Parts::kCharacters * 32 * 256);
  Counts label_avatar_ = Counts(Parts::kLabelCharacters * 32 * 256);
};

// Pairs of IDs that begin alike: of n, n (n - 1) / 2^(bits + 1) are expected.
class Birthdays {
 public:
  explicit Birthdays(std::size_t characters) : characters_(characters) {}

  void Add(std::span<const Parts> parts);
  void Merge(const Birthdays& other);
  // Sorts, so it is not const.
  void Judge(const std::string& source, std::vector<Family>* families);

 private:
  std::size_t characters_;
  std::vector<std::uint64_t> prefixes_;
};

// Whether the pseudonyms of the same identifier from two sources have to do with each other.
class Correlation {
 public:
  // REQUIRES: equal sizes.
  void Add(std::span<const Parts> parts, Digests digests, std::span<const Parts> other_parts,
           Digests other_digests);
  void Merge(const Correlation& other);
  void Judge(const std::string& sources, std::vector<Family>* families) const;

 private:
  BitCounter differing_;
  Counts characters_ = Counts(Parts::kCharacters * 32 * 32);
  Counts labels_ = Counts(Parts::kLabelCharacters * 32 * 32);
  Counts avatars_ = Counts(256 * 256);
};

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_STATISTICS_COUNTERS_H_
