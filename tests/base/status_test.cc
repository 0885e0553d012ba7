#include "moniker/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>
#include <type_traits>

#include "base/status_macros.h"
#include "moniker/result.h"

namespace moniker {
namespace {

using ::testing::MatchesRegex;

constexpr int kCodes = static_cast<int>(StatusCode::kUnsupported) + 1;

TEST(StatusTest, DefaultIsSuccessWithoutMessageAndLocator) {
  constexpr Status kStatus;
  static_assert(kStatus.ok());
  EXPECT_EQ(kStatus.code(), StatusCode::kOk);
  EXPECT_EQ(kStatus.message(), "");
  EXPECT_EQ(kStatus.locator(), Status::kNowhere);
  EXPECT_TRUE(Status::Ok().ok());
}

TEST(StatusTest, KeepsCodeMessageAndLocator) {
  constexpr Status kStatus(StatusCode::kAltered, "record: damaged", 4182);
  static_assert(!kStatus.ok());
  EXPECT_EQ(kStatus.code(), StatusCode::kAltered);
  EXPECT_EQ(kStatus.message(), "record: damaged");
  EXPECT_EQ(kStatus.locator(), 4182);
}

TEST(StatusTest, EveryOtherCodeThanOkIsAnError) {
  for (int i = 1; i < kCodes; ++i) {
    EXPECT_FALSE(Status(static_cast<StatusCode>(i), "an error").ok()) << i;
  }
}

TEST(StatusTest, AtMovesTheLocatorAndNothingElse) {
  constexpr Status kStatus(StatusCode::kIo, "cannot read", 5);
  constexpr Status kMoved = kStatus.At(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(kMoved.code(), StatusCode::kIo);
  EXPECT_EQ(kMoved.message(), "cannot read");
  EXPECT_EQ(kMoved.locator(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(kStatus.locator(), 5);
}

// A Status with room for data could carry data.
TEST(StatusTest, HoldsNoMemoryOfItsOwn) {
  static_assert(std::is_trivially_copyable_v<Status>);
  static_assert(std::is_trivially_destructible_v<Status>);
  static_assert(!std::is_constructible_v<LiteralMessage, std::string>);
  static_assert(!std::is_constructible_v<Status, StatusCode, std::string>);
  static_assert(!std::is_constructible_v<Status, StatusCode, std::string_view>);
}

TEST(StatusTest, EveryCodeHasANameOfItsOwnInLowerSnakeCase) {
  std::set<std::string> names;
  for (int i = 0; i < kCodes; ++i) {
    const std::string name(StatusCodeName(static_cast<StatusCode>(i)));
    EXPECT_THAT(name, MatchesRegex("[a-z]+(_[a-z]+)*"));
    EXPECT_NE(name, "unknown");
    names.insert(name);
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kCodes));
  EXPECT_EQ(StatusCodeName(StatusCode::kInvalidArgument), "invalid_argument");
  EXPECT_EQ(StatusCodeName(static_cast<StatusCode>(200)), "unknown");
}

Status PassOn(const Status& status, bool* went_on) {
  MONIKER_RETURN_IF_ERROR(status);
  *went_on = true;
  return Status::Ok();
}

TEST(StatusMacrosTest, ReturnIfErrorReturnsErrorsAndOnlyThose) {
  bool went_on = false;
  EXPECT_EQ(PassOn(Status(StatusCode::kClosed, "closed", 7), &went_on).locator(), 7);
  EXPECT_FALSE(went_on);
  EXPECT_TRUE(PassOn(Status::Ok(), &went_on).ok());
  EXPECT_TRUE(went_on);
}

Result<int> AddOne(Result<int> result) {
  MONIKER_ASSIGN_OR_RETURN(const int value, result);
  return value + 1;
}

TEST(StatusMacrosTest, AssignOrReturnPassesTheErrorOnUnchanged) {
  EXPECT_EQ(*AddOne(41), 42);
  const Status status = AddOne(Status(StatusCode::kNotFound, "not there", 3)).status();
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "not there");
  EXPECT_EQ(status.locator(), 3);
}

}  // namespace
}  // namespace moniker
