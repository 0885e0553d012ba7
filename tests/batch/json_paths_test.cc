#include "batch/json_paths.h"

#include <gtest/gtest.h>

namespace moniker::internal {
namespace {

// The parts with / between them, [] for every element.
std::string Parts(std::string_view path) {
  const auto parts = ParseJsonPath(path);
  if (!parts.ok()) return "error";
  std::string joined;
  for (const std::optional<std::string>& part : *parts) {
    joined += (joined.empty() ? "" : "/") + part.value_or("[]");
  }
  return joined;
}

TEST(JsonPathTest, NamesAreDividedByDots) {
  EXPECT_EQ(Parts("mrn"), "mrn");
  EXPECT_EQ(Parts("participant.externalId"), "participant/externalId");
  EXPECT_EQ(Parts("a b.\xC3\xA9.1"), "a b/\xC3\xA9/1");
}

TEST(JsonPathTest, BracketsAreEveryElement) {
  EXPECT_EQ(Parts("participants[].id"), "participants/[]/id");
  EXPECT_EQ(Parts("ids[]"), "ids/[]");
  EXPECT_EQ(Parts("[].id"), "[]/id");
  EXPECT_EQ(Parts("[][].a[][].b"), "[]/[]/a/[]/[]/b");
}

TEST(JsonPathTest, ABackslashTakesTheMeaningAway) {
  EXPECT_EQ(Parts("a\\.b"), "a.b");
  EXPECT_EQ(Parts("a\\[\\]"), "a[]");
  EXPECT_EQ(Parts("a\\\\.b"), "a\\/b");
  EXPECT_EQ(Parts("\\[\\]"), "[]");  // a member of that name
  const auto parts = ParseJsonPath("\\[\\]");
  ASSERT_TRUE(parts.ok());
  EXPECT_TRUE(parts->front().has_value());
}

TEST(JsonPathTest, WhatIsNoPathIsRefused) {
  for (const char* path : {"", ".", ".a", "a.", "a..b", "a[", "a]", "a[0]", "a[]b", "a.[]", "[]a",
                           "a\\", "[", "]", "a[.b", "a[]]"}) {
    EXPECT_EQ(Parts(path), "error") << path;
  }
}

TEST(JsonPathsTest, PathsWithOneBeginningShareIt) {
  const Result<JsonPaths> paths = JsonPaths::Make({{"p[].id"}, {"p[].name"}, {"p"}, {"q"}});
  ASSERT_TRUE(paths.ok());
  const JsonPathNode& root = paths->root();
  ASSERT_EQ(root.members.size(), 2U);
  EXPECT_EQ(root.members[0].name, "p");
  const JsonPathNode& list = paths->node(root.members[0].node);
  EXPECT_EQ(list.rule, 2);
  ASSERT_TRUE(list.elements.has_value());
  const JsonPathNode& element = paths->node(*list.elements);
  ASSERT_EQ(element.members.size(), 2U);
  EXPECT_EQ(paths->node(element.members[0].node).rule, 0);
  EXPECT_EQ(paths->node(element.members[1].node).rule, 1);
  EXPECT_FALSE(element.rule.has_value());
}

TEST(JsonPathsTest, ErrorsNameTheColumn) {
  using Fate = RewriteColumn::Fate;
  const auto locator = [](const std::vector<RewriteColumn>& rules) {
    const Result<JsonPaths> paths = JsonPaths::Make(rules);
    return paths.ok() ? -2 : paths.status().locator();
  };
  EXPECT_EQ(locator({{"a"}, {"b."}}), 1);
  EXPECT_EQ(locator({{"a"}, {"\\a"}}), 1);  // the same path, spelled otherwise
  EXPECT_EQ(locator({{"a[]", Fate::kDrop}}), 0);
  EXPECT_EQ(locator({{"a"}, {"b[]", Fate::kKeep, "new"}}), 1);
  EXPECT_EQ(locator({{"a[]", Fate::kKeep}}), -2);
}

}  // namespace
}  // namespace moniker::internal
