// Persons made of markers, and lives for them: admitted, bound, resolved and refused in every way.
// See markers.h for why nothing here may hold a marker in a std::string or a literal, and why
// expectations compare truth values alone.

#ifndef MONIKER_TESTS_LEAK_MARKER_PERSONS_H_
#define MONIKER_TESTS_LEAK_MARKER_PERSONS_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "leak/markers.h"
#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
#include "support/status_matchers.h"
#include "support/test_vault.h"

namespace moniker::testing {

inline constexpr int kPersons = 5;
inline constexpr AccessReason kReason = {.actor = "dr-obrien", .purpose = "treatment"};

// The markers of a person: 0..19 in all. Then those for files alone, because the library keeps
// these as ordinary text: they are no part of a person.
constexpr int NameOf(int person) { return 4 * person; }
constexpr int IdOf(int person) { return 4 * person + 1; }
constexpr int EmailOf(int person) { return 4 * person + 2; }
constexpr int NoteOf(int person) { return 4 * person + 3; }
inline constexpr int kConference = 20;
inline constexpr int kActor = 21;
inline constexpr int kPurpose = 22;
inline constexpr int kAskedFor = 23;
constexpr bool IsForFilesAlone(int marker) { return marker >= 20 && marker <= 23; }
inline constexpr int kTyped = 24;

// The texts have a marker several times, because what frees memory may write over the first bytes,
// and identifiers have it once, because short texts are copied in another way than long ones.
struct MarkerPerson {
  MarkerPerson(PlainTexts& texts, int person)
      : name(texts.Make(NameOf(person), 3)),
        id(texts.Make(IdOf(person))),
        fields{{"email", texts.Make(EmailOf(person), 2, '@')},
               {"note", texts.Make(NoteOf(person), 40, '\n')}} {}

  PersonView view() const {
    return {.issuer = "mrn.hospital-a", .id = id, .name = name, .fields = fields};
  }
  PersonView without_fields() const { return {.issuer = "mrn.hospital-a", .id = id, .name = name}; }

  std::string_view name;
  std::string_view id;
  std::vector<FieldView> fields;
};

inline bool IsPerson(const Person& person, int number) {
  return person.fields.size() == 2 && Marker::Is(person.name.Expose(), NameOf(number), 3, ' ') &&
         Marker::Is(person.id.Expose(), IdOf(number), 1, ' ') &&
         Marker::Is(person.fields[0].text.Expose(), EmailOf(number), 2, '@') &&
         Marker::Is(person.fields[1].text.Expose(), NoteOf(number), 40, '\n');
}

// Keeps every status that was met, and counts those that were not as they should be.
class Statuses {
 public:
  void Want(const Status& status, StatusCode code) {
    met_.push_back(status);
    if (status.code() != code) {
      ADD_FAILURE() << "met " << StatusCodeName(status.code()) << " \"" << status.message()
                    << "\" instead of " << StatusCodeName(code);
    }
  }
  void Note(const Status& status) { met_.push_back(status); }

  const std::vector<Status>& met() const { return met_; }

