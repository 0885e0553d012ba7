// Lets the system calls of this program fail one by one, or kills the program at one: those that
// make or change files, made by the library and by SQLite alike.

#ifndef MONIKER_TESTS_VAULT_SYSTEM_CALLS_H_
#define MONIKER_TESTS_VAULT_SYSTEM_CALLS_H_

#include <string>

namespace moniker::testing {

struct SystemCalls {
  static constexpr int kNever = -1;

  // From now on calls are counted from 0, and number `call` fails with `error`, or the program is
  // killed before it if `error` is 0. Only calls of the thread that arms are counted.
  static void Arm(int call, int error);

  // Counts no longer; true if the armed call was reached.
  static bool Disarm();

  // The name of the call that failed last ("fsync").
  static std::string last_failed();
};

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_VAULT_SYSTEM_CALLS_H_
