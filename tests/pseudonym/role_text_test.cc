#include "pseudonym/role_text.h"

#include <gtest/gtest.h>

#include <string>

namespace moniker::internal {
namespace {

TEST(RoleTextTest, OneToFortyLettersAreTaken) {
  EXPECT_FALSE(ValidateRoleText("").ok());
  for (std::size_t size = 1; size <= 60; ++size) {
    EXPECT_EQ(ValidateRoleText(std::string(size, 'q')).ok(), size <= 40) << size;
  }
}

TEST(RoleTextTest, BlanksAndHyphensStandBetweenLettersAndNoOtherByteDoes) {
  for (int value = 0; value < 256; ++value) {
    const char c = static_cast<char>(value);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    EXPECT_EQ(ValidateRoleText(std::string("Q") + c + "q").ok(), letter || c == ' ' || c == '-');
    EXPECT_EQ(ValidateRoleText(std::string("Q") + c).ok(), letter) << value;
    EXPECT_EQ(ValidateRoleText(c + std::string("Q")).ok(), letter) << value;
  }
}

}  // namespace
}  // namespace moniker::internal
