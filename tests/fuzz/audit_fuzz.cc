// An audit log that somebody changed. Input: changes to the entries of a whole log, each a byte,
// what is done; a byte, to which entry; and what it takes for that. Verification finds a fault if,
// and only if, an entry is gone, added or says something else, with the audit key and without it.

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "fuzz/fuzz_target.h"
#include "moniker/storage_backend.h"
#include "resolve/audit_verification.h"
#include "store/mapping_store.h"
#include "support/failing_backend.h"
#include "support/records.h"
#include "support/temporary_folder.h"

namespace moniker::testing {
namespace {

using internal::MappingStore;

constexpr std::uint64_t kEntries = 6;

// What each entry says, as it can be opened in its place; nothing for one that cannot.
using Sayings = std::map<RecordTag, std::optional<std::string>>;

struct Place {
  Place() {
    const Keyring keyring = Expect(Keyring::Create({.app = "clinic-7"}));
    Expect(keyring.Save(folder.File("keyring"), Expect(Protector::NewKeyFile(folder.File("key")))));
    SecretBytes key = Expect(SecretBytes::Allocate(32));
    std::ranges::fill(key.Expose(), std::uint8_t{7});
    first_key = Expect(SecretBytes::CopyOf(key.Expose()));
    Expect(MappingStore::Initialize(keyring, tables.get(), {}, nullptr, std::move(key)));
    store = Expect(
        MappingStore::Open(Expect(Keyring::Load(folder.File("keyring"), Protector::Remembered())),
                           std::make_unique<FailingBackend>(tables, faults), nullptr));
    for (std::uint64_t i = 1; i <= kEntries; ++i) {
      AuditEntry entry;
      entry.time_ms = i;
      entry.actor = i % 2 == 0 ? "dr-obrien" : "nurse-lee";
      entry.purpose = "treatment";
      entry.asked = static_cast<std::uint32_t>(i);
      Expect(store->AppendAuditEntry(entry));
    }
    content = ContentOf(*tables);
    sayings = SayingsOf(*tables);
    Require(sayings.size() == kEntries, "there is a log");
  }

  Sayings SayingsOf(StorageReader& reader) const {
    Sayings all;
    for (const SealedRecord& record : ScanAll(reader, Table::kAudit)) {
      const auto opened = store->keys()->sealer().Open(Table::kAudit, record.tag, record.sealed);
      all[record.tag] =
          opened.ok() ? std::optional(std::string(FuzzInput::AsText(opened->payload.Expose())))
                      : std::nullopt;
    }
    return all;
  }

  AuditFault Verify(StorageReader* reader, bool with_key) const {
    SecretBytes key;
    if (with_key) key = Expect(SecretBytes::CopyOf(first_key.Expose()));
    internal::AuditVerification verification(reader, *store->keys(), std::move(key), nullptr);
    return Expect(verification.Run({})).fault;
  }

  TemporaryFolder folder;
  SecretBytes first_key;
  std::shared_ptr<Faults> faults = std::make_shared<Faults>();
  std::shared_ptr<StorageBackend> tables = MakeMemoryBackend();
  std::unique_ptr<MappingStore> store;
  Content content;
  Sayings sayings;
};

void Change(const Place& place, StorageBackend* tables, FuzzInput* input) {
  const int what = input->Byte() % 5;
  const RecordTag tag = NumberTag(1 + input->Byte() % (kEntries + 2));
  std::optional<SealedBytes> sealed = FindOne(*tables, Table::kAudit, tag);
  switch (what) {
    case 0: EraseOne(*tables, Table::kAudit, tag); return;
    case 1: {  // as another one of the log was written
      const auto& rows = place.content.at(Table::kAudit);
      sealed = rows[input->Byte() % rows.size()].sealed;
      break;
    }
    case 2:
      if (!sealed) return;
      (*sealed)[input->Number() % sealed->size()] ^= input->Byte();
      break;
    case 3: {  // what it said, sealed anew after a change
      const auto said = place.sayings.find(tag);
      if (said == place.sayings.end()) return;
      std::string text = *said->second;
      char& byte = text[input->Number() % text.size()];
      byte = static_cast<char>(byte ^ input->Byte());
      sealed = Expect(
          place.store->keys()->sealer().Seal(Table::kAudit, tag, 1, internal::AsBytes(text)));
      break;
    }
    default:  // anything at all
      sealed = Expect(place.store->keys()->sealer().Seal(Table::kAudit, tag, 1,
                                                         internal::AsBytes(input->Text())));
  }
  PutOne(*tables, Table::kAudit, {tag, *sealed});
}

}  // namespace

void FuzzOne(std::span<const std::uint8_t> bytes) {
  static const Place place;
  const auto tables = MakeMemoryBackend();
  {
    const auto transaction = Expect(tables->Begin());
    for (const auto& [table, records] : place.content) {
      Expect(transaction->PutMany(table, records));
    }
    Expect(transaction->Commit());
  }
  FuzzInput input(bytes);
  while (!input.empty()) Change(place, tables.get(), &input);
  const bool is_whole = place.SayingsOf(*tables) == place.sayings;
  for (const bool with_key : {false, true}) {
    const AuditFault fault = place.Verify(tables.get(), with_key);
    Require((fault == AuditFault::kNone) == is_whole, "a log is found whole if it is");
  }
}

}  // namespace moniker::testing
