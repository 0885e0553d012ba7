#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>

#include "moniker/vault.h"
#include "support/records.h"
#include "support/temporary_folder.h"
#include "torture/disk_record.h"
#include "torture/kill_child.h"
#include "torture/runs.h"
#include "torture/vault_check.h"

namespace moniker::testing {
namespace {

constexpr std::uint64_t kPeople = 600;

std::string TableOfPeople() {
  std::string table = "mrn,who,day\n";
  for (std::uint64_t number = 0; number < kPeople; ++number) {
    table += IdOfPerson(number) + "," + NameOfPerson(number, false) + ",2025-01-01\n";
  }
  return table;
}

// A derived vault, so that each run of the program has to give the same output.
class Batch {
 public:
  explicit Batch(std::string program) : program_(std::move(program)) {
    const Protector key = Expect(Protector::NewKeyFile(folder_.File("v.key")));
    Expect(MakeVault(folder_.File("v"), VaultMode::kDerived, key));
    original_ = DiskRecorder(folder_.File("v")).before();
    WriteBytes(folder_.File("in.csv"), TableOfPeople());
    const auto start = std::chrono::steady_clock::now();
    Run({});
    time_ = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                  start);
    if (std::filesystem::exists(Output())) expected_ = ReadBytes(Output());
  }

  // As if the program had never run.
  void Reset() {
    std::filesystem::remove(Output());
    original_.WriteTo(folder_.File("v"));
  }

  // What was wrong with how the program ended, if anything.
  std::string Run(const MomentOfDeath& moment) {
    return RunAndKill(moment, [this](PipeJournal*) {
      ::dup2(::open("/dev/null", O_RDWR), STDERR_FILENO);
      ::execl(program_.c_str(), "moniker", "pseudonymize", folder_.File("v").c_str(), "--column",
              ("mrn=" + std::string(kIssuer)).c_str(), "--name-column", "who", "--enroll", "-o",
              Output().c_str(), folder_.File("in.csv").c_str(), nullptr);
      ::_exit(1);
    });
  }

  void Check(Tally* tally) {
    const bool done = std::filesystem::exists(Output());
    if (done && ReadBytes(Output()) != expected_) tally->Note(&tally->half, "a part of the output");
    for (const std::string& name : NamesIn(folder_.path())) {
      if (name != "v" && name != "v.key" && name != "in.csv" && name != "out.csv") {
        tally->Note(&tally->refused, "a file is left");
      }
    }
    const Result<Vault> vault = Vault::Open(folder_.File("v"), OwnKey(folder_.File("v.key")));
    const Result<StoreCounts> counts = vault.ok() ? vault->Count() : vault.status();
    if (!counts.ok()) return tally->Note(&tally->refused, counts.status().message());
    if (counts->persons != 0 && counts->persons != kPeople) {
      tally->Note(&tally->half, "a part of the people is enrolled");
    }
    if (!done) return;
    tally->acknowledged += kPeople;
    if (counts->persons != kPeople) {
      tally->Note(&tally->lost, "people of the output", kPeople - counts->persons);
    }
  }

  std::chrono::microseconds time() const { return time_; }
  bool works() const { return expected_.find("mrn") != std::string::npos; }

 private:
  std::string Output() const { return folder_.File("out.csv"); }

  std::string program_;
  TemporaryFolder folder_;
  DiskImage original_;
  std::string expected_;
  std::chrono::microseconds time_{0};
};

}  // namespace

Tally KillBatch(const RunOptions& options) {
  Tally tally;
  const char* const program = std::getenv("MONIKER_BINARY");
  if (program == nullptr) {
    tally.Note(&tally.refused, "MONIKER_BINARY is not set");
    return tally;
  }
  std::mt19937_64 random(options.seed);
  Batch batch(program);
  if (!batch.works()) tally.Note(&tally.refused, "the program gives another output");
  for (std::uint64_t round = 0; round < options.rounds; ++round) {
    batch.Reset();
    const std::string failure = batch.Run(RandomMoment(&random, 0, batch.time()));
    if (!failure.empty()) tally.Note(&tally.refused, failure);
    ++tally.points;
    batch.Check(&tally);
    // Run again it gives what it would have given.
    const std::string again = batch.Run({});
    if (!again.empty()) tally.Note(&tally.refused, again);
    batch.Check(&tally);
  }
  return tally;
}

}  // namespace moniker::testing
