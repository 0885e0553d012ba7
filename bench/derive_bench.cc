// Derivation from identifiers: one, many to digests, many to text; by each kernel, beside
// libsodium's one-shot call over the same messages.

#include <benchmark/benchmark.h>
#include <sodium.h>

#include <cstdio>
#include <string>
#include <vector>

#include "crypto/kernels.h"
#include "moniker/anonymizer.h"
#include "moniker/label.h"
#include "moniker/prf.h"

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

void RenderText(benchmark::State& state) {
  std::vector<Pseudonym> pseudonyms(kCount, Pseudonym(Digest{1, 2, 3}));
  std::vector<ExternalId::Text> texts(kCount);
  for (auto _ : state) {
    for (std::size_t i = 0; i < kCount; ++i) pseudonyms[i].WriteExternalId(&texts[i]);
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
  benchmark::RegisterBenchmark("render/external-id", RenderText);
  benchmark::RegisterBenchmark("render/label-code", RenderLabel, moniker::LabelStyle::kCode);
  benchmark::RegisterBenchmark("render/label-words", RenderLabel, moniker::LabelStyle::kWords);
  return true;
}();

}  // namespace
