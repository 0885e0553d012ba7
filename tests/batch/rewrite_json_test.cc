#include <gtest/gtest.h>

#include "batch/rewriting.h"

namespace moniker {
namespace {

using namespace moniker::testing;  // NOLINT

std::string Rewrite(std::string_view text, std::vector<RewriteColumn> columns,
                    RecordFormat format = RecordFormat::kJson) {
  const Rewritten result = RunRewrite(text, JsonOptions(format, std::move(columns)));
  EXPECT_TRUE(result.status.ok()) << result.status.message();
  if (result.outcome.fault) {
    return std::to_string(result.outcome.fault->record) + ": " +
           std::string(result.outcome.fault->status.message());
  }
  return result.text;
}

TEST(RewriteJsonTest, AMemberIsReplacedAndAllElseStays) {
  EXPECT_EQ(
      Rewrite("{ \"b\" : 0.1000, \"a\":\"1\" ,\"c\":12345678901234567890123 }\n", {Replaced("a")}),
      "{ \"b\" : 0.1000, \"a\":\"<1>\" ,\"c\":12345678901234567890123 }\n");
}

TEST(RewriteJsonTest, PathsLeadThroughObjectsAndLists) {
  EXPECT_EQ(Rewrite(R"({"p":{"id":"1","q":{"id":"2"}},"id":"3"})", {Replaced("p.q.id")}),
            R"({"p":{"id":"1","q":{"id":"<2>"}},"id":"3"})");
  EXPECT_EQ(Rewrite(R"({"p":[{"id":"1"},{"x":0},{"id":"2"}]})", {Replaced("p[].id")}),
            R"({"p":[{"id":"<1>"},{"x":0},{"id":"<2>"}]})");
  EXPECT_EQ(Rewrite(R"({"p":[["1","2"],[],["3"]]})", {Replaced("p[][]")}),
            R"({"p":[["<1>","<2>"],[],["<3>"]]})");
}

TEST(RewriteJsonTest, ATopLevelArrayHasItsElementsAsRecords) {
  EXPECT_EQ(Rewrite(" [ {\"a\":\"1\"} ,\n {\"a\":\"2\"}]\n", {Replaced("a")}),
            " [ {\"a\":\"<1>\"} ,\n {\"a\":\"<2>\"}]\n");
  EXPECT_EQ(Rewrite("[]", {Replaced("a")}), "[]");
  EXPECT_EQ(Rewrite("\xEF\xBB\xBF[{\"a\":\"1\"}]", {Replaced("a")}),
            "\xEF\xBB\xBF[{\"a\":\"<1>\"}]");
}

TEST(RewriteJsonTest, DocumentsOneAfterTheOtherAreRecords) {
  EXPECT_EQ(Rewrite("{\"a\":\"1\"}\n\n{\"a\":\n\"2\"} {\"a\":\"3\"}", {Replaced("a")}),
            "{\"a\":\"<1>\"}\n\n{\"a\":\n\"<2>\"} {\"a\":\"<3>\"}");
  EXPECT_EQ(Rewrite("", {Replaced("a")}), "");
}

TEST(RewriteJsonTest, LinesKeepTheirEndsAndBlankOnesPass) {
  EXPECT_EQ(Rewrite("\xEF\xBB\xBF{\"a\":\"1\"}\r\n \n\n  {\"a\":\"2\"}  \n{\"a\":\"3\"}",
                    {Replaced("a")}, RecordFormat::kJsonLines),
            "\xEF\xBB\xBF{\"a\":\"<1>\"}\r\n \n\n  {\"a\":\"<2>\"}  \n{\"a\":\"<3>\"}");
}

TEST(RewriteJsonTest, EscapesAreDecodedAndWrittenOnlyWhereTheyMustBe) {
  EXPECT_EQ(Rewrite(R"({"\u0061":"x\"\u00e9\\\n","b":"\u00e9"})", {Replaced("a")}),
            "{\"\\u0061\":\"<x\\\"\xC3\xA9\\\\\\n>\",\"b\":\"\\u00e9\"}");
}

TEST(RewriteJsonTest, WholeNumbersAreValuesAndNullAndEmptyStay) {
  EXPECT_EQ(Rewrite(R"([{"a":12},{"a":-3},{"a":null},{"a":""},{}])", {Replaced("a")}),
            R"([{"a":"<12>"},{"a":"<-3>"},{"a":null},{"a":""},{}])");
  RewriteOptions options = JsonOptions(RecordFormat::kJson, {Replaced("a")});
  options.null_values = {"NULL", "0"};
  EXPECT_EQ(RunRewrite(R"([{"a":"NULL"},{"a":0},{"a":"null"}])", options).text,
            R"([{"a":"NULL"},{"a":0},{"a":"<null>"}])");
}

TEST(RewriteJsonTest, WhatIsNoValueIsAFault) {
  for (const char* value :
       {"true", "false", "1.5", "1e3", "{}", "[]", "[\"1\"]", "{\"b\":\"1\"}"}) {
    EXPECT_EQ(Rewrite("[{\"a\":\"1\"},{\"a\":" + std::string(value) + "}]", {Replaced("a")}),
              "2: not a string, a whole number or null")
        << value;
  }
}

TEST(RewriteJsonTest, APathThatLeadsThroughSomethingElseIsAFault) {
  // What the path means may stand in there, and must not pass.
  for (const char* record : {"{\"a\":[{\"b\":\"1\"}]}", "{\"a\":\"1\"}", "[{\"a\":{\"b\":\"1\"}}]",
                             "\"1\"", "1", "true"}) {
    EXPECT_EQ(Rewrite("[{\"a\":{\"b\":\"1\"}}," + std::string(record) + "]", {Replaced("a.b")}),
              "2: a path leads through something else")
        << record;
  }
  EXPECT_EQ(Rewrite(R"([{"a":["1"]},{"a":{"b":"1"}}])", {Replaced("a[]")}),
            "2: a path leads through something else");
  EXPECT_EQ(Rewrite(R"([{"a":["1"]},{"a":null},null])", {Replaced("a[]")}),
            R"([{"a":["<1>"]},{"a":null},null])");
}

TEST(RewriteJsonTest, APathThatLeadsNowhereInTheWholeTextIsAFault) {
  EXPECT_EQ(Rewrite(R"([{"a":"1"},{"b":"2"}])", {Replaced("a"), Replaced("c")}),
            "0: there is none in the whole text");
  EXPECT_EQ(Rewrite(R"([{"a":"1"}])", {Replaced("a"), Dropped("c")}),
            "0: there is none in the whole text");
  // An empty list and null are places where there could have been one.
  EXPECT_EQ(Rewrite(R"({"p":[]})", {Replaced("p[].id"), Replaced("p[].x.y")}), R"({"p":[]})");
  EXPECT_EQ(Rewrite(R"({"p":null})", {Replaced("p.id")}), R"({"p":null})");
}

TEST(RewriteJsonTest, MembersOfOneNameAreAllReplaced) {
  EXPECT_EQ(Rewrite(R"({"a":"1","b":0,"a":"2"})", {Replaced("a")}),
            R"({"a":"<1>","b":0,"a":"<2>"})");
}

TEST(RewriteJsonTest, AMemberIsAddedBeside) {
  EXPECT_EQ(Rewrite(R"([{"a": "1", "b":2},{"a" : null}])", {Beside("a", "n\"w")}),
            R"([{"a": "1","n\"w":"<1>", "b":2},{"a" : null,"n\"w":null}])");
  EXPECT_EQ(Rewrite(R"({"p":[{"a":7}]})", {Beside("p[].a", "x")}), R"({"p":[{"a":7,"x":"<7>"}]})");
  EXPECT_EQ(Rewrite(R"([{"a":"1"},{"x":1,"a":"1"}])", {Beside("a", "x")}),
            "2: the member to add is there already");
  EXPECT_EQ(Rewrite(R"([{"a":"1"},{"x":1}])", {Beside("a", "x")}),
            R"([{"a":"1","x":"<1>"},{"x":1}])");
}

