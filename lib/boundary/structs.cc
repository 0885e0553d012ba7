#include "boundary/structs.h"

namespace moniker::internal {

Result<std::size_t> SizeOfStruct(const void* given, std::size_t known_size) {
  if (given == nullptr) return Status(StatusCode::kInvalidArgument, "struct: null");
  std::size_t size = 0;
  std::memcpy(&size, given, sizeof size);
  if (size < known_size || size > kMaxStructSize) {
    return Status(StatusCode::kInvalidArgument, "struct_size: not that of the struct");
  }
  return size;
}

bool HasUnknownMembers(const void* given, std::size_t size, std::size_t known_size) {
  const auto* const bytes = static_cast<const unsigned char*>(given);
  for (std::size_t i = known_size; i < size; ++i) {
    if (bytes[i] != 0) return true;
  }
  return false;
}

}  // namespace moniker::internal
