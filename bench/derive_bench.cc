// Derivation from identifiers: one, many to digests, many to text; by each kernel, beside
// libsodium's one-shot call over the same messages.

#include <benchmark/benchmark.h>
#include <sodium.h>

#include <cstdio>
#include <string>
#include <vector>

#include "crypto/kernels.h"
#include "moniker/anonymizer.h"
#include "moniker/keyring.h"
#include "moniker/label.h"
#include "moniker/prf.h"
#include "pseudonym/rendering.h"
#include "store/store_keys.h"

namespace {

using moniker::Anonymizer;
using moniker::Digest;
using moniker::ExternalId;
using moniker::Identifier;
using moniker::Pseudonym;
using moniker::Suite;

constexpr std::size_t kCount = 1024;
constexpr char kIssuer[] = "mrn.hospital-alpha";  // with 13 characters, a subject of 35 bytes
const unsigned char kKey[32] = {1, 2, 3};

std::vector<std::string> MakeIds() {
  std::vector<std::string> ids(kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    char text[24];
    std::snprintf(text, sizeof text, "%013zu", i);
    ids[i] = text;
  }
  return ids;
}

struct Identifiers {
  std::vector<std::string> ids = MakeIds();
  std::vector<Identifier> views;
  Identifiers() {
    for (const std::string& id : ids) views.push_back({kIssuer, id});
  }
};

Anonymizer MakeAnonymizer(Suite suite, std::string_view kernel) {
  auto root =
      moniker::internal::MakePrfByKernel(suite, *moniker::SecretBytes::CopyOf(kKey), kernel);
  return *Anonymizer::Create(**root, "bench", moniker::Scope::App());
}

void SetItems(benchmark::State& state, std::size_t each) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(each));
}

void OneToText(benchmark::State& state, Suite suite, std::string_view kernel) {
  const Anonymizer anonymizer = MakeAnonymizer(suite, kernel);
  const Identifiers identifiers;
  std::size_t i = 0;
  for (auto _ : state) {
    const auto pseudonym = anonymizer.Pseudonymize(identifiers.views[i++ % kCount]);
    benchmark::DoNotOptimize(pseudonym->external_id());
  }
  SetItems(state, 1);
}

void ManyToDigests(benchmark::State& state, Suite suite, std::string_view kernel) {
  const Anonymizer anonymizer = MakeAnonymizer(suite, kernel);
  const Identifiers identifiers;
  std::vector<Pseudonym> pseudonyms(kCount, Pseudonym(Digest{}));
  for (auto _ : state) {
    if (!anonymizer.PseudonymizeMany(identifiers.views, pseudonyms).ok()) {
      state.SkipWithError("derivation failed");
    }
    benchmark::DoNotOptimize(pseudonyms.data());
    benchmark::ClobberMemory();
  }
  SetItems(state, kCount);
}

void ManyToText(benchmark::State& state, Suite suite, std::string_view kernel) {
  const Anonymizer anonymizer = MakeAnonymizer(suite, kernel);
  const Identifiers identifiers;
  std::vector<ExternalId::Text> texts(kCount);
  for (auto _ : state) {
    if (!anonymizer.ExternalIdsOfMany(identifiers.views, texts).ok()) {
      state.SkipWithError("derivation failed");
    }
    benchmark::DoNotOptimize(texts.data());
    benchmark::ClobberMemory();
  }
  SetItems(state, kCount);
}

// The same bytes: lp(issuer) || id.
void Sodium(benchmark::State& state, Suite suite) {
  std::vector<std::string> subjects;
  for (const std::string& id : MakeIds()) {
    subjects.push_back(std::string{static_cast<char>(sizeof kIssuer - 1), 0, 0, 0} + kIssuer + id);
  }
  std::vector<Digest> digests(kCount);
  for (auto _ : state) {
    for (std::size_t i = 0; i < kCount; ++i) {
      const auto* const subject = reinterpret_cast<const unsigned char*>(subjects[i].data());
      if (suite == Suite::kBlake2b) {
        crypto_generichash(digests[i].data(), 32, subject, subjects[i].size(), kKey, 32);
      } else {
        crypto_auth_hmacsha256(digests[i].data(), subject, subjects[i].size(), kKey);
      }
    }
    benchmark::DoNotOptimize(digests.data());
    benchmark::ClobberMemory();
  }
  SetItems(state, kCount);
}

