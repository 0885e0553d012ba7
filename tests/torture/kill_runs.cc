#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>

#include "support/records.h"
#include "support/temporary_folder.h"
#include "torture/disk_calls.h"
#include "torture/runs.h"
#include "torture/vault_check.h"
#include "torture/workload.h"

namespace moniker::testing {
namespace {

// Kills the process before call number `call`, counted from 1.
class KillAtCall final : public DiskWatcher {
 public:
  explicit KillAtCall(std::uint64_t call) : left_(call) {}
  int Before(const DiskCall&) override {
    if (left_ > 0 && --left_ == 0) ::kill(::getpid(), SIGKILL);
    return kGoOn;
  }

 private:
  std::uint64_t left_;
};

// Writes lines to a pipe. A line that is not written because the child dies there is one that
// nobody was answered.
class PipeJournal final : public Journal {
 public:
  explicit PipeJournal(int fd) : fd_(fd) {}
  void Begin(const Step& step) override { Write(Ledger::BeginLine(step)); }
  void Done(const std::vector<std::string>& ids) override { Write(Ledger::DoneLine(ids)); }
  void Failed(const Status& status) {
    Write(Ledger::FailureLine(std::string(StatusCodeName(status.code())) + ", " +
                              std::string(status.message()) + " at " +
                              std::to_string(status.locator())));
  }

 private:
  void Write(const std::string& line) {
    for (std::size_t done = 0; done < line.size();) {
      const ssize_t wrote = ::write(fd_, line.data() + done, line.size() - done);
      if (wrote < 0) ::_exit(2);
      done += static_cast<std::size_t>(wrote);
    }
  }

  int fd_;
};

// When a child dies.
struct MomentOfDeath {
  std::uint64_t call = 0;              // at this call; or
  std::chrono::microseconds after{0};  // so long after it has begun, if `call` is 0
};

// What the child wrote before it died. `use` is the child's; it may end before its death.
std::string RunAndKill(const MomentOfDeath& moment, const std::function<void(PipeJournal*)>& use) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("cannot make a pipe");
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) {
    ::close(ends[0]);
    PipeJournal journal(ends[1]);
    KillAtCall killer(moment.call);
    const WatchDisk watch(moment.call > 0 ? &killer : nullptr);
    use(&journal);
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string lines;
  char buffer[65536];
  const auto read_on = [&] {
    const ssize_t got = ::read(ends[0], buffer, sizeof buffer);
    if (got > 0) lines.append(buffer, static_cast<std::size_t>(got));
    return got > 0 || (got < 0 && errno == EINTR);
  };
  std::jthread clock;
  if (moment.call == 0) {
    clock = std::jthread([&] {
      std::this_thread::sleep_for(moment.after);
      ::kill(child, SIGKILL);
    });
  }
  while (read_on()) {
  }
  if (clock.joinable()) clock.join();  // before the child is waited for: its number is still taken
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  const bool ended = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (!killed && !ended) lines += "failed: the child crashed\n";
  return lines;
}

// A child's: keys that were read before a fork are gone in it.
Protector OwnKey(const std::string& path) { return Expect(Protector::KeyFile(path)); }

MomentOfDeath RandomMoment(std::mt19937_64* random, std::uint64_t calls) {
  if ((*random)() % 2 == 0) return {.call = 1 + (*random)() % calls};
  return {.after = std::chrono::microseconds((*random)() % 20'000)};
}

// A vault that children use one after the other until it holds so many persons.
constexpr std::uint64_t kPersonsOfAVault = 400;

struct UsedVault {
  explicit UsedVault(VaultMode mode)
      : protector(Expect(Protector::NewKeyFile(folder.File("v.key")))), path(folder.File("v")) {
    Expect(MakeVault(path, mode, protector));
  }

  std::string key() const { return folder.File("v.key"); }

  TemporaryFolder folder;
  Protector protector;
  std::string path;
  Ledger ledger;
};

}  // namespace

Tally KillWorkload(const RunOptions& options) {
  std::mt19937_64 random(options.seed);
  Tally tally;
  std::unique_ptr<UsedVault> used;
  for (std::uint64_t round = 0; round < options.rounds; ++round) {
    if (used == nullptr || used->ledger.next_person() > kPersonsOfAVault) {
      used = std::make_unique<UsedVault>(random() % 2 == 0 ? VaultMode::kDerived
                                                           : VaultMode::kEnrolled);
    }
    const std::uint64_t seed = random();
    const std::string lines = RunAndKill(RandomMoment(&random, 300), [&](PipeJournal* journal) {
      const Result<Vault> vault = Vault::Open(used->path, OwnKey(used->key()));
      if (!vault.ok()) return journal->Failed(vault.status());
      Workload workload(*vault, used->path, used->ledger, {.seed = seed}, journal);
      while (true) {
        const Status status = workload.Next();
        if (!status.ok()) return journal->Failed(status);
      }
    });
    const std::string failure = used->ledger.Read(lines);
    if (!failure.empty()) tally.Note(&tally.refused, failure);
    ++tally.points;
    CheckVault(used->path, used->protector, used->ledger, &tally);
  }
  return tally;
}

Tally KillCreation(const RunOptions& options) {
  std::mt19937_64 random(options.seed);
  Tally tally;
  for (std::uint64_t round = 0; round < options.rounds; ++round) {
    const TemporaryFolder folder;
    const std::string path = folder.File("v");
    const Protector protector = Expect(Protector::NewKeyFile(folder.File("v.key")));
    const std::string lines = RunAndKill(RandomMoment(&random, 120), [&](PipeJournal* journal) {
      journal->Begin({});
      const Status status = MakeVault(path, VaultMode::kDerived, OwnKey(folder.File("v.key")));
      if (!status.ok()) return journal->Failed(status);
      journal->Done({});
    });
    Ledger ledger;
    const std::string failure = ledger.Read(lines);
    if (!failure.empty()) tally.Note(&tally.refused, failure);
    ++tally.points;
    const bool done = !ledger.steps().empty() && ledger.steps().front().done;
    if (done) ++tally.acknowledged;
    if (std::filesystem::exists(path)) {
      CheckVault(path, protector, Ledger(), &tally);
    } else if (done) {
      tally.Note(&tally.lost, "an acknowledged vault");
    }
  }
  return tally;
}

Tally KillUpgrade(const RunOptions& options) {
  std::mt19937_64 random(options.seed);
  Tally tally;
  for (std::uint64_t round = 0; round < options.rounds; ++round) {
    const TemporaryFolder folder;
    const Protector protector = Expect(PutOldVault(folder.path()));
    // Some die while they upgrade what another left behind.
    const std::uint64_t children = 1 + random() % 2;
    for (std::uint64_t child = 0; child < children; ++child) {
      const std::string lines = RunAndKill(RandomMoment(&random, 120), [&](PipeJournal* journal) {
        const Result<Vault> vault = Vault::Open(folder.path(), OwnKey(folder.File("key")));
        if (!vault.ok()) journal->Failed(vault.status());
      });
      if (!lines.empty()) tally.Note(&tally.refused, lines);
      ++tally.points;
    }
    CheckUpgraded(folder.path(), protector, &tally);
  }
  return tally;
}

}  // namespace moniker::testing
