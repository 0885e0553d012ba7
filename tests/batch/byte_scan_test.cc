#include "batch/byte_scan.h"

#include <gtest/gtest.h>

#include <random>

namespace moniker::internal {
namespace {

std::vector<std::uint32_t> Slowly(std::string_view text, const ByteSet& set) {
  std::vector<std::uint32_t> places;
  for (std::uint32_t i = 0; i < text.size(); ++i) {
    if (std::find(set.begin(), set.end(), text[i]) != set.end()) places.push_back(i);
  }
  return places;
}

std::string RandomText(std::size_t size, std::string_view alphabet, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::string text(size, ' ');
  for (char& c : text) c = alphabet[random() % alphabet.size()];
  return text;
}

TEST(ByteScanTest, FindsWhatALoopFindsInTextsOfEverySizeAroundAChunk) {
  const ByteSet set{',', '"', '\r', '\n'};
  std::vector<std::uint32_t> places;
  for (std::size_t size = 0; size < 300; ++size) {
    const std::string text = RandomText(size, "ab,\"\r\n\xFF", static_cast<std::uint32_t>(size));
    FindBytes(text, set, &places);
    EXPECT_EQ(places, Slowly(text, set)) << size;
  }
}

TEST(ByteScanTest, FindsEveryByteOfATextThatIsNothingElse) {
  const std::string text(1000, ',');
  std::vector<std::uint32_t> places;
  FindBytes(text, {',', ',', ',', ','}, &places);
  EXPECT_EQ(places, Slowly(text, {',', ',', ',', ','}));
}

TEST(ByteScanTest, ForgetsThePlacesOfTheTextBefore) {
  std::vector<std::uint32_t> places;
  FindBytes(std::string(500, ','), {',', ',', ',', ','}, &places);
  FindBytes("a,b", {',', ',', ',', ','}, &places);
  EXPECT_EQ(places, (std::vector<std::uint32_t>{1}));
}

TEST(ByteScanTest, BytesAboveAsciiAreNotTakenForOthers) {
  std::string text;
  for (int c = 0; c < 256; ++c) text.push_back(static_cast<char>(c));
  std::vector<std::uint32_t> places;
  FindBytes(text, {',', '"', '\r', '\n'}, &places);
  EXPECT_EQ(places, (std::vector<std::uint32_t>{'\n', '\r', '"', ','}));
}

TEST(ByteScanTest, CountsWhatALoopCounts) {
  // Beyond the number that a lane of bytes can hold.
  for (const std::size_t size : {0U, 1U, 15U, 16U, 4079U, 4080U, 4081U, 10'000U, 100'000U}) {
    const std::string text = RandomText(size, "a\"", 7);
    EXPECT_EQ(CountBytes(text, '"'),
              static_cast<std::size_t>(std::count(text.begin(), text.end(), '"')))
        << size;
    EXPECT_EQ(CountBytes(std::string(size, '"'), '"'), size);
    EXPECT_EQ(CountBytes(std::string(size, 'a'), '"'), 0U);
  }
}

TEST(ByteScanTest, APlainJsonRunEndsAtTheSameByteAtEveryPlaceAndFromEveryPlace) {
  const std::string plain = RandomText(70, "ab \x7F\x80\xFF", 1);
  for (int byte = 0; byte < 256; ++byte) {
    const bool ends = byte < 0x20 || byte == '"' || byte == '\\';
    for (std::size_t at = 0; at < plain.size(); ++at) {
      std::string text = plain;
      text[at] = static_cast<char>(byte);
      EXPECT_EQ(FindEndOfPlainJson(text, 0), ends ? at : text.size()) << byte << " at " << at;
      EXPECT_EQ(FindEndOfPlainJson(text, at), ends ? at : text.size()) << byte << " at " << at;
    }
  }
  for (std::size_t size = 0; size < 50; ++size) {
    EXPECT_EQ(FindEndOfPlainJson(std::string(size, 'x'), size / 2), size);
  }
}

}  // namespace
}  // namespace moniker::internal
