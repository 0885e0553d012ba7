/* Prints the version that the library says it has. */

#include <stdio.h>

#include "moniker/c.h"

int main(void) {
  printf("%s\n", moniker_version());
  return moniker_abi_version() == MONIKER_ABI_VERSION ? 0 : 1;
}
