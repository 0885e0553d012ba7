#include "crypto/kernels.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "crypto/kernel_cases.h"
#include "support/hex.h"

namespace moniker {
namespace {

using testing::Counting;
using testing::KernelCase;
using testing::KernelCases;
using testing::Message;
using testing::Secret;
using testing::SodiumDigest;

constexpr std::size_t kLongest = 1100;

// Messages of given sizes, each somewhere else in a pool of bytes.
std::vector<Message> MessagesOf(const std::vector<std::size_t>& sizes,
                                const std::vector<std::uint8_t>& pool, std::mt19937* random) {
  std::vector<Message> messages;
  for (const std::size_t size : sizes) {
    messages.push_back(Message(pool).subspan((*random)() % (pool.size() - size + 1), size));
  }
  return messages;
}

class KernelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_GE(sodium_init(), 0);
    key_ = Counting(32, 41);
    pool_.resize(4096);
    for (std::uint8_t& byte : pool_) byte = static_cast<std::uint8_t>(random_());
  }

  void ExpectSodiums(const KernelCase& kernel, const std::vector<Message>& messages) {
    std::vector<Digest> digests(messages.size() + 1, Digest{0xEE});
    kernel.hash(messages, std::span(digests).first(messages.size()));
    for (std::size_t i = 0; i < messages.size(); ++i) {
      ASSERT_EQ(digests[i], SodiumDigest(kernel.suite, key_, messages[i]))
          << kernel.name << ": message " << i << " of " << messages.size() << ", "
          << messages[i].size() << " bytes";
    }
    ASSERT_EQ(digests.back(), Digest{0xEE}) << kernel.name << " wrote behind the digests";
  }

  std::mt19937 random_{7};
  std::vector<std::uint8_t> key_;
  std::vector<std::uint8_t> pool_;
};

TEST_F(KernelTest, ScalarComesFirstAndNamesAreUnique) {
  for (const Suite suite : {Suite::kBlake2b, Suite::kHmacSha256}) {
    const auto names = internal::KernelNames(suite);
    ASSERT_FALSE(names.empty());
    EXPECT_EQ(names[0], "scalar");
    EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size());
    for (const std::string_view name : names) {
      RecordProperty(std::string(SuiteName(suite)) + "." + std::string(name), "tested");
    }
  }
}

TEST_F(KernelTest, EveryLengthUpTo1100IsLibsodiumsInOneBatch) {
  std::vector<std::size_t> sizes;
  for (std::size_t size = 0; size <= kLongest; ++size) sizes.push_back(size);
  for (const KernelCase& kernel : KernelCases(key_)) {
    ExpectSodiums(kernel, MessagesOf(sizes, pool_, &random_));
    std::ranges::reverse(sizes);
    ExpectSodiums(kernel, MessagesOf(sizes, pool_, &random_));
    std::ranges::shuffle(sizes, random_);
    ExpectSodiums(kernel, MessagesOf(sizes, pool_, &random_));
    std::ranges::sort(sizes);
  }
}

TEST_F(KernelTest, EveryLengthUpTo1100IsLibsodiumsInAllLanesAndAlone) {
  for (const KernelCase& kernel : KernelCases(key_)) {
    for (std::size_t size = 0; size <= kLongest; ++size) {
      ExpectSodiums(kernel, MessagesOf(std::vector(kernel.lanes, size), pool_, &random_));
      ExpectSodiums(kernel, MessagesOf({size}, pool_, &random_));
    }
  }
}

TEST_F(KernelTest, EveryNumberOfMessagesUpTo140IsLibsodiumsWithLengthsMixed) {
  for (const KernelCase& kernel : KernelCases(key_)) {
    for (std::size_t count = 0; count <= 140; ++count) {
      for (const std::size_t bound : {40u, 130u, 300u, 1101u}) {
        std::vector<std::size_t> sizes(count);
        for (std::size_t& size : sizes) size = random_() % bound;
        ExpectSodiums(kernel, MessagesOf(sizes, pool_, &random_));
      }
    }
  }
}

TEST_F(KernelTest, OneLongMessageAtEachPlaceAmongShortOnesIsLibsodiums) {
  for (const KernelCase& kernel : KernelCases(key_)) {
    for (std::size_t place = 0; place < 34; ++place) {
      for (const std::size_t other : {0u, 1u, 64u, 128u}) {
        std::vector<std::size_t> sizes(34, other);
        sizes[place] = 700;
        ExpectSodiums(kernel, MessagesOf(sizes, pool_, &random_));
      }
    }
  }
}

// Each message ends where the next page cannot be read, or begins where the one before cannot.
TEST_F(KernelTest, NothingIsReadBeyondTheEndsOfAMessage) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* const pages = ::mmap(nullptr, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(pages, MAP_FAILED);
  auto* const middle = static_cast<std::uint8_t*>(pages) + page;
  ASSERT_EQ(::mprotect(middle, page, PROT_READ | PROT_WRITE), 0);
  std::copy(pool_.begin(), pool_.begin() + static_cast<std::ptrdiff_t>(page), middle);
  for (const KernelCase& kernel : KernelCases(key_)) {
    for (std::size_t size = 0; size <= 400; ++size) {
      const Message at_end(middle + page - size, size);
      const Message at_start(middle, size);
      ExpectSodiums(kernel, std::vector(kernel.lanes + 1, at_end));
      ExpectSodiums(kernel, std::vector(kernel.lanes + 1, at_start));
      std::vector<Message> mixed(2 * kernel.lanes, at_end.last(size / 2));
      mixed[size % mixed.size()] = at_end;
      ExpectSodiums(kernel, mixed);
    }
  }
  ::munmap(pages, 3 * page);
}

TEST_F(KernelTest, EachCanBeForcedAndItsSubkeysAreTheSame) {
  for (const Suite suite : {Suite::kBlake2b, Suite::kHmacSha256}) {
    const auto expected =
        *(*(*MakePrf(suite, Secret(key_)))->Subkey("scope", Counting(50)))->Compute(Counting(20));
    for (const std::string_view name : internal::KernelNames(suite)) {
      const auto prf = internal::MakePrfByKernel(suite, Secret(key_), name);
      ASSERT_TRUE(prf.ok()) << name;
      EXPECT_EQ(*(*(*prf)->Subkey("scope", Counting(50)))->Compute(Counting(20)), expected) << name;
    }
    EXPECT_EQ(internal::MakePrfByKernel(suite, Secret(key_), "none").status().code(),
              StatusCode::kNotFound);
  }
}

}  // namespace
}  // namespace moniker
