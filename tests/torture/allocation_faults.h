// Lets allocations of memory fail: those of this program and the library (operator new), and those
// of SQLite.
//
// Thread safety: the allocations of the thread that arms are counted, and no others.

#ifndef MONIKER_TESTS_TORTURE_ALLOCATION_FAULTS_H_
#define MONIKER_TESTS_TORTURE_ALLOCATION_FAULTS_H_

#include <cstdint>

namespace moniker::testing {

struct AllocationFaults {
  // Once in a program, before SQLite is used.
  static void Install();

  // From now on allocations are counted from 1, and number `fail_at` fails, and with `for_good`
  // each after it. 0 counts alone.
  static void Arm(std::uint64_t fail_at, bool for_good);

  // How many there were.
  static std::uint64_t Disarm();
};

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_TORTURE_ALLOCATION_FAULTS_H_
