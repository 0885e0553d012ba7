#include "moniker/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace moniker {
namespace {

Status NotThere() { return Status(StatusCode::kNotFound, "not there", 9); }

TEST(ResultTest, OfAValueIsOkAndHoldsIt) {
  const Result<std::string> result = std::string("value");
  EXPECT_TRUE(result.ok());
  EXPECT_TRUE(static_cast<bool>(result));
  EXPECT_TRUE(result.status().ok());
  EXPECT_EQ(*result, "value");
  EXPECT_EQ(result->size(), 5u);
}

TEST(ResultTest, OfAnErrorKeepsCodeMessageAndLocator) {
  const Result<std::string> result = NotThere();
  EXPECT_FALSE(result.ok());
  EXPECT_FALSE(static_cast<bool>(result));
  EXPECT_EQ(result.status().code(), StatusCode::kNotFound);
  EXPECT_EQ(result.status().message(), "not there");
  EXPECT_EQ(result.status().locator(), 9);
}

// Otherwise a function that forgets its value would look as if it had succeeded.
TEST(ResultTest, OfASuccessWithoutAValueIsAnError) {
  const Result<int> result = Status::Ok();
  EXPECT_FALSE(result.ok());
  EXPECT_EQ(result.status().code(), StatusCode::kInvalidArgument);
}

TEST(ResultTest, ValueCanBeChangedInPlace) {
  Result<std::string> result = std::string("a");
  *result += "b";
  result->push_back('c');
  EXPECT_EQ(*result, "abc");
}

TEST(ResultTest, HandsOutAValueThatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> value = *std::move(result);
  EXPECT_EQ(*value, 7);
  static_assert(!std::is_copy_constructible_v<Result<std::unique_ptr<int>>>);
}

TEST(ResultTest, WorksForTypesWithoutDefaultConstructor) {
  struct Pair {
    explicit Pair(int number) : value(number) {}
    int value;
  };
  EXPECT_EQ(Result<Pair>(Pair(3))->value, 3);
  EXPECT_FALSE(Result<Pair>(NotThere()).ok());
}

TEST(ResultTest, IsNotConvertedToBoolSilently) {
  static_assert(!std::is_convertible_v<Result<std::string>, bool>);
  static_assert(!std::is_convertible_v<Result<std::string>, std::string>);
}

// Not inline: GCC 12 would follow the paths behind the trap and warn of their uninitialised text.
[[gnu::noinline]] Result<std::string> WithoutValue() { return NotThere(); }

TEST(ResultDeathTest, AskingAnErrorForItsValueStopsTheProgram) {
  Result<std::string> result = WithoutValue();
  const Result<std::string>& constant = result;
  EXPECT_DEATH(static_cast<void>(*result), "");
  EXPECT_DEATH(static_cast<void>(*constant), "");
  EXPECT_DEATH(static_cast<void>(result->size()), "");
  EXPECT_DEATH(static_cast<void>(constant->size()), "");
  EXPECT_DEATH(static_cast<void>(*std::move(result)), "");
}

}  // namespace
}  // namespace moniker
