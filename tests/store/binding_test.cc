#include "store/binding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "store/test_store.h"
#include "support/status_matchers.h"

namespace moniker::internal {
namespace {

using ::testing::ElementsAre;
using testing::Expect;
using testing::ForEveryFailingCall;
using testing::HasCode;
using testing::IsOk;
using testing::ScanAll;
using testing::TestStore;
using testing::VersionOf;
using testing::Visit;

using Binding = MappingStore::Binding;

class BindingTest : public ::testing::TestWithParam<VaultMode>, protected TestStore {
 protected:
  BindingTest() : TestStore(GetParam()) {}

  static Uuid UuidOfId(std::string_view id) { return UuidOf(Expect(ExternalId::Parse(id))); }

  Status Bind(std::string_view participant, std::string_view id,
              std::optional<Scope> scope = std::nullopt) {
    const Binding binding = {participant, UuidOfId(id), std::move(scope)};
    const auto statuses = store->BindMany({&binding, 1});
    return statuses.ok() ? statuses->at(0) : statuses.status();
  }

  Link StoredLink(std::string_view participant) const {
    const RecordTag tag = Expect(store->keys()->tags().OfParticipant(participant)).front();
    return Expect(DecodeLink(Payload(Table::kParticipant, tag).Expose()));
  }