TEST(RewriteJsonTest, AMemberIsReplacedUnderANewName) {
  EXPECT_EQ(Rewrite(R"({"b":0, "a" : "1" })", {Replaced("a", "new")}),
            R"({"b":0, "new" : "<1>" })");
}

TEST(RewriteJsonTest, DroppedMembersGoWithOneComma) {
  const std::string text = R"({"a": 1, "b": [2], "c": {"d": 3}})";
  EXPECT_EQ(Rewrite(text, {Dropped("a")}), R"({"b": [2], "c": {"d": 3}})");
  EXPECT_EQ(Rewrite(text, {Dropped("b")}), R"({"a": 1, "c": {"d": 3}})");
  EXPECT_EQ(Rewrite(text, {Dropped("c")}), R"({"a": 1, "b": [2]})");
  EXPECT_EQ(Rewrite(text, {Dropped("a"), Dropped("b")}), R"({"c": {"d": 3}})");
  EXPECT_EQ(Rewrite(text, {Dropped("b"), Dropped("c")}), R"({"a": 1})");
  EXPECT_EQ(Rewrite(text, {Dropped("a"), Dropped("c")}), R"({"b": [2]})");
  EXPECT_EQ(Rewrite(text, {Dropped("a"), Dropped("b"), Dropped("c")}), "{}");
  EXPECT_EQ(Rewrite(text, {Dropped("c.d")}), R"({"a": 1, "b": [2], "c": {}})");
  EXPECT_EQ(Rewrite(text, {Dropped("a"), Replaced("c.d")}), R"({"b": [2], "c": {"d": "<3>"}})");
}

