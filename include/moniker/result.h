// A value, or the Status that says why there is none. An error has no value.
//
// Thread safety: as that of the value.

#ifndef MONIKER_RESULT_H_
#define MONIKER_RESULT_H_

#include <optional>
#include <type_traits>
#include <utility>

#include "moniker/status.h"

namespace moniker {

template <typename T>
class [[nodiscard]] Result {
 public:
  static_assert(!std::is_reference_v<T> && !std::is_same_v<T, Status>);

  Result(T value) : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor)

  // REQUIRES: !status.ok(). A success without a value becomes kInvalidArgument.
  Result(Status status)  // NOLINT(google-explicit-constructor)
      : status_(status.ok() ? Status(StatusCode::kInvalidArgument, "a result without a value")
                            : status) {}

  bool ok() const { return value_.has_value(); }
  explicit operator bool() const { return ok(); }

  // Success if there is a value.
  Status status() const { return status_; }

  // REQUIRES: ok(). Asking an error for its value stops the program (a trap, in every build): going
  // on would mean to send something that is not a pseudonym.
  T& operator*() & { return Checked(); }
  const T& operator*() const& { return const_cast<Result*>(this)->Checked(); }
  T&& operator*() && { return std::move(Checked()); }
  T* operator->() { return &Checked(); }
  const T* operator->() const { return &const_cast<Result*>(this)->Checked(); }

 private:
  T& Checked() {
    if (!value_.has_value()) __builtin_trap();
    return *value_;
  }

  std::optional<T> value_;
  Status status_;
};

}  // namespace moniker

#endif  // MONIKER_RESULT_H_
