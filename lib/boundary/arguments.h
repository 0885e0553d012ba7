// Arguments of C calls as the C++ interface takes them. Views: as those of the caller's memory.

#ifndef MONIKER_LIB_BOUNDARY_ARGUMENTS_H_
#define MONIKER_LIB_BOUNDARY_ARGUMENTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "moniker/access_reason.h"
#include "moniker/c.h"
#include "moniker/identifier.h"
#include "moniker/protector.h"
#include "moniker/result.h"

namespace moniker::internal {

// Errors of all: kInvalidArgument; of structs also kUnsupported.

// Never a null pointer, whatever its length.
Result<std::string_view> ReadText(const moniker_text& text);

// A text that goes to system calls, which would take it up to a NUL.
Result<std::string> ReadPath(const moniker_text& path);

// `count` of them that lie one behind the other; the pointer may be null if there is none.
template <typename T>
Result<std::span<const T>> ReadArray(const T* items, std::size_t count) {
  if (count == 0) return std::span<const T>();
  if (items == nullptr || count > PTRDIFF_MAX / sizeof(T)) {
    return Status(StatusCode::kInvalidArgument, "array: null, or too long to be one");
  }
  return std::span<const T>(items, count);
}

Result<std::optional<IdentifierKind>> ReadKind(std::int32_t kind);
Result<Identifier> ReadIdentifier(const moniker_identifier* identifier);
Result<AccessReason> ReadReason(const moniker_reason* reason);

// For opening. A null one is Protector::Remembered(). Errors: also those of Protector's makers.
Result<Protector> ReadProtector(const moniker_protector* protector);

// For writing: one of these may be a new key file, which is made here.
Result<Protector> MakeProtector(const moniker_protector* protector);

inline moniker_text TextOf(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BOUNDARY_ARGUMENTS_H_
