// Admitting: what comes out, what is stored, and that nothing comes out that is not stored.

#include "moniker/identity_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/anonymizer.h"
#include "moniker/avatar.h"
#include "moniker/resolver.h"
#include "support/child_process.h"
#include "support/hex.h"
#include "support/status_matchers.h"
#include "support/test_keyring.h"
#include "support/test_vault.h"

namespace moniker {
namespace {

using ::testing::ElementsAre;
using testing::Expect;
using testing::HasCode;
using testing::HasCodeAt;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::kJose;
using testing::kMaria;
using testing::kMariaId;
using testing::kMariaInVisit42;
using testing::SamplePeople;
using testing::SamplePerson;
using testing::StorageKind;
using testing::TestVault;

IdentityGate GateOf(const Vault& vault, IdentityGate::Options options = {.scope = Scope::App()}) {
  return Expect(IdentityGate::Create(vault, std::move(options)));
}

Scope Conference(std::string_view name) { return Expect(Scope::Conference(name)); }

// What is stored of a person: "name|field=text|field=text", or the code of the error.
std::string Stored(const Vault& vault, std::string_view external_id) {
  const Result<Resolved> resolved =
      Resolver::Create(vault).Resolve(external_id, {.actor = "test", .purpose = "test"});
  if (!resolved.ok()) return std::string(StatusCodeName(resolved.status().code()));
  std::string text(resolved->person.name.Expose());
  for (const Person::Field& field : resolved->person.fields) {
    text += "|" + field.name + "=" + std::string(field.text.Expose());
  }
  return text;
}

class IdentityGateTest : public ::testing::TestWithParam<StorageKind> {
 protected:
  const Vault& vault() const { return *test_.vault; }

