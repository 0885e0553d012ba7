// What SecretBytes promises of its memory: guards, wiping, fork, core dumps, locking.

#include "crypto/secret_arena.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "crypto/sodium.h"
#include "moniker/prf.h"
#include "moniker/secret.h"
#include "support/child_process.h"
#include "support/hex.h"

// The linker sends the calls of lib/crypto/secret_arena.cc here (--wrap, see tests/CMakeLists.txt).
// mlock and munlock go to the kernel directly, since the sanitizers make them do nothing.
namespace {

// No atomics: set only while one thread runs.
bool fail_mmap = false;
bool fail_mprotect = false;
bool fail_mlock = false;
int fail_advice = 0;  // the advice of madvise that is refused
int unmapped_dirty = 0;
int unmapped = 0;

}  // namespace

extern "C" {
void* __real_mmap(void* address, size_t size, int protection, int flags, int file, off_t offset);
int __real_mprotect(void* address, size_t size, int protection);
int __real_madvise(void* address, size_t size, int advice);
int __real_munmap(void* address, size_t size);

void* __wrap_mmap(void* address, size_t size, int protection, int flags, int file, off_t offset) {
  if (fail_mmap) return MAP_FAILED;
  return __real_mmap(address, size, protection, flags, file, offset);
}
int __wrap_mprotect(void* address, size_t size, int protection) {
  return fail_mprotect ? -1 : __real_mprotect(address, size, protection);
}
int __wrap_madvise(void* address, size_t size, int advice) {
  return fail_advice == advice ? -1 : __real_madvise(address, size, advice);
}
int __wrap_mlock(const void* address, size_t size) {
  return fail_mlock ? -1 : static_cast<int>(::syscall(SYS_mlock, address, size));
}
int __wrap_munlock(const void* address, size_t size) {
  return static_cast<int>(::syscall(SYS_munlock, address, size));
}
// `address` is that of the first guard page.
int __wrap_munmap(void* address, size_t size) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  ++unmapped;
  if (!fail_mprotect) {
    const auto* const begin = static_cast<const std::uint8_t*>(address) + page;
    unmapped_dirty += std::any_of(begin, begin + (size - 2 * page), [](int b) { return b != 0; });
  }
  return __real_munmap(address, size);
}
}

