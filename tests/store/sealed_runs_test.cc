#include "store/sealed_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <tuple>

#include "support/records.h"
#include "support/status_matchers.h"
#include "support/temporary_folder.h"

namespace moniker::internal {
namespace {

using testing::Expect;
using testing::HasCode;
using testing::IsOk;

struct Row {
  RecordTag tag;
  std::uint32_t number;
  SealedBytes sealed;

  friend bool operator==(const Row&, const Row&) = default;
};

RecordTag TagOf(std::uint64_t high, std::uint64_t low) {
  std::array<std::uint8_t, 16> bytes;
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::uint8_t>(high >> (56 - 8 * i));
    bytes[8 + i] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
  }
  return RecordTag(bytes);
}

class SealedRunsTest : public ::testing::TestWithParam<bool> {
 protected:
  SealedRuns Create() const {
    return Expect(SealedRuns::Create(GetParam() ? folder_.path() : std::string()));
  }

  // What comes of the rows, `limit` at a time; they are looked for in order of tags and adding.
  void ExpectOrdered(std::vector<Row> rows, std::size_t limit) const {
    SealedRuns runs = Create();
    EXPECT_EQ(runs.in_file(), GetParam());
    for (const Row& row : rows) ASSERT_THAT(runs.Add(row.tag, row.number, row.sealed), IsOk());
    ASSERT_THAT(runs.Finish(), IsOk());
    std::ranges::stable_sort(rows, {}, &Row::tag);
    SealedRuns::Rows got;
    std::size_t next = 0;
    while (true) {
      ASSERT_THAT(runs.Next(limit, &got), IsOk());
      ASSERT_EQ(got.records.size(), got.numbers.size());
      if (got.records.empty()) break;
      ASSERT_LE(got.records.size(), limit);
      ASSERT_LE(next + got.records.size(), rows.size());
      for (std::size_t i = 0; i < got.records.size(); ++i, ++next) {
        const Row row{got.records[i].tag, got.numbers[i], got.records[i].sealed};
        ASSERT_TRUE(row == rows[next]) << next;
      }
    }
    EXPECT_EQ(next, rows.size());
  }

  testing::TemporaryFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Places, SealedRunsTest, ::testing::Bool(),
                         [](const auto& in_file) { return in_file.param ? "File" : "Memory"; });

TEST_P(SealedRunsTest, OfNothingComesNothing) { ExpectOrdered({}, 10); }

TEST_P(SealedRunsTest, TagsAreOrderedAsBytesToTheLast) {
  ExpectOrdered({{TagOf(1, 0), 0, {1}},
                 {TagOf(0, 1), 1, {2}},
                 {TagOf(~0ull, ~0ull), 2, {3}},
                 {TagOf(0, 0), 3, {}},
                 {TagOf(1ull << 63, 0), 4, {5}},
                 {TagOf(0, ~0ull), 5, {6}}},
                4);
}

// Some thirty megabytes, so that there are several runs.
TEST_P(SealedRunsTest, RowsOfManyRunsAreMergedAndThoseOfOneTagStayInTheirOrder) {
  std::mt19937_64 random(11);
  std::vector<Row> rows;
  for (std::uint32_t number = 0; number < 60'000; ++number) {
    const std::uint64_t high = number % 3 == 0 ? random() % 500 : random();
    rows.push_back({TagOf(high, number % 3 == 0 ? 0 : random()), number,
                    SealedBytes(random() % 1000, static_cast<std::uint8_t>(number))});
  }
  ExpectOrdered(rows, 777);
}

TEST_P(SealedRunsTest, RowsMayBeAsLongAsRecords) {
  std::vector<Row> rows;
  std::mt19937_64 random(12);
  for (std::uint32_t number = 0; number < 30; ++number) {
    rows.push_back({TagOf(random(), 0), number,
                    SealedBytes(number % 2 == 0 ? (std::size_t{1} << 20) : (std::size_t{1} << 16),
                                static_cast<std::uint8_t>(number))});
  }
  ExpectOrdered(rows, 3);
}

TEST_P(SealedRunsTest, TheFileHasNoName) {
  SealedRuns runs = Create();
  for (std::uint32_t number = 0; number < 2000; ++number) {
    Expect(runs.Add(TagOf(number, 0), number, SealedBytes(10'000, 1)));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST(SealedRunsFailureTest, AFolderThatIsNotThereIsAnError) {
  const testing::TemporaryFolder folder;
  EXPECT_THAT(SealedRuns::Create(folder.File("nowhere")).status(), HasCode(StatusCode::kNotFound));
}

}  // namespace
}  // namespace moniker::internal
