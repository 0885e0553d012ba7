#include "moniker/secret.h"

#include <sodium.h>

#include <cstring>

#include "base/bytes.h"
#include "base/status_macros.h"
#include "crypto/secret_arena.h"

namespace moniker {

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    if (data_ != nullptr) internal::SecretArena::Get().Release(data_);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

SecretBytes::~SecretBytes() {
  if (data_ != nullptr) internal::SecretArena::Get().Release(data_);
}

Result<SecretBytes> SecretBytes::Allocate(std::size_t size) {
  SecretBytes bytes;
  if (size == 0) return bytes;
  if (size <= kMaxSize) bytes.data_ = internal::SecretArena::Get().Allocate(size);
  if (bytes.data_ == nullptr) return Status(StatusCode::kExhausted, "no memory for a secret");
  bytes.size_ = size;
  return bytes;
}

Result<SecretBytes> SecretBytes::CopyOf(std::span<const std::uint8_t> bytes) {
  MONIKER_ASSIGN_OR_RETURN(SecretBytes copy, Allocate(bytes.size()));
  if (!bytes.empty()) std::memcpy(copy.data_, bytes.data(), bytes.size());
  return copy;
}

void SecretBytes::Truncate(std::size_t size) {
  if (size >= size_) return;
  sodium_memzero(data_ + size, size_ - size);
  size_ = size;
}

bool SecretBytes::intact() const {
  return data_ == nullptr || internal::SecretArena::Intact(data_);
}

Result<SecretText> SecretText::CopyOf(std::string_view text) {
  MONIKER_ASSIGN_OR_RETURN(SecretBytes bytes, SecretBytes::CopyOf(internal::AsBytes(text)));
  return SecretText(std::move(bytes));
}

SecretMemory SecretMemory::Current() { return internal::SecretArena::Get().Current(); }

}  // namespace moniker
