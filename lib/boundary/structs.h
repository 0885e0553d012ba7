// Structs of callers that were built with another version of c.h.

#ifndef MONIKER_LIB_BOUNDARY_STRUCTS_H_
#define MONIKER_LIB_BOUNDARY_STRUCTS_H_

#include <cstddef>
#include <cstring>
#include <type_traits>

#include "moniker/result.h"

namespace moniker::internal {

// No struct will ever be longer: what claims to be was not initialised.
inline constexpr std::size_t kMaxStructSize = 4096;

inline constexpr Status kUnknownMember(StatusCode::kUnsupported,
                                       "struct: a member that this version does not know");

// What `given` says of its size, or an error if it cannot be a T. Every T has the size of its first
// version; once one grows, the lower bound is that of its first.
Result<std::size_t> SizeOfStruct(const void* given, std::size_t known_size);

// Whether a caller set a member that this version does not know.
bool HasUnknownMembers(const void* given, std::size_t size, std::size_t known_size);

template <typename T>
Result<T> ReadStruct(const T* given) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= kMaxStructSize);
  const Result<std::size_t> size = SizeOfStruct(given, sizeof(T));
  if (!size.ok()) return size.status();
  if (HasUnknownMembers(given, *size, sizeof(T))) return kUnknownMember;
  T known;
  std::memcpy(&known, given, sizeof(T));
  if constexpr (requires { known.reserved; }) {
    if (known.reserved != 0) return kUnknownMember;
  }
  return known;
}

// Zeroes what is behind struct_size, if it is a T.
template <typename T>
void ClearStruct(T* given) {
  const Result<std::size_t> size = SizeOfStruct(given, sizeof(T));
  if (!size.ok()) return;
  constexpr std::size_t kFirst = sizeof(std::size_t);
  std::memset(reinterpret_cast<unsigned char*>(given) + kFirst, 0, *size - kFirst);
}

// Fills `given` with `value`, but for struct_size. REQUIRES: after ClearStruct(given).
template <typename T>
Status WriteStruct(const T& value, T* given) {
  const Result<std::size_t> size = SizeOfStruct(given, sizeof(T));
  if (!size.ok()) return size.status();
  constexpr std::size_t kFirst = sizeof(std::size_t);
  std::memcpy(reinterpret_cast<unsigned char*>(given) + kFirst,
              reinterpret_cast<const unsigned char*>(&value) + kFirst, sizeof(T) - kFirst);
  return Status::Ok();
}

// An output that is not a struct: null or zero until a call succeeds.
template <typename T>
void Clear(T* output) {
  if (output != nullptr) *output = T{};
}

template <typename T>
Status RequireOutput(const T* output) {
  if (output != nullptr) return Status::Ok();
  return Status(StatusCode::kInvalidArgument, "output: null");
}

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BOUNDARY_STRUCTS_H_
