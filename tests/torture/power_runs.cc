#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <random>
#include <set>
#include <stdexcept>
#include <string>

#include "sqlite/plain_sqlite.h"
#include "support/records.h"
#include "support/temporary_folder.h"
#include "torture/disk_record.h"
#include "torture/runs.h"
#include "torture/vault_check.h"
#include "torture/workload.h"

namespace moniker::testing {
namespace {

constexpr int kRequests = 25;

// Calls `look` with what the disk may hold, at each sync, each request and some places between from
// event `first` on, in every way that what was not made durable may have been kept.
template <typename Look>
void CutPowerEverywhere(const DiskRecorder& record, std::size_t first, bool sync_works,
                        std::mt19937_64* random, Look look) {
  DiskReplay replay(record.before(), sync_works);
  Ledger ledger;
  for (std::size_t i = 0; i < record.events().size(); ++i) {
    const DiskEvent& event = record.events()[i];
    const bool is_sync = event.kind == DiskEvent::kSync || event.kind == DiskEvent::kSyncFolder;
    const bool is_place = is_sync || event.kind == DiskEvent::kBegin || (*random)() % 4 == 0;
    if (i >= first && is_place) {
      for (const Unsynced unsynced : kAllUnsynced) {
        look(replay.CutPower(unsynced, random), ledger);
      }
    }
    replay.Apply(event);
    if (event.kind == DiskEvent::kBegin) ledger.Begin(event.step);
    if (event.kind == DiskEvent::kDone) ledger.Done(event.step.external_ids);
  }
  for (const Unsynced unsynced : kAllUnsynced) look(replay.CutPower(unsynced, random), ledger);
}

Tally CutPowerOfVault(const RunOptions& options, bool sync_works) {
  std::mt19937_64 random(options.seed);
  Tally tally;
  for (std::uint64_t round = 0; round < options.rounds; ++round) {
    const TemporaryFolder folder;
    const std::string path = folder.File("v");
    const Protector key = Expect(Protector::NewKeyFile(folder.File("v.key")));
    DiskRecorder record(path);
    std::size_t made = 0;
    {
      const WatchDisk watch(&record);
      Expect(MakeVault(path, random() % 2 == 0 ? VaultMode::kDerived : VaultMode::kEnrolled, key));
      made = record.events().size();
      const Vault vault = Expect(Vault::Open(path, key));
      Workload workload(vault, path, Ledger(), {.seed = random(), .bulk = 60}, &record);
      for (int i = 0; i < kRequests; ++i) {
        const Status status = workload.Next();
        if (!status.ok()) tally.Note(&tally.refused, status.message());
      }
    }
    CutPowerEverywhere(record, made, sync_works, &random,
                       [&](const DiskImage& image, const Ledger& ledger) {
                         ++tally.points;
                         image.WriteTo(folder.File("after"));
                         CheckVault(folder.File("after"), key, ledger, &tally);
                       });
  }
  return tally;
}

// Rows of a table of SQLite's own, each acknowledged when COMMIT returns.
void AddRows(const std::string& path, bool full_sync, DiskRecorder* record) {
  PlainSqlite database(path);
  database.Run("PRAGMA journal_mode=WAL");
  database.Run(full_sync ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
  for (std::uint64_t i = 0; i < kRequests; ++i) {
    record->Begin({.kind = Step::kAdmit, .first = i, .count = 1});
    database.Run("INSERT INTO t VALUES (" + std::to_string(i) + ")");
    record->Done({});
  }
}

void CheckRows(const std::string& path, const Ledger& ledger, Tally* tally) {
  std::set<std::string> rows;
  try {
    const PlainSqlite database(path);
    for (const std::string& row : Column(database.handle(), "SELECT i FROM t")) rows.insert(row);
  } catch (const std::runtime_error&) {
    tally->Note(&tally->refused, "the table cannot be read");
  }
  for (const Step& step : ledger.steps()) {
    if (!step.done) continue;
    ++tally->acknowledged;
    if (!rows.contains(std::to_string(step.first))) {
      tally->Note(&tally->lost, "an acknowledged row");
    }
  }
}

}  // namespace

Tally CutPower(const RunOptions& options) { return CutPowerOfVault(options, true); }
Tally CutPowerWithLyingSync(const RunOptions& options) { return CutPowerOfVault(options, false); }

Tally CutPowerOfPlainTables(const RunOptions& options, bool full_sync) {
  std::mt19937_64 random(options.seed);
  Tally tally;
  for (std::uint64_t round = 0; round < options.rounds; ++round) {
    const TemporaryFolder folder;
    const std::string path = folder.File("d");
    std::filesystem::create_directory(path);
    PlainSqlite(path + "/rows.sqlite").Run("CREATE TABLE t (i INTEGER)");
    DiskRecorder record(path);
    {
      const WatchDisk watch(&record);
      AddRows(path + "/rows.sqlite", full_sync, &record);
    }
    CutPowerEverywhere(record, 0, true, &random, [&](const DiskImage& image, const Ledger& ledger) {
      ++tally.points;
      image.WriteTo(folder.File("after"));
      CheckRows(folder.File("after/rows.sqlite"), ledger, &tally);
    });
  }
  return tally;
}

}  // namespace moniker::testing
