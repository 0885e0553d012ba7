// A domain as lib/pseudonym/email_domain.cc makes it, as one text to compare.

#ifndef MONIKER_TESTS_SUPPORT_DOMAINS_H_
#define MONIKER_TESTS_SUPPORT_DOMAINS_H_

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "pseudonym/email_domain.h"

namespace moniker::testing {

// The domain in ASCII, "refused at N" or the name of another code.
inline std::string DomainOf(std::string_view domain) {
  std::array<std::uint8_t, internal::kMaxDomainSize> bytes;
  internal::ByteWriter writer(bytes);
  const Status status = internal::AppendDomain(domain, &writer);
  if (status.ok()) {
    EXPECT_TRUE(writer.ok());
    return std::string(internal::AsText(writer.written()));
  }
  EXPECT_EQ(writer.size(), 0u) << "appended on an error";
  if (status.code() != StatusCode::kInvalidArgument) {
    return std::string(StatusCodeName(status.code()));
  }
  return "refused at " + std::to_string(status.locator());
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_SUPPORT_DOMAINS_H_
