#include "store/store_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "support/records.h"
#include "support/status_matchers.h"
#include "support/test_keyring.h"

namespace moniker::internal {
namespace {

using testing::Counting;
using testing::Expect;
using testing::HasCode;

Keyring KeyringOf(VaultMode mode) {
  return testing::MakeKeyring({.mode = mode,
                               .keys = {{KeyKind::kIdentity, 2, Counting(32, 1)},
                                        {KeyKind::kIdentity, 5, Counting(32, 2)},
                                        {KeyKind::kStorage, 3, Counting(32, 3)},
                                        {KeyKind::kIndex, 4, Counting(32, 4)},
                                        {KeyKind::kIndex, 7, Counting(32, 5)}}});
}

std::shared_ptr<const StoreKeys> KeysOf(VaultMode mode) {
  return Expect(StoreKeys::Create(KeyringOf(mode)));
}

Scope Visit(int number) { return Expect(Scope::Conference("visit-" + std::to_string(number))); }

TEST(StoreKeysTest, EpochsAreTheNewestOfEachKind) {
  EXPECT_EQ(KeysOf(VaultMode::kDerived)->epochs(), (KeyEpochs{5, 3, 7}));
}

TEST(StoreKeysTest, AnonymizersAreThoseOfTheScopeAndEpoch) {
  const auto keys = KeysOf(VaultMode::kDerived);
  const Keyring keyring = KeyringOf(VaultMode::kDerived);
  const Identifier ada = {"mrn", "1"};
  for (const Scope& scope : {Scope::App(), Visit(1), Visit(2)}) {
    for (const std::uint32_t epoch : {2u, 5u}) {
      const auto expected = Expect(Anonymizer::Create(keyring, scope, epoch));
      for (int again = 0; again < 2; ++again) {
        EXPECT_EQ(Expect(Expect(keys->AnonymizerOf(scope, epoch))->Pseudonymize(ada)).digest(),
                  Expect(expected.Pseudonymize(ada)).digest());
      }
    }
  }
}

TEST(StoreKeysTest, HandleAnonymizersAreThoseOfTheScopeAndEpoch) {
  const auto keys = KeysOf(VaultMode::kEnrolled);
  const Keyring keyring = KeyringOf(VaultMode::kEnrolled);
  const std::vector<std::uint8_t> handle = Counting(32, 9);
  const std::vector<ByteView> handles = {handle};
  for (const Scope& scope : {Scope::App(), Visit(1), Visit(2)}) {
    for (const std::uint32_t epoch : {2u, 5u}) {
      const auto expected = Expect(HandleAnonymizer::Create(keyring, scope, epoch));
      for (int again = 0; again < 2; ++again) {
        const auto made = Expect(keys->HandleAnonymizerOf(scope, epoch));
        EXPECT_EQ(Expect(made->PseudonymizeMany(handles)).at(0).digest(),
                  Expect(expected.PseudonymizeMany(handles)).at(0).digest());
      }
    }
  }
}

TEST(StoreKeysTest, AnEpochThatIsNotThereIsNotFound) {
  EXPECT_THAT(KeysOf(VaultMode::kDerived)->AnonymizerOf(Scope::App(), 3),
              HasCode(StatusCode::kNotFound));
  EXPECT_THAT(KeysOf(VaultMode::kEnrolled)->HandleAnonymizerOf(Scope::App(), 3),
              HasCode(StatusCode::kNotFound));
}

TEST(StoreKeysTest, TheKeysOfOneModeMakeNothingOfTheOther) {
  const auto derived = KeysOf(VaultMode::kDerived);
  const auto enrolled = KeysOf(VaultMode::kEnrolled);
  EXPECT_FALSE(derived->enrolled());
  EXPECT_TRUE(enrolled->enrolled());
  EXPECT_THAT(derived->HandleAnonymizerOf(Scope::App(), 5), HasCode(StatusCode::kUnsupported));
  EXPECT_THAT(enrolled->AnonymizerOf(Scope::App(), 5), HasCode(StatusCode::kUnsupported));
}

TEST(StoreKeysTest, TheLast64ScopesAreKeptInTheOrderOfTheirUse) {
  const auto keys = KeysOf(VaultMode::kDerived);
  const auto of = [&](int number) { return Expect(keys->AnonymizerOf(Visit(number), 5)); };
  std::vector<std::shared_ptr<const Anonymizer>> first;
  for (int i = 0; i < 64; ++i) first.push_back(of(i));
  for (int i = 0; i < 64; ++i) EXPECT_EQ(of(i), first[static_cast<std::size_t>(i)]) << i;
  EXPECT_EQ(of(0), first[0]);  // now the last used
  static_cast<void>(of(64));   // 1 goes, not 0
  EXPECT_EQ(of(0), first[0]);
  EXPECT_NE(of(1), first[1]);
}

TEST(StoreKeysTest, ThreadsShareIt) {
  const auto keys = KeysOf(VaultMode::kDerived);
  const Identifier ada = {"mrn", "1"};
  std::vector<std::string> expected;
  for (int i = 0; i < 100; ++i) {
    const auto anonymizer = Expect(keys->AnonymizerOf(Visit(i), 5));
    expected.emplace_back(Expect(anonymizer->Pseudonymize(ada)).external_id().text());
  }
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 500; ++i) {
        const int scope = (i * 7 + thread * 13) % 100;
        const auto anonymizer = Expect(keys->AnonymizerOf(Visit(scope), 5));
        const Pseudonym pseudonym = Expect(anonymizer->Pseudonymize(ada));
        wrong += pseudonym.external_id().text() != expected[static_cast<std::size_t>(scope)];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace moniker::internal
