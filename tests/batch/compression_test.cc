#include "batch/compression.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <thread>

#include "batch/byte_source.h"
#include "batch/rewriting.h"

namespace moniker::internal {
namespace {

using moniker::testing::TextFile;

std::string Compressed(Compression compression, std::string_view text) {
  std::string out;
  EXPECT_TRUE(AppendCompressed(compression, text, &out).ok());
  return out;
}

// Everything, asked for in pieces of one size.
Result<std::string> ReadAll(int fd, std::size_t piece) {
  ByteSource source(fd);
  std::string all;
  for (;;) {
    std::string buffer(piece, '\0');
    const Result<std::size_t> got = source.Read(buffer);
    if (!got.ok()) return got.status();
    all.append(buffer, 0, *got);
    if (*got < piece) return all;
  }
}

Result<std::string> ReadAll(std::string_view stored, std::size_t piece = 4096) {
  const TextFile file(stored);
  return ReadAll(file.fd(), piece);
}

std::string LongText() {
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += std::to_string(i * 7919) + (i % 3 == 0 ? "\n" : ",");
  return text;
}

class CompressionTest : public ::testing::TestWithParam<Compression> {};

INSTANTIATE_TEST_SUITE_P(, CompressionTest,
                         ::testing::Values(Compression::kNone, Compression::kGzip,
                                           Compression::kZstd));

TEST_P(CompressionTest, WhatIsWrittenIsReadBackInPiecesOfAnySize) {
  for (const std::string& text : {std::string("a"), std::string("abc"), std::string("abcd"),
                                  std::string("abcde"), LongText()}) {
    const std::string stored = Compressed(GetParam(), text);
    for (const std::size_t piece : {std::size_t{1000}, std::size_t{4096}, std::size_t{1} << 20}) {
      const Result<std::string> read = ReadAll(stored, piece);
      ASSERT_TRUE(read.ok());
      EXPECT_TRUE(*read == text) << text.size() << " in " << piece;
    }
  }
}

TEST_P(CompressionTest, BlocksOneAfterTheOtherAreOneText) {
  std::string stored;
  std::string text;
  for (int i = 0; i < 50; ++i) {
    const std::string block =
        std::to_string(i) + std::string(static_cast<std::size_t>(i) * 100, 'x');
    ASSERT_TRUE(AppendCompressed(GetParam(), block, &stored).ok());
    text += block;
  }
  const Result<std::string> read = ReadAll(stored, 17);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, text);
}

TEST_P(CompressionTest, WhatAPipeHandsOutInBitsIsTheSame) {
  const std::string text = LongText();
  const std::string stored = Compressed(GetParam(), text);
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  std::thread writer([&] {
    for (std::size_t i = 0; i < stored.size(); i += 1009) {
      const std::string_view bit = std::string_view(stored).substr(i, 1009);
      if (::write(ends[1], bit.data(), bit.size()) < 0) break;
    }
    ::close(ends[1]);
  });
  const Result<std::string> read = ReadAll(ends[0], 100'000);
  writer.join();
  ::close(ends[0]);
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(*read == text);
}

TEST(CompressionFormatTest, AnEmptyTextIsAMemberAllTheSame) {
  for (const Compression compression : {Compression::kGzip, Compression::kZstd}) {
    const std::string stored = Compressed(compression, "");
    EXPECT_EQ(CompressionOfText(stored), compression);
    const Result<std::string> read = ReadAll(stored);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, "");
  }
}

TEST(CompressionFormatTest, EveryTruncationIsFound) {
  for (const Compression compression : {Compression::kGzip, Compression::kZstd}) {
    const std::string stored = Compressed(compression, "some text, some text, some text");
    for (std::size_t size = 4; size < stored.size(); ++size) {
      const Result<std::string> read = ReadAll(stored.substr(0, size));
      ASSERT_FALSE(read.ok()) << size;
      EXPECT_EQ(read.status().code(), StatusCode::kInvalidArgument);
    }
  }
}

TEST(CompressionFormatTest, WhatStandsBehindTheLastMemberIsDamage) {
  for (const Compression compression : {Compression::kGzip, Compression::kZstd}) {
    const Result<std::string> read = ReadAll(Compressed(compression, "text") + "more");
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.status().message(), "the compressed input is damaged");
  }
}

TEST(CompressionFormatTest, AChangedByteOfGzipIsFoundByItsChecksum) {
  std::string stored = Compressed(Compression::kGzip, LongText());
  stored[stored.size() / 2] = static_cast<char>(stored[stored.size() / 2] ^ 0x10);
  EXPECT_FALSE(ReadAll(stored).ok());
}

TEST(CompressionFormatTest, GzipOfOthersIsRead) {
  const std::string path = ::testing::TempDir() + "/others.gz";
  gzFile file = gzopen(path.c_str(), "wb9");
  ASSERT_NE(file, nullptr);
  const std::string text = LongText();
  ASSERT_EQ(gzwrite(file, text.data(), static_cast<unsigned>(text.size())),
            static_cast<int>(text.size()));
  ASSERT_EQ(gzclose(file), Z_OK);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const Result<std::string> read = ReadAll(fd, 4096);
  ::close(fd);
  ::unlink(path.c_str());
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(*read == text);
}

TEST(CompressionNameTest, TheEndingOfANameSaysHowItIsCompressed) {
  EXPECT_EQ(CompressionOfName("a.csv.gz"), Compression::kGzip);
  EXPECT_EQ(CompressionOfName("a.csv.zst"), Compression::kZstd);
  EXPECT_EQ(CompressionOfName("a.gz.csv"), Compression::kNone);
  EXPECT_EQ(CompressionOfName("gz"), Compression::kNone);
  EXPECT_EQ(WithoutCompressionEnding("a.csv.gz"), "a.csv");
  EXPECT_EQ(WithoutCompressionEnding("a.csv.zst"), "a.csv");
  EXPECT_EQ(WithoutCompressionEnding("a.csv"), "a.csv");
}

TEST(CompressionNameTest, TextIsNotTakenForCompressed) {
  EXPECT_EQ(CompressionOfText(""), Compression::kNone);
  EXPECT_EQ(CompressionOfText("a,b"), Compression::kNone);
  EXPECT_EQ(CompressionOfText("\xEF\xBB\xBFz"), Compression::kNone);
  EXPECT_EQ(CompressionOfText("\x1F"), Compression::kNone);
}

TEST(ByteSourceTest, CountsTheBytesAsTheyAreStored) {
  const std::string stored = Compressed(Compression::kGzip, std::string(100'000, 'x'));
  const TextFile file(stored);
  ByteSource source(file.fd());
  std::string buffer(200'000, '\0');
  const Result<std::size_t> got = source.Read(buffer);
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(*got, 100'000U);
  EXPECT_EQ(source.bytes_read(), stored.size());
}

TEST(ByteSourceTest, AnErrorOfTheSystemIsPassedOn) {
  const int folder = ::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const Result<std::string> read = ReadAll(folder, 10);
  ::close(folder);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.status().locator(), EISDIR);
}

}  // namespace
}  // namespace moniker::internal
