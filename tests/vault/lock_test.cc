// A vault that is locked holds no key, and gives no answer until its protector was asked again.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
#include "moniker/vault.h"
#include "support/status_matchers.h"
#include "support/test_vault.h"

namespace moniker {
namespace {

using std::chrono::milliseconds;
using testing::Expect;
using testing::HasCode;
using testing::IsOk;
using testing::StorageKind;
using testing::TestVault;

constexpr AccessReason kReason = {.actor = "test", .purpose = "test"};
constexpr PersonView kAda = {.issuer = "mrn", .id = "00123456", .name = "Ada Byron"};
constexpr Status kNoProtector(StatusCode::kPermission, "nobody is there to ask", 7);

std::size_t SecretBlocks() { return SecretMemory::Current().used_blocks; }

class VaultLockTest : public ::testing::Test {
 protected:
  VaultLockTest() { testing::CreateSampleVault(path()); }

  std::string path() const { return folder_.File("clinic.vault"); }

  Vault Open(milliseconds idle_lock = milliseconds::zero()) {
    return Expect(Vault::Open(path(), Protector::Remembered(),
                              {.idle_lock = idle_lock, .protector = [this]() -> Result<Protector> {
                                 ++asked_;
                                 if (!answers_) return kNoProtector;
                                 return Protector::Remembered();
                               }}));
  }
  static IdentityGate GateOf(const Vault& vault) {
    return Expect(IdentityGate::Create(vault, {.scope = Scope::App()}));
  }
  static std::string Admit(const IdentityGate& gate) {
    return Expect(gate.Admit(kAda, "Patient")).external_id();
  }

