// Admitting and resolving through a vault on disk, beside plain SQLite that inserts rows of the
// same size durably.

#include <SQLiteCpp/SQLiteCpp.h>
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
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

void AdmitNew(benchmark::State& state) {
  const Folder folder;
  const Vault vault = MakeVault(folder);
  const auto gate = IdentityGate::Create(vault, {.scope = Scope::App()});
  std::size_t i = 0;
  for (auto _ : state) {
    const std::string id = IdOf(i++);
    const auto who = gate->Admit({"mrn.hospital-a", id, "Bench Person"}, "Patient");
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

// Two rows of the sizes that an admission writes, in one durable transaction.
void PlainSqliteInsert(benchmark::State& state) {
  const Folder folder;
  SQLite::Database database(folder / "plain.sqlite", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  database.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=1000");
  for (const char* table : {"person", "external_id"}) {
    database.exec(std::string("CREATE TABLE ") + table +
                  " (row INTEGER PRIMARY KEY, tag BLOB NOT NULL UNIQUE, sealed BLOB) STRICT");
  }
  SQLite::Statement person(database, "INSERT INTO person (tag, sealed) VALUES (randomblob(16), ?)");
  SQLite::Statement link(database,
                         "INSERT INTO external_id (tag, sealed) VALUES (randomblob(16), ?)");
  const std::string sealed(114, 'x');
  for (auto _ : state) {
    database.exec("BEGIN IMMEDIATE");
    for (SQLite::Statement* statement : {&person, &link}) {
      statement->reset();
      statement->bind(1, sealed.data(), static_cast<int>(sealed.size()));
      statement->exec();
    }
    database.exec("COMMIT");
  }
  state.SetItemsProcessed(state.iterations());
}

void ResolveOne(benchmark::State& state) {
  const Folder folder;
  const Vault vault = MakeVault(folder);
  const auto gate = IdentityGate::Create(vault, {.scope = Scope::App()});
  const auto who = gate->Admit({"mrn.hospital-a", "00123456", "Bench Person"}, "Patient");
  const auto resolver = moniker::Resolver::Create(vault);
  for (auto _ : state) {
    const auto person = resolver.Resolve(who->external_id(), {"bench", "measurement"});
    if (!person.ok()) state.SkipWithError("not resolved");
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

BENCHMARK(PlainSqliteInsert)->UseRealTime();
BENCHMARK(AdmitNew)->UseRealTime();
BENCHMARK(AdmitAgain)->UseRealTime();
BENCHMARK(ResolveOne)->UseRealTime();
BENCHMARK(Check);

}  // namespace