 private:
  std::vector<Status> met_;
};

inline std::string Participant(int person) { return "participant-" + std::to_string(person); }

// Admits, updates, binds, checks and resolves every marker person, in both scopes and every way.
inline void LiveThrough(const Vault& vault, const Scope& conference, PlainTexts& texts,
                        Statuses* statuses) {
  const IdentityGate app = Expect(IdentityGate::Create(vault, {.scope = Scope::App()}));
  const IdentityGate visit =
      Expect(IdentityGate::Create(vault, {.scope = conference, .platform = "daily"}));
  std::vector<std::unique_ptr<MarkerPerson>> people;
  std::vector<PersonView> views;
  for (int i = 0; i < kPersons; ++i) {
    people.push_back(std::make_unique<MarkerPerson>(texts, i));
    views.push_back(people.back()->view());
  }
  const std::vector<std::string_view> roles(kPersons, "Patient");

  // One by one, without and with fields; then again, all at once; then in the conference.
  std::vector<std::string> ids;
  for (int i = 0; i < kPersons; ++i) {
    const auto person = static_cast<std::size_t>(i);
    Expect(app.Admit(people[person]->without_fields(), "Patient"));
    const SessionIdentity identity = Expect(app.Admit(views[person], "Clinician"));
    Expect(app.Bind(Participant(i), identity));
    ids.push_back(identity.external_id());
  }
  Expect(app.AdmitMany(views, roles));
  for (const SessionIdentity& identity : Expect(visit.AdmitMany(views, roles))) {
    ids.push_back(identity.external_id());
  }
  for (int i = 0; i < kPersons; ++i) {
    const auto person = static_cast<std::size_t>(i);
    const Identifier identifier = views[person].identifier();
    EXPECT_TRUE(Expect(app.Check(identifier, ids[person])));
    EXPECT_FALSE(Expect(app.Check(identifier, ids[(person + 1) % kPersons])));
    statuses->Want(app.Check(identifier, "no ID").status(), StatusCode::kInvalidArgument);
    EXPECT_TRUE(
        Expect(CheckExternalId(*vault.keyring(), conference, identifier, ids[person + kPersons])));
  }

  const Resolver resolver = Resolver::Create(vault);
  for (int i = 0; i < kPersons; ++i) {
    const auto person = static_cast<std::size_t>(i);
    for (const std::string& id : {ids[person], ids[person + kPersons], Participant(i)}) {
      const Resolved resolved = Expect(resolver.Resolve(id, kReason));
      EXPECT_TRUE(IsPerson(resolved.person, i));
    }
  }
  const std::vector<std::string_view> all(ids.begin(), ids.end());
  EXPECT_EQ(Expect(resolver.ResolveMany(all, kReason)).size(), ids.size());
}

// A vault in a folder, with an anchor of its owner's choice and an audit key beside it.
inline Vault MakeAnchoredVault(const TemporaryFolder& folder) {
  const std::string path = folder.File("clinic.vault");
  Expect(Vault::Create(path,
                       {.keyring = {.app = "clinic-7"},
                        .anchor = folder.File("anchor"),
                        .audit_key_file = folder.File("audit.key")},
                       Expect(Protector::NewKeyFile(folder.File("key")))));
  return Expect(Vault::Open(path));
}

// The backup of a vault, also left in a file of the folder.
inline std::string BackUp(const Vault& vault, const TemporaryFolder& folder) {
  std::string backup;
  Expect(vault.Backup([&](std::span<const std::uint8_t> part) {
    backup.append(part.begin(), part.end());
    return Status::Ok();
  }));
  WriteBytes(folder.File("backup"), backup);
  return backup;
}

// Erases two marker persons, one by identifier and one by ID, and in ways that are refused.
inline void EraseSome(const Vault& vault, PlainTexts& texts, const AccessReason& reason,
                      Statuses* statuses) {
  const MarkerPerson person(texts, 0);
  const std::string participant = Participant(1);
  const std::vector<ErasureTarget> targets = {person.view().identifier(), participant};
  EXPECT_EQ(Expect(vault.Erase(targets, reason)).found, std::vector<bool>(2, true));
  const std::vector<ErasureTarget> refused = {
      Identifier{.issuer = "mrn.hospital-a", .id = texts.Make(IdOf(2), 1, ' ', " ")}};
  statuses->Want(vault.Erase(refused, reason).status(), StatusCode::kInvalidArgument);
  const std::vector<ErasureTarget> unknown = {texts.Make(NameOf(2), 2)};
  EXPECT_EQ(Expect(vault.Erase(unknown, reason)).found, std::vector<bool>(1, false));
}

// Puts a backup in the place of the store; and one that was altered, which is refused.
inline void RestoreTwice(const std::string& backup, const TemporaryFolder& folder,
                         const AccessReason& reason, Statuses* statuses) {
  for (const bool altered : {true, false}) {
    std::string copy = backup;
    if (altered) copy[copy.size() / 2] ^= 1;
    std::string_view left = copy;
    const auto source = [&](std::span<std::uint8_t> memory) -> Result<std::size_t> {
      const std::size_t size = std::min(memory.size(), left.size());
      std::copy_n(left.begin(), size, memory.begin());
      left.remove_prefix(size);
      return size;
    };
    statuses->Want(Vault::Restore(folder.File("clinic.vault"), Protector::Remembered(), source,
                                  {.replace = true, .reason = reason}),
                   altered ? StatusCode::kAltered : StatusCode::kOk);
  }
}

// Gives every marker person to every call in a way that is refused.
inline void FailInAllWays(const Vault& vault, PlainTexts& texts, Statuses* statuses) {
  const IdentityGate gate = Expect(IdentityGate::Create(vault, {.scope = Scope::App()}));
  for (int i = 0; i < kPersons; ++i) {
    const MarkerPerson person(texts, i);
    const auto refuse = [&](const PersonView& view, std::string_view role) {
      statuses->Want(gate.Admit(view, role).status(), StatusCode::kInvalidArgument);
    };
    PersonView view = person.view();
    refuse(view, texts.Make(NameOf(i)));  // the role is a word of the name
    refuse(view, person.id);
    refuse(view, texts.Make(NoteOf(i), 3));
    view.name = texts.Make(NameOf(i), 3, ' ', "\n");
    refuse(view, "Patient");
    view.name = texts.Make(NameOf(i), 3, ' ', "\xff");
    refuse(view, "Patient");
    view.name = texts.Make(NameOf(i), 70);
    refuse(view, "Patient");
    view = person.view();
    view.id = texts.Make(IdOf(i), 1, ' ', " ");
    refuse(view, "Patient");
    view.id = texts.Make(IdOf(i), 70);
    refuse(view, "Patient");
    view.id = texts.Make(IdOf(i), 2, '\t');
    refuse(view, "Patient");
    view = person.view();
    view.issuer = texts.Make(IdOf(i));  // begins in upper case
    refuse(view, "Patient");
    std::vector<FieldView> fields = person.fields;
    fields.push_back({"email", person.fields[0].text});
    view = person.view();
    view.fields = fields;
    refuse(view, "Patient");
    fields.back() = {texts.Make(EmailOf(i)), "text"};
    view.fields = fields;
    refuse(view, "Patient");
    fields.back() = {"more", texts.Make(NoteOf(i), 2, '\r')};
    view.fields = fields;
    refuse(view, "Patient");
    fields.back() = {"more", texts.Make(NoteOf(i), 300)};
    view.fields = fields;
    refuse(view, "Patient");
    const std::vector<PersonView> many = {person.view(), view};
    const std::vector<std::string_view> roles(2, "Patient");
    statuses->Want(gate.AdmitMany(many, roles).status(), StatusCode::kInvalidArgument);
    const Identifier no_issuer = {.issuer = "", .id = person.id};
    statuses->Want(gate.Check(no_issuer, "m32pnb88e0wgd7hc26m7ph6zyfqm3092").status(),
                   StatusCode::kInvalidArgument);
  }
}

// Lets every call to the backend fail once while persons are admitted, bound and resolved.
inline void FailTheStore(const TestVault& test, PlainTexts& texts, Statuses* statuses) {
  const IdentityGate gate = Expect(IdentityGate::Create(*test.vault, {.scope = Scope::App()}));
  const Resolver resolver = Resolver::Create(*test.vault);
  const MarkerPerson person(texts, 0);
  const MarkerPerson other(texts, 1);
  const PersonView renamed = {
      .issuer = "mrn.hospital-a", .id = person.id, .name = other.name, .fields = person.fields};
  std::string id;
  const std::vector<std::function<Status()>> works = {
      [&] {
        const Result<SessionIdentity> identity = gate.Admit(person.view(), "Patient");
        if (identity.ok()) id = identity->external_id();
        return identity.status();
      },
      [&] { return gate.Admit(renamed, "Patient").status(); },
      [&] { return gate.Admit(person.view(), "Patient").status(); },
      [&] {
        const IdentityGate::Binding binding{"theirs", id};
        return IdentityGate::BindMany(*test.vault, {&binding, 1}).status();
      },
      [&] { return resolver.Resolve("theirs", kReason).status(); },
      [&] { return resolver.Resolve(id, kReason).status(); },
  };
  for (const auto& work : works) {
    for (int call = 0;; ++call) {
      test.faults->Arm(call, Status(StatusCode::kIo, "the store cannot be read or written"));
      const Status status = work();
      if (!test.faults->armed_call_reached()) break;
      statuses->Want(status, StatusCode::kIo);
    }
  }
  // And records that were altered, one table after the other.
  test.faults->Arm(Faults::kNever, Status());
  for (const Table table : {Table::kPerson, Table::kExternalId, Table::kParticipant}) {
    const std::vector<SealedRecord> records = ScanAll(*test.tables, table);
    for (SealedRecord record : records) {
      record.sealed.back() ^= 1;
      PutOne(*test.tables, table, record);
    }
    statuses->Want(resolver.Resolve(id, kReason).status(),
                   table == Table::kParticipant ? StatusCode::kOk : StatusCode::kAltered);
    statuses->Note(resolver.Resolve("theirs", kReason).status());
    statuses->Note(gate.Admit(person.view(), "Patient").status());
    for (const SealedRecord& record : records) PutOne(*test.tables, table, record);
  }
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_LEAK_MARKER_PERSONS_H_
