// What a platform shall show from now on of somebody, and texts that go beside a session identity:
// nothing personal gets through the gate, in no spelling.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "moniker/avatar.h"
#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
#include "support/child_process.h"
#include "support/status_matchers.h"
#include "support/test_vault.h"
#include "support/vault_kinds.h"

namespace moniker {
namespace {

using testing::Expect;
using testing::HasCode;
using ::testing::HasSubstr;
using testing::InChild;
using testing::IsOk;
using testing::kJose;
using testing::StorageKind;
using testing::TestVault;
using testing::VaultKind;
using Change = IdentityGate::Change;

constexpr FieldView kFields[] = {{"email", "rosebud77@example.org"}, {"ward", "Neuro-Oncology"}};
constexpr PersonView kMaria = {
    .issuer = "mrn.hospital-a", .id = "00123456", .name = "Maria Jensen", .fields = kFields};

IdentityGate GateOf(const Vault& vault, IdentityGate::Options options = {.scope = Scope::App()}) {
  return Expect(IdentityGate::Create(vault, std::move(options)));
}

std::string MessageOf(const Status& status) { return std::string(status.message()); }

// Everything of an identity that a platform is sent, as one value.
std::vector<std::string> SentOf(const SessionIdentity& identity) {
  return {identity.external_id(), identity.display_name(), identity.avatar_url(),
          identity.metadata()};
}

class GateUpdateTest : public ::testing::TestWithParam<VaultKind> {
 protected:
  const Vault& vault() const { return *test_.vault; }
  Status UpdateName(std::string_view name, const PersonView& person = kMaria) const {
    return gate_.Update(maria_, person, {.display_name = name}).status();
  }

