// Markers: texts that cannot occur by chance, which a test gives to the library as personal data
// and looks for afterwards, in files and in the memory of this very process. So nothing here keeps
// a marker as it is: characters are made one at a time, what is looked for is masked, and the plain
// texts that the library is given lie in one region that is wiped before anybody looks.

#ifndef MONIKER_TESTS_LEAK_MARKERS_H_
#define MONIKER_TESTS_LEAK_MARKERS_H_

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace moniker::testing {

inline constexpr int kMarkers = 25;

struct Marker {
  static constexpr std::size_t kSize = 14;

  // Character `k` of marker `i`: a letter, the first in upper case.
  static char At(int i, std::size_t k) {
    std::uint64_t x = 0x9e3779b97f4a7c15u * (static_cast<std::uint64_t>(i) * kSize + k + 1);
    x ^= x >> 29;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 32;
    return static_cast<char>((k == 0 ? 'A' : 'a') + x % 26);
  }

  // Whether `text` is marker `i`, `times` times with `separator` between.
  static bool Is(std::string_view text, int i, std::size_t times, char separator) {
    if (text.size() != times * (kSize + 1) - 1) return false;
    for (std::size_t at = 0; at < text.size(); ++at) {
      const std::size_t k = at % (kSize + 1);
      if (text[at] != (k == kSize ? separator : At(i, k))) return false;
    }
    return true;
  }
};

// Where the plain texts of a test lie. Wiped and given back when destroyed.
class PlainTexts {
 public:
  PlainTexts() : memory_(static_cast<char*>(Map(kSize))) {}
  PlainTexts(const PlainTexts&) = delete;
  PlainTexts& operator=(const PlainTexts&) = delete;
  ~PlainTexts() {
    ::explicit_bzero(memory_, kSize);
    ::munmap(memory_, kSize);
  }

  // Marker `i`, `times` times with `separator` between, then `end`.
  std::string_view Make(int i, std::size_t times = 1, char separator = ' ',
                        std::string_view end = "") {
    char* const start = memory_ + used_;
    for (std::size_t n = 0; n < times; ++n) {
      if (n > 0) Put(separator);
      for (std::size_t k = 0; k < Marker::kSize; ++k) Put(Marker::At(i, k));
    }
    for (const char c : end) Put(c);
    return {start, static_cast<std::size_t>(memory_ + used_ - start)};
  }

  bool Holds(std::uintptr_t address) const {
    const auto start = reinterpret_cast<std::uintptr_t>(memory_);
    return address >= start && address < start + kSize;
  }

  static void* Map(std::size_t size) {
    void* const memory =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("no memory");
    return memory;
  }

 private:
  static constexpr std::size_t kSize = std::size_t{1} << 20;

  void Put(char c) {
    if (used_ == kSize) throw std::runtime_error("too many texts");
    *static_cast<volatile char*>(memory_ + used_++) = c;
  }

  char* memory_;
  std::size_t used_ = 0;
};

// Looks for every marker in every form: as it is, in hexadecimal digits of either case, in UTF-16
// of either order, in base 64 at each of the three places in a group.
class MarkerSearch {
 public:
  struct Hit {
    int marker;
    const char* form;
    std::size_t at;  // in the bytes that were searched
  };

  MarkerSearch() {
    for (int i = 0; i < kMarkers; ++i) AddForms(i);
  }

  static constexpr std::size_t kLongest = 2 * Marker::kSize;

  // Masks `bytes` in place while it looks.
  std::vector<Hit> FindIn(std::span<std::uint8_t> bytes) const {
    // Pointers, because this goes through all of memory and is not optimised in a debug build.
    std::uint8_t* const data = bytes.data();
    const std::size_t size = bytes.size();
    for (std::uint8_t* byte = data; byte != data + size; ++byte) *byte ^= kMask;
    std::vector<Hit> hits;
    const bool* const starts = starts_.get();
    for (std::size_t at = 0; at + 1 < size; ++at) {
      const int start = data[at] << 8 | data[at + 1];
      if (!starts[start]) continue;
      for (const std::uint16_t needle : by_start_.at(start)) {
        const std::vector<std::uint8_t>& masked = needles_[needle].masked;
        if (masked.size() <= bytes.size() - at &&
            std::memcmp(masked.data(), &bytes[at], masked.size()) == 0) {
          hits.push_back({needles_[needle].marker, needles_[needle].form, at});
        }
      }
    }
    return hits;
  }

 private:
  static constexpr std::uint8_t kMask = 0xA7;  // no mask of a letter or digit is one

  struct Needle {
    int marker;
    const char* form;
    std::vector<std::uint8_t> masked;
  };

  template <typename Make>
  void Add(int marker, const char* form, Make make) {
    Needle needle{marker, form, {}};
    make([&](char c) { needle.masked.push_back(static_cast<std::uint8_t>(c) ^ kMask); });
    const int start = needle.masked[0] << 8 | needle.masked[1];
    starts_[static_cast<std::size_t>(start)] = true;
    by_start_[start].push_back(static_cast<std::uint16_t>(needles_.size()));
    needles_.push_back(std::move(needle));
  }

  void AddForms(int i) {
    const auto each = [i](auto use) {
      for (std::size_t k = 0; k < Marker::kSize; ++k) use(Marker::At(i, k));
    };
    const auto hex = [&](const char* digits) {
      return [&each, digits](auto put) {
        each([&](char c) {
          put(digits[static_cast<std::uint8_t>(c) / 16]);
          put(digits[static_cast<std::uint8_t>(c) % 16]);
        });
      };
    };
    Add(i, "raw", [&](auto put) { each(put); });
    Add(i, "hex", hex("0123456789abcdef"));
    Add(i, "upper-case hex", hex("0123456789ABCDEF"));
    Add(i, "UTF-16LE", [&](auto put) { each([&](char c) { put(c), put('\0'); }); });
    Add(i, "UTF-16BE", [&](auto put) { each([&](char c) { put('\0'), put(c); }); });
    for (std::size_t place = 0; place < 3; ++place) {
      Add(i, "base64", [&](auto put) { PutBase64(i, place, put); });
    }
  }

  // The characters that depend on the marker alone, if it begins at byte `place` of a group.
  template <typename Put>
  static void PutBase64(int i, std::size_t place, Put put) {
    constexpr const char* kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto bit = [&](std::size_t n) {  // of the group's bytes, the marker from `place` on
      return static_cast<unsigned>(Marker::At(i, n / 8 - place)) >> (7 - n % 8) & 1;
    };
    for (std::size_t first = (place * 8 + 5) / 6 * 6; first + 6 <= (place + Marker::kSize) * 8;
         first += 6) {
      unsigned value = 0;
      for (std::size_t n = first; n < first + 6; ++n) value = value << 1 | bit(n);
      put(kAlphabet[value]);
    }
  }

  std::vector<Needle> needles_;
  std::map<int, std::vector<std::uint16_t>> by_start_;  // needles by their first two bytes
  std::unique_ptr<bool[]> starts_ = std::make_unique<bool[]>(std::size_t{1} << 16);
};

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_LEAK_MARKERS_H_
