// What a handle stands for. C sees numbers in the shape of pointers that no memory lies behind: one
// that was closed, or is of another type, is looked up in vain instead of being followed.

#ifndef MONIKER_LIB_BOUNDARY_HANDLES_H_
#define MONIKER_LIB_BOUNDARY_HANDLES_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "moniker/result.h"

namespace moniker::internal {

// In the lowest bits of a handle. The two libraries count for themselves, and none takes a handle
// of the other for its own, since the types of theirs differ.
enum class HandleType : std::uint8_t {
  kVault = 1,
  kGate = 2,
  kIdentity = 3,
  kAnonymizer = 4,
  kResolver = 5,
  kResolved = 6,
};

std::uintptr_t AddHandle(HandleType type, std::shared_ptr<const void> object);
Result<std::shared_ptr<const void>> FindHandle(HandleType type, std::uintptr_t handle);
// Nothing happens if there is no such handle.
void RemoveHandle(HandleType type, std::uintptr_t handle);

// Specialised for each opaque type of the headers: what it stands for (Object), and its kType.
template <typename Opaque>
struct HandleOf;

template <typename Opaque>
Opaque* NewHandle(typename HandleOf<Opaque>::Object object) {
  using Object = typename HandleOf<Opaque>::Object;
  return reinterpret_cast<Opaque*>(  // NOLINT(performance-no-int-to-ptr): never followed
      AddHandle(HandleOf<Opaque>::kType, std::make_shared<const Object>(std::move(object))));
}

// The object lives as long as the caller has it, also if the handle is closed meanwhile.
// Errors: kInvalidArgument for null; kClosed for what is no handle of this type, or no longer.
template <typename Opaque>
Result<std::shared_ptr<const typename HandleOf<Opaque>::Object>> Use(const Opaque* handle) {
  auto found = FindHandle(HandleOf<Opaque>::kType, reinterpret_cast<std::uintptr_t>(handle));
  if (!found.ok()) return found.status();
  return std::static_pointer_cast<const typename HandleOf<Opaque>::Object>(*std::move(found));
}

template <typename Opaque>
void Close(const Opaque* handle) noexcept {
  RemoveHandle(HandleOf<Opaque>::kType, reinterpret_cast<std::uintptr_t>(handle));
}

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BOUNDARY_HANDLES_H_
