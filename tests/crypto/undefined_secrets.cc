// For valgrind: keys and messages are marked as undefined, so that memcheck reports each branch and
// each address that depends on them. The sizes of messages are public.
// Usage: undefined_secrets [--control]; with it, branches on a digest, which must be reported.

#include <valgrind/memcheck.h>

#include <cstdio>
#include <string_view>
#include <vector>

#include "crypto/kernel_cases.h"

int main(int argc, char** argv) {
  using moniker::Digest;
  using moniker::testing::Message;
  if (sodium_init() < 0) return 2;
  std::vector<std::uint8_t> key(32, 5);
  std::vector<std::uint8_t> pool(1200, 9);
  std::vector<std::size_t> sizes = {0,  1,  7,   8,   31,  32,  35,  48,  55,  56,   63,  64,
                                    65, 90, 111, 127, 128, 129, 192, 255, 256, 1092, 300, 2};
  for (std::size_t i = 0; i < 40; ++i) sizes.push_back(35);
  std::vector<Message> messages;
  for (const std::size_t size : sizes) messages.push_back(Message(pool).first(size));
  std::vector<Digest> digests(messages.size());

  (void)VALGRIND_MAKE_MEM_UNDEFINED(key.data(), key.size());
  (void)VALGRIND_MAKE_MEM_UNDEFINED(pool.data(), pool.size());
  int control = 0;
  for (const auto& kernel : moniker::testing::KernelCases(key)) {
    for (std::size_t count = 0; count <= messages.size(); ++count) {
      kernel.hash(std::span(messages).first(count), std::span(digests).first(count));
    }
    if (argc > 1 && std::string_view(argv[1]) == "--control" && digests[0][0] > 127) ++control;
    std::printf("%s\n", kernel.name.c_str());
  }
  std::printf("undefined: %s\n",
              VALGRIND_CHECK_MEM_IS_DEFINED(digests.data(), 32) != 0 ? "yes" : "no");
  return control > 100 ? 3 : 0;
}
