#include "pseudonym/rendering.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "base/encoding.h"

namespace moniker::internal {
namespace {

constexpr std::size_t kMaxCount = 70;  // more than eight groups of eight

// By the words of docs/formats/pseudonym.md, section 5.
std::string ExpectedText(const Digest& digest) {
  std::string text = "m";
  std::uint8_t sum = 0;
  std::uint8_t power = 1;
  for (std::size_t i = 0; i < 30; ++i) {
    const std::uint8_t value = FiveBits(digest, i);
    text += kBase32Alphabet[value];
    power = TimesA(power);
    std::uint8_t term = power;  // a^(i + 1) * value, bit by bit
    for (int bit = 0; bit < 5; ++bit, term = TimesA(term)) {
      if ((value >> bit & 1) != 0) sum ^= term;
    }
  }
  return text + kBase32Alphabet[sum];
}

std::vector<Digest> RandomDigests(std::size_t count, std::mt19937_64* random) {
  std::vector<Digest> digests(count);
  for (Digest& digest : digests) {
    for (std::uint8_t& byte : digest) byte = static_cast<std::uint8_t>((*random)());
  }
  return digests;
}

// What a renderer writes, one text beyond them in the memory.
std::vector<ExternalId::Text> Render(const Renderer& renderer, std::span<const Digest> digests) {
  ExternalId::Text untouched;
  untouched.fill('?');
  std::vector<ExternalId::Text> texts(digests.size() + 1, untouched);
  renderer.render(digests, std::span(texts).first(digests.size()));
  EXPECT_EQ(texts.back(), untouched);
  texts.pop_back();
  return texts;
}

class RenderingTest : public ::testing::TestWithParam<Renderer> {
 protected:
  static void ExpectRight(std::span<const Digest> digests) {
    const std::vector<ExternalId::Text> texts = Render(GetParam(), digests);
    for (std::size_t i = 0; i < digests.size(); ++i) {
      ASSERT_EQ(std::string(texts[i].begin(), texts[i].end()), ExpectedText(digests[i])) << i;
    }
  }
};

TEST_P(RenderingTest, TextsOfAnyNumberOfDigestsAreThoseOfTheFormat) {
  std::mt19937_64 random(20260101);
  for (std::size_t count = 0; count <= kMaxCount; ++count) {
    ExpectRight(RandomDigests(count, &random));
  }
}

TEST_P(RenderingTest, EachBitOfADigestChangesWhatTheFormatSays) {
  std::vector<Digest> digests(256, Digest{});
  for (std::size_t bit = 0; bit < digests.size(); ++bit) {
    digests[bit][bit / 8] = static_cast<std::uint8_t>(0x80 >> bit % 8);
  }
  ExpectRight(digests);
  for (Digest& digest : digests) {
    for (std::uint8_t& byte : digest) byte = static_cast<std::uint8_t>(~byte);
  }
  ExpectRight(digests);
}

TEST_P(RenderingTest, ItsExternalIdsAreAccepted) {
  std::mt19937_64 random(20260102);
  for (const ExternalId::Text& text : Render(GetParam(), RandomDigests(kMaxCount, &random))) {
    EXPECT_TRUE(ExternalId::Parse({text.data(), text.size()}).ok());
  }
}

INSTANTIATE_TEST_SUITE_P(Renderers, RenderingTest,
                         ::testing::ValuesIn(Renderers().begin(), Renderers().end()),
                         [](const auto& renderer) { return std::string(renderer.param.name); });

}  // namespace
}  // namespace moniker::internal
