#include "moniker/csv.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

namespace moniker {
namespace {

using Records = std::vector<std::vector<std::string>>;

Records ReadAll(const CsvDocument& document) {
  Records records;
  for (std::size_t record = 0; record <= document.record_count(); ++record) {
    records.emplace_back();
    for (std::size_t column = 0; column < document.columns().size(); ++column) {
      records.back().push_back(document.Value(record, column));
    }
  }
  return records;
}

struct Accepted {
  const char* text;
  Records records;
};

TEST(CsvDocumentTest, ReadsWhatRfc4180Allows) {
  const std::vector<Accepted> cases = {
      {"a", {{"a"}}},
      {"a\n", {{"a"}}},
      {"a\r\n", {{"a"}}},
      {"\n", {{""}}},
      {"\"\"", {{""}}},
      {",", {{"", ""}}},
      {"a,b\n1,2", {{"a", "b"}, {"1", "2"}}},
      {"a,b\n1,2\n", {{"a", "b"}, {"1", "2"}}},
      {"a,b\r\n1,2\r\n", {{"a", "b"}, {"1", "2"}}},
      {"a,b\n1,2\r\n3,4", {{"a", "b"}, {"1", "2"}, {"3", "4"}}},
      {"a,b\n,\n", {{"a", "b"}, {"", ""}}},
      {"a,b\n1,", {{"a", "b"}, {"1", ""}}},
      {"a,b\n,2", {{"a", "b"}, {"", "2"}}},
      {"a\n\n\n", {{"a"}, {""}, {""}}},
      {"a\n\r\nx", {{"a"}, {""}, {"x"}}},
      {"\"a\",\"b\"\n\"1\",\"2\"", {{"a", "b"}, {"1", "2"}}},
      {"a\n\"x\"\"y\"", {{"a"}, {"x\"y"}}},
      {"a\n\"\"\"\"", {{"a"}, {"\""}}},
      {"a\n\"\"\"\"\"\"", {{"a"}, {"\"\""}}},
      {"a\n\"\"\"x\"", {{"a"}, {"\"x"}}},
      {"a\n\"x\"\"\"", {{"a"}, {"x\""}}},
      {"a\n\"x\"\"\"\"y\"", {{"a"}, {"x\"\"y"}}},
      {"a,b\n\"1,\n2\",3", {{"a", "b"}, {"1,\n2", "3"}}},
      {"a\n\"1\r\n2\"\r\n", {{"a"}, {"1\r\n2"}}},
      {"a\n\"1\r2\"", {{"a"}, {"1\r2"}}},
      {"a\n\"\r\"\r\n", {{"a"}, {"\r"}}},
      {"\"a\nb\",c\n1,2", {{"a\nb", "c"}, {"1", "2"}}},
      {" a , b \n 1 , 2 ", {{" a ", " b "}, {" 1 ", " 2 "}}},
      {"a;b\n1;2", {{"a;b"}, {"1;2"}}},
      {"a\tb", {{"a\tb"}}},
      {"\xEF\xBB\xBF"
       "a,b\n1,2",
       {{"a", "b"}, {"1", "2"}}},
      {"\xEF\xBB\xBF\"a\",b", {{"a", "b"}}},
      {"\xEF\xBB\xBF\n", {{""}}},
      {"a\n\xEF\xBB\xBF"
       "1",
       {{"a"},
        {"\xEF\xBB\xBF"
         "1"}}},
      {"Łódź,王\nß,é", {{"Łódź", "王"}, {"ß", "é"}}},
  };
  for (const Accepted& accepted : cases) {
    SCOPED_TRACE(accepted.text);
    const Result<CsvDocument> document = CsvDocument::Parse(accepted.text);
    ASSERT_TRUE(document.ok()) << document.status().message();
    EXPECT_EQ(ReadAll(*document), accepted.records);
    EXPECT_EQ(document->columns(), accepted.records[0]);
    EXPECT_EQ(document->record_count(), accepted.records.size() - 1);
  }
}

struct Refused {
  std::string text;
  std::int64_t record;
  const char* message;
};

TEST(CsvDocumentTest, RefusesWhatItCannotKeepAndSaysWhere) {
  const std::string nul(1, '\0');
  const std::vector<Refused> cases = {
      {"", 0, "CSV: no header"},
      {"\xEF\xBB\xBF", 0, "CSV: no header"},
      {"a,b\n1", 1, "CSV: not as many fields as the header has"},
      {"a,b\n1,2\n1,2,3\n", 2, "CSV: not as many fields as the header has"},
      {"a,b\n1,2\n\n3,4", 2, "CSV: not as many fields as the header has"},
      {"a,b\n1,2\n\n", 2, "CSV: not as many fields as the header has"},
      {"\na,b", 1, "CSV: not as many fields as the header has"},
      {"\"a", 0, "CSV: no closing quote"},
      {"\"", 0, "CSV: no closing quote"},
      {"\"\"\"", 0, "CSV: no closing quote"},
      {"a\n1\n\"x\n2\n3", 2, "CSV: no closing quote"},
      {"a\n\"x\"\"", 1, "CSV: no closing quote"},
      {"a\n\"x\"y", 1, "CSV: text after a closing quote"},
      {"a\n\"x\" ", 1, "CSV: text after a closing quote"},
      {"a\n\"x\"\r", 1, "CSV: text after a closing quote"},
      {"a\n\"\"x\"\"", 1, "CSV: text after a closing quote"},
      {"a\"b", 0, "CSV: a quote in an unquoted field"},
      {"a\n \"x\"", 1, "CSV: a quote in an unquoted field"},
      {"a\nx\"\"y", 1, "CSV: a quote in an unquoted field"},
      {"a\n1\r2", 1, "CSV: a CR without LF in an unquoted field"},
      {"a\r", 0, "CSV: a CR without LF in an unquoted field"},
      {"a\r\r\n", 0, "CSV: a CR without LF in an unquoted field"},
      {"a\n" + nul, 1, "CSV: NUL or not UTF-8"},
      {"a\n1\n\"2" + nul + "\"\n", 2, "CSV: NUL or not UTF-8"},
      {nul, 0, "CSV: NUL or not UTF-8"},
      {"\xFF", 0, "CSV: NUL or not UTF-8"},
      {"a\nok\n\xC3\n", 2, "CSV: NUL or not UTF-8"},
      {"a\n\xED\xA0\x80\n", 1, "CSV: NUL or not UTF-8"},
      {"a\n\xC0\x80\n", 1, "CSV: NUL or not UTF-8"},
      {"\xFE\xFF", 0, "CSV: NUL or not UTF-8"},
  };
  for (const Refused& refused : cases) {
    SCOPED_TRACE(refused.text);
    const Result<CsvDocument> document = CsvDocument::Parse(refused.text);
    ASSERT_FALSE(document.ok());
    EXPECT_EQ(document.status().code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(document.status().message(), refused.message);
    EXPECT_EQ(document.status().locator(), refused.record);
  }
}

TEST(CsvDocumentTest, SeparatorAndQuoteCanBeOthers) {
  const Result<CsvDocument> tabs = CsvDocument::Parse("a\t\"b,\tc\"\n,\t2", {.separator = '\t'});
  ASSERT_TRUE(tabs.ok());
  EXPECT_EQ(ReadAll(*tabs), (Records{{"a", "b,\tc"}, {",", "2"}}));
  const Result<CsvDocument> german =
      CsvDocument::Parse("a;'b''\"'\n\"1\";2", {.separator = ';', .quote = '\''});
  ASSERT_TRUE(german.ok());
  EXPECT_EQ(ReadAll(*german), (Records{{"a", "b'\""}, {"\"1\"", "2"}}));
}

TEST(CsvDocumentTest, RefusesSeparatorsAndQuotesThatCannotBeTold) {
  const CsvDialect dialects[] = {{',', ','},  {'\n', '"'}, {'\r', '"'},   {'\0', '"'},
                                 {',', '\n'}, {',', '\0'}, {'\xC3', '"'}, {',', '\xA0'}};
  for (const CsvDialect dialect : dialects) {
    const Status status = CsvDocument::Parse("a,b\n1,2\n", dialect).status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(status.locator(), Status::kNowhere);
  }
}

TEST(CsvDocumentTest, FindsColumnsByTheirDecodedName) {
  const Result<CsvDocument> document = CsvDocument::Parse("a,\"b \"\"c\"\"\",a,,A\n1,2,3,4,5");
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(*document->FindColumn("b \"c\""), 1u);
  EXPECT_EQ(*document->FindColumn(""), 3u);
  EXPECT_EQ(*document->FindColumn("A"), 4u);
  EXPECT_EQ(document->FindColumn("a").status().code(), StatusCode::kConflict);
  EXPECT_EQ(document->FindColumn("b").status().code(), StatusCode::kNotFound);
}

TEST(CsvDocumentTest, RawIsTheFieldAsItStands) {
  const Result<CsvDocument> document = CsvDocument::Parse("a,\"b\"\r\n \"\"\"\"");
  EXPECT_FALSE(document.ok());
  const Result<CsvDocument> good = CsvDocument::Parse(
      "\xEF\xBB\xBF"
      "a,\"b\"\r\n,\"\"\"\"\r\n");
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(good->Raw(0, 0), "a");
  EXPECT_EQ(good->Raw(0, 1), "\"b\"");
  EXPECT_EQ(good->Raw(1, 0), "");
  EXPECT_EQ(good->Raw(1, 1), "\"\"\"\"");
}

TEST(CsvDocumentTest, ValueIsCopiedOnlyIfItHoldsADoubledQuote) {
  const std::string text = "a\nplain\n\"quoted\"\n\"dou\"\"bled\"\n";
  const Result<CsvDocument> document = CsvDocument::Parse(text);
  ASSERT_TRUE(document.ok());
  std::string scratch = "untouched";
  EXPECT_EQ(document->Value(1, 0, &scratch), "plain");
  EXPECT_EQ(document->Value(2, 0, &scratch), "quoted");
  EXPECT_EQ(scratch, "untouched");
  EXPECT_EQ(document->Value(3, 0, &scratch), "dou\"bled");
  EXPECT_EQ(scratch, "dou\"bled");
}

TEST(CsvDocumentDeathTest, AFieldThatDoesNotExistStopsTheProgram) {
  const Result<CsvDocument> document = CsvDocument::Parse("a,b\n1,2\n");
  ASSERT_TRUE(document.ok());
  EXPECT_DEATH(static_cast<void>(document->Raw(2, 0)), "");
  EXPECT_DEATH(static_cast<void>(document->Raw(0, 2)), "");
  EXPECT_DEATH(static_cast<void>(document->Raw(static_cast<std::size_t>(-1), 0)), "");
}

// The same language, read one character at a time and kept as strings.
std::optional<Records> ReadPlainly(const std::string& text, std::int64_t* bad_record) {
  Records records(1, std::vector<std::string>(1));
  enum { kStart, kPlain, kQuoted, kAfterQuote } state = kStart;
  const auto fail = [&] {
    *bad_record = static_cast<std::int64_t>(records.size()) - 1;
    return std::nullopt;
  };
  bool ended = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (ended && i > 0) records.emplace_back(1);
    ended = false;
    const char c = text[i];
    const bool line_end = c == '\n' || (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n');
    std::string& field = records.back().back();
    if (state == kQuoted) {
      if (c == '"') {
        state = kAfterQuote;
      } else {
        field += c;
      }
    } else if (state == kAfterQuote && c == '"') {
      field += c;
      state = kQuoted;
    } else if (state == kStart && c == '"') {
      state = kQuoted;
    } else if (c == ',') {
      records.back().emplace_back();
      state = kStart;
    } else if (line_end) {
      if (c == '\r') ++i;
      if (records.back().size() != records.front().size()) return fail();
      state = kStart;
      ended = true;
    } else if (state == kAfterQuote || c == '"' || c == '\r') {
      return fail();
    } else {
      field += c;
      state = kPlain;
    }
  }
  if (state == kQuoted || records.back().size() != records.front().size()) return fail();
  return records;
}

TEST(CsvDocumentTest, AgreesWithAPlainReaderOnRandomTexts) {
  static constexpr const char* kPieces[] = {"a",  "a",    ",", ",",  "\"", "\"", "\"\"",
                                            "\n", "\r\n", "b", "\r", "é",  " "};
  std::mt19937 random(1);
  int accepted = 0;
  int refused = 0;
  for (int round = 0; round < 60000; ++round) {
    std::string text;
    for (std::size_t size = 1 + random() % 14; size > 0; --size) {
      text += kPieces[random() % std::size(kPieces)];
    }
    SCOPED_TRACE(text);
    std::int64_t bad_record = -1;
    const std::optional<Records> expected = ReadPlainly(text, &bad_record);
    const Result<CsvDocument> document = CsvDocument::Parse(text);
    ASSERT_EQ(document.ok(), expected.has_value()) << document.status().message();
    if (expected.has_value()) {
      ++accepted;
      ASSERT_EQ(ReadAll(*document), *expected);
      ASSERT_EQ(CsvRewriter(&*document).Write(), text);
    } else {
      ++refused;
      ASSERT_EQ(document.status().locator(), bad_record);
    }
  }
  EXPECT_GT(accepted, 3000);
  EXPECT_GT(refused, 3000);
}

TEST(CsvDocumentTest, ReadsMoreThanAMillionFields) {
  std::string text = "id,name,note\r\n";
  for (int i = 0; i < 400000; ++i) text += std::to_string(i) + ",\"x, \"\"y\"\"\",z\r\n";
  const Result<CsvDocument> document = CsvDocument::Parse(text);
  ASSERT_TRUE(document.ok());
  ASSERT_EQ(document->record_count(), 400000u);
  EXPECT_EQ(document->Value(400000, 0), "399999");
  EXPECT_EQ(document->Value(400000, 1), "x, \"y\"");
  EXPECT_EQ(document->Value(400000, 2), "z");
  EXPECT_EQ(CsvRewriter(&*document).Write(), text);
}

}  // namespace
}  // namespace moniker
