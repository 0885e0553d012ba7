#include "identity_cache.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <thread>
#include <vector>

namespace moniker::tool {
namespace {

std::string IdentityOf(int number) {
  SecretBuffer buffer;
  const std::string text = std::to_string(number);
  const std::string name(static_cast<std::size_t>(number % 50), 'n');
  AppendIdentity({.kind = KnownIdentity::Kind::kParticipantId,
                  .person = text,
                  .identifier = text + "i",
                  .name = name,
                  .label = text + "l",
                  .words = text + "w"},
                 &buffer);
  return std::string(buffer.View(0, buffer.size()));
}

// What the cache says of the ID; empty if nothing.
std::string Found(IdentityCache* cache, const std::string& id) {
  SecretBuffer buffer;
  if (!cache->Find(id, &buffer)) return {};
  return std::string(buffer.View(0, buffer.size()));
}

TEST(IdentityInTest, GivesBackWhatWasAppended) {
  const std::string bytes = IdentityOf(1234);
  const KnownIdentity identity = IdentityIn(bytes);
  EXPECT_EQ(identity.kind, KnownIdentity::Kind::kParticipantId);
  EXPECT_EQ(identity.person, "1234");
  EXPECT_EQ(identity.identifier, "1234i");
  EXPECT_EQ(identity.name, std::string(34, 'n'));
  EXPECT_EQ(identity.label, "1234l");
  EXPECT_EQ(identity.words, "1234w");
}

TEST(IdentityCacheTest, FindsWhatWasPutAndNothingElse) {
  IdentityCache cache;
  EXPECT_EQ(Found(&cache, ""), "");
  EXPECT_EQ(Found(&cache, "id"), "");
  for (int i = 0; i < 10'000; ++i) cache.Put("id" + std::to_string(i), IdentityOf(i));
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_EQ(Found(&cache, "id" + std::to_string(i)), IdentityOf(i)) << i;
  }
  EXPECT_EQ(Found(&cache, "id10000"), "");
  EXPECT_EQ(Found(&cache, "id"), "");
}

// Whatever is written over in whatever place: an answer is that of its ID or none.
TEST(IdentityCacheTest, OneThatIsTooSmallForgetsAndNeverMixesUp) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{64} * 90, std::size_t{64} * 1000}) {
    IdentityCache cache(size);
    std::mt19937 random(1);
    int found = 0;
    for (int i = 0; i < 100'000; ++i) {
      const int number = static_cast<int>(random() % 2000);
      const std::string id = "id" + std::to_string(number);
      const std::string answer = Found(&cache, id);
      if (answer.empty()) {
        cache.Put(id, IdentityOf(number));
      } else {
        ++found;
        ASSERT_EQ(answer, IdentityOf(number));
      }
    }
    EXPECT_EQ(found > 0, size > 0);
  }
}

TEST(IdentityCacheTest, WhatIsNewIsKeptRatherThanWhatIsOld) {
  IdentityCache cache(std::size_t{64} * 2000);
  for (int i = 0; i < 20'000; ++i) {
    cache.Put("id" + std::to_string(i), IdentityOf(i));
    ASSERT_EQ(Found(&cache, "id" + std::to_string(i)), IdentityOf(i)) << i;
  }
  EXPECT_EQ(Found(&cache, "id0"), "");
}

TEST(IdentityCacheTest, ThreadsMayUseIt) {
  IdentityCache cache(std::size_t{64} * 1000);
  std::vector<std::thread> threads;
  std::vector<int> wrong(4);
  for (std::size_t thread = 0; thread < wrong.size(); ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 5000; ++i) {
        const int number = i % 700;
        const std::string id = "id" + std::to_string(number);
        const std::string answer = Found(&cache, id);
        if (answer.empty()) cache.Put(id, IdentityOf(number));
        if (!answer.empty() && answer != IdentityOf(number)) ++wrong[thread];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4));
}

}  // namespace
}  // namespace moniker::tool
