// What the size of a batch does to the rate of derivation, and between which bounds that rate lies:
// a copy of the bytes, and the additions, exclusive ors and rotations of BLAKE2b alone.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "moniker/anonymizer.h"

namespace {

using moniker::Identifier;
using moniker::Suite;

constexpr std::size_t kSubject = 35;  // as in derive_bench.cc
constexpr std::size_t kCount = 1024;

void ManyToText(benchmark::State& state, Suite suite) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const auto root = MakePrf(suite, *moniker::SecretBytes::Allocate(moniker::kKeySize));
  const auto anonymizer = moniker::Anonymizer::Create(**root, "bench", moniker::Scope::App());
  std::vector<std::string> ids;
  std::vector<Identifier> identifiers;
  for (std::size_t i = 0; i < size; ++i) ids.push_back(std::to_string(1'000'000'000'000 + i));
  for (const std::string& id : ids) identifiers.push_back({"mrn.hospital-alpha", id});
  std::vector<moniker::ExternalId::Text> texts(size);
  for (auto _ : state) {
    if (!anonymizer->ExternalIdsOfMany(identifiers, texts).ok()) state.SkipWithError("failed");
    benchmark::DoNotOptimize(texts.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void Copy(benchmark::State& state) {
  const std::vector<std::uint8_t> from(kCount * kSubject, 7);
  std::vector<std::uint8_t> to(from.size());
  for (auto _ : state) {
    for (std::size_t i = 0; i < kCount; ++i) {
      std::memcpy(&to[i * kSubject], &from[i * kSubject], kSubject);
    }
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kCount));
}

#if defined(__x86_64__)
// The instructions of a block of up to 64 bytes in eight lanes, none of which waits for the one
// before it: 12 rounds of 8 mixes of 4 additions, 4 exclusive ors and 4 rotations, and 96 additions
// of words that are not known to be zero.
// In registers that are named, lest the compiler find a shorter way or keep them in memory.
#define MONIKER_EACH(registers, instruction) ".irp r," registers "\n" instruction "\n.endr\n"
#define MONIKER_ADD(registers) MONIKER_EACH(registers, "vpaddq %%zmm24, %%zmm\\r, %%zmm\\r")
#define MONIKER_XOR(registers) MONIKER_EACH(registers, "vpxorq %%zmm24, %%zmm\\r, %%zmm\\r")
#define MONIKER_TURN(registers) MONIKER_EACH(registers, "vprorq $24, %%zmm\\r, %%zmm\\r")
#define MONIKER_A "0,3,6,9,12,15,18,21"
#define MONIKER_B "1,4,7,10,13,16,19,22"
#define MONIKER_C "2,5,8,11,14,17,20,23"
__attribute__((target("avx512f"))) void Arithmetic(benchmark::State& state) {
  for (auto _ : state) {
    for (int turn = 0; turn < 16; ++turn) {
      asm volatile(MONIKER_ADD(MONIKER_A) MONIKER_XOR(MONIKER_B) MONIKER_TURN(MONIKER_C)
                       MONIKER_ADD(MONIKER_B) MONIKER_XOR(MONIKER_C) MONIKER_TURN(MONIKER_A)
                           MONIKER_ADD(MONIKER_C) MONIKER_XOR(MONIKER_A) MONIKER_TURN(MONIKER_B)
                               MONIKER_ADD("0,3,6,9,12,15")::
                                   : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
                                     "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",
                                     "xmm15", "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21",
                                     "xmm22", "xmm23", "xmm24");
    }
  }
  state.SetItemsProcessed(state.iterations() * 8);
}
#endif

const bool registered = [] {
  for (const Suite suite : {Suite::kBlake2b, Suite::kHmacSha256}) {
    auto* const sizes = benchmark::RegisterBenchmark(
        ("batch-size/" + std::string(SuiteName(suite))).c_str(), ManyToText, suite);
    for (int size = 1; size <= 65'536; size *= 2) sizes->Arg(size);
  }
  benchmark::RegisterBenchmark("bound/memcpy", Copy);
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    benchmark::RegisterBenchmark("bound/blake2b-arithmetic-avx512", Arithmetic);
  }
#endif
  return true;
}();

}  // namespace
