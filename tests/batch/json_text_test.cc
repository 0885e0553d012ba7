#include "moniker/json_text.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>

namespace moniker {
namespace {

std::string JsonString(std::string_view text) {
  std::string out;
  AppendJsonString(text, &out);
  return out;
}

TEST(AppendJsonStringTest, EscapesOnlyWhatMustBe) {
  EXPECT_EQ(JsonString(""), R"("")");
  EXPECT_EQ(JsonString("plain"), R"("plain")");
  EXPECT_EQ(JsonString("\""), R"("\"")");
  EXPECT_EQ(JsonString("\\"), R"("\\")");
  EXPECT_EQ(JsonString("C:\\\"x\""), R"("C:\\\"x\"")");
  EXPECT_EQ(JsonString("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(JsonString(std::string_view("\0\x01\x1F", 3)), R"("\u0000\u0001\u001f")");
  EXPECT_EQ(JsonString("/ \x7F é 王 😀 \u2028"), "\"/ \x7F é 王 😀 \u2028\"");
}

TEST(AppendJsonStringTest, AppendsAndKeepsWhatWasThere) {
  std::string out = "[";
  AppendJsonString("a", &out);
  out += ',';
  AppendJsonString("b\n", &out);
  EXPECT_EQ(out, R"(["a","b\n")");
}

TEST(AppendJsonStringTest, EveryCharacterReadsBackAsItself) {
  std::string all;
  for (int c = 0; c < 0x80; ++c) all += static_cast<char>(c);
  all += "é王😀";
  simdjson::dom::parser parser;
  std::string_view read;
  ASSERT_EQ(parser.parse(JsonString(all)).get(read), simdjson::SUCCESS);
  EXPECT_EQ(read, all);
}

}  // namespace
}  // namespace moniker