// The key of a scope that is kept ready, or, with more of them than are kept, a new one.
void ScopeKey(benchmark::State& state, int conferences) {
  const auto keys =
      *moniker::internal::StoreKeys::Create(*moniker::Keyring::Create({.app = "bench"}));
  std::vector<moniker::Scope> scopes;
  for (int i = 0; i < conferences; ++i) {
    scopes.push_back(*moniker::Scope::Conference("visit-" + std::to_string(i)));
  }
  std::size_t i = 0;
  for (auto _ : state) {
    if (!keys->AnonymizerOf(scopes[i++ % scopes.size()], 1).ok()) state.SkipWithError("failed");
  }
  SetItems(state, 1);
}

// One hash of what such a key is derived from.
void SodiumScopeKey(benchmark::State& state) {
  const std::string message = std::string("moniker/v1/scope") + std::string(5, 0) + "bench" +
                              std::string(5, 1) + "visit-10";
  Digest digest;
  for (auto _ : state) {
    crypto_generichash(digest.data(), 32, reinterpret_cast<const unsigned char*>(message.data()),
                       message.size(), kKey, 32);
    benchmark::DoNotOptimize(digest);
  }
  SetItems(state, 1);
}

void RenderTexts(benchmark::State& state, moniker::internal::Renderer renderer) {
  std::vector<Digest> digests(kCount, Digest{1, 2, 3});
  std::vector<ExternalId::Text> texts(kCount);
  for (auto _ : state) {
    renderer.render(digests, texts);
    benchmark::DoNotOptimize(texts.data());
    benchmark::ClobberMemory();
  }
  SetItems(state, kCount);
}

void RenderLabel(benchmark::State& state, moniker::LabelStyle style) {
  std::vector<Digest> digests(kCount, Digest{1, 2, 3});
  std::vector<std::array<char, moniker::Label::kMaxSize>> texts(kCount);
  for (auto _ : state) {
    for (std::size_t i = 0; i < kCount; ++i) {
      benchmark::DoNotOptimize(moniker::Label::Of(digests[i], style).WriteText(texts[i]));
    }
    benchmark::ClobberMemory();
  }
  SetItems(state, kCount);
}

const bool registered = [] {
  for (const Suite suite : {Suite::kBlake2b, Suite::kHmacSha256}) {
    const std::string group = "derive/" + std::string(SuiteName(suite)) + "/";
    benchmark::RegisterBenchmark((group + "libsodium").c_str(), Sodium, suite);
    for (const std::string_view kernel : moniker::internal::KernelNames(suite)) {
      const auto add = [&](const char* what, auto function) {
        return benchmark::RegisterBenchmark((group + what + std::string(kernel)).c_str(), function,
                                            suite, kernel);
      };
      add("one-to-text-", OneToText);
      add("many-to-digests-", ManyToDigests);
      add("many-to-text-", ManyToText);
    }
    const std::string_view fastest = moniker::internal::KernelNames(suite).back();
    for (const int threads : {1, 2}) {
      benchmark::RegisterBenchmark((group + "many-to-text-by-threads").c_str(), ManyToText, suite,
                                   fastest)
          ->Threads(threads)
          ->UseRealTime();
    }
  }
  benchmark::RegisterBenchmark("scope-key/libsodium", SodiumScopeKey);
  benchmark::RegisterBenchmark("scope-key/ready", ScopeKey, 8);
  benchmark::RegisterBenchmark("scope-key/new", ScopeKey, 1000);
  for (const moniker::internal::Renderer& renderer : moniker::internal::Renderers()) {
    benchmark::RegisterBenchmark(("render/external-id-" + std::string(renderer.name)).c_str(),
                                 RenderTexts, renderer);
  }
  benchmark::RegisterBenchmark("render/label-code", RenderLabel, moniker::LabelStyle::kCode);
  benchmark::RegisterBenchmark("render/label-words", RenderLabel, moniker::LabelStyle::kWords);
  return true;
}();

}  // namespace
