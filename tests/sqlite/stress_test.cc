// Sixteen writers and four readers in threads and processes, on one store, for some time:
//
//     sqlite_stress [--seconds N]
//
// Every commit that was acknowledged must be there whenever somebody looks, and at the end. How
// many there are depends on the machine; whether one is missing does not.

#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <new>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "moniker/sqlite_backend.h"
#include "sqlite/plain_sqlite.h"
#include "support/records.h"
#include "support/temporary_folder.h"

namespace moniker {
namespace {

using testing::Expect;

constexpr std::size_t kProcesses = 4;
constexpr std::size_t kWritersEach = 4;
constexpr std::size_t kReadersEach = 1;
constexpr std::size_t kWriters = kProcesses * kWritersEach;

// In memory that all processes share.
struct Progress {
  std::array<std::atomic<std::uint64_t>, kWriters> acknowledged{};
  std::atomic<std::uint64_t> looks{0};
  std::atomic<std::uint64_t> missing{0};
  std::atomic<std::uint64_t> errors{0};
  std::atomic<std::uint64_t> longest_wait_ms{0};
  std::atomic<bool> stop{false};
};

Progress& MakeProgress() {
  void* const memory =
      ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("no shared memory");
  return *new (memory) Progress;
}

// Record `number` of a writer; tag and content follow from both.
SealedRecord RecordOf(std::size_t writer, std::uint64_t number) {
  std::array<std::uint8_t, 16> tag{};
  // Not in the order of writing, as real tags are not.
  const std::uint64_t spread = number * 0x9e3779b97f4a7c15u;
  std::memcpy(tag.data(), &spread, sizeof spread);
  tag[15] = static_cast<std::uint8_t>(writer);
  const std::size_t size = number % 250 == 249 ? 1'500'000 : 100 + number % 7 * 900;
  return {RecordTag(tag), SealedBytes(size, static_cast<std::uint8_t>(number + writer))};
}

void Write(StorageBackend& backend, std::size_t writer, Progress& progress) {
  for (std::uint64_t number = 0; !progress.stop; ++number) {
    const SealedRecord record = RecordOf(writer, number);
    const auto start = std::chrono::steady_clock::now();
    const auto transaction = Expect(backend.Begin());
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start);
    std::uint64_t longest = progress.longest_wait_ms;
    const auto now = static_cast<std::uint64_t>(waited.count());
    while (longest < now && !progress.longest_wait_ms.compare_exchange_weak(longest, now)) {
    }
    Expect(transaction->PutMany(Table::kPerson, {&record, 1}));
    Expect(transaction->Commit());
    progress.acknowledged[writer] = number + 1;
  }
}

// One acknowledged record of each writer.
void Look(StorageBackend& backend, std::mt19937_64& random, Progress& progress) {
  for (std::size_t writer = 0; writer < kWriters; ++writer) {
    const std::uint64_t count = progress.acknowledged[writer];
    if (count == 0) continue;
    const SealedRecord expected = RecordOf(writer, random() % count);
    progress.missing += testing::FindOne(backend, Table::kPerson, expected.tag) != expected.sealed;
    ++progress.looks;
  }
}

// The whole work of a process. An error of the store counts and ends the thread.
void Work(const std::string& folder, std::size_t process, Progress& progress) {
  const auto shared = Expect(OpenSqliteStore(folder));
  const auto guarded = [&progress](const auto& work) {
    try {
      work();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
      ++progress.errors;
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kWritersEach; ++i) {
    threads.emplace_back(
        [&, i] { guarded([&] { Write(*shared, process * kWritersEach + i, progress); }); });
  }
  for (std::size_t i = 0; i < kReadersEach; ++i) {
    threads.emplace_back([&, i] {
      guarded([&] {
        std::mt19937_64 random(process * 100 + i);
        while (!progress.stop) Look(*shared, random, progress);
      });
    });
  }
  for (std::thread& thread : threads) thread.join();
}

std::uint64_t CountMissing(const std::string& folder, const Progress& progress,
                           std::uint64_t* stored) {
  const auto backend = Expect(OpenSqliteStore(folder));
  *stored = Expect(backend->Count(Table::kPerson));
  std::uint64_t missing = 0;
  for (std::size_t writer = 0; writer < kWriters; ++writer) {
    for (std::uint64_t number = 0; number < progress.acknowledged[writer]; ++number) {
      const SealedRecord expected = RecordOf(writer, number);
      missing += testing::FindOne(*backend, Table::kPerson, expected.tag) != expected.sealed;
    }
  }
  return missing;
}

int Run(int seconds) {
  const testing::TemporaryFolder folder;
  Expect(CreateSqliteStore(folder.path()));
  Progress& progress = MakeProgress();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  std::vector<pid_t> children;
  for (std::size_t process = 0; process < kProcesses; ++process) {
    const pid_t child = ::fork();
    if (child == 0) {
      Work(folder.path(), process, progress);
      ::_exit(0);
    }
    children.push_back(child);
  }
  std::this_thread::sleep_until(end);
  progress.stop = true;
  int died = 0;
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    died += status != 0;
  }

  std::uint64_t stored = 0;
  const std::uint64_t lost = CountMissing(folder.path(), progress, &stored);
  std::uint64_t acknowledged = 0;
  std::uint64_t least = ~std::uint64_t{0};
  std::uint64_t most = 0;
  for (const auto& count : progress.acknowledged) {
    acknowledged += count;
    least = std::min<std::uint64_t>(least, count);
    most = std::max<std::uint64_t>(most, count);
  }
  testing::PlainSqlite database(folder.File("store.sqlite"));
  const std::string integrity = database.Text("PRAGMA integrity_check");
  std::printf(
      "%zu writers (least %llu, most %llu commits; longest wait %llu ms), %llu commits "
      "acknowledged, %llu stored, %llu lost; %llu looks, %llu missed; %llu errors, %d died; "
      "integrity %s; SQLite %s\n",
      kWriters, static_cast<unsigned long long>(least), static_cast<unsigned long long>(most),
      static_cast<unsigned long long>(progress.longest_wait_ms),
      static_cast<unsigned long long>(acknowledged), static_cast<unsigned long long>(stored),
      static_cast<unsigned long long>(lost), static_cast<unsigned long long>(progress.looks),
      static_cast<unsigned long long>(progress.missing),
      static_cast<unsigned long long>(progress.errors), died, integrity.c_str(),
      sqlite3_libversion());
  const bool good = lost == 0 && stored == acknowledged && acknowledged > 0 &&
                    progress.missing == 0 && progress.errors == 0 && died == 0 && integrity == "ok";
  return good ? 0 : 1;
}

}  // namespace
}  // namespace moniker

int main(int argc, char** argv) {
  int seconds = 3;
  if (argc == 3 && std::strcmp(argv[1], "--seconds") == 0) {
    seconds = std::atoi(argv[2]);
  } else if (argc != 1) {
    std::fprintf(stderr, "usage: %s [--seconds N]\n", argv[0]);
    return 2;
  }
  return moniker::Run(seconds);
}