  TestVault test_{GetParam().storage, testing::kSampleAvatarTemplate, GetParam().mode};
  IdentityGate gate_ = GateOf(vault());
  SessionIdentity maria_ = Expect(gate_.Admit(kMaria, "Patient"));
};

INSTANTIATE_TEST_SUITE_P(Vaults, GateUpdateTest, ::testing::ValuesIn(testing::kAllVaultKinds),
                         testing::NameOfVaultKind);

// --- Names ---

TEST_P(GateUpdateTest, TheNameIsTheTextAndAllElseStays) {
  const SessionIdentity changed =
      Expect(gate_.Update(maria_, kMaria, {.display_name = "On hold (2 min)"}));
  EXPECT_EQ(changed.display_name(), "On hold (2 min)");
  EXPECT_EQ(changed.external_id(), maria_.external_id());
  EXPECT_EQ(changed.avatar_url(), maria_.avatar_url());
  EXPECT_EQ(changed.label(), maria_.label());
  EXPECT_EQ(changed.pseudonym().external_id(), maria_.pseudonym().external_id());
}

TEST_P(GateUpdateTest, AChangeOfNothingIsWhatWasThere) {
  EXPECT_EQ(SentOf(Expect(gate_.Update(maria_, kMaria, {}))), SentOf(maria_));
}

TEST_P(GateUpdateTest, ChangesAddUp) {
  const SessionIdentity named = Expect(gate_.Update(maria_, kMaria, {.display_name = "Queue 3"}));
  const SessionIdentity both = Expect(gate_.Update(named, kMaria, {.avatar_url = ""}));
  EXPECT_EQ(both.display_name(), "Queue 3");
  EXPECT_EQ(both.avatar_url(), "");
}

TEST_P(GateUpdateTest, ANameIsOneToSixtyFourPrintableAscii) {
  for (const std::string& name :
       {std::string("x"), std::string("~"), std::string(64, 'x'), std::string("<b>#1</b>")}) {
    EXPECT_THAT(UpdateName(name), IsOk()) << name;
  }
  for (const std::string& name :
       {std::string(), std::string(65, 'x'), std::string("a\x7F"), std::string("a\nb"),
        std::string("a\0b", 3), std::string("Caf\xC3\xA9"), std::string("\xFF")}) {
    EXPECT_THAT(UpdateName(name), HasCode(StatusCode::kInvalidArgument)) << name.size();
    EXPECT_THAT(MessageOf(UpdateName(name)), HasSubstr("display name"));
  }
}

// "Maria" and more in each encoding that outbound_guard_test.cc knows.
TEST_P(GateUpdateTest, ThePersonIsRefusedInEveryEncoding) {
  for (const char* name :
       {"Maria", "patient jensen", "MARIA", "%4D%61%72%69%61", "=4D=61=72=69=61", "4a656e73656e",
        "\\x4d\\x61\\x72\\x69\\x61", "&#77;&#97;&#114;&#105;&#97;",
        "&#x4D;&#x61;&#x72;&#x69;&#x61;", "\\u004d\\u0061\\u0072\\u0069\\u0061", "TWFyaWEgSmVuc2Vu",
        "TWFyaWE=", "MRN 0012-3456", "mrn:123456", "rosebud77@example.org", "rosebud77",
        "neuro oncology"}) {
    const Status status = UpdateName(name);
    EXPECT_THAT(status, HasCode(StatusCode::kInvalidArgument)) << name;
    EXPECT_EQ(MessageOf(status).find(name), std::string::npos);
  }
}

TEST_P(GateUpdateTest, WhatIsAnotherPersonsIsNotRefused) {
  EXPECT_THAT(UpdateName("Garcia"), IsOk());
  EXPECT_THAT(
      gate_.Update(Expect(gate_.Admit(kJose, "Patient")), kJose, {.display_name = "Garci\x61"}),
      HasCode(StatusCode::kInvalidArgument));
}

// --- Who ---

TEST_P(GateUpdateTest, TheIdentityOfAnotherPersonIsNotFound) {
  const SessionIdentity jose = Expect(gate_.Admit(kJose, "Patient"));
  EXPECT_THAT(gate_.Update(jose, kMaria, {.display_name = "Guest"}),
              HasCode(StatusCode::kNotFound));
  EXPECT_THAT(gate_.Update(maria_, kJose, {.display_name = "Guest"}),
              HasCode(StatusCode::kNotFound));
  EXPECT_THAT(gate_.Update(maria_, kJose, {}), HasCode(StatusCode::kNotFound));
  const PersonView nobody = {.issuer = "mrn.hospital-a", .id = "99999999", .name = "Xx Yy"};
  EXPECT_THAT(gate_.Update(maria_, nobody, {}), HasCode(StatusCode::kNotFound));
}

TEST_P(GateUpdateTest, TheIdentityOfAnotherScopeIsNotFound) {
  const IdentityGate visit = GateOf(vault(), {.scope = Expect(Scope::Conference("visit-42"))});
  EXPECT_THAT(visit.Update(maria_, kMaria, {.display_name = "Guest"}),
              HasCode(StatusCode::kNotFound));
  const SessionIdentity in_visit = Expect(visit.Admit(kMaria, "Patient"));
  EXPECT_THAT(gate_.Update(in_visit, kMaria, {.display_name = "Guest"}),
              HasCode(StatusCode::kNotFound));
  EXPECT_THAT(visit.Update(in_visit, kMaria, {.display_name = "Guest"}), IsOk());
}

TEST_P(GateUpdateTest, AnIdentityInAnyRenderingKeepsIt) {
  for (const auto& [platform, metadata] :
       std::initializer_list<std::pair<const char*, std::optional<Metadata>>>{
           {"daily", std::nullopt},
           {"azure-communication", std::nullopt},
           {"livekit", Metadata{.shard = 1}},
           {"generic", Metadata{.shard = 1}}}) {
    const IdentityGate gate =
        GateOf(vault(), {.scope = Scope::App(), .platform = platform, .metadata = metadata});
    const SessionIdentity who = Expect(gate.Admit(kMaria, "Patient"));
    const SessionIdentity changed = Expect(gate.Update(who, kMaria, {.display_name = "Guest"}));
    EXPECT_EQ(changed.external_id(), who.external_id()) << platform;
    EXPECT_EQ(changed.metadata(), who.metadata()) << platform;
  }
}

// --- Avatars ---

TEST_P(GateUpdateTest, AnAvatarIsOneOfTheTemplateOrNone) {
  for (int index = 0; index < 256; ++index) {
    const std::string url = "https://avatars.example.org/" + std::to_string(index) + ".svg";
    EXPECT_EQ(Expect(gate_.Update(maria_, kMaria, {.avatar_url = url})).avatar_url(), url);
  }
  const SessionIdentity none = Expect(gate_.Update(maria_, kMaria, {.avatar_url = ""}));
  EXPECT_EQ(none.avatar_url(), "");
  EXPECT_EQ(none.display_name(), maria_.display_name());
  for (const char* url :
       {"https://avatars.example.org/256.svg", "https://avatars.example.org/007.svg",
        "https://avatars.example.org/-1.svg", "https://avatars.example.org/{avatar}.svg",
        "https://avatars.example.org/7.svg?n=Maria", "https://avatars.example.org/7.svg ",
        "https://other.example.org/7.svg", "http://avatars.example.org/7.svg", "data:", "7", " "}) {
    EXPECT_THAT(gate_.Update(maria_, kMaria, {.avatar_url = url}),
                HasCode(StatusCode::kInvalidArgument))
        << url;
  }
}

TEST_P(GateUpdateTest, InlineAvatarsAreThe256PicturesAlone) {
  const IdentityGate gate =
      GateOf(vault(), {.scope = Scope::App(), .avatar_url_template = std::string("data:")});
  const SessionIdentity who = Expect(gate.Admit(kMaria, "Patient"));
  const std::string url = AvatarUrl("data:", 17);
  EXPECT_EQ(Expect(gate.Update(who, kMaria, {.avatar_url = url})).avatar_url(), url);
  EXPECT_THAT(gate.Update(who, kMaria, {.avatar_url = url + "#Maria"}),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(gate.Update(who, kMaria, {.avatar_url = "data:,Maria"}),
              HasCode(StatusCode::kInvalidArgument));
}

TEST_P(GateUpdateTest, AGateWithoutATemplateTakesNoAvatarButNone) {
  const IdentityGate gate =
      GateOf(vault(), {.scope = Scope::App(), .avatar_url_template = std::string()});
  const SessionIdentity who = Expect(gate.Admit(kMaria, "Patient"));
  EXPECT_THAT(gate.Update(who, kMaria, {.avatar_url = "https://avatars.example.org/7.svg"}),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(gate.Update(who, kMaria, {.avatar_url = ""}), IsOk());
}

// --- Platforms ---

// "Empty if [...] the platform has no such field" (session_identity.h).
TEST_P(GateUpdateTest, APlatformWithoutAvatarsTakesNone) {
  for (const char* platform : {"livekit", "daily", "vonage", "zoom-video"}) {
    const IdentityGate gate = GateOf(vault(), {.scope = Scope::App(), .platform = platform});
    const SessionIdentity who = Expect(gate.Admit(kMaria, "Patient"));
    EXPECT_EQ(who.avatar_url(), "");
    EXPECT_THAT(gate.Update(who, kMaria, {.avatar_url = "https://avatars.example.org/7.svg"}),
                HasCode(StatusCode::kInvalidArgument))
        << platform;
    EXPECT_EQ(Expect(gate.Update(who, kMaria, {.avatar_url = ""})).avatar_url(), "") << platform;
  }
}

// What was made for a platform without limits, and stays, is looked at too.
TEST_P(GateUpdateTest, WhatThePlatformDoesNotTakeIsRefused) {
  const SessionIdentity who =
      Expect(GateOf(vault(), {.scope = Scope::App(), .avatar_url_template = "data:"})
                 .Admit(kMaria, "Patient"));
  const IdentityGate sendbird = GateOf(vault(), {.scope = Scope::App(), .platform = "sendbird"});
  const std::size_t limit = FindPlatform("sendbird")->avatar_url.max;
  const Result<SessionIdentity> kept = sendbird.Update(who, kMaria, {.display_name = "Guest"});
  EXPECT_EQ(kept.ok(), who.avatar_url().size() <= limit);
  EXPECT_THAT(sendbird.Update(who, kMaria, {.avatar_url = ""}), IsOk());
}

TEST_P(GateUpdateTest, NothingIsStored) {
  const auto before = test_.content();
  Expect(gate_.Update(maria_, kMaria, {.display_name = "On hold", .avatar_url = ""}));
  EXPECT_THAT(UpdateName("Maria"), HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(test_.content(), before);
  EXPECT_EQ(SentOf(Expect(gate_.Admit(kMaria, "Patient"))), SentOf(maria_));
}

TEST_P(GateUpdateTest, AnIdentityOfAnOlderEpochIsStillOfItsPerson) {
  if (GetParam().storage == StorageKind::kMemory) {
    EXPECT_THAT(vault().RotateKeys(KeyKind::kIdentity), HasCode(StatusCode::kUnsupported));
    return;  // a vault in memory has no second epoch
  }
  ASSERT_THAT(vault().RotateKeys(KeyKind::kIdentity), IsOk());
  EXPECT_EQ(Expect(gate_.Update(maria_, kMaria, {.display_name = "Guest"})).external_id(),
            maria_.external_id());
}

// --- CheckOutbound ---

class GateOutboundTest : public GateUpdateTest {};

INSTANTIATE_TEST_SUITE_P(Vaults, GateOutboundTest, ::testing::ValuesIn(testing::kAllVaultKinds),
                         testing::NameOfVaultKind);

TEST_P(GateOutboundTest, TheMessageNamesThePartAndNotTheText) {
  constexpr FieldView kPhone[] = {{"phone", "+45 12 34 56 78"}};
  const PersonView with_phone = {
      .issuer = "mrn.hospital-a", .id = "00123456", .name = "Maria Jensen", .fields = kPhone};
  for (const auto& [person, text, part] :
       std::initializer_list<std::tuple<PersonView, const char*, const char*>>{
           {kMaria, "visit of Maria", "name"},
           {kMaria, "visit-00123456", "identifier"},
           {kMaria, "to rosebud77@example.org", "e-mail"},
           {with_phone, "call +4512345678", "telephone"},
           {kMaria, "Neuro-Oncology, room 3", "field"}}) {
    const Status status = gate_.CheckOutbound(person, text);
    EXPECT_THAT(status, HasCode(StatusCode::kInvalidArgument)) << text;
    EXPECT_THAT(MessageOf(status), HasSubstr(part));
  }
  EXPECT_THAT(gate_.CheckOutbound(kMaria, "visit-42"), IsOk());
  EXPECT_THAT(gate_.CheckOutbound(kMaria, ""), IsOk());
}

TEST_P(GateOutboundTest, TextsAndPersonsHaveTheirLimits) {
  EXPECT_THAT(gate_.CheckOutbound(kMaria, std::string(65'536, 'x')), IsOk());
  EXPECT_THAT(gate_.CheckOutbound(kMaria, std::string(65'537, 'x')),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(gate_.CheckOutbound(kMaria, "\xFF"), HasCode(StatusCode::kInvalidArgument));
  const PersonView nameless = {.issuer = "mrn.hospital-a", .id = "00123456", .name = ""};
  EXPECT_THAT(gate_.CheckOutbound(nameless, "visit of Maria"), IsOk());
  EXPECT_THAT(gate_.CheckOutbound(nameless, "visit 00123456"),
              HasCode(StatusCode::kInvalidArgument));
}

// What the vault declared decides which spellings are the identifier.
TEST_P(GateOutboundTest, AnIdentifierOfADeclaredIssuerIsFoundInTheSpellingsOfItsKind) {
  ASSERT_THAT(vault().DeclareIssuer("names.hospital-a", IdentifierKind::kText), IsOk());
  ASSERT_THAT(vault().DeclareIssuer("pager.hospital-a", IdentifierKind::kPhone), IsOk());
  const PersonView by_name = {.issuer = "names.hospital-a", .id = "Quux  ZAPHOD", .name = ""};
  for (const char* text : {"quux zaphod", "Quux\tZaphod", "see QUUX ZAPHOD!", "Quux,\nZaphod"}) {
    EXPECT_THAT(gate_.CheckOutbound(by_name, text), HasCode(StatusCode::kInvalidArgument)) << text;
  }
  const PersonView with_comma = {.issuer = "names.hospital-a", .id = "Quux, Zaphod", .name = ""};
  for (const char* text : {"Quux, Zaphod", "QUUX,  ZAPHOD"}) {
    EXPECT_THAT(gate_.CheckOutbound(with_comma, text), HasCode(StatusCode::kInvalidArgument))
        << text;
  }
  const PersonView by_pager = {.issuer = "pager.hospital-a", .id = "+4512345678", .name = ""};
  EXPECT_THAT(gate_.CheckOutbound(by_pager, "call (+45) 12-34-56-78"),
              HasCode(StatusCode::kInvalidArgument));
  const PersonView by_mail = {.issuer = "email", .id = "rosebud77@example.org", .name = ""};
  EXPECT_THAT(gate_.CheckOutbound(by_mail, "ROSEBUD77@EXAMPLE.ORG"),
              HasCode(StatusCode::kInvalidArgument));
}

TEST_P(GateOutboundTest, AnotherKindThanTheIssuersIsAConflict) {
  ASSERT_THAT(vault().DeclareIssuer("names.hospital-a", IdentifierKind::kText), IsOk());
  const PersonView person = {
      .issuer = "names.hospital-a", .id = "Quux", .name = "", .kind = IdentifierKind::kOpaque};
  EXPECT_THAT(gate_.CheckOutbound(person, "hello"), HasCode(StatusCode::kConflict));
}

TEST_P(GateOutboundTest, WhoIsNotAdmittedCanBeLookedForAndIsNotStored) {
  const auto before = test_.content();
  const PersonView person = {.issuer = "staff.new", .id = "s-0042-77", .name = "Zaphod Quux"};
  EXPECT_THAT(gate_.CheckOutbound(person, "ask Zaphod"), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(gate_.CheckOutbound(person, "ask s-0042-77"), HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(test_.content(), before);
}

// A person of a declared kind is updated in any spelling of the identifier.
TEST_P(GateOutboundTest, AnUpdateKnowsThePersonInAnySpellingOfTheKind) {
  ASSERT_THAT(vault().DeclareIssuer("names.hospital-a", IdentifierKind::kText), IsOk());
  const PersonView admitted = {.issuer = "names.hospital-a", .id = "Quux Zaphod", .name = "Ab Cd"};
  const PersonView again = {.issuer = "names.hospital-a", .id = "QUUX  zaphod", .name = "Ab Cd"};
  const SessionIdentity who = Expect(gate_.Admit(admitted, "Patient"));
  EXPECT_THAT(gate_.Update(who, again, {.display_name = "Guest"}), IsOk());
  EXPECT_THAT(gate_.Update(who, again, {.display_name = "quux zaphod"}),
              HasCode(StatusCode::kInvalidArgument));
}

TEST(MovedGateTest, UpdateAndCheckOutboundOfAGateThatWasMovedFromAreClosed) {
  EXPECT_EQ(InChild([] {
              const TestVault test(StorageKind::kMemory);
              IdentityGate gate = GateOf(*test.vault);
              const SessionIdentity who = Expect(gate.Admit(kMaria, "Patient"));
              const IdentityGate moved = std::move(gate);
              // NOLINTBEGIN(bugprone-use-after-move)
              const Status update = gate.Update(who, kMaria, {.display_name = "Guest"}).status();
              const Status check = gate.CheckOutbound(kMaria, "hello");
              // NOLINTEND(bugprone-use-after-move)
              return std::string(StatusCodeName(update.code())) + " " +
                     std::string(StatusCodeName(check.code()));
            }),
            "closed closed");
}

}  // namespace
}  // namespace moniker
