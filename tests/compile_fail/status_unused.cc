#include "moniker/status.h"

moniker::Status Save();

void Run() {
#ifdef MONIKER_BAD_LINE
  Save();
#endif
  static_cast<void>(Save());
}
