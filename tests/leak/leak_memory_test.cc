// What leak_test.cc does to marker persons leaves none of them in the memory of this process. Not
// built with sanitizers: their own memory is too large to look through.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "leak/marker_persons.h"
#include "leak/markers.h"
#include "leak/own_memory.h"
#include "support/test_vault.h"

// A function of a shared library that is looked up on its first call has the processor's registers
// saved on the stack, with up to 64 bytes of what was just copied through them. That is the dynamic
// linker's doing, not the library's: so the program begins again with everything looked up
// beforehand.
__attribute__((constructor)) static void BindEverythingAtOnce(int, char** argv, char**) {
  if (::getenv("LD_BIND_NOW") != nullptr) return;
  ::setenv("LD_BIND_NOW", "1", 1);
  ::execv("/proc/self/exe", argv);
}

namespace moniker {
namespace {

using testing::EmailOf;
using testing::Expect;
using testing::FailInAllWays;
using testing::FailTheStore;
using testing::IdOf;
using testing::IsForFilesAlone;
using testing::IsPerson;
using testing::kReason;
using testing::kTyped;
using testing::LiveThrough;
using testing::Marker;
using testing::MarkerPerson;
using testing::MemoryHit;
using testing::NameOf;
using testing::NoteOf;
using testing::OwnMemory;
using testing::PlainTexts;
using testing::Statuses;
using testing::StorageKind;
using testing::TestVault;

// Runs `work` and lets everything of it be destroyed; the caller's stack is what it left there.
__attribute__((noinline)) void DoAndDestroy(const std::function<void(PlainTexts&)>& work) {
  PlainTexts texts;
  work(texts);
}

class LeakMemoryTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(testing::Describe(Find()), ""); }

  std::vector<MemoryHit> Find(const PlainTexts* except = nullptr) {
    std::vector<MemoryHit> hits = memory_.Find(except);
    std::erase_if(hits, [](const MemoryHit& hit) { return IsForFilesAlone(hit.marker); });
    return hits;
  }

  // What is left in memory when `work` is over.
  std::string LeftBy(const std::function<void(PlainTexts&)>& work) {
    DoAndDestroy(work);
    const std::string found = testing::Describe(Find());
    EXPECT_GE(memory_.searched(), std::size_t{4} << 20);
    return found;
  }

  OwnMemory memory_;
};

TEST_F(LeakMemoryTest, NothingIsLeftOfPersonsOverMemory) {
  EXPECT_EQ(LeftBy([](PlainTexts& texts) {
              Statuses statuses;
              const TestVault test(StorageKind::kMemory);
              LiveThrough(*test.vault, Expect(Scope::Conference("visit-42")), texts, &statuses);
            }),
            "");
}

TEST_F(LeakMemoryTest, NothingIsLeftOfPersonsOverSqlite) {
  EXPECT_EQ(LeftBy([](PlainTexts& texts) {
              Statuses statuses;
              const TestVault test(StorageKind::kSqlite);
              LiveThrough(*test.vault, Expect(Scope::Conference("visit-42")), texts, &statuses);
            }),
            "");
}

TEST_F(LeakMemoryTest, NothingIsLeftOfPersonsWhoWereBackedUpErasedAndRestored) {
  EXPECT_EQ(LeftBy([](PlainTexts& texts) {
              Statuses statuses;
              const testing::TemporaryFolder folder;
              std::string backup;
              {
                const Vault vault = testing::MakeAnchoredVault(folder);
                LiveThrough(vault, Expect(Scope::Conference("visit-42")), texts, &statuses);
                backup = testing::BackUp(vault, folder);
                testing::EraseSome(vault, texts, kReason, &statuses);
              }
              testing::RestoreTwice(backup, folder, kReason, &statuses);
              const Vault vault = Expect(Vault::Open(folder.File("clinic.vault")));
              EXPECT_EQ(Expect(vault.Count()).persons, 3u);
            }),
            "");
}

TEST_F(LeakMemoryTest, NothingIsLeftOfPersonsWhoWereRefused) {
  EXPECT_EQ(LeftBy([](PlainTexts& texts) {
              Statuses statuses;
              const TestVault test(StorageKind::kMemory);
              FailInAllWays(*test.vault, texts, &statuses);
            }),
            "");
}

