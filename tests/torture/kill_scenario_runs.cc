#include <chrono>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/status_macros.h"
#include "moniker/vault.h"
#include "support/records.h"
#include "support/temporary_folder.h"
#include "torture/disk_calls.h"
#include "torture/kill_child.h"
#include "torture/original_vault.h"
#include "torture/runs.h"
#include "torture/scenario.h"
#include "torture/vault_check.h"
#include "torture/workload.h"

namespace moniker::testing {
namespace {

constexpr std::uint64_t kCrowd = 400;

// What a child does with the vault in `path`, and says. Errors: of the request.
Status Do(const Scenario& scenario, const Original& original, const std::string& path,
          const Protector& key, std::uint64_t seed, Journal* journal) {
  if (scenario.kind == Scenario::kRestore) {
    journal->Begin({.kind = Step::kRestore});
    MONIKER_RETURN_IF_ERROR(RestoreFrom(original.backup, path, key));
    journal->Done({});
    return Status::Ok();
  }
  MONIKER_ASSIGN_OR_RETURN(const Vault vault, Vault::Open(path, key));
  Workload workload(vault, path, original.ledger, {.seed = seed}, journal);
  return scenario.use(&workload);
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
    {
      const WatchDisk watch(&counter);
      Expect(Do(scenario, original, folder.File("v"), original.key, 1, &journal));
    }
    calls = counter.calls;
    time = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                 start);
  }

  std::uint64_t calls;
  std::chrono::microseconds time;
};

// In both modes.
std::vector<Scenario> ScenariosOf(std::string_view request) {
  const auto admit_crowd = [](Workload* workload) { return workload->Admit(kCrowd, ""); };
  if (request == "bulk") {
    return {{"bulk", VaultMode::kDerived, admit_crowd},
            {"bulk", VaultMode::kEnrolled, admit_crowd}};
  }
  std::vector<Scenario> chosen;
  for (const Scenario& scenario : AllScenarios()) {
    const bool restores = scenario.kind == Scenario::kRestore && request == "backup";
    const bool uses = scenario.kind == Scenario::kUse && scenario.name.starts_with(request);
    if (restores || uses) chosen.push_back(scenario);
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
      const Status status = Do(scenario, original, path, OwnKey(original.key_path), seed, journal);
      if (!status.ok()) journal->Failed(status);
    });
    Ledger ledger = original.ledger;
    const std::string failure = ledger.Read(lines);
    if (!failure.empty()) tally.Note(&tally.refused, failure);
    ++tally.points;
    if (scenario.kind == Scenario::kRestore) {
      const Step& last = ledger.steps().back();
      CheckRestored(original, path, last.kind == Step::kRestore && last.done, &tally);
    } else {
      CheckVault(path, original.key, ledger, &tally);
    }
  }
  return tally;
}

}  // namespace moniker::testing
