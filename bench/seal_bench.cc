// Sealing and opening of records, one and many, beside libsodium's one-shot calls over the same
// bytes.

#include <benchmark/benchmark.h>
#include <sodium.h>

#include <array>
#include <cstdint>
#include <vector>

#include "moniker/keyring.h"
#include "store/record_sealer.h"

namespace {

using moniker::RecordTag;
using moniker::SealedBytes;
using moniker::Table;
using moniker::internal::RecordSealer;

constexpr std::size_t kPayload = 60;  // a person's, which is padded to 64
constexpr std::size_t kPadded = 64;
constexpr std::size_t kAssociated = 65;  // of a record with a tag of 16 bytes
const std::array<std::uint8_t, kPayload> kText{};
const RecordTag kTag{std::array<std::uint8_t, 16>{}};

RecordSealer MakeSealer() {
  return *RecordSealer::Create(*moniker::Keyring::Create({.app = "bench"}));
}

// A nonce from the system for each, as whoever calls libsodium draws it.
void SodiumSeal(benchmark::State& state) {
  std::array<std::uint8_t, crypto_aead_xchacha20poly1305_ietf_KEYBYTES> key{};
  std::array<std::uint8_t, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES> nonce{};
  std::array<std::uint8_t, kPadded> plaintext{};
  std::array<std::uint8_t, kAssociated> associated{};
  std::array<std::uint8_t, kPadded + crypto_aead_xchacha20poly1305_ietf_ABYTES> sealed{};
  for (auto _ : state) {
    randombytes_buf(nonce.data(), nonce.size());
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed.data(), nullptr, plaintext.data(), plaintext.size(), associated.data(),
        associated.size(), nullptr, nonce.data(), key.data());
    benchmark::DoNotOptimize(sealed);
  }
  state.SetItemsProcessed(state.iterations());
}

void SodiumOpen(benchmark::State& state) {
  std::array<std::uint8_t, crypto_aead_xchacha20poly1305_ietf_KEYBYTES> key{};
  std::array<std::uint8_t, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES> nonce{};
  std::array<std::uint8_t, kPadded> plaintext{};
  std::array<std::uint8_t, kAssociated> associated{};
  std::array<std::uint8_t, kPadded + crypto_aead_xchacha20poly1305_ietf_ABYTES> sealed{};
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data(), nullptr, plaintext.data(),
                                             plaintext.size(), associated.data(), associated.size(),
                                             nullptr, nonce.data(), key.data());
  for (auto _ : state) {
    const int opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
        plaintext.data(), nullptr, nullptr, sealed.data(), sealed.size(), associated.data(),
        associated.size(), nonce.data(), key.data());
    if (opened != 0) state.SkipWithError("not opened");
    benchmark::DoNotOptimize(plaintext);
  }
  state.SetItemsProcessed(state.iterations());
}

void SealOne(benchmark::State& state) {
  const RecordSealer sealer = MakeSealer();
  for (auto _ : state) {
    const auto sealed = sealer.Seal(Table::kPerson, kTag, 1, kText);
    if (!sealed.ok()) state.SkipWithError("not sealed");
  }
  state.SetItemsProcessed(state.iterations());
}

void SealMany(benchmark::State& state) {
  const RecordSealer sealer = MakeSealer();
  const std::vector<RecordSealer::Plain> plain(static_cast<std::size_t>(state.range(0)),
                                               {Table::kPerson, kTag, 1, kText});
  for (auto _ : state) {
    const auto sealed = sealer.SealMany(plain);
    if (!sealed.ok()) state.SkipWithError("not sealed");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void OpenOne(benchmark::State& state) {
  const RecordSealer sealer = MakeSealer();
  const SealedBytes sealed = *sealer.Seal(Table::kPerson, kTag, 1, kText);
  for (auto _ : state) {
    const auto opened = sealer.Open(Table::kPerson, kTag, sealed);
    if (!opened.ok()) state.SkipWithError("not opened");
  }
  state.SetItemsProcessed(state.iterations());
}

const bool registered = [] {
  benchmark::RegisterBenchmark("seal/libsodium", SodiumSeal);
  benchmark::RegisterBenchmark("seal/one", SealOne);
  // 128 are sealed by one thread, 16,384 by all processors.
  benchmark::RegisterBenchmark("seal/many", SealMany)->Arg(128);
  benchmark::RegisterBenchmark("seal/many", SealMany)->Arg(16'384)->UseRealTime();
  benchmark::RegisterBenchmark("open/libsodium", SodiumOpen);
  benchmark::RegisterBenchmark("open/one", OpenOne);
  return true;
}();

}  // namespace
