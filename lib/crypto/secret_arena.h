// The arena behind SecretBytes. One for the process: sodium_malloc spends four pages and a mapping
// on each secret, runs out after some 16,000 and does not tell when mlock failed.
//
// Thread safety: all functions may be called from any thread, and on either side of a fork.

#ifndef MONIKER_LIB_CRYPTO_SECRET_ARENA_H_
#define MONIKER_LIB_CRYPTO_SECRET_ARENA_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "moniker/secret.h"

namespace moniker::internal {

class SecretArena {
 public:
  // There before and after all else: it is neither constructed nor destroyed while the program
  // runs, so that secrets of static objects may come and go in any order, and no fork can fall into
  // its making.
  static SecretArena& Get();

  // Zeroed memory, aligned to 16; nullptr if the system gives none. REQUIRES: size > 0.
  std::uint8_t* Allocate(std::size_t size);

  // Wipes and takes back. `memory` is what Allocate returned.
  void Release(std::uint8_t* memory);

  // Whether `memory` still has its content: false in a child of a fork for memory of the parent.
  static bool Intact(const std::uint8_t* memory);

  SecretMemory Current();

 private:
  friend class ForkHandlers;

  struct Header;  // stands before each block
  struct Free;    // lies in each free block

  static constexpr std::size_t kChunkSize = std::size_t{64} << 10;
  static constexpr std::size_t kSmallestBlock = 64;
  static constexpr std::size_t kClasses =
      10;  // 64 bytes .. 32 KiB; larger ones get their own pages

  constexpr SecretArena() = default;
  static SecretArena arena_;

  static std::size_t BlockSize(std::size_t size_class) { return kSmallestBlock << size_class; }
  static std::size_t PageSize();
  std::uint8_t* Map(std::size_t size);
  void Unmap(std::uint8_t* memory, std::size_t size, bool is_locked);
  Header* TakeSmall(std::size_t size_class);
  void* Carve(std::size_t size_class);

  std::mutex mutex_;
  std::array<Free*, kClasses> free_{};
  std::uint8_t* fresh_ = nullptr;  // not yet carved part of the newest chunk
  std::size_t fresh_size_ = 0;
  SecretMemory memory_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_CRYPTO_SECRET_ARENA_H_
