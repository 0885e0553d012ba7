// What every StorageBackend must do (moniker/storage_backend.h), run on each of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <set>
#include <string>
#include <thread>

#include "moniker/storage_backend.h"
#include "support/records.h"
#include "support/status_matchers.h"
#include "support/storage_kinds.h"

namespace moniker {
namespace {

using testing::Bytes;
using ::testing::ElementsAre;
using testing::Expect;
using testing::FindOne;
using testing::HasCode;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::kAllTables;
using testing::NumberTag;
using ::testing::Optional;
using testing::PutOne;
using testing::Record;
using testing::ScanAll;
using testing::StorageKind;
using testing::Tag;

class StorageContractTest : public ::testing::TestWithParam<StorageKind> {
 protected:
  std::vector<std::optional<SealedBytes>> Find(const std::vector<RecordTag>& tags) {
    std::vector<std::optional<SealedBytes>> found;
    EXPECT_THAT(backend_->FindMany(Table::kPerson, tags, &found), IsOk());
    return found;
  }

  void Put(const std::vector<SealedRecord>& records) {
    const auto transaction = Expect(backend_->Begin());
    ASSERT_THAT(transaction->PutMany(Table::kPerson, records), IsOk());
    ASSERT_THAT(transaction->Commit(), IsOk());
  }

