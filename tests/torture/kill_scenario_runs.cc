#include <chrono>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/records.h"
#include "support/temporary_folder.h"
#include "torture/disk_calls.h"
#include "torture/kill_child.h"
#include "torture/original_vault.h"
#include "torture/runs.h"
#include "torture/scenario.h"
#include "torture/vault_check.h"

namespace moniker::testing {
namespace {

constexpr std::uint64_t kCrowd = 400;

// What a child does with the vault in `path`, and says.
void Do(const Scenario& scenario, const Original& original, const std::string& path,
        const Protector& key, std::uint64_t seed, Journal* journal, Status* status) {
  if (scenario.kind == Scenario::kRestore) {
    journal->Begin({.kind = Step::kRestore});
    *status = RestoreFrom(original.backup, path, key);
    if (status->ok()) journal->Done({});
    return;
  }
  const Result<Vault> vault = Vault::Open(path, key);
  if (!vault.ok()) {
    *status = vault.status();
    return;
  }
  Workload workload(*vault, path, original.ledger, {.seed = seed}, journal);
  *status = scenario.use(&workload);
}

class CountCalls final : public DiskWatcher {
 public:
  int Before(const DiskCall&) override {
    ++calls;
    return kGoOn;
  }
  std::uint64_t calls = 0;
};

// How many calls and how much time it takes when nobody is killed.
struct Extent {
  explicit Extent(const Scenario& scenario) {
    const Original& original = OriginalOf(scenario.mode);
    const TemporaryFolder folder;
    original.image.WriteTo(folder.File("v"));
    const auto start = std::chrono::steady_clock::now();
    CountCalls counter;
    Ledger ignored;
    LedgerJournal journal(&ignored);
    Status status;
    {
      const WatchDisk watch(&counter);
      Do(scenario, original, folder.File("v"), original.key, 1, &journal, &status);
    }
    Expect(status);
    calls = counter.calls;
    time = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                 start);
  }

  std::uint64_t calls;
  std::chrono::microseconds time;
};

std::vector<Scenario> ScenariosOf(std::string_view request) {
  std::vector<Scenario> chosen;
  for (const VaultMode mode : {VaultMode::kDerived, VaultMode::kEnrolled}) {
    if (request != "bulk") continue;
    chosen.push_back(
        {"bulk", mode, [](Workload* workload) { return workload->Admit(kCrowd, ""); }});
  }
  for (const Scenario& scenario : AllScenarios()) {
    const bool restores = scenario.kind == Scenario::kRestore;
    if (scenario.kind != Scenario::kUse && !restores) continue;
    const std::string_view name = restores && request == "backup" ? "backup" : scenario.name;
    if (name.starts_with(request)) chosen.push_back(scenario);
  }
  return chosen;
}

}  // namespace

Tally KillRequest(const RunOptions& options, std::string_view request) {
  std::mt19937_64 random(options.seed);
  Tally tally;
  const std::vector<Scenario> scenarios = ScenariosOf(request);
  std::vector<Extent> extents;
  for (const Scenario& scenario : scenarios) extents.emplace_back(scenario);
  const TemporaryFolder folder;
  const std::string path = folder.File("v");
  for (std::uint64_t round = 0; round < options.rounds; ++round) {
    const std::size_t chosen = random() % scenarios.size();
    const Scenario& scenario = scenarios[chosen];
    const Original& original = OriginalOf(scenario.mode);
    original.image.WriteTo(path);
    const std::uint64_t seed = random();
    const MomentOfDeath moment = RandomMoment(&random, extents[chosen].calls, extents[chosen].time);
    const std::string lines = RunAndKill(moment, [&](PipeJournal* journal) {
      Status status;
      Do(scenario, original, path, OwnKey(original.key_path), seed, journal, &status);
      if (!status.ok()) journal->Failed(status);
    });
    Ledger ledger = original.ledger;
    const std::string failure = ledger.Read(lines);
    if (!failure.empty()) tally.Note(&tally.refused, failure);
    ++tally.points;
    if (scenario.kind == Scenario::kRestore) {
      CheckRestored(original, path,
                    ledger.steps().back().done && ledger.steps().back().kind == Step::kRestore,
                    &tally);
    } else {
      CheckVault(path, original.key, ledger, &tally);
    }
  }
  return tally;
}

}  // namespace moniker::testing
