// Where libFuzzer begins.

#include "fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  moniker::testing::FuzzOne({data, size});
  return 0;
}
