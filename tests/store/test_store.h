// A mapping store of a test: its keyring is a file, as that of a vault is, so that several stores
// over the same tables can rotate keys under one another.

#ifndef MONIKER_TESTS_STORE_TEST_STORE_H_
#define MONIKER_TESTS_STORE_TEST_STORE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "moniker/keyring.h"
#include "moniker/protector.h"
#include "store/mapping_store.h"
#include "store/person_payload.h"
#include "store/record_sealer.h"
#include "support/failing_backend.h"
#include "support/records.h"
#include "support/storage_kinds.h"
#include "support/temporary_folder.h"

namespace moniker::testing {

inline Scope Visit(std::string_view conference) { return Expect(Scope::Conference(conference)); }

inline std::uint32_t VersionOf(const SealedBytes& sealed) {
  return internal::ByteReader(internal::ByteView(sealed).subspan(6)).U32();
}

inline std::uint32_t StorageEpochOf(const SealedBytes& sealed) {
  return internal::ByteReader(internal::ByteView(sealed).subspan(2)).U32();
}

inline std::string IdOf(const internal::MappingStore::Admitted& admitted) {
  return std::string(admitted.pseudonym.external_id().text());
}

// What else there is: every change writes the manifest.
inline Content WithoutManifest(Content content) {
  std::erase_if(content[Table::kMeta], [](const SealedRecord& record) {
    return internal::IsManifest(Table::kMeta, record.tag);
  });
  return content;
}

class TestStore {
 public:
  using MappingStore = internal::MappingStore;
  using Admitted = MappingStore::Admitted;
  using Found = MappingStore::Found;

  explicit TestStore(VaultMode mode = VaultMode::kDerived, StorageKind kind = StorageKind::kMemory)
      : backend(MakeEmptyStore(kind, folder)) {
    const Keyring keyring = Expect(Keyring::Create({.app = "clinic-7", .mode = mode}));
    Expect(keyring.Save(keyring_path(), Expect(Protector::NewKeyFile(folder.File("key")))));
    Expect(MappingStore::Initialize(keyring, backend.get(), {}));
    store = Open();
  }

  std::string keyring_path() const { return folder.File("keyring"); }
  Keyring LoadKeyring() const {
    return Expect(Keyring::Load(keyring_path(), Protector::Remembered()));
  }
  MappingStore::KeyringSource Source() const {
    return [path = keyring_path()] { return Keyring::Load(path, Protector::Remembered()); };
  }

  std::unique_ptr<FailingBackend> View() const {
    return std::make_unique<FailingBackend>(backend, faults);
  }
  // Another store over the same tables, as another process would have.
  std::unique_ptr<MappingStore> Open() const {
    return Expect(MappingStore::Open(LoadKeyring(), View(), Source()));
  }
  std::unique_ptr<MappingStore> OpenWithoutSource() const {
    return Expect(MappingStore::Open(LoadKeyring(), View(), nullptr));
  }

  // As Vault::RotateKeys.
  Status Rotate(MappingStore& in, KeyKind kind) const {
    return in.ReplaceKeyring([&](const Keyring& now, StorageReader*) -> Result<Keyring> {
      Result<Keyring> next = now.WithNewEpoch(kind);
      if (!next.ok()) return next.status();
      const Status saved = next->SaveOver(keyring_path(), Protector::Remembered());
      if (!saved.ok()) return saved;
      return next;
    });
  }
  Status Rotate(KeyKind kind) const { return Rotate(*store, kind); }

  static Result<std::vector<Admitted>> TryToAdmit(MappingStore& in,
                                                  const std::vector<PersonView>& persons,
                                                  const Scope& scope = Scope::App(),
                                                  LabelStyle style = LabelStyle::kCode) {
    return in.AdmitMany({.persons = persons, .scope = scope, .label_style = style});
  }
  std::vector<Admitted> Admit(const std::vector<PersonView>& persons,
                              const Scope& scope = Scope::App(),
                              LabelStyle style = LabelStyle::kCode) const {
    return Expect(TryToAdmit(*store, persons, scope, style));
  }
  std::string AdmitOne(const PersonView& person, const Scope& scope = Scope::App()) const {
    return IdOf(Admit({person}, scope).at(0));
  }
  // What an identifier's external ID is, without storing anything; "" for who is not enrolled.
  std::string Derive(const Identifier& identifier, const Scope& scope = Scope::App()) const {
    const auto derived = Expect(store->PseudonymizeMany({&identifier, 1}, scope, std::nullopt));
    return derived.at(0) ? std::string(derived[0]->external_id().text()) : "";
  }

  static std::optional<Found> Find(MappingStore& in, std::string_view id) {
    return std::move(Expect(in.FindMany({&id, 1})).at(0));
  }
  std::optional<Found> Find(std::string_view id) const { return Find(*store, id); }

