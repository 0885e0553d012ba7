// Each kernel over messages of one size, beside libsodium's one-shot call over the same messages
// and, where it is there, OpenSSL.

#include <benchmark/benchmark.h>
#include <sodium.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "crypto/kernels.h"
#include "moniker/prf.h"

#if defined(MONIKER_WITH_OPENSSL)
#include <openssl/core_names.h>
#include <openssl/evp.h>
#endif

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

#if defined(MONIKER_WITH_OPENSSL)
// With a context that keeps the state behind the key where OpenSSL can: for HMAC. Its BLAKE2b takes
// the key anew for each message.
void OpenSsl(benchmark::State& state, Suite suite, std::size_t size) {
  const Messages messages(size);
  std::vector<Digest> digests(kCount);
  const bool is_hmac = suite == Suite::kHmacSha256;
  EVP_MAC* const mac = EVP_MAC_fetch(nullptr, is_hmac ? "HMAC" : "BLAKE2BMAC", nullptr);
  EVP_MAC_CTX* const context = EVP_MAC_CTX_new(mac);
  char name[] = "SHA256";
  std::size_t digest_size = sizeof(Digest);
  const OSSL_PARAM parameters[] = {
      is_hmac ? OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0)
              : OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &digest_size),
      OSSL_PARAM_construct_end()};
  if (EVP_MAC_init(context, kKey, sizeof kKey, parameters) != 1) state.SkipWithError("no MAC");
  for (auto _ : state) {
    for (std::size_t i = 0; i < kCount; ++i) {
      const auto message = messages.views()[i];
      std::size_t written = 0;
      if (EVP_MAC_init(context, is_hmac ? nullptr : kKey, is_hmac ? 0 : sizeof kKey, nullptr) !=
              1 ||
          EVP_MAC_update(context, message.data(), message.size()) != 1 ||
          EVP_MAC_final(context, digests[i].data(), &written, sizeof(Digest)) != 1) {
        state.SkipWithError("failed");
      }
    }
    benchmark::DoNotOptimize(digests.data());
    benchmark::ClobberMemory();
  }
  EVP_MAC_CTX_free(context);
  EVP_MAC_free(mac);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kCount));
}
#endif

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
#if defined(MONIKER_WITH_OPENSSL)
      benchmark::RegisterBenchmark((name + "openssl").c_str(), OpenSsl, suite, size);
#endif
      for (const std::string_view kernel : moniker::internal::KernelNames(suite)) {
        benchmark::RegisterBenchmark((name + std::string(kernel)).c_str(), Compute, suite, kernel,
                                     size);
      }
    }
  }
  return true;
}();

}  // namespace
