#include "moniker/scope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace moniker {
namespace {

static_assert(!std::is_default_constructible_v<Scope>, "there is no default scope");
static_assert(!std::is_convertible_v<std::string, Scope>);

void ExpectRefused(std::string_view conference, std::string_view message) {
  const Result<Scope> scope = Scope::Conference(conference);
  ASSERT_FALSE(scope.ok());
  EXPECT_EQ(scope.status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(scope.status().message(), message);
}

TEST(ScopeTest, AppAndConferenceAreToldApart) {
  EXPECT_TRUE(Scope::App().is_app());
  EXPECT_EQ(Scope::App().conference(), "");
  const Result<Scope> conference = Scope::Conference("visit-42");
  ASSERT_TRUE(conference.ok());
  EXPECT_FALSE(conference->is_app());
  EXPECT_EQ(conference->conference(), "visit-42");
}

TEST(ScopeTest, EqualMeansTheSameConference) {
  EXPECT_EQ(Scope::App(), Scope::App());
  EXPECT_EQ(*Scope::Conference("a"), *Scope::Conference("a"));
  EXPECT_FALSE(*Scope::Conference("a") == *Scope::Conference("b"));
  EXPECT_FALSE(*Scope::Conference("a") == Scope::App());
}

// An empty name would be the scope of the whole app.
TEST(ScopeTest, ConferenceWithoutANameIsRefused) {
  ExpectRefused("", "conference: empty");
  ExpectRefused({}, "conference: empty");
}

TEST(ScopeTest, ConferenceHasAtMost255Bytes) {
  EXPECT_TRUE(Scope::Conference(std::string(255, 'c')).ok());
  ExpectRefused(std::string(256, 'c'), "conference: longer than 255 bytes");
}

TEST(ScopeTest, ConferenceIsUtf8WithoutControls) {
  for (int c = 0; c < 0x20; ++c) {
    ExpectRefused(std::string{'a', static_cast<char>(c)}, "conference: a control character");
  }
  ExpectRefused("a\x7F", "conference: a control character");
  ExpectRefused("\xC2\x80", "conference: a control character");
  ExpectRefused("\xC2\x9F", "conference: a control character");
  for (const std::string_view text : {"\xFF", "\xED\xA0\x80", "\xC0\x80", "M\xFCller"}) {
    ExpectRefused(text, "conference: not UTF-8");
  }
}

TEST(ScopeTest, ConferenceKeepsEveryByteThatItWasGiven) {
  for (const std::string_view text :
       {" visit ", "\xC2\xA0", "a/b:c", "\xF0\x9F\x98\x80", "Visit"}) {
    const Result<Scope> scope = Scope::Conference(text);
    ASSERT_TRUE(scope.ok());
    EXPECT_EQ(scope->conference(), text);
  }
}

TEST(ScopeTest, KeepsItsOwnCopyOfTheName) {
  std::string name = "visit-42";
  const Scope scope = *Scope::Conference(name);
  name = "changed!";
  EXPECT_EQ(scope.conference(), "visit-42");
}

// Otherwise a slip would widen the scope to the app, and link what must not be linked.
TEST(ScopeTest, ConferenceThatWasMovedFromIsNotTheAppScope) {
  for (const std::string& name : {std::string("short"), std::string(200, 'c')}) {
    Scope source = *Scope::Conference(name);
    const Scope target = std::move(source);
    EXPECT_EQ(target.conference(), name);
    EXPECT_FALSE(source.is_app());  // NOLINT(bugprone-use-after-move)
  }
}

}  // namespace
}  // namespace moniker