  // "issuer/id/name", " name=text" of each field, " +issuer/id" of each other identifier; "" for an
  // unknown ID, "gone" if it leads to nobody.
  static std::string Read(MappingStore& in, std::string_view id) {
    std::optional<Found> found = Find(in, id);
    if (!found) return "";
    const std::vector<std::optional<Person>> persons = Expect(in.ReadPersons({&found->link, 1}));
    if (!persons.at(0)) return "gone";
    std::string text = persons[0]->issuer;
    text.append("/").append(persons[0]->id.Expose());
    text.append("/").append(persons[0]->name.Expose());
    for (const Person::Field& field : persons[0]->fields) {
      text.append(" ").append(field.name).append("=").append(field.text.Expose());
    }
    for (const Person::OtherIdentifier& other : persons[0]->other_identifiers) {
      text.append(" +").append(other.issuer).append("/").append(other.id.Expose());
    }
    return text;
  }
  std::string Read(std::string_view id) const { return Read(*store, id); }

  Content content() const { return ContentOf(*backend); }
  std::uint64_t Count(Table table) const { return Expect(backend->Count(table)); }

  // What stands under a tag, opened.
  SecretBytes Payload(Table table, const RecordTag& tag) const {
    const auto sealed = FindOne(*backend, table, tag);
    if (!sealed) throw std::runtime_error("no such record");
    return std::move(Expect(store->keys()->sealer().Open(table, tag, *sealed)).payload);
  }
  // As whoever has the keys can write it.
  void Forge(Table table, const RecordTag& tag, internal::ByteView payload) const {
    const auto old = FindOne(*backend, table, tag);
    const std::uint32_t version = old ? VersionOf(*old) + 1 : 1;
    PutOne(*backend, table,
           {tag, Expect(store->keys()->sealer().Seal(table, tag, version, payload))});
  }

  internal::KeyEpochs StoredEpochs() const {
    const Keyring keyring = LoadKeyring();
    const auto sealer = Expect(internal::RecordSealer::Create(keyring));
    const RecordTag tag = Tag("settings");
    const auto opened =
        Expect(sealer.Open(Table::kMeta, tag, FindOne(*backend, Table::kMeta, tag).value()));
    return Expect(internal::DecodeSettings(opened.payload.Expose())).epochs;
  }

  TemporaryFolder folder;
  std::shared_ptr<StorageBackend> backend;
  std::shared_ptr<Faults> faults = std::make_shared<Faults>();
  std::unique_ptr<MappingStore> store;
};

// Every call to the backend that `operation` makes fails once, with each of several statuses. After
// each failure the store must hold what it held before.
inline void ForEveryFailingCall(Faults& faults, StorageBackend& behind,
                                const std::function<Status()>& operation, int at_least) {
  for (const Status& failure :
       {Status(StatusCode::kIo, "disk on fire", 5), Status(StatusCode::kNoSpace, "full", 28),
        Status(StatusCode::kClosed, "closed"), Status(StatusCode::kAltered, "damaged", 11)}) {
    const Content before = ContentOf(behind);
    int call = 0;
    while (true) {
      faults.Arm(call, failure);
      const Status status = operation();
      if (!faults.armed_call_reached()) {
        EXPECT_TRUE(status.ok()) << StatusCodeName(status.code());
        break;
      }
      EXPECT_EQ(status.code(), failure.code()) << call;
      EXPECT_EQ(status.locator(), failure.locator()) << call;
      EXPECT_EQ(status.message(), failure.message()) << call;
      ASSERT_EQ(ContentOf(behind), before) << call;
      ++call;
    }
    faults.Arm(Faults::kNever, Status::Ok());
    EXPECT_GE(call, at_least);
    // So that the next status meets an operation that has still something to do. Not the manifest:
    // a store that had seen a later one would say that it was rolled back; nor the audit log, whose
    // end it names.
    const auto transaction = Expect(behind.Begin());
    const bool had_manifest =
        std::ranges::any_of(before.at(Table::kMeta), [](const SealedRecord& record) {
          return record.tag == internal::ManifestTag();
        });
    for (const auto& [table, records] : ContentOf(*transaction)) {
      for (const SealedRecord& record : records) {
        const bool stays = internal::IsManifest(table, record.tag) || table == Table::kAudit;
        if (stays && had_manifest) continue;
        Expect(transaction->EraseMany(table, {&record.tag, 1}));
      }
      for (const SealedRecord& record : before.at(table)) {
        if (internal::IsManifest(table, record.tag)) continue;
        Expect(transaction->PutMany(table, {&record, 1}));
      }
    }
    Expect(transaction->Commit());
  }
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_STORE_TEST_STORE_H_
