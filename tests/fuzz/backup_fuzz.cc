// A backup that anybody may have written. Input: a byte; then changes to a backup (0 modulo 3), or
// to what is sealed in it, which is then sealed anew under the key of the vault, as what a defect
// or a key holder may have put in (1); or the whole backup (2). What was changed without the key is
// refused, and what is restored is a store that is whole.

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fuzz/fuzz_target.h"
#include "moniker/storage_backend.h"
#include "store/backup.h"
#include "store/mapping_store.h"
#include "support/failing_backend.h"
#include "support/records.h"
#include "support/temporary_folder.h"

namespace moniker::testing {
namespace {

using internal::BackupReader;
using internal::BackupWriter;
using internal::MappingStore;

BackupReader::Source From(std::string_view* bytes) {
  return [bytes](std::span<std::uint8_t> memory) -> Result<std::size_t> {
    const std::size_t size = std::min(memory.size(), bytes->size());
    std::copy_n(bytes->begin(), size, memory.begin());
    bytes->remove_prefix(size);
    return size;
  };
}

BackupWriter::Sink To(std::string* bytes) {
  return [bytes](std::span<const std::uint8_t> part) {
    bytes->append(FuzzInput::AsText(part));
    return Status::Ok();
  };
}

struct Place {
  Place() {
    const Keyring keyring = Expect(Keyring::Create({.app = "clinic-7"}));
    Expect(keyring.Save(folder.File("keyring"), Expect(Protector::NewKeyFile(folder.File("key")))));
    std::shared_ptr<StorageBackend> tables = MakeMemoryBackend();
    Expect(MappingStore::Initialize(keyring, tables.get(), {}));
    const auto store =
        Expect(MappingStore::Open(LoadKeyring(), std::make_unique<FailingBackend>(tables, faults),
                                  [this] { return Result<Keyring>(LoadKeyring()); }));
    const std::vector<PersonView> persons = {{.issuer = "mrn", .id = "1", .name = "Ada Lovelace"},
                                             {.issuer = "mrn", .id = "2", .name = "Mary Jackson"}};
    Expect(store->AdmitMany({.persons = persons, .scope = Scope::App()}).status());
    Expect(store->Backup(To(&backup), nullptr));
    ReadPlain(keyring);
    Require(Restores(backup), "what nobody altered is restored");
    Require(Restores(SealAnew(plain)), "what was sealed anew is restored");
  }

  Keyring LoadKeyring() const {
    return Expect(Keyring::Load(folder.File("keyring"), Protector::Remembered()));
  }

  void ReadPlain(const Keyring& keyring) {
    std::string_view left = backup;
    BackupReader reader = Expect(BackupReader::Create(keyring, From(&left)));
    for (std::uint8_t byte = 0; reader.Read({&byte, 1}).ok();) {
      plain.push_back(static_cast<char>(byte));
    }
  }

  std::string SealAnew(std::string_view text) const {
    std::string sealed;
    BackupWriter writer = Expect(BackupWriter::Create(LoadKeyring(), To(&sealed)));
    Expect(writer.Append(internal::AsBytes(text)));
    Expect(writer.Finish());
    return sealed;
  }

  // Whether it can be restored; then it is a store.
  bool Restores(std::string_view bytes) const {
    const auto target = MakeMemoryBackend();
    internal::RestoreRequest request;
    request.source = From(&bytes);
    request.target = target.get();
    if (!internal::RestoreBackup(LoadKeyring(), request).ok()) return false;
    const auto report = MappingStore::Verify(
        target.get(), [this] { return Result<Keyring>(LoadKeyring()); }, nullptr, nullptr);
    Require(report.ok() && report->intact(), "what is restored is a store that is whole");
    return true;
  }

  TemporaryFolder folder;
  std::shared_ptr<Faults> faults = std::make_shared<Faults>();
  std::string backup;
  std::string plain;
};

// Each a place, what is done there, and a byte for that.
std::string Changed(std::string text, FuzzInput* input) {
  while (!input->empty() && !text.empty()) {
    const std::size_t at = input->Number() % text.size();
    const int what = input->Byte() % 4;
    const std::uint8_t byte = input->Byte();
    switch (what) {
      case 0: text[at] = static_cast<char>(text[at] ^ byte); break;
      case 1: text.erase(at, byte); break;
      case 2: text.insert(at, 1, static_cast<char>(byte)); break;
      default: text.resize(at);
    }
  }
  return text;
}

}  // namespace

void FuzzOne(std::span<const std::uint8_t> bytes) {
  static const Place place;
  FuzzInput input(bytes);
  switch (input.Byte() % 3) {
    case 0: {
      const std::string changed = Changed(place.backup, &input);
      Require(place.Restores(changed) == (changed == place.backup), "a change is refused");
      break;
    }
    case 1: {
      const std::string changed = Changed(place.plain, &input);
      if (!changed.empty()) static_cast<void>(place.Restores(place.SealAnew(changed)));
      break;
    }
    default: Require(!place.Restores(FuzzInput::AsText(input.rest())), "it is no backup");
  }
}

}  // namespace moniker::testing
