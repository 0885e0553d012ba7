// Defects that were found in other systems of this kind, by number: what is asked and answered.
//
//   D7  plain text in logs and errors
//   D8  failing open
//   D10 ambiguous encodings
//   D12 a random key made silently
//   D13 one canonical form when written, another when looked up
//
// The others are in stored_defects_test.cc. Whole programs and their memory: tests/leak, tests/cli.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "leaders/sample_use.h"
#include "moniker/anonymizer.h"
#include "store/person_payload.h"
#include "support/hex.h"
#include "support/marker_scan.h"
#include "support/status_matchers.h"
#include "support/test_vault.h"

namespace moniker {
namespace {

using testing::Expect;
using testing::GateTo;
using testing::HasCode;
using testing::IsOk;
using testing::StorageKind;
using testing::TemporaryFolder;
using testing::TestVault;

std::string NameOfMode(const ::testing::TestParamInfo<VaultMode>& info) {
  return std::string(VaultModeName(info.param));
}

class UsedDefectsTest : public ::testing::TestWithParam<VaultMode> {};

INSTANTIATE_TEST_SUITE_P(Modes, UsedDefectsTest,
                         ::testing::Values(VaultMode::kDerived, VaultMode::kEnrolled), NameOfMode);

// Everything that can be asked about a person, each of it one call or some.
struct Use {
  const TestVault& test;
  PersonView person;
  std::string_view participant;
  std::string external_id = {};

  std::vector<std::function<Status()>> Calls() {
    const IdentityGate gate = GateTo(*test.vault);
    return {
        [this, gate] {
          const Result<SessionIdentity> who = gate.Admit(person, "Patient");
          if (who.ok()) external_id = who->external_id();
          return who.status();
        },
        [this] {
          const IdentityGate::Binding binding{participant, external_id};
          return IdentityGate::BindMany(*test.vault, {&binding, 1}).status();
        },
        [this] { return Resolve(external_id); },
        [this] { return Resolve(participant); },
        [this, gate] {
          const Identifier identifier = person.identifier();
          const auto pseudonyms = gate.PseudonymizeMany({&identifier, 1});
          // A derived vault needs no store for it.
          if (test.vault->keyring()->mode() == VaultMode::kDerived) return Status::Ok();
          return pseudonyms.status();
        },
        [this] { return test.vault->Count().status(); },
    };
  }

