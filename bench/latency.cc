// How long each of many calls took: of those that an application waits for. bench/latency.py runs
// it.
//
// Usage: latency FOLDER COUNT
// Prints a line `name NANOSECONDS...` for each kind of call: 1,000 quantiles of COUNT calls (of
// COUNT / 20 for those that wait for the disk).

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "moniker/anonymizer.h"
#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
#include "moniker/vault.h"

namespace {

using namespace moniker;

constexpr std::size_t kPeople = 1000;
constexpr std::size_t kQuantiles = 1000;

template <typename Call>
void Print(const char* name, std::size_t count, Call call) {
  std::vector<double> taken;
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = std::chrono::steady_clock::now();
    if (!call(i)) {
      std::fprintf(stderr, "latency: %s failed\n", name);
      std::exit(1);
    }
    taken.push_back(
        std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count());
  }
  std::ranges::sort(taken);
  std::printf("%s", name);
  for (std::size_t i = 0; i < kQuantiles; ++i) {
    std::printf(" %.0f", taken[i * (count - 1) / (kQuantiles - 1)]);
  }
  std::printf("\n");
}

std::string IdOf(std::size_t i) { return "mrn-" + std::to_string(i); }

Vault MakeVault(const std::string& folder) {
  const auto protector = Protector::NewKeyFile(folder + "/key");
  Vault::Options options;
  options.keyring.app = "bench";
  if (!Vault::Create(folder + "/vault", std::move(options), *protector).ok()) std::exit(1);
  return *Vault::Open(folder + "/vault");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto count = static_cast<std::size_t>(std::atol(argv[2]));
  const Vault vault = MakeVault(argv[1]);
  const auto gate = IdentityGate::Create(vault, {.scope = Scope::App()});
  const auto resolver = Resolver::Create(vault);
  std::vector<std::string> external_ids;
  for (std::size_t i = 0; i < kPeople; ++i) {
    external_ids.push_back(
        gate->Admit({"mrn.hospital-a", IdOf(i), "Bench Person"}, "Patient")->external_id());
  }
  const auto root = MakePrf(Suite::kBlake2b, *SecretBytes::Allocate(kKeySize));
  const auto anonymizer = Anonymizer::Create(**root, "bench", Scope::App());

  Print("pseudonymize", count, [&](std::size_t i) {
    return anonymizer->Pseudonymize({"mrn.hospital-a", external_ids[i % kPeople]}).ok();
  });
  Print("check", count, [&](std::size_t i) {
    const std::string id = IdOf(i % kPeople);
    return gate->Check({"mrn.hospital-a", id}, external_ids[i % kPeople]).ok();
  });
  Print("admit-again", count / 20, [&](std::size_t i) {
    const std::string id = IdOf(i % kPeople);
    return gate->Admit({"mrn.hospital-a", id, "Bench Person"}, "Patient").ok();
  });
  Print("admit-new", count / 20, [&](std::size_t i) {
    const std::string id = IdOf(kPeople + i);
    return gate->Admit({"mrn.hospital-a", id, "Bench Person"}, "Patient").ok();
  });
  Print("resolve", count / 20, [&](std::size_t i) {
    return resolver.Resolve(external_ids[i % kPeople], {"bench", "measurement"}).ok();
  });
}
