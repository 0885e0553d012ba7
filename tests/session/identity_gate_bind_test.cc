// Binding participant IDs, and checking external IDs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/anonymizer.h"
#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
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
using testing::IsOk;
using testing::kJose;
using testing::kJoseId;
using testing::kMaria;
using testing::kMariaId;
using testing::kMariaInVisit42;
using testing::kMariaUuid;
using testing::StorageKind;
using testing::TestVault;

constexpr std::string_view kNobodysId = "m82cr7hybbaqp3hdyaycgks8a1xxfefg";
constexpr std::string_view kTheirs = testing::kMariaParticipant;

Scope Conference(std::string_view name) { return Expect(Scope::Conference(name)); }

class BindTest : public ::testing::TestWithParam<StorageKind> {
 protected:
  using Binding = IdentityGate::Binding;

  const Vault& vault() const { return *test_.vault; }

  IdentityGate Gate(const Scope& scope = Scope::App()) {
    return Expect(IdentityGate::Create(vault(), {.scope = scope}));
  }

  SessionIdentity Admit(const PersonView& person, const Scope& scope = Scope::App()) {
    return Expect(Gate(scope).Admit(person, "Patient"));
  }

  // Whose it is, under which external ID and how it was found: "Maria Jensen m32p.. by
  // participant".
  std::string Owner(std::string_view id) {
    const Result<Resolved> resolved =
        Resolver::Create(vault()).Resolve(id, {.actor = "test", .purpose = "test"});
    if (!resolved.ok()) return std::string(StatusCodeName(resolved.status().code()));
    return std::string(resolved->person.name.Expose()) + " " +
           std::string(resolved->pseudonym.external_id().text()) +
           (resolved->by_participant_id ? " by participant" : " by external ID");
  }

  std::vector<StatusCode> BindMany(const std::vector<Binding>& bindings) {
    std::vector<StatusCode> codes;
    for (const Status& status : Expect(IdentityGate::BindMany(vault(), bindings))) {
      codes.push_back(status.code());
    }
    return codes;
  }

  TestVault test_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Backends, BindTest,
                         ::testing::Values(StorageKind::kMemory, StorageKind::kSqlite),
                         testing::NameOf);

TEST_P(BindTest, AParticipantIdLeadsToThePersonItWasBoundTo) {
  const SessionIdentity maria = Admit(kMaria);
  EXPECT_EQ(Owner(kTheirs), "not_found");
  ASSERT_THAT(Gate().Bind(kTheirs, maria), IsOk());
  EXPECT_EQ(Owner(kTheirs), "Maria Jensen " + std::string(kMariaId) + " by participant");
  EXPECT_EQ(Owner(kMariaId), "Maria Jensen " + std::string(kMariaId) + " by external ID");
}

TEST_P(BindTest, BindingAgainWritesNothing) {
  const SessionIdentity maria = Admit(kMaria);
  ASSERT_THAT(Gate().Bind(kTheirs, maria), IsOk());
  const auto content = test_.content();
  EXPECT_THAT(Gate().Bind(kTheirs, maria), IsOk());
  EXPECT_EQ(BindMany({{kTheirs, kMariaId}}), std::vector{StatusCode::kOk});
  EXPECT_EQ(test_.content(), content);
}

TEST_P(BindTest, OnePersonMayHaveManyParticipantIds) {
  const SessionIdentity maria = Admit(kMaria);
  EXPECT_THAT(Gate().Bind("one", maria), IsOk());
  EXPECT_THAT(Gate().Bind("two", maria), IsOk());
  EXPECT_EQ(Owner("one"), Owner("two"));
}

TEST_P(BindTest, AParticipantIdOfAnotherPersonIsAConflictAndStaysTheirs) {
  const SessionIdentity maria = Admit(kMaria);
  const SessionIdentity jose = Admit(kJose);
  ASSERT_THAT(Gate().Bind(kTheirs, maria), IsOk());
  const auto content = test_.content();
  EXPECT_THAT(Gate().Bind(kTheirs, jose), HasCode(StatusCode::kConflict));
  EXPECT_EQ(test_.content(), content);
  EXPECT_EQ(Owner(kTheirs), "Maria Jensen " + std::string(kMariaId) + " by participant");
}

