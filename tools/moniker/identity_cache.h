// What a run has learned of IDs, so that nobody is asked for the same ID again and again: as much
// as fits into a piece of secret memory. What is new takes the place of what is oldest, which is
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
#include <vector>

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
  // What it may take, and then no more: some hundred bytes hold an identity. Throws Failure.
  // REQUIRES: at most SecretBytes::kMaxSize.
  explicit IdentityCache(std::size_t size = kDefaultSize);

  // Appends the identity of this ID to *buffer, if it is there.
  bool Find(std::string_view id, SecretBuffer* buffer);

  // `identity`: as AppendIdentity makes it. REQUIRES: together with the ID less than 64 KiB.
  void Put(std::string_view id, std::string_view identity);

 private:
  static constexpr std::size_t kDefaultSize = std::size_t{40} << 20;
  static constexpr std::size_t kShards = 64;
  static constexpr std::size_t kWays = 8;
  static constexpr std::size_t kBytesOfSlot = 64;  // of entries, for each slot

  // Where an entry begins, in units of eight bytes and counted in all that its shard was ever
  // given, so that what was written over since is known by its distance; in the low 24 bits a part
  // of the hash of its ID.
  using Slot = std::uint64_t;

  struct Shard {
    std::mutex mutex;
    std::uint64_t end = 0;  // of the last entry, in units
  };

  using Bucket = std::array<Slot, kWays>;

  // Where the hash of an ID leads to.
  struct Place {
    Shard* shard;
    char* bytes;  // of the shard
    Bucket* bucket;
    std::uint64_t check;
  };

  Place PlaceOf(std::string_view id);
  bool IsThere(const Shard& shard, Slot slot) const;

  const std::size_t shard_size_;  // in bytes
  const std::size_t buckets_of_shard_;
  SecretBytes bytes_;
  std::vector<Bucket> buckets_;
  std::array<Shard, kShards> shards_;
};

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_IDENTITY_CACHE_H_
