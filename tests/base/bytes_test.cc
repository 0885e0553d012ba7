#include "base/bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

namespace moniker::internal {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

TEST(ByteWriterTest, WritesIntegersInLittleEndianOrder) {
  std::array<std::uint8_t, 15> out;
  ByteWriter writer(out);
  writer.U8(0x01).U16(0x0302).U32(0x07060504).U64(0x0F0E0D0C0B0A0908);
  EXPECT_TRUE(writer.ok());
  EXPECT_EQ(writer.size(), 15u);
  EXPECT_THAT(out, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

TEST(ByteWriterTest, PrefixIsTheLengthInFourBytes) {
  std::array<std::uint8_t, 11> out;
  ByteWriter writer(out);
  writer.Prefixed("abc").Prefixed("");
  EXPECT_TRUE(writer.ok());
  EXPECT_THAT(out, ElementsAre(3, 0, 0, 0, 'a', 'b', 'c', 0, 0, 0, 0));
}

TEST(ByteWriterTest, ShowsWhatWasWrittenAndNoMore) {
  std::array<std::uint8_t, 8> out{};
  ByteWriter writer(out);
  EXPECT_TRUE(writer.written().empty());
  writer.Bytes("ab");
  EXPECT_THAT(writer.written(), ElementsAre('a', 'b'));
  EXPECT_EQ(writer.written().data(), out.data());
}

TEST(ByteWriterTest, FillsItsMemoryToTheLastByte) {
  for (std::size_t size = 0; size <= 16; ++size) {
    std::vector<std::uint8_t> out(size, 0xEE);
    ByteWriter writer(out);
    writer.Bytes(std::vector<std::uint8_t>(size, 0x11));
    EXPECT_TRUE(writer.ok());
    EXPECT_THAT(out, Each(0x11));
    writer.Bytes("");  // nothing more fits everywhere
    EXPECT_TRUE(writer.ok());
    writer.U8(0);
    EXPECT_FALSE(writer.ok());
  }
}

// The memory is given as the front part of a larger one, so that a byte too many is seen.
TEST(ByteWriterTest, WritesNothingOfWhatDoesNotFit) {
  for (std::size_t room = 0; room < 8; ++room) {
    std::array<std::uint8_t, 16> out;
    out.fill(0xEE);
    ByteWriter writer(ByteSpan(out).first(room));
    writer.U64(0);
    EXPECT_FALSE(writer.ok());
    EXPECT_EQ(writer.size(), 0u);
    EXPECT_THAT(out, Each(0xEE)) << room;
  }
}

TEST(ByteWriterTest, FailureIsForGood) {
  std::array<std::uint8_t, 3> out{0xEE, 0xEE, 0xEE};
  ByteWriter writer(out);
  writer.U8(1).U32(0).U8(2).Bytes("a").Bytes("");
  EXPECT_FALSE(writer.ok());
  EXPECT_EQ(writer.size(), 1u);
  EXPECT_THAT(out, ElementsAre(1, 0xEE, 0xEE));
}

TEST(ByteReaderTest, ReadsIntegersInLittleEndianOrder) {
  const std::array<std::uint8_t, 15> in = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  ByteReader reader(in);
  EXPECT_EQ(reader.U8(), 0x01);
  EXPECT_EQ(reader.U16(), 0x0302);
  EXPECT_EQ(reader.U32(), 0x07060504u);
  EXPECT_EQ(reader.U64(), 0x0F0E0D0C0B0A0908u);
  EXPECT_TRUE(reader.AtEnd());
}

TEST(ByteReaderTest, ReadsWhatTheWriterWrites) {
  std::array<std::uint8_t, 64> memory;
  ByteWriter writer(memory);
  writer.U8(0xFF).U16(0xFFFF).U32(0xFFFFFFFF).U64(0xFFFFFFFFFFFFFFFF);
  writer.Prefixed("issuer").Prefixed("").Bytes("tail");
  ASSERT_TRUE(writer.ok());
  ByteReader reader(writer.written());
  EXPECT_EQ(reader.U8(), 0xFF);
  EXPECT_EQ(reader.U16(), 0xFFFF);
  EXPECT_EQ(reader.U32(), 0xFFFFFFFF);
  EXPECT_EQ(reader.U64(), 0xFFFFFFFFFFFFFFFF);
  EXPECT_EQ(reader.PrefixedText(), "issuer");
  EXPECT_EQ(reader.PrefixedText(), "");
  EXPECT_EQ(reader.remaining(), 4u);
  EXPECT_FALSE(reader.AtEnd());
  EXPECT_EQ(AsText(reader.Bytes(4)), "tail");
  EXPECT_TRUE(reader.AtEnd());
}

TEST(ByteReaderTest, AtEndIsFalseWhileAByteIsLeft) {
  const std::array<std::uint8_t, 2> in = {1, 2};
  ByteReader reader(in);
  reader.U8();
  EXPECT_FALSE(reader.AtEnd());
  reader.U8();
  EXPECT_TRUE(reader.AtEnd());
  EXPECT_TRUE(ByteReader({}).AtEnd());
}

// Integers that are cut off are zero, not what was there of them.
TEST(ByteReaderTest, ACutIntegerIsZero) {
  const std::array<std::uint8_t, 7> in = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
  for (std::size_t size = 0; size < 8; ++size) {
    ByteReader reader(ByteView(in).first(size));
    EXPECT_EQ(reader.U64(), 0u);
    EXPECT_FALSE(reader.ok());
    EXPECT_FALSE(reader.AtEnd());
  }
}

TEST(ByteReaderTest, FailureIsForGoodAndEveryLaterAnswerIsZeroOrEmpty) {
  const std::array<std::uint8_t, 3> in = {1, 2, 3};
  ByteReader reader(in);
  EXPECT_EQ(reader.U32(), 0u);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.U8(), 0);
  EXPECT_EQ(reader.U16(), 0);
  EXPECT_TRUE(reader.Bytes(1).empty());
  EXPECT_TRUE(reader.Bytes(0).empty());
  EXPECT_TRUE(reader.Prefixed().empty());
  EXPECT_EQ(reader.PrefixedText(), "");
  EXPECT_FALSE(reader.ok());
  EXPECT_FALSE(reader.AtEnd());
}

TEST(ByteReaderTest, APrefixLongerThanTheRestIsAFailure) {
  for (const std::uint32_t length : {1u, 2u, 0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFFu}) {
    std::array<std::uint8_t, 4> in;
    ByteWriter(in).U32(length);
    ByteReader reader(in);
    EXPECT_TRUE(reader.Prefixed().empty());
    EXPECT_FALSE(reader.ok()) << length;
  }
}

TEST(ByteReaderTest, ASizeBeyondAllMemoryIsAFailure) {
  const std::array<std::uint8_t, 4> in{};
  ByteReader reader(in);
  EXPECT_TRUE(reader.Bytes(std::numeric_limits<std::size_t>::max()).empty());
  EXPECT_FALSE(reader.ok());
}

TEST(BytesTest, ViewsShareTheirMemoryAndTakeEmptyOnes) {
  constexpr std::string_view kText = "a\0b";
  EXPECT_EQ(static_cast<const void*>(AsBytes(kText).data()), kText.data());
  EXPECT_EQ(AsText(AsBytes(kText)), kText);
  EXPECT_TRUE(AsBytes({}).empty());
  EXPECT_TRUE(AsText({}).empty());
}

}  // namespace
}  // namespace moniker::internal
