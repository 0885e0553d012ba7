#include "batch/record_counter.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace moniker::internal {
namespace {

// The record of each byte, in whatever parts the text comes.
std::vector<std::uint64_t> RecordsOf(RecordFormat format, std::string_view text, char quote = '"') {
  RecordCounter counter(format, quote, text);
  std::vector<std::uint64_t> records;
  for (std::size_t i = 0; i < text.size(); ++i) {
    counter.Add(text.substr(i, 1));
    records.push_back(counter.record());
    RecordCounter whole(format, quote, text);
    whole.Add(text.substr(0, i + 1));
    EXPECT_EQ(whole.record(), records.back());
  }
  return records;
}

// As digits, for texts of less than ten records.
std::string Digits(RecordFormat format, std::string_view text, char quote = '"') {
  std::string digits;
  for (const std::uint64_t record : RecordsOf(format, text, quote)) {
    digits += static_cast<char>('0' + record);
  }
  return digits;
}

TEST(RecordCounterTest, TheHeaderOfCsvIsZeroAndALineEndBelongsToItsRecord) {
  EXPECT_EQ(Digits(RecordFormat::kCsv, "a,b\r\n1,2\r\n\n3"), "000001111123");
}

TEST(RecordCounterTest, LineEndsInQuotesAreNone) {
  EXPECT_EQ(Digits(RecordFormat::kCsv, "a\n\"x\"\"\ny\"\nz"), "00111111112");
  EXPECT_EQ(Digits(RecordFormat::kCsv, "a\n'x\n'\nz", '\''), "00111112");
  EXPECT_EQ(Digits(RecordFormat::kCsv, "a\n\"x\nz", '\0'), "001112");
}

TEST(RecordCounterTest, BlankLinesOfJsonLinesAreNoRecords) {
  EXPECT_EQ(Digits(RecordFormat::kJsonLines, "\n {}\n\n \n{}\n"), "11111111222");
}

TEST(RecordCounterTest, ElementsOfAnArray) {
  EXPECT_EQ(Digits(RecordFormat::kJson, "[{\"a\":[1,2]} , \"x,\\\"]\" ,3]"),
            "11111111111111122222222233");
}

TEST(RecordCounterTest, DocumentsOneAfterTheOther) {
  EXPECT_EQ(Digits(RecordFormat::kJson, "{\"a\":{}}\n{} 7"), "1111111112223");
  EXPECT_EQ(Digits(RecordFormat::kJson, "{}{}"), "1122");
}

}  // namespace
}  // namespace moniker::internal