TEST(RewriteJsonTest, WhatIsNotJsonEndsTheRun) {
  const std::vector<std::pair<std::string, std::string>> texts = {
      {"[{\"a\":\"1\"},{\"a\":\"2\"}", "3: "},
      {"[{\"a\":\"1\"} {\"a\":\"2\"}]", "2: "},
      {"[{\"a\":\"1\"},]", "2: "},
      {"[{\"a\":\"1\"}]]", "2: "},
      {"[{\"a\":\"1\"}] {}", "2: "},
      {"[,{\"a\":\"1\"}]", "1: "},
      {"{\"a\":\"1\"}{\"a\":\"2\"}", "1: "},
      {"{\"a\":\"1\"} {\"a\":01}", "2: "},
      {"{\"a\":\"1\"", "1: "},
      {"[", "1: "},
      {"{\"a\":\"1\"}, {\"a\":\"2\"}", "1: "},
      {"[{\"a\":\"\\ud800\"}]", "1: "}};
  for (const auto& [text, expected] : texts) {
    RewriteOptions options = JsonOptions(RecordFormat::kJson, {Replaced("a")});
    options.skip_faulty = true;  // nobody knows where the next record begins
    const Rewritten result = RunRewrite(text, options);
    ASSERT_TRUE(result.outcome.fault.has_value()) << text;
    EXPECT_EQ(std::to_string(result.outcome.fault->record) + ": ", expected) << text;
    EXPECT_TRUE(result.outcome.fault->status.message().starts_with("JSON: "));
  }
}

TEST(RewriteJsonTest, ALineThatIsNotOneDocumentIsAFaultOfThatLine) {
  for (const char* bad : {"{", "{}}", "{} {}", "nonsense", "{\"a\":\"\xFF\"}", "{\"a\":01}", "]"}) {
    const std::string text = "{\"a\":\"1\"}\n" + std::string(bad) + "\n{\"a\":\"2\"}\n";
    RewriteOptions options = JsonOptions(RecordFormat::kJsonLines, {Replaced("a")});
    Rewritten result = RunRewrite(text, options);
    ASSERT_TRUE(result.outcome.fault.has_value()) << bad;
    EXPECT_EQ(result.outcome.fault->record, 2U) << bad;
    options.skip_faulty = true;
    result = RunRewrite(text, options);
    EXPECT_FALSE(result.outcome.fault.has_value());
    EXPECT_EQ(result.text, "{\"a\":\"<1>\"}\n{\"a\":\"<2>\"}\n") << bad;
    EXPECT_EQ(result.rejected, std::string(bad) + "\n");
  }
}

TEST(RewriteJsonTest, ElementsThatAreLeftOutGoWithOneComma) {
  RewriteOptions options = JsonOptions(RecordFormat::kJson, {Replaced("a")});
  options.skip_faulty = true;
  const auto without = [&](const std::string& text) { return RunRewrite(text, options).text; };
  EXPECT_EQ(without(R"([{"a":"bad"}, {"a":"1"}])"), R"([ {"a":"<1>"}])");
  EXPECT_EQ(without(R"([{"a":"1"}, {"a":"bad"}])"), R"([{"a":"<1>"}])");
  EXPECT_EQ(without(R"([{"a":"1"}, {"a":"bad"}, {"a":"2"}])"), R"([{"a":"<1>"}, {"a":"<2>"}])");
  EXPECT_EQ(without(R"([{"a":"bad"},{"a":"bad"},{"a":"1"},{"a":"2"}])"),
            R"([{"a":"<1>"},{"a":"<2>"}])");
  EXPECT_EQ(without(R"([{"a":"bad"},{"a":"bad"}])"), "[]");
  const Rewritten result = RunRewrite(" [ {\"a\":\"1\"} , {\"a\":\"bad\"}\n]\n", options);
  EXPECT_EQ(result.text, " [ {\"a\":\"<1>\"} \n]\n");
  EXPECT_EQ(result.rejected, "{\"a\":\"bad\"}\n");
}

TEST(RewriteJsonTest, WithoutAFormatJsonIsToldByItsFirstCharacter) {
  RewriteOptions options = CsvOptions({Replaced("a")});
  options.format.reset();
  EXPECT_EQ(RunRewrite("\xEF\xBB\xBF \n{\"a\":\"1\"}", options).text,
            "\xEF\xBB\xBF \n{\"a\":\"<1>\"}");
  EXPECT_EQ(RunRewrite("[{\"a\":\"1\"}]", options).outcome.summary.format, RecordFormat::kJson);
  EXPECT_EQ(RunRewrite("a\n1\n", options).text, "a\n<1>\n");
}

}  // namespace
}  // namespace moniker