  const PersonView ada_ = {"mrn", "1", "Ada"};
  const PersonView bob_ = {"mrn", "2", "Bob"};
};

INSTANTIATE_TEST_SUITE_P(Modes, BindingTest,
                         ::testing::Values(VaultMode::kDerived, VaultMode::kEnrolled),
                         [](const auto& mode) { return std::string(VaultModeName(mode.param)); });

TEST_P(BindingTest, ABoundParticipantNamesItselfAndHasNoLabels) {
  const std::string id = AdmitOne(ada_, Visit("visit-42"));
  ASSERT_THAT(Bind("p-1", id), IsOk());
  const Link stored = StoredLink("p-1");
  EXPECT_EQ(stored.participant_id, "p-1");
  EXPECT_TRUE(stored.labels.empty());
  Link expected = Find(id)->link;
  EXPECT_EQ(expected.labels.size(), 1u);
  expected.labels.clear();
  expected.day = 0;
  expected.participant_id = "p-1";
  EXPECT_EQ(stored, expected);
}

// The labels of a participant stand in the link of its external ID, where they are up to date.
TEST_P(BindingTest, AParticipantShowsTheLabelsOfItsExternalId) {
  const std::string id = AdmitOne(ada_, Visit("visit-42"));
  ASSERT_THAT(Bind("p-1", id), IsOk());
  EXPECT_EQ(Find("p-1")->link.labels, Find(id)->link.labels);
  const auto words = Admit({ada_}, Visit("visit-42"), LabelStyle::kWords);
  EXPECT_EQ(Find("p-1")->link.labels.size(), 2u);
  EXPECT_EQ(Find("p-1")->link.LabelOf(LabelStyle::kWords), words[0].label);
}

TEST_P(BindingTest, AScopeThatIsGivenMustBeThatOfTheExternalId) {
  const std::string app = AdmitOne(ada_);
  const std::string visit = AdmitOne(ada_, Visit("visit-42"));
  EXPECT_THAT(Bind("p-1", app, Visit("visit-42")), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(Bind("p-1", visit, Scope::App()), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(Bind("p-1", visit, Visit("visit-43")), HasCode(StatusCode::kNotFound));
  EXPECT_EQ(Count(Table::kParticipant), 0u);
  EXPECT_THAT(Bind("p-1", visit, Visit("visit-42")), IsOk());
  EXPECT_THAT(Bind("p-2", app, Scope::App()), IsOk());
}

TEST_P(BindingTest, AnotherPersonIsAConflictAndTheSameMayFollow) {
  const std::string ada = AdmitOne(ada_);
  const std::string ada_in_visit = AdmitOne(ada_, Visit("visit-42"));
  const std::string bob = AdmitOne(bob_);
  ASSERT_THAT(Bind("p-1", ada), IsOk());
  const auto before = content();
  EXPECT_THAT(Bind("p-1", bob), HasCode(StatusCode::kConflict));
  EXPECT_EQ(content(), before);
  EXPECT_THAT(Bind("p-1", ada_in_visit), IsOk());
  EXPECT_EQ(Find("p-1")->link.scope, Visit("visit-42"));
}

TEST_P(BindingTest, BindingsOfOneCallSeeEachOther) {
  const Uuid ada = UuidOfId(AdmitOne(ada_));
  const Uuid bob = UuidOfId(AdmitOne(bob_));
  const std::vector<Binding> bindings = {{"p-1", ada}, {"p-1", bob}, {"p-1", ada}, {"p-2", bob}};
  EXPECT_THAT(Expect(store->BindMany(bindings)),
              ElementsAre(IsOk(), HasCode(StatusCode::kConflict), IsOk(), IsOk()));
  EXPECT_EQ(Count(Table::kParticipant), 2u);
}

TEST_P(BindingTest, BoundUnderAnOlderIndexEpochItStaysWhereItIs) {
  const std::string id = AdmitOne(ada_);
  const std::string bob = AdmitOne(bob_);
  ASSERT_THAT(Bind("p-1", id), IsOk());
  Expect(Rotate(KeyKind::kIndex));
  const auto before = content();
  EXPECT_THAT(Bind("p-1", id), IsOk());
  EXPECT_THAT(Bind("p-1", bob), HasCode(StatusCode::kConflict));
  EXPECT_EQ(content(), before);
  EXPECT_TRUE(Find("p-1"));
  EXPECT_THAT(Bind("p-2", bob), IsOk());
  EXPECT_EQ(Count(Table::kParticipant), 2u);
}

// Rows of format 1 do not know their participant ID; whoever binds again writes nothing.
TEST_P(BindingTest, ARowOfFormat1IsTheSameBindingAndLearnsItsIdWhenItIsWrittenAnew) {
  const std::string app = AdmitOne(ada_);
  const std::string visit = AdmitOne(ada_, Visit("visit-42"));
  const std::string bob = AdmitOne(bob_);
  const RecordTag tag = Expect(store->keys()->tags().OfParticipant("p-1")).front();
  const Link link = Find(app)->link;
  std::vector<std::uint8_t> payload(1 + 16 + 4 + 32 + 1 + 4);
  ByteWriter(payload).U8(1).Bytes(link.person.bytes()).U32(1).Bytes(link.digest).U8(0).Prefixed("");
  Forge(Table::kParticipant, tag, payload);
  EXPECT_EQ(Find("p-1")->link.participant_id, "");
  const auto before = content();
  EXPECT_THAT(Bind("p-1", app), IsOk());
  EXPECT_THAT(Bind("p-1", bob), HasCode(StatusCode::kConflict));
  EXPECT_EQ(content(), before);
  EXPECT_THAT(Bind("p-1", visit), IsOk());
  EXPECT_EQ(StoredLink("p-1").participant_id, "p-1");
}

TEST_P(BindingTest, EveryFailureWhileBindingIsPassedOnAndKeepsNothing) {
  const Uuid ada = UuidOfId(AdmitOne(ada_));
  const Uuid bob = UuidOfId(AdmitOne(bob_));
  const std::vector<Binding> bindings = {{"p-1", ada}, {"p-2", bob}};
  ForEveryFailingCall(
      *faults, *backend, [&] { return store->BindMany(bindings).status(); }, 9);
}

// Merged persons are one: their participants may change places.
TEST(EnrolledBindingTest, AMergedPersonIsThePersonThatItWasMergedInto) {
  const TestStore test(VaultMode::kEnrolled);
  const std::string ada = test.AdmitOne({"mrn", "1", "Ada"});
  const std::string bob = test.AdmitOne({"mrn", "2", "Bob"});
  const auto bind = [&](std::string_view id) {
    const Binding binding = {"p-1", UuidOf(Expect(ExternalId::Parse(id)))};
    return Expect(test.store->BindMany({&binding, 1})).at(0);
  };
  ASSERT_THAT(bind(ada), IsOk());
  ASSERT_THAT(bind(bob), HasCode(StatusCode::kConflict));
  const IdentifierPair pair = {{"mrn", "1"}, {"mrn", "2"}};
  Expect(test.store->MergePersons({&pair, 1}, false));
  EXPECT_THAT(bind(bob), IsOk());
  const Identifier second = {"mrn", "2"};
  Expect(test.store->SplitPersons({&second, 1}, false));
  EXPECT_THAT(bind(ada), HasCode(StatusCode::kConflict));
}

}  // namespace
}  // namespace moniker::internal