  testing::TemporaryFolder folder_;
  std::atomic<int> asked_ = 0;
  std::atomic<bool> answers_ = true;
};

TEST_F(VaultLockTest, NoKeyIsLeftInMemory) {
  const std::size_t before = SecretBlocks();
  const Vault vault = Open();
  const IdentityGate gate = GateOf(vault);
  const Resolver resolver = Resolver::Create(vault);
  const std::string id = Admit(gate);
  EXPECT_THAT(resolver.Resolve(id, kReason), IsOk());
  EXPECT_GT(SecretBlocks(), before);
  EXPECT_THAT(vault.Lock(), IsOk());
  EXPECT_EQ(SecretBlocks(), before);
  EXPECT_THAT(vault.Lock(), IsOk());  // again, as often as one likes
}

TEST_F(VaultLockTest, TheNextRequestAsksTheProtectorOnce) {
  const Vault vault = Open();
  const IdentityGate gate = GateOf(vault);
  const Resolver resolver = Resolver::Create(vault);
  const std::string id = Admit(gate);
  EXPECT_EQ(asked_, 0);
  const std::vector<std::function<Status()>> requests = {
      [&] { return gate.Check(kAda.identifier(), id).status(); },
      [&] { return gate.Admit(kAda, "Patient").status(); },
      [&] {
        return gate.Admit({.issuer = "mrn", .id = "2", .name = "Bob Stone"}, "Patient").status();
      },
      [&] { return gate.Bind("p-1", Expect(gate.Admit(kAda, "Patient"))); },
      [&] { return gate.CheckOutbound(kAda, "nothing"); },
      [&] { return resolver.Resolve(id, kReason).status(); },
      [&] { return vault.KindOf("mrn").status(); },
      [&] { return vault.DeclareIssuer("new", IdentifierKind::kText); },
      [&] { return vault.Count().status(); },
      [&] { return vault.RotateKeys(KeyKind::kStorage); },
      [&] { return vault.Reseal(); },
      [&] { return vault.Backup([](auto) { return Status::Ok(); }); },
      [&] { return vault.keyring() != nullptr ? Status::Ok() : kNoProtector; },
      [&] {
        return IdentityGate::Create(vault, {.scope = Scope::App(), .identity_epoch = 1}).status();
      },
  };
  int asked = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_THAT(vault.Lock(), IsOk());
    EXPECT_THAT(requests[i](), IsOk());
    EXPECT_EQ(asked_, ++asked);
    EXPECT_THAT(requests[0](), IsOk());
    EXPECT_EQ(asked_, asked);
  }
}

TEST_F(VaultLockTest, WithoutItsProtectorItAnswersNothing) {
  const Vault vault = Open();
  const IdentityGate gate = GateOf(vault);
  const Resolver resolver = Resolver::Create(vault);
  const std::string id = Admit(gate);
  const SessionIdentity who = Expect(gate.Admit(kAda, "Patient"));
  EXPECT_THAT(vault.Lock(), IsOk());
  answers_ = false;
  const std::size_t blocks = SecretBlocks();
  EXPECT_THAT(gate.Check(kAda.identifier(), id), HasCode(StatusCode::kPermission));
  EXPECT_THAT(gate.Admit(kAda, "Patient"), HasCode(StatusCode::kPermission));
  EXPECT_THAT(gate.Bind("p-1", who), HasCode(StatusCode::kPermission));
  EXPECT_THAT(resolver.Resolve(id, kReason), HasCode(StatusCode::kPermission));
  EXPECT_THAT(vault.Count(), HasCode(StatusCode::kPermission));
  EXPECT_THAT(vault.RotateKeys(KeyKind::kIdentity), HasCode(StatusCode::kPermission));
  EXPECT_EQ(vault.keyring(), nullptr);
  EXPECT_EQ(vault.KindOf("mrn").status().locator(), kNoProtector.locator());
  EXPECT_EQ(SecretBlocks(), blocks);
  answers_ = true;
  EXPECT_EQ(Expect(gate.Check(kAda.identifier(), id)), true);
}

TEST_F(VaultLockTest, AProtectorThatDoesNotOpenTheKeyringIsNotKept) {
  bool is_right = false;
  const Protector wrong = Expect(Protector::NewKeyFile(folder_.File("other.key")));
  const Vault vault =
      Expect(Vault::Open(path(), Protector::Remembered(), {.protector = [&]() -> Result<Protector> {
                           return is_right ? Protector::Remembered() : wrong.Copy();
                         }}));
  EXPECT_THAT(vault.Lock(), IsOk());
  EXPECT_FALSE(vault.Count().ok());
  is_right = true;
  EXPECT_THAT(vault.Count(), IsOk());
}

TEST_F(VaultLockTest, TheRememberedKeyFileIsAskedIfNothingElseIs) {
  const Vault vault = Expect(Vault::Open(path()));
  EXPECT_THAT(vault.Lock(), IsOk());
  EXPECT_THAT(vault.Count(), IsOk());
}

TEST_F(VaultLockTest, KeysThatWereRotatedWhileItWasLockedAreTakenOver) {
  const Vault vault = Open();
  const Vault other = Expect(Vault::Open(path()));
  const IdentityGate gate = GateOf(vault);
  const std::string old = Admit(gate);
  EXPECT_THAT(vault.Lock(), IsOk());
  EXPECT_THAT(other.RotateKeys(KeyKind::kIdentity), IsOk());
  const std::string id = Admit(gate);
  EXPECT_NE(id, old);
  EXPECT_EQ(id, Admit(GateOf(other)));
  EXPECT_EQ(asked_, 1);
}

TEST_F(VaultLockTest, ItLocksItselfWhenIdleAndWorksOnWhenAsked) {
  const std::size_t before = SecretBlocks();
  const Vault vault = Open(milliseconds(30));
  const IdentityGate gate = GateOf(vault);
  for (int round = 0; round < 3; ++round) {
    Admit(gate);
    EXPECT_GE(asked_, round);
    while (SecretBlocks() != before) std::this_thread::sleep_for(milliseconds(1));
  }
}

TEST_F(VaultLockTest, ItLocksItselfThoughNothingWasAskedAfterItWasOpened) {
  const std::size_t before = SecretBlocks();
  const Vault vault = Open(milliseconds(1));
  while (SecretBlocks() != before) std::this_thread::sleep_for(milliseconds(1));
}

TEST_F(VaultLockTest, TheGateLocksThoughTheVaultIsGone) {
  const std::size_t before = SecretBlocks();
  const IdentityGate gate = GateOf(Open(milliseconds(20)));
  Admit(gate);
  while (SecretBlocks() != before) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_THAT(gate.Admit(kAda, "Patient"), IsOk());
}

// Requests that have begun end as they would have; none is answered wrongly.
TEST_F(VaultLockTest, ThreadsGoOnWhileItIsLockedOverAndOver) {
  const Vault vault = Open(milliseconds(1));
  const IdentityGate gate = GateOf(vault);
  const Resolver resolver = Resolver::Create(vault);
  const std::string id = Admit(gate);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int round = 0; round < 25; ++round) {
        const std::string own = std::to_string(thread) + "-" + std::to_string(round);
        const auto who = gate.Admit({.issuer = "mrn", .id = own, .name = "Bob Stone"}, "Patient");
        if (!who.ok() || !resolver.Resolve(who->external_id(), kReason).ok()) ++wrong;
        const auto match = gate.Check(kAda.identifier(), id);
        if (!match.ok() || !*match) ++wrong;
      }
    });
  }
  for (int i = 0; i < 200; ++i) {
    EXPECT_THAT(vault.Lock(), IsOk());
    std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(asked_, 0);
  EXPECT_EQ(Expect(vault.Count()).persons, 101u);
}

