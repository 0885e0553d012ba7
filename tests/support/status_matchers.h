// Matchers for Status and Result<T>, and how a failed expectation shows one.

#ifndef MONIKER_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define MONIKER_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <gmock/gmock.h>

#include <ostream>

#include "moniker/result.h"
#include "moniker/status.h"

namespace moniker {

inline void PrintTo(const Status& status, std::ostream* out) {
  *out << StatusCodeName(status.code()) << " \"" << status.message() << "\" at "
       << status.locator();
}

template <typename T>
void PrintTo(const Result<T>& result, std::ostream* out) {
  PrintTo(result.status(), out);
}

namespace testing {

inline Status StatusOf(const Status& status) { return status; }
template <typename T>
Status StatusOf(const Result<T>& result) {
  return result.status();
}

MATCHER(IsOk, negation ? "is an error" : "is a success") { return StatusOf(arg).ok(); }

MATCHER_P(HasCode, code, std::string("has the code ") + std::string(StatusCodeName(code))) {
  return StatusOf(arg).code() == code;
}

// The error of record `locator`.
MATCHER_P2(HasCodeAt, code, locator,
           std::string("has the code ") + std::string(StatusCodeName(code)) + " at " +
               std::to_string(locator)) {
  return StatusOf(arg).code() == code && StatusOf(arg).locator() == locator;
}

}  // namespace testing
}  // namespace moniker

#endif  // MONIKER_TESTS_SUPPORT_STATUS_MATCHERS_H_
