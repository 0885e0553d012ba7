#include "pseudonym/unicode_15.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/utf8.h"
#include "support/unicode_files.h"

namespace moniker::internal {
namespace {

using testing::CodeRange;
using testing::UnicodeFile;

constexpr char32_t kEnd = 0x110000;

// Which code points a file of ranges gives the property `value`.
std::vector<bool> PointsWith(const std::string& file, const std::string& value) {
  std::vector<bool> points(kEnd);
  for (const auto& row : UnicodeFile::Read(file).rows()) {
    if (row[1] != value && !value.empty()) continue;
    const CodeRange range = CodeRange::Parse(row[0]);
    for (char32_t c = range.first; c <= range.last; ++c) points[c] = true;
  }
  return points;
}

bool IsNoncharacter(char32_t c) { return (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE; }

TEST(Unicode15Test, AssignedIsWhatHasAnotherCategoryThanCn) {
  const std::vector<bool> unassigned = PointsWith("extracted/DerivedGeneralCategory.txt", "Cn");
  for (char32_t c = 0; c < kEnd; ++c) {
    ASSERT_EQ(IsAssigned(c), !unassigned[c]) << std::hex << static_cast<std::uint32_t>(c);
  }
}

TEST(Unicode15Test, AssignedIsWhatHasAnAgeAndIsNoNoncharacter) {
  const std::vector<bool> aged = PointsWith("DerivedAge.txt", "");
  std::size_t assigned = 0;
  for (char32_t c = 0; c < kEnd; ++c) {
    ASSERT_EQ(IsAssigned(c), aged[c] && !IsNoncharacter(c))
        << std::hex << static_cast<std::uint32_t>(c);
    assigned += IsAssigned(c);
  }
  // 149,186 graphic and format characters, 65 controls, 137,468 for private use, 2,048 surrogates.
  EXPECT_EQ(assigned, 288767u);
}

TEST(Unicode15Test, NothingBeyondUnicodeIsAssigned) {
  EXPECT_FALSE(IsAssigned(0x110000));
  EXPECT_FALSE(IsAssigned(0x7FFFFFFF));
  EXPECT_FALSE(IsAssigned(0xFFFFFFFF));
}

TEST(Unicode15Test, WhatCameLaterIsNotAssigned) {
  EXPECT_FALSE(IsAssigned(0x2FFC));   // 15.1
  EXPECT_FALSE(IsAssigned(0x2EBF0));  // 15.1
  EXPECT_FALSE(IsAssigned(0x1C89));   // 16.0
  EXPECT_TRUE(IsAssigned(0x11F00));   // 15.0
  EXPECT_TRUE(IsAssigned(0x323AF));   // 15.0, the last of its block
}

TEST(Unicode15Test, BidiControlsAreThoseOfThePropertyList) {
  const std::vector<bool> controls = PointsWith("PropList.txt", "Bidi_Control");
  std::size_t count = 0;
  for (char32_t c = 0; c < kEnd; ++c) {
    ASSERT_EQ(IsBidiControl(c), controls[c]) << std::hex << static_cast<std::uint32_t>(c);
    count += controls[c];
  }
  EXPECT_EQ(count, 12u);
}

TEST(Unicode15Test, WhiteSpaceAndControlsAreThoseOfTheDatabase) {
  const std::vector<bool> spaces = PointsWith("PropList.txt", "White_Space");
  const std::vector<bool> controls = PointsWith("extracted/DerivedGeneralCategory.txt", "Cc");
  for (char32_t c = 0; c < kEnd; ++c) {
    ASSERT_EQ(IsWhiteSpace(c), spaces[c]) << std::hex << static_cast<std::uint32_t>(c);
    ASSERT_EQ(IsControl(c), controls[c]) << std::hex << static_cast<std::uint32_t>(c);
  }
}

TEST(Unicode15Test, OlderVersionsDoNotKnowIt) {
  for (const std::string_view version : {"15.0.0", "15.1.0", "16.0.0", "100", "15"}) {
    EXPECT_TRUE(KnowsUnicode15(version)) << version;
  }
  for (const std::string_view version : {"14.0.0", "9.0.0", "1.15", "", "x", "v15", "0"}) {
    EXPECT_FALSE(KnowsUnicode15(version)) << version;
  }
}

}  // namespace
}  // namespace moniker::internal