  Status Resolve(std::string_view id) const {
    return Resolver::Create(*test.vault).Resolve(id, testing::kSampleReason).status();
  }
};

constexpr std::string_view kMarkerName = "Wilhelmina-Zuckerkandl";
constexpr std::string_view kMarkerId = "mrn-550-77-1234-x";
constexpr std::string_view kMarkerParticipant = "participant-marker-01";

// --- D7

TEST_P(UsedDefectsTest, D7NoErrorAndNoOutputHasAnythingOfAPerson) {
  std::vector<std::string> messages;
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  {
    const TestVault test(StorageKind::kMemory, "", GetParam());
    Use use{test,
            {.issuer = "mrn.hospital-a", .id = kMarkerId, .name = kMarkerName},
            kMarkerParticipant};
    for (const auto& call : use.Calls()) {
      for (int at = 0;; ++at) {
        test.faults->Arm(at, Status(StatusCode::kIo, "the store cannot be read or written"));
        messages.emplace_back(call().message());
        if (!test.faults->armed_call_reached()) break;
      }
    }
    test.faults->Arm(testing::Faults::kNever, Status());
    const IdentityGate gate = GateTo(*test.vault);
    for (const PersonView& wrong :
         std::vector<PersonView>{{.issuer = kMarkerName, .id = kMarkerId, .name = kMarkerName},
                                 {.issuer = "email", .id = kMarkerId, .name = kMarkerName},
                                 {.issuer = "mrn.hospital-a", .id = "", .name = kMarkerName},
                                 {.issuer = "mrn.hospital-a", .id = kMarkerId, .name = ""}}) {
      const Status status = gate.Admit(wrong, "Patient").status();
      EXPECT_THAT(status, HasCode(StatusCode::kInvalidArgument));
      messages.emplace_back(status.message());
    }
    messages.emplace_back(gate.Admit(use.person, kMarkerName).status().message());
    messages.emplace_back(use.Resolve(kMarkerName).message());
  }
  messages.push_back(::testing::internal::GetCapturedStdout());
  messages.push_back(::testing::internal::GetCapturedStderr());
  EXPECT_THAT(messages[messages.size() - 2], ::testing::IsEmpty()) << "the library is silent";
  EXPECT_THAT(messages[messages.size() - 1], ::testing::IsEmpty()) << "the library is silent";
  EXPECT_GE(messages.size(), 30u);
  for (const std::string& message : messages) {
    for (const std::string_view marker : {kMarkerName, kMarkerId, kMarkerParticipant}) {
      EXPECT_THAT(testing::FindMarker(message, marker), ::testing::IsEmpty());
    }
  }
}

// --- D8

TEST_P(UsedDefectsTest, D8EveryFailureIsAnErrorWithoutAnAnswer) {
  const TestVault test(StorageKind::kMemory, "", GetParam());
  Use use{
      test, {.issuer = "mrn.hospital-a", .id = kMarkerId, .name = kMarkerName}, kMarkerParticipant};
  int failures = 0;
  for (const auto& call : use.Calls()) {
    for (int at = 0;; ++at) {
      test.faults->Arm(at, Status(StatusCode::kIo, "the store cannot be read or written"));
      const Status status = call();
      if (!test.faults->armed_call_reached()) {
        EXPECT_THAT(status, IsOk());
        break;
      }
      // A derived vault tells pseudonyms without the store, but for the kind of the issuer.
      if (!status.ok()) {
        EXPECT_THAT(status, HasCode(StatusCode::kIo));
        ++failures;
      }
    }
  }
  EXPECT_GE(failures, 15);
}

TEST_P(UsedDefectsTest, D8NothingIsAnsweredWithWhatWasAsked) {
  const TestVault test(StorageKind::kMemory, "", GetParam());
  const std::vector<std::string> ids = testing::AdmitSamples(*test.vault, 1);
  const Resolver resolver = Resolver::Create(*test.vault);
  EXPECT_EQ(ids[0].find(testing::SampleId(0)), std::string::npos);
  for (const std::string& unknown : std::vector<std::string>{
           testing::SampleId(0), testing::SampleName(0), "p-1", "m32pnb88e0wgd7hc26m7ph6zyfqm3092",
           ids[0] + "0", ids[0].substr(1), "e1db5a01-1d2e-8f00-a000-000000000000"}) {
    EXPECT_THAT(resolver.Resolve(unknown, testing::kSampleReason), HasCode(StatusCode::kNotFound));
    const std::string_view view = unknown;
    EXPECT_FALSE(Expect(resolver.ResolveMany({&view, 1}, testing::kSampleReason)).at(0));
  }
  EXPECT_THAT(resolver.Resolve(ids[0], {.actor = "", .purpose = "treatment"}),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(resolver.Resolve(ids[0], {.actor = "dr-obrien", .purpose = ""}),
              HasCode(StatusCode::kInvalidArgument));
}

// --- D10

// Every text of one to three of these characters: where one field ends and the next begins cannot
// be told from the characters.
std::vector<std::string> ShortTexts() {
  std::vector<std::string> texts;
  for (const char a : std::string("a.")) {
    texts.push_back({a});
    for (const char b : std::string("a.")) {
      texts.push_back({a, b});
      for (const char c : std::string("a.")) texts.push_back({a, b, c});
    }
  }
  return texts;
}

TEST(UsedDefectsOnceTest, D10DifferentAppScopeIssuerAndIdentifierGiveDifferentPseudonyms) {
  const std::unique_ptr<Prf> root =
      Expect(MakePrf(Suite::kBlake2b, Expect(SecretBytes::Allocate(kKeySize))));
  const std::vector<std::string> texts = ShortTexts();
  std::vector<Scope> scopes = {Scope::App()};
  for (const std::string& text : texts) scopes.push_back(Expect(Scope::Conference(text)));
  std::set<Digest> digests;
  std::size_t tuples = 0;
  for (const std::string app : {"a", "a.", "a.a"}) {
    for (const Scope& scope : scopes) {
      const Anonymizer anonymizer = Expect(Anonymizer::Create(*root, app, scope));
      for (const std::string& issuer : texts) {
        for (const std::string& id : texts) {
          digests.insert(Expect(anonymizer.Pseudonymize({.issuer = issuer, .id = id})).digest());
          ++tuples;
        }
      }
    }
  }
  EXPECT_EQ(tuples, 3u * 15 * 14 * 14);
  EXPECT_EQ(digests.size(), tuples);
}

TEST(UsedDefectsOnceTest, D10DifferentPersonsHaveDifferentPayloads) {
  std::mt19937_64 random(10);
  const std::vector<std::string> texts = ShortTexts();
  const auto any = [&] { return std::string_view(texts[random() % texts.size()]); };
  std::map<std::string, std::string> tuple_of;  // by payload
  std::set<std::string> tuples;
  for (int i = 0; i < 20'000; ++i) {
    internal::StoredPerson person;
    std::string tuple;  // with separators that no text has
    const auto note = [&](std::string_view text) {
      tuple += std::string(text) + "|";
      return text;
    };
    const std::string_view value = note(any());
    person.identifiers = {{IdentifierKind::kOpaque, note(any()), value, {}}};
    person.name = note(any());
    std::set<std::string_view> names;
    for (std::uint64_t n = random() % 3; n > 0; --n) {
      const std::string_view name = random() % 2 == 0 ? "a" : "aa";
      if (names.insert(name).second) person.fields.push_back({name, any()});
    }
    std::sort(person.fields.begin(), person.fields.end(),
              [](const FieldView& a, const FieldView& b) { return a.name < b.name; });
    for (const FieldView& field : person.fields) {
      note(field.name);
      note(field.text);
    }
    const SecretBytes payload = Expect(internal::EncodePerson(person));
    const auto known = tuple_of.emplace(testing::ToHex(payload.Expose()), tuple);
    EXPECT_EQ(known.first->second, tuple);
    tuples.insert(tuple);
  }
  EXPECT_EQ(tuple_of.size(), tuples.size());
  EXPECT_GE(tuples.size(), 10'000u);
}

// --- D12

TEST_P(UsedDefectsTest, D12NoCallMakesAKeyByItself) {
  const TestVault test(StorageKind::kSqlite, "", GetParam());
  const std::string keyring = testing::ReadBytes(test.path() + "/keyring");
  const std::vector<std::string> ids = testing::AdmitSamples(*test.vault, 5);
  testing::BindSamples(*test.vault, ids);
  EXPECT_EQ(testing::AskAll(*test.vault, ids).right, 15);
  Expect(test.vault->Reseal());
  static_cast<void>(Expect(Vault::Open(test.path())));
  EXPECT_EQ(testing::ReadBytes(test.path() + "/keyring"), keyring);
  for (const KeyKind kind : {KeyKind::kIdentity, KeyKind::kStorage, KeyKind::kIndex}) {
    EXPECT_THAT(test.vault->keyring()->Epochs(kind), ::testing::ElementsAre(1));
  }
}

TEST_P(UsedDefectsTest, D12WhatIsMissingIsAnErrorAndIsNotMade) {
  const TemporaryFolder folder;
  const std::string path = folder.File("v");
  testing::CreateSampleVault(path, "", GetParam());
  const auto names = [&] {
    std::vector<std::string> all = testing::NamesIn(path);
    for (const std::string& name : testing::NamesIn(folder.path())) all.push_back(name);
    return std::set<std::string>(all.begin(), all.end());
  };
  EXPECT_THAT(Vault::Open(path), IsOk());
  for (const std::string& file :
       {folder.File("v.key"), path + "/keyring", path + "/store.sqlite", path + "/store.lock"}) {
    const std::string away = folder.File("away");
    std::filesystem::rename(file, away);
    const std::set<std::string> before = names();
    EXPECT_THAT(Vault::Open(path), HasCode(StatusCode::kNotFound)) << file;
    EXPECT_EQ(names(), before) << file;
    std::filesystem::rename(away, file);
    EXPECT_THAT(Vault::Open(path), IsOk());
  }
  EXPECT_THAT(Protector::KeyFile(folder.File("none")), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(Vault::Open(folder.File("none")), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(Protector::NewKeyFile(folder.File("v.key")), HasCode(StatusCode::kConflict));
}

// --- D13

struct Spellings {
  const char* issuer;
  IdentifierKind kind;
  std::vector<std::string> same;
};

const std::vector<Spellings>& AllSpellings() {
  static const std::vector<Spellings> all = {
      {"staff.names",
       IdentifierKind::kText,
       {"Jos\u00e9  Garc\u00eda", "jose\u0301 garci\u0301a", "JOS\u00c9 GARC\u00cdA",
        " jos\u00e9\u00a0garc\u00eda "}},
      {"staff.names", IdentifierKind::kText, {"Stra\u00dfe 5", "STRASSE 5", "stra\u1e9ee  5"}},
      {"staff.names", IdentifierKind::kText, {"\ufb01ona", "FIONA", "Fiona"}},
      {"email",
       IdentifierKind::kEmail,
       {"Ann.Lee@Example.ORG", "ann.lee@example.org", "ANN.LEE@EXAMPLE.org"}},
      {"phone",
       IdentifierKind::kPhone,
       {"+44 20 7946 0123", "+442079460123", "+44-20-7946-0123", "+44 (20) 7946.0123"}},
      {"mrn.hospital-a", IdentifierKind::kOpaque, {"00123-x"}},
      {"mrn.hospital-a", IdentifierKind::kOpaque, {"00123-X"}},
  };
  return all;
}

TEST_P(UsedDefectsTest, D13EverySpellingFindsWhatAnyOtherSpellingWrote) {
  const std::string name = "Quillon Vashti";
  for (std::size_t writes = 0; writes < 4; ++writes) {
    const TestVault test(StorageKind::kMemory, "", GetParam());
    Expect(test.vault->DeclareIssuer("staff.names", IdentifierKind::kText));
    const IdentityGate gate = GateTo(*test.vault);
    std::set<std::string> persons;
    for (const Spellings& one : AllSpellings()) {
      const std::string& written = one.same[writes % one.same.size()];
      const std::string id =
          Expect(gate.Admit({.issuer = one.issuer, .id = written, .name = name}, "Patient"))
              .external_id();
      EXPECT_TRUE(persons.insert(id).second) << "two persons are one";
      for (const std::string& asked : one.same) {
        const Identifier identifier{.issuer = one.issuer, .id = asked};
        EXPECT_TRUE(Expect(gate.Check(identifier, id))) << asked;
        const auto found = Expect(gate.PseudonymizeMany({&identifier, 1})).at(0);
        ASSERT_TRUE(found) << asked;
        EXPECT_EQ(found->external_id().text(), id) << asked;
        EXPECT_EQ(Expect(gate.Admit({.issuer = one.issuer, .id = asked, .name = name}, "Patient"))
                      .external_id(),
                  id);
      }
    }
    EXPECT_EQ(Expect(test.vault->Count()).persons, AllSpellings().size());
  }
}

}  // namespace
}  // namespace moniker
