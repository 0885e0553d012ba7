#include "statistics/counters.h"

#include <algorithm>
#include <cstdio>
#include <span>

#include "base/encoding.h"

namespace moniker::testing {
namespace {

constexpr std::size_t kIdBits = 150;
constexpr std::size_t kLabelBits = 30;
constexpr std::size_t kAvatarBits = 8;

constexpr std::array<std::uint8_t, 128> MakeValues() {
  std::array<std::uint8_t, 128> values{};
  for (std::size_t i = 0; i < internal::kBase32Alphabet.size(); ++i) {
    values[static_cast<std::size_t>(internal::kBase32Alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr std::array<std::uint8_t, 128> kValues = MakeValues();

void AddTo(Counts* counts, const Counts& others) {
  for (std::size_t i = 0; i < counts->size(); ++i) (*counts)[i] += others[i];
}

// The tables, each of `cells`, that lie one behind the other.
std::span<const std::uint32_t> Table(const Counts& counts, std::size_t index, std::size_t cells) {
  return std::span(counts).subspan(index * cells, cells);
}

std::uint64_t Sum(std::span<const std::uint32_t> counts) {
  std::uint64_t sum = 0;
  for (const std::uint32_t count : counts) sum += count;
  return sum;
}

Family OfTables(std::string name, const Counts& counts, std::size_t cells, std::size_t columns) {
  Family family(std::move(name));
  for (std::size_t i = 0; i < counts.size() / cells; ++i) {
    family.Add(IndependenceZ(Table(counts, i, cells), columns));
  }
  return family;
}

Family OfCounts(std::string name, const Counts& counts, std::size_t cells) {
  Family family(std::move(name));
  for (std::size_t i = 0; i < counts.size() / cells; ++i) {
    family.Add(ChiSquareZ(Table(counts, i, cells)));
  }
  return family;
}

// Every bit of the row's value against every bit of the column's.
void AddBitPairs(std::span<const std::uint32_t> table, std::size_t columns, Family* family) {
  const std::uint64_t all = Sum(table);
  for (std::size_t row_bit = 1; row_bit < table.size() / columns; row_bit *= 2) {
    for (std::size_t column_bit = 1; column_bit < columns; column_bit *= 2) {
      std::uint64_t differing = 0;
      for (std::size_t i = 0; i < table.size(); ++i) {
        const bool row = (i / columns & row_bit) != 0;
        const bool column = (i % columns & column_bit) != 0;
        if (row != column) differing += table[i];
      }
      family->Add(BinomialZ(differing, all));
    }
  }
}

// 65,536 is no multiple of 100: docs/formats/pseudonym.md, section 8.
std::vector<double> WeightsOfNumbers() {
  std::vector<double> weights(100, 655);
  std::fill_n(weights.begin(), 36, 656);
  return weights;
}

}  // namespace

Parts::Parts(const Pseudonym& pseudonym) {
  const ExternalId external_id = pseudonym.external_id();
  for (std::size_t i = 0; i < id.size(); ++i) {
    id[i] = kValues[static_cast<unsigned char>(external_id.text()[1 + i])];
  }
  const std::uint32_t code = Label::Of(pseudonym.digest(), LabelStyle::kCode).value();
  for (std::size_t i = 0; i < label.size(); ++i) {
    label[i] = static_cast<std::uint8_t>(code >> (25 - 5 * i) & 31);
  }
  const std::uint32_t words = Label::Of(pseudonym.digest(), LabelStyle::kWords).value();
  number = static_cast<std::uint8_t>(words % 100);
  noun = static_cast<std::uint8_t>(words / 100 % 256);
  adjective = static_cast<std::uint8_t>(words / 100 / 256);
  avatar = pseudonym.avatar_index();
}

// --- Bits ---

// Counter by counter, not digest by digest, here and below: one table at a time fits the first
// cache.
void BitCounter::Add(Digests digests) {
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    for (const Digest& digest : digests) ++counts_[i][digest[i]];
  }
}

void BitCounter::Merge(const BitCounter& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    for (std::size_t j = 0; j < 256; ++j) counts_[i][j] += other.counts_[i][j];
  }
}

std::uint64_t BitCounter::Ones(std::size_t bit) const {
  std::uint64_t ones = 0;
  for (std::size_t value = 0; value < 256; ++value) {
    if (value << bit % 8 & 0x80) ones += counts_[bit / 8][value];
  }
  return ones;
}

std::uint64_t BitCounter::Total() const { return Sum(counts_[0]); }

// --- Uniformity ---

void Uniformity::Add(std::span<const Parts> parts, Digests digests) {
  for (std::size_t i = 0; i <= Parts::kCharacters; ++i) {
    for (const Parts& one : parts) ++characters_[i * 32 + one.id[i]];
  }
  bits_.Add(digests);
  std::vector<Digest> differing(digests.begin(), digests.end());
  for (Digest& digest : differing) {
    std::uint8_t before = 0;
    for (std::uint8_t& byte : digest) {
      const std::uint8_t last = byte & 1;
      byte ^= static_cast<std::uint8_t>(byte >> 1 | before << 7);
      before = last;
    }
  }
  neighbours_.Add(differing);
}

void Uniformity::Merge(const Uniformity& other) {
  AddTo(&characters_, other.characters_);
  bits_.Merge(other.bits_);
  neighbours_.Merge(other.neighbours_);
}

void Uniformity::Judge(const std::string& source, std::vector<Family>* families) const {
  families->push_back(
      OfCounts(source + ": 30 characters and the check character, chi-square", characters_, 32));
  Family id_bits(source + ": bits of the ID");
  for (std::size_t bit = 0; bit < kIdBits; ++bit) {
    std::uint64_t ones = 0;
    for (std::size_t value = 0; value < 32; ++value) {
      if (value << bit % 5 & 16) ones += characters_[bit / 5 * 32 + value];
    }
    id_bits.Add(BinomialZ(ones, bits_.Total()));
  }
  families->push_back(id_bits);
  Family bits(source + ": bits of D");
  for (std::size_t bit = 0; bit < BitCounter::kBits; ++bit) {
    bits.Add(BinomialZ(bits_.Ones(bit), bits_.Total()));
  }
  families->push_back(bits);
  Family neighbours(source + ": neighbouring bits of D");
  for (std::size_t bit = 1; bit < BitCounter::kBits; ++bit) {
    neighbours.Add(BinomialZ(neighbours_.Ones(bit), neighbours_.Total()));
  }
  families->push_back(neighbours);
}

// --- Independence ---

void Independence::Add(std::span<const Parts> parts) {
  for (const Parts& one : parts) {
    ++avatar_[one.avatar];
    ++adjective_[one.adjective];
    ++noun_[one.noun];
    ++number_[one.number];
    ++adjective_noun_[one.adjective * std::size_t{256} + one.noun];
    ++adjective_number_[one.adjective * std::size_t{100} + one.number];
    ++noun_number_[one.noun * std::size_t{100} + one.number];
  }
  for (std::size_t i = 0; i < Parts::kLabelCharacters; ++i) {
    for (const Parts& one : parts) {
      ++label_[i * 32 + one.label[i]];
      ++label_avatar_[(i * 32 + one.label[i]) * 256 + one.avatar];
    }
  }
  for (std::size_t i = 0; i < Parts::kCharacters; ++i) {
    for (const Parts& one : parts) ++id_avatar_[(i * 32 + one.id[i]) * 256 + one.avatar];
    for (std::size_t j = 0; j < Parts::kLabelCharacters; ++j) {
      std::uint32_t* const table = &id_label_[(i * Parts::kLabelCharacters + j) * 32 * 32];
      for (const Parts& one : parts) ++table[one.id[i] * std::size_t{32} + one.label[j]];
    }
  }
}

void Independence::Merge(const Independence& other) {
  AddTo(&label_, other.label_);
  AddTo(&avatar_, other.avatar_);
  AddTo(&adjective_, other.adjective_);
  AddTo(&noun_, other.noun_);
  AddTo(&number_, other.number_);
  AddTo(&adjective_noun_, other.adjective_noun_);
  AddTo(&adjective_number_, other.adjective_number_);
  AddTo(&noun_number_, other.noun_number_);
  AddTo(&id_label_, other.id_label_);
  AddTo(&id_avatar_, other.id_avatar_);
  AddTo(&label_avatar_, other.label_avatar_);
}

void Independence::Judge(const std::string& source, std::vector<Family>* families) const {
  families->push_back(OfCounts(source + ": 6 characters of the label, chi-square", label_, 32));
  families->push_back(OfCounts(source + ": avatar, chi-square", avatar_, 256));

  Family words(source + ": adjective, noun, number, chi-square");
  words.Add(ChiSquareZ(adjective_));
  words.Add(ChiSquareZ(noun_));
  words.Add(ChiSquareZ(number_, WeightsOfNumbers()));
  families->push_back(words);
  Family in_pairs(source + ": adjective, noun, number in pairs, chi-square");
  in_pairs.Add(IndependenceZ(adjective_noun_, 256));
  in_pairs.Add(IndependenceZ(adjective_number_, 100));
  in_pairs.Add(IndependenceZ(noun_number_, 100));
  families->push_back(in_pairs);

  families->push_back(
      OfTables(source + ": ID x label, characters, chi-square", id_label_, 32 * 32, 32));
  families->push_back(OfTables(source + ": ID x avatar, chi-square", id_avatar_, 32 * 256, 256));
  families->push_back(
      OfTables(source + ": label x avatar, chi-square", label_avatar_, 32 * 256, 256));

  Family bits(source + ": ID x label x avatar, pairs of bits");
  for (std::size_t i = 0; i < id_label_.size(); i += 32 * 32) {
    AddBitPairs(std::span(id_label_).subspan(i, 32 * 32), 32, &bits);
  }
  for (const Counts* counts : {&id_avatar_, &label_avatar_}) {
    for (std::size_t i = 0; i < counts->size(); i += 32 * 256) {
      AddBitPairs(std::span(*counts).subspan(i, 32 * 256), 256, &bits);
    }
  }
  families->push_back(bits);
}

// --- Birthdays ---

void Birthdays::Add(std::span<const Parts> parts) {
  for (const Parts& one : parts) {
    std::uint64_t prefix = 0;
    for (std::size_t i = 0; i < characters_; ++i) prefix = prefix << 5 | one.id[i];
    prefixes_.push_back(prefix);
  }
}

void Birthdays::Merge(const Birthdays& other) {
  prefixes_.insert(prefixes_.end(), other.prefixes_.begin(), other.prefixes_.end());
}

void Birthdays::Judge(const std::string& source, std::vector<Family>* families) {
  std::ranges::sort(prefixes_);
  std::uint64_t pairs = 0;
  std::uint64_t equal_before = 0;
  for (std::size_t i = 1; i < prefixes_.size(); ++i) {
    equal_before = prefixes_[i] == prefixes_[i - 1] ? equal_before + 1 : 0;
    pairs += equal_before;
  }
  const auto n = static_cast<double>(prefixes_.size());
  const double expected = n * (n - 1) / static_cast<double>(std::uint64_t{2} << 5 * characters_);
  char name[96];
  std::snprintf(name, sizeof name, ": pairs with equal %zu bits, %llu (%.1f expected)",
                5 * characters_, static_cast<unsigned long long>(pairs), expected);
  Family family(source + name);
  family.Add(PoissonZ(pairs, expected));
  families->push_back(family);
}

// --- Correlation ---

void Correlation::Add(std::span<const Parts> parts, Digests digests,
                      std::span<const Parts> other_parts, Digests other_digests) {
  std::vector<Digest> differing(digests.begin(), digests.end());
  for (std::size_t n = 0; n < differing.size(); ++n) {
    for (std::size_t i = 0; i < differing[n].size(); ++i) differing[n][i] ^= other_digests[n][i];
  }
  differing_.Add(differing);
  for (std::size_t i = 0; i < Parts::kCharacters; ++i) {
    for (std::size_t n = 0; n < parts.size(); ++n) {
      ++characters_[(i * 32 + parts[n].id[i]) * 32 + other_parts[n].id[i]];
    }
  }
  for (std::size_t i = 0; i < Parts::kLabelCharacters; ++i) {
    for (std::size_t n = 0; n < parts.size(); ++n) {
      ++labels_[(i * 32 + parts[n].label[i]) * 32 + other_parts[n].label[i]];
    }
  }
  for (std::size_t n = 0; n < parts.size(); ++n) {
    ++avatars_[parts[n].avatar * std::size_t{256} + other_parts[n].avatar];
  }
}

void Correlation::Merge(const Correlation& other) {
  differing_.Merge(other.differing_);
  AddTo(&characters_, other.characters_);
  AddTo(&labels_, other.labels_);
  AddTo(&avatars_, other.avatars_);
}

void Correlation::Judge(const std::string& sources, std::vector<Family>* families) const {
  Family bits(sources + ": bits of D");
  for (std::size_t bit = 0; bit < BitCounter::kBits; ++bit) {
    bits.Add(BinomialZ(differing_.Ones(bit), differing_.Total()));
  }
  families->push_back(bits);
  families->push_back(
      OfTables(sources + ": characters of the ID, chi-square", characters_, 32 * 32, 32));
  families->push_back(
      OfTables(sources + ": characters of the label, chi-square", labels_, 32 * 32, 32));
  families->push_back(OfTables(sources + ": avatars, chi-square", avatars_, 256 * 256, 256));
}

}  // namespace moniker::testing
