// An error has no value: the way to it is through operator*, which checks.
#include "moniker/result.h"

moniker::Result<int> Load();

int Run() {
#ifdef MONIKER_BAD_LINE
  return Load();
#endif
  return *Load();
}
