// Marker persons are admitted, bound, resolved and refused in every way; afterwards none of them is
// in any file or any Status (leak_memory_test.cc: nor in memory). See markers.h for why nothing
// here may hold a marker in a std::string or a literal, and why expectations compare truth values
// alone.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "leak/marker_persons.h"
#include "leak/markers.h"
#include "support/test_vault.h"

namespace moniker {
namespace {

namespace fs = std::filesystem;
using testing::Expect;
using testing::FailInAllWays;
using testing::FailTheStore;
using testing::kActor;
using testing::kAskedFor;
using testing::kConference;
using testing::kPurpose;
using testing::LiveThrough;
using testing::MarkerPerson;
using testing::MarkerSearch;
using testing::NoteOf;
using testing::Participant;
using testing::PlainTexts;
using testing::Statuses;
using testing::StorageKind;
using testing::TestVault;

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

// Likewise in every file that this process has open, also those that have no name any more.
std::string FindInOpenFiles(const MarkerSearch& search, int* files) {
  std::string found;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (!fs::is_regular_file(entry.path(), gone) || gone) continue;
    ++*files;
    for (const auto& hit : FindIn(search, testing::ReadBytes(entry.path()))) {
      found += entry.path().string() + ": marker " + std::to_string(hit.marker) + "\n";
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

TEST(LeakTest, NoMarkerIsInABackupAnAnchorOrWhatErasingAndRestoringLeave) {
  PlainTexts texts;
  const MarkerSearch search;
  Statuses statuses;
  const testing::TemporaryFolder folder;
  const AccessReason reason = {texts.Make(kActor, 3), texts.Make(kPurpose, 3)};
  int files = 0;
  int open_files = 0;
  std::string backup;
  {
    const Vault vault = testing::MakeAnchoredVault(folder);
    const Scope conference = Expect(Scope::Conference(texts.Make(kConference, 3)));
    LiveThrough(vault, conference, texts, &statuses);
    backup = testing::BackUp(vault, folder);
    testing::EraseSome(vault, texts, reason, &statuses);
    EXPECT_EQ(FindInOpenFiles(search, &open_files), "");
    EXPECT_EQ(FindInFiles(search, folder.path(), &files), "");
  }
  EXPECT_GE(open_files, 2);  // database and log
  testing::RestoreTwice(backup, folder, reason, &statuses);
  const Resolver resolver = Resolver::Create(Expect(Vault::Open(folder.File("clinic.vault"))));
  statuses.Want(resolver.Resolve(Participant(1), reason).status(), StatusCode::kNotFound);
  statuses.Want(resolver.Resolve(Participant(2), reason).status(), StatusCode::kOk);
  EXPECT_EQ(FindInFiles(search, folder.path(), &files), "");
  EXPECT_EQ(FindInMessages(search, statuses), "");
  EXPECT_GE(files, 2 * 8);  // keys, anchor, backup; keyring, database, lock and head
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

TEST(LeakControlTest, AMarkerInAFileWithoutANameIsFound) {
  PlainTexts texts;
  const MarkerSearch search;
  const testing::TemporaryFolder folder;
  testing::WriteBytes(folder.File("notes"), texts.Make(NoteOf(1), 2));
  const std::ifstream open(folder.File("notes"));
  fs::remove(folder.File("notes"));
  int files = 0;
  EXPECT_NE(FindInOpenFiles(search, &files), "");
}

}  // namespace
}  // namespace moniker
