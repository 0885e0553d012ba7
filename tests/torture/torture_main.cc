// Runs one kind of torture and prints what it came to. Exit status: 0 if nothing was lost, wrong,
// half, refused or unnoticed (for a control: if something was); 1 otherwise; 2 for a wrong call.
//
// Usage: torture KIND [--seed S] [--rounds N]

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "torture/allocation_faults.h"
#include "torture/runs.h"

namespace moniker::testing {
namespace {

struct Kind {
  std::function<Tally(const RunOptions&)> run;
  bool must_lose = false;  // a positive control
};

std::function<Tally(const RunOptions&)> KillRequestOf(const char* request) {
  return [request](const RunOptions& options) { return KillRequest(options, request); };
}

const std::map<std::string, Kind, std::less<>>& Kinds() {
  static const std::map<std::string, Kind, std::less<>> kinds = {
      {"kill", {KillWorkload}},
      {"kill-admit", {KillRequestOf("admit")}},
      {"kill-bulk", {KillRequestOf("bulk")}},
      {"kill-reseal", {KillRequestOf("reseal")}},
      {"kill-erase", {KillRequestOf("erase")}},
      {"kill-expire", {KillRequestOf("expire")}},
      {"kill-backup", {KillRequestOf("backup")}},
      {"kill-batch", {KillBatch}},
      {"kill-enroller", {KillEnroller}},
      {"kill-creation", {KillCreation}},
      {"kill-upgrade", {KillUpgrade}},
      {"disk-calls", {FailDiskCalls}},
      {"allocations", {FailAllocations}},
      {"flips", {[](const RunOptions& options) { return FlipBits(options, false); }}},
      {"flips-log", {[](const RunOptions& options) { return FlipBits(options, true); }}},
      {"power", {CutPower}},
      {"power-lying-sync", {CutPowerWithLyingSync, true}},
      {"power-plain-full",
       {[](const RunOptions& options) { return CutPowerOfPlainTables(options, true); }}},
      {"power-plain-normal",
       {[](const RunOptions& options) { return CutPowerOfPlainTables(options, false); }, true}},
  };
  return kinds;
}

int Run(int argc, char** argv) {
  const auto kind = argc > 1 ? Kinds().find(argv[1]) : Kinds().end();
  RunOptions options;
  bool understood = kind != Kinds().end() && argc % 2 == 0;
  for (int i = 2; understood && i < argc; i += 2) {
    const std::uint64_t number = std::strtoull(argv[i + 1], nullptr, 10);
    if (std::strcmp(argv[i], "--seed") == 0) {
      options.seed = number;
    } else if (std::strcmp(argv[i], "--rounds") == 0) {
      options.rounds = number;
    } else {
      understood = false;
    }
  }
  if (!understood) {
    std::fprintf(stderr, "usage: torture KIND [--seed S] [--rounds N]\nkinds:");
    for (const auto& [name, unused] : Kinds()) std::fprintf(stderr, " %s", name.c_str());
    std::fprintf(stderr, "\n");
    return 2;
  }
  // What is durable is simulated: a disk would only make it slower.
  if (std::filesystem::is_directory("/dev/shm")) ::setenv("TMPDIR", "/dev/shm", 0);
  AllocationFaults::Install();
  const Tally tally = kind->second.run(options);
  tally.Print(kind->first);
  if (tally.points == 0) return 1;
  return tally.clean() != kind->second.must_lose ? 0 : 1;
}

}  // namespace
}  // namespace moniker::testing

int main(int argc, char** argv) { return moniker::testing::Run(argc, argv); }
