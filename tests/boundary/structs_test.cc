#include "boundary/structs.h"

#include <array>

#include "gtest/gtest.h"
#include "moniker/c.h"

namespace moniker::internal {
namespace {

// As a later version might have it.
struct Later {
  moniker_reason known;
  std::array<unsigned char, 24> added;
};

Later MakeLater() {
  Later later{};
  later.known.struct_size = sizeof later;
  later.known.actor = moniker_text_of("dr-obrien");
  return later;
}

TEST(ReadStructTest, TakesOneWithMembersThatItDoesNotKnowIfTheyAreZero) {
  Later later = MakeLater();
  const Result<moniker_reason> read = ReadStruct(&later.known);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->actor.data, later.known.actor.data);
}

TEST(ReadStructTest, RefusesEachByteOfAMemberThatItDoesNotKnow) {
  for (std::size_t i = 0; i < sizeof(Later::added); ++i) {
    Later later = MakeLater();
    later.added[i] = 1;
    EXPECT_EQ(ReadStruct(&later.known).status().code(), StatusCode::kUnsupported) << i;
  }
}

TEST(ReadStructTest, RefusesNullAndSizesThatCannotBe) {
  EXPECT_EQ(ReadStruct<moniker_reason>(nullptr).status().code(), StatusCode::kInvalidArgument);
  Later later = MakeLater();
  for (const std::size_t size : {std::size_t{0}, sizeof(moniker_reason) - 1, kMaxStructSize + 1}) {
    later.known.struct_size = size;
    EXPECT_EQ(ReadStruct(&later.known).status().code(), StatusCode::kInvalidArgument) << size;
  }
}

TEST(WriteStructTest, LeavesTheSizeOfTheCallerAndZeroesWhatItDoesNotKnow) {
  Later later = MakeLater();
  later.added.fill(0xff);
  ClearStruct(&later.known);
  moniker_reason told{};
  told.purpose = moniker_text_of("treatment");
  ASSERT_TRUE(WriteStruct(told, &later.known).ok());
  EXPECT_EQ(later.known.struct_size, sizeof(Later));
  EXPECT_EQ(later.known.purpose.size, 9u);
  EXPECT_EQ(later.known.actor.data, nullptr);
  EXPECT_EQ(later.added, (std::array<unsigned char, 24>{}));
}

TEST(WriteStructTest, WritesNothingToOneThatIsTooShort) {
  Later later = MakeLater();
  later.known.struct_size = sizeof(moniker_reason) - 1;
  ClearStruct(&later.known);
  EXPECT_EQ(WriteStruct(moniker_reason{}, &later.known).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(later.known.actor.size, 9u);
}

}  // namespace
}  // namespace moniker::internal