  std::vector<SealedRecord> Scan(const std::optional<RecordTag>& after, std::size_t limit) {
    std::vector<SealedRecord> records;
    EXPECT_THAT(backend_->Scan(Table::kPerson, after, limit, &records), IsOk());
    return records;
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<StorageBackend> backend_ = testing::MakeEmptyStore(GetParam(), folder_);
};

INSTANTIATE_TEST_SUITE_P(Backends, StorageContractTest,
                         ::testing::Values(StorageKind::kMemory, StorageKind::kSqlite),
                         testing::NameOf);

TEST_P(StorageContractTest, FindManyAnswersInTheOrderAsked) {
  Put({Record("a", "1"), Record("b", "2"), Record("c", "3")});
  EXPECT_THAT(Find({Tag("c"), Tag("a"), Tag("b")}),
              ElementsAre(Bytes("3"), Bytes("1"), Bytes("2")));
}

TEST_P(StorageContractTest, FindManyAnswersNothingForAbsentTags) {
  Put({Record("b", "2")});
  const RecordTag longer(testing::FromHex("6200"));  // "b" and a NUL
  EXPECT_THAT(Find({Tag("a"), Tag("b"), Tag("c"), longer, RecordTag()}),
              ElementsAre(std::nullopt, Bytes("2"), std::nullopt, std::nullopt, std::nullopt));
}

TEST_P(StorageContractTest, FindManyAnswersATagThatIsAskedTwiceTwice) {
  Put({Record("a", "1")});
  EXPECT_THAT(Find({Tag("a"), Tag("x"), Tag("a"), Tag("x")}),
              ElementsAre(Bytes("1"), std::nullopt, Bytes("1"), std::nullopt));
}

TEST_P(StorageContractTest, FindManyMakesItsAnswerAsLongAsTheQuestion) {
  std::vector<std::optional<SealedBytes>> found(7, Bytes("left over"));
  ASSERT_THAT(backend_->FindMany(Table::kPerson, {}, &found), IsOk());
  EXPECT_THAT(found, IsEmpty());
  found.assign(7, Bytes("left over"));
  const RecordTag absent = Tag("absent");
  ASSERT_THAT(backend_->FindMany(Table::kPerson, {&absent, 1}, &found), IsOk());
  EXPECT_THAT(found, ElementsAre(std::nullopt));
}

TEST_P(StorageContractTest, FindManyTakesThousandsOfTagsAtOnce) {
  std::vector<SealedRecord> records;
  std::vector<RecordTag> tags;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    tags.push_back(NumberTag(i));
    if (i % 2 == 0) records.push_back({NumberTag(i), Bytes(std::to_string(i))});
  }
  Put(records);
  const auto found = Find(tags);
  ASSERT_EQ(found.size(), tags.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_EQ(found[i].has_value(), i % 2 == 0) << i;
    if (i % 2 != 0) continue;
    ASSERT_EQ(*found[i], Bytes(std::to_string(i)));
  }
}

TEST_P(StorageContractTest, PutReplacesWhatIsThere) {
  Put({Record("a", "old"), Record("b", "stays")});
  Put({Record("a", "new and longer")});
  EXPECT_THAT(ScanAll(*backend_, Table::kPerson),
              ElementsAre(Record("a", "new and longer"), Record("b", "stays")));
}

TEST_P(StorageContractTest, TheLastOfATagThatIsPutTwiceCounts) {
  Put({Record("a", "first"), Record("b", "other"), Record("a", "second"), Record("a", "third")});
  EXPECT_THAT(ScanAll(*backend_, Table::kPerson),
              ElementsAre(Record("a", "third"), Record("b", "other")));
}

TEST_P(StorageContractTest, AddingLeavesWhatIsThereAndSaysSo) {
  Put({Record("a", "old"), Record("c", "old")});
  const std::vector<SealedRecord> records = {Record("a", "new"), Record("b", "first"),
                                             Record("b", "second"), Record("c", "new"),
                                             Record("d", "only")};
  std::vector<bool> added = {true};
  const auto transaction = Expect(backend_->Begin());
  ASSERT_THAT(transaction->AddMany(Table::kPerson, records, &added), IsOk());
  EXPECT_THAT(added, ElementsAre(false, true, false, false, true));
  EXPECT_THAT(FindOne(*transaction, Table::kPerson, Tag("b")), Optional(Bytes("first")));
  ASSERT_THAT(transaction->AddMany(Table::kPerson, {}, &added), IsOk());
  EXPECT_THAT(added, IsEmpty());
  ASSERT_THAT(transaction->Commit(), IsOk());
  EXPECT_THAT(ScanAll(*backend_, Table::kPerson),
              ElementsAre(Record("a", "old"), Record("b", "first"), Record("c", "old"),
                          Record("d", "only")));
  EXPECT_THAT(transaction->AddMany(Table::kPerson, records, &added), HasCode(StatusCode::kClosed));
}

TEST_P(StorageContractTest, WhatIsAddedIsGoneWithoutACommit) {
  const SealedRecord record = Record("a", "1");
  std::vector<bool> added;
  auto transaction = Expect(backend_->Begin());
  ASSERT_THAT(transaction->AddMany(Table::kRoster, {&record, 1}, &added), IsOk());
  transaction.reset();
  EXPECT_THAT(ScanAll(*backend_, Table::kRoster), IsEmpty());
}

TEST_P(StorageContractTest, PuttingAndErasingNothingIsNoError) {
  Put({Record("a", "1")});
  const auto transaction = Expect(backend_->Begin());
  EXPECT_THAT(transaction->PutMany(Table::kPerson, {}), IsOk());
  EXPECT_THAT(transaction->EraseMany(Table::kPerson, {}), IsOk());
  EXPECT_THAT(transaction->Commit(), IsOk());
  EXPECT_THAT(ScanAll(*backend_, Table::kPerson), ElementsAre(Record("a", "1")));
}

TEST_P(StorageContractTest, AWalkMeetsEachRecordOnceWhateverTheOrder) {
  std::vector<SealedRecord> records;
  for (std::uint64_t number = 0; number < 100; ++number) {
    records.push_back(Record("tag " + std::to_string(number * 37 % 100), std::to_string(number)));
  }
  Put(records);
  const RecordTag gone[] = {Tag("tag 5"), Tag("tag 99")};
  const auto transaction = Expect(backend_->Begin());
  Expect(transaction->EraseMany(Table::kPerson, gone));
  // Replaced where it lies, or not: in any case it is met once.
  const SealedRecord replaced = Record("tag 7", "new");
  Expect(transaction->PutMany(Table::kPerson, {&replaced, 1}));
  for (StorageReader* const reader : {static_cast<StorageReader*>(transaction.get()),
                                      static_cast<StorageReader*>(backend_.get())}) {
    for (const std::size_t limit : {1u, 7u, 98u, 100u, 1000u}) {
      WalkPosition position;
      std::vector<SealedRecord> met;
      std::vector<SealedRecord> step;
      do {
        ASSERT_THAT(reader->Walk(Table::kPerson, limit, &position, &step), IsOk());
        ASSERT_LE(step.size(), limit);
        met.insert(met.end(), step.begin(), step.end());
      } while (!step.empty());
      std::ranges::sort(met, {}, &SealedRecord::tag);
      EXPECT_EQ(met, ScanAll(*reader, Table::kPerson));
      EXPECT_EQ(met.size(), reader == backend_.get() ? 100u : 98u);
    }
  }
  WalkPosition position;
  std::vector<SealedRecord> none = {Record("left", "over")};
  EXPECT_THAT(backend_->Walk(Table::kRoster, 10, &position, &none), IsOk());
  EXPECT_THAT(none, IsEmpty());
}

TEST_P(StorageContractTest, ScanGoesInTheOrderOfBytes) {
  // The order that text, signed bytes and little-endian numbers would not have.
  const std::vector<SealedRecord> ordered = {
      {RecordTag(testing::FromHex("00")), Bytes("1")},
      {RecordTag(testing::FromHex("0000")), Bytes("2")},
      {RecordTag(testing::FromHex("0001")), Bytes("3")},
      {RecordTag(testing::FromHex("01")), Bytes("4")},
      {RecordTag(testing::FromHex("0100")), Bytes("5")},
      {RecordTag(testing::FromHex("41")), Bytes("6")},
      {RecordTag(testing::FromHex("61")), Bytes("7")},
      {RecordTag(testing::FromHex("7f")), Bytes("8")},
      {RecordTag(testing::FromHex("7fffffffffffffffffffffffffffffff")), Bytes("9")},
      {RecordTag(testing::FromHex("80")), Bytes("10")},
      {RecordTag(testing::FromHex("c3a4")), Bytes("11")},
      {RecordTag(testing::FromHex("ff")), Bytes("12")},
      {RecordTag(testing::FromHex("ffffffffffffffffffffffffffffff00")), Bytes("13")},
      {RecordTag(testing::FromHex("ffffffffffffffffffffffffffffffff")), Bytes("14")},
  };
  std::vector<SealedRecord> shuffled;
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    shuffled.push_back(ordered[i * 5 % ordered.size()]);
  }
  Put(shuffled);
  EXPECT_EQ(ScanAll(*backend_, Table::kPerson), ordered);
}

TEST_P(StorageContractTest, ScanStopsAtItsLimit) {
  Put({Record("a", "1"), Record("b", "2"), Record("c", "3")});
  EXPECT_THAT(Scan(std::nullopt, 0), IsEmpty());
  EXPECT_THAT(Scan(std::nullopt, 2), ElementsAre(Record("a", "1"), Record("b", "2")));
  EXPECT_EQ(Scan(std::nullopt, 3).size(), 3u);
  EXPECT_EQ(Scan(std::nullopt, 4).size(), 3u);
  EXPECT_EQ(Scan(std::nullopt, std::numeric_limits<std::size_t>::max()).size(), 3u);
  EXPECT_EQ(Scan(std::nullopt, std::numeric_limits<std::size_t>::max() / 2 + 2).size(), 3u);
}

TEST_P(StorageContractTest, ScanBeginsAboveAfter) {
  Put({Record("a", "1"), Record("b", "2"), Record("bb", "3"), Record("d", "4")});
  EXPECT_THAT(Scan(Tag("a"), 1), ElementsAre(Record("b", "2")));
  EXPECT_THAT(Scan(Tag("b"), 9), ElementsAre(Record("bb", "3"), Record("d", "4")));
  EXPECT_THAT(Scan(Tag("c"), 9), ElementsAre(Record("d", "4")));  // is not there itself
  EXPECT_THAT(Scan(Tag("d"), 9), IsEmpty());
}

TEST_P(StorageContractTest, ScanForgetsWhatItsOutputHeld) {
  Put({Record("a", "1")});
  std::vector<SealedRecord> records = {Record("left", "over"), Record("left", "over")};
  ASSERT_THAT(backend_->Scan(Table::kPerson, std::nullopt, 9, &records), IsOk());
  EXPECT_THAT(records, ElementsAre(Record("a", "1")));
}

TEST_P(StorageContractTest, ScanPageByPageMeetsEachRecordOnce) {
  std::vector<SealedRecord> records;
  for (std::uint64_t i = 0; i < 1000; ++i) records.push_back({NumberTag(i * 7), Bytes("x")});
  Put(records);
  std::vector<SealedRecord> met;
  std::optional<RecordTag> after;
  while (true) {
    const std::vector<SealedRecord> page = Scan(after, 37);
    if (page.empty()) break;
    met.insert(met.end(), page.begin(), page.end());
    after = page.back().tag;
  }
  EXPECT_EQ(met, records);
}

TEST_P(StorageContractTest, LastTagIsTheHighestOfTheTable) {
  EXPECT_EQ(Expect(backend_->LastTag(Table::kPerson)), std::nullopt);
  PutOne(*backend_, Table::kPerson, Record("m", "1"));
  PutOne(*backend_, Table::kPerson, Record("z", "2"));
  PutOne(*backend_, Table::kPerson, Record("a", "3"));
  EXPECT_THAT(Expect(backend_->LastTag(Table::kPerson)), Optional(Tag("z")));
  testing::EraseOne(*backend_, Table::kPerson, Tag("z"));
  EXPECT_THAT(Expect(backend_->LastTag(Table::kPerson)), Optional(Tag("m")));
}

TEST_P(StorageContractTest, CountFollowsPutAndErase) {
  EXPECT_EQ(Expect(backend_->Count(Table::kPerson)), 0u);
  Put({Record("a", "1"), Record("b", "2"), Record("a", "3")});
  EXPECT_EQ(Expect(backend_->Count(Table::kPerson)), 2u);
  Put({Record("a", "4")});
  EXPECT_EQ(Expect(backend_->Count(Table::kPerson)), 2u);
  testing::EraseOne(*backend_, Table::kPerson, Tag("a"));
  EXPECT_EQ(Expect(backend_->Count(Table::kPerson)), 1u);
}

TEST_P(StorageContractTest, EraseTakesWhatIsThereAndNothingElse) {
  Put({Record("a", "1"), Record("b", "2"), Record("c", "3")});
  {
    const auto transaction = Expect(backend_->Begin());
    const std::vector<RecordTag> tags = {Tag("c"), Tag("absent"), Tag("a"), Tag("c")};
    EXPECT_THAT(transaction->EraseMany(Table::kPerson, tags), IsOk());
    EXPECT_THAT(transaction->Commit(), IsOk());
  }
  EXPECT_THAT(ScanAll(*backend_, Table::kPerson), ElementsAre(Record("b", "2")));
  Put({Record("a", "again")});
  EXPECT_THAT(FindOne(*backend_, Table::kPerson, Tag("a")), Optional(Bytes("again")));
}

TEST_P(StorageContractTest, ATransactionSeesItsOwnWrites) {
  Put({Record("a", "1"), Record("b", "2")});
  const auto transaction = Expect(backend_->Begin());
  const std::vector<SealedRecord> records = {Record("a", "new"), Record("z", "26")};
  ASSERT_THAT(transaction->PutMany(Table::kPerson, records), IsOk());
  const RecordTag erased = Tag("b");
  ASSERT_THAT(transaction->EraseMany(Table::kPerson, {&erased, 1}), IsOk());
  EXPECT_THAT(FindOne(*transaction, Table::kPerson, Tag("a")), Optional(Bytes("new")));
  EXPECT_EQ(FindOne(*transaction, Table::kPerson, Tag("b")), std::nullopt);
  EXPECT_THAT(ScanAll(*transaction, Table::kPerson),
              ElementsAre(Record("a", "new"), Record("z", "26")));
  EXPECT_THAT(Expect(transaction->LastTag(Table::kPerson)), Optional(Tag("z")));
  EXPECT_EQ(Expect(transaction->Count(Table::kPerson)), 2u);
}

TEST_P(StorageContractTest, OthersSeeNothingBeforeCommitAndAllOfItAfter) {
  Put({Record("a", "1"), Record("b", "2")});
  const auto before = testing::ContentOf(*backend_);
  const auto transaction = Expect(backend_->Begin());
  const std::vector<SealedRecord> records = {Record("a", "new"), Record("z", "26")};
  ASSERT_THAT(transaction->PutMany(Table::kPerson, records), IsOk());
  const RecordTag erased = Tag("b");
  ASSERT_THAT(transaction->EraseMany(Table::kPerson, {&erased, 1}), IsOk());
  EXPECT_EQ(testing::ContentOf(*backend_), before);
  EXPECT_EQ(Expect(backend_->Count(Table::kPerson)), 2u);
  EXPECT_THAT(Expect(backend_->LastTag(Table::kPerson)), Optional(Tag("b")));
  ASSERT_THAT(transaction->Commit(), IsOk());
  EXPECT_EQ(ScanAll(*backend_, Table::kPerson), records);
}

TEST_P(StorageContractTest, ATransactionThatIsDestroyedKeepsNothing) {
  Put({Record("a", "1"), Record("b", "2")});
  const auto before = testing::ContentOf(*backend_);
  {
    const auto transaction = Expect(backend_->Begin());
    const SealedRecord record = Record("c", "3");
    ASSERT_THAT(transaction->PutMany(Table::kPerson, {&record, 1}), IsOk());
    const RecordTag erased = Tag("a");
    ASSERT_THAT(transaction->EraseMany(Table::kPerson, {&erased, 1}), IsOk());
  }
  EXPECT_EQ(testing::ContentOf(*backend_), before);
  Put({Record("d", "4")});  // the next transaction begins, and finds nothing of the other
  EXPECT_THAT(ScanAll(*backend_, Table::kPerson),
              ElementsAre(Record("a", "1"), Record("b", "2"), Record("d", "4")));
}

TEST_P(StorageContractTest, CommittingTwiceIsAnErrorAndHarmsNothing) {
  {
    const auto transaction = Expect(backend_->Begin());
    const SealedRecord record = Record("a", "1");
    ASSERT_THAT(transaction->PutMany(Table::kPerson, {&record, 1}), IsOk());
    ASSERT_THAT(transaction->Commit(), IsOk());
    EXPECT_THAT(transaction->Commit(), HasCode(StatusCode::kClosed));
  }
  EXPECT_THAT(ScanAll(*backend_, Table::kPerson), ElementsAre(Record("a", "1")));
}

// "Nothing is kept unless Commit succeeds": there is none to come any more.
TEST_P(StorageContractTest, WritesAfterCommitAreRefusedAndNotKept) {
  {
    const auto transaction = Expect(backend_->Begin());
    const SealedRecord record = Record("a", "1");
    ASSERT_THAT(transaction->PutMany(Table::kPerson, {&record, 1}), IsOk());
    ASSERT_THAT(transaction->Commit(), IsOk());
    const SealedRecord late = Record("late", "2");
    EXPECT_THAT(transaction->PutMany(Table::kPerson, {&late, 1}), HasCode(StatusCode::kClosed));
    const RecordTag tag = Tag("a");
    EXPECT_THAT(transaction->EraseMany(Table::kPerson, {&tag, 1}), HasCode(StatusCode::kClosed));
  }
  EXPECT_THAT(ScanAll(*backend_, Table::kPerson), ElementsAre(Record("a", "1")));
}

// Its state is that of nobody any more, and another thread may be using what it was read from.
TEST_P(StorageContractTest, ReadsAfterCommitAreRefused) {
  const auto transaction = Expect(backend_->Begin());
  const SealedRecord record = Record("a", "1");
  ASSERT_THAT(transaction->PutMany(Table::kPerson, {&record, 1}), IsOk());
  ASSERT_THAT(transaction->Commit(), IsOk());
  std::vector<std::optional<SealedBytes>> found;
  std::vector<SealedRecord> records;
  EXPECT_THAT(transaction->FindMany(Table::kPerson, {&record.tag, 1}, &found),
              HasCode(StatusCode::kClosed));
  EXPECT_THAT(transaction->Scan(Table::kPerson, std::nullopt, 9, &records),
              HasCode(StatusCode::kClosed));
  EXPECT_THAT(transaction->LastTag(Table::kPerson), HasCode(StatusCode::kClosed));
  EXPECT_THAT(transaction->Count(Table::kPerson), HasCode(StatusCode::kClosed));
}

TEST_P(StorageContractTest, ATransactionMayBeginWhileACommittedOneStillLives) {
  const auto first = Expect(backend_->Begin());
  const SealedRecord record = Record("a", "1");
  ASSERT_THAT(first->PutMany(Table::kPerson, {&record, 1}), IsOk());
  ASSERT_THAT(first->Commit(), IsOk());
  const auto second = Expect(backend_->Begin());
  const SealedRecord more = Record("b", "2");
  ASSERT_THAT(second->PutMany(Table::kPerson, {&more, 1}), IsOk());
  EXPECT_THAT(first->Commit(), HasCode(StatusCode::kClosed));  // commits nothing of the second
  EXPECT_THAT(ScanAll(*backend_, Table::kPerson), ElementsAre(record));
  ASSERT_THAT(second->Commit(), IsOk());
  EXPECT_THAT(ScanAll(*backend_, Table::kPerson), ElementsAre(record, more));
}

TEST_P(StorageContractTest, ACommittedTransactionThatIsDestroyedLateLeavesTheNextOneAlone) {
  auto first = Expect(backend_->Begin());
  const SealedRecord record = Record("a", "1");
  ASSERT_THAT(first->PutMany(Table::kPerson, {&record, 1}), IsOk());
  ASSERT_THAT(first->Commit(), IsOk());
  const auto second = Expect(backend_->Begin());
  const SealedRecord more = Record("b", "2");
  ASSERT_THAT(second->PutMany(Table::kPerson, {&more, 1}), IsOk());
  first.reset();
  ASSERT_THAT(second->Commit(), IsOk());
  EXPECT_THAT(ScanAll(*backend_, Table::kPerson), ElementsAre(record, more));
}

TEST_P(StorageContractTest, TagsHaveZeroToSixteenBytes) {
  std::vector<SealedRecord> records;
  for (std::size_t size = 0; size <= RecordTag::kMaxSize; ++size) {
    records.push_back({RecordTag(testing::Counting(size)), Bytes(std::to_string(size))});
  }
  Put(records);
  EXPECT_EQ(Expect(backend_->Count(Table::kPerson)), records.size());
  for (const SealedRecord& record : records) {
    EXPECT_THAT(FindOne(*backend_, Table::kPerson, record.tag), Optional(record.sealed));
  }
  // Each is a prefix of the next, and the empty one comes first.
  EXPECT_EQ(ScanAll(*backend_, Table::kPerson), records);
  EXPECT_THAT(Scan(RecordTag(), 1), ElementsAre(records[1]));
  EXPECT_THAT(Expect(backend_->LastTag(Table::kPerson)), Optional(records.back().tag));
}

TEST_P(StorageContractTest, TheEmptyTagIsTheLastOneOfATableWithoutAnother) {
  Put({Record("", "1")});
  EXPECT_THAT(Expect(backend_->LastTag(Table::kPerson)), Optional(RecordTag()));
  EXPECT_THAT(FindOne(*backend_, Table::kPerson, RecordTag()), Optional(Bytes("1")));
}

TEST_P(StorageContractTest, SealedRecordsHaveOneByteToAMebibyte) {
  std::vector<SealedRecord> records;
  std::uint64_t number = 0;
  for (const std::size_t size : {1u, 2u, 114u, 4095u, 4096u, 4097u, 65'536u, 1'048'576u}) {
    records.push_back({NumberTag(number++), testing::Counting(size, size)});
  }
  Put(records);
  EXPECT_EQ(ScanAll(*backend_, Table::kPerson), records);
}

TEST_P(StorageContractTest, EveryByteValueComesBackInTagsAndRecords) {
  std::vector<SealedRecord> records;
  for (std::size_t value = 0; value < 256; ++value) {
    const auto byte = static_cast<std::uint8_t>(value);
    records.push_back({RecordTag(std::vector<std::uint8_t>(16, byte)), SealedBytes(33, byte)});
  }
  Put(records);
  EXPECT_EQ(ScanAll(*backend_, Table::kPerson), records);
}

TEST_P(StorageContractTest, TablesAreIndependent) {
  const auto name = [](Table table) { return std::to_string(static_cast<int>(table)); };
  const auto transaction = Expect(backend_->Begin());
  for (const Table table : kAllTables) {
    const SealedRecord record = Record("same tag", name(table));
    ASSERT_THAT(transaction->PutMany(table, {&record, 1}), IsOk());
  }
  const RecordTag tag = Tag("same tag");
  ASSERT_THAT(transaction->EraseMany(Table::kParticipant, {&tag, 1}), IsOk());
  ASSERT_THAT(transaction->Commit(), IsOk());
  for (const Table table : kAllTables) {
    if (table == Table::kParticipant) {
      EXPECT_THAT(ScanAll(*backend_, table), IsEmpty());
      EXPECT_EQ(Expect(backend_->Count(table)), 0u);
      EXPECT_EQ(Expect(backend_->LastTag(table)), std::nullopt);
    } else {
      EXPECT_THAT(ScanAll(*backend_, table), ElementsAre(Record("same tag", name(table))));
    }
  }
}

TEST_P(StorageContractTest, TheFormatIsThatOfThisVersion) {
  EXPECT_EQ(Expect(backend_->Format()), kStoreFormat);
}

TEST_P(StorageContractTest, ACheckpointChangesNothingThatIsStored) {
  EXPECT_THAT(backend_->Checkpoint(), IsOk());  // of an empty store
  Put({Record("a", "1"), Record("b", "2")});
  const auto before = testing::ContentOf(*backend_);
  EXPECT_THAT(backend_->Checkpoint(), IsOk());
  EXPECT_THAT(backend_->Checkpoint(), IsOk());
  EXPECT_EQ(testing::ContentOf(*backend_), before);
}

// Unless it has none at all: then it is nothing every time.
TEST_P(StorageContractTest, AMarkDiffersAfterEveryCommitAndAfterNothingElse) {
  std::set<ChangeMark> seen;
  for (int i = 0; i < 50; ++i) {
    const std::optional<ChangeMark> mark = backend_->Mark();
    ASSERT_TRUE(mark);
    EXPECT_TRUE(seen.insert(*mark).second) << i;
    Find({Tag("a")});
    {
      const auto transaction = Expect(backend_->Begin());
      const SealedRecord record = Record("given up", "x");
      EXPECT_THAT(transaction->PutMany(Table::kPerson, {&record, 1}), IsOk());
    }
    EXPECT_EQ(backend_->Mark(), mark);
    Put({Record("a", std::to_string(i))});
    if (i % 10 == 9) Expect(backend_->Checkpoint());
  }
}

TEST_P(StorageContractTest, ASecondWriterBeginsOnlyAfterTheFirstHasEnded) {
  auto first = Expect(backend_->Begin());
  std::atomic<bool> second_began = false;
  std::optional<SealedBytes> seen_by_second;
  std::thread second_writer([&] {
    const auto second = Expect(backend_->Begin());
    second_began = true;
    seen_by_second = FindOne(*second, Table::kPerson, Tag("a"));
  });
  const SealedRecord record = Record("a", "from the first");
  EXPECT_THAT(first->PutMany(Table::kPerson, {&record, 1}), IsOk());
  EXPECT_FALSE(second_began);
  EXPECT_THAT(first->Commit(), IsOk());
  first.reset();
  second_writer.join();
  EXPECT_TRUE(second_began);
  EXPECT_THAT(seen_by_second, Optional(Bytes("from the first")));
}

TEST_P(StorageContractTest, WritersInSeveralThreadsLoseNothing) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 100;
  const auto increment = [&] {
    const auto transaction = Expect(backend_->Begin());
    const auto counter = FindOne(*transaction, Table::kMeta, Tag("counter"));
    const int now = counter ? std::stoi(std::string(counter->begin(), counter->end())) : 0;
    const SealedRecord next = Record("counter", std::to_string(now + 1));
    const SealedRecord mark = {NumberTag(static_cast<std::uint64_t>(now)), Bytes("x")};
    Expect(transaction->PutMany(Table::kMeta, {&next, 1}));
    Expect(transaction->PutMany(Table::kAudit, {&mark, 1}));
    Expect(transaction->Commit());
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) increment();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(FindOne(*backend_, Table::kMeta, Tag("counter")),
              Optional(Bytes(std::to_string(kThreads * kRounds))));
  EXPECT_EQ(Expect(backend_->Count(Table::kAudit)), std::uint64_t{kThreads * kRounds});
}

TEST_P(StorageContractTest, ReadersDuringAWriteSeeTheOldOrTheNewStateWhole) {
  constexpr std::uint64_t kRows = 16;
  constexpr int kWrites = 150;
  std::vector<RecordTag> tags;
  for (std::uint64_t row = 0; row < kRows; ++row) tags.push_back(NumberTag(row));
  const auto write = [&](int state) {
    std::vector<SealedRecord> records;
    for (const RecordTag& tag : tags) records.push_back({tag, Bytes(std::to_string(state))});
    const auto transaction = Expect(backend_->Begin());
    Expect(transaction->PutMany(Table::kPerson, records));
    Expect(transaction->Commit());
  };
  write(0);

  std::atomic<bool> done = false;
  std::atomic<int> torn_finds = 0;
  std::atomic<int> torn_scans = 0;
  const auto read = [&] {
    do {
      std::vector<std::optional<SealedBytes>> found;
      Expect(backend_->FindMany(Table::kPerson, tags, &found));
      for (const auto& record : found) torn_finds += record != found.front();
      std::vector<SealedRecord> scanned;
      Expect(backend_->Scan(Table::kPerson, std::nullopt, 99, &scanned));
      torn_scans += scanned.size() != kRows;
      for (const auto& record : scanned) torn_scans += record.sealed != scanned.front().sealed;
    } while (!done);
  };
  std::thread first_reader(read);
  std::thread second_reader(read);
  for (int state = 1; state <= kWrites; ++state) write(state);
  done = true;
  first_reader.join();
  second_reader.join();
  EXPECT_EQ(torn_finds, 0);
  EXPECT_EQ(torn_scans, 0);
}

}  // namespace
}  // namespace moniker
