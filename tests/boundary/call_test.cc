#include "boundary/call.h"

#include <stdexcept>

#include "gtest/gtest.h"

namespace moniker::internal {
namespace {

moniker_error MakeError() {
  moniker_error error{};
  error.struct_size = sizeof error;
  return error;
}

TEST(CallTest, TellsCodeMessageAndLocator) {
  moniker_error error = MakeError();
  const Status status(StatusCode::kConflict, "issuer: its identifiers are of another kind", 7);
  EXPECT_EQ(Call(&error, [&] { return status; }), MONIKER_CONFLICT);
  EXPECT_EQ(error.code, MONIKER_CONFLICT);
  EXPECT_STREQ(error.message, "issuer: its identifiers are of another kind");
  EXPECT_EQ(error.locator, 7);
}

TEST(CallTest, SuccessTakesBackWhatAnEarlierErrorTold) {
  moniker_error error = MakeError();
  EXPECT_EQ(Call(&error, [] { return kUnexpected; }), MONIKER_IO);
  EXPECT_EQ(Call(&error, [] { return Status::Ok(); }), MONIKER_OK);
  EXPECT_EQ(error.code, MONIKER_OK);
  EXPECT_STREQ(error.message, "");
  EXPECT_EQ(error.locator, -1);
}

TEST(CallTest, AnErrorIsNotNeeded) {
  EXPECT_EQ(Call(nullptr, [] { return kOutOfMemory; }), MONIKER_EXHAUSTED);
}

TEST(CallTest, NothingThatIsThrownGetsThrough) {
  moniker_error error = MakeError();
  EXPECT_EQ(Call(&error, []() -> Status { throw std::bad_alloc(); }), MONIKER_EXHAUSTED);
  EXPECT_STREQ(error.message, "memory is used up");
  EXPECT_EQ(Call(&error, []() -> Status { throw std::runtime_error("Maria Jensen"); }), MONIKER_IO);
  EXPECT_STREQ(error.message, "a failure that is not foreseen");
  EXPECT_EQ(Call(&error, []() -> Status { throw 1; }), MONIKER_IO);
}

TEST(CallTest, AnErrorOfAnotherSizeIsNotWrittenToAndNothingIsDone) {
  for (const std::size_t size : {std::size_t{0}, sizeof(moniker_error) - 1, std::size_t{4097}}) {
    moniker_error error = MakeError();
    error.struct_size = size;
    error.locator = 5;
    bool was_run = false;
    EXPECT_EQ(Call(&error,
                   [&] {
                     was_run = true;
                     return Status::Ok();
                   }),
              MONIKER_INVALID_ARGUMENT);
    EXPECT_FALSE(was_run);
    EXPECT_EQ(error.locator, 5);
    EXPECT_EQ(error.message, nullptr);
  }
}

}  // namespace
}  // namespace moniker::internal