// "The same external ID gives the same participant ID in every conference": with an external ID for
// each conference a person's participant ID may still come again.
TEST_P(BindTest, AParticipantIdFollowsItsPersonIntoAnotherConference) {
  const SessionIdentity maria = Admit(kMaria);
  const SessionIdentity visit = Admit(kMaria, Conference("visit-42"));
  ASSERT_THAT(Gate().Bind(kTheirs, maria), IsOk());
  ASSERT_THAT(Gate(Conference("visit-42")).Bind(kTheirs, visit), IsOk());
  EXPECT_EQ(Owner(kTheirs), "Maria Jensen " + std::string(kMariaInVisit42) + " by participant");
}

TEST_P(BindTest, ParticipantIdsHaveOneToTwoHundredFiftySixBytesAndNoWhiteSpace) {
  const SessionIdentity maria = Admit(kMaria);
  const IdentityGate gate = Gate();
  std::string multi_byte = "x";
  while (multi_byte.size() < 256) multi_byte += "語";
  for (const std::string& good :
       {std::string("p"), std::string(256, 'p'), multi_byte, std::string("~!\"{}|\\"),
        std::string("Ł-王"), std::string("'; DROP TABLE person; --").substr(0, 2)}) {
    EXPECT_THAT(gate.Bind(good, maria), IsOk()) << good;
    EXPECT_EQ(Owner(good), "Maria Jensen " + std::string(kMariaId) + " by participant");
  }
  const auto content = test_.content();
  for (const std::string& bad :
       {std::string(), std::string(257, 'p'), multi_byte + "x", std::string("a b"),
        std::string(" a"), std::string("a\n"), std::string("a\0b", 3), std::string("a\x7f"),
        std::string("a\u0085"), std::string("a\u00a0"), std::string("a\u2003"),
        std::string("a\u3000"), std::string("\xff"), std::string("a\xc3")}) {
    EXPECT_THAT(gate.Bind(bad, maria), HasCode(StatusCode::kInvalidArgument));
  }
  EXPECT_EQ(test_.content(), content);
}

TEST_P(BindTest, ParticipantIdsAreComparedAsBytes) {
  const SessionIdentity maria = Admit(kMaria);
  const SessionIdentity jose = Admit(kJose);
  ASSERT_THAT(Gate().Bind("abcdef", maria), IsOk());
  EXPECT_THAT(Gate().Bind("ABCDEF", jose), IsOk());
  EXPECT_THAT(Gate().Bind("abcdef\u0301", jose), IsOk());
  EXPECT_EQ(Owner("abcdef"), "Maria Jensen " + std::string(kMariaId) + " by participant");
  EXPECT_EQ(Owner("ABCDEF"), "José García-Núñez " + std::string(kJoseId) + " by participant");
}

