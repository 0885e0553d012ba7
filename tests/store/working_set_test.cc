#include "store/working_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "store/test_store.h"
#include "support/status_matchers.h"
#include "support/test_keyring.h"

namespace moniker::internal {
namespace {

using testing::Bytes;
using testing::Counting;
using testing::Expect;
using testing::FailingBackend;
using testing::Faults;
using testing::FindOne;
using testing::HasCode;
using testing::IsOk;
using testing::StorageEpochOf;
using testing::Tag;
using testing::VersionOf;

class WorkingSetTest : public ::testing::Test {
 protected:
  static std::shared_ptr<const StoreKeys> Keys(std::uint32_t storage_epochs = 1) {
    testing::TestKeyring keys;
    for (std::uint32_t epoch = 1; epoch <= storage_epochs; ++epoch) {
      keys.keys.push_back({KeyKind::kStorage, epoch, Counting(32, epoch)});
    }
    return Expect(StoreKeys::Create(testing::MakeKeyring(keys)));
  }

  static SecretBytes Secret(std::string_view text) { return testing::Secret(Bytes(text)); }
  static std::string TextOf(const WorkingSet::Entry& entry) {
    return std::string(AsText(entry.payload()));
  }

  void Store(const RecordTag& tag, std::string_view text, std::uint32_t version = 1,
             Table table = Table::kPerson) {
    testing::PutOne(*tables_, table,
                    {tag, Expect(keys_->sealer().Seal(table, tag, version, Bytes(text)))});
  }

  Status Write(const WorkingSet& set) {
    const auto transaction = Expect(tables_->Begin());
    const Status status = set.Write(transaction.get());
    return status.ok() ? transaction->Commit() : status;
  }

  std::string Stored(const RecordTag& tag, Table table = Table::kPerson) {
    const auto sealed = FindOne(*tables_, table, tag);
    if (!sealed) return "nothing";
    return std::string(AsText(Expect(keys_->sealer().Open(table, tag, *sealed)).payload.Expose()));
  }

