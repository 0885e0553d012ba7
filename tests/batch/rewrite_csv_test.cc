#include <gtest/gtest.h>

#include "batch/rewriting.h"

namespace moniker {
namespace {

using namespace moniker::testing;  // NOLINT

std::string Rewrite(std::string_view text, const RewriteOptions& options) {
  const Rewritten result = RunRewrite(text, options);
  EXPECT_TRUE(result.status.ok()) << result.status.message();
  if (result.outcome.fault) return std::string(result.outcome.fault->status.message());
  return result.text;
}

// "record N column C: message", or nothing.
std::string FaultOf(std::string_view text, const RewriteOptions& options) {
  const Rewritten result = RunRewrite(text, options);
  if (!result.status.ok() || !result.outcome.fault) return "";
  const RecordFault& fault = *result.outcome.fault;
  return "record " + std::to_string(fault.record) +
         (fault.column ? " column " + std::to_string(*fault.column) : "") + ": " +
         std::string(fault.status.message());
}

TEST(RewriteCsvTest, AColumnIsReplacedAndAllElseStays) {
  EXPECT_EQ(Rewrite("a,b,c\n1,2,3\n4,5,6\n", CsvOptions({Replaced("b")})),
            "a,b,c\n1,<2>,3\n4,<5>,6\n");
  EXPECT_EQ(Rewrite("a,b,c\n1,2,3\n4,5,6\n", CsvOptions({Replaced("c"), Replaced("a")})),
            "a,b,c\n<1>,2,<3>\n<4>,5,<6>\n");
}

TEST(RewriteCsvTest, LineEndsAndTheLastOneOrNoneStay) {
  EXPECT_EQ(Rewrite("a,b\r\n1,2\n3,4\r\n5,6", CsvOptions({Replaced("b")})),
            "a,b\r\n1,<2>\n3,<4>\r\n5,<6>");
  EXPECT_EQ(Rewrite("a\n1", CsvOptions({Replaced("a")})), "a\n<1>");
  EXPECT_EQ(Rewrite("a\n1\n", CsvOptions({Replaced("a")})), "a\n<1>\n");
}

TEST(RewriteCsvTest, AHeaderAloneStays) {
  for (const char* text : {"a", "a\n", "a\r\n", "\xEF\xBB\xBF\"a\"\n"}) {
    EXPECT_EQ(Rewrite(text, CsvOptions({Replaced("a")})), text);
  }
}

TEST(RewriteCsvTest, TheByteOrderMarkIsNoPartOfTheFirstName) {
  EXPECT_EQ(Rewrite("\xEF\xBB\xBF"
                    "a,b\n1,2\n",
                    CsvOptions({Replaced("a")})),
            "\xEF\xBB\xBF"
            "a,b\n<1>,2\n");
}

TEST(RewriteCsvTest, QuotedFieldsStayQuotedAndAreDecoded) {
  EXPECT_EQ(Rewrite("\"a\",b\n\"1\",2\n\"x\"\"y\",\"\"\"\"\n\"x\n,y\",\"\"\n",
                    CsvOptions({Replaced("a"), Replaced("b")})),
            "\"a\",b\n\"<1>\",<2>\n\"<x\"\"y>\",\"<\"\">\"\n\"<x\n,y>\",\"\"\n");
}

TEST(RewriteCsvTest, AReplacementIsQuotedIfItHasToBe) {
  const RewriteOptions options = [] {
    RewriteOptions semicolons = CsvOptions({Replaced("a")});
    semicolons.separator = '<';
    return semicolons;
  }();
  EXPECT_EQ(Rewrite("a<b\n1<2\n", options), "a<b\n\"<1>\"<2\n");
}

TEST(RewriteCsvTest, EmptyAndNullValuesStayAsTheyAre) {
  RewriteOptions options = CsvOptions({Replaced("a")});
  options.null_values = {"NULL", "n/a"};
  EXPECT_EQ(Rewrite("a,b\n,1\n\"\",2\nNULL,3\n\"n/a\",4\nnull,5\n", options),
            "a,b\n,1\n\"\",2\nNULL,3\n\"n/a\",4\n<null>,5\n");
}

TEST(RewriteCsvTest, OtherSeparatorsAndQuotes) {
  RewriteOptions options = CsvOptions({Replaced("b")});
  options.separator = ';';
  options.quote = '\'';
  EXPECT_EQ(Rewrite("a;b\n'x;y';'z''w'\n\"1;\"2\n", options), "a;b\n'x;y';'<z''w>'\n\"1;<\"2>\n");
  options.separator = '\t';
  options.quote = '"';
  EXPECT_EQ(Rewrite("a\tb\n1,2\t\"3\t4\"\n", options), "a\tb\n1,2\t\"<3\t4>\"\n");
}

TEST(RewriteCsvTest, WithoutQuotesTheyAreOrdinaryCharacters) {
  RewriteOptions options = CsvOptions({Replaced("b")});
  options.separator = '\t';
  options.quote = '\0';
  EXPECT_EQ(Rewrite("a\tb\n5\" pipe\t\"x\n\t\"\"\n", options), "a\tb\n5\" pipe\t<\"x>\n\t<\"\">\n");
  options.separator = '<';
  EXPECT_EQ(FaultOf("a<b\n1<2\n", options),
            "record 1 column 0: what takes its place cannot be written without quotes");
}

TEST(RewriteCsvTest, AColumnIsAddedBeside) {
  EXPECT_EQ(Rewrite("a,b\n1,2\n", CsvOptions({Beside("a", "new")})), "a,new,b\n1,<1>,2\n");
  EXPECT_EQ(Rewrite("a,b\r\n1,2\r\n3,", CsvOptions({Beside("b", "new")})),
            "a,b,new\r\n1,2,<2>\r\n3,,");
  EXPECT_EQ(Rewrite("\"a\",b\n\"1\",2\n", CsvOptions({Beside("a", "n,w")})),
            "\"a\",\"n,w\",b\n\"1\",\"<1>\",2\n");
}

TEST(RewriteCsvTest, AColumnIsReplacedUnderANewName) {
  EXPECT_EQ(Rewrite("a,b\n1,2\n", CsvOptions({Replaced("a", "new")})), "new,b\n<1>,2\n");
}

TEST(RewriteCsvTest, ColumnsThatAreLookedAtStay) {
  std::vector<std::size_t> calls;
  const Rewritten result =
      RunRewrite("a,b\n1,2\n", CsvOptions({LookedAt("b"), Replaced("a")}), Brackets(&calls));
  EXPECT_EQ(result.text, "a,b\n<1>,2\n");
  EXPECT_EQ(calls, (std::vector<std::size_t>{2}));
}

TEST(RewriteCsvTest, DroppedColumnsGoWithOneSeparator) {
  const char text[] = "a,b,c\n1,\"2\",3\n4,5,6";
  EXPECT_EQ(Rewrite(text, CsvOptions({Dropped("a")})), "b,c\n\"2\",3\n5,6");
  EXPECT_EQ(Rewrite(text, CsvOptions({Dropped("b")})), "a,c\n1,3\n4,6");
  EXPECT_EQ(Rewrite(text, CsvOptions({Dropped("c")})), "a,b\n1,\"2\"\n4,5");
  EXPECT_EQ(Rewrite(text, CsvOptions({Dropped("c"), Dropped("a")})), "b\n\"2\"\n5");
  EXPECT_EQ(Rewrite(text, CsvOptions({Dropped("a"), Replaced("b")})), "b,c\n\"<2>\",3\n<5>,6");
  EXPECT_EQ(Rewrite(text, CsvOptions({Dropped("b"), Beside("a", "n"), Dropped("c")})),
            "a,n\n1,<1>\n4,<4>");
}

TEST(RewriteCsvTest, AnEmptyFieldThatIsLeftAloneIsNoBlankLine) {
  EXPECT_EQ(Rewrite("a,b\n,2\nx,3\n", CsvOptions({Dropped("b")})), "a\n\"\"\nx\n");
  EXPECT_EQ(Rewrite("a,b\n,2\nx,3\n\"\",4\n", CsvOptions({Dropped("b"), Replaced("a")})),
            "a\n\"\"\n<x>\n\"\"\n");
}

TEST(RewriteCsvTest, ABlankLineIsARecordOfOneEmptyField) {
  EXPECT_EQ(Rewrite("a\n\n1\n\n", CsvOptions({Replaced("a")})), "a\n\n<1>\n\n");
}

TEST(RewriteCsvTest, RaggedRecordsAreAFaultOrPassed) {
  RewriteOptions options = CsvOptions({Replaced("b")});
  EXPECT_EQ(FaultOf("a,b\n1,2\n3\n", options), "record 2: not as many fields as the header has");
  EXPECT_EQ(FaultOf("a,b\n1,2\n3,4,5\n", options),
            "record 2: not as many fields as the header has");
  EXPECT_EQ(FaultOf("a,b\n\n", options), "record 1: not as many fields as the header has");
  options.pass_ragged = true;
  EXPECT_EQ(Rewrite("a,b\n1\n\n2,3\n4,5,6\n", options), "a,b\n1\n\n2,<3>\n4,<5>,6\n");
  options.columns = {Dropped("a"), Replaced("b")};
  EXPECT_EQ(Rewrite("a,b\n1\n2,3\n4,5,6\n", options), "b\n\n<3>\n<5>,6\n");
}

TEST(RewriteCsvTest, QuotesOutOfPlaceAlwaysEndTheRun) {
  RewriteOptions options = CsvOptions({Replaced("b")});
  for (const bool skip : {false, true}) {
    options.skip_faulty = skip;
    EXPECT_EQ(FaultOf("a,b\n1,2\n\"1\"x,2\n", options), "record 2: text after a closing quote");
    EXPECT_EQ(FaultOf("a,b\n1,2\n1\"x,2\n", options), "record 2: a quote in an unquoted field");
    EXPECT_EQ(FaultOf("a,b\n1,2\n1,\"2", options), "record 2: no closing quote");
    EXPECT_EQ(FaultOf("a,b\n1,2\n1,\"2\"\"\n", options), "record 2: no closing quote");
    EXPECT_EQ(FaultOf("a,b\n1,2\r3,4\n", options),
              "record 1: a CR without LF in an unquoted field");
    EXPECT_EQ(FaultOf("a,b\n1,\"2\"\r", options), "record 1: text after a closing quote");
  }
}

TEST(RewriteCsvTest, WhatIsNotTextIsAFaultOfItsRecord) {
  RewriteOptions options = CsvOptions({Replaced("a")});
  const std::string not_utf8 = "a,b\n1,2\n3,\xFF\n4,5\n";
  const std::string nul("a,b\n1,2\n3,\0\n4,5\n", 16);
  EXPECT_EQ(FaultOf(not_utf8, options), "record 2: NUL or not UTF-8");
  EXPECT_EQ(FaultOf(nul, options), "record 2: NUL or not UTF-8");
  options.skip_faulty = true;
  EXPECT_EQ(Rewrite(not_utf8, options), "a,b\n<1>,2\n<4>,5\n");
  EXPECT_EQ(Rewrite(nul, options), "a,b\n<1>,2\n<4>,5\n");
}

TEST(RewriteCsvTest, FaultsOfTheHeaderAreThoseOfRecordZero) {
  RewriteOptions options = CsvOptions({Replaced("a"), Replaced("b")});
  options.skip_faulty = true;
  EXPECT_EQ(FaultOf("", options), "record 0: CSV: no header");
  EXPECT_EQ(FaultOf("\xEF\xBB\xBF", options), "record 0: CSV: no header");
  EXPECT_EQ(FaultOf("a,c\n1,2\n", options), "record 0 column 1: there is none in the header");
  EXPECT_EQ(FaultOf("a,b,a\n1,2,3\n", options), "record 0 column 0: there are several");
  EXPECT_EQ(FaultOf("a,b\"\n1,2\n", options), "record 0: a quote in an unquoted field");
  EXPECT_EQ(FaultOf("a,b,\xFF\n1,2\n", options), "record 0: NUL or not UTF-8");
  options.columns = {Beside("a", "b")};
  EXPECT_EQ(FaultOf("a,b\n1,2\n", options),
            "record 0 column 0: the column to add is there already");
  options.columns = {Dropped("a"), Dropped("b")};
  EXPECT_EQ(FaultOf("a,b\n1,2\n", options), "record 0 column 0: the last column cannot be dropped");
}

TEST(RewriteCsvTest, NamesOfColumnsAreComparedDecodedAndByteByByte) {
  EXPECT_EQ(Rewrite("\"a \"\"b\"\"\",A\n1,2\n", CsvOptions({Replaced("a \"b\"")})),
            "\"a \"\"b\"\"\",A\n<1>,2\n");
  EXPECT_EQ(FaultOf("A\n1\n", CsvOptions({Replaced("a")})),
            "record 0 column 0: there is none in the header");
}

TEST(RewriteCsvTest, TheColumnsThatNobodyNamedAreTold) {
  const Rewritten result =
      RunRewrite("a,\"b \"\"\",c,d\n1,2,3,4\n", CsvOptions({Replaced("a"), Dropped("c")}));
  EXPECT_EQ(result.outcome.summary.passed_on, (std::vector<std::string>{"b \"", "d"}));
}

}  // namespace
}  // namespace moniker
