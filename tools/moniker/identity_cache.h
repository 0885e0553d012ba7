// What a run has learned of IDs, so that nobody is asked for the same ID again and again: a fixed
// number of places in secret memory. What does not fit, or stands where another one belongs, is
// asked for anew.
//
// Thread safety: all members may be called from any thread.

#ifndef MONIKER_TOOLS_MONIKER_IDENTITY_CACHE_H_
#define MONIKER_TOOLS_MONIKER_IDENTITY_CACHE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "moniker/reidentify.h"
#include "moniker/secret.h"

namespace moniker::tool {

// Texts of persons, one behind the other in secret memory.
class SecretBuffer {
 public:
  void Clear() { size_ = 0; }
  std::size_t size() const { return size_; }

  // Room for so many bytes more, which the next call makes invalid. Throws Failure.
  char* Extend(std::size_t size);

  std::string_view View(std::size_t begin, std::size_t size) const {
    return {reinterpret_cast<const char*>(bytes_.Expose().data()) + begin, size};
  }

 private:
  SecretBytes bytes_;
  std::size_t size_ = 0;
};

// An identity as bytes.
void AppendIdentity(const KnownIdentity& identity, SecretBuffer* buffer);
KnownIdentity IdentityIn(std::string_view bytes);

class IdentityCache {
 public:
  // Throws Failure.
  IdentityCache();

  // Appends the identity of this ID to *buffer, if it is there.
  bool Find(std::string_view id, SecretBuffer* buffer);

  // `identity`: as AppendIdentity makes it.
  void Put(std::string_view id, std::string_view identity);

 private:
  static constexpr std::size_t kPlaces = std::size_t{1} << 18;
  static constexpr std::size_t kPlaceSize = 192;
  static constexpr std::size_t kLocks = 64;

  std::size_t PlaceOf(std::string_view id) const;
  char* At(std::size_t place);

  SecretBytes places_;
  std::array<std::mutex, kLocks> locks_;
};

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_IDENTITY_CACHE_H_
