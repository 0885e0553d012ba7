// Finds many needles in one pass over a text (Aho and Corasick, "Efficient string matching", 1975).
//
// Thread safety: const members may be called from several threads.

#ifndef MONIKER_LIB_SESSION_NEEDLE_TRIE_H_
#define MONIKER_LIB_SESSION_NEEDLE_TRIE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "session/wiped_vector.h"

namespace moniker::internal {

class NeedleTrie {
 public:
  using State = std::uint32_t;
  static constexpr State kStart = 0;
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  NeedleTrie() : nodes_(1) { root_.fill(kStart); }

  // Needles are numbered from 0 in the order they are added. REQUIRES: not empty; not finished.
  void Add(std::span<const char32_t> needle);
  void Finish();

  // The state after one more character. REQUIRES: finished.
  State Next(State state, char32_t c) const;

  // The needles that end in a state: first_needle(s), next_needle of that, ... up to kNone; then
  // those of shorter_state(s), and so on up to kStart.
  std::uint32_t first_needle(State state) const { return nodes_[state].needle; }
  std::uint32_t next_needle(std::uint32_t needle) const { return same_[needle]; }
  State shorter_state(State state) const { return nodes_[state].shorter; }

 private:
  struct Node {
    char32_t value = 0;
    std::uint32_t child = kNone;
    std::uint32_t sibling = kNone;
    State fallback = kStart;
    State shorter = kStart;  // the nearest fallback where a needle ends
    std::uint32_t needle = kNone;
  };

  // kNone if there is none.
  std::uint32_t Child(State state, char32_t c) const;

  WipedVector<Node> nodes_;
  WipedVector<std::uint32_t> same_;  // for each needle another one with the same characters
  std::array<State, 128> root_{};    // children of the root that are ASCII
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_SESSION_NEEDLE_TRIE_H_
