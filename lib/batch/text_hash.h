// A hash for tables in memory.
//
// Thread safety: a function without state.

#ifndef MONIKER_LIB_BATCH_TEXT_HASH_H_
#define MONIKER_LIB_BATCH_TEXT_HASH_H_

#include <cstdint>
#include <cstring>
#include <string_view>

namespace moniker::internal {

// `seed` is something that whoever writes the texts does not know, such as an address, so that
// nobody can choose texts that make a table slow.
inline std::uint64_t HashOf(std::string_view text, std::uint64_t seed) {
  constexpr std::uint64_t kFirst = 0x9E3779B97F4A7C15;
  constexpr std::uint64_t kSecond = 0xD6E8FEB86659FD93;
  std::uint64_t hash = (seed ^ text.size()) * kFirst;
  const auto mix = [&](std::uint64_t word) {
    hash = (hash ^ word ^ seed) * kSecond;
    hash ^= hash >> 32;
  };
  while (text.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), sizeof(word));
    mix(word);
    text.remove_prefix(sizeof(word));
  }
  std::uint64_t rest = 0;
  if (!text.empty()) std::memcpy(&rest, text.data(), text.size());
  mix(rest);
  return hash ^ (hash >> 29);
}

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_TEXT_HASH_H_
