#include "pseudonym/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/hex.h"

namespace moniker::internal {
namespace {

using ::testing::MatchesRegex;
using testing::ToHex;

struct List {
  std::string_view name;
  std::span<const std::string_view, 256> words;
  std::size_t longest;
  // sha256sum docs/formats/words-1-*.txt; the same stand in docs/formats/pseudonym.md, section 8.
  std::string_view sha256;
};

const List kLists[] = {
    {"adjectives", kAdjectives, 9,
     "ca129bc7ae52876590fafc743a18bed4e4c50ae32f9a4da1ab634612f26cafee"},
    {"nouns", kNouns, 10, "625a5a57470b4c5d35ccf4d12eb16de62759df3cc05bbe463581e9f4cd67b9eb"},
};

std::string Sha256(std::string_view text) {
  std::array<std::uint8_t, crypto_hash_sha256_BYTES> hash;
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return ToHex(hash);
}

std::string Joined(const List& list) {
  std::string text;
  for (const std::string_view word : list.words) text.append(word).push_back('\n');
  return text;
}

std::string ReadDocument(const std::string& name) {
  std::ifstream in(std::filesystem::path(MONIKER_TEST_DIR) / "../docs/formats" / name,
                   std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::string Lower(std::string_view word) {
  std::string lower(word);
  if (lower[0] >= 'A' && lower[0] <= 'Z') lower[0] = static_cast<char>(lower[0] - 'A' + 'a');
  return lower;
}

// A changed list is a new format: existing people would get other names.
TEST(WordsTest, ListsAreThoseThatTheFormatPins) {
  for (const List& list : kLists) EXPECT_EQ(Sha256(Joined(list)), list.sha256) << list.name;
}

TEST(WordsTest, ListsAreThoseOfTheDocument) {
  const std::string format = ReadDocument("pseudonym.md");
  for (const List& list : kLists) {
    const std::string file = "words-1-" + std::string(list.name) + ".txt";
    EXPECT_EQ(ReadDocument(file), Joined(list)) << list.name;
    const std::string row = "| [" + file + "](" + file + ") | `" + std::string(list.sha256) + "` |";
    EXPECT_NE(format.find(row), std::string::npos) << row;
  }
}

TEST(WordsTest, EveryWordIsAFewAsciiLettersTheFirstInUpperCase) {
  for (const List& list : kLists) {
    std::size_t longest = 0;
    for (const std::string_view word : list.words) {
      EXPECT_THAT(std::string(word), MatchesRegex("[A-Z][a-z][a-z]+"));
      longest = std::max(longest, word.size());
    }
    EXPECT_EQ(longest, list.longest) << list.name;
  }
}

TEST(WordsTest, EveryWordStandsInOneListOnce) {
  std::set<std::string_view> words;
  for (const List& list : kLists) words.insert(list.words.begin(), list.words.end());
  EXPECT_EQ(words.size(), 512u);
}

TEST(WordsTest, ListsAreInAlphabeticalOrder) {
  for (const List& list : kLists) EXPECT_TRUE(std::ranges::is_sorted(list.words)) << list.name;
}

TEST(WordsTest, NoTwoWordsOfAListBeginWithTheSameFourLetters) {
  for (const List& list : kLists) {
    std::set<std::string_view> beginnings;
    for (const std::string_view word : list.words) beginnings.insert(word.substr(0, 4));
    EXPECT_EQ(beginnings.size(), 256u) << list.name;
  }
}

TEST(WordsTest, TwoLettersHeardWronglyMakeNoOtherWordOfTheList) {
  for (const List& list : kLists) {
    for (std::size_t i = 0; i < 256; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        EXPECT_GE(EditDistance(Lower(list.words[i]), Lower(list.words[j])), 3u)
            << list.words[i] << " " << list.words[j];
      }
    }
  }
}

TEST(WordsTest, OneLetterHeardWronglyMakesNoWordOfTheOtherList) {
  for (const std::string_view adjective : kAdjectives) {
    for (const std::string_view noun : kNouns) {
      EXPECT_GE(EditDistance(Lower(adjective), Lower(noun)), 2u) << adjective << " " << noun;
    }
  }
}

TEST(WordsTest, EditDistanceCountsLettersChangedAddedAndLeftOut) {
  EXPECT_EQ(EditDistance("", ""), 0u);
  EXPECT_EQ(EditDistance("heron", "heron"), 0u);
  EXPECT_EQ(EditDistance("heron", ""), 5u);
  EXPECT_EQ(EditDistance("heron", "herons"), 1u);
  EXPECT_EQ(EditDistance("heron", "hero"), 1u);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
  EXPECT_EQ(EditDistance("sunday", "saturday"), 3u);
}

}  // namespace
}  // namespace moniker::internal
