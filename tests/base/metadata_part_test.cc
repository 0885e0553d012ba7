#include "base/metadata_part.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/encoding.h"

namespace moniker::internal {
namespace {

std::string PartOf(std::size_t bytes, std::uint8_t value = 0xA5) {
  return EncodeBase64Url(std::vector<std::uint8_t>(bytes, value));
}

std::string OfSteps(std::size_t steps) { return PartOf(29 + 64 * steps); }

TEST(MetadataPartTest, HasTheLengthsOfTheFormatAndNoOther) {
  std::set<std::size_t> taken;
  for (std::size_t bytes = 0; bytes <= 3200; ++bytes) {
    if (IsMetadataPart(PartOf(bytes))) taken.insert(bytes);
  }
  std::set<std::size_t> expected;
  for (std::size_t steps = 1; steps <= 47; ++steps) expected.insert(29 + 64 * steps);
  EXPECT_EQ(taken, expected);
  EXPECT_EQ(OfSteps(1).size(), 124u);
  EXPECT_EQ(OfSteps(2).size(), 210u);
  EXPECT_EQ(OfSteps(47).size(), 4050u);
}

TEST(MetadataPartTest, IsStrictBase64Url) {
  for (std::size_t steps = 1; steps <= 3; ++steps) {
    const std::string good = OfSteps(steps);
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (const char wrong : {'+', '/', '=', '.', ' ', '\0', '\n', '\xC3'}) {
        std::string bad = good;
        bad[at] = wrong;
        EXPECT_FALSE(IsMetadataPart(bad)) << at;
      }
    }
    for (std::string other : {good + "A", good + "=", good.substr(1), good + "AAAA"}) {
      EXPECT_FALSE(IsMetadataPart(other)) << other.size();
    }
  }
  std::string loose = OfSteps(2);
  loose.back() = 'B';
  EXPECT_FALSE(IsMetadataPart(loose));
  loose = OfSteps(3);
  loose.back() = 'B';
  EXPECT_FALSE(IsMetadataPart(loose));
}

TEST(MetadataPartSizeTest, IsThatOfTheWholeUpToWhatIsNoLetterOrDigit) {
  for (const std::size_t steps : {1u, 2u, 3u, 46u, 47u}) {
    const std::string part = OfSteps(steps);
    for (const char* behind : {"", ".mp3", "/x", " ", "?a=b", "\xC3\xA9", "-x", "_160.mp3", "--"}) {
      EXPECT_EQ(MetadataPartSize(part + behind), part.size()) << steps << behind;
    }
  }
}

TEST(MetadataPartSizeTest, IsZeroBeforeALetterOrDigitAndForWhatIsTooShort) {
  const std::string part = OfSteps(1);
  for (const char* behind : {"x", "Z", "0", "mp3"}) EXPECT_EQ(MetadataPartSize(part + behind), 0u);
  for (std::size_t size = 0; size < part.size(); ++size) {
    EXPECT_EQ(MetadataPartSize(part.substr(0, size)), 0u) << size;
    EXPECT_EQ(MetadataPartSize(part.substr(0, size) + ".mp3"), 0u) << size;
  }
  EXPECT_EQ(MetadataPartSize("mp3"), 0u);
  EXPECT_EQ(MetadataPartSize("." + part), 0u);
}

TEST(MetadataPartSizeTest, TheLongestCounts) {
  // A hyphen stands where the shorter one could end.
  std::string part = OfSteps(2);
  part[124] = '-';
  EXPECT_EQ(MetadataPartSize(part), 210u);
  EXPECT_EQ(MetadataPartSize(part.substr(0, 209)), 124u);
  EXPECT_EQ(MetadataPartSize(part + "x"), 124u);
  part.back() = 'B';  // not strict
  EXPECT_EQ(MetadataPartSize(part), 124u);
}

TEST(MetadataPartSizeTest, WhatGoesOnBeyondTheLongestIsNone) {
  EXPECT_EQ(MetadataPartSize(std::string(100'000, 'A')), 0u);
  EXPECT_EQ(MetadataPartSize(std::string(4050, 'A') + std::string(100, '-')), 4050u);
}

}  // namespace
}  // namespace moniker::internal
