// Where C calls come in: what may be thrown ends here, and what went wrong goes into the caller's
// moniker_error.

#ifndef MONIKER_LIB_BOUNDARY_CALL_H_
#define MONIKER_LIB_BOUNDARY_CALL_H_

#include <new>

#include "moniker/c.h"
#include "moniker/status.h"

namespace moniker::internal {

// False for one that is too short to be written to, or claims to be longer than any.
bool CanTell(const moniker_error* error);

// The code of `status`, after telling `error` of it, if there is one. REQUIRES: CanTell(error).
moniker_code Tell(const Status& status, moniker_error* error);

inline constexpr Status kOutOfMemory(StatusCode::kExhausted, "memory is used up");
inline constexpr Status kUnexpected(StatusCode::kIo, "a failure that is not foreseen");

// Runs `body`, a callable that returns a Status.
template <typename Body>
moniker_code Call(moniker_error* error, const Body& body) noexcept {
  if (!CanTell(error)) return MONIKER_INVALID_ARGUMENT;
  try {
    return Tell(body(), error);
  } catch (const std::bad_alloc&) {
    return Tell(kOutOfMemory, error);
  } catch (...) {
    return Tell(kUnexpected, error);
  }
}

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BOUNDARY_CALL_H_
