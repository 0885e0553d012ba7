// What both builds judge alike: domains in ASCII without an xn-- label. email_domain_idn2_test.cc
// and email_domain_without_idn2_test.cc have the rest.

#include "pseudonym/email_domain.h"

#include <gtest/gtest.h>

#include <string>

#include "support/domains.h"

namespace moniker::internal {
namespace {

using testing::DomainOf;

std::string Repeated(const std::string& text, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += text;
  return result;
}

TEST(EmailDomainTest, IsInLowerCase) {
  EXPECT_EQ(DomainOf("example.org"), "example.org");
  EXPECT_EQ(DomainOf("EXAMPLE.Org"), "example.org");
  EXPECT_EQ(DomainOf("ABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789.z"),
            "abcdefghijklmnopqrstuvwxyz-0123456789.z");
}

TEST(EmailDomainTest, MayHaveOneLabelOrMany) {
  for (const std::string domain : {"localhost", "a", "a.b", "1.a", "a.1a", "3com.com", "a-b.c--d",
                                   "abc---d.e", "x.xn", "xn-a.b"}) {
    EXPECT_EQ(DomainOf(domain), domain);
  }
}

TEST(EmailDomainTest, LabelHas63BytesAtMost) {
  EXPECT_EQ(DomainOf(std::string(63, 'a') + ".b"), std::string(63, 'a') + ".b");
  EXPECT_EQ(DomainOf(std::string(64, 'a') + ".b"), "refused at 63");
  EXPECT_EQ(DomainOf("b." + std::string(64, 'a')), "refused at 65");
}

TEST(EmailDomainTest, WholeHas253BytesAtMost) {
  const std::string longest = Repeated("abcdefghi.", 25) + "abc";
  ASSERT_EQ(longest.size(), 253u);
  EXPECT_EQ(DomainOf(longest), longest);
  EXPECT_EQ(DomainOf(longest + "d"), "refused at 253");
  EXPECT_EQ(DomainOf(Repeated("abcdefghi.", 101) + "abcd"), "refused at 253");
}

TEST(EmailDomainTest, NoLabelIsEmpty) {
  EXPECT_EQ(DomainOf(""), "refused at 0");
  EXPECT_EQ(DomainOf("."), "refused at 0");
  EXPECT_EQ(DomainOf(".a"), "refused at 0");
  EXPECT_EQ(DomainOf("a."), "refused at 2");
  EXPECT_EQ(DomainOf("a..b"), "refused at 2");
}

TEST(EmailDomainTest, HyphensStandInside) {
  EXPECT_EQ(DomainOf("-a.b"), "refused at 0");
  EXPECT_EQ(DomainOf("a-.b"), "refused at 1");
  EXPECT_EQ(DomainOf("a.-"), "refused at 2");
  EXPECT_EQ(DomainOf("a.b-"), "refused at 3");
  EXPECT_EQ(DomainOf("ab--c.d"), "refused at 2");
  EXPECT_EQ(DomainOf("a.xx--b"), "refused at 4");
  EXPECT_EQ(DomainOf("abc--d.e"), "abc--d.e");
}

TEST(EmailDomainTest, EveryOtherAsciiCharacterIsRefusedWhereItStands) {
  int accepted = 0;
  for (char c = 0x20; c < 0x7F; ++c) {
    const bool allowed =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    accepted += allowed;
    if (c == '.') continue;
    const std::string domain = std::string("ab") + c + "d.example";
    EXPECT_EQ(DomainOf(domain) == "refused at 2", !allowed) << domain;
  }
  EXPECT_EQ(accepted, 63);
}

TEST(EmailDomainTest, AddressesOfMachinesAreRefused) {
  EXPECT_EQ(DomainOf("127.0.0.1"), "refused at 8");
  EXPECT_EQ(DomainOf("2130706433"), "refused at 0");
  EXPECT_EQ(DomainOf("example.7"), "refused at 8");
  EXPECT_EQ(DomainOf("[127.0.0.1]"), "refused at 0");
  EXPECT_EQ(DomainOf("[IPv6:::1]"), "refused at 0");
}

}  // namespace
}  // namespace moniker::internal
