#include "moniker/secret.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/hex.h"

namespace moniker {
namespace {

using testing::Counting;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using testing::Secret;

template <typename T>
concept Streamable = requires(std::ostream& out, const T& value) {
  out << value;
};

template <typename T>
constexpr bool kCanOnlyBeMoved =
    std::is_nothrow_move_constructible_v<T>&& std::is_nothrow_move_assignable_v<T> &&
    !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> &&
    !std::equality_comparable<T> && !Streamable<T> && !std::totally_ordered<T>;

static_assert(kCanOnlyBeMoved<SecretBytes>);
static_assert(kCanOnlyBeMoved<SecretText>);
static_assert(Streamable<std::string>);  // the concept can be true
static_assert(!std::is_convertible_v<SecretText, std::string_view>);
static_assert(!std::is_convertible_v<std::string, SecretText>);

SecretBytes Allocate(std::size_t size) {
  Result<SecretBytes> bytes = SecretBytes::Allocate(size);
  if (!bytes.ok()) throw std::runtime_error("no secret memory");
  return *std::move(bytes);
}

bool AllZero(std::span<const std::uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

TEST(SecretBytesTest, DefaultHoldsNothing) {
  const std::size_t before = SecretMemory::Current().used_blocks;
  const SecretBytes bytes;
  EXPECT_TRUE(bytes.empty());
  EXPECT_EQ(bytes.size(), 0u);
  EXPECT_TRUE(bytes.Expose().empty());
  EXPECT_TRUE(bytes.intact());
  EXPECT_EQ(SecretMemory::Current().used_blocks, before);
}

TEST(SecretBytesTest, NoBytesNeedNoMemory) {
  const std::size_t before = SecretMemory::Current().used_blocks;
  const Result<SecretBytes> allocated = SecretBytes::Allocate(0);
  const Result<SecretBytes> copied = SecretBytes::CopyOf({});
  ASSERT_TRUE(allocated.ok());
  ASSERT_TRUE(copied.ok());
  EXPECT_TRUE(allocated->empty());
  EXPECT_TRUE(copied->empty());
  EXPECT_EQ(SecretMemory::Current().used_blocks, before);
}

// Sizes around those where the arena changes its way; the memory of the second round was used and
// filled before.
TEST(SecretBytesTest, AllocatedMemoryIsZeroAndAlignedWhateverItHeldBefore) {
  for (int round = 0; round < 3; ++round) {
    for (std::size_t base = 64; base <= std::size_t{128} << 10; base *= 2) {
      for (std::size_t size = base - 18; size <= base + 2; ++size) {
        SecretBytes bytes = Allocate(size);
        ASSERT_EQ(bytes.size(), size);
        ASSERT_EQ(reinterpret_cast<std::uintptr_t>(bytes.Expose().data()) % 16, 0u) << size;
        ASSERT_TRUE(AllZero(bytes.Expose())) << size;
        std::ranges::fill(bytes.Expose(), std::uint8_t{0xA5});
      }
    }
  }
}

TEST(SecretBytesTest, TheLargestSizeIsGivenAndOneMoreIsExhausted) {
  SecretBytes largest = Allocate(SecretBytes::kMaxSize);
  largest.Expose().back() = 1;
  EXPECT_EQ(largest.size(), SecretBytes::kMaxSize);
  for (const std::size_t size :
       {SecretBytes::kMaxSize + 1, SIZE_MAX / 2, SIZE_MAX - 15, SIZE_MAX}) {
    EXPECT_EQ(SecretBytes::Allocate(size).status().code(), StatusCode::kExhausted) << size;
  }
}

TEST(SecretBytesTest, CopyHasMemoryOfItsOwn) {
  std::vector<std::uint8_t> source = Counting(100);
  const SecretBytes copy = Secret(source);
  std::ranges::fill(source, std::uint8_t{0});
  EXPECT_THAT(copy.Expose(), ElementsAreArray(Counting(100)));
}

TEST(SecretBytesTest, MovingLeavesTheSourceEmptyAndTheContentWhereItWas) {
  SecretBytes source = Secret(Counting(3));
  const std::uint8_t* const memory = source.Expose().data();
  SecretBytes target(std::move(source));
  EXPECT_EQ(target.Expose().data(), memory);
  EXPECT_THAT(target.Expose(), ElementsAre(0, 1, 2));
  EXPECT_TRUE(source.empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(source.Expose().empty());
  EXPECT_TRUE(source.intact());
}

TEST(SecretBytesTest, AssignmentGivesTheOldContentBack) {
  const std::size_t before = SecretMemory::Current().used_blocks;
  SecretBytes target = Secret(Counting(3));
  target = Secret(Counting(5));
  EXPECT_EQ(target.size(), 5u);
  EXPECT_EQ(SecretMemory::Current().used_blocks, before + 1);
  target = SecretBytes();
  EXPECT_TRUE(target.empty());
  EXPECT_EQ(SecretMemory::Current().used_blocks, before);
}

TEST(SecretBytesTest, AssignmentToItselfKeepsTheContent) {
  SecretBytes bytes = Secret(Counting(3));
  SecretBytes& same = bytes;
  bytes = std::move(same);
  EXPECT_THAT(bytes.Expose(), ElementsAre(0, 1, 2));
}

TEST(SecretBytesTest, TruncateKeepsTheFrontAndWipesTheRest) {
  SecretBytes bytes = Secret(Counting(100, 1));
  const std::span<const std::uint8_t> whole = std::as_const(bytes).Expose();
  bytes.Truncate(100);
  EXPECT_THAT(bytes.Expose(), ElementsAreArray(Counting(100, 1)));
  bytes.Truncate(40);
  EXPECT_THAT(bytes.Expose(), ElementsAreArray(Counting(40, 1)));
  EXPECT_TRUE(AllZero(whole.subspan(40)));
  EXPECT_TRUE(bytes.intact());
  bytes.Truncate(0);
  EXPECT_TRUE(bytes.empty());
  EXPECT_TRUE(AllZero(whole));
}

TEST(SecretBytesTest, FiftyThousandSecretsAtOnceKeepTheirContents) {
  constexpr std::size_t kCount = 50'000;
  const std::size_t before = SecretMemory::Current().used_blocks;
  std::vector<SecretBytes> secrets;
  for (std::size_t i = 0; i < kCount; ++i) secrets.push_back(Secret(Counting(32, i * 7)));
  EXPECT_EQ(SecretMemory::Current().used_blocks, before + kCount);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < kCount; ++i) {
    const std::vector<std::uint8_t> expected = Counting(32, i * 7);
    wrong += !std::ranges::equal(secrets[i].Expose(), expected);
  }
  EXPECT_EQ(wrong, 0u);
  secrets.clear();
  EXPECT_EQ(SecretMemory::Current().used_blocks, before);
}

// 64 bytes a key with its header: what 50,000 keys need must not grow with each use.
TEST(SecretBytesTest, ReleasedMemoryIsUsedAgain) {
  const auto fill = [] {
    std::vector<SecretBytes> secrets;
    for (std::size_t i = 0; i < 10'000; ++i) secrets.push_back(Allocate(32));
  };
  fill();
  const std::size_t reserved = SecretMemory::Current().reserved_bytes;
  fill();
  EXPECT_EQ(SecretMemory::Current().reserved_bytes, reserved);
}

TEST(SecretBytesTest, ManyLargeSecretsKeepTheirContentsAndAreGivenBack) {
  const SecretMemory before = SecretMemory::Current();
  {
    std::vector<SecretBytes> secrets;
    for (std::size_t i = 0; i < 50; ++i) {
      secrets.push_back(Allocate((std::size_t{33} << 10) + i * 1000));
      std::ranges::fill(secrets.back().Expose(), static_cast<std::uint8_t>(i));
    }
    for (std::size_t i = 0; i < 50; ++i) {
      EXPECT_THAT(secrets[i].Expose().first(10), Each(i));
      EXPECT_THAT(secrets[i].Expose().last(10), Each(i));
    }
    EXPECT_EQ(SecretMemory::Current().used_blocks, before.used_blocks + 50);
    EXPECT_GE(SecretMemory::Current().reserved_bytes, before.reserved_bytes + 50 * (33u << 10));
  }
  EXPECT_EQ(SecretMemory::Current().used_blocks, before.used_blocks);
  EXPECT_EQ(SecretMemory::Current().reserved_bytes, before.reserved_bytes);
}

TEST(SecretTextTest, HoldsACopyOfTheTextWithItsNuls) {
  std::string source("a\0b", 3);
  SecretText text = Secret(std::string_view(source));
  source.assign(3, 'x');
  EXPECT_EQ(text.Expose(), std::string_view("a\0b", 3));
  EXPECT_EQ(text.size(), 3u);
  const SecretText moved(std::move(text));
  EXPECT_EQ(moved.size(), 3u);
  EXPECT_TRUE(text.empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(text.Expose(), "");
}

TEST(SecretTextTest, TakesBytesWithoutACopy) {
  SecretBytes bytes = Secret(Counting(3, 'a'));
  const void* const memory = bytes.Expose().data();
  const SecretText text(std::move(bytes));
  EXPECT_EQ(text.Expose(), "abc");
  EXPECT_EQ(text.Expose().data(), memory);
}

TEST(SecretMemoryTest, IsLockedWhenAllOfItIs) {
  EXPECT_TRUE((SecretMemory{.reserved_bytes = 10, .locked_bytes = 10}.locked()));
  EXPECT_FALSE((SecretMemory{.reserved_bytes = 10, .locked_bytes = 9}.locked()));
  EXPECT_TRUE(SecretMemory().locked());
}

}  // namespace
}  // namespace moniker
