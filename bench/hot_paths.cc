// One hot path for callgrind, which counts from CALLGRIND_TOGGLE to CALLGRIND_TOGGLE: hot_paths.py.
// Usage: hot_paths derive-one|derive-1024|text-1024|render-1024|open-and-resolve FOLDER

#include <valgrind/callgrind.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/anonymizer.h"
#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
#include "moniker/vault.h"

namespace {

using namespace moniker;

template <typename Work>
bool Count(Work work) {
  if (!work()) return false;  // once before, for what is set up at first use
  CALLGRIND_TOGGLE_COLLECT;
  const bool done = work();
  CALLGRIND_TOGGLE_COLLECT;
  return done;
}

bool Derive(std::string_view path) {
  const auto root = MakePrf(Suite::kBlake2b, *SecretBytes::Allocate(kKeySize));
  const Anonymizer anonymizer = *Anonymizer::Create(**root, "bench", Scope::App());
  std::vector<std::string> ids;
  std::vector<Identifier> identifiers;
  for (int i = 0; i < 1024; ++i) ids.push_back(std::to_string(1'000'000'000'000 + i));
  for (const std::string& id : ids) identifiers.push_back({"mrn.hospital-alpha", id});
  std::vector<Pseudonym> pseudonyms(ids.size(), Pseudonym(Digest{}));
  std::vector<ExternalId::Text> texts(ids.size());
  if (path == "derive-one") {
    return Count([&] { return anonymizer.Pseudonymize(identifiers[0]).ok(); });
  }
  if (path == "derive-1024") {
    return Count([&] { return anonymizer.PseudonymizeMany(identifiers, pseudonyms).ok(); });
  }
  if (path == "text-1024") {
    return Count([&] { return anonymizer.ExternalIdsOfMany(identifiers, texts).ok(); });
  }
  if (path != "render-1024") return false;
  return Count([&] {
    for (std::size_t i = 0; i < texts.size(); ++i) pseudonyms[i].WriteExternalId(&texts[i]);
    return true;
  });
}

bool OpenAndResolve(const std::string& folder) {
  const auto protector = Protector::NewKeyFile(folder + "/key");
  Vault::Options options;
  options.keyring.app = "bench";
  if (!Vault::Create(folder + "/vault", std::move(options), *protector).ok()) return false;
  std::string id;
  {
    const Vault vault = *Vault::Open(folder + "/vault");
    const auto gate = IdentityGate::Create(vault, {.scope = Scope::App()});
    const auto who = gate->Admit({"mrn.hospital-a", "00123456", "Bench Person"}, "Patient");
    if (!who.ok()) return false;
    id = who->external_id();
  }
  return Count([&] {
    const auto vault = Vault::Open(folder + "/vault");
    const auto resolver = Resolver::Create(*vault);
    return resolver.Resolve(id, {"bench", "measurement"}).ok();
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string_view path = argv[1];
  const bool done = path == "open-and-resolve" ? OpenAndResolve(argv[2]) : Derive(path);
  if (!done) std::fprintf(stderr, "%s failed\n", argv[1]);
  return done ? 0 : 1;
}
