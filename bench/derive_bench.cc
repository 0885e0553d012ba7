// Derivation, beside libsodium's one-shot keyed BLAKE2b and HMAC-SHA-256 of the same messages.

#include <benchmark/benchmark.h>
#include <sodium.h>

#include <cstdio>
#include <string>
#include <vector>

#include "moniker/anonymizer.h"
#include "moniker/prf.h"

namespace {

using moniker::Anonymizer;
using moniker::Identifier;
using moniker::Pseudonym;
using moniker::Suite;

constexpr char kIssuer[] = "mrn.hospital-a";

std::vector<std::string> MakeIds(std::size_t count) {
  std::vector<std::string> ids(count);
  for (std::size_t i = 0; i < count; ++i) {
    char text[16];
    std::snprintf(text, sizeof text, "%08zu", i);
    ids[i] = text;
  }
  return ids;
}

Anonymizer MakeAnonymizer(Suite suite) {
  auto key = moniker::SecretBytes::Allocate(moniker::kKeySize);
  auto root = moniker::MakePrf(suite, *std::move(key));
  return *Anonymizer::Create(**root, "bench", moniker::Scope::App());
}

void DeriveOne(benchmark::State& state, Suite suite) {
  const Anonymizer anonymizer = MakeAnonymizer(suite);
  const std::vector<std::string> ids = MakeIds(1024);
  std::size_t i = 0;
  for (auto _ : state) {
    const auto pseudonym = anonymizer.Pseudonymize({kIssuer, ids[i++ % ids.size()]});
    benchmark::DoNotOptimize(pseudonym->external_id());
  }
  state.SetItemsProcessed(state.iterations());
}

void DeriveMany(benchmark::State& state, Suite suite) {
  const Anonymizer anonymizer = MakeAnonymizer(suite);
  const std::vector<std::string> ids = MakeIds(1024);
  std::vector<Identifier> identifiers;
  for (const std::string& id : ids) identifiers.push_back({kIssuer, id});
  std::vector<Pseudonym> pseudonyms(ids.size(), Pseudonym(moniker::Digest{}));
  for (auto _ : state) {
    if (!anonymizer.PseudonymizeMany(identifiers, pseudonyms).ok()) {
      state.SkipWithError("derivation failed");
    }
    benchmark::DoNotOptimize(pseudonyms.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(ids.size()));
}

// The same bytes: lp(issuer) || value.
std::vector<std::string> MakeSubjects() {
  std::vector<std::string> subjects;
  for (const std::string& id : MakeIds(1024)) {
    subjects.push_back(std::string("\x0e\0\0\0", 4) + kIssuer + id);
  }
  return subjects;
}

const unsigned char* Bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

void SodiumBlake2b(benchmark::State& state) {
  const std::vector<std::string> subjects = MakeSubjects();
  const unsigned char key[32] = {};
  unsigned char digest[32];
  std::size_t i = 0;
  for (auto _ : state) {
    const std::string& subject = subjects[i++ % subjects.size()];
    crypto_generichash(digest, sizeof digest, Bytes(subject), subject.size(), key, sizeof key);
    benchmark::DoNotOptimize(digest);
  }
  state.SetItemsProcessed(state.iterations());
}

void SodiumHmacSha256(benchmark::State& state) {
  const std::vector<std::string> subjects = MakeSubjects();
  const unsigned char key[32] = {};
  unsigned char digest[32];
  std::size_t i = 0;
  for (auto _ : state) {
    const std::string& subject = subjects[i++ % subjects.size()];
    crypto_auth_hmacsha256(digest, Bytes(subject), subject.size(), key);
    benchmark::DoNotOptimize(digest);
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(SodiumBlake2b);
BENCHMARK_CAPTURE(DeriveOne, blake2b, Suite::kBlake2b);
BENCHMARK_CAPTURE(DeriveMany, blake2b, Suite::kBlake2b);
BENCHMARK(SodiumHmacSha256);
BENCHMARK_CAPTURE(DeriveOne, hmac_sha256, Suite::kHmacSha256);
BENCHMARK_CAPTURE(DeriveMany, hmac_sha256, Suite::kHmacSha256);

}  // namespace
