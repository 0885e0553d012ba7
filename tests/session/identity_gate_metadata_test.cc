// Metadata that a gate seals into what it hands out: where it stands, what it says, who reads it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/identity_gate.h"
#include "moniker/metadata.h"
#include "moniker/platform.h"
#include "moniker/resolver.h"
#include "support/status_matchers.h"
#include "support/test_vault.h"
#include "support/vault_kinds.h"

namespace moniker {
namespace {

using testing::Expect;
using testing::HasCode;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::kJose;
using testing::kMaria;
using ::testing::StartsWith;
using testing::StatusOf;
using testing::StorageKind;
using testing::TestVault;
using testing::VaultKind;

constexpr AccessReason kReason = {.actor = "test", .purpose = "test"};
constexpr std::size_t kOneStep = 157;   // metadata.h
constexpr std::size_t kTwoSteps = 243;  // likewise

Metadata Everything() {
  return {.role = "Interpreter for the next of kin",
          .locale = "de-Latn-DE-1996",
          .shard = 7,
          .flags = 0xFFFFFFFF,
          .expiry = std::uint64_t{1} << 40};
}

IdentityGate GateOf(const Vault& vault, Metadata metadata, std::string_view platform = "generic",
                    std::optional<std::uint32_t> epoch = std::nullopt) {
  return Expect(IdentityGate::Create(vault, {.scope = Scope::App(),
                                             .platform = platform,
                                             .identity_epoch = epoch,
                                             .metadata = std::move(metadata)}));
}

std::string PlainId(const SessionIdentity& identity) {
  return std::string(identity.pseudonym().external_id().text());
}

// Where metadata is, whatever the platform.
std::string TextOf(const SessionIdentity& identity) {
  return identity.metadata().empty() ? identity.external_id() : identity.metadata();
}

class GateMetadataTest : public ::testing::TestWithParam<VaultKind> {
 protected:
  const Vault& vault() const { return *test_.vault; }
  Metadata Open(std::string_view text) const {
    return Expect(OpenMetadata(*vault().keyring(), text));
  }