  std::shared_ptr<const StoreKeys> keys_ = Keys();
  std::shared_ptr<StorageBackend> tables_ = MakeMemoryBackend();
  std::shared_ptr<Faults> faults_ = std::make_shared<Faults>();
  FailingBackend reader_{tables_, faults_};
  WorkingSet set_{keys_, &reader_};
};

TEST_F(WorkingSetTest, ARecordIsFoundUnderAnyOfItsTagsAndKeepsIt) {
  Store(Tag("old"), "Ada");
  const TagSet tags = {Tag("new"), Tag("newish"), Tag("old")};
  WorkingSet::Entry* const entry = Expect(set_.Find(Table::kPerson, tags));
  ASSERT_TRUE(entry->exists());
  EXPECT_EQ(entry->tag(), Tag("old"));
  EXPECT_EQ(TextOf(*entry), "Ada");
  set_.Put(entry, Secret("Ada King"));
  ASSERT_THAT(Write(set_), IsOk());
  EXPECT_EQ(Stored(Tag("old")), "Ada King");
  EXPECT_EQ(Stored(Tag("new")), "nothing");
}

TEST_F(WorkingSetTest, APlaceForANewRecordIsUnderTheNewestTag) {
  const TagSet tags = {Tag("new"), Tag("old")};
  WorkingSet::Entry* const entry = Expect(set_.Find(Table::kPerson, tags));
  EXPECT_FALSE(entry->exists());
  EXPECT_EQ(entry->tag(), Tag("new"));
  set_.Put(entry, Secret("Ada"));
  EXPECT_EQ(Expect(set_.Find(Table::kPerson, tags)), entry);
  ASSERT_THAT(Write(set_), IsOk());
  EXPECT_EQ(Stored(Tag("new")), "Ada");
  EXPECT_EQ(VersionOf(*FindOne(*tables_, Table::kPerson, Tag("new"))), 1u);
}

TEST_F(WorkingSetTest, ARecordThatIsWrittenAnewHasTheNextVersionHoweverOftenItWasPut) {
  Store(Tag("a"), "first", 41);
  WorkingSet::Entry* const entry = Expect(set_.Find(Table::kPerson, Tag("a")));
  set_.Put(entry, Secret("second"));
  set_.Put(entry, Secret("third"));
  ASSERT_THAT(Write(set_), IsOk());
  EXPECT_EQ(Stored(Tag("a")), "third");
  EXPECT_EQ(VersionOf(*FindOne(*tables_, Table::kPerson, Tag("a"))), 42u);
}

TEST_F(WorkingSetTest, AfterTheHighestVersionNothingIsWritten) {
  Store(Tag("a"), "last", 0xffffffff);
  set_.Put(Expect(set_.Find(Table::kPerson, Tag("a"))), Secret("one more"));
  EXPECT_THAT(Write(set_), HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(Stored(Tag("a")), "last");
}

TEST_F(WorkingSetTest, WhatWasNotPutIsNotWritten) {
  Store(Tag("a"), "1");
  Store(Tag("b"), "2");
  const auto before = testing::ContentOf(*tables_);
  for (const char* tag : {"a", "b", "c"}) Expect(set_.Find(Table::kPerson, Tag(tag)).status());
  EXPECT_FALSE(set_.changed());
  ASSERT_THAT(Write(set_), IsOk());
  EXPECT_EQ(testing::ContentOf(*tables_), before);
  set_.Put(Expect(set_.Find(Table::kPerson, Tag("c"))), Secret("3"));
  EXPECT_TRUE(set_.changed());
  ASSERT_THAT(Write(set_), IsOk());
  EXPECT_EQ(FindOne(*tables_, Table::kPerson, Tag("a")), before.at(Table::kPerson)[0].sealed);
}

TEST_F(WorkingSetTest, OneTagInTwoTablesIsTwoRecords) {
  Store(Tag("a"), "person");
  Store(Tag("a"), "link", 1, Table::kExternalId);
  EXPECT_EQ(TextOf(*Expect(set_.Find(Table::kPerson, Tag("a")))), "person");
  EXPECT_EQ(TextOf(*Expect(set_.Find(Table::kExternalId, Tag("a")))), "link");
  EXPECT_FALSE(Expect(set_.Find(Table::kRoster, Tag("a")))->exists());
}

TEST_F(WorkingSetTest, EveryTableIsWritten) {
  for (const Table table : testing::kAllTables) {
    set_.Put(Expect(set_.Find(table, Tag("a"))), Secret("of the table"));
  }
  ASSERT_THAT(Write(set_), IsOk());
  for (const Table table : testing::kAllTables) EXPECT_EQ(Stored(Tag("a"), table), "of the table");
}

TEST_F(WorkingSetTest, WhatWasLoadedTakesNoFurtherCallOfTheDatabase) {
  for (int i = 0; i < 50; ++i) Store(Tag("old " + std::to_string(i)), std::to_string(i));
  std::vector<TagSet> tags;
  for (int i = 0; i < 100; ++i) {
    tags.push_back({Tag("new " + std::to_string(i)), Tag("old " + std::to_string(i))});
  }
  ASSERT_THAT(set_.Load(Table::kPerson, tags), IsOk());
  EXPECT_EQ(faults_->calls, 2);  // the newest tags, then the older ones of those not found
  for (int i = 0; i < 100; ++i) {
    const auto* const entry = Expect(set_.Find(Table::kPerson, tags[static_cast<std::size_t>(i)]));
    ASSERT_EQ(entry->exists(), i < 50);
    if (i >= 50) continue;
    ASSERT_EQ(TextOf(*entry), std::to_string(i));
  }
  EXPECT_EQ(faults_->calls, 2);
}

TEST_F(WorkingSetTest, OlderTagsOfWhatIsFoundAreNotAskedFor) {
  Store(Tag("new"), "Ada");
  testing::PutOne(*tables_, Table::kPerson, {Tag("old"), Bytes("damaged")});
  ASSERT_THAT(set_.Find(Table::kPerson, TagSet{Tag("new"), Tag("old")}), IsOk());
  EXPECT_EQ(faults_->calls, 1);
}

TEST_F(WorkingSetTest, WhatWasPutIsNotReadOver) {
  WorkingSet::Entry* const entry = Expect(set_.Find(Table::kPerson, Tag("a")));
  set_.Put(entry, Secret("mine"));
  Store(Tag("a"), "theirs");
  const TagSet tags = {Tag("a")};
  ASSERT_THAT(set_.Load(Table::kPerson, {&tags, 1}), IsOk());
  EXPECT_EQ(TextOf(*Expect(set_.Find(Table::kPerson, Tag("a")))), "mine");
}

TEST_F(WorkingSetTest, OneTagMayBeLoadedSeveralTimesInOneCall) {
  Store(Tag("a"), "Ada");
  const std::vector<TagSet> tags = {{Tag("a")}, {Tag("a")}, {Tag("x")}, {Tag("x")}};
  ASSERT_THAT(set_.Load(Table::kPerson, tags), IsOk());
  EXPECT_EQ(TextOf(*Expect(set_.Find(Table::kPerson, Tag("a")))), "Ada");
  EXPECT_FALSE(Expect(set_.Find(Table::kPerson, Tag("x")))->exists());
}

TEST_F(WorkingSetTest, EntriesStayWhereTheyAre) {
  WorkingSet::Entry* const first = Expect(set_.Find(Table::kPerson, Tag("first")));
  set_.Put(first, Secret("1"));
  for (int i = 0; i < 1000; ++i) {
    Expect(set_.Find(Table::kPerson, Tag("tag " + std::to_string(i))).status());
  }
  EXPECT_EQ(Expect(set_.Find(Table::kPerson, Tag("first"))), first);
  EXPECT_EQ(TextOf(*first), "1");
}

TEST_F(WorkingSetTest, ADamagedRecordIsAltered) {
  testing::PutOne(*tables_, Table::kPerson, {Tag("a"), Bytes("no record")});
  EXPECT_THAT(set_.Find(Table::kPerson, Tag("a")), HasCode(StatusCode::kAltered));
  // And does not become a place for a new one by being asked for again.
  const auto again = set_.Find(Table::kPerson, Tag("a"));
  EXPECT_FALSE(again.ok() && !(*again)->exists());
}

TEST_F(WorkingSetTest, ChangesAreSealedUnderTheNewestStorageEpoch) {
  Store(Tag("a"), "1");
  const auto both = Keys(2);
  WorkingSet set(both, &reader_);
  set.Put(Expect(set.Find(Table::kPerson, Tag("a"))), Secret("2"));
  ASSERT_THAT(Write(set), IsOk());
  EXPECT_EQ(StorageEpochOf(*FindOne(*tables_, Table::kPerson, Tag("a"))), 2u);
}

TEST_F(WorkingSetTest, MoreThanARecordCanHoldIsNotWritten) {
  set_.Put(Expect(set_.Find(Table::kPerson, Tag("a"))),
           testing::Secret(Counting(std::size_t{1} << 20)));
  EXPECT_THAT(Write(set_), HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(Stored(Tag("a")), "nothing");
}

TEST_F(WorkingSetTest, IfOneRecordCannotBeSealedNoneIsPut) {
  set_.Put(Expect(set_.Find(Table::kPerson, Tag("a"))), Secret("Ada"));
  set_.Put(Expect(set_.Find(Table::kRoster, Tag("a"))), Secret(std::string(1 << 20, 'x')));
  const auto transaction = Expect(tables_->Begin());
  EXPECT_THAT(set_.Write(transaction.get()), HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(Expect(transaction->Count(Table::kPerson)), 0u);
}

TEST_F(WorkingSetTest, AReadThatFailsIsPassedOnAndMayBeTriedAgain) {
  Store(Tag("old"), "Ada");
  const TagSet tags = {Tag("new"), Tag("old")};
  for (int call = 0; call < 2; ++call) {
    WorkingSet set(keys_, &reader_);
    faults_->Arm(call, Status(StatusCode::kIo, "disk on fire", 5));
    EXPECT_THAT(set.Find(Table::kPerson, tags), HasCode(StatusCode::kIo)) << call;
    const auto again = set.Find(Table::kPerson, tags);
    ASSERT_THAT(again, IsOk());
    EXPECT_TRUE((*again)->exists()) << call;
  }
}

}  // namespace
}  // namespace moniker::internal