namespace moniker {
namespace {

using ::testing::Contains;
using testing::Counting;
using testing::Describe;
using testing::InChild;
using ::testing::Not;
using testing::Secret;

constexpr std::size_t kHeaderSize = 16;
constexpr std::size_t kLargeSize = 100'000;

bool AllZero(std::span<const std::uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

// What /proc/self/smaps says of a mapping.
struct Mapping {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  std::string permissions;
  std::vector<std::string> flags;
  std::size_t locked_kib = 0;
};

std::vector<Mapping> Mappings() {
  std::vector<Mapping> mappings;
  std::ifstream smaps("/proc/self/smaps");
  for (std::string line; std::getline(smaps, line);) {
    std::istringstream words(line);
    std::string first;
    words >> first;
    if (const std::size_t dash = first.find('-'); dash != std::string::npos) {
      Mapping mapping;
      mapping.begin = std::stoull(first.substr(0, dash), nullptr, 16);
      mapping.end = std::stoull(first.substr(dash + 1), nullptr, 16);
      words >> mapping.permissions;
      mappings.push_back(mapping);
    } else if (first == "VmFlags:") {
      for (std::string flag; words >> flag;) mappings.back().flags.push_back(flag);
    } else if (first == "Locked:") {
      words >> mappings.back().locked_kib;
    }
  }
  return mappings;
}

Mapping MappingOf(const void* memory) {
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  for (const Mapping& mapping : Mappings()) {
    if (mapping.begin <= address && address < mapping.end) return mapping;
  }
  return {};
}

bool IsLocked(const SecretBytes& secret) {
  const std::vector<std::string> flags = MappingOf(secret.Expose().data()).flags;
  return std::find(flags.begin(), flags.end(), "lo") != flags.end();
}

// Bytes of this process as the kernel sees them, past any poison of AddressSanitizer.
std::vector<std::uint8_t> Peek(const std::uint8_t* memory, std::size_t size) {
  std::vector<std::uint8_t> bytes(size, 0xEE);
  std::FILE* const file = std::fopen("/proc/self/mem", "rb");
  if (file == nullptr) throw std::runtime_error("cannot open the memory");
  std::setvbuf(file, nullptr, _IONBF, 0);
  if (::fseeko(file, static_cast<off_t>(reinterpret_cast<std::uintptr_t>(memory)), SEEK_SET) != 0 ||
      std::fread(bytes.data(), 1, size, file) != size) {
    throw std::runtime_error("cannot read the memory");
  }
  std::fclose(file);
  return bytes;
}

// A block that fills whole pages with its header, so that the guards touch it.
SecretBytes WholePages(std::size_t size) {
  Result<SecretBytes> bytes = SecretBytes::Allocate(size - kHeaderSize);
  return *std::move(bytes);
}

std::uint8_t ByteAt(const SecretBytes& bytes, std::ptrdiff_t offset) {
  const volatile std::uint8_t* const data = bytes.Expose().data();
  return data[offset];
}

class SecretArenaDeathTest : public ::testing::TestWithParam<std::size_t> {};

TEST_P(SecretArenaDeathTest, ReadingBesideTheMemoryDies) {
  const SecretBytes bytes = WholePages(GetParam());
  const auto size = static_cast<std::ptrdiff_t>(bytes.size());
  EXPECT_EQ(ByteAt(bytes, 0), 0);
  EXPECT_EQ(ByteAt(bytes, size - 1), 0);
  static_cast<void>(ByteAt(bytes, -static_cast<std::ptrdiff_t>(kHeaderSize)));
  EXPECT_DEATH(ByteAt(bytes, size), "");
  EXPECT_DEATH(ByteAt(bytes, size + 4095), "");
  EXPECT_DEATH(ByteAt(bytes, -static_cast<std::ptrdiff_t>(kHeaderSize) - 1), "");
  EXPECT_DEATH(ByteAt(bytes, -4096), "");
}

INSTANTIATE_TEST_SUITE_P(Sizes, SecretArenaDeathTest,
                         ::testing::Values(std::size_t{36} << 10, std::size_t{64} << 10,
                                           std::size_t{1} << 20));

TEST(SecretArenaTest, GuardsLieBeforeAndBehindEveryChunk) {
  for (const std::size_t size : {std::size_t{32}, std::size_t{30'000}, kLargeSize}) {
    const SecretBytes bytes = *SecretBytes::Allocate(size);
    const Mapping mapping = MappingOf(bytes.Expose().data());
    EXPECT_EQ(mapping.permissions, "rw-p");
    EXPECT_EQ(MappingOf(reinterpret_cast<const void*>(mapping.begin - 1)).permissions, "---p");
    EXPECT_EQ(MappingOf(reinterpret_cast<const void*>(mapping.end)).permissions, "---p");
  }
}

TEST(SecretArenaTest, StaysOutOfCoreDumpsAndChildren) {
  for (const std::size_t size : {std::size_t{32}, std::size_t{30'000}, kLargeSize}) {
    const SecretBytes bytes = *SecretBytes::Allocate(size);
    const std::vector<std::string> flags = MappingOf(bytes.Expose().data()).flags;
    EXPECT_THAT(flags, Contains("dd"));  // MADV_DONTDUMP
    EXPECT_THAT(flags, Contains("wf"));  // MADV_WIPEONFORK
  }
  const std::vector<std::uint8_t> ordinary(kLargeSize * 10);
  EXPECT_THAT(MappingOf(ordinary.data()).flags, Not(Contains("dd")));
}

TEST(SecretArenaTest, ReleasedMemoryIsWiped) {
  for (std::size_t size = 1; size <= 30'000; size = size * 3 + 1) {
    const std::uint8_t* memory = nullptr;
    {
      SecretBytes bytes = *SecretBytes::Allocate(size);
      std::ranges::fill(bytes.Expose(), std::uint8_t{0xA5});
      memory = bytes.Expose().data();
      EXPECT_FALSE(AllZero(Peek(memory, size)));
    }
    EXPECT_TRUE(AllZero(Peek(memory, size))) << size;
    // The same memory comes back, so this is not zero for being fresh.
    const SecretBytes again = *SecretBytes::Allocate(size);
    EXPECT_EQ(again.Expose().data(), memory);
    EXPECT_TRUE(AllZero(again.Expose()));
  }
}

TEST(SecretArenaTest, LargeMemoryIsWipedBeforeItIsUnmapped) {
  unmapped = unmapped_dirty = 0;
  {
    SecretBytes bytes = *SecretBytes::Allocate(kLargeSize);
    std::ranges::fill(bytes.Expose(), std::uint8_t{0xA5});
  }
  EXPECT_EQ(unmapped, 1);
  EXPECT_EQ(unmapped_dirty, 0);
}

TEST(SecretArenaTest, EightThreadsNeverShareMemory) {
  const std::size_t before = SecretMemory::Current().used_blocks;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 8; ++t) {
    threads.emplace_back([t, &wrong] {
      std::mt19937 random(t);
      std::vector<SecretBytes> mine(64);
      for (int i = 0; i < 4000; ++i) {
        SecretBytes& slot = mine[random() % mine.size()];
        const auto is_mine = [t](std::uint8_t b) { return b == t + 1; };
        if (!std::ranges::all_of(slot.Expose(), is_mine) || !slot.intact()) ++wrong;
        const std::size_t size = 1 + random() % (random() % 50 == 0 ? 70'000 : 300);
        Result<SecretBytes> fresh = SecretBytes::Allocate(size);
        if (!fresh.ok() || !AllZero(fresh->Expose())) ++wrong;
        std::ranges::fill(fresh->Expose(), static_cast<std::uint8_t>(t + 1));
        slot = *std::move(fresh);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(SecretMemory::Current().used_blocks, before);
}

// Fork

TEST(SecretForkTest, ChildFindsNothingOfItsParentsSecrets) {
  for (const std::size_t size : {std::size_t{32}, std::size_t{30'000}, kLargeSize}) {
    SecretBytes secret = *SecretBytes::Allocate(size);
    std::ranges::fill(secret.Expose(), std::uint8_t{0xA5});
    EXPECT_TRUE(secret.intact());
    EXPECT_EQ(InChild([&secret] {
                return std::string(secret.intact() ? "intact" : "not intact") +
                       (AllZero(secret.Expose()) ? ", wiped" : ", readable");
              }),
              "not intact, wiped");
    EXPECT_TRUE(secret.intact());
    EXPECT_EQ(secret.Expose()[size - 1], 0xA5);
  }
}

TEST(SecretForkTest, EverythingThatUsesAKeyRefusesItInTheChild) {
  const SecretBytes key = Secret(Counting(32));
  const std::unique_ptr<Prf> prf = *MakePrf(Suite::kBlake2b, Secret(Counting(32)));
  EXPECT_EQ(InChild([&] {
              const std::vector<std::uint8_t> nonce(internal::kNonceSize);
              std::vector<std::uint8_t> text(16);
              std::vector<std::uint8_t> sealed(32);
              std::string answer = Describe(prf->Compute(text).status());
              answer += ", " + Describe(prf->Subkey("scope", text).status());
              answer += ", " + Describe(internal::AeadSeal(key, nonce, {}, text, sealed));
              answer += ", " + Describe(internal::AeadOpen(key, nonce, {}, sealed, text));
              answer +=
                  ", " +
                  Describe(internal::DeriveSubkey(Suite::kHmacSha256, key, "scope", {}).status());
              return answer;
            }),
            "closed, closed, closed, closed, closed");
}

// A passphrase of as many zeros would be a key that anybody can guess.
TEST(SecretForkTest, PassphraseOfTheParentIsRefusedInTheChild) {
  const SecretText passphrase = Secret(std::string_view("correct horse battery staple"));
  EXPECT_EQ(InChild([&passphrase] {
              const std::vector<std::uint8_t> salt(internal::kArgon2SaltSize);
              return Describe(internal::DeriveFromPassphrase(passphrase, salt,
                                                             {.passes = 1, .memory_kib = 65'536})
                                  .status());
            }),
            "closed");
}

TEST(SecretForkTest, SecretsMadeInTheChildWorkThereAndVanishInItsOwnChild) {
  std::vector<SecretBytes> released;
  for (std::size_t i = 0; i < 100; ++i) released.push_back(Secret(Counting(32, i)));
  const SecretBytes kept = Secret(Counting(32));
  released.clear();  // free blocks of the parent, which the child may be given
  EXPECT_EQ(InChild([] {
              std::vector<SecretBytes> mine;
              for (std::size_t i = 0; i < 3000; ++i) mine.push_back(Secret(Counting(1 + i, i)));
              for (std::size_t i = 0; i < 3000; ++i) {
                if (!mine[i].intact()) return "lost " + std::to_string(i);
                if (!std::ranges::equal(mine[i].Expose(), Counting(1 + i, i))) {
                  return "changed " + std::to_string(i);
                }
              }
              const Digest parent_digest =
                  *(*MakePrf(Suite::kBlake2b, Secret(Counting(32))))->Compute(Counting(3));
              return testing::ToHex(parent_digest).substr(0, 8) + ", " + InChild([&mine] {
                       return std::string(mine[7].intact() ? "intact" : "not intact");
                     });
            }),
            "e14fc916, not intact");
}

TEST(SecretForkTest, ChildMayReleaseWhatItsParentMade) {
  std::vector<SecretBytes> secrets;
  for (const std::size_t size : {std::size_t{32}, std::size_t{32}, std::size_t{5000}, kLargeSize}) {
    secrets.push_back(Secret(Counting(size)));
  }
  EXPECT_EQ(InChild([&secrets] {
              secrets[0].Truncate(3);
              secrets[1] = Secret(Counting(4));
              const bool works = std::ranges::equal(secrets[1].Expose(), Counting(4));
              secrets.clear();
              for (int i = 0; i < 1000; ++i) {
                const SecretBytes fresh = Secret(Counting(32));
                if (!fresh.intact()) return std::string("lost");
              }
              return std::string(works ? "ok" : "wrong");
            }),
            "ok");
  EXPECT_TRUE(std::ranges::equal(secrets[3].Expose(), Counting(kLargeSize)));
}

TEST(SecretForkTest, ForkWhileOtherThreadsAllocateLeavesTheChildAWorkingArena) {
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&stop] {
      while (!stop) static_cast<void>(SecretBytes::Allocate(100));
    });
  }
  std::string answer = "ok";
  for (int i = 0; i < 30 && answer == "ok"; ++i) {
    answer = InChild([] {
      ::alarm(10);  // a mutex that nobody holds would be waited for
      const SecretBytes mine = Secret(Counting(32));
      return std::string(mine.intact() ? "ok" : "lost");
    });
  }
  EXPECT_EQ(answer, "ok");
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

// fork(2): "Memory locks are not inherited by a child".
TEST(SecretForkTest, ChildDoesNotClaimTheLocksOfItsParent) {
  const SecretBytes of_parent = Secret(Counting(32));
  EXPECT_EQ(InChild([] {
              const SecretBytes mine = Secret(Counting(32));
              if (!SecretMemory::Current().locked()) return std::string("honest");
              return std::string(IsLocked(mine) ? "honest" : "says locked and is not");
            }),
            "honest");
}

// Locking. Each of these runs in a process of its own (the "threadsafe" style starts the program
// anew), with an arena that nothing has used yet.

void LimitLockedMemory(std::size_t size) {
  const rlimit limit = {size, size};
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (::setrlimit(RLIMIT_MEMLOCK, &limit) != 0 || ::syscall(SYS_capget, &header, data) != 0) {
    std::_Exit(90);
  }
  data[CAP_TO_INDEX(CAP_IPC_LOCK)].effective &= ~CAP_TO_MASK(CAP_IPC_LOCK);
  if (::syscall(SYS_capset, &header, data) != 0) std::_Exit(91);
}

// Locked memory in bytes, as the kernel counts it.
std::size_t LockedByTheKernel() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::size_t kib = 0;
    if (word == "VmLck:" && status >> kib) return kib * 1024;
  }
  return SIZE_MAX;
}

void Require(bool condition, const char* what) {
  if (condition) return;
  const SecretMemory memory = SecretMemory::Current();
  std::fprintf(stderr, "not so: %s (reserved %zu, locked %zu, kernel %zu)\n", what,
               memory.reserved_bytes, memory.locked_bytes, LockedByTheKernel());
  std::_Exit(1);
}

class SecretLockDeathTest : public ::testing::Test {
 protected:
  void SetUp() override { ::testing::FLAGS_gtest_death_test_style = "threadsafe"; }
};

[[noreturn]] void WithEnoughLockableMemory() {
  const SecretBytes small = *SecretBytes::Allocate(32);
  const SecretBytes large = *SecretBytes::Allocate(kLargeSize);
  Require(SecretMemory::Current().locked(), "locked() is true");
  Require(SecretMemory::Current().locked_bytes == LockedByTheKernel(), "the kernel agrees");
  Require(IsLocked(small) && IsLocked(large), "each mapping is locked");
  std::_Exit(0);
}

TEST_F(SecretLockDeathTest, LockedMeansLocked) {
  EXPECT_EXIT(
      {
        LimitLockedMemory(std::size_t{1} << 20);
        WithEnoughLockableMemory();
      },
      ::testing::ExitedWithCode(0), "");
}

[[noreturn]] void WithTooLittleLockableMemory() {
  const SecretBytes first = *SecretBytes::Allocate(32);
  Require(SecretMemory::Current().locked(), "the first chunk is locked");
  const SecretBytes large = *SecretBytes::Allocate(kLargeSize);
  Require(large.size() == kLargeSize && AllZero(large.Expose()), "allocation still works");
  Require(!SecretMemory::Current().locked(), "locked() is false");
  Require(!IsLocked(large), "the limit held");
  Require(SecretMemory::Current().locked_bytes == LockedByTheKernel(), "the kernel agrees");
  std::_Exit(0);
}

TEST_F(SecretLockDeathTest, TooSmallALimitIsReportedAndAllocationWorks) {
  EXPECT_EXIT(
      {
        LimitLockedMemory(std::size_t{128} << 10);
        WithTooLittleLockableMemory();
      },
      ::testing::ExitedWithCode(0), "");
}

TEST_F(SecretLockDeathTest, NoLockableMemoryIsReportedAndAllocationWorks) {
  EXPECT_EXIT(
      {
        LimitLockedMemory(0);
        std::vector<SecretBytes> secrets;
        for (std::size_t i = 0; i < 5000; ++i) secrets.push_back(*SecretBytes::Allocate(32));
        Require(!SecretMemory::Current().locked(), "locked() is false");
        Require(SecretMemory::Current().locked_bytes == 0, "nothing is locked");
        std::_Exit(0);
      },
      ::testing::ExitedWithCode(0), "");
}

// 64 KiB of small blocks and 40 KiB fit into 128 KiB, another 40 KiB do not.
[[noreturn]] void ReleaseWhatWasNotLocked() {
  const SecretBytes small = *SecretBytes::Allocate(32);
  const SecretBytes locked = WholePages(std::size_t{40} << 10);
  Require(SecretMemory::Current().locked(), "what fits is locked");
  {
    const SecretBytes unlocked = WholePages(std::size_t{40} << 10);
    Require(!SecretMemory::Current().locked(), "locked() is false while there is unlocked memory");
  }
  Require(SecretMemory::Current().locked_bytes == LockedByTheKernel(), "the kernel agrees");
  Require(SecretMemory::Current().locked(), "locked() is true again");
  std::_Exit(0);
}

TEST_F(SecretLockDeathTest, ReleasingUnlockedMemoryDoesNotMakeTheRestLookUnlocked) {
  EXPECT_EXIT(
      {
        LimitLockedMemory(std::size_t{128} << 10);
        ReleaseWhatWasNotLocked();
      },
      ::testing::ExitedWithCode(0), "");
}

// Failing calls

class SecretArenaFaultTest : public ::testing::Test {
 protected:
  void SetUp() override {
    static_cast<void>(SecretBytes::Allocate(32));  // the arena itself is there
    before_ = SecretMemory::Current();
    unmapped = unmapped_dirty = 0;
  }
  void TearDown() override {
    fail_mmap = fail_mprotect = fail_mlock = false;
    fail_advice = 0;
    EXPECT_TRUE(SecretBytes::Allocate(kLargeSize).ok());
    EXPECT_EQ(SecretMemory::Current().reserved_bytes, before_.reserved_bytes);
    EXPECT_EQ(SecretMemory::Current().used_blocks, before_.used_blocks);
  }

  SecretMemory before_;
};

TEST_F(SecretArenaFaultTest, NoMemoryIsExhausted) {
  fail_mmap = true;
  EXPECT_EQ(SecretBytes::Allocate(kLargeSize).status().code(), StatusCode::kExhausted);
  // Small ones are given while there is room in the chunk, then no more; what was given stays good.
  std::vector<SecretBytes> secrets;
  Result<SecretBytes> next = SecretBytes::Allocate(1000);
  for (; next.ok(); next = SecretBytes::Allocate(1000)) {
    std::ranges::fill(next->Expose(), std::uint8_t{0xA5});
    secrets.push_back(*std::move(next));
  }
  EXPECT_EQ(next.status().code(), StatusCode::kExhausted);
  EXPECT_LE(secrets.size(), 64u);
  for (const SecretBytes& secret : secrets) EXPECT_EQ(secret.Expose().back(), 0xA5);
}

TEST_F(SecretArenaFaultTest, MemoryThatWouldBeDumpedOrInheritedIsNotGiven) {
  for (const int advice : {MADV_DONTDUMP, MADV_WIPEONFORK}) {
    unmapped = 0;
    fail_advice = advice;
    EXPECT_EQ(SecretBytes::Allocate(kLargeSize).status().code(), StatusCode::kExhausted);
    EXPECT_EQ(unmapped, 1);
  }
}

TEST_F(SecretArenaFaultTest, MemoryThatCannotBeMadeWritableIsNotGiven) {
  fail_mprotect = true;
  EXPECT_EQ(SecretBytes::Allocate(kLargeSize).status().code(), StatusCode::kExhausted);
  EXPECT_EQ(unmapped, 1);
}

TEST_F(SecretArenaFaultTest, MemoryThatCannotBeLockedIsGivenAndReported) {
  fail_mlock = true;
  const Result<SecretBytes> bytes = SecretBytes::Allocate(kLargeSize);
  ASSERT_TRUE(bytes.ok());
  EXPECT_FALSE(SecretMemory::Current().locked());
}

}  // namespace
}  // namespace moniker