TEST_P(BindTest, AnIdentityOfAnotherScopeIsNotThisGates) {
  const SessionIdentity visit = Admit(kMaria, Conference("visit-42"));
  const auto content = test_.content();
  EXPECT_THAT(Gate().Bind(kTheirs, visit), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(Gate(Conference("visit-43")).Bind(kTheirs, visit), HasCode(StatusCode::kNotFound));
  EXPECT_EQ(test_.content(), content);
}

TEST_P(BindTest, AnIdentityOfAnotherVaultWasNeverAdmittedHere) {
  const TestVault other(StorageKind::kMemory);
  const SessionIdentity maria = Expect(
      Expect(IdentityGate::Create(*other.vault, {.scope = Scope::App()})).Admit(kMaria, "Patient"));
  EXPECT_THAT(Gate().Bind(kTheirs, maria), HasCode(StatusCode::kNotFound));
  EXPECT_EQ(Owner(kTheirs), "not_found");
}

TEST_P(BindTest, WhereThePlatformMakesTheIdItIsBoundAsParticipantId) {
  const IdentityGate gate = Expect(
      IdentityGate::Create(vault(), {.scope = Scope::App(), .platform = "azure-communication"}));
  const SessionIdentity maria = Expect(gate.Admit(kMaria, "Patient"));
  ASSERT_THAT(gate.Bind("8:acs:1b5cc06b_0000000d-2a36", maria), IsOk());
  EXPECT_EQ(Owner("8:acs:1b5cc06b_0000000d-2a36"),
            "Maria Jensen " + std::string(kMariaId) + " by participant");
}

// An attacker who may choose a participant ID takes nobody's external ID away.
TEST_P(BindTest, AParticipantIdThatLooksLikeAnExternalIdDoesNotShadowIt) {
  const SessionIdentity maria = Admit(kMaria);
  const SessionIdentity jose = Admit(kJose);
  EXPECT_THAT(Gate().Bind(kMariaId, jose), IsOk());
  EXPECT_THAT(Gate().Bind(kMariaUuid, jose), IsOk());
  EXPECT_EQ(Owner(kMariaId), "Maria Jensen " + std::string(kMariaId) + " by external ID");
  EXPECT_EQ(Owner(kMariaUuid), "Maria Jensen " + std::string(kMariaId) + " by external ID");
}

// --- Many at once ---

TEST_P(BindTest, BindManyAnswersEachInTheOrderAsked) {
  Admit(kMaria);
  Admit(kJose);
  EXPECT_THAT(BindMany({{"a", kMariaId},
                        {"b", kNobodysId},
                        {"c", kJoseId},
                        {"a", kJoseId},
                        {"a", kMariaId},
                        {"d", kMariaUuid}}),
              ElementsAre(StatusCode::kOk, StatusCode::kNotFound, StatusCode::kOk,
                          StatusCode::kConflict, StatusCode::kOk, StatusCode::kOk));
  EXPECT_EQ(Owner("a"), "Maria Jensen " + std::string(kMariaId) + " by participant");
  EXPECT_EQ(Owner("b"), "not_found");
  EXPECT_EQ(Owner("c"), "José García-Núñez " + std::string(kJoseId) + " by participant");
  EXPECT_EQ(Owner("d"), "Maria Jensen " + std::string(kMariaId) + " by participant");
}

TEST_P(BindTest, BindManyOfNothingIsNoError) { EXPECT_TRUE(BindMany({}).empty()); }

TEST_P(BindTest, AScopeThatIsGivenMustBeThatOfTheExternalId) {
  Admit(kMaria);
  Admit(kMaria, Conference("visit-42"));
  EXPECT_THAT(
      BindMany({{"a", kMariaId, Scope::App()},
                {"b", kMariaId, Conference("visit-42")},
                {"c", kMariaInVisit42, Conference("visit-42")},
                {"d", kMariaInVisit42, Conference("visit-43")},
                {"e", kMariaInVisit42, Scope::App()},
                {"f", kMariaInVisit42},
                {"g", kMariaId}}),
      ElementsAre(StatusCode::kOk, StatusCode::kNotFound, StatusCode::kOk, StatusCode::kNotFound,
                  StatusCode::kNotFound, StatusCode::kOk, StatusCode::kOk));
  EXPECT_EQ(Owner("b"), "not_found");
  EXPECT_EQ(Owner("d"), "not_found");
  EXPECT_EQ(Owner("e"), "not_found");
}

TEST_P(BindTest, UuidsAreTakenInEitherCase) {
  Admit(kMaria);
  std::string upper(kMariaUuid);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  EXPECT_THAT(BindMany({{"a", upper}}), ElementsAre(StatusCode::kOk));
}

TEST_P(BindTest, OneMalformedIdKeepsAllTheOthersOut) {
  Admit(kMaria);
  const auto content = test_.content();
  std::string wrong_check(kMariaId);
  wrong_check.back() = '3';
  std::string upper(kMariaId);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const std::string& bad :
       {std::string(), std::string("maria"), wrong_check, upper, " " + std::string(kMariaId),
        std::string(kMariaUuid).substr(0, 35), std::string(36, '-')}) {
    const std::vector<Binding> bindings = {{"a", kMariaId}, {"b", kMariaId}, {"c", bad}};
    EXPECT_THAT(IdentityGate::BindMany(vault(), bindings),
                HasCodeAt(StatusCode::kInvalidArgument, 2));
  }
  for (const std::string& bad : {std::string(), std::string("a b"), std::string(257, 'p')}) {
    const std::vector<Binding> bindings = {{"a", kMariaId}, {bad, kMariaId}, {"c", kMariaId}};
    EXPECT_THAT(IdentityGate::BindMany(vault(), bindings),
                HasCodeAt(StatusCode::kInvalidArgument, 1));
  }
  EXPECT_EQ(test_.content(), content);
}

