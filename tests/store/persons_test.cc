#include "store/persons.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "store/test_store.h"
#include "support/status_matchers.h"
#include "support/vector_file.h"

namespace moniker::internal {
namespace {

using testing::Bytes;
using testing::Counting;
using ::testing::ElementsAre;
using testing::Expect;
using testing::HasCode;
using testing::HasCodeAt;
using testing::IsOk;
using testing::Tag;
using testing::TestStore;
using testing::VectorFile;

RecordTag Numbered(std::size_t number) {
  std::vector<std::uint8_t> bytes = Counting(16);
  bytes[0] = static_cast<std::uint8_t>(number);
  bytes[1] = static_cast<std::uint8_t>(number >> 8);
  return RecordTag(bytes);
}

class PersonsTest : public ::testing::Test, protected TestStore {
 protected:
  PersonsTest() : TestStore(VaultMode::kEnrolled) {}

  // A person as one who has the keys can write it.
  void Write(std::size_t number, std::optional<std::size_t> merged_into,
             std::vector<std::size_t> absorbed = {}) {
    const std::vector<std::uint8_t> handle = Counting(32, number);
    const std::string id = std::to_string(number);
    StoredPerson person;
    person.handle = handle;
    person.identifiers = {{IdentifierKind::kOpaque, "mrn", id, ""}};
    person.name = "Somebody";
    if (merged_into) person.merged_into = Numbered(*merged_into);
    for (const std::size_t one : absorbed) person.absorbed.push_back(Numbered(one));
    Forge(Table::kPerson, Numbered(number), Expect(EncodePerson(person)).Expose());
  }

  Result<std::optional<RecordTag>> Follow(std::size_t number) {
    WorkingSet set(store->keys(), backend.get());
    const auto entry = FollowMerges(Numbered(number), &set);
    if (!entry.ok()) return entry.status();
    if (*entry == nullptr) return std::optional<RecordTag>();
    return std::optional((*entry)->tag());
  }

