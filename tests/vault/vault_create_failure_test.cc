// Vault::Create under failing system calls and kills: "it appears whole or not at all".

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "moniker/identity_gate.h"
#include "moniker/vault.h"
#include "support/status_matchers.h"
#include "support/test_vault.h"
#include "vault/system_calls.h"

namespace moniker {
namespace {

using testing::Expect;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::NamesIn;
using testing::SystemCalls;
using testing::TemporaryFolder;

constexpr int kKill = 0;

class VaultCreateFailureTest : public ::testing::Test {
 protected:
  VaultCreateFailureTest() { Expect(Protector::NewKeyFile(folder_.File("vault.key"))); }

  // The key file is read anew, because a protector does not cross a fork.
  Status Create(int call = SystemCalls::kNever, int error = EIO) const {
    const Protector protector = Expect(Protector::KeyFile(folder_.File("vault.key")));
    SystemCalls::Arm(call, error);
    return Vault::Create(path_,
                         {.keyring = {.app = "clinic-7", .identity_root = testing::SampleRoot()},
                          .avatar_url_template = testing::kSampleAvatarTemplate},
                         protector);
  }

  std::vector<std::string> Left() const {
    std::vector<std::string> names = NamesIn(folder_.path());
    std::erase(names, "vault.key");
    return names;
  }

  void ExpectWhole() const {
    const Result<Vault> vault = Vault::Open(path_);
    ASSERT_THAT(vault, IsOk());
    const IdentityGate gate = Expect(IdentityGate::Create(*vault, {.scope = Scope::App()}));
    const Result<SessionIdentity> identity =
        gate.Admit({.issuer = "mrn.hospital-a", .id = "00123456", .name = "Maria"}, "Patient");
    ASSERT_THAT(identity, IsOk());
    EXPECT_EQ(identity->avatar_url(), "https://avatars.example.org/211.svg");
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.File("clinic.vault");
};

// Each call that makes, changes or syncs a file fails once, with either of two errors.
TEST_F(VaultCreateFailureTest, AfterAFailedCallNothingIsLeft) {
  const std::map<int, StatusCode> errors = {{EIO, StatusCode::kIo}, {ENOSPC, StatusCode::kNoSpace}};
  std::map<std::string, int> met;
  for (const auto& [error, code] : errors) {
    int failed = 0;
    for (int call = 0;; ++call) {
      const Status status = Create(call, error);
      if (!SystemCalls::Disarm()) {
        EXPECT_THAT(status, IsOk());
        break;
      }
      ++met[SystemCalls::last_failed()];
      SCOPED_TRACE("call " + std::to_string(call) + ", " + SystemCalls::last_failed() + ", errno " +
                   std::to_string(error));
      if (status.ok()) {
        // SQLite goes on without a folder it cannot open for syncing, or without /dev/urandom.
        ExpectWhole();
        std::filesystem::remove_all(path_);
        continue;
      }
      ++failed;
      EXPECT_THAT(Left(), IsEmpty());
      std::filesystem::remove_all(path_);
      // Where a file cannot be opened for writing SQLite tries to read it, and says read-only; and
      // it does not say why it cannot sync.
      if (SystemCalls::last_failed() != "open64" && SystemCalls::last_failed() != "fdatasync") {
        EXPECT_EQ(StatusCodeName(status.code()), StatusCodeName(code));
      }
    }
    EXPECT_GE(failed, 20);
    ExpectWhole();
    std::filesystem::remove_all(path_);
  }
  // Both the library's own calls and those of SQLite were among them.
  for (const char* name : {"mkdtemp", "mkostemp", "write", "fsync", "rename", "renameat2", "open",
                           "open64", "pwrite64", "fdatasync"}) {
    EXPECT_GE(met[name], 1) << name;
  }
}

// A killed program can leave its temporary folder, but at the path there is a whole vault or
// nothing, and whoever tries again succeeds.
TEST_F(VaultCreateFailureTest, AfterAKillThereIsAWholeVaultOrNone) {
  int whole = 0;
  int none = 0;
  for (int call = 0;; ++call) {
    SCOPED_TRACE(call);
    const pid_t child = ::fork();
    if (child == 0) {
      ::_exit(Create(call, kKill).ok() ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    if (WIFEXITED(status)) {
      EXPECT_EQ(WEXITSTATUS(status), 0);
      ExpectWhole();
      break;
    }
    ASSERT_EQ(WTERMSIG(status), SIGKILL);
    if (std::filesystem::exists(path_)) {
      ++whole;
    } else {
      if (++none % 8 != 0) continue;
      ASSERT_THAT(Create(), IsOk());
      SystemCalls::Disarm();
    }
    ExpectWhole();
    for (const std::string& name : Left()) std::filesystem::remove_all(folder_.File(name));
  }
  EXPECT_GE(none, 20);
  EXPECT_GE(whole, 1);  // killed after the rename
}

}  // namespace
}  // namespace moniker
