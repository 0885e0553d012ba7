#include "session/needle_trie.h"

namespace moniker::internal {

std::uint32_t NeedleTrie::Child(State state, char32_t c) const {
  std::uint32_t child = nodes_[state].child;
  while (child != kNone && nodes_[child].value != c) child = nodes_[child].sibling;
  return child;
}

void NeedleTrie::Add(std::span<const char32_t> needle) {
  State state = kStart;
  for (const char32_t c : needle) {
    std::uint32_t child = Child(state, c);
    if (child == kNone) {
      child = static_cast<std::uint32_t>(nodes_.size());
      nodes_.push_back({.value = c, .sibling = nodes_[state].child});
      nodes_[state].child = child;
    }
    state = child;
  }
  same_.push_back(nodes_[state].needle);
  nodes_[state].needle = static_cast<std::uint32_t>(same_.size() - 1);
}

void NeedleTrie::Finish() {
  WipedVector<State> order{kStart};  // by depth: a fallback is finished before who falls back on it
  for (std::size_t i = 0; i < order.size(); ++i) {
    const State parent = order[i];
    for (std::uint32_t child = nodes_[parent].child; child != kNone;
         child = nodes_[child].sibling) {
      order.push_back(child);
      Node& node = nodes_[child];
      if (parent == kStart) {
        if (node.value < root_.size()) root_[node.value] = child;
        continue;
      }
      node.fallback = Next(nodes_[parent].fallback, node.value);
      const Node& fallback = nodes_[node.fallback];
      node.shorter = fallback.needle != kNone ? node.fallback : fallback.shorter;
    }
  }
}

NeedleTrie::State NeedleTrie::Next(State state, char32_t c) const {
  while (state != kStart) {
    const std::uint32_t child = Child(state, c);
    if (child != kNone) return child;
    state = nodes_[state].fallback;
  }
  if (c < root_.size()) return root_[c];
  const std::uint32_t child = Child(kStart, c);
  return child == kNone ? kStart : child;
}

}  // namespace moniker::internal
