#include "batch/record_splitter.h"

#include <gtest/gtest.h>

namespace moniker::internal {
namespace {

std::size_t CutOnce(RecordFormat format, std::string_view text, char quote = '"') {
  return MakeSplitter(format, quote, text)->Cut(text);
}

TEST(RecordSplitterTest, LinesAreCutBehindTheLastLineEnd) {
  EXPECT_EQ(CutOnce(RecordFormat::kJsonLines, "{}\n{}\n{"), 6U);
  EXPECT_EQ(CutOnce(RecordFormat::kJsonLines, "{}\n"), 3U);
  EXPECT_EQ(CutOnce(RecordFormat::kJsonLines, "{}"), 0U);
  EXPECT_EQ(CutOnce(RecordFormat::kJsonLines, ""), 0U);
}

TEST(RecordSplitterTest, CsvIsNotCutInsideQuotes) {
  EXPECT_EQ(CutOnce(RecordFormat::kCsv, "a,b\n1,\"2\n3"), 4U);
  EXPECT_EQ(CutOnce(RecordFormat::kCsv, "a,b\n1,\"2\n3\"\n4"), 12U);
  EXPECT_EQ(CutOnce(RecordFormat::kCsv, "\"2\n3"), 0U);
  EXPECT_EQ(CutOnce(RecordFormat::kCsv, "\"a\n\n\n\n"), 0U);
  EXPECT_EQ(CutOnce(RecordFormat::kCsv, "a,\"\"\"\n\"\n\"x\n"), 8U);
  EXPECT_EQ(CutOnce(RecordFormat::kCsv, "a\r\nb"), 3U);
  EXPECT_EQ(CutOnce(RecordFormat::kCsv, "ab"), 0U);
}

TEST(RecordSplitterTest, CsvKnowsOtherQuotesAndNone) {
  EXPECT_EQ(CutOnce(RecordFormat::kCsv, "a\n'b\nc", '\''), 2U);
  EXPECT_EQ(CutOnce(RecordFormat::kCsv, "a\n\"b\nc", '\''), 5U);
  EXPECT_EQ(CutOnce(RecordFormat::kCsv, "a\n\"b\nc", '\0'), 5U);
}

TEST(RecordSplitterTest, AQuoteThatIsNotClosedDoesNotTakeTheWholeTextIntoMemory) {
  std::string text(kLongestQuoted, '\n');
  text[0] = '"';
  EXPECT_EQ(CutOnce(RecordFormat::kCsv, text), text.size());
  text.pop_back();
  EXPECT_EQ(CutOnce(RecordFormat::kCsv, text), 0U);
  // A long line is a long line.
  EXPECT_EQ(CutOnce(RecordFormat::kCsv, std::string(kLongestQuoted, 'x')), 0U);
  EXPECT_EQ(CutOnce(RecordFormat::kCsv, "\"" + std::string(kLongestQuoted, 'x') + "\""), 0U);
}

TEST(RecordSplitterTest, DocumentsAreCutBetweenThem) {
  EXPECT_EQ(CutOnce(RecordFormat::kJson, "{\"a\": [1, 2]} {\"b\" "), 14U);
  EXPECT_EQ(CutOnce(RecordFormat::kJson, "{\"a \\\" }\": 1}\n{"), 14U);
  EXPECT_EQ(CutOnce(RecordFormat::kJson, "{\"a\": 1"), 0U);
  EXPECT_EQ(CutOnce(RecordFormat::kJson, "{\"a } \\\\\" : \"x"), 0U);
}

TEST(RecordSplitterTest, AnArrayIsCutBeforeTheCommasOfItsElements) {
  const auto splitter = MakeSplitter(RecordFormat::kJson, '"', " [");
  EXPECT_EQ(splitter->place(), JsonPlace::kArrayBegin);
  EXPECT_EQ(splitter->Cut(" [{\"a\":1,\"b\":[1,2]}"), 0U);
  EXPECT_EQ(splitter->place(), JsonPlace::kArrayBegin);
  EXPECT_EQ(splitter->Cut(" [1,{\"a\":1,\"b\":[1,2]}"), 3U);
  EXPECT_EQ(splitter->place(), JsonPlace::kArrayInside);
  EXPECT_EQ(splitter->Cut(",{\"a\":1,\"b\":[1,2]}"), 0U);
  EXPECT_EQ(splitter->Cut(",{\"a\":1,\"b\":[1,\"],[\"]},3"), 22U);
  EXPECT_EQ(splitter->Cut(",3] "), 4U);
  EXPECT_EQ(splitter->place(), JsonPlace::kArrayEnd);
  EXPECT_EQ(splitter->Cut("  "), 2U);
}

}  // namespace
}  // namespace moniker::internal
