// Memory for keys and for what is personal.
//
// SecretBytes and SecretText live in one arena of the process: between guard pages, locked into
// memory as far as the system allows (see SecretMemory), left out of core dumps, wiped when
// released, and empty of content in the child of a fork. They can be moved and nothing else: not
// copied, compared or printed. Expose() is the only way to the content, so a search for it finds
// every place where a secret is read.
//
// Thread safety: distinct objects are independent; const members of one object may be called from
// several threads.

#ifndef MONIKER_SECRET_H_
#define MONIKER_SECRET_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "moniker/result.h"

namespace moniker {

class SecretBytes {
 public:
  static constexpr std::size_t kMaxSize = std::size_t{64} << 20;

  SecretBytes() = default;  // holds nothing
  SecretBytes(SecretBytes&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  bool operator==(const SecretBytes&) const = delete;

  // `size` zero bytes, 0..kMaxSize.
  // Errors: kExhausted if the system gives no memory or `size` is above kMaxSize.
  static Result<SecretBytes> Allocate(std::size_t size);

  // A copy; the source remains the caller's to wipe. Errors: as Allocate.
  static Result<SecretBytes> CopyOf(std::span<const std::uint8_t> bytes);

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // Valid until the object is moved, assigned to or destroyed.
  std::span<const std::uint8_t> Expose() const { return {data_, size_}; }
  std::span<std::uint8_t> Expose() { return {data_, size_}; }

  // Gives back (wiped) what lies beyond `size`. REQUIRES: size <= this->size().
  void Truncate(std::size_t size);

  // False in the child of a fork for what the parent made: the content is gone there. Whatever uses
  // a key asks first. True for an empty object.
  bool intact() const;

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

// Bytes that are text. UTF-8 by convention of those who make it, not checked here.
class SecretText {
 public:
  SecretText() = default;
  explicit SecretText(SecretBytes bytes) : bytes_(std::move(bytes)) {}

  bool operator==(const SecretText&) const = delete;

  // Errors: as SecretBytes::Allocate.
  static Result<SecretText> CopyOf(std::string_view text);

  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

  // As SecretBytes::intact().
  bool intact() const { return bytes_.intact(); }

  // Valid until the object is moved, assigned to or destroyed.
  std::string_view Expose() const {
    return {reinterpret_cast<const char*>(bytes_.Expose().data()), bytes_.size()};
  }

 private:
  SecretBytes bytes_;
};

// What the arena holds and whether the system keeps it out of swap.
struct SecretMemory {
  std::size_t reserved_bytes = 0;  // taken from the system
  std::size_t locked_bytes = 0;    // of these, locked (mlock(2))
  std::size_t used_blocks = 0;     // SecretBytes that hold something

  // False when RLIMIT_MEMLOCK was too small for some of it: secrets may then reach swap.
  bool locked() const { return locked_bytes == reserved_bytes; }

  static SecretMemory Current();
};

}  // namespace moniker

#endif  // MONIKER_SECRET_H_
