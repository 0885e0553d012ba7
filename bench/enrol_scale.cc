// Enrolling very many persons, beside plain SQLite that inserts rows of the same bytes; and looking
// one up afterwards. One process for each, so that each has its own peak of memory.
// bench/enrol_scale.py runs it.
//
// Usage: enrol_scale moniker|plain FOLDER PERSONS
// Prints lines `stored N SECONDS` while it goes on, then `seconds`, `bytes`, `peak_kib`,
// `lookup_p50_us`, `lookup_p99_us` and `lookup_us` (mean), `open_us`.

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "moniker/anonymizer.h"
#include "moniker/enroller.h"
#include "moniker/sqlite_backend.h"
#include "moniker/vault.h"
#include "store/mapping_store.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kIssuer = "mrn.hospital-a";
constexpr std::size_t kLookups = 20'000;
// What a person of this program takes: docs/formats/mapping-store.md, sections 3 and 4.
constexpr std::array<std::size_t, 2> kSealedSizes = {178, 114};

[[noreturn]] void Fail(const char* what, std::string_view why) {
  std::cerr << "enrol_scale: " << what << ": " << why << "\n";
  std::exit(1);
}

void Require(const char* what, const moniker::Status& status) {
  if (!status.ok()) Fail(what, status.message());
}

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string IdOf(std::uint64_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "MRN-%08llu", static_cast<unsigned long long>(number));
  return text;
}

std::string NameOf(std::uint64_t number) {
  return "Given" + std::to_string(number % 977) + " Surname" + std::to_string(number % 99'991);
}

void PrintMemory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) {
      std::cout << "peak_kib " << std::strtoull(line.c_str() + 6, nullptr, 10) << "\n";
    }
  }
}

void PrintBytes(const std::string& folder, const std::string& name) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with(name)) bytes += entry.file_size();
  }
  std::cout << "bytes " << bytes << "\n";
}

// Each of some persons chosen at random, once to have seen it and once by the clock.
void MeasureLookups(std::uint64_t persons, const std::function<void(std::uint64_t)>& look_up) {
  std::mt19937_64 random(7);
  std::vector<std::uint64_t> numbers(kLookups);
  for (std::uint64_t& number : numbers) number = random() % persons;
  for (const std::uint64_t number : numbers) look_up(number);
  std::vector<double> times;
  for (const std::uint64_t number : numbers) {
    const auto start = Clock::now();
    look_up(number);
    times.push_back(1e6 * SecondsSince(start));
  }
  std::ranges::sort(times);
  double sum = 0;
  for (const double time : times) sum += time;
  std::cout << "lookup_p50_us " << times[kLookups / 2] << "\nlookup_p99_us "
            << times[kLookups * 99 / 100] << "\nlookup_us " << sum / kLookups << "\n";
}

void EnrolPersons(const moniker::Vault& vault, std::uint64_t persons) {
  auto enroller = moniker::Enroller::Create(vault, {});
  Require("enroller", enroller.status());
  const auto start = Clock::now();
  std::uint64_t told = 0;
  const auto tell = [&] {
    if (enroller->stored() == told) return;
    told = enroller->stored();
    std::cout << "stored " << told << " " << SecondsSince(start) << std::endl;
  };
  for (std::uint64_t number = 0; number < persons; ++number) {
    const std::string id = IdOf(number);
    const std::string name = NameOf(number);
    Require("person", enroller->Add({kIssuer, id, name}));
    if (number % 1024 == 0) tell();
  }
  Require("finish", enroller->Finish());
  tell();
  std::cout << "seconds " << SecondsSince(start) << "\n";
}

// Link and person, opened, as Resolver reads them, without the audit entry.
void LookUpPersons(const std::string& path, std::uint64_t persons) {
  moniker::Keyring keyring = *moniker::Vault::OpenKeyring(path, moniker::Protector::Remembered());
  const auto anonymizer = *moniker::Anonymizer::Create(keyring, moniker::Scope::App());
  auto store = moniker::internal::MappingStore::Open(std::move(keyring),
                                                     *moniker::OpenSqliteStore(path), nullptr);
  Require("open", store.status());
  MeasureLookups(persons, [&](std::uint64_t number) {
    const std::string id = IdOf(number);
    const moniker::ExternalId external = anonymizer.Pseudonymize({kIssuer, id})->external_id();
    const std::string_view text = external.text();
    auto found = (*store)->FindMany({&text, 1});
    if (!found.ok() || !(*found)[0]) Fail("lookup", "not found");
    const auto person = (*store)->ReadPersons({&(*found)[0]->link, 1});
    if (!person.ok() || !(*person)[0] || (*person)[0]->id.Expose() != id) {
      Fail("lookup", "another person");
    }
  });
}

