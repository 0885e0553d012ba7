// One use of a vault, made again and again on equal files, so that one of its calls after the other
// can fail.
//
// Thread safety: used by one thread.

#ifndef MONIKER_TESTS_TORTURE_SCENARIO_H_
#define MONIKER_TESTS_TORTURE_SCENARIO_H_

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "moniker/keyring.h"
#include "moniker/status.h"
#include "torture/disk_record.h"
#include "torture/ledger.h"
#include "torture/tally.h"
#include "torture/workload.h"

namespace moniker::testing {

struct Scenario {
  std::string name;
  VaultMode mode = VaultMode::kDerived;
  // On an open vault. None: the vault is made, opened, restored, or brought to this format.
  std::function<Status(Workload*)> use = nullptr;
  enum Kind { kUse, kOpen, kCreate, kUpgrade, kRestore } kind = kUse;
};

// One for each kind of request and mode.
const std::vector<Scenario>& AllScenarios();

// What lets something fail: armed just before the use and disarmed just after.
class Fault {
 public:
  virtual ~Fault() = default;
  virtual void Arm() = 0;
  virtual void Disarm() = 0;
  // Whether a file may be left that a use without faults does not leave.
  virtual bool may_leave_files() const = 0;
};

// Runs the scenario on fresh files while the fault is armed; adds to `tally` what is wrong with
// what is left: crashes aside, a request that was acknowledged and is not there, one that is there
// in part, a vault that does not open, memory, files or descriptors that are left behind.
void RunWithFault(const Scenario& scenario, Fault* fault, Tally* tally);

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_TORTURE_SCENARIO_H_
