// Derives external IDs of a fixed number of identifiers in each of some threads that share one
// Anonymizer: bench/threads.py runs it.
//
// Usage: derive_threads blake2b|hmac-sha256 THREADS BATCHES
// A batch is 1,024 identifiers. Prints identifiers, seconds on the clock and of the processors.

#include <sys/resource.h>

#include <barrier>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "moniker/anonymizer.h"

namespace {

constexpr std::size_t kCount = 1024;

void Derive(const moniker::Anonymizer& anonymizer, std::size_t thread, long batches) {
  std::vector<std::string> ids;
  std::vector<moniker::Identifier> identifiers;
  for (std::size_t i = 0; i < kCount; ++i) {
    ids.push_back(std::to_string(1'000'000'000'000 + thread * kCount + i));
  }
  for (const std::string& id : ids) identifiers.push_back({"mrn.hospital-alpha", id});
  std::vector<moniker::ExternalId::Text> texts(kCount);
  for (long i = 0; i < batches; ++i) {
    if (!anonymizer.ExternalIdsOfMany(identifiers, texts).ok()) std::exit(1);
  }
}

double ProcessorSeconds() {
  rusage usage;
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto suite = std::string_view(argv[1]) == "blake2b" ? moniker::Suite::kBlake2b
                                                            : moniker::Suite::kHmacSha256;
  const auto thread_count = static_cast<std::size_t>(std::atoi(argv[2]));
  const long batches = std::atol(argv[3]);
  const auto root = moniker::MakePrf(suite, *moniker::SecretBytes::Allocate(moniker::kKeySize));
  const auto anonymizer = moniker::Anonymizer::Create(**root, "bench", moniker::Scope::App());
  Derive(*anonymizer, 0, batches / 10);  // what is set up at first use, and the clock's frequency
  std::barrier begin(static_cast<std::ptrdiff_t>(thread_count) + 1);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < thread_count; ++i) {
    threads.emplace_back([&, i] {
      begin.arrive_and_wait();
      Derive(*anonymizer, i, batches);
    });
  }
  const double processor = ProcessorSeconds();
  const auto start = std::chrono::steady_clock::now();
  begin.arrive_and_wait();
  for (std::jthread& thread : threads) thread.join();
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  std::printf("%zu %.6f %.6f\n", thread_count * static_cast<std::size_t>(batches) * kCount,
              taken.count(), ProcessorSeconds() - processor);
}