  TestVault test_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Backends, IdentityGateTest,
                         ::testing::Values(StorageKind::kMemory, StorageKind::kSqlite),
                         testing::NameOf);

// --- What comes out ---

TEST_P(IdentityGateTest, ThePeopleOfTheSamplesGetTheirIdsLabelsAndAvatars) {
  const IdentityGate gate = GateOf(vault());
  for (const SamplePerson& person : SamplePeople()) {
    const Result<SessionIdentity> identity = gate.Admit(person.view(), person.role);
    ASSERT_THAT(identity, IsOk());
    EXPECT_EQ(identity->external_id(), person.external_id);
    EXPECT_EQ(identity->display_name(), person.display_name);
    EXPECT_EQ(identity->avatar_url(), person.avatar_url);
    EXPECT_EQ(identity->pseudonym().external_id().text(), person.external_id);
    EXPECT_EQ(Stored(vault(), person.external_id), person.name);
  }
}

TEST_P(IdentityGateTest, AConferenceHasIdsLabelsAndAvatarsOfItsOwn) {
  const SessionIdentity app = Expect(GateOf(vault()).Admit(kMaria, "Patient"));
  const SessionIdentity visit =
      Expect(GateOf(vault(), {.scope = Conference("visit-42")}).Admit(kMaria, "Patient"));
  const SessionIdentity other =
      Expect(GateOf(vault(), {.scope = Conference("visit-43")}).Admit(kMaria, "Patient"));
  EXPECT_EQ(app.external_id(), kMariaId);
  EXPECT_EQ(visit.external_id(), kMariaInVisit42);
  EXPECT_EQ(visit.display_name(), "Patient 0AZ-C67");
  EXPECT_EQ(visit.avatar_url(), "https://avatars.example.org/113.svg");
  EXPECT_NE(other.external_id(), app.external_id());
  EXPECT_NE(other.external_id(), visit.external_id());
  EXPECT_NE(other.display_name(), app.display_name());
  EXPECT_NE(other.display_name(), visit.display_name());
  // All three lead to the one person who is stored.
  EXPECT_EQ(Expect(test_.tables->Count(Table::kPerson)), 1u);
  EXPECT_EQ(Expect(test_.tables->Count(Table::kExternalId)), 3u);
  for (const SessionIdentity& identity : {app, visit, other}) {
    EXPECT_EQ(Stored(vault(), identity.external_id()), "Maria Jensen");
  }
}

TEST_P(IdentityGateTest, TheRoleIsShownAndChangesNothingElse) {
  const IdentityGate gate = GateOf(vault());
  const SessionIdentity patient = Expect(gate.Admit(kMaria, "Patient"));
  const SessionIdentity member = Expect(gate.Admit(kMaria, "Care-Team Member"));
  EXPECT_EQ(patient.display_name(), "Patient RCG-V3F");
  EXPECT_EQ(member.display_name(), "Care-Team Member RCG-V3F");
  EXPECT_EQ(member.external_id(), patient.external_id());
  EXPECT_EQ(member.avatar_url(), patient.avatar_url());
}

TEST_P(IdentityGateTest, TheIssuerBelongsToTheIdentifier) {
  const IdentityGate gate = GateOf(vault());
  const SessionIdentity a = Expect(gate.Admit(kMaria, "Patient"));
  const SessionIdentity b = Expect(
      gate.Admit({.issuer = "mrn.hospital-b", .id = kMaria.id, .name = "Someone Else"}, "Patient"));
  EXPECT_NE(a.external_id(), b.external_id());
  EXPECT_EQ(Stored(vault(), a.external_id()), "Maria Jensen");
  EXPECT_EQ(Stored(vault(), b.external_id()), "Someone Else");
}

TEST_P(IdentityGateTest, NoPartOfWhatIsSentIsOfTheNameOrTheIdentifier) {
  const PersonView person = {.issuer = "mrn.hospital-a", .id = "Q7-XYZZY", .name = "Zaphod Quux"};
  const SessionIdentity identity = Expect(GateOf(vault()).Admit(person, "Patient"));
  for (const std::string& sent :
       {identity.external_id(), identity.display_name(), identity.avatar_url()}) {
    for (const std::string_view part : {"Zaphod", "Quux", "XYZZY", "xyzzy", "zaphod", "quux"}) {
      EXPECT_EQ(sent.find(part), std::string::npos) << sent;
    }
  }
}

TEST_P(IdentityGateTest, AnUnknownPlatformIsRefused) {
  for (const std::string_view key : {"", "Daily", "dolbyio"}) {
    EXPECT_THAT(IdentityGate::Create(vault(), {.scope = Scope::App(), .platform = key}),
                HasCode(StatusCode::kInvalidArgument));
  }
}

TEST_P(IdentityGateTest, ThePlatformDecidesTheRenderingAlone) {
  for (const auto& [platform, sent] :
       {std::pair<std::string_view, std::string_view>("dolbyio-cpp", kMariaId),
        {"daily", "18ad55a1-0e07-80d3-8582-350f689bfe7d"},
        {"azure-communication", ""}}) {
    const IdentityGate gate = GateOf(vault(), {.scope = Scope::App(), .platform = platform});
    const SessionIdentity identity = Expect(gate.Admit(kMaria, "Patient"));
    EXPECT_EQ(identity.external_id(), sent);
    EXPECT_EQ(identity.pseudonym().external_id().text(), kMariaId);
    EXPECT_EQ(identity.display_name(), "Patient RCG-V3F");
  }
  EXPECT_EQ(Expect(test_.tables->Count(Table::kExternalId)), 1u);
  EXPECT_EQ(Stored(vault(), "18ad55a1-0e07-80d3-8582-350f689bfe7d"), "Maria Jensen");
}

TEST(DisplayNameTest, IsTheRoleAndTheLabelCodeAndRefusesWhatAdmitRefuses) {
  const Keyring keyring = testing::SampleKeyring();
  const Pseudonym pseudonym =
      Expect(Expect(Anonymizer::Create(keyring, Scope::App())).Pseudonymize(kMaria.identifier()));
  const Label label = Label::Of(pseudonym.digest(), LabelStyle::kCode);
  EXPECT_EQ(Expect(IdentityGate::DisplayName("Patient", kMaria, label)), "Patient RCG-V3F");
  for (const std::string_view role : {"", "Patient 1", " Patient", "Maria", "jensen"}) {
    EXPECT_THAT(IdentityGate::DisplayName(role, kMaria, label),
                HasCode(StatusCode::kInvalidArgument));
  }
  // "The person's name may be empty here."
  const PersonView nameless = {.issuer = "staff", .id = "jensen", .name = ""};
  EXPECT_EQ(Expect(IdentityGate::DisplayName("Patient", nameless, label)), "Patient RCG-V3F");
  EXPECT_THAT(IdentityGate::DisplayName("Jensen", nameless, label),
              HasCode(StatusCode::kInvalidArgument));
}

// --- Avatars ---

std::string AvatarWith(const Vault& vault, std::optional<std::string> url_template,
                       std::string_view platform = "generic") {
  return Expect(GateOf(vault, {.scope = Scope::App(),
                               .platform = platform,
                               .avatar_url_template = std::move(url_template)})
                    .Admit(kMaria, "Patient"))
      .avatar_url();
}

TEST_P(IdentityGateTest, TheGatesAvatarTemplateTakesThePlaceOfTheVaults) {
  EXPECT_EQ(AvatarWith(vault(), std::nullopt), "https://avatars.example.org/211.svg");
  EXPECT_EQ(AvatarWith(vault(), "https://cdn.example.org/{avatar}"), "https://cdn.example.org/211");
  EXPECT_EQ(AvatarWith(vault(), "https://cdn.example.org/one.svg"),
            "https://cdn.example.org/one.svg");
  EXPECT_EQ(AvatarWith(vault(), "https://{avatar}.example.org/p.svg?v=1&w=2#x"),
            "https://211.example.org/p.svg?v=1&w=2#x");
  EXPECT_EQ(AvatarWith(vault(), ""), "");
  EXPECT_EQ(AvatarWith(vault(), "data:"), AvatarDataUrl(211));
}

TEST_P(IdentityGateTest, EveryPlatformWithPicturesTakesTheLongestOneInline) {
  std::size_t longest = 0;
  for (int index = 0; index < 256; ++index) {
    longest = std::max(longest, AvatarDataUrl(static_cast<std::uint8_t>(index)).size());
  }
  for (const Platform& platform : Platforms()) {
    EXPECT_THAT(
        CheckField(platform, Platform::Part::kAvatarUrl, "data:" + std::string(longest - 5, 'x')),
        IsOk())
        << platform.key;
    const std::string expected = platform.avatar_url.name.empty() ? "" : AvatarDataUrl(211);
    EXPECT_EQ(AvatarWith(vault(), "data:", platform.key), expected) << platform.key;
  }
}

TEST_P(IdentityGateTest, APictureThatIsTooLongForAPlatformIsNamed) {
  Platform narrow = *FindPlatform("sendbird");
  narrow.avatar_url.max = AvatarDataUrl(211).size() - 1;
  const Status status = CheckField(narrow, Platform::Part::kAvatarUrl, AvatarDataUrl(211));
  EXPECT_THAT(status, HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(status.message(), "avatar URL: longer than the platform takes");
}

TEST_P(IdentityGateTest, APlatformWithoutPicturesGetsNone) {
  EXPECT_EQ(AvatarWith(vault(), std::nullopt, "livekit"), "");
  EXPECT_EQ(AvatarWith(vault(), "https://cdn.example.org/{avatar}", "daily"), "");
}

TEST_P(IdentityGateTest, AnAvatarTemplateThatCannotBeOneIsRefused) {
  for (const std::string_view bad :
       {"http://a.example/{avatar}", "ftp://a.example/", "avatars/{avatar}", " https://a.example/",
        "https://a.example/{avatar}/{avatar}", "https://a.example/{name}", "https://a.example/a b",
        "https://a.example/\u00e4", "https://a.example/\n", "https://a.example/}", "data:,",
        "data:image/svg+xml,{avatar}"}) {
    EXPECT_THAT(IdentityGate::Create(
                    vault(), {.scope = Scope::App(), .avatar_url_template = std::string(bad)}),
                HasCode(StatusCode::kInvalidArgument))
        << bad;
  }
}

TEST(IdentityGateAvatarTest, AVaultWithoutATemplateGivesNoAvatar) {
  const TestVault test(StorageKind::kSqlite, "");
  EXPECT_EQ(AvatarWith(*test.vault, std::nullopt), "");
  EXPECT_EQ(AvatarWith(*test.vault, "https://cdn.example.org/{avatar}"),
            "https://cdn.example.org/211");
}

// --- What is stored ---

TEST_P(IdentityGateTest, AnIdentityThatWasHandedOutIsInTheStore) {
  const IdentityGate gate = GateOf(vault());
  for (int i = 0; i < 20; ++i) {
    const std::string id = "id-" + std::to_string(i);
    const std::string name = "Name " + std::string(static_cast<std::size_t>(i) + 1, 'x');
    const SessionIdentity identity =
        Expect(gate.Admit({.issuer = "mrn.hospital-a", .id = id, .name = name}, "Patient"));
    EXPECT_EQ(Stored(vault(), identity.external_id()), name);
    EXPECT_EQ(Expect(test_.tables->Count(Table::kExternalId)), static_cast<std::uint64_t>(i) + 1);
  }
}

TEST_P(IdentityGateTest, AdmittingAgainWritesNothing) {
  const IdentityGate gate = GateOf(vault());
  const SessionIdentity first = Expect(gate.Admit(kMaria, "Patient"));
  const auto content = test_.content();
  const SessionIdentity again = Expect(gate.Admit(kMaria, "Patient"));
  const SessionIdentity other_gate = Expect(GateOf(vault()).Admit(kMaria, "Clinician"));
  EXPECT_EQ(test_.content(), content);
  EXPECT_EQ(again.external_id(), first.external_id());
  EXPECT_EQ(other_gate.external_id(), first.external_id());
}

TEST_P(IdentityGateTest, ANewNameTakesThePlaceOfTheOldOne) {
  const IdentityGate gate = GateOf(vault());
  const SessionIdentity before = Expect(gate.Admit(kMaria, "Patient"));
  PersonView married = kMaria;
  married.name = "Maria Hansen";
  const SessionIdentity after = Expect(gate.Admit(married, "Patient"));
  EXPECT_EQ(after.external_id(), before.external_id());
  EXPECT_EQ(Stored(vault(), kMariaId), "Maria Hansen");
  EXPECT_EQ(Expect(test_.tables->Count(Table::kPerson)), 1u);
}

TEST_P(IdentityGateTest, FieldsThatAreGivenAreBroughtUpToDateAndTheOthersStay) {
  const IdentityGate gate = GateOf(vault());
  PersonView person = kMaria;
  const std::vector<FieldView> first = {{"note", "line\n\tline"}, {"email", "maria@example.org"}};
  person.fields = first;
  Expect(gate.Admit(person, "Patient"));
  EXPECT_EQ(Stored(vault(), kMariaId), "Maria Jensen|email=maria@example.org|note=line\n\tline");
  const std::vector<FieldView> second = {{"ward", ""}, {"email", "m.jensen@example.org"}};
  person.fields = second;
  Expect(gate.Admit(person, "Patient"));
  Expect(gate.Admit(kMaria, "Patient"));
  EXPECT_EQ(Stored(vault(), kMariaId),
            "Maria Jensen|email=m.jensen@example.org|note=line\n\tline|ward=");
}

TEST_P(IdentityGateTest, MoreThanSixtyFourFieldsWithTheStoredOnesAreRefused) {
  std::vector<std::string> names;
  for (int i = 0; i < 66; ++i) names.push_back("field_" + std::to_string(i));
  const auto fields = [&](std::size_t from, std::size_t to) {
    std::vector<FieldView> views;
    for (std::size_t i = from; i < to; ++i) views.push_back({names[i], "text"});
    return views;
  };
  const IdentityGate gate = GateOf(vault());
  PersonView person = kMaria;
  const auto sixty_three = fields(0, 63);
  person.fields = sixty_three;
  ASSERT_THAT(gate.Admit(person, "Patient"), IsOk());
  const auto one_more = fields(62, 64);
  person.fields = one_more;
  ASSERT_THAT(gate.Admit(person, "Patient"), IsOk());
  const auto content = test_.content();
  const auto too_many = fields(64, 65);
  person.fields = too_many;
  EXPECT_THAT(gate.Admit(person, "Patient"), HasCode(StatusCode::kInvalidArgument));
  const auto sixty_five = fields(0, 65);
  person.fields = sixty_five;
  EXPECT_THAT(gate.Admit(person, "Patient"), HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(test_.content(), content);
}

// --- Persons that are refused ---

TEST_P(IdentityGateTest, NamesHaveOneToAThousandAndTwentyFourBytes) {
  const IdentityGate gate = GateOf(vault());
  PersonView person = kMaria;
  const auto admit = [&](const std::string& name) {
    person.name = name;
    return gate.Admit(person, "Qatient").status();
  };
  EXPECT_THAT(admit("x"), IsOk());
  EXPECT_THAT(admit(std::string(1024, 'x')), IsOk());
  std::string multi_byte;
  while (multi_byte.size() < 1023) multi_byte += "語";
  EXPECT_THAT(admit(multi_byte + "x"), IsOk());
  EXPECT_EQ(Stored(vault(), kMariaId), multi_byte + "x");
  const auto content = test_.content();
  EXPECT_THAT(admit(multi_byte + "xx"), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(admit(""), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(admit(std::string(1025, 'x')), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(admit("Maria\nJensen"), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(admit("Maria\u0085Jensen"), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(admit("Mar\xedia"), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(admit(std::string("Maria\0", 6)), HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(test_.content(), content);
}

TEST_P(IdentityGateTest, WhatIsRefusedStoresNothingAndTheMessageNamesTheField) {
  const std::vector<FieldView> twice = {{"email", "a"}, {"email", "b"}};
  const std::vector<FieldView> bad_name = {{"E-Mail", "a"}};
  const std::vector<FieldView> bad_text = {{"note", "a\rb"}};
  const std::string too_long(1025, 'x');
  const std::string long_issuer(65, 'x');
  struct Case {
    PersonView person;
    std::string_view role;
    std::string_view message;
  };
  const std::vector<Case> cases = {
      {{.issuer = "", .id = "1", .name = "A"}, "Patient", "issuer"},
      {{.issuer = "MRN", .id = "1", .name = "A"}, "Patient", "issuer"},
      {{.issuer = long_issuer, .id = "1", .name = "A"}, "Patient", "issuer"},
      {{.issuer = "mrn", .id = "", .name = "A"}, "Patient", "id"},
      {{.issuer = "mrn", .id = " 1", .name = "A"}, "Patient", "id"},
      {{.issuer = "mrn", .id = "1\t", .name = "A"}, "Patient", "id"},
      {{.issuer = "mrn", .id = "\xff", .name = "A"}, "Patient", "id"},
      {{.issuer = "mrn", .id = too_long, .name = "A"}, "Patient", "id"},
      {{.issuer = "mrn", .id = "1", .name = ""}, "Patient", "name"},
      {{.issuer = "mrn", .id = "1", .name = "A", .fields = twice}, "Patient", "field"},
      {{.issuer = "mrn", .id = "1", .name = "A", .fields = bad_name}, "Patient", "field"},
      {{.issuer = "mrn", .id = "1", .name = "A", .fields = bad_text}, "Patient", "field"},
      {kMaria, "", "role"},
      {kMaria, "Patient 1", "role"},
      {kMaria, "Maria", "role"},
      {kMaria, kMaria.name, "role"},
      {kMaria, kMaria.id, "role"},
  };
  const IdentityGate gate = GateOf(vault());
  const auto content = test_.content();
  for (const Case& one : cases) {
    const Result<SessionIdentity> identity = gate.Admit(one.person, one.role);
    EXPECT_THAT(identity, HasCode(StatusCode::kInvalidArgument));
    EXPECT_THAT(identity.status().message(), HasSubstr(one.message));
  }
  EXPECT_EQ(test_.content(), content);
}

// --- Many at once ---

TEST_P(IdentityGateTest, AdmitManyAnswersInTheOrderAsked) {
  const std::vector<SamplePerson> people = SamplePeople();
  std::vector<PersonView> persons;
  std::vector<std::string_view> roles;
  for (const SamplePerson& person : people) {
    persons.push_back(person.view());
    roles.push_back(person.role);
  }
  const auto identities = Expect(GateOf(vault()).AdmitMany(persons, roles));
  ASSERT_EQ(identities.size(), people.size());
  for (std::size_t i = 0; i < people.size(); ++i) {
    EXPECT_EQ(identities[i].external_id(), people[i].external_id);
    EXPECT_EQ(identities[i].display_name(), people[i].display_name);
    EXPECT_EQ(Stored(vault(), people[i].external_id), people[i].name);
  }
}

TEST_P(IdentityGateTest, AdmitManyTakesNobody) {
  const auto content = test_.content();
  const auto identities = GateOf(vault()).AdmitMany({}, {});
  ASSERT_THAT(identities, IsOk());
  EXPECT_TRUE(identities->empty());
  EXPECT_EQ(test_.content(), content);
}

TEST_P(IdentityGateTest, AdmitManyTakesSomeThousandsAndAllOfThemAreStored) {
  std::vector<std::string> ids;
  for (int i = 0; i < 3000; ++i) ids.push_back(std::to_string(i));
  std::vector<PersonView> persons;
  for (const std::string& id : ids) persons.push_back({.issuer = "mrn", .id = id, .name = id});
  const std::vector<std::string_view> roles(persons.size(), "Patient");
  const auto identities = Expect(GateOf(vault()).AdmitMany(persons, roles));
  std::set<std::string> external_ids;
  for (const SessionIdentity& identity : identities) external_ids.insert(identity.external_id());
  EXPECT_EQ(external_ids.size(), 3000u);
  EXPECT_EQ(Expect(test_.tables->Count(Table::kPerson)), 3000u);
  EXPECT_EQ(Expect(test_.tables->Count(Table::kExternalId)), 3000u);
  for (const std::size_t i : {0u, 63u, 64u, 65u, 2999u}) {
    EXPECT_EQ(Stored(vault(), identities[i].external_id()), ids[i]);
  }
}

TEST_P(IdentityGateTest, OneWhoIsRefusedKeepsAllTheOthersOut) {
  const IdentityGate gate = GateOf(vault());
  const auto content = test_.content();
  for (const std::size_t bad : {0u, 2u, 4u}) {
    std::vector<std::string> ids = {"1", "2", "3", "4", "5"};
    std::vector<PersonView> persons;
    for (const std::string& id : ids) persons.push_back({.issuer = "mrn", .id = id, .name = "A"});
    std::vector<std::string_view> roles(5, "Patient");

    auto bad_id = persons;
    bad_id[bad].id = "";
    EXPECT_THAT(gate.AdmitMany(bad_id, roles),
                HasCodeAt(StatusCode::kInvalidArgument, static_cast<std::int64_t>(bad)));
    auto bad_name = persons;
    bad_name[bad].name = "\n";
    EXPECT_THAT(gate.AdmitMany(bad_name, roles),
                HasCodeAt(StatusCode::kInvalidArgument, static_cast<std::int64_t>(bad)));
    roles[bad] = "Patient 7";
    EXPECT_THAT(gate.AdmitMany(persons, roles),
                HasCodeAt(StatusCode::kInvalidArgument, static_cast<std::int64_t>(bad)));
  }
  EXPECT_EQ(test_.content(), content);
}

TEST_P(IdentityGateTest, OneWhoseFieldsAreTooManyWithTheStoredOnesKeepsAllTheOthersOut) {
  std::vector<std::string> names;
  for (int i = 0; i < 65; ++i) names.push_back("field_" + std::to_string(i));
  std::vector<FieldView> fields;
  for (int i = 0; i < 64; ++i) fields.push_back({names[static_cast<std::size_t>(i)], ""});
  const IdentityGate gate = GateOf(vault());
  PersonView full = kMaria;
  full.fields = fields;
  Expect(gate.Admit(full, "Patient"));
  const auto content = test_.content();
  const std::vector<FieldView> one_more = {{names[64], ""}};
  PersonView too_full = kMaria;
  too_full.fields = one_more;
  const std::vector<PersonView> persons = {kJose, too_full};
  const std::vector<std::string_view> roles(2, "Patient");
  EXPECT_THAT(gate.AdmitMany(persons, roles), HasCodeAt(StatusCode::kInvalidArgument, 1));
  EXPECT_EQ(test_.content(), content);
}

TEST_P(IdentityGateTest, OfAPersonWhoComesTwiceTheLastNameCounts) {
  PersonView married = kMaria;
  married.name = "Maria Hansen";
  const std::vector<FieldView> fields = {{"email", "maria@example.org"}};
  PersonView with_email = kMaria;
  with_email.fields = fields;
  const std::vector<PersonView> persons = {kMaria, with_email, kJose, married};
  const std::vector<std::string_view> roles = {"Patient", "Patient", "Patient", "Mother"};
  const auto identities = Expect(GateOf(vault()).AdmitMany(persons, roles));
  EXPECT_EQ(identities[0].external_id(), identities[3].external_id());
  EXPECT_EQ(identities[3].display_name(), "Mother RCG-V3F");
  EXPECT_EQ(Stored(vault(), kMariaId), "Maria Hansen|email=maria@example.org");
  EXPECT_EQ(Expect(test_.tables->Count(Table::kPerson)), 2u);
  EXPECT_EQ(Expect(test_.tables->Count(Table::kExternalId)), 2u);
}

TEST_P(IdentityGateTest, AdmitManyNeedsARoleForEachPerson) {
  const std::vector<PersonView> persons = {kMaria, kJose};
  const std::vector<std::string_view> roles = {"Patient"};
  EXPECT_THAT(GateOf(vault()).AdmitMany(persons, roles), HasCode(StatusCode::kInvalidArgument));
}

// --- Lifetimes ---

TEST_P(IdentityGateTest, AGateOutlivesItsVault) {
  const IdentityGate gate = GateOf(vault());
  const Resolver resolver = Resolver::Create(vault());
  test_.vault.reset();
  const SessionIdentity identity = Expect(gate.Admit(kMaria, "Patient"));
  EXPECT_EQ(identity.external_id(), kMariaId);
  EXPECT_THAT(gate.Bind("theirs", identity), IsOk());
  EXPECT_TRUE(Expect(gate.Check(kMaria.identifier(), kMariaId)));
  const Resolved resolved = Expect(resolver.Resolve("theirs", {.actor = "a", .purpose = "b"}));
  EXPECT_EQ(resolved.person.name.Expose(), "Maria Jensen");
}

TEST_P(IdentityGateTest, AGateDoesNotKeepTheTextOfItsOptions) {
  auto platform = std::make_unique<std::string>("daily");
  const IdentityGate gate =
      GateOf(vault(), {.scope = Conference(std::string("visit-42")), .platform = *platform});
  platform->assign("xxxxx");
  platform.reset();
  EXPECT_EQ(Expect(gate.Admit(kMaria, "Patient")).external_id().size(), Uuid::kSize);
}

TEST_P(IdentityGateTest, AMovedGateGoesOn) {
  IdentityGate gate = GateOf(vault());
  const IdentityGate moved = std::move(gate);
  EXPECT_EQ(Expect(moved.Admit(kMaria, "Patient")).external_id(), kMariaId);
}

// kClosed: "object was moved from, has failed for good, or has crossed a fork". In a child, because
// it may crash.
TEST(IdentityGateMoveTest, AGateThatWasMovedFromIsClosed) {
  EXPECT_EQ(testing::InChild([] {
              const TestVault test(StorageKind::kMemory);
              IdentityGate gate = GateOf(*test.vault);
              const IdentityGate moved = std::move(gate);
              // NOLINTNEXTLINE(bugprone-use-after-move)
              return testing::Describe(gate.Admit(kMaria, "Patient").status());
            }),
            "closed");
}

TEST_P(IdentityGateTest, InTheChildOfAForkEverythingIsClosed) {
  const IdentityGate gate = GateOf(vault());
  const SessionIdentity identity = Expect(gate.Admit(kMaria, "Patient"));
  const auto content = test_.content();
  EXPECT_EQ(testing::InChild([&] {
              const IdentityGate::Binding binding{"p", kMariaId};
              const auto code = [](const Status& status) {
                return std::string(StatusCodeName(status.code()));
              };
              return code(gate.Admit(kMaria, "Patient").status()) + ", " +
                     code(gate.Admit(kJose, "Patient").status()) + ", " +
                     code(gate.Bind("p", identity)) + ", " +
                     code(IdentityGate::BindMany(vault(), {&binding, 1}).status()) + ", " +
                     code(gate.Check(kMaria.identifier(), kMariaId).status()) + ", " +
                     code(GateOf(vault()).Admit(kMaria, "Patient").status());
            }),
            "closed, closed, closed, closed, closed, closed");
  EXPECT_EQ(test_.content(), content);
  EXPECT_THAT(gate.Admit(kJose, "Patient"), IsOk());
}

// --- A store that fails ---

// Lets each call to the backend that `work` makes fail once, and expects nothing to have changed.
// Returns how many calls there are.
template <typename Work>
int ForEachFailure(const TestVault& test, const Status& failure, Work work) {
  const auto before = test.content();
  int call = 0;
  for (;; ++call) {
    SCOPED_TRACE(call);
    test.faults->Arm(call, failure);
    const Status status = work();
    const bool reached = test.faults->armed_call_reached();
    test.faults->Arm(testing::Faults::kNever, failure);
    if (!reached) {
      EXPECT_THAT(status, IsOk());
      return call;
    }
    EXPECT_EQ(status.code(), failure.code());
    EXPECT_EQ(status.message(), failure.message());
    EXPECT_EQ(test.content(), before);
  }
}

TEST(IdentityGateFailureTest, NobodyIsHandedOutWhoIsNotStored) {
  for (const Status& failure : {Status(StatusCode::kIo, "the store cannot be read or written", 5),
                                Status(StatusCode::kNoSpace, "no space for the store"),
                                Status(StatusCode::kReadOnly, "the store is read-only"),
                                Status(StatusCode::kClosed, "the store failed before")}) {
    const TestVault test(StorageKind::kMemory);
    const IdentityGate gate = GateOf(*test.vault);
    const auto admit = [&] {
      const Result<SessionIdentity> identity = gate.Admit(kMaria, "Patient");
      return identity.status();
    };
    // Settings and issuers are read for the kind; settings, issuers, person and link are read
    // without the lock; Begin; they are read again, and the manifest; issuers, person, link and
    // manifest are put; Commit.
    EXPECT_EQ(ForEachFailure(test, failure, admit), 17);
    EXPECT_EQ(Stored(*test.vault, kMariaId), "Maria Jensen");
  }
}

TEST(IdentityGateFailureTest, OfManyNobodyIsHandedOutOrStored) {
  const TestVault test(StorageKind::kMemory);
  const IdentityGate gate = GateOf(*test.vault);
  const std::vector<PersonView> persons = {kMaria, kJose, kMaria};
  const std::vector<std::string_view> roles(3, "Patient");
  const Status failure(StatusCode::kIo, "the store cannot be read or written");
  EXPECT_EQ(ForEachFailure(test, failure, [&] { return gate.AdmitMany(persons, roles).status(); }),
            17);
}

TEST(IdentityGateFailureTest, AnUpdateThatFailsLeavesThePersonAsStored) {
  const TestVault test(StorageKind::kMemory);
  const IdentityGate gate = GateOf(*test.vault);
  Expect(gate.Admit(kMaria, "Patient"));
  PersonView married = kMaria;
  married.name = "Maria Hansen";
  const Status failure(StatusCode::kNoSpace, "no space for the store");
  EXPECT_EQ(ForEachFailure(test, failure, [&] { return gate.Admit(married, "Patient").status(); }),
            13);
  EXPECT_EQ(Stored(*test.vault, kMariaId), "Maria Hansen");
}

TEST(IdentityGateFailureTest, WhoIsStoredAlreadyNeedsReadsAlone) {
  const TestVault test(StorageKind::kMemory);
  const IdentityGate gate = GateOf(*test.vault);
  Expect(gate.Admit(kMaria, "Patient"));
  const Status failure(StatusCode::kIo, "the store cannot be read or written");
  EXPECT_EQ(ForEachFailure(test, failure, [&] { return gate.Admit(kMaria, "Patient").status(); }),
            4);
}

TEST(IdentityGateFailureTest, CreateNeedsNoStore) {
  const TestVault test(StorageKind::kMemory);
  test.faults->Arm(0, Status(StatusCode::kIo, "the store cannot be read or written"));
  EXPECT_THAT(IdentityGate::Create(*test.vault, {.scope = Scope::App()}), IsOk());
  EXPECT_EQ(test.faults->calls.load(), 0);
}

TEST(IdentityGateFailureTest, CheckReadsAndWritesNothing) {
  const TestVault test(StorageKind::kMemory);
  const IdentityGate gate = GateOf(*test.vault);
  const Status failure(StatusCode::kIo, "the store cannot be read or written");
  const auto check = [&] { return gate.Check(kMaria.identifier(), kMariaId).status(); };
  EXPECT_GT(ForEachFailure(test, failure, check), 0);
  EXPECT_TRUE(Expect(gate.Check(kMaria.identifier(), kMariaId)));
}

TEST(IdentityGateFailureTest, ARecordThatWasAlteredIsAnErrorAndNothingIsHandedOut) {
  const TestVault test(StorageKind::kMemory);
  const IdentityGate gate = GateOf(*test.vault);
  Expect(gate.Admit(kMaria, "Patient"));
  for (const Table table : {Table::kPerson, Table::kExternalId}) {
    const SealedRecord record = testing::ScanAll(*test.tables, table).at(0);
    SealedRecord altered = record;
    altered.sealed.back() ^= 1;
    testing::PutOne(*test.tables, table, altered);
    EXPECT_THAT(gate.Admit(kMaria, "Patient"), HasCode(StatusCode::kAltered));
    testing::PutOne(*test.tables, table, record);
    EXPECT_THAT(gate.Admit(kMaria, "Patient"), IsOk());
  }
}

// Somebody who can write to the store moves one person's link under another's external ID.
TEST(IdentityGateFailureTest, ALinkUnderAnothersExternalIdIsAnError) {
  const TestVault test(StorageKind::kMemory);
  const IdentityGate gate = GateOf(*test.vault);
  Expect(gate.Admit(kMaria, "Patient"));
  Expect(gate.Admit(kJose, "Patient"));
  std::vector<SealedRecord> links = testing::ScanAll(*test.tables, Table::kExternalId);
  ASSERT_EQ(links.size(), 2u);
  std::swap(links[0].sealed, links[1].sealed);
  for (const SealedRecord& link : links) testing::PutOne(*test.tables, Table::kExternalId, link);
  EXPECT_THAT(gate.Admit(kMaria, "Patient"), HasCode(StatusCode::kAltered));
  EXPECT_EQ(Stored(*test.vault, kMariaId), "altered");
}

// --- Epochs ---

TEST(IdentityGateEpochTest, TheNewestEpochDecidesAndTheOlderOnesAreStillRecognised) {
  const std::vector<std::uint8_t> old_root = testing::Counting(32);
  const std::vector<std::uint8_t> new_root = testing::Counting(32, 100);
  Keyring old_keyring = testing::MakeKeyring({.keys = {{KeyKind::kIdentity, 1, old_root}}});
  const TestVault old_test(std::move(old_keyring));
  const SessionIdentity before = Expect(GateOf(*old_test.vault).Admit(kMaria, "Patient"));
  ASSERT_EQ(before.external_id(), kMariaId);

  const TestVault test(testing::MakeKeyring(
      {.keys = {{KeyKind::kIdentity, 1, old_root}, {KeyKind::kIdentity, 7, new_root}}}));
  const IdentityGate gate = GateOf(*test.vault);
  const SessionIdentity after = Expect(gate.Admit(kMaria, "Patient"));
  EXPECT_NE(after.external_id(), kMariaId);
  EXPECT_TRUE(Expect(gate.Check(kMaria.identifier(), after.external_id())));
  EXPECT_TRUE(Expect(gate.Check(kMaria.identifier(), kMariaId)));
  EXPECT_FALSE(Expect(gate.Check(kJose.identifier(), kMariaId)));
  EXPECT_FALSE(Expect(GateOf(*old_test.vault).Check(kMaria.identifier(), after.external_id())));
  const Resolved resolved =
      Expect(Resolver::Create(*test.vault)
                 .Resolve(after.external_id(), {.actor = "test", .purpose = "test"}));
  EXPECT_EQ(resolved.identity_epoch, 7u);
}

}  // namespace
}  // namespace moniker