TEST(BindFailureTest, NothingIsBoundThatIsNotStored) {
  const TestVault test(StorageKind::kMemory);
  const IdentityGate gate = Expect(IdentityGate::Create(*test.vault, {.scope = Scope::App()}));
  const SessionIdentity maria = Expect(gate.Admit(kMaria, "Patient"));
  Expect(gate.Admit(kJose, "Patient"));
  const auto before = test.content();
  const Status failure(StatusCode::kNoSpace, "no space for the store");
  const std::vector<IdentityGate::Binding> bindings = {{"a", kMariaId}, {"b", kJoseId}};
  const std::vector<std::function<Status()>> calls = {
      [&] { return IdentityGate::BindMany(*test.vault, bindings).status(); },
      [&] { return gate.Bind(kTheirs, maria); },
  };
  for (const auto& call : calls) {
    const auto content = test.content();
    int count = 0;
    for (;; ++count) {
      SCOPED_TRACE(count);
      test.faults->Arm(count, failure);
      const Status status = call();
      if (!test.faults->armed_call_reached()) {
        EXPECT_THAT(status, IsOk());
        break;
      }
      EXPECT_EQ(status.code(), StatusCode::kNoSpace);
      EXPECT_EQ(test.content(), content);
    }
    // Two reads without the lock, Begin, three reads (the manifest's too), three times PutMany, the
    // manifest, Commit.
    EXPECT_EQ(count, 11);
  }
  EXPECT_NE(test.content(), before);
}

// --- Check ---

class CheckTest : public ::testing::Test {
 protected:
  Result<bool> Check(const Identifier& identifier, std::string_view external_id,
                     const Scope& scope = Scope::App()) {
    return Expect(IdentityGate::Create(*test_.vault, {.scope = scope}))
        .Check(identifier, external_id);
  }

  TestVault test_{StorageKind::kMemory};
  const Identifier maria_ = kMaria.identifier();
};

TEST_F(CheckTest, AnIdIsThatOfItsIdentifierInItsScopeAlone) {
  EXPECT_TRUE(Expect(Check(maria_, kMariaId)));
  EXPECT_TRUE(Expect(Check(maria_, kMariaInVisit42, Conference("visit-42"))));
  EXPECT_FALSE(Expect(Check(maria_, kMariaInVisit42)));
  EXPECT_FALSE(Expect(Check(maria_, kMariaId, Conference("visit-42"))));
  EXPECT_FALSE(Expect(Check(maria_, kJoseId)));
  EXPECT_FALSE(Expect(Check(kJose.identifier(), kMariaId)));
  EXPECT_FALSE(Expect(Check({.issuer = "mrn.hospital-b", .id = maria_.id}, kMariaId)));
  EXPECT_FALSE(Expect(Check({.issuer = maria_.issuer, .id = "123456"}, kMariaId)));
}

TEST_F(CheckTest, ThePersonNeedNotHaveBeenAdmitted) {
  EXPECT_EQ(Expect(test_.tables->Count(Table::kPerson)), 0u);
  EXPECT_TRUE(Expect(Check(maria_, kMariaId)));
}

TEST_F(CheckTest, TheUuidRenderingIsTakenInEitherCase) {
  EXPECT_TRUE(Expect(Check(maria_, kMariaUuid)));
  EXPECT_TRUE(Expect(Check(maria_, "18AD55A1-0E07-80D3-8582-350F689BFE7D")));
  EXPECT_FALSE(Expect(Check(maria_, kMariaUuid, Conference("visit-42"))));
  EXPECT_FALSE(Expect(Check(kJose.identifier(), kMariaUuid)));
}

TEST_F(CheckTest, AUuidThatDiffersInOneDigitDoesNotMatch) {
  int tried = 0;
  for (std::size_t i = 0; i < kMariaUuid.size(); ++i) {
    if (kMariaUuid[i] == '-') continue;
    for (const char digit : std::string_view("0123456789abcdef")) {
      if (digit == kMariaUuid[i]) continue;
      std::string other(kMariaUuid);
      other[i] = digit;
      EXPECT_FALSE(Expect(Check(maria_, other))) << other;
      ++tried;
    }
  }
  EXPECT_EQ(tried, 32 * 15);
}

