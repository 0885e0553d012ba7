#include <filesystem>
#include <memory>
#include <random>
#include <string>

#include "support/records.h"
#include "support/temporary_folder.h"
#include "torture/kill_child.h"
#include "torture/runs.h"
#include "torture/vault_check.h"
#include "torture/workload.h"

namespace moniker::testing {
namespace {

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
