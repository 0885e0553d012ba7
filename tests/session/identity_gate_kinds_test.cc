// Kinds of identifiers as a gate sees them: the spellings of one person are one person.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
#include "support/status_matchers.h"
#include "support/test_vault.h"
#include "support/vault_kinds.h"

namespace moniker {
namespace {

using testing::Expect;
using testing::HasCode;
using testing::HasCodeAt;
using testing::IsOk;
using testing::TestVault;

constexpr AccessReason kReason = {.actor = "test", .purpose = "test"};
constexpr IdentifierKind kAllKinds[] = {IdentifierKind::kOpaque, IdentifierKind::kText,
                                        IdentifierKind::kEmail, IdentifierKind::kPhone};

class KindsTest : public ::testing::TestWithParam<testing::VaultKind> {
 protected:
  const Vault& vault() const { return *test_.vault; }

  Result<SessionIdentity> Admit(std::string_view issuer, std::string_view id,
                                std::optional<IdentifierKind> kind = std::nullopt) const {
    return gate_.Admit({.issuer = issuer, .id = id, .name = "Zaphod Quux", .kind = kind},
                       "Patient");
  }

  // The external IDs of all spellings: one if they are one person.
  std::set<std::string> ExternalIds(std::string_view issuer,
                                    const std::vector<std::string_view>& spellings) const {
    std::set<std::string> ids;
    for (const std::string_view id : spellings) {
      const Result<SessionIdentity> identity = Admit(issuer, id);
      ids.insert(identity.ok() ? identity->external_id()
                               : std::string(id) + ": " + std::string(identity.status().message()));
    }
    return ids;
  }

  std::uint64_t Persons() const { return Expect(test_.tables->Count(Table::kPerson)); }

