#include "boundary/call.h"

#include "boundary/structs.h"

namespace moniker::internal {

static_assert(MONIKER_OK == static_cast<int>(StatusCode::kOk));
static_assert(MONIKER_INVALID_ARGUMENT == static_cast<int>(StatusCode::kInvalidArgument));
static_assert(MONIKER_NOT_FOUND == static_cast<int>(StatusCode::kNotFound));
static_assert(MONIKER_CONFLICT == static_cast<int>(StatusCode::kConflict));
static_assert(MONIKER_WRONG_KEY == static_cast<int>(StatusCode::kWrongKey));
static_assert(MONIKER_ALTERED == static_cast<int>(StatusCode::kAltered));
static_assert(MONIKER_NEWER_FORMAT == static_cast<int>(StatusCode::kNewerFormat));
static_assert(MONIKER_PERMISSION == static_cast<int>(StatusCode::kPermission));
static_assert(MONIKER_READ_ONLY == static_cast<int>(StatusCode::kReadOnly));
static_assert(MONIKER_NO_SPACE == static_cast<int>(StatusCode::kNoSpace));
static_assert(MONIKER_IO == static_cast<int>(StatusCode::kIo));
static_assert(MONIKER_EXHAUSTED == static_cast<int>(StatusCode::kExhausted));
static_assert(MONIKER_CLOSED == static_cast<int>(StatusCode::kClosed));
static_assert(MONIKER_UNSUPPORTED == static_cast<int>(StatusCode::kUnsupported));
static_assert(MONIKER_ROLLED_BACK == static_cast<int>(StatusCode::kRolledBack));
static_assert(MONIKER_OVER_BUDGET == static_cast<int>(StatusCode::kOverBudget));

bool CanTell(const moniker_error* error) {
  return error == nullptr || SizeOfStruct(error, sizeof(moniker_error)).ok();
}

moniker_code Tell(const Status& status, moniker_error* error) {
  const auto code = static_cast<moniker_code>(status.code());
  if (error != nullptr) {
    ClearStruct(error);
    error->message = status.message().data();  // a literal: it ends in NUL
    error->locator = status.locator();
    error->code = code;
  }
  return code;
}

}  // namespace moniker::internal
