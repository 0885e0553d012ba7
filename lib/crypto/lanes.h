// What the kernels with a message in each lane have in common: these are compiled once for each
// kind of processor, and kernels.cc asks each file for what the machine at hand can run.
//
// Thread safety: functions without state.

#ifndef MONIKER_LIB_CRYPTO_LANES_H_
#define MONIKER_LIB_CRYPTO_LANES_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "crypto/kernels.h"

namespace moniker::internal {

// Appended from the slowest to the fastest, if any.
void AppendBlake2bLanes(std::vector<Kernel<Blake2bKey>>* kernels);
void AppendHmacSha256Lanes(std::vector<Kernel<HmacSha256Key>>* kernels);

// One message at a time by AVX-512, if the processor has it.
void AppendBlake2bRows(std::vector<Kernel<Blake2bKey>>* kernels);

// SHA instructions of x86, if the processor has them.
void AppendHmacSha256Ni(std::vector<Kernel<HmacSha256Key>>* kernels);

// So many messages are put in order at a time: a multiple of the lanes of every kernel.
inline constexpr std::size_t kWindow = 64;

// In which order to take messages, so that those with as many blocks are side by side and few lanes
// wait for a longer one: from the fewest blocks to the most.
class LaneOrder {
 public:
  // `blocks_of` takes a size, and gives no fewer blocks for a larger one.
  // REQUIRES: at most kWindow messages.
  template <typename BlocksOf>
  LaneOrder(std::span<const ByteView> messages, BlocksOf blocks_of) : size_(messages.size()) {
    // One instruction a message, where a minimum and a maximum take more; an empty message sets all
    // bits.
    for (const ByteView message : messages) last_bytes_ |= message.size() - 1;
    for (std::size_t i = 0; i < kWindow; ++i) places_[i] = static_cast<std::uint8_t>(i);
    if (!any_empty() && blocks_of(last_bytes_ + 1) == 1) return;
    std::ranges::sort(std::span(places_).first(size_), {},
                      [&](std::uint8_t i) { return blocks_of(messages[i].size()); });
  }

  std::size_t size() const { return size_; }
  std::size_t operator[](std::size_t i) const { return places_[i]; }

  // Every message has at most so many bytes; and whether some may have none.
  std::size_t longest() const { return last_bytes_ + 1; }
  bool any_empty() const { return last_bytes_ == ~std::size_t{0}; }

 private:
  std::array<std::uint8_t, kWindow> places_;
  std::size_t size_;
  std::size_t last_bytes_ = 0;  // the union of the indices of last bytes
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_CRYPTO_LANES_H_