  TestVault test_{GetParam().storage, "", GetParam().mode};
  const IdentityGate gate_ = Expect(IdentityGate::Create(*test_.vault, {.scope = Scope::App()}));
};

INSTANTIATE_TEST_SUITE_P(Vaults, KindsTest, ::testing::ValuesIn(testing::kAllVaultKinds),
                         testing::NameOfVaultKind);

TEST_P(KindsTest, SpellingsOfATextAreOnePerson) {
  ASSERT_THAT(vault().DeclareIssuer("login", IdentifierKind::kText), IsOk());
  // Upper case, full width, decomposed, several blanks.
  EXPECT_EQ(ExternalIds("login", {"jos\u00e9 garc\u00eda", "JOS\u00c9 GARC\u00cdA",
                                  "jose\u0301 garci\u0301a", "jos\u00e9   garc\u00eda"})
                .size(),
            1u);
  EXPECT_EQ(Persons(), 1u);
  EXPECT_EQ(ExternalIds("login", {"jose garcia", "jos\u00e9garc\u00eda"}).size(), 2u);
}

// White space at the ends does not matter in a text, also when the kind is known to the vault
// alone.
TEST_P(KindsTest, ASpellingThatOnlyTheKindOfTheVaultAllowsIsAdmitted) {
  ASSERT_THAT(vault().DeclareIssuer("login", IdentifierKind::kText), IsOk());
  const std::string id = Expect(Admit("login", "zq")).external_id();
  const Result<SessionIdentity> spaced = Admit("login", "  ZQ ");
  ASSERT_THAT(spaced, IsOk());
  EXPECT_EQ(spaced->external_id(), id);
  EXPECT_TRUE(Expect(gate_.Check({"login", " zq"}, id)));
}

TEST_P(KindsTest, SpellingsOfAMailAddressAreOnePerson) {
  EXPECT_EQ(ExternalIds("email", {"zaphod@example.org", "Zaphod@Example.ORG", "ZAPHOD@EXAMPLE.ORG"})
                .size(),
            1u);
  EXPECT_EQ(Persons(), 1u);
  EXPECT_EQ(ExternalIds("email", {"zaphod@example.org", "zaphod@example.com"}).size(), 2u);
}

TEST_P(KindsTest, SpellingsOfAPhoneNumberAreOnePerson) {
  EXPECT_EQ(
      ExternalIds("phone", {"+4930123456", "+49 30 123456", "+49 (30) 12-34-56", "+49.30.123456"})
          .size(),
      1u);
  EXPECT_EQ(Persons(), 1u);
}

TEST_P(KindsTest, AnIssuerNobodyDeclaredIsOpaqueForEver) {
  EXPECT_EQ(ExternalIds("mrn", {"abc", "ABC", "ab c"}).size(), 3u);
  EXPECT_EQ(Persons(), 3u);
  EXPECT_EQ(Expect(vault().KindOf("mrn")), IdentifierKind::kOpaque);
  EXPECT_THAT(vault().DeclareIssuer("mrn", IdentifierKind::kText), HasCode(StatusCode::kConflict));
  EXPECT_THAT(vault().DeclareIssuer("mrn", IdentifierKind::kOpaque), IsOk());
  EXPECT_THAT(Admit("mrn", "abc", IdentifierKind::kText), HasCodeAt(StatusCode::kConflict, 0));
}

TEST_P(KindsTest, TheKindOfTheFirstPersonIsThatOfTheIssuer) {
  const std::string id =
      Expect(Admit("mobile", "+49 30 123456", IdentifierKind::kPhone)).external_id();
  EXPECT_EQ(Expect(vault().KindOf("mobile")), IdentifierKind::kPhone);
  EXPECT_EQ(Expect(Admit("mobile", "+4930123456")).external_id(), id);
  EXPECT_EQ(Expect(Admit("mobile", "+4930123456", IdentifierKind::kPhone)).external_id(), id);
  EXPECT_THAT(Admit("mobile", "no number"), HasCode(StatusCode::kInvalidArgument));
  for (const IdentifierKind other : {IdentifierKind::kOpaque, IdentifierKind::kText}) {
    EXPECT_THAT(Admit("mobile", "+4930123456", other), HasCode(StatusCode::kConflict));
    EXPECT_THAT(gate_.Check({"mobile", "+4930123456", other}, id), HasCode(StatusCode::kConflict));
    const Identifier identifier{"mobile", "+4930123456", other};
    EXPECT_THAT(gate_.PseudonymizeMany({&identifier, 1}), HasCodeAt(StatusCode::kConflict, 0));
  }
  EXPECT_EQ(Persons(), 1u);
}

TEST_P(KindsTest, OneKindIsThatOfAllPersonsOfOneCall) {
  const std::vector<PersonView> persons = {
      {.issuer = "login", .id = "a", .name = "A", .kind = IdentifierKind::kText},
      {.issuer = "login", .id = "b", .name = "B", .kind = IdentifierKind::kOpaque}};
  const std::vector<std::string_view> roles(2, "Patient");
  EXPECT_THAT(gate_.AdmitMany(persons, roles), HasCodeAt(StatusCode::kConflict, 1));
  EXPECT_EQ(Persons(), 0u);
  EXPECT_EQ(Expect(vault().KindOf("login")), std::nullopt);  // nothing of the call is left
}

TEST_P(KindsTest, TheSamePersonTwiceInOneCallIsOnePerson) {
  const std::vector<PersonView> persons = {
      {.issuer = "email", .id = "zq@example.org", .name = "A"},
      {.issuer = "email", .id = "ZQ@Example.org", .name = "A"},
      {.issuer = "email", .id = "other@example.org", .name = "B"}};
  const std::vector<std::string_view> roles(3, "Patient");
  const auto admitted = Expect(gate_.AdmitMany(persons, roles));
  EXPECT_EQ(admitted[0].external_id(), admitted[1].external_id());
  EXPECT_NE(admitted[0].external_id(), admitted[2].external_id());
  EXPECT_EQ(Persons(), 2u);
}

TEST_P(KindsTest, TheBuiltInIssuersHaveNoOtherKind) {
  EXPECT_EQ(Expect(vault().KindOf("email")), IdentifierKind::kEmail);
  EXPECT_EQ(Expect(vault().KindOf("phone")), IdentifierKind::kPhone);
  for (const IdentifierKind kind : kAllKinds) {
    const bool own = kind == IdentifierKind::kEmail;
    EXPECT_EQ(vault().DeclareIssuer("email", kind).code(),
              own ? StatusCode::kOk : StatusCode::kConflict);
  }
  EXPECT_FALSE(Admit("email", "zq@example.org", IdentifierKind::kOpaque).ok());
}

TEST_P(KindsTest, AnIssuerThatCannotBeIsRefusedAndNotDeclared) {
  for (const std::string_view issuer : {"", "Login", "a b", "a/b"}) {
    EXPECT_THAT(vault().DeclareIssuer(issuer, IdentifierKind::kText),
                HasCode(StatusCode::kInvalidArgument));
    EXPECT_THAT(Admit(issuer, "1"), HasCode(StatusCode::kInvalidArgument));
  }
  EXPECT_EQ(Expect(test_.tables->Count(Table::kMeta)), 2u);  // settings and manifest
}

// What is stored for ever must be readable for ever.
TEST_P(KindsTest, AKindThatIsNoneIsRefusedAndTheVaultGoesOn) {
  for (const std::uint8_t number : {std::uint8_t{0}, std::uint8_t{5}, std::uint8_t{255}}) {
    const auto none = static_cast<IdentifierKind>(number);
    EXPECT_THAT(vault().DeclareIssuer("login", none), HasCode(StatusCode::kInvalidArgument));
    EXPECT_THAT(Admit("other", "1", none), HasCode(StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(Admit("login", "1"), IsOk());
}

TEST_P(KindsTest, ThePersonIsGivenBackAsFirstWritten) {
  const std::string id = Expect(Admit("email", "Zaphod@Example.org")).external_id();
  Expect(Admit("email", "zaphod@example.org"));
  const Resolved resolved = Expect(Resolver::Create(vault()).Resolve(id, kReason));
  EXPECT_EQ(resolved.person.issuer, "email");
  EXPECT_EQ(resolved.person.id.Expose(), "Zaphod@Example.org");
}

TEST_P(KindsTest, CheckTakesEverySpelling) {
  ASSERT_THAT(vault().DeclareIssuer("login", IdentifierKind::kText), IsOk());
  const std::string id = Expect(Admit("login", "zq")).external_id();
  EXPECT_TRUE(Expect(gate_.Check({"login", "ZQ"}, id)));
  EXPECT_TRUE(Expect(gate_.Check({"login", "Zq", IdentifierKind::kText}, id)));
  EXPECT_FALSE(Expect(gate_.Check({"login", "z q"}, id)));
  EXPECT_FALSE(Expect(gate_.Check({"other", "zq"}, id)));
}

TEST_P(KindsTest, PseudonymizeManyStoresNobodyAndGivesWhatAdmitGives) {
  ASSERT_THAT(vault().DeclareIssuer("login", IdentifierKind::kText), IsOk());
  const SessionIdentity known = Expect(Admit("login", "zq"));
  const auto content = test_.content();
  const std::vector<Identifier> identifiers = {
      {"login", "ZQ"}, {"login", "nobody"}, {"new", "1"}, {"email", "A@example.org"}};
  const auto pseudonyms = Expect(gate_.PseudonymizeMany(identifiers));
  EXPECT_EQ(test_.content(), content);
  EXPECT_EQ(Expect(vault().KindOf("new")), std::nullopt);
  ASSERT_EQ(pseudonyms.size(), 4u);
  ASSERT_TRUE(pseudonyms[0].has_value());
  EXPECT_EQ(pseudonyms[0]->external_id(), known.pseudonym().external_id());
  const bool derived = GetParam().mode == VaultMode::kDerived;
  for (const std::size_t i : {1u, 2u, 3u}) {
    EXPECT_EQ(pseudonyms[i].has_value(), derived);
    if (!pseudonyms[i]) continue;
    EXPECT_EQ(pseudonyms[i]->external_id().text(),
              Expect(Admit(identifiers[i].issuer, identifiers[i].id)).external_id());
  }
  const std::vector<Identifier> bad = {{"login", "a"}, {"login", ""}};
  EXPECT_THAT(gate_.PseudonymizeMany(bad), HasCodeAt(StatusCode::kInvalidArgument, 1));
  EXPECT_EQ(Expect(gate_.PseudonymizeMany({})).size(), 0u);
}

TEST_P(KindsTest, AConferenceHasPseudonymsOfItsOwn) {
  const IdentityGate visit =
      Expect(IdentityGate::Create(vault(), {.scope = Expect(Scope::Conference("visit-42"))}));
  const std::string app = Expect(Admit("mrn", "1")).external_id();
  const std::string conference =
      Expect(visit.Admit({.issuer = "mrn", .id = "1", .name = "Zaphod Quux"}, "Patient"))
          .external_id();
  EXPECT_NE(app, conference);
  const Identifier identifier{"mrn", "1"};
  EXPECT_EQ(Expect(visit.PseudonymizeMany({&identifier, 1}))[0]->external_id().text(), conference);
  EXPECT_FALSE(Expect(visit.Check(identifier, app)));
  EXPECT_TRUE(Expect(visit.Check(identifier, conference)));
  EXPECT_EQ(Persons(), 1u);
}

TEST_P(KindsTest, AnUnknownEpochIsNotFound) {
  for (const std::uint32_t epoch : {0u, 2u, std::numeric_limits<std::uint32_t>::max()}) {
    EXPECT_THAT(IdentityGate::Create(vault(), {.scope = Scope::App(), .identity_epoch = epoch}),
                HasCode(StatusCode::kNotFound));
  }
  const IdentityGate first =
      Expect(IdentityGate::Create(vault(), {.scope = Scope::App(), .identity_epoch = 1}));
  EXPECT_EQ(Expect(first.Admit({.issuer = "mrn", .id = "1", .name = "A"}, "Patient")).external_id(),
            Expect(Admit("mrn", "1")).external_id());
}

TEST_P(KindsTest, AStyleThatIsNoneIsRefused) {
  for (const std::uint8_t number : {std::uint8_t{0}, std::uint8_t{3}, std::uint8_t{255}}) {
    EXPECT_THAT(IdentityGate::Create(vault(), {.scope = Scope::App(),
                                               .label_style = static_cast<LabelStyle>(number)}),
                HasCode(StatusCode::kInvalidArgument));
  }
}

}  // namespace
}  // namespace moniker
