// The file of a mapping store that anybody may have changed. Input: a byte; then changes to a store
// of format 1 (0 modulo 3) or of this one (1), each a place of four bytes and what is XORed to it;
// or the whole file (2). It opens or not, and nobody is answered but who was stored.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/fuzz_target.h"
#include "moniker/resolver.h"
#include "moniker/sqlite_backend.h"
#include "moniker/vault.h"
#include "support/records.h"
#include "support/sample_people.h"
#include "support/temporary_folder.h"

namespace moniker::testing {
namespace {

const std::string kOldVault = MONIKER_TEST_DIR "/data/vault-format-1/";

struct Place {
  Place() {
    WriteBytes(folder.File("key"), ReadBytes(kOldVault + "key"));
    key.emplace(Expect(Protector::KeyFile(folder.File("key"))));
    old_store = ReadBytes(kOldVault + "store.sqlite");
    PutStore(old_store);
    Expect(Vault::Open(vault(), *key));
    Expect(Expect(OpenSqliteStore(vault()))->Checkpoint());
    store = ReadBytes(vault() + "/store.sqlite");
    people = ReadFlatObjects(kOldVault + "people.json");
  }

  std::string vault() const { return folder.File("v"); }

  void PutStore(std::string_view bytes) const {
    std::filesystem::remove_all(vault());
    std::filesystem::create_directory(vault());
    WriteBytes(vault() + "/keyring", ReadBytes(kOldVault + "keyring"));
    WriteBytes(vault() + "/store.lock", "");
    WriteBytes(vault() + "/store.sqlite", bytes);
  }

  TemporaryFolder folder;
  std::optional<Protector> key;
  std::string old_store;
  std::string store;
  std::vector<std::map<std::string, std::string>> people;
};

void ReadEverything(const Place& place) {
  const Result<Vault> vault = Vault::Open(place.vault(), *place.key);
  if (!vault.ok()) return;
  static_cast<void>(vault->Count());
  const Resolver resolver = Resolver::Create(*vault);
  for (const auto& person : place.people) {
    for (const char* member : {"external_id", "visit_external_id", "participant_id"}) {
      const auto id = person.find(member);
      if (id == person.end()) continue;
      const auto answer = resolver.Resolve(id->second, {.actor = "a", .purpose = "b"});
      if (!answer.ok()) continue;
      Require(answer->person.name.Expose() == person.at("name") &&
                  answer->person.id.Expose() == person.at("id") &&
                  answer->person.issuer == person.at("issuer"),
              "nobody is answered but who was stored");
    }
  }
}

}  // namespace

void FuzzOne(std::span<const std::uint8_t> bytes) {
  static const Place place;
  FuzzInput input(bytes);
  const int which = input.Byte() % 3;
  std::string store(FuzzInput::AsText(input.rest()));
  if (which < 2) {
    store = which == 0 ? place.old_store : place.store;
    while (!input.empty()) {
      char& changed = store[input.Number() % store.size()];
      changed = static_cast<char>(changed ^ input.Byte());
    }
  }
  place.PutStore(store);
  ReadEverything(place);
}

}  // namespace moniker::testing
