// Compiled with lib/pseudonym/email_domain.cc as a build without libidn2 has it, beside
// email_domain_test.cc.

#include <gtest/gtest.h>

#include <string>

#include "pseudonym/canonical.h"
#include "support/domains.h"

namespace moniker::internal {
namespace {

using testing::DomainOf;

TEST(EmailDomainWithoutIdn2Test, DomainsThatNeedTablesAreUnsupported) {
  for (const std::string domain : {"b\xC3\xBC"
                                   "cher.example",
                                   "xn--bcher-kva.example", "XN--bcher-kva.example", "a.xn--p1ai",
                                   "a\xE3\x80\x82"
                                   "b",
                                   "\xEF\xBD\x81.example"}) {
    EXPECT_EQ(DomainOf(domain), "unsupported") << domain;
  }
}

TEST(EmailDomainWithoutIdn2Test, FaultInAsciiIsFoundBeforeTablesAreAskedFor) {
  EXPECT_EQ(DomainOf("xn--bcher-kva.exa_mple"), "refused at 17");
  EXPECT_EQ(DomainOf("xn--bcher-kva."), "refused at 14");
}

TEST(EmailDomainWithoutIdn2Test, ErrorSaysWhatIsMissing) {
  const Status status = ValidateIdentifier({.issuer = "email",
                                            .id = "ada@b\xC3\xBC"
                                                  "cher.example"});
  EXPECT_EQ(status.code(), StatusCode::kUnsupported);
  EXPECT_NE(status.message().find("libidn2"), std::string_view::npos);
  EXPECT_EQ(status.locator(), Status::kNowhere);
  EXPECT_TRUE(ValidateIdentifier({.issuer = "email", .id = "Zo\xC3\xAB@example.org"}).ok());
}

}  // namespace
}  // namespace moniker::internal
