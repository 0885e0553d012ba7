#include "crypto/secret_arena.h"

#include <pthread.h>
#include <sodium.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>
#include <type_traits>

#if defined(__SANITIZE_ADDRESS__)
#define MONIKER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MONIKER_ASAN 1
#endif
#endif
#if defined(MONIKER_ASAN)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

namespace moniker::internal {

struct alignas(16) SecretArena::Header {
  std::uint64_t live;       // kLive while the block holds content; a fork makes it 0 in the child
  std::uint32_t size;       // of the block, header included
  std::uint32_t is_locked;  // of a block with pages of its own
};

struct SecretArena::Free {
  Free* next;
};

namespace {

constexpr std::uint64_t kLive = 0x6d6f6e696b657221;

}  // namespace

constinit SecretArena SecretArena::arena_;

SecretArena& SecretArena::Get() {
  static_assert(std::is_trivially_destructible_v<SecretArena>);
  return arena_;
}

// A thread that forks while another allocates must not leave the child a mutex that nobody holds.
// Registered before main, since a handler that is registered later can be too late.
class ForkHandlers {
 public:
  ForkHandlers() {
    ::pthread_atfork([] { SecretArena::arena_.mutex_.lock(); },
                     [] { SecretArena::arena_.mutex_.unlock(); },
                     [] {
                       SecretArena::arena_.memory_.locked_bytes = 0;  // a child inherits no locks
                       SecretArena::arena_.mutex_.unlock();
                     });
  }
};
static const ForkHandlers fork_handlers;

std::size_t SecretArena::PageSize() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

std::uint8_t* SecretArena::Allocate(std::size_t size) {
  const std::size_t whole = size + sizeof(Header);
  std::size_t size_class = 0;
  while (size_class < kClasses && BlockSize(size_class) < whole) ++size_class;

  const std::lock_guard lock(mutex_);
  Header* header = nullptr;
  if (size_class < kClasses) {
    header = TakeSmall(size_class);
  } else {
    const std::size_t page = PageSize();
    const std::size_t pages = (whole + page - 1) / page * page;
    const std::size_t locked_before = memory_.locked_bytes;
    void* const memory = Map(pages);
    const bool is_locked = memory_.locked_bytes != locked_before;
    if (memory != nullptr) {
      header = new (memory) Header{0, static_cast<std::uint32_t>(pages), is_locked};
    }
  }
  if (header == nullptr) return nullptr;
  header->live = kLive;
  ++memory_.used_blocks;
  return reinterpret_cast<std::uint8_t*>(header + 1);
}

SecretArena::Header* SecretArena::TakeSmall(std::size_t size_class) {
  void* memory = free_[size_class];
  if (memory != nullptr) {
    ASAN_UNPOISON_MEMORY_REGION(memory, BlockSize(size_class));
    free_[size_class] = free_[size_class]->next;
    static_cast<Free*>(memory)->next = nullptr;
  } else {
    memory = Carve(size_class);
    if (memory == nullptr) return nullptr;
  }
  return new (memory) Header{0, static_cast<std::uint32_t>(BlockSize(size_class)), 0};
}

void* SecretArena::Carve(std::size_t size_class) {
  const std::size_t size = BlockSize(size_class);
  if (fresh_size_ < size) {
    // What is left of the old chunk stays unused: less than one block of this size.
    fresh_ = Map(kChunkSize);
    fresh_size_ = fresh_ == nullptr ? 0 : kChunkSize;
    if (fresh_ == nullptr) return nullptr;
  }
  std::uint8_t* const memory = fresh_;
  fresh_ += size;
  fresh_size_ -= size;
  return memory;
}

void SecretArena::Release(std::uint8_t* memory) {
  Header* const header = reinterpret_cast<Header*>(memory) - 1;
  const std::lock_guard lock(mutex_);
  --memory_.used_blocks;
  const std::size_t size = header->size;
  if (size == 0) return;  // the child of a fork, where the header is wiped too: given up
  const bool is_locked = header->is_locked != 0;
  sodium_memzero(header, size);
  if (size > BlockSize(kClasses - 1)) {
    Unmap(reinterpret_cast<std::uint8_t*>(header), size, is_locked);
    return;
  }
  std::size_t size_class = 0;
  while (BlockSize(size_class) < size) ++size_class;
  free_[size_class] = new (header) Free{free_[size_class]};
  ASAN_POISON_MEMORY_REGION(free_[size_class] + 1, size - sizeof(Free));
}

bool SecretArena::Intact(const std::uint8_t* memory) {
  return (reinterpret_cast<const Header*>(memory) - 1)->live == kLive;
}

SecretMemory SecretArena::Current() {
  const std::lock_guard lock(mutex_);
  return memory_;
}

std::uint8_t* SecretArena::Map(std::size_t size) {
  const std::size_t page_size = PageSize();
  void* const whole = ::mmap(nullptr, size + 2 * page_size, PROT_NONE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (whole == MAP_FAILED) return nullptr;
  std::uint8_t* const memory = static_cast<std::uint8_t*>(whole) + page_size;
  // Content that a core dump or a child could hold is worse than no memory, so these must succeed;
  // mlock may fail, and is reported.
  if (::mprotect(memory, size, PROT_READ | PROT_WRITE) != 0 ||
      ::madvise(memory, size, MADV_DONTDUMP) != 0 ||
      ::madvise(memory, size, MADV_WIPEONFORK) != 0) {
    ::munmap(whole, size + 2 * page_size);
    return nullptr;
  }
  memory_.reserved_bytes += size;
  if (::mlock(memory, size) == 0) memory_.locked_bytes += size;
  return memory;
}

void SecretArena::Unmap(std::uint8_t* memory, std::size_t size, bool is_locked) {
  memory_.reserved_bytes -= size;
  if (is_locked) memory_.locked_bytes -= size;
  ::munmap(memory - PageSize(), size + 2 * PageSize());
}

}  // namespace moniker::internal
