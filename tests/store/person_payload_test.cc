// Vectors of persons: payload_test.cc.

#include "store/person_payload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "support/hex.h"
#include "support/records.h"
#include "support/status_matchers.h"

namespace moniker::internal {
namespace {

using testing::Counting;
using ::testing::ElementsAre;
using testing::Expect;
using testing::HasCode;
using testing::IsOk;
using testing::Tag;

using Payload = std::vector<std::uint8_t>;

Payload Encoded(const StoredPerson& person) {
  const SecretBytes payload = Expect(EncodePerson(person));
  return {payload.Expose().begin(), payload.Expose().end()};
}

RecordTag Numbered(std::size_t number) { return RecordTag(Counting(16, number)); }

const std::vector<std::uint8_t>& Handle() {
  static const std::vector<std::uint8_t> handle = Counting(32, 7);
  return handle;
}

StoredPerson Derived() {
  StoredPerson person;
  person.identifiers = {{IdentifierKind::kOpaque, "mrn", "7", ""}};
  person.name = "Ada";
  return person;
}

StoredPerson Enrolled() {
  StoredPerson person = Derived();
  person.handle = Handle();
  return person;
}

TEST(PersonPayloadTest, FieldsArePutInOrder) {
  StoredPerson person = Derived();
  person.fields = {{"b", "2"}, {"a_", "1"}, {"a", ""}, {"_", "0"}};
  const Payload payload = Encoded(person);
  const StoredPerson decoded = Expect(DecodePerson(payload));
  ASSERT_EQ(decoded.fields.size(), 4u);
  EXPECT_EQ(decoded.fields[0].name, "_");
  EXPECT_EQ(decoded.fields[1].name, "a");
  EXPECT_EQ(decoded.fields[2].name, "a_");
  EXPECT_EQ(decoded.fields[3].name, "b");
  EXPECT_EQ(decoded.fields[3].text, "2");
}

TEST(PersonPayloadTest, OrderOfGivenFieldsAndAbsorbedPersonsDoesNotChangeThePayload) {
  StoredPerson one = Enrolled();
  one.fields = {{"email", "a@b.example"}, {"avatar", "x"}};
  one.absorbed = {Numbered(3), Numbered(1), Numbered(2)};
  StoredPerson other = one;
  std::swap(other.fields[0], other.fields[1]);
  std::swap(other.absorbed[0], other.absorbed[1]);
  EXPECT_EQ(Encoded(one), Encoded(other));
  const Payload payload = Encoded(one);
  EXPECT_THAT(Expect(DecodePerson(payload)).absorbed,
              ElementsAre(Numbered(1), Numbered(2), Numbered(3)));
}

// The order of identifiers is that in which they came to the person: the first one names it.
TEST(PersonPayloadTest, IdentifiersStayInTheirOrder) {
  StoredPerson person = Enrolled();
  person.identifiers = {{IdentifierKind::kText, "staff", "z", "Z"},
                        {IdentifierKind::kOpaque, "mrn", "7", ""},
                        {IdentifierKind::kEmail, "email", "jo@example.org", "Jo@example.org"}};
  const Payload payload = Encoded(person);
  const StoredPerson decoded = Expect(DecodePerson(payload));
  ASSERT_EQ(decoded.identifiers.size(), 3u);
  EXPECT_EQ(decoded.identifiers[0].as_given(), "Z");
  EXPECT_EQ(decoded.identifiers[1].as_given(), "7");
  EXPECT_EQ(decoded.identifiers[2].as_given(), "Jo@example.org");
  EXPECT_EQ(decoded.identifiers[2].value, "jo@example.org");
}

TEST(PersonPayloadTest, EverythingOfAnEnrolledPersonComesBack) {
  StoredPerson person = Enrolled();
  person.merged_into = Numbered(9);
  person.absorbed = {Numbered(1)};
  const Payload payload = Encoded(person);
  const StoredPerson decoded = Expect(DecodePerson(payload));
  EXPECT_TRUE(std::ranges::equal(decoded.handle, Handle()));
  EXPECT_EQ(decoded.merged_into, Numbered(9));
  EXPECT_THAT(decoded.absorbed, ElementsAre(Numbered(1)));
  EXPECT_EQ(decoded.name, "Ada");
}

TEST(PersonPayloadTest, WhatCannotBeReadBackIsNotEncoded) {
  const auto refused = [](const StoredPerson& base,
                          const std::function<void(StoredPerson*)>& spoil) {
    ASSERT_THAT(EncodePerson(base), IsOk());
    StoredPerson person = base;
    spoil(&person);
    EXPECT_THAT(EncodePerson(person), HasCode(StatusCode::kInvalidArgument));
  };
  const std::vector<std::uint8_t> short_handle = Counting(31);
  const std::string long_name(1025, 'n');
  refused(Enrolled(), [&](StoredPerson* p) { p->handle = short_handle; });
  refused(Enrolled(), [&](StoredPerson* p) { p->name = ""; });
  refused(Enrolled(), [&](StoredPerson* p) { p->name = long_name; });
  refused(Enrolled(), [&](StoredPerson* p) { p->identifiers.clear(); });
  refused(Enrolled(), [&](StoredPerson* p) { p->identifiers.push_back(p->identifiers[0]); });
  refused(Enrolled(), [&](StoredPerson* p) { p->absorbed = {Numbered(1), Numbered(1)}; });
  refused(Enrolled(), [&](StoredPerson* p) { p->identifiers[0].given = "7"; });
  refused(Enrolled(), [&](StoredPerson* p) { p->identifiers[0].given = "8"; });
  refused(Enrolled(), [&](StoredPerson* p) {
    p->identifiers[0] = {IdentifierKind::kText, "staff", "Not Canonical", ""};
  });
  refused(Enrolled(), [&](StoredPerson* p) {
    p->identifiers[0] = {IdentifierKind::kOpaque, "email", "jo@example.org", ""};
  });
  refused(Enrolled(),
          [&](StoredPerson* p) { p->identifiers[0].kind = static_cast<IdentifierKind>(5); });
  refused(Enrolled(), [&](StoredPerson* p) { p->fields = {{"a", "1"}, {"a", "2"}}; });
  refused(Enrolled(), [&](StoredPerson* p) { p->merged_into = Tag("short"); });
  refused(Enrolled(), [&](StoredPerson* p) { p->absorbed = {Tag("short")}; });
  // A person without a handle has no merges and one identifier.
  refused(Derived(), [&](StoredPerson* p) { p->merged_into = Numbered(1); });
  refused(Derived(), [&](StoredPerson* p) { p->absorbed = {Numbered(1)}; });
  refused(Derived(), [&](StoredPerson* p) {
    p->identifiers.push_back({IdentifierKind::kOpaque, "mrn", "8", ""});
  });
}

TEST(PersonPayloadTest, HasAtMost64IdentifiersAndAbsorbedPersons) {
  std::vector<std::string> values;
  for (int i = 0; i < 65; ++i) values.push_back("id-" + std::to_string(i));
  StoredPerson person = Enrolled();
  person.identifiers.clear();
  for (std::size_t i = 0; i < 64; ++i) {
    person.identifiers.push_back({IdentifierKind::kOpaque, "mrn", values[i], ""});
    person.absorbed.push_back(Numbered(i));
  }
  EXPECT_THAT(EncodePerson(person), IsOk());
  StoredPerson more = person;
  more.identifiers.push_back({IdentifierKind::kOpaque, "mrn", values[64], ""});
  EXPECT_THAT(EncodePerson(more), HasCode(StatusCode::kInvalidArgument));
  more = person;
  more.absorbed.push_back(Numbered(64));
  EXPECT_THAT(EncodePerson(more), HasCode(StatusCode::kInvalidArgument));
}

TEST(PersonPayloadTest, TheLargestPersonFitsARecord) {
  std::vector<std::string> names;
  std::vector<std::string> ids;
  for (int i = 0; i < 64; ++i) {
    names.push_back(std::string(62, 'f') + std::to_string(10 + i));
    ids.push_back(std::string(1022, 'x') + std::to_string(10 + i));
  }
  const std::string text(4096, 't');
  const std::string issuer(64, 'i');
  const std::string name(1024, 'n');
  StoredPerson person;
  person.handle = Handle();
  person.merged_into = Numbered(200);
  std::vector<std::string> spellings;
  for (const std::string& id : ids) {
    spellings.push_back(id);
    for (char& c : spellings.back()) {
      if (c == 'x') c = 'X';
    }
  }
  for (std::size_t i = 0; i < 64; ++i) {
    person.fields.push_back({names[i], text});
    person.identifiers.push_back({IdentifierKind::kText, issuer, ids[i], spellings[i]});
    person.absorbed.push_back(Numbered(i));
  }
  person.name = name;
  const Payload payload = Encoded(person);
  EXPECT_LT(payload.size(), (std::size_t{1} << 20) - 128);
  EXPECT_EQ(Expect(DecodePerson(payload)).identifiers.size(), 64u);
}

}  // namespace
}  // namespace moniker::internal
