#include "batch/json_index.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <random>
#include <string>
#include <vector>

#include "batch/json_validator.h"
#include "test_directory.h"

namespace moniker::internal {
namespace {

using Kind = JsonNode::Kind;

bool Accepts(std::string_view text) {
  JsonIndex index;
  const Result<std::size_t> end = index.Read(text);
  return end.ok() && SkipJsonSpace(text.substr(*end)).empty();
}

TEST(JsonIndexTest, ReadsEveryPartOfADocument) {
  const std::string text = R"( {"a" : [1.0, "x\n", {}], "b": null} rest)";
  JsonIndex index;
  const Result<std::size_t> end = index.Read(text);
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(text.substr(*end), " rest");
  struct Expected {
    Kind kind;
    const char* text;
    std::uint32_t next;
    bool escaped;
  };
  const std::vector<Expected> expected = {
      {Kind::kObject, R"({"a" : [1.0, "x\n", {}], "b": null})", 8, false},
      {Kind::kKey, "\"a\"", 2, false},
      {Kind::kArray, R"([1.0, "x\n", {}])", 6, false},
      {Kind::kScalar, "1.0", 4, false},
      {Kind::kString, R"("x\n")", 5, true},
      {Kind::kObject, "{}", 6, false},
      {Kind::kKey, "\"b\"", 7, false},
      {Kind::kScalar, "null", 8, false},
  };
  ASSERT_EQ(index.nodes().size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const JsonNode& node = index.nodes()[i];
    EXPECT_EQ(node.kind, expected[i].kind) << i;
    EXPECT_EQ(text.substr(node.begin, node.end - node.begin), expected[i].text);
    EXPECT_EQ(node.next, expected[i].next) << i;
    EXPECT_EQ(node.escaped, expected[i].escaped) << i;
  }
}

TEST(JsonIndexTest, StopsBehindTheFirstDocument) {
  JsonIndex index;
  EXPECT_EQ(*index.Read("1 2"), 1u);
  EXPECT_EQ(*index.Read("{}{}"), 2u);
  EXPECT_EQ(*index.Read("[]x"), 2u);
  EXPECT_EQ(*index.Read("\"a\"\"b\""), 3u);
  EXPECT_EQ(*index.Read("truefalse"), 4u);
  EXPECT_EQ(index.nodes().size(), 1u);
}

TEST(JsonIndexTest, AcceptsAllOfRfc8259) {
  for (const char* text : {"null",
                           "true",
                           "false",
                           "0",
                           "-0",
                           "10",
                           "-1.5",
                           "0.1000",
                           "1e5",
                           "1E+5",
                           "1.0e-05",
                           "123456789012345678901234567890",
                           "1e999",
                           "\"\"",
                           "[]",
                           "{}",
                           " [ ] ",
                           "[[],[{}]]",
                           "{\"a\":1,\"a\":2}",
                           "{\"\":\"\"}",
                           R"("\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00")",
                           "\"\x7F\"",
                           "\t\r\n1\n",
                           "[1 , 2]",
                           "{\"a\" :\n1 , \"b\":[ ]}"}) {
    EXPECT_TRUE(Accepts(text)) << text;
  }
}

TEST(JsonIndexTest, RefusesAllElse) {
  for (const char* text : {"",
                           " ",
                           "nul",
                           "True",
                           "NaN",
                           "Infinity",
                           "+1",
                           "01",
                           "-",
                           "-a",
                           ".5",
                           "1.",
                           "1.e5",
                           "1e",
                           "1e+",
                           "0x10",
                           "'a'",
                           "\"",
                           "\"a",
                           "\"\\\"",
                           "\"\\",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\\u12g4\"",
                           "\"\\U0041\"",
                           "\"\t\"",
                           "\"\n\"",
                           R"("\ud800")",
                           R"("\udc00")",
                           R"("\ud800x")",
                           R"("\ud800\n")",
                           R"("\ud800\u0041")",
                           R"("\ud800\ud800")",
                           "[",
                           "]",
                           "[1",
                           "[1,",
                           "[1,]",
                           "[,1]",
                           "[1 2]",
                           "[1,,2]",
                           "[1}",
                           "{",
                           "}",
                           "{\"a\"",
                           "{\"a\":",
                           "{\"a\":1",
                           "{\"a\":1,",
                           "{\"a\":1,}",
                           "{,}",
                           "{a:1}",
                           "{1:1}",
                           "{\"a\" 1}",
                           "{\"a\":1 \"b\":2}",
                           "{\"a\":1]",
                           "{\"a\",1}",
                           "[1]]",
                           "{}}",
                           "1 2",
                           "// x\n1",
                           "[1/**/]",
                           "\xEF\xBB\xBF{}",
                           "\x01",
                           "\xC2\xA0"
                           "1"}) {
    EXPECT_FALSE(Accepts(text)) << text;
  }
}

TEST(JsonIndexTest, HasNoNodesAfterAnError) {
  JsonIndex index;
  ASSERT_TRUE(index.Read("[1,2]").ok());
  ASSERT_FALSE(index.Read("[1,2").ok());
  EXPECT_TRUE(index.nodes().empty());
  ASSERT_TRUE(index.Read("[1]").ok());
  EXPECT_EQ(index.nodes().size(), 2u);
}

TEST(JsonIndexTest, TheDepthLimitIsExact) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(Accepts(nested(kMaxJsonDepth)));
  JsonIndex index;
  const Status status = index.Read(nested(kMaxJsonDepth + 1)).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_STREQ(std::string(status.message()).c_str(), "JSON: nested too deeply");
  EXPECT_FALSE(Accepts(std::string(10'000'000, '[')));
  EXPECT_TRUE(Accepts("[" + nested(kMaxJsonDepth - 1) + "," + nested(kMaxJsonDepth - 1) + "]"));
}

std::string Decode(std::string_view text) {
  JsonIndex index;
  EXPECT_TRUE(index.Read(text).ok());
  std::string scratch;
  return std::string(JsonStringValue(text, index.nodes()[0], &scratch));
}

TEST(JsonStringValueTest, DecodesEveryEscape) {
  EXPECT_EQ(Decode(R"("")"), "");
  EXPECT_EQ(Decode(R"("plain é")"), "plain é");
  EXPECT_EQ(Decode(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(Decode(R"("\u0041\u00e9\u738B")"), "Aé王");
  EXPECT_EQ(Decode(R"("\ud83d\ude00\uDBFF\uDFFF")"), "😀\U0010FFFF");
  EXPECT_EQ(Decode(R"("x\u0000y")"), std::string("x\0y", 3));
  EXPECT_EQ(Decode(R"("\\u0041\\\\n")"), "\\u0041\\\\n");
  EXPECT_EQ(Decode(R"("\u007f\u0080\u07ff\u0800\uffff")"), "\x7F\u0080\u07FF\u0800\uFFFF");
}

// What one accepts, the other accepts, and reads the same strings. Only numbers differ: simdjson
// has no room for large ones.
TEST(JsonIndexTest, AgreesWithSimdjsonOnDamagedDocuments) {
  static constexpr char kBytes[] = "{}[]:,\"\\ \n0123e.-+tfnu/aD8c\x01\xC3\xA9\xFF";
  const std::vector<std::string> seeds = {
      testing::ReadDataFile("monitor-conferences.json"),
      testing::ReadDataFile("webhook-conference-ended.json"),
      R"({"a":[1,-2.5e+3,true,false,null,"\ud83d\ude00\u00e9\\ \"",{"b":{}}],"":[[],[0]]})",
      R"(["\ud83d\ude00"])",
      "[0.5,1e1,-0]",
      R"({"a":"b"})"};
  std::mt19937 random(3);
  JsonIndex index;
  JsonValidator validator;
  simdjson::dom::parser parser;
  int accepted = 0;
  for (int round = 0; round < 200000; ++round) {
    std::string text = seeds[random() % seeds.size()];
    if (text.size() > 100 && round % 50 != 0) text = seeds[2 + random() % 4];
    for (std::size_t changes = 1 + random() % 3; changes > 0; --changes) {
      const std::size_t at = random() % text.size();
      const char byte = kBytes[random() % (sizeof(kBytes) - 1)];
      switch (random() % 4) {
        case 0: text[at] = byte; break;
        case 1: text.insert(at, 1, byte); break;
        case 2: text.erase(at, 1); break;
        default: text.resize(at); break;
      }
      if (text.empty()) text = " ";
    }
    const Result<std::size_t> end = index.Read(text);
    const bool ours = end.ok() && SkipJsonSpace(std::string_view(text).substr(*end)).empty() &&
                      validator.Validate(text).ok();
    const simdjson::error_code error = parser.parse(text).error();
    if (ours) {
      ++accepted;
      ASSERT_TRUE(error == simdjson::SUCCESS || error == simdjson::NUMBER_ERROR) << text;
    } else {
      ASSERT_NE(error, simdjson::SUCCESS) << text;
    }
    simdjson::dom::element element;
    if (ours && index.nodes()[0].kind == Kind::kArray && parser.parse(text).get(element) == 0) {
      std::string scratch;
      std::string_view first;
      if (element.at(0).get(first) == simdjson::SUCCESS) {
        ASSERT_EQ(JsonStringValue(text, index.nodes()[1], &scratch), first) << text;
      }
    }
  }
  EXPECT_GT(accepted, 10000);
}

TEST(JsonValidatorTest, RefusesWhatIsNotUtf8) {
  JsonValidator validator;
  EXPECT_TRUE(validator.Validate("[\"\xC3\xA9\"]").ok());
  for (const char* text : {"[\"\xC3\"]", "[\"\xFF\"]", "[\"\xED\xA0\x80\"]", "[\"\xC0\x80\"]",
                           "[1e999,\"\xFF\"]", "[123456789012345678901234567890,\"\xFF\"]"}) {
    EXPECT_EQ(validator.Validate(text).code(), StatusCode::kInvalidArgument);
  }
}

TEST(JsonValidatorTest, LetsNumbersBeyondAnyMachinePass) {
  JsonValidator validator;
  EXPECT_TRUE(validator.Validate("[123456789012345678901234567890,1e999,-1e-999]").ok());
}

}  // namespace
}  // namespace moniker::internal
