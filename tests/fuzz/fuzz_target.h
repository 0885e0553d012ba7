// What a fuzz target defines, and what it is written with.
//
// A target is linked with fuzz_main.cc for libFuzzer, and with corpus_main.cc as a test over its
// corpus.

#ifndef MONIKER_TESTS_FUZZ_FUZZ_TARGET_H_
#define MONIKER_TESTS_FUZZ_FUZZ_TARGET_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

namespace moniker::testing {

// Whatever the bytes are, it returns; what must hold is held by Require.
void FuzzOne(std::span<const std::uint8_t> input);

inline void Require(bool holds, const char* claim) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", claim);
  std::abort();
}

// Takes values from the front of an input; when it is used up, zeros and empty texts.
class FuzzInput {
 public:
  explicit FuzzInput(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }
  std::span<const std::uint8_t> rest() const { return rest_; }

  std::uint8_t Byte() {
    const std::span<const std::uint8_t> one = Take(1);
    return one.empty() ? std::uint8_t{0} : one[0];
  }
  std::uint32_t Number() {
    std::uint32_t number = 0;
    for (const std::uint8_t byte : Take(4)) number = number << 8 | byte;
    return number;
  }
  // Its length in a byte, then so many bytes.
  std::string_view Text() { return AsText(Take(Byte())); }

  static std::string_view AsText(std::span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

 private:
  std::span<const std::uint8_t> Take(std::size_t size) {
    const std::span<const std::uint8_t> taken = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

  std::span<const std::uint8_t> rest_;
};

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_FUZZ_FUZZ_TARGET_H_