  TestVault test_{GetParam().storage, testing::kSampleAvatarTemplate, GetParam().mode};
};

INSTANTIATE_TEST_SUITE_P(Vaults, GateMetadataTest, ::testing::ValuesIn(testing::kAllVaultKinds),
                         testing::NameOfVaultKind);

// --- Where it stands ---

TEST_P(GateMetadataTest, EveryPlatformHasItWhereItsTableSaysOrIsRefused) {
  int in_id = 0;
  int own_field = 0;
  int refused = 0;
  for (const Platform& platform : Platforms()) {
    SCOPED_TRACE(platform.key);
    const Result<IdentityGate> gate = IdentityGate::Create(
        vault(), {.scope = Scope::App(), .platform = platform.key, .metadata = Everything()});
    if (platform.metadata == Platform::Metadata::kNone) {
      ++refused;
      EXPECT_THAT(gate, HasCode(StatusCode::kInvalidArgument));
      EXPECT_THAT(std::string(StatusOf(gate).message()), HasSubstr("platform"));
      EXPECT_THAT(IdentityGate::Create(vault(), {.scope = Scope::App(), .platform = platform.key}),
                  IsOk());
      continue;
    }
    const SessionIdentity identity =
        Expect(Expect(Result<IdentityGate>(gate)).Admit(kMaria, "Patient"));
    if (platform.metadata == Platform::Metadata::kOwnField) {
      ++own_field;
      EXPECT_EQ(identity.external_id(), PlainId(identity));
      EXPECT_EQ(identity.external_id().size(), 32u);
      EXPECT_THAT(identity.metadata(), StartsWith(PlainId(identity) + "."));
    } else {
      ++in_id;
      EXPECT_EQ(identity.metadata(), "");
      EXPECT_THAT(identity.external_id(), StartsWith(PlainId(identity) + "."));
      EXPECT_EQ(identity.external_id().size(), kTwoSteps);
    }
    EXPECT_EQ(Open(TextOf(identity)), Everything());
  }
  EXPECT_EQ(in_id, 9);  // generic, the seven of Dolby.io, vonage
  EXPECT_EQ(own_field, 1);
  EXPECT_GE(refused, 10);
}

TEST_P(GateMetadataTest, WithoutMetadataNothingStandsBehindAnId) {
  for (const char* platform : {"generic", "livekit", "vonage"}) {
    const IdentityGate gate =
        Expect(IdentityGate::Create(vault(), {.scope = Scope::App(), .platform = platform}));
    const SessionIdentity identity = Expect(gate.Admit(kMaria, "Patient"));
    EXPECT_EQ(identity.external_id(), PlainId(identity));
    EXPECT_EQ(identity.metadata(), "");
  }
}

TEST_P(GateMetadataTest, NameAvatarLabelAndPseudonymAreThoseOfAGateWithoutIt) {
  const IdentityGate plain = Expect(IdentityGate::Create(vault(), {.scope = Scope::App()}));
  const SessionIdentity without = Expect(plain.Admit(kMaria, "Patient"));
  const SessionIdentity with = Expect(GateOf(vault(), Everything()).Admit(kMaria, "Patient"));
  EXPECT_EQ(with.display_name(), without.display_name());
  EXPECT_EQ(with.avatar_url(), without.avatar_url());
  EXPECT_EQ(with.label(), without.label());
  EXPECT_EQ(PlainId(with), without.external_id());
}

TEST_P(GateMetadataTest, AnSdkTypeGetsItInItsExternalId) {
  struct UserInfo {
    std::string name;
    std::string externalId;  // NOLINT(readability-identifier-naming): the SDK's
    std::string avatarUrl;   // NOLINT(readability-identifier-naming): the SDK's
  };
  const SessionIdentity identity =
      Expect(GateOf(vault(), Everything(), "dolbyio-cpp").Admit(kMaria, "Patient"));
  const UserInfo user = identity.As<UserInfo>();
  EXPECT_EQ(user.externalId, identity.external_id());
  EXPECT_EQ(user.externalId.size(), kTwoSteps);
  EXPECT_EQ(Open(user.externalId), Everything());
}

// --- What it says ---

TEST_P(GateMetadataTest, AnEmptyRoleIsThatOfEachAdmission) {
  const PersonView persons[] = {kMaria, kJose};
  const std::string_view roles[] = {"Patient", "Interpreter"};
  for (const char* platform : {"generic", "livekit"}) {
    const IdentityGate gate = GateOf(vault(), {.role = "", .shard = 3}, platform);
    const std::vector<SessionIdentity> admitted = Expect(gate.AdmitMany(persons, roles));
    EXPECT_EQ(Open(TextOf(admitted[0])), (Metadata{.role = "Patient", .shard = 3}));
    EXPECT_EQ(Open(TextOf(admitted[1])), (Metadata{.role = "Interpreter", .shard = 3}));
    // Of the next admission too: a gate does not keep the first.
    EXPECT_EQ(Open(TextOf(Expect(gate.Admit(kMaria, "Guest")))).role, "Guest");
  }
}

TEST_P(GateMetadataTest, AnEmptyRoleAloneIsEnoughAndTheLongestFits) {
  const std::string role(IdentityGate::kMaxRoleSize, 'x');
  const SessionIdentity identity =
      Expect(GateOf(vault(), {.role = ""}, "vonage").Admit(kMaria, role));
  EXPECT_EQ(Open(identity.external_id()), Metadata{.role = role});
  EXPECT_EQ(identity.external_id().size(), kOneStep);
}

TEST_P(GateMetadataTest, ARoleOfItsOwnStaysWhateverTheAdmissionSays) {
  const IdentityGate gate = GateOf(vault(), {.role = "Observer"});
  EXPECT_EQ(Open(Expect(gate.Admit(kMaria, "Patient")).external_id()).role, "Observer");
  EXPECT_EQ(Expect(gate.Admit(kMaria, "Patient")).external_id(),
            Expect(gate.Admit(kMaria, "Guest")).external_id());
}

TEST_P(GateMetadataTest, ARoleThatIsNotGivenStaysOut) {
  const Metadata opened =
      Open(Expect(GateOf(vault(), {.flags = 0}).Admit(kMaria, "Patient")).external_id());
  EXPECT_EQ(opened, (Metadata{.flags = 0}));
  EXPECT_FALSE(opened.role.has_value());
}

TEST_P(GateMetadataTest, InvalidMetadataIsRefusedBeforeThereIsAGate) {
  for (const auto& [metadata, field] : std::initializer_list<std::pair<Metadata, const char*>>{
           {Metadata{}, "metadata"},
           {{.role = "Patient 7"}, "role"},
           {{.role = " Patient"}, "role"},
           {{.role = std::string(41, 'x')}, "role"},
           {{.role = "", .locale = "e"}, "locale"},
           {{.locale = ""}, "locale"},
           {{.locale = "en_GB"}, "locale"},
           {{.locale = "en-"}, "locale"},
           {{.locale = "en-" + std::string(33, 'x')}, "locale"}}) {
    const Result<IdentityGate> gate =
        IdentityGate::Create(vault(), {.scope = Scope::App(), .metadata = metadata});
    EXPECT_THAT(gate, HasCode(StatusCode::kInvalidArgument));
    EXPECT_THAT(std::string(StatusOf(gate).message()), HasSubstr(field));
  }
}

TEST_P(GateMetadataTest, ARoleThatIsRefusedStoresNobodyWithMetadataEither) {
  const IdentityGate gate = GateOf(vault(), {.role = ""});
  EXPECT_THAT(gate.Admit(kMaria, "Maria"), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(gate.Admit(kMaria, ""), HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(Expect(test_.tables->Count(Table::kPerson)), 0u);
}

// --- Equal and other ---

TEST_P(GateMetadataTest, EqualMetadataOfOneIdIsEqualAndAnythingElseIsAllOther) {
  const auto text = [&](const PersonView& person, Metadata metadata) {
    return Expect(GateOf(vault(), std::move(metadata)).Admit(person, "Patient")).external_id();
  };
  const std::string first = text(kMaria, {.shard = 1});
  EXPECT_EQ(text(kMaria, {.shard = 1}), first);
  const std::string others[] = {text(kMaria, {.shard = 2}), text(kMaria, {.flags = 1}),
                                text(kMaria, {.shard = 1, .flags = 0}), text(kJose, {.shard = 1})};
  for (const std::string& other : others) {
    EXPECT_EQ(other.size(), first.size());
    // Header and epoch, 5 of 93 bytes, are the same; of 118 characters behind them 2 agree on
    // average, more than 20 with a probability below 1e-13.
    int equal = 0;
    for (std::size_t i = 40; i < first.size(); ++i) equal += other[i] == first[i];
    EXPECT_LE(equal, 20);
  }
}

TEST_P(GateMetadataTest, TheSameTextComesFromTheLivekitFieldAndTheIdOfOthers) {
  const auto in_id = Expect(GateOf(vault(), Everything(), "generic").Admit(kMaria, "Patient"));
  const auto in_field = Expect(GateOf(vault(), Everything(), "livekit").Admit(kMaria, "Patient"));
  EXPECT_EQ(in_id.external_id(), in_field.metadata());
}

// --- Who reads it ---

TEST_P(GateMetadataTest, ItOpensWithTheKeyringAloneAndForItsOwnIdAlone) {
  const IdentityGate gate = GateOf(vault(), Everything());
  const std::string maria = Expect(gate.Admit(kMaria, "Patient")).external_id();
  const std::string jose = Expect(gate.Admit(kJose, "Patient")).external_id();
  const std::shared_ptr<const Keyring> keyring = vault().keyring();
  test_.faults->Arm(0, Status(StatusCode::kIo, "the store is not to be asked"));
  EXPECT_EQ(Expect(OpenMetadata(*keyring, maria)), Everything());
  test_.faults->Arm(testing::Faults::kNever, Status::Ok());
  EXPECT_THAT(OpenMetadata(*keyring, jose.substr(0, 32) + maria.substr(32)),
              HasCode(StatusCode::kAltered));
  EXPECT_THAT(OpenMetadata(*keyring, maria.substr(0, 32)), HasCode(StatusCode::kInvalidArgument));
  const Keyring other = Expect(Keyring::Create({.app = testing::kSampleApp}));
  EXPECT_THAT(OpenMetadata(other, maria), HasCode(StatusCode::kAltered));
}

TEST_P(GateMetadataTest, NothingOfItStandsInTheClear) {
  const std::string text =
      Expect(GateOf(vault(), {.role = "Interpreter", .locale = "de-AT"}).Admit(kMaria, "Patient"))
          .external_id();
  for (const char* word : {"nterp", "de-AT", "SW50ZXJw", "ZGUtQV"}) {
    EXPECT_EQ(text.find(word), std::string::npos) << word;
  }
}

// --- The ID with metadata is an ID ---

TEST_P(GateMetadataTest, EveryCallThatTakesAnIdTakesItWithMetadata) {
  const IdentityGate gate = GateOf(vault(), Everything());
  const SessionIdentity identity = Expect(gate.Admit(kMaria, "Patient"));
  const std::string& id = identity.external_id();
  EXPECT_TRUE(Expect(gate.Check(kMaria.identifier(), id)));
  const Result<bool> other = gate.Check(kJose.identifier(), id);
  EXPECT_TRUE(!other.ok() || !*other);

  EXPECT_THAT(gate.Bind("p-1", identity), IsOk());
  const IdentityGate::Binding binding{"p-2", id};
  EXPECT_THAT(Expect(IdentityGate::BindMany(vault(), {&binding, 1})), ::testing::Each(IsOk()));
  const Resolver resolver = Resolver::Create(vault());
  for (const std::string& query : {id, PlainId(identity), std::string("p-1"), std::string("p-2")}) {
    const Resolved resolved = Expect(resolver.Resolve(query, kReason));
    EXPECT_EQ(resolved.person.id.Expose(), kMaria.id) << query;
    EXPECT_EQ(resolved.pseudonym.external_id().text(), PlainId(identity)) << query;
  }
}

// What nobody can open is ignored all the same: no call looks at it.
TEST_P(GateMetadataTest, MetadataOfAnotherKeyringOrDamagedIsIgnoredWhereIdsAreTaken) {
  const IdentityGate gate = GateOf(vault(), Everything());
  std::string id = Expect(gate.Admit(kMaria, "Patient")).external_id();
  id[60] = id[60] == 'A' ? 'B' : 'A';
  EXPECT_THAT(OpenMetadata(*vault().keyring(), id), HasCode(StatusCode::kAltered));
  EXPECT_TRUE(Expect(gate.Check(kMaria.identifier(), id)));
  EXPECT_THAT(Resolver::Create(vault()).Resolve(id, kReason), IsOk());
  id.pop_back();  // but what is not of the shape is no ID
  EXPECT_THAT(gate.Check(kMaria.identifier(), id), HasCode(StatusCode::kInvalidArgument));
}

TEST_P(GateMetadataTest, AGateWithMetadataStoresWhatOneWithoutStores) {
  Expect(Expect(IdentityGate::Create(vault(), {.scope = Scope::App()})).Admit(kMaria, "Patient"));
  const auto before = test_.content();
  Expect(GateOf(vault(), Everything()).Admit(kMaria, "Patient"));
  EXPECT_EQ(test_.content(), before);
}

// --- Identity epochs ---

class MetadataEpochTest : public ::testing::TestWithParam<VaultMode> {
 protected:
  const Vault& vault() const { return *test_.vault; }

  TestVault test_{StorageKind::kSqlite, "", GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Modes, MetadataEpochTest,
                         ::testing::Values(VaultMode::kDerived, VaultMode::kEnrolled));

TEST_P(MetadataEpochTest, ItIsSealedUnderTheEpochOfItsId) {
  const Metadata metadata = {.role = "", .shard = 9};
  const IdentityGate gate = GateOf(vault(), metadata);
  const std::string old_id = Expect(gate.Admit(kMaria, "Patient")).external_id();
  const Keyring before = Expect(Vault::OpenKeyring(test_.path(), Protector::Remembered()));
  const Vault other = Expect(Vault::Open(test_.path()));
  const IdentityGate gate_of_other = GateOf(other, metadata);
  ASSERT_THAT(vault().RotateKeys(KeyKind::kIdentity), IsOk());

  const std::string new_id = Expect(gate.Admit(kMaria, "Patient")).external_id();
  EXPECT_NE(new_id.substr(0, 32), old_id.substr(0, 32));
  EXPECT_EQ(Expect(gate_of_other.Admit(kMaria, "Patient")).external_id(), new_id);
  const Metadata sealed = {.role = "Patient", .shard = 9};
  EXPECT_EQ(Expect(OpenMetadata(*vault().keyring(), old_id)), sealed);
  EXPECT_EQ(Expect(OpenMetadata(*vault().keyring(), new_id)), sealed);
  EXPECT_EQ(Expect(OpenMetadata(before, old_id)), sealed);
  EXPECT_THAT(OpenMetadata(before, new_id), HasCode(StatusCode::kAltered));
  EXPECT_THAT(OpenMetadata(*vault().keyring(), old_id.substr(0, 32) + new_id.substr(32)),
              HasCode(StatusCode::kAltered));

  EXPECT_EQ(Expect(GateOf(vault(), metadata, "generic", 1).Admit(kMaria, "Patient")).external_id(),
            old_id);
  EXPECT_EQ(Expect(GateOf(vault(), metadata, "generic", 2).Admit(kMaria, "Patient")).external_id(),
            new_id);
}

TEST_P(MetadataEpochTest, OfADestroyedEpochItOpensNoMoreAndItsIdStillResolves) {
  const IdentityGate gate = GateOf(vault(), {.shard = 9});
  const std::string old_id = Expect(gate.Admit(kMaria, "Patient")).external_id();
  ASSERT_THAT(vault().RotateKeys(KeyKind::kIdentity), IsOk());
  ASSERT_THAT(vault().DestroyEpoch(KeyKind::kIdentity, 1), IsOk());
  EXPECT_THAT(OpenMetadata(*vault().keyring(), old_id), HasCode(StatusCode::kAltered));
  EXPECT_THAT(Resolver::Create(vault()).Resolve(old_id, kReason), IsOk());
}

}  // namespace
}  // namespace moniker
