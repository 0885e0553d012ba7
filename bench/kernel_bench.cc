// Each kernel over messages of one size, beside libsodium's one-shot call over the same messages.

#include <benchmark/benchmark.h>
#include <sodium.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "crypto/kernels.h"
#include "moniker/prf.h"

namespace {

using moniker::Digest;
using moniker::Suite;

constexpr std::size_t kCount = 1024;
constexpr std::size_t kSizes[] = {8, 35, 64, 128, 256};
const unsigned char kKey[32] = {1, 2, 3};

class Messages {
 public:
  explicit Messages(std::size_t size) : bytes_(size * kCount, 7) {
    for (std::size_t i = 0; i < kCount; ++i) {
      bytes_[i * size] = static_cast<std::uint8_t>(i);
      views_.push_back(std::span(bytes_).subspan(i * size, size));
    }
  }
  std::span<const std::span<const std::uint8_t>> views() const { return views_; }

 private:
  std::vector<std::uint8_t> bytes_;
  std::vector<std::span<const std::uint8_t>> views_;
};

void Sodium(benchmark::State& state, Suite suite, std::size_t size) {
  const Messages messages(size);
  std::vector<Digest> digests(kCount);
  for (auto _ : state) {
    for (std::size_t i = 0; i < kCount; ++i) {
      const auto message = messages.views()[i];
      if (suite == Suite::kBlake2b) {
        crypto_generichash(digests[i].data(), 32, message.data(), message.size(), kKey, 32);
      } else {
        crypto_auth_hmacsha256(digests[i].data(), message.data(), message.size(), kKey);
      }
    }
    benchmark::DoNotOptimize(digests.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kCount));
}

void Compute(benchmark::State& state, Suite suite, std::string_view kernel, std::size_t size) {
  const Messages messages(size);
  std::vector<Digest> digests(kCount);
  const auto prf =
      moniker::internal::MakePrfByKernel(suite, *moniker::SecretBytes::CopyOf(kKey), kernel);
  for (auto _ : state) {
    if (!(*prf)->ComputeMany(messages.views(), digests).ok()) state.SkipWithError("failed");
    benchmark::DoNotOptimize(digests.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kCount));
}

const bool registered = [] {
  for (const Suite suite : {Suite::kBlake2b, Suite::kHmacSha256}) {
    for (const std::size_t size : kSizes) {
      const std::string name =
          "kernel/" + std::string(SuiteName(suite)) + "/" + std::to_string(size) + "/";
      benchmark::RegisterBenchmark((name + "libsodium").c_str(), Sodium, suite, size);
      for (const std::string_view kernel : moniker::internal::KernelNames(suite)) {
        benchmark::RegisterBenchmark((name + std::string(kernel)).c_str(), Compute, suite, kernel,
                                     size);
      }
    }
  }
  return true;
}();

}  // namespace
