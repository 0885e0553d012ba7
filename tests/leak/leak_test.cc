// Marker persons are admitted, bound, resolved and refused in every way; afterwards none of them is
// in any file, any Status, or the memory of this process. See markers.h for why nothing here may
// hold a marker in a std::string or a literal, and why expectations compare truth values alone.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "leak/markers.h"
#include "leak/own_memory.h"
#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
#include "support/status_matchers.h"
#include "support/test_vault.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MONIKER_SANITIZED 1
#else
#define MONIKER_SANITIZED 0
#endif

// A function of a shared library that is looked up on its first call has the processor's registers
// saved on the stack, with up to 64 bytes of what was just copied through them. That is the dynamic
// linker's doing, not the library's: so the program begins again with everything looked up
// beforehand.
__attribute__((constructor)) static void BindEverythingAtOnce(int, char** argv, char**) {
  if (::getenv("LD_BIND_NOW") != nullptr) return;
  ::setenv("LD_BIND_NOW", "1", 1);
  ::execv("/proc/self/exe", argv);
}

namespace moniker {
namespace {

namespace fs = std::filesystem;
using testing::Expect;
using testing::Marker;
using testing::MarkerSearch;
using testing::MemoryHit;
using testing::OwnMemory;
using testing::PlainTexts;
using testing::StorageKind;
using testing::TestVault;

constexpr int kPersons = 5;
constexpr AccessReason kReason = {.actor = "dr-obrien", .purpose = "treatment"};

// The markers of a person: 0..19 in all. Then those for files alone, because the library keeps
// these as ordinary text: they are no part of a person.
constexpr int NameOf(int person) { return 4 * person; }
constexpr int IdOf(int person) { return 4 * person + 1; }
constexpr int EmailOf(int person) { return 4 * person + 2; }
constexpr int NoteOf(int person) { return 4 * person + 3; }
constexpr int kConference = 20;
constexpr int kActor = 21;
constexpr int kPurpose = 22;
constexpr int kAskedFor = 23;
constexpr bool IsForFilesAlone(int marker) { return marker >= 20 && marker <= 23; }
constexpr int kTyped = 24;

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

bool IsPerson(const Person& person, int number) {
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

std::string Participant(int person) { return "participant-" + std::to_string(person); }

// Admits, updates, binds, checks and resolves every marker person, in both scopes and every way.
void LiveThrough(const Vault& vault, const Scope& conference, PlainTexts& texts,
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

// Gives every marker person to every call in a way that is refused.
void FailInAllWays(const Vault& vault, PlainTexts& texts, Statuses* statuses) {
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
void FailTheStore(const TestVault& test, PlainTexts& texts, Statuses* statuses) {
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
  test.faults->Arm(testing::Faults::kNever, Status());
  for (const Table table : {Table::kPerson, Table::kExternalId, Table::kParticipant}) {
    const std::vector<SealedRecord> records = testing::ScanAll(*test.tables, table);
    for (SealedRecord record : records) {
      record.sealed.back() ^= 1;
      testing::PutOne(*test.tables, table, record);
    }
    statuses->Want(resolver.Resolve(id, kReason).status(),
                   table == Table::kParticipant ? StatusCode::kOk : StatusCode::kAltered);
    statuses->Note(resolver.Resolve("theirs", kReason).status());
    statuses->Note(gate.Admit(person.view(), "Patient").status());
    for (const SealedRecord& record : records) testing::PutOne(*test.tables, table, record);
  }
}

std::vector<MarkerSearch::Hit> FindIn(const MarkerSearch& search, std::string_view text) {
  std::vector<std::uint8_t> bytes(text.begin(), text.end());
  return search.FindIn(bytes);
}

// Every hit in every file below a folder, and in the names of files and folders.
std::string FindInFiles(const MarkerSearch& search, const std::string& folder, int* files) {
  std::string found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string path = entry.path().string();
    for (const auto& hit : FindIn(search, path)) found += path + ": name, " + hit.form + "\n";
    if (!entry.is_regular_file()) continue;
    ++*files;
    for (const auto& hit : FindIn(search, testing::ReadBytes(path))) {
      found += path + ": marker " + std::to_string(hit.marker) + ", " + hit.form + "\n";
    }
  }
  return found;
}

std::string FindInMessages(const MarkerSearch& search, const Statuses& statuses) {
  std::string found;
  for (const Status& status : statuses.met()) {
    for (const auto& hit : FindIn(search, status.message())) {
      found += "marker " + std::to_string(hit.marker) + ", " + hit.form + "\n";
    }
  }
  return found;
}

// --- Files ---

TEST(LeakTest, NoMarkerIsInAnyFileOfTheVaultWhileItIsUsedOrAfterwards) {
  PlainTexts texts;
  const MarkerSearch search;
  Statuses statuses;
  int files = 0;
  std::optional<TestVault> test(StorageKind::kSqlite);
  {
    const Scope conference = Expect(Scope::Conference(texts.Make(kConference, 3)));
    LiveThrough(*test->vault, conference, texts, &statuses);
    FailInAllWays(*test->vault, texts, &statuses);
    const Resolver resolver = Resolver::Create(*test->vault);
    const AccessReason reason = {texts.Make(kActor, 3), texts.Make(kPurpose, 3)};
    statuses.Want(resolver.Resolve(texts.Make(kAskedFor, 3, '-'), reason).status(),
                  StatusCode::kNotFound);
    statuses.Want(resolver.Resolve(Participant(0), reason).status(), StatusCode::kOk);
    EXPECT_EQ(FindInFiles(search, test->folder.path(), &files), "");
  }
  EXPECT_GE(Expect(test->tables->Count(Table::kPerson)), 5u);
  test->vault.reset();
  test->tables.reset();
  EXPECT_EQ(FindInFiles(search, test->folder.path(), &files), "");
  EXPECT_GE(files, 2 * 4);  // key file, keyring, store.sqlite, store.lock; and the logs
}

TEST(LeakTest, NoMarkerIsInAFileAfterTheLogsAreCopiedIntoTheDatabase) {
  PlainTexts texts;
  const MarkerSearch search;
  Statuses statuses;
  const TestVault test(StorageKind::kSqlite);
  LiveThrough(*test.vault, Expect(Scope::Conference("visit-42")), texts, &statuses);
  // Enough for the log to be copied into the database: 4 MiB.
  const IdentityGate gate = Expect(IdentityGate::Create(*test.vault, {.scope = Scope::App()}));
  const auto size_before = fs::file_size(test.path() + "/store.sqlite");
  for (int round = 0; round < 400; ++round) {
    const std::string id = std::to_string(round);
    std::vector<PersonView> views;
    std::vector<std::string> ids;
    for (int i = 0; i < 10; ++i) ids.push_back(id + "-" + std::to_string(i));
    const MarkerPerson person(texts, 0);
    for (const std::string& one : ids) {
      views.push_back({.issuer = "mrn", .id = one, .name = person.name, .fields = person.fields});
    }
    const std::vector<std::string_view> roles(views.size(), "Patient");
    Expect(gate.AdmitMany(views, roles));
    if (fs::file_size(test.path() + "/store.sqlite") > size_before + (1 << 20)) break;
  }
  EXPECT_GT(fs::file_size(test.path() + "/store.sqlite"), size_before + (1 << 20));
  int files = 0;
  EXPECT_EQ(FindInFiles(search, test.folder.path(), &files), "");
}

TEST(LeakTest, NoMarkerIsInAnyStatus) {
  PlainTexts texts;
  const MarkerSearch search;
  Statuses statuses;
  const TestVault test(StorageKind::kMemory);
  LiveThrough(*test.vault, Expect(Scope::Conference("visit-42")), texts, &statuses);
  FailInAllWays(*test.vault, texts, &statuses);
  const TestVault failing(StorageKind::kMemory);
  FailTheStore(failing, texts, &statuses);
  EXPECT_GE(statuses.met().size(), 100u);
  EXPECT_EQ(FindInMessages(search, statuses), "");
}

TEST(LeakTest, WhatTheBackendSeesHasNoMarker) {
  PlainTexts texts;
  const MarkerSearch search;
  Statuses statuses;
  const TestVault test(StorageKind::kMemory);
  LiveThrough(*test.vault, Expect(Scope::Conference(texts.Make(kConference, 3))), texts, &statuses);
  int records = 0;
  for (const auto& [table, content] : test.content()) {
    for (const SealedRecord& record : content) {
      ++records;
      std::vector<std::uint8_t> bytes(record.tag.bytes().begin(), record.tag.bytes().end());
      bytes.insert(bytes.end(), record.sealed.begin(), record.sealed.end());
      EXPECT_TRUE(search.FindIn(bytes).empty()) << "table " << static_cast<int>(table);
    }
  }
  EXPECT_GE(records, 5 + 10 + 5 + 16);
}

// --- Memory ---

// Runs `work` and lets everything of it be destroyed; the caller's stack is what it left there.
__attribute__((noinline)) void DoAndDestroy(const std::function<void(PlainTexts&)>& work) {
  PlainTexts texts;
  work(texts);
}

class LeakMemoryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (MONIKER_SANITIZED) GTEST_SKIP() << "a sanitizer's memory is too large to look through";
    ASSERT_EQ(testing::Describe(Find()), "");
  }

  std::vector<MemoryHit> Find(const PlainTexts* except = nullptr) {
    std::vector<MemoryHit> hits = memory_.Find(except);
    std::erase_if(hits, [](const MemoryHit& hit) { return IsForFilesAlone(hit.marker); });
    return hits;
  }

  // What is left in memory when `work` is over.
  std::string LeftBy(const std::function<void(PlainTexts&)>& work) {
    DoAndDestroy(work);
    const std::string found = testing::Describe(Find());
    EXPECT_GE(memory_.searched(), std::size_t{4} << 20);
    return found;
  }

  OwnMemory memory_;
};

TEST_F(LeakMemoryTest, NothingIsLeftOfPersonsOverMemory) {
  EXPECT_EQ(LeftBy([](PlainTexts& texts) {
              Statuses statuses;
              const TestVault test(StorageKind::kMemory);
              LiveThrough(*test.vault, Expect(Scope::Conference("visit-42")), texts, &statuses);
            }),
            "");
}

TEST_F(LeakMemoryTest, NothingIsLeftOfPersonsOverSqlite) {
  EXPECT_EQ(LeftBy([](PlainTexts& texts) {
              Statuses statuses;
              const TestVault test(StorageKind::kSqlite);
              LiveThrough(*test.vault, Expect(Scope::Conference("visit-42")), texts, &statuses);
            }),
            "");
}

TEST_F(LeakMemoryTest, NothingIsLeftOfPersonsWhoWereRefused) {
  EXPECT_EQ(LeftBy([](PlainTexts& texts) {
              Statuses statuses;
              const TestVault test(StorageKind::kMemory);
              FailInAllWays(*test.vault, texts, &statuses);
            }),
            "");
}

TEST_F(LeakMemoryTest, NothingIsLeftOfPersonsWhenTheStoreFails) {
  EXPECT_EQ(LeftBy([](PlainTexts& texts) {
              Statuses statuses;
              const TestVault test(StorageKind::kMemory);
              FailTheStore(test, texts, &statuses);
            }),
            "");
}

TEST_F(LeakMemoryTest, NothingIsLeftWithTheOtherSuite) {
  EXPECT_EQ(
      LeftBy([](PlainTexts& texts) {
        Statuses statuses;
        const TestVault test(Expect(Keyring::Create(
            {.app = "clinic-7", .suite = Suite::kHmacSha256, .identity_root = std::nullopt})));
        LiveThrough(*test.vault, Expect(Scope::Conference("visit-42")), texts, &statuses);
      }),
      "");
}

// Vault, gate and answers are alive: then persons are in secret memory and nowhere else.
TEST_F(LeakMemoryTest, APersonWhoWasResolvedIsInSecretMemoryAlone) {
  PlainTexts texts;
  const TestVault test(StorageKind::kSqlite);
  const IdentityGate gate = Expect(IdentityGate::Create(*test.vault, {.scope = Scope::App()}));
  const MarkerPerson person(texts, 0);
  const SessionIdentity identity = Expect(gate.Admit(person.view(), "Patient"));
  const Resolver resolver = Resolver::Create(*test.vault);
  const std::vector<std::string_view> ids = {identity.external_id()};
  const auto answers = Expect(resolver.ResolveMany(ids, kReason));
  ASSERT_TRUE(IsPerson(answers[0]->person, 0));
  const std::vector<MemoryHit> hits = Find(&texts);
  std::vector<MemoryHit> elsewhere;
  std::set<int> markers;
  for (const MemoryHit& hit : hits) {
    markers.insert(hit.marker);
    if (!hit.secret) elsewhere.push_back(hit);
  }
  EXPECT_EQ(testing::Describe(elsewhere), "");
  EXPECT_EQ(markers, (std::set{NameOf(0), IdOf(0), EmailOf(0), NoteOf(0)}));
}

// A name that somebody typed where an ID was asked for.
TEST_F(LeakMemoryTest, NothingIsLeftOfAnIdThatWasAskedFor) {
  EXPECT_EQ(LeftBy([](PlainTexts& texts) {
              const TestVault test(StorageKind::kMemory);
              const Resolver resolver = Resolver::Create(*test.vault);
              const std::string_view id = texts.Make(kTyped, 5, '-');
              EXPECT_EQ(resolver.Resolve(id, kReason).status().code(), StatusCode::kNotFound);
            }),
            "");
}

// --- The control: what is planted is found ---

TEST_F(LeakMemoryTest, AnOrdinaryCopyOnTheHeapIsFound) {
  PlainTexts texts;
  auto copy = std::make_unique<std::string>(texts.Make(NameOf(2), 3));
  std::vector<MemoryHit> hits = Find(&texts);
  ASSERT_EQ(hits.size(), 3u);
  EXPECT_EQ(hits[0].marker, NameOf(2));
  EXPECT_STREQ(hits[0].form, "raw");
  EXPECT_FALSE(hits[0].secret);
  copy.reset();  // freed, not wiped
  hits = Find(&texts);
  EXPECT_GE(hits.size(), 1u);
  // Overwritten, so that the next test begins without it.
  for (const MemoryHit& hit : hits) {
    ::explicit_bzero(reinterpret_cast<void*>(hit.address), Marker::kSize);
  }
}

TEST_F(LeakMemoryTest, AShortCopyOnTheStackIsFound) {
  PlainTexts texts;
  std::string copy(texts.Make(IdOf(3)));
  ASSERT_LE(copy.capacity(), 15u);
  const std::vector<MemoryHit> hits = Find(&texts);
  ::explicit_bzero(copy.data(), copy.size());
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].mapping, "[stack]");
}