TEST_F(LeakMemoryTest, NothingIsLeftOfPersonsWhenTheStoreFails) {
  EXPECT_EQ(LeftBy([](PlainTexts& texts) {
              Statuses statuses;
              const TestVault test(StorageKind::kMemory);
              FailTheStore(test, texts, &statuses);
            }),
            "");
}

TEST_F(LeakMemoryTest, NothingIsLeftWithTheOtherSuite) {
  EXPECT_EQ(
      LeftBy([](PlainTexts& texts) {
        Statuses statuses;
        const TestVault test(Expect(Keyring::Create(
            {.app = "clinic-7", .suite = Suite::kHmacSha256, .identity_root = std::nullopt})));
        LiveThrough(*test.vault, Expect(Scope::Conference("visit-42")), texts, &statuses);
      }),
      "");
}

// Vault, gate and answers are alive: then persons are in secret memory and nowhere else.
TEST_F(LeakMemoryTest, APersonWhoWasResolvedIsInSecretMemoryAlone) {
  PlainTexts texts;
  const TestVault test(StorageKind::kSqlite);
  const IdentityGate gate = Expect(IdentityGate::Create(*test.vault, {.scope = Scope::App()}));
  const MarkerPerson person(texts, 0);
  const SessionIdentity identity = Expect(gate.Admit(person.view(), "Patient"));
  const Resolver resolver = Resolver::Create(*test.vault);
  const std::vector<std::string_view> ids = {identity.external_id()};
  const auto answers = Expect(resolver.ResolveMany(ids, kReason));
  ASSERT_TRUE(IsPerson(answers[0]->person, 0));
  const std::vector<MemoryHit> hits = Find(&texts);
  std::vector<MemoryHit> elsewhere;
  std::set<int> markers;
  for (const MemoryHit& hit : hits) {
    markers.insert(hit.marker);
    if (!hit.secret) elsewhere.push_back(hit);
  }
  EXPECT_EQ(testing::Describe(elsewhere), "");
  EXPECT_EQ(markers, (std::set{NameOf(0), IdOf(0), EmailOf(0), NoteOf(0)}));
}

// A name that somebody typed where an ID was asked for.
TEST_F(LeakMemoryTest, NothingIsLeftOfAnIdThatWasAskedFor) {
  EXPECT_EQ(LeftBy([](PlainTexts& texts) {
              const TestVault test(StorageKind::kMemory);
              const Resolver resolver = Resolver::Create(*test.vault);
              const std::string_view id = texts.Make(kTyped, 5, '-');
              EXPECT_EQ(resolver.Resolve(id, kReason).status().code(), StatusCode::kNotFound);
            }),
            "");
}

// --- The control: what is planted is found ---

TEST_F(LeakMemoryTest, AnOrdinaryCopyOnTheHeapIsFound) {
  PlainTexts texts;
  auto copy = std::make_unique<std::string>(texts.Make(NameOf(2), 3));
  std::vector<MemoryHit> hits = Find(&texts);
  ASSERT_EQ(hits.size(), 3u);
  EXPECT_EQ(hits[0].marker, NameOf(2));
  EXPECT_STREQ(hits[0].form, "raw");
  EXPECT_FALSE(hits[0].secret);
  copy.reset();  // freed, not wiped
  hits = Find(&texts);
  EXPECT_GE(hits.size(), 1u);
  // Overwritten, so that the next test begins without it.
  for (const MemoryHit& hit : hits) {
    ::explicit_bzero(reinterpret_cast<void*>(hit.address), Marker::kSize);
  }
}

TEST_F(LeakMemoryTest, AShortCopyOnTheStackIsFound) {
  PlainTexts texts;
  std::string copy(texts.Make(IdOf(3)));
  ASSERT_LE(copy.capacity(), 15u);
  const std::vector<MemoryHit> hits = Find(&texts);
  ::explicit_bzero(copy.data(), copy.size());
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].mapping, "[stack]");
}

TEST_F(LeakMemoryTest, ACopyInSecretMemoryIsFoundAndSaidToBeSecret) {
  PlainTexts texts;
  std::optional<SecretText> copy = Expect(SecretText::CopyOf(texts.Make(NoteOf(4))));
  const std::vector<MemoryHit> hits = Find(&texts);
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_TRUE(hits[0].secret);
  copy.reset();
  EXPECT_TRUE(Find(&texts).empty());
}

}  // namespace
}  // namespace moniker
