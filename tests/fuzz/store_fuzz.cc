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
    people = ReadFlatObjects(kOldVault + "people.json");
    PutStore(old_store, "");
    RequireEverybody();
    Expect(Expect(OpenSqliteStore(vault()))->Checkpoint());
    store = ReadBytes(vault() + "/store.sqlite");
    head = ReadBytes(vault() + "/store.head");
    PutStore(store, head);
    RequireEverybody();
  }

  std::string vault() const { return folder.File("v"); }

  // Without a head as a vault of format 1 is.
  void PutStore(std::string_view bytes, std::string_view its_head) const {
    std::filesystem::remove_all(vault());
    std::filesystem::create_directory(vault());
    WriteBytes(vault() + "/keyring", ReadBytes(kOldVault + "keyring"));
    WriteBytes(vault() + "/store.lock", "");
    WriteBytes(vault() + "/store.sqlite", bytes);
    if (!its_head.empty()) WriteBytes(vault() + "/store.head", its_head);
  }

  // Answers how many IDs lead to somebody.
  std::size_t ReadEverything() const;
  // Otherwise nothing would be tried below.
  void RequireEverybody() const {
    Require(ReadEverything() >= 2 * people.size(), "what nobody altered answers everybody");
  }

  TemporaryFolder folder;
  std::optional<Protector> key;
  std::string old_store;
  std::string store;
  std::string head;
  std::vector<std::map<std::string, std::string>> people;
};

std::size_t Place::ReadEverything() const {
  static_cast<void>(Vault::Verify(this->vault(), *key));
  const Result<Vault> vault = Vault::Open(this->vault(), *key);
  if (!vault.ok()) return 0;
  std::size_t answers = 0;
  static_cast<void>(vault->Count());
  const Resolver resolver = Resolver::Create(*vault);
  for (const auto& person : people) {
    for (const char* member : {"external_id", "visit_external_id", "participant_id"}) {
      const auto id = person.find(member);
      if (id == person.end()) continue;
      const auto answer = resolver.Resolve(id->second, {.actor = "a", .purpose = "b"});
      if (!answer.ok()) continue;
      ++answers;
      Require(answer->person.name.Expose() == person.at("name") &&
                  answer->person.id.Expose() == person.at("id") &&
                  answer->person.issuer == person.at("issuer"),
              "nobody is answered but who was stored");
    }
  }
  return answers;
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
  place.PutStore(store, which == 0 ? "" : place.head);
  static_cast<void>(place.ReadEverything());
}

}  // namespace moniker::testing