TEST_F(LeakMemoryTest, ACopyInSecretMemoryIsFoundAndSaidToBeSecret) {
  PlainTexts texts;
  std::optional<SecretText> copy = Expect(SecretText::CopyOf(texts.Make(NoteOf(4))));
  const std::vector<MemoryHit> hits = Find(&texts);
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_TRUE(hits[0].secret);
  copy.reset();
  EXPECT_TRUE(Find(&texts).empty());
}

// Encoders of the test's own, so that a mistake in markers.h would show.
TEST(LeakControlTest, EveryFormOfEveryMarkerIsFound) {
  const MarkerSearch search;
  constexpr std::string_view kBase64 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int i = 0; i < testing::kMarkers; ++i) {
    PlainTexts texts;
    const std::string_view marker = texts.Make(i);
    std::string hex, upper, little, big;
    for (const char c : marker) {
      char digits[3];
      std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(c));
      hex += digits;
      std::snprintf(digits, sizeof digits, "%02X", static_cast<unsigned>(c));
      upper += digits;
      little += {c, '\0'};
      big += {'\0', c};
    }
    std::vector<std::pair<std::string, std::string>> forms = {{"raw", std::string(marker)},
                                                              {"hex", hex},
                                                              {"upper-case hex", upper},
                                                              {"UTF-16LE", little},
                                                              {"UTF-16BE", big}};
    for (std::size_t place = 0; place < 3; ++place) {
      const std::string bytes = std::string(place + 3, '?') + std::string(marker) + "????";
      std::string encoded;
      for (std::size_t at = 0; at + 3 <= bytes.size(); at += 3) {
        const auto byte = [&](std::size_t n) {
          return static_cast<unsigned>(static_cast<std::uint8_t>(bytes[at + n]));
        };
        const unsigned group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (const unsigned shift : {18u, 12u, 6u, 0u}) encoded += kBase64[group >> shift & 63];
      }
      forms.emplace_back("base64", encoded);
    }
    for (auto& [form, text] : forms) {
      std::string inside = "some bytes before " + text + " and after";
      const auto hits =
          search.FindIn({reinterpret_cast<std::uint8_t*>(inside.data()), inside.size()});
      ASSERT_EQ(hits.size(), 1u) << form << " of marker " << i;
      EXPECT_EQ(hits[0].marker, i);
      EXPECT_EQ(hits[0].form, form);
      ::explicit_bzero(text.data(), text.size());
      ::explicit_bzero(inside.data(), inside.size());
    }
    for (std::string* text : {&hex, &upper, &little, &big}) {
      ::explicit_bzero(text->data(), text->size());
    }
  }
}

TEST(LeakControlTest, AMarkerInAFileIsFound) {
  PlainTexts texts;
  const MarkerSearch search;
  const testing::TemporaryFolder folder;
  testing::WriteBytes(folder.File("notes"), texts.Make(NoteOf(1), 2));
  int files = 0;
  EXPECT_NE(FindInFiles(search, folder.path(), &files), "");
  EXPECT_EQ(files, 1);
}

}  // namespace
}  // namespace moniker
