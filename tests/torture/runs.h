// The kinds of torture. Each runs its rounds from a seed and answers what they came to; the same
// seed makes the same requests and faults, but for kills by the clock.
//
// Thread safety: used by one thread; each makes folders of its own.

#ifndef MONIKER_TESTS_TORTURE_RUNS_H_
#define MONIKER_TESTS_TORTURE_RUNS_H_

#include <cstdint>
#include <string_view>

#include "torture/tally.h"

namespace moniker::testing {

struct RunOptions {
  std::uint64_t seed = 1;
  std::uint64_t rounds = 10;
};

// A child that uses a vault is killed (SIGKILL), at a call that reads or changes files or at any
// moment; then the vault is held to what the child had been answered.
Tally KillWorkload(const RunOptions& options);

// Likewise, in the midst of one request of a kind, on equal files: "admit", "bulk", "reseal",
// "erase", "expire" or "backup", which is also to restore one.
Tally KillRequest(const RunOptions& options, std::string_view request);

// Likewise, while a child makes a vault, or opens one of format 1 and so brings it to this format.
Tally KillCreation(const RunOptions& options);
Tally KillUpgrade(const RunOptions& options);

// Likewise, while a child enrols some hundred people in chunks: whole chunks are there, of the
// first people, and those that were told to be stored among them.
Tally KillEnroller(const RunOptions& options);

// Likewise, while the program (the path in MONIKER_BINARY) pseudonymizes a file of some thousand
// people and enrols them: the output is there whole or not at all, and so are the people.
Tally KillBatch(const RunOptions& options);

// Power is cut: from a record of all that was written and made durable, the files are put together
// as a disk may hold them afterwards. A round is one record, of some 25 requests.
Tally CutPower(const RunOptions& options);

// As CutPower, on a disk whose fsync does nothing, and for plain tables of SQLite with
// synchronous=NORMAL and FULL: what shows that CutPower would see a loss. Only the last has none.
Tally CutPowerWithLyingSync(const RunOptions& options);
Tally CutPowerOfPlainTables(const RunOptions& options, bool full_sync);

// Each call that reads or changes files fails, or is cut short, once or from then on. Rounds are
// calls; all of them if there are fewer.
Tally FailDiskCalls(const RunOptions& options);

// Each allocation of memory fails, by the program or by SQLite, once or from then on. Rounds are
// allocations; all of them if there are fewer.
Tally FailAllocations(const RunOptions& options);

// Each bit of each file of a small vault is flipped, its records in the database or still in its
// log. Rounds are bits; all of them if there are fewer.
Tally FlipBits(const RunOptions& options, bool in_log);

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_TORTURE_RUNS_H_