void RunMoniker(const std::string& folder, std::uint64_t persons) {
  const std::string path = folder + "/vault";
  const auto protector = moniker::Protector::NewKeyFile(folder + "/key");
  moniker::Vault::Options options;
  options.keyring.app = "bench";
  Require("create", moniker::Vault::Create(path, std::move(options), *protector));
  {
    const auto vault = moniker::Vault::Open(path);
    Require("open", vault.status());
    EnrolPersons(*vault, persons);
  }
  PrintMemory();
  PrintBytes(path, "store.sqlite");
  const auto start = Clock::now();
  Require("open", moniker::Vault::Open(path).status());
  std::cout << "open_us " << 1e6 * SecondsSince(start) << "\n";
  LookUpPersons(path, persons);
}

using Tag = std::array<std::uint8_t, 16>;

Tag TagOf(std::uint64_t number, std::uint64_t table) {
  Tag tag;
  std::uint64_t state = number * 2 + table;
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t mixed = (state += 0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    mixed ^= mixed >> 31;
    std::memcpy(tag.data() + 8 * half, &mixed, 8);
  }
  return tag;
}

// The same tables, rows, settings and chunks, in the order of tags too; the time for putting them
// into this order is not counted.
class Plain {
 public:
  explicit Plain(const std::string& path)
      : database_(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {
    database_.exec(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
        "PRAGMA secure_delete=ON; PRAGMA cache_size=-16384");
    for (const char* table : {"person", "external_id"}) {
      database_.exec(std::string("CREATE TABLE IF NOT EXISTS ") + table +
                     " (row INTEGER PRIMARY KEY, tag BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL)"
                     " STRICT");
      insert_.emplace_back(database_,
                           std::string("INSERT INTO ") + table + " (tag, sealed) VALUES (?, ?)");
      find_.emplace_back(database_, std::string("SELECT sealed FROM ") + table + " WHERE tag = ?");
    }
  }

  double Insert(std::uint64_t first, std::uint64_t count) {
    std::array<std::vector<Tag>, 2> tags;
    for (std::size_t table = 0; table < 2; ++table) {
      for (std::uint64_t i = 0; i < count; ++i) tags[table].push_back(TagOf(first + i, table));
      std::ranges::sort(tags[table]);
    }
    const auto start = Clock::now();
    database_.exec("BEGIN IMMEDIATE");
    for (std::size_t table = 0; table < 2; ++table) {
      const std::string sealed(kSealedSizes[table], 'x');
      for (const Tag& tag : tags[table]) {
        SQLite::Statement& statement = insert_[table];
        statement.bindNoCopy(1, tag.data(), static_cast<int>(tag.size()));
        statement.bindNoCopy(2, sealed.data(), static_cast<int>(sealed.size()));
        statement.exec();
        statement.reset();
      }
    }
    database_.exec("COMMIT");
    database_.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return SecondsSince(start);
  }

  void LookUp(std::uint64_t number) {
    for (const std::size_t table : {1u, 0u}) {
      const Tag tag = TagOf(number, table);
      SQLite::Statement& statement = find_[table];
      statement.bindNoCopy(1, tag.data(), static_cast<int>(tag.size()));
      if (!statement.executeStep() || statement.getColumn(0).getBytes() == 0) {
        Fail("plain", "not found");
      }
      statement.reset();
    }
  }

 private:
  SQLite::Database database_;
  std::vector<SQLite::Statement> insert_;
  std::vector<SQLite::Statement> find_;
};

void RunPlain(const std::string& folder, std::uint64_t persons) {
  {
    Plain plain(folder + "/plain.sqlite");
    double seconds = 0;
    std::uint64_t count = 0;
    for (std::uint64_t first = 0; first < persons; first += count) {
      // As Enroller chooses them.
      count = std::clamp(first / 4, std::uint64_t{1} << 17, std::uint64_t{1} << 21);
      count = std::min(count, persons - first);
      seconds += plain.Insert(first, count);
      std::cout << "stored " << first + count << " " << seconds << std::endl;
    }
    std::cout << "seconds " << seconds << "\n";
  }
  PrintMemory();
  PrintBytes(folder, "plain.sqlite");
  Plain plain(folder + "/plain.sqlite");
  MeasureLookups(persons, [&](std::uint64_t number) { plain.LookUp(number); });
}

}  // namespace

int main(int argc, char** argv) {
  const std::string kind = argc == 4 ? argv[1] : "";
  const std::uint64_t persons = argc == 4 ? std::strtoull(argv[3], nullptr, 10) : 0;
  if (persons == 0 || (kind != "moniker" && kind != "plain")) {
    std::cerr << "usage: enrol_scale moniker|plain FOLDER PERSONS\n";
    return 2;
  }
  if (kind == "moniker") {
    RunMoniker(argv[2], persons);
  } else {
    RunPlain(argv[2], persons);
  }
  return 0;
}
