#include "store/roster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "store/test_store.h"
#include "support/status_matchers.h"

namespace moniker::internal {
namespace {

using testing::Expect;
using testing::HasCode;
using testing::IdOf;
using testing::TestStore;
using testing::Visit;

constexpr LabelStyle kStyles[] = {LabelStyle::kCode, LabelStyle::kWords};

// A pseudonym whose labels of both styles are those of the given last bytes; `number` tells it from
// others.
Pseudonym WithLabelBytes(std::uint32_t number, std::array<std::uint8_t, 4> label) {
  Digest digest{};
  for (std::size_t i = 0; i < 4; ++i) {
    digest[i] = static_cast<std::uint8_t>(number >> (8 * i));
    digest[19 + i] = label[i];
  }
  return Pseudonym(digest);
}

class RosterTest : public ::testing::Test, protected TestStore {
 protected:
  WorkingSet NewSet() const { return WorkingSet(store->keys(), backend.get()); }

  void Write(const WorkingSet& set) {
    const auto transaction = Expect(backend->Begin());
    Expect(set.Write(transaction.get()));
    Expect(transaction->Commit());
  }
};

TEST_F(RosterTest, TheFirstGetsTheLabelOfItsDigest) {
  for (const LabelStyle style : kStyles) {
    WorkingSet set = NewSet();
    const Pseudonym pseudonym = WithLabelBytes(1, {12, 34, 56, 78});
    EXPECT_EQ(Expect(TakeLabel("visit-42", pseudonym, style, &set)),
              Label::Of(pseudonym.digest(), style));
    EXPECT_TRUE(set.changed());
  }
}

TEST_F(RosterTest, AThousandWithOneDigestLabelHaveAThousandLabels) {
  constexpr std::uint32_t kPersons = 1000;
  for (const LabelStyle style : kStyles) {
    WorkingSet set = NewSet();
    std::set<std::uint32_t> values;
    const std::uint32_t first = Label::Of(WithLabelBytes(0, {1, 2, 3, 4}).digest(), style).value();
    for (std::uint32_t i = 0; i < kPersons; ++i) {
      const Label label =
          Expect(TakeLabel("visit-42", WithLabelBytes(i, {1, 2, 3, 4}), style, &set));
      ASSERT_EQ(label.value(), first + i);  // the next that nobody has, none left out
      values.insert(label.value());
    }
    EXPECT_EQ(values.size(), kPersons);
    Write(set);
  }
  EXPECT_EQ(Count(Table::kRoster), 2 * kPersons);
  // They are found again in the store too, by whoever comes next.
  WorkingSet later = NewSet();
  const Label next = Expect(
      TakeLabel("visit-42", WithLabelBytes(kPersons, {1, 2, 3, 4}), LabelStyle::kCode, &later));
  EXPECT_EQ(
      next.value(),
      Label::Of(WithLabelBytes(0, {1, 2, 3, 4}).digest(), LabelStyle::kCode).value() + kPersons);
}

TEST_F(RosterTest, AfterTheLastLabelComesTheFirst) {
  const std::map<LabelStyle, std::array<std::uint8_t, 4>> last = {
      {LabelStyle::kCode, {0xff, 0xff, 0xff, 0xff}}, {LabelStyle::kWords, {0xff, 0xff, 0, 99}}};
  for (const auto& [style, bytes] : last) {
    WorkingSet set = NewSet();
    ASSERT_EQ(Label::Of(WithLabelBytes(0, bytes).digest(), style).value(), Label::Count(style) - 1);
    const std::vector<std::uint32_t> expected = {Label::Count(style) - 1, 0, 1};
    for (std::uint32_t i = 0; i < 3; ++i) {
      EXPECT_EQ(Expect(TakeLabel("visit-42", WithLabelBytes(i, bytes), style, &set)).value(),
                expected[i]);
    }
  }
}

TEST_F(RosterTest, WhoHasALabelGetsItAgainAndNothingIsWritten) {
  for (const LabelStyle style : kStyles) {
    WorkingSet set = NewSet();
    std::vector<Label> labels;
    for (std::uint32_t i = 0; i < 5; ++i) {
      labels.push_back(Expect(TakeLabel("visit-42", WithLabelBytes(i, {9, 9, 9, 9}), style, &set)));
    }
    Write(set);
    WorkingSet again = NewSet();
    for (std::uint32_t i = 5; i-- > 0;) {
      EXPECT_EQ(Expect(TakeLabel("visit-42", WithLabelBytes(i, {9, 9, 9, 9}), style, &again)),
                labels[i]);
    }
    EXPECT_FALSE(again.changed());
  }
}

TEST_F(RosterTest, ConferencesAndStylesDoNotTakeLabelsFromEachOther) {
  WorkingSet set = NewSet();
  const Pseudonym one = WithLabelBytes(1, {5, 5, 5, 5});
  const Pseudonym other = WithLabelBytes(2, {5, 5, 5, 5});
  for (const LabelStyle style : kStyles) {
    EXPECT_EQ(Expect(TakeLabel("visit-42", one, style, &set)), Label::Of(one.digest(), style));
    EXPECT_EQ(Expect(TakeLabel("visit-43", other, style, &set)), Label::Of(other.digest(), style));
  }
}

// 122 bits of the digest are the owner, as they are the external ID's tag.
TEST_F(RosterTest, TheOwnerIsTheUuidOfThePseudonym) {
  WorkingSet set = NewSet();
  const Pseudonym pseudonym = WithLabelBytes(7, {5, 6, 7, 8});
  const Label label = Expect(TakeLabel("visit-42", pseudonym, LabelStyle::kCode, &set));
  Write(set);
  const RecordTag tag = Expect(store->keys()->tags().OfLabel("visit-42", label)).front();
  EXPECT_EQ(Expect(DecodeRosterEntry(Payload(Table::kRoster, tag).Expose())),
            pseudonym.uuid().bytes());
}

TEST_F(RosterTest, ADamagedEntryIsAlteredAndNotSkipped) {
  const Pseudonym pseudonym = WithLabelBytes(7, {5, 6, 7, 8});
  const Label label = Label::Of(pseudonym.digest(), LabelStyle::kCode);
  const RecordTag tag = Expect(store->keys()->tags().OfLabel("visit-42", label)).front();
  Forge(Table::kRoster, tag, testing::Bytes("no entry"));
  WorkingSet set = NewSet();
  EXPECT_THAT(TakeLabel("visit-42", pseudonym, LabelStyle::kCode, &set),
              HasCode(StatusCode::kAltered));
}

// --- through an admission

TEST_F(RosterTest, AThousandPersonsOfAConferenceHaveAThousandLabelsOfEachStyle) {
  std::vector<std::string> ids;
  std::vector<PersonView> people;
  for (int i = 0; i < 1000; ++i) ids.push_back("id-" + std::to_string(i));
  for (const std::string& id : ids) people.push_back({"mrn", id, "Somebody"});
  // One label of each is somebody else's already.
  WorkingSet set = NewSet();
  const Identifier ada = {"mrn", "id-0"};
  const auto derived = Expect(store->PseudonymizeMany({&ada, 1}, Visit("visit-42"), {})).at(0);
  std::uint32_t number = 0;
  for (const LabelStyle style : kStyles) {
    const Label taken = Label::Of(derived->digest(), style);
    const RecordTag tag = Expect(store->keys()->tags().OfLabel("visit-42", taken)).front();
    const Pseudonym other = WithLabelBytes(++number, {0, 0, 0, 0});
    Forge(Table::kRoster, tag, Expect(EncodeRosterEntry(other.uuid().bytes())).Expose());
  }
  for (const LabelStyle style : kStyles) {
    std::set<std::string> texts;
    const auto admitted = Admit(people, Visit("visit-42"), style);
    for (const Admitted& one : admitted) texts.insert(one.label.text());
    EXPECT_EQ(texts.size(), people.size());
    EXPECT_EQ(admitted[0].label, Label::Of(derived->digest(), style).Next());
    const auto again = Admit(people, Visit("visit-42"), style);
    for (std::size_t i = 0; i < people.size(); ++i) EXPECT_EQ(again[i].label, admitted[i].label);
  }
  EXPECT_EQ(Count(Table::kRoster), 2002u);
  const Link link = Find(std::string(derived->external_id().text()))->link;
  ASSERT_EQ(link.labels.size(), 2u);
  EXPECT_EQ(link.LabelOf(LabelStyle::kCode),
            Label::Of(derived->digest(), LabelStyle::kCode).Next());
  EXPECT_EQ(link.LabelOf(LabelStyle::kWords),
            Label::Of(derived->digest(), LabelStyle::kWords).Next());
}

TEST_F(RosterTest, TheAppScopeHasNoRoster) {
  const auto admitted = Admit({{"mrn", "1", "Ada"}, {"mrn", "2", "Bob"}});
  EXPECT_EQ(Count(Table::kRoster), 0u);
  EXPECT_EQ(admitted[0].label, Label::Of(admitted[0].pseudonym.digest(), LabelStyle::kCode));
  EXPECT_TRUE(Find(IdOf(admitted[0]))->link.labels.empty());
}

TEST_F(RosterTest, ALabelStaysWhenKeysAreRotated) {
  const std::vector<PersonView> people = {{"mrn", "1", "Ada"}, {"mrn", "2", "Bob"}};
  const auto before = Admit(people, Visit("visit-42"));
  for (const KeyKind kind : {KeyKind::kIndex, KeyKind::kStorage}) {
    Expect(Rotate(kind));
    const auto after = Admit(people, Visit("visit-42"));
    for (std::size_t i = 0; i < people.size(); ++i) {
      EXPECT_EQ(after[i].label, before[i].label);
      EXPECT_EQ(IdOf(after[i]), IdOf(before[i]));
    }
  }
  EXPECT_EQ(Count(Table::kRoster), 2u);
  // Somebody new is kept off a label that stands under an older index epoch.
  WorkingSet set = NewSet();
  Digest digest = before[0].pseudonym.digest();
  digest[0] ^= 1;
  EXPECT_EQ(Expect(TakeLabel("visit-42", Pseudonym(digest), LabelStyle::kCode, &set)),
            before[0].label.Next());
}

}  // namespace
}  // namespace moniker::internal
