// An anchor that a test can look into, damage and let fail.

#ifndef MONIKER_TESTS_SUPPORT_MEMORY_ANCHOR_H_
#define MONIKER_TESTS_SUPPORT_MEMORY_ANCHOR_H_

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "moniker/anchor.h"

namespace moniker::testing {

class MemoryAnchor final : public Anchor {
 public:
  Result<std::vector<Head>> ReadHeads() override {
    if (!failure.ok()) return failure;
    std::vector<Head> all;
    for (const auto& [place, head] : heads) all.push_back(head);
    return all;
  }

  Status KeepHead(std::uint64_t counter, std::span<const std::uint8_t> head) override {
    if (!failure.ok()) return failure;
    heads[counter % 2] = Head(head.begin(), head.end());
    return Status::Ok();
  }

  Status AppendToLog(std::span<const std::uint8_t> records) override {
    if (!failure.ok()) return failure;
    log.insert(log.end(), records.begin(), records.end());
    return Status::Ok();
  }
  Result<std::vector<std::uint8_t>> ReadLog() override {
    if (!failure.ok()) return failure;
    return log;
  }

  std::map<std::uint64_t, Head> heads;  // by the place that a file has for them
  std::vector<std::uint8_t> log;
  Status failure;  // of every call, unless it is success
};

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_SUPPORT_MEMORY_ANCHOR_H_
