// Random messages through every kernel, compared with libsodium.
// Usage: kernels_stress --cases N [--seed S]. N messages of each suite, in batches of 0..100.

#include <cstdio>
#include <cstdlib>
#include <random>
#include <string_view>
#include <vector>

#include "crypto/kernel_cases.h"

namespace {

using moniker::Digest;
using moniker::Suite;
using moniker::testing::KernelCase;
using moniker::testing::KernelCases;
using moniker::testing::Message;
using moniker::testing::SodiumDigest;

// Mostly of one block, as identifiers are; at times up to 1,100 bytes.
std::size_t RandomSize(std::mt19937_64& random) {
  constexpr std::size_t kBounds[] = {48, 64, 64, 65, 128, 129, 260, 1101};
  return random() % kBounds[random() % 8];
}

bool RunBatch(std::mt19937_64& random, const std::vector<KernelCase>& kernels,
              const std::vector<std::uint8_t>& key, const std::vector<std::uint8_t>& pool,
              std::size_t count) {
  std::vector<Message> messages;
  const bool is_mixed = random() % 4 == 0;
  const std::size_t common = RandomSize(random);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t size = is_mixed ? RandomSize(random) : common;
    messages.push_back(Message(pool).subspan(random() % (pool.size() - size), size));
  }
  std::vector<Digest> expected[2];
  for (const Message message : messages) {
    expected[0].push_back(SodiumDigest(Suite::kBlake2b, key, message));
    expected[1].push_back(SodiumDigest(Suite::kHmacSha256, key, message));
  }
  std::vector<Digest> digests(count);
  for (const KernelCase& kernel : kernels) {
    kernel.hash(messages, digests);
    if (digests != expected[kernel.suite == Suite::kHmacSha256]) {
      std::printf("%s: not libsodium's digests\n", kernel.name.c_str());
      return false;
    }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  unsigned long long cases = 100'000;
  unsigned long long seed = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    (std::string_view(argv[i]) == "--seed" ? seed : cases) =
        std::strtoull(argv[i + 1], nullptr, 10);
  }
  if (sodium_init() < 0) return 2;
  std::mt19937_64 random(seed);
  std::vector<std::uint8_t> key(32);
  std::vector<std::uint8_t> pool(65536);
  std::vector<KernelCase> kernels;
  unsigned long long done = 0;
  for (unsigned batch = 0; done < cases; ++batch) {
    if (batch % 1000 == 0) {
      for (std::uint8_t& byte : key) byte = static_cast<std::uint8_t>(random());
      for (std::uint8_t& byte : pool) byte = static_cast<std::uint8_t>(random());
      kernels = KernelCases(key);
    }
    const std::size_t count = random() % 101;
    if (!RunBatch(random, kernels, key, pool, count)) {
      std::printf("seed %llu, batch %u\n", seed, batch);
      return 1;
    }
    done += count;
  }
  std::printf("%llu messages of each suite, kernels:", done);
  for (const KernelCase& kernel : kernels) std::printf(" [%s]", kernel.name.c_str());
  std::printf("\n");
  return 0;
}
