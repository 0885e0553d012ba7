// Vectors that are wiped when they release memory, also while they grow: for what is derived from
// persons and texts and lives no longer than a call.

#ifndef MONIKER_LIB_SESSION_WIPED_VECTOR_H_
#define MONIKER_LIB_SESSION_WIPED_VECTOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "crypto/sodium.h"

namespace moniker::internal {

template <typename T>
struct WipingAllocator {
  using value_type = T;

  WipingAllocator() = default;
  template <typename U>
  WipingAllocator(const WipingAllocator<U>&) {}  // NOLINT(google-explicit-constructor)

  T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* memory, std::size_t count) {
    Wipe({reinterpret_cast<std::uint8_t*>(memory), count * sizeof(T)});
    std::allocator<T>().deallocate(memory, count);
  }

  friend bool operator==(const WipingAllocator&, const WipingAllocator&) { return true; }
};

template <typename T>
using WipedVector = std::vector<T, WipingAllocator<T>>;

using WipedText = WipedVector<char>;

inline std::string_view ViewOf(const WipedText& text) { return {text.data(), text.size()}; }

inline void Append(std::string_view piece, WipedText* text) {
  text->insert(text->end(), piece.begin(), piece.end());
}

}  // namespace moniker::internal

#endif  // MONIKER_LIB_SESSION_WIPED_VECTOR_H_