// Every external ID that differs from the right one in two data characters' worth of bits: the
// check character is made right by trying.
TEST_F(CheckTest, AWellFormedIdThatDiffersAnywhereDoesNotMatch) {
  constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
  int tried = 0;
  for (std::size_t i = 1; i < 31; ++i) {
    std::string other(kMariaId);
    other[i] = other[i] == 'x' ? 'y' : 'x';
    for (const char check : kAlphabet) {
      other[31] = check;
      if (!ExternalId::Parse(other).ok()) continue;
      EXPECT_FALSE(Expect(Check(maria_, other))) << other;
      ++tried;
    }
  }
  EXPECT_EQ(tried, 30);
}

TEST_F(CheckTest, MetadataBehindAnExternalIdIsIgnored) {
  const std::string metadata = "." + std::string(124, 'A');
  EXPECT_TRUE(Expect(Check(maria_, std::string(kMariaId) + metadata)));
  EXPECT_FALSE(Expect(Check(maria_, std::string(kJoseId) + metadata)));
  EXPECT_FALSE(Expect(Check(maria_, std::string(kMariaInVisit42) + metadata)));
  for (const std::string& bad : {std::string(kMariaId) + ".mp3", std::string(kMariaId) + ".",
                                 std::string(kMariaUuid) + metadata}) {
    EXPECT_THAT(Check(maria_, bad), HasCode(StatusCode::kInvalidArgument)) << bad;
  }
}

TEST_F(CheckTest, WhatIsNeitherExternalIdNorUuidIsAnError) {
  std::string upper(kMariaId);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const std::string& bad :
       {std::string(), std::string("x"), upper, std::string(kMariaId) + " ",
        std::string(kMariaId.substr(0, 31)), std::string(kMariaId.substr(0, 31)) + "3",
        std::string(kMariaUuid.substr(0, 35)) + "g", std::string(kMariaUuid) + "0",
        std::string("18ad55a10e0780d38582350f689bfe7d")}) {
    EXPECT_THAT(Check(maria_, bad), HasCode(StatusCode::kInvalidArgument)) << bad;
  }
}

TEST_F(CheckTest, WhatIsNoIdentifierIsAnError) {
  EXPECT_THAT(Check({.issuer = "", .id = "1"}, kMariaId), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(Check({.issuer = "MRN", .id = "1"}, kMariaId), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(Check({.issuer = "mrn", .id = ""}, kMariaId), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(Check({.issuer = "mrn", .id = "1 "}, kMariaId),
              HasCode(StatusCode::kInvalidArgument));
}

TEST_F(CheckTest, AKeyringAloneIsEnough) {
  const Keyring keyring = testing::SampleKeyring();
  EXPECT_TRUE(Expect(CheckExternalId(keyring, Scope::App(), maria_, kMariaId)));
  EXPECT_TRUE(Expect(CheckExternalId(keyring, Scope::App(), maria_, kMariaUuid)));
  EXPECT_TRUE(Expect(CheckExternalId(keyring, Conference("visit-42"), maria_, kMariaInVisit42)));
  EXPECT_FALSE(Expect(CheckExternalId(keyring, Scope::App(), maria_, kJoseId)));
}

TEST_F(CheckTest, EveryEpochOfTheKeyringMatchesAndNoOther) {
  const Keyring keyring = testing::MakeKeyring(
      {.keys = {{KeyKind::kIdentity, 2, testing::Counting(32, 40)},
                {KeyKind::kIdentity, 3, testing::Counting(32)},  // that of the samples
                {KeyKind::kIdentity, 9, testing::Counting(32, 80)}}});
  for (const std::uint32_t epoch : {2u, 3u, 9u}) {
    const Anonymizer anonymizer = Expect(Anonymizer::Create(keyring, Scope::App(), epoch));
    const Pseudonym pseudonym = Expect(anonymizer.Pseudonymize(maria_));
    EXPECT_EQ(pseudonym.external_id().text() == kMariaId, epoch == 3);
    EXPECT_TRUE(
        Expect(CheckExternalId(keyring, Scope::App(), maria_, pseudonym.external_id().text())));
    EXPECT_TRUE(Expect(CheckExternalId(keyring, Scope::App(), maria_, pseudonym.uuid().text())));
  }
  const Keyring without =
      testing::MakeKeyring({.keys = {{KeyKind::kIdentity, 2, testing::Counting(32, 40)}}});
  EXPECT_FALSE(Expect(CheckExternalId(without, Scope::App(), maria_, kMariaId)));
}

}  // namespace
}  // namespace moniker