TEST_F(VaultLockTest, TimesThatCannotBeAreRefused) {
  for (const milliseconds time :
       {milliseconds(-1), milliseconds(std::chrono::hours(24 * 30 + 1))}) {
    EXPECT_THAT(Vault::Open(path(), Protector::Remembered(), {.idle_lock = time}),
                HasCode(StatusCode::kInvalidArgument));
  }
}

TEST_F(VaultLockTest, OnlyAFolderThatWasNotMovedFromCanBeLocked) {
  EXPECT_THAT(TestVault(StorageKind::kMemory).vault->Lock(), HasCode(StatusCode::kUnsupported));
  Vault vault = Open();
  const Vault moved = std::move(vault);
  EXPECT_THAT(vault.Lock(), HasCode(StatusCode::kClosed));
  EXPECT_EQ(vault.keyring(), nullptr);
}

// Every call of a vault that was moved from is an error; none crashes.
TEST_F(VaultLockTest, AVaultThatWasMovedFromIsClosed) {
  Vault vault = Open();
  const Vault moved = std::move(vault);
  const Identifier ada = kAda.identifier();
  const IdentifierPair pair{ada, ada};
  const ErasureTarget target{};
  for (const Status& status : {
           vault.KindOf("mrn").status(),
           vault.DeclareIssuer("mrn", IdentifierKind::kOpaque),
           vault.RotateKeys(KeyKind::kStorage),
           vault.DestroyEpoch(KeyKind::kStorage, 1),
           vault.Reseal(),
           vault.Rewrap(Protector::Remembered()),
           vault.AddIdentifiers({&pair, 1}),
           vault.MergePersons({&pair, 1}),
           vault.SplitPersons({&ada, 1}),
           vault.Erase({&target, 1}).status(),
           vault.Backup([](auto) { return Status::Ok(); }),
           vault.Count().status(),
           IdentityGate::Create(vault, {.scope = Scope::App()}).status(),
           IdentityGate::BindMany(vault, {}).status(),
           Resolver::Create(vault).Resolve("x", kReason).status(),
       }) {
    EXPECT_THAT(status, HasCode(StatusCode::kClosed));
  }
  EXPECT_EQ(vault.avatar_url_template(), "");
}

}  // namespace
}  // namespace moniker