  Result<std::vector<RecordTag>> Absorbed(std::size_t number) {
    WorkingSet set(store->keys(), backend.get());
    return WithAbsorbed(*Expect(set.Find(Table::kPerson, Numbered(number))), &set);
  }
};

TEST_F(PersonsTest, WhoWasNotMergedIsTheEndOfItsWay) {
  Write(1, std::nullopt);
  EXPECT_EQ(Expect(Follow(1)), Numbered(1));
  EXPECT_EQ(Expect(Follow(2)), std::nullopt);
}

TEST_F(PersonsTest, AWayOf64MergesIsFollowedAndOneOf65IsAltered) {
  for (std::size_t i = 0; i < 65; ++i) Write(i, i + 1);
  Write(65, std::nullopt);
  EXPECT_EQ(Expect(Follow(1)), Numbered(65));
  EXPECT_THAT(Follow(0), HasCode(StatusCode::kAltered));
}

TEST_F(PersonsTest, ACircleIsAltered) {
  Write(1, 1);
  EXPECT_THAT(Follow(1), HasCode(StatusCode::kAltered));
  Write(2, 3);
  Write(3, 4);
  Write(4, 2);
  EXPECT_THAT(Follow(3), HasCode(StatusCode::kAltered));
}

TEST_F(PersonsTest, AWayToSomebodyWhoIsGoneLeadsToNobody) {
  Write(1, 2);
  EXPECT_EQ(Expect(Follow(1)), std::nullopt);
}

TEST_F(PersonsTest, ADamagedRecordOnTheWayIsAltered) {
  Write(1, 2);
  Forge(Table::kPerson, Numbered(2), Bytes("no person"));
  EXPECT_THAT(Follow(1), HasCode(StatusCode::kAltered));
}

TEST_F(PersonsTest, AbsorbedPersonsComeWithThoseWhomTheyAbsorbed) {
  Write(1, std::nullopt, {2, 3});
  Write(2, 1, {4});
  Write(3, 1);
  Write(4, 2);
  EXPECT_THAT(Expect(Absorbed(1)), ElementsAre(Numbered(1), Numbered(2), Numbered(3), Numbered(4)));
  EXPECT_THAT(Expect(Absorbed(4)), ElementsAre(Numbered(4)));
}

TEST_F(PersonsTest, AbsorbedPersonsInACircleOrTwiceOrGoneAreAltered) {
  Write(1, std::nullopt, {2});
  Write(2, 1, {9});
  Write(9, 2, {1});
  EXPECT_THAT(Absorbed(1), HasCode(StatusCode::kAltered));
  Write(3, std::nullopt, {4, 5});
  Write(4, 3, {6});
  Write(5, 3, {6});
  Write(6, 5);
  EXPECT_THAT(Absorbed(3), HasCode(StatusCode::kAltered));
  Write(7, std::nullopt, {8});
  EXPECT_THAT(Absorbed(7), HasCode(StatusCode::kAltered));
}

// It takes the tag of its own record to see that a person is merged into itself.
TEST_F(PersonsTest, PersonsOfTheSpecificationThatContradictTheirOwnTagAreAltered) {
  int accepted = 0;
  int refused = 0;
  for (const VectorFile& vector : testing::ReadVectors("mapping-store", "payload")) {
    if (!vector.Has("tag-hex")) continue;
    SCOPED_TRACE(vector.name());
    const RecordTag tag = Tag(vector.Bytes("tag-hex"));
    Forge(Table::kPerson, tag, Bytes(vector.Bytes("payload-hex")));
    WorkingSet set(store->keys(), backend.get());
    const auto* const entry = Expect(set.Find(Table::kPerson, tag));
    const bool circle = FollowMerges(tag, &set).status().code() == StatusCode::kAltered;
    const StoredPerson person = Expect(DecodePerson(entry->payload()));
    for (const RecordTag& absorbed : person.absorbed) {
      if (absorbed != tag) Write(Bytes(vector.Bytes("tag-hex"))[0], std::nullopt);
    }
    const bool ok = vector.Get("expect") == "ok";
    if (ok) {
      EXPECT_FALSE(circle);
    } else {
      EXPECT_TRUE(circle || WithAbsorbed(*entry, &set).status().code() == StatusCode::kAltered);
    }
    ++(ok ? accepted : refused);
  }
  EXPECT_EQ(accepted, 2);
  EXPECT_EQ(refused, 2);
}

// --- issuers

TEST_F(PersonsTest, IssuersAreSeenAsTheRequestAddsToThem) {
  WorkingSet set(store->keys(), backend.get());
  Issuers issuers(&set);
  EXPECT_EQ(Expect(issuers.KindOf("staff")), std::nullopt);
  EXPECT_EQ(Expect(issuers.KindOf("email")), IdentifierKind::kEmail);
  EXPECT_EQ(Expect(issuers.Declare("staff", IdentifierKind::kText)), IdentifierKind::kText);
  EXPECT_EQ(Expect(issuers.Declare("staff", std::nullopt)), IdentifierKind::kText);
  EXPECT_EQ(Expect(issuers.Declare("mrn", std::nullopt)), IdentifierKind::kOpaque);
  EXPECT_EQ(Expect(issuers.Declare("phone", std::nullopt)), IdentifierKind::kPhone);
  EXPECT_EQ(Expect(Issuers(&set).KindOf("staff")), IdentifierKind::kText);
}

TEST_F(PersonsTest, ADamagedIssuersRecordIsAltered) {
  Forge(Table::kMeta, Tag("issuers"), Bytes("no issuers"));
  WorkingSet set(store->keys(), backend.get());
  EXPECT_THAT(Issuers(&set).KindOf("mrn"), HasCode(StatusCode::kAltered));
  EXPECT_THAT(Issuers(&set).Declare("mrn", std::nullopt), HasCode(StatusCode::kAltered));
}

TEST_F(PersonsTest, AnIdentifierIsMadeCanonicalByTheKindOfItsIssuer) {
  WorkingSet set(store->keys(), backend.get());
  Issuers issuers(&set);
  const CanonicalIdentifier email =
      Expect(MakeCanonical({"email", "Jo@Example.org"}, NewIssuers::kLeave, &issuers));
  EXPECT_EQ(email.kind, IdentifierKind::kEmail);
  EXPECT_EQ(email.value.Expose(), "jo@example.org");
  EXPECT_FALSE(set.changed());
  Expect(issuers.Declare("staff", IdentifierKind::kText));
  EXPECT_EQ(
      Expect(MakeCanonical({"staff", "Jo  Ann"}, NewIssuers::kLeave, &issuers)).value.Expose(),
      "jo ann");
  for (const NewIssuers policy : {NewIssuers::kLeave, NewIssuers::kDeclare}) {
    EXPECT_THAT(MakeCanonical({"staff", "1", IdentifierKind::kOpaque}, policy, &issuers).status(),
                HasCode(StatusCode::kConflict));
    EXPECT_THAT(MakeCanonical({"BAD", "1"}, policy, &issuers).status(),
                HasCode(StatusCode::kInvalidArgument));
  }
}

}  // namespace
}  // namespace moniker::internal
