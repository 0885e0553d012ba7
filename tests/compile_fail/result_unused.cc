#include "moniker/result.h"

moniker::Result<int> Load();

void Run() {
#ifdef MONIKER_BAD_LINE
  Load();
#endif
  static_cast<void>(Load());
}
