// Canonical forms of identifiers of each kind, beside a copy of the same bytes and, for text, what
// utf8proc takes for the same folding.

#include <benchmark/benchmark.h>
#include <utf8proc.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "pseudonym/canonical.h"

namespace {

using moniker::IdentifierKind;
using moniker::internal::AppendCanonical;
using moniker::internal::ByteWriter;

struct Sample {
  const char* name;
  IdentifierKind kind;
  std::string text;
};

void Canonical(benchmark::State& state, IdentifierKind kind, const std::string& text) {
  std::array<std::uint8_t, moniker::kMaxIdentifierSize> memory;
  for (auto _ : state) {
    ByteWriter writer(memory);
    if (!AppendCanonical(kind, text, &writer).ok()) state.SkipWithError("not canonical");
    benchmark::DoNotOptimize(memory);
  }
  state.SetItemsProcessed(state.iterations());
}

void Copy(benchmark::State& state, const std::string& text) {
  std::array<std::uint8_t, moniker::kMaxIdentifierSize> memory;
  for (auto _ : state) {
    std::size_t size = text.size();
    benchmark::DoNotOptimize(size);
    std::memcpy(memory.data(), text.data(), size);
    benchmark::DoNotOptimize(memory);
  }
  state.SetItemsProcessed(state.iterations());
}

void Utf8proc(benchmark::State& state, const std::string& text) {
  for (auto _ : state) {
    utf8proc_uint8_t* folded = nullptr;
    utf8proc_map(
        reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
        static_cast<utf8proc_ssize_t>(text.size()), &folded,
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD));
    benchmark::DoNotOptimize(folded);
    std::free(folded);
  }
  state.SetItemsProcessed(state.iterations());
}

const bool registered = [] {
  const Sample samples[] = {
      {"opaque", IdentifierKind::kOpaque, "0012-3456-7890"},
      {"opaque-beyond-ascii", IdentifierKind::kOpaque, "Patientenakte-Göttingen-17"},
      {"text", IdentifierKind::kText, "Jane  Q. O'Brien-Smith"},
      {"text-beyond-ascii", IdentifierKind::kText, "Zoë  Gröning-ΣΊΣΥΦΟΣ"},
      {"email", IdentifierKind::kEmail, "Jane.O.Brien@Clinic.Example.org"},
      {"email-beyond-ascii", IdentifierKind::kEmail, "zoë@klinik-göttingen.example"},
      {"phone", IdentifierKind::kPhone, "+44 (20) 7946-0958"},
  };
  for (const Sample& sample : samples) {
    const std::string group = std::string("canonical/") + sample.name + "/";
    benchmark::RegisterBenchmark((group + "moniker").c_str(), Canonical, sample.kind, sample.text);
    benchmark::RegisterBenchmark((group + "memcpy").c_str(), Copy, sample.text);
    if (sample.kind == IdentifierKind::kText) {
      benchmark::RegisterBenchmark((group + "utf8proc").c_str(), Utf8proc, sample.text);
    }
  }
  return true;
}();

}  // namespace
