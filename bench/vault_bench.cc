// Admitting and resolving through a vault on disk, beside plain SQLite that inserts rows of the
// same size durably.

#include <SQLiteCpp/SQLiteCpp.h>
#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
#include "moniker/vault.h"

namespace {

using moniker::IdentityGate;
using moniker::Protector;
using moniker::Scope;
using moniker::Vault;

class Folder {
 public:
  Folder() {
    char path[] = "/tmp/moniker-bench.XXXXXX";
    path_ = ::mkdtemp(path);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

Vault MakeVault(const Folder& folder) {
  const auto protector = Protector::NewKeyFile(folder / "key");
  Vault::Options options;
  options.keyring.app = "bench";
  if (!Vault::Create(folder / "vault", std::move(options), *protector).ok()) std::exit(1);
  return *Vault::Open(folder / "vault");
}

std::string IdOf(std::size_t i) { return "mrn-" + std::to_string(i); }

// One vault for all threads of a benchmark.
struct SharedVault {
  Folder folder;
  Vault vault = MakeVault(folder);
  IdentityGate gate = *IdentityGate::Create(vault, {.scope = Scope::App()});
  moniker::Resolver resolver = moniker::Resolver::Create(vault);
  std::atomic<std::size_t> next_person = 0;
};
std::unique_ptr<SharedVault> shared;

// Made before the first and removed after the last of the threads is at work, which the library of
// benchmarks sees to.
void MakeShared(const benchmark::State&) { shared = std::make_unique<SharedVault>(); }
void RemoveShared(const benchmark::State&) { shared.reset(); }

void Admit(benchmark::State& state) {
  for (auto _ : state) {
    const std::string id = IdOf(shared->next_person++);
    const auto who = shared->gate.Admit({"mrn.hospital-a", id, "Bench Person"}, "Patient");
    if (!who.ok()) state.SkipWithError("not admitted");
  }
  state.SetItemsProcessed(state.iterations());
}

void AdmitAgain(benchmark::State& state) {
  const Folder folder;
  const Vault vault = MakeVault(folder);
  const auto gate = IdentityGate::Create(vault, {.scope = Scope::App()});
  for (auto _ : state) {
    const auto who = gate->Admit({"mrn.hospital-a", "00123456", "Bench Person"}, "Patient");
    if (!who.ok()) state.SkipWithError("not admitted");
  }
  state.SetItemsProcessed(state.iterations());
}

// What an admission writes, of the same sizes in tables of the same shape: a person and a
// pseudonym, and with `manifest` also the record that an admission brings up to date.
void PlainSqlite(benchmark::State& state, bool manifest) {
  const Folder folder;
  SQLite::Database database(folder / "plain.sqlite", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  database.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=1000");
  for (const char* table : {"person", "external_id", "meta"}) {
    database.exec(std::string("CREATE TABLE ") + table +
                  " (row INTEGER PRIMARY KEY, tag BLOB NOT NULL UNIQUE, sealed BLOB) STRICT");
  }
  database.exec("INSERT INTO meta (tag, sealed) VALUES (x'6d616e6966657374', zeroblob(498))");
  SQLite::Statement person(database, "INSERT INTO person (tag, sealed) VALUES (randomblob(16), ?)");
  SQLite::Statement link(database,
                         "INSERT INTO external_id (tag, sealed) VALUES (randomblob(16), ?)");
  SQLite::Statement meta(database, "UPDATE meta SET sealed = ? WHERE tag = x'6d616e6966657374'");
  const std::string sealed(498, 'x');
  const auto execute = [&](SQLite::Statement& statement, std::size_t size) {
    statement.reset();
    statement.bindNoCopy(1, static_cast<const void*>(sealed.data()), static_cast<int>(size));
    statement.exec();
  };
  for (auto _ : state) {
    database.exec("BEGIN IMMEDIATE");
    execute(person, 114);
    execute(link, 114);
    if (manifest) execute(meta, 498);
    database.exec("COMMIT");
  }
  state.SetItemsProcessed(state.iterations());
}

void Resolve(benchmark::State& state) {
  const auto who = shared->gate.Admit({"mrn.hospital-a", "00123456", "Bench Person"}, "Patient");
  for (auto _ : state) {
    const auto person = shared->resolver.Resolve(who->external_id(), {"bench", "measurement"});
    if (!person.ok()) state.SkipWithError("not resolved");
  }
  state.SetItemsProcessed(state.iterations());
}

// What resolving reads and writes: a link and a person by their tags, and, durably, an entry of the
// audit log.
void PlainResolve(benchmark::State& state, bool audited) {
  const Folder folder;
  SQLite::Database database(folder / "plain.sqlite", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  database.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
  for (const char* table : {"person", "external_id", "audit"}) {
    database.exec(std::string("CREATE TABLE ") + table +
                  " (row INTEGER PRIMARY KEY, tag BLOB NOT NULL UNIQUE, sealed BLOB) STRICT");
    database.exec(std::string("INSERT INTO ") + table + " VALUES (1, zeroblob(16), zeroblob(114))");
  }
  SQLite::Statement link(database, "SELECT sealed FROM external_id WHERE tag = zeroblob(16)");
  SQLite::Statement person(database, "SELECT sealed FROM person WHERE tag = zeroblob(16)");
  SQLite::Statement entry(database,
                          "INSERT INTO audit (tag, sealed) VALUES (randomblob(16), zeroblob(178))");
  for (auto _ : state) {
    database.exec(audited ? "BEGIN IMMEDIATE" : "BEGIN");
    for (SQLite::Statement* statement : {&link, &person}) {
      statement->reset();
      if (!statement->executeStep()) state.SkipWithError("not found");
      benchmark::DoNotOptimize(statement->getColumn(0).getBlob());
      statement->reset();
    }
    if (audited) {
      entry.reset();
      entry.exec();
    }
    database.exec("COMMIT");
  }
  state.SetItemsProcessed(state.iterations());
}

void OpenVault(benchmark::State& state) {
  const Folder folder;
  { const Vault vault = MakeVault(folder); }
  for (auto _ : state) {
    if (!Vault::Open(folder / "vault").ok()) state.SkipWithError("not opened");
  }
  state.SetItemsProcessed(state.iterations());
}

void PlainOpen(benchmark::State& state) {
  const Folder folder;
  const std::string path = folder / "plain.sqlite";
  SQLite::Database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec(
          "PRAGMA journal_mode=WAL; CREATE TABLE meta (tag BLOB, sealed BLOB);"
          "INSERT INTO meta VALUES (zeroblob(16), zeroblob(498))");
  for (auto _ : state) {
    SQLite::Database database(path, SQLite::OPEN_READWRITE);
    database.exec("PRAGMA synchronous=FULL");
    SQLite::Statement read(database, "SELECT sealed FROM meta");
    if (!read.executeStep()) state.SkipWithError("not found");
  }
  state.SetItemsProcessed(state.iterations());
}

void Check(benchmark::State& state) {
  const Folder folder;
  const Vault vault = MakeVault(folder);
  const auto gate = IdentityGate::Create(vault, {.scope = Scope::App()});
  const auto who = gate->Admit({"mrn.hospital-a", "00123456", "Bench Person"}, "Patient");
  for (auto _ : state) {
    const auto match = gate->Check({"mrn.hospital-a", "00123456"}, who->external_id());
    if (!match.ok() || !*match) state.SkipWithError("no match");
  }
  state.SetItemsProcessed(state.iterations());
}

void Add(const char* name, void (*function)(benchmark::State&), int threads) {
  benchmark::RegisterBenchmark(name, function)
      ->Setup(MakeShared)
      ->Teardown(RemoveShared)
      ->Threads(threads)
      ->UseRealTime();
}

const bool registered = [] {
  benchmark::RegisterBenchmark("admit/plain-sqlite", PlainSqlite, false)->UseRealTime();
  benchmark::RegisterBenchmark("admit/plain-sqlite-three-rows", PlainSqlite, true)->UseRealTime();
  Add("admit/new", Admit, 1);
  Add("admit/new", Admit, 8);
  benchmark::RegisterBenchmark("admit/again", AdmitAgain)->UseRealTime();
  benchmark::RegisterBenchmark("resolve/plain-sqlite", PlainResolve, true)->UseRealTime();
  benchmark::RegisterBenchmark("resolve/plain-sqlite-lookups-alone", PlainResolve, false)
      ->UseRealTime();
  Add("resolve/audited", Resolve, 1);
  Add("resolve/audited", Resolve, 8);
  benchmark::RegisterBenchmark("open-vault/plain-sqlite", PlainOpen)->UseRealTime();
  benchmark::RegisterBenchmark("open-vault/moniker", OpenVault)->UseRealTime();
  benchmark::RegisterBenchmark("check", Check);
  return true;
}();

}  // namespace
