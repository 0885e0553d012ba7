#include "crypto/kernels.h"

#include "crypto/lanes.h"

namespace moniker::internal {
namespace {

std::vector<Kernel<Blake2bKey>> FindBlake2bKernels() {
  std::vector<Kernel<Blake2bKey>> kernels = {{"scalar", 1, &HashBlake2b}};
  AppendBlake2bRows(&kernels);
#if defined(MONIKER_WITH_HIGHWAY)
  AppendBlake2bLanes(&kernels);
#endif
  return kernels;
}

std::vector<Kernel<HmacSha256Key>> FindHmacSha256Kernels() {
  std::vector<Kernel<HmacSha256Key>> kernels = {{"scalar", 1, &HashHmacSha256}};
#if defined(MONIKER_WITH_HIGHWAY)
  AppendHmacSha256Lanes(&kernels);
#endif
  AppendHmacSha256Ni(&kernels);
  return kernels;
}

}  // namespace

std::span<const Kernel<Blake2bKey>> Blake2bKernels() {
  static const std::vector<Kernel<Blake2bKey>> kernels = FindBlake2bKernels();
  return kernels;
}

std::span<const Kernel<HmacSha256Key>> HmacSha256Kernels() {
  static const std::vector<Kernel<HmacSha256Key>> kernels = FindHmacSha256Kernels();
  return kernels;
}

std::vector<std::string_view> KernelNames(Suite suite) {
  std::vector<std::string_view> names;
  if (suite == Suite::kHmacSha256) {
    for (const auto& kernel : HmacSha256Kernels()) names.push_back(kernel.name);
  } else {
    for (const auto& kernel : Blake2bKernels()) names.push_back(kernel.name);
  }
  return names;
}

}  // namespace moniker::internal
