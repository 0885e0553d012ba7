// There is no default scope.
#include "moniker/scope.h"

moniker::Scope Make() {
#ifdef MONIKER_BAD_LINE
  return moniker::Scope();
#endif
  return moniker::Scope::App();
}
