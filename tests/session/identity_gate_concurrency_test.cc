// One vault used from many threads, several vault objects and several processes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "moniker/anonymizer.h"
#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
#include "support/child_process.h"
#include "support/status_matchers.h"
#include "support/test_vault.h"

namespace moniker {
namespace {

using testing::Expect;
using testing::IsOk;
using testing::StorageKind;
using testing::TestVault;

constexpr int kThreads = 8;
constexpr AccessReason kReason = {.actor = "test", .purpose = "test"};

IdentityGate GateOf(const Vault& vault) {
  return Expect(IdentityGate::Create(vault, {.scope = Scope::App()}));
}

// Runs `work(number of the thread)` in eight threads that begin together.
template <typename Work>
void InThreads(Work work) {
  std::barrier start(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      work(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

std::string IdOf(int thread, int person) {
  return std::to_string(thread) + "-" + std::to_string(person);
}

// Admits `count` persons of this thread's own and asks for each again.
void AdmitOwn(const IdentityGate& gate, int thread, int count, std::atomic<int>* wrong) {
  for (int person = 0; person < count; ++person) {
    const std::string id = IdOf(thread, person);
    const Result<SessionIdentity> identity =
        gate.Admit({.issuer = "mrn", .id = id, .name = "Name " + id}, "Patient");
    const bool right =
        identity.ok() && gate.Bind("participant-" + id, *identity).ok() &&
        gate.Admit({.issuer = "mrn", .id = id, .name = "Name " + id}, "Patient")->external_id() ==
            identity->external_id();
    if (!right) ++*wrong;
  }
}

// Every person of every thread is there once, under the name and participant ID that were given.
void ExpectAll(const Vault& vault, StorageBackend& tables, int count) {
  const Resolver resolver = Resolver::Create(vault);
  std::set<std::string> external_ids;
  for (int thread = 0; thread < kThreads; ++thread) {
    for (int person = 0; person < count; ++person) {
      const std::string id = IdOf(thread, person);
      const Result<Resolved> resolved = resolver.Resolve("participant-" + id, kReason);
      ASSERT_THAT(resolved, IsOk());
      EXPECT_EQ(resolved->person.name.Expose(), "Name " + id);
      EXPECT_EQ(resolved->person.id.Expose(), id);
      external_ids.emplace(resolved->pseudonym.external_id().text());
    }
  }
  const auto all = static_cast<std::uint64_t>(kThreads * count);
  EXPECT_EQ(external_ids.size(), all);
  EXPECT_EQ(Expect(tables.Count(Table::kPerson)), all);
  EXPECT_EQ(Expect(tables.Count(Table::kExternalId)), all);
  EXPECT_EQ(Expect(tables.Count(Table::kParticipant)), all);
}

class ConcurrencyTest : public ::testing::TestWithParam<StorageKind> {};

INSTANTIATE_TEST_SUITE_P(Backends, ConcurrencyTest,
                         ::testing::Values(StorageKind::kMemory, StorageKind::kSqlite),
                         testing::NameOf);

TEST_P(ConcurrencyTest, EightThreadsAdmitThroughOneGateAndNobodyIsLost) {
  const TestVault test(GetParam());
  const IdentityGate gate = GateOf(*test.vault);
  std::atomic<int> wrong = 0;
  InThreads([&](int thread) { AdmitOwn(gate, thread, 25, &wrong); });
  EXPECT_EQ(wrong, 0);
  ExpectAll(*test.vault, *test.tables, 25);
}

TEST_P(ConcurrencyTest, EightThreadsThatAdmitTheSamePersonsStoreEachOnce) {
  const TestVault test(GetParam());
  const IdentityGate gate = GateOf(*test.vault);
  std::atomic<int> wrong = 0;
  std::vector<std::string> external_ids(50);
  for (int person = 0; person < 50; ++person) {
    const std::string id = IdOf(0, person);
    external_ids[static_cast<std::size_t>(person)] =
        Expect(Expect(Anonymizer::Create(*test.vault->keyring(), Scope::App()))
                   .Pseudonymize({.issuer = "mrn", .id = id}))
            .external_id()
            .text();
  }
  InThreads([&](int) {
    for (int person = 0; person < 50; ++person) {
      const std::string id = IdOf(0, person);
      const Result<SessionIdentity> identity =
          gate.Admit({.issuer = "mrn", .id = id, .name = "Name " + id}, "Patient");
      if (!identity.ok() ||
          identity->external_id() != external_ids[static_cast<std::size_t>(person)]) {
        ++wrong;
      }
    }
  });
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(Expect(test.tables->Count(Table::kPerson)), 50u);
  EXPECT_EQ(Expect(test.tables->Count(Table::kExternalId)), 50u);
}

// Of several names the last one written stays; never a mixture, and never a field that was lost.
TEST_P(ConcurrencyTest, FieldsThatThreadsAddToOnePersonAreAllKept) {
  const TestVault test(GetParam());
  const IdentityGate gate = GateOf(*test.vault);
  std::atomic<int> wrong = 0;
  InThreads([&](int thread) {
    for (int i = 0; i < 6; ++i) {
      const std::string field_name = "field_" + std::to_string(thread) + "_" + std::to_string(i);
      const FieldView field = {field_name, field_name};
      const PersonView person = {
          .issuer = "mrn", .id = "1", .name = "Name 1", .fields = {&field, 1}};
      if (!gate.Admit(person, "Patient").ok()) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0);
  const SessionIdentity identity =
      Expect(gate.Admit({.issuer = "mrn", .id = "1", .name = "Name 1"}, "Patient"));
  const Resolved resolved =
      Expect(Resolver::Create(*test.vault).Resolve(identity.external_id(), kReason));
  EXPECT_EQ(resolved.person.fields.size(), 48u);
  for (const Person::Field& field : resolved.person.fields) {
    EXPECT_EQ(field.text.Expose(), field.name);
  }
}

// Eight threads race to bind one participant ID to eight persons: one gets it, for good.
TEST_P(ConcurrencyTest, OneParticipantIdIsBoundToOnePerson) {
  const TestVault test(GetParam());
  const IdentityGate gate = GateOf(*test.vault);
  std::vector<SessionIdentity> identities;
  for (int i = 0; i < kThreads; ++i) {
    const std::string id = IdOf(i, 0);
    identities.push_back(
        Expect(gate.Admit({.issuer = "mrn", .id = id, .name = "Name " + id}, "Patient")));
  }
  for (int round = 0; round < 10; ++round) {
    const std::string participant_id = "participant-" + std::to_string(round);
    std::atomic<int> winners = 0;
    std::atomic<int> winner = -1;
    std::atomic<int> others = 0;
    InThreads([&](int thread) {
      const Status status = gate.Bind(participant_id, identities[static_cast<std::size_t>(thread)]);
      if (status.ok()) {
        ++winners;
        winner = thread;
      } else if (status.code() != StatusCode::kConflict) {
        ++others;
      }
    });
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(others, 0);
    const Resolved resolved =
        Expect(Resolver::Create(*test.vault).Resolve(participant_id, kReason));
    EXPECT_EQ(resolved.person.id.Expose(), IdOf(winner, 0));
  }
}

TEST(ConcurrencySqliteTest, TwoVaultObjectsOnOneFolderLoseNobody) {
  const TestVault test(StorageKind::kSqlite);
  const Vault other = Expect(Vault::Open(test.path()));
  const IdentityGate gates[] = {GateOf(*test.vault), GateOf(other)};
  std::atomic<int> wrong = 0;
  InThreads([&](int thread) { AdmitOwn(gates[thread % 2], thread, 25, &wrong); });
  EXPECT_EQ(wrong, 0);
  ExpectAll(other, *test.tables, 25);
  ExpectAll(*test.vault, *test.tables, 25);
}

TEST(ConcurrencySqliteTest, WhatOneVaultObjectAdmitsTheOtherResolvesAtOnce) {
  const TestVault test(StorageKind::kSqlite);
  const Vault other = Expect(Vault::Open(test.path()));
  const IdentityGate gate = GateOf(*test.vault);
  const Resolver resolver = Resolver::Create(other);
  for (int person = 0; person < 30; ++person) {
    const std::string id = IdOf(0, person);
    const SessionIdentity identity =
        Expect(gate.Admit({.issuer = "mrn", .id = id, .name = "Name " + id}, "Patient"));
    EXPECT_THAT(resolver.Resolve(identity.external_id(), kReason), IsOk());
  }
}

// Forks a child that opens the vault anew and runs `work` in it; returns its process ID.
template <typename Work>
pid_t Fork(const std::string& path, Work work) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  const Result<Vault> vault = Vault::Open(path);
  ::_exit(vault.ok() && work(*vault) ? 0 : 1);
}

int ExitStatusOf(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(ConcurrencySqliteTest, EightProcessesAdmitIntoOneFolderAndNobodyIsLost) {
  const TestVault test(StorageKind::kSqlite);
  std::vector<pid_t> children;
  for (int process = 0; process < kThreads; ++process) {
    children.push_back(Fork(test.path(), [process](const Vault& vault) {
      std::atomic<int> wrong = 0;
      AdmitOwn(GateOf(vault), process, 25, &wrong);
      return wrong == 0;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(ExitStatusOf(child), 0);
  ExpectAll(*test.vault, *test.tables, 25);
}

TEST(ConcurrencySqliteTest, TwoProcessesOfFourThreadsEachAdmitIntoOneFolderAndNobodyIsLost) {
  const TestVault test(StorageKind::kSqlite);
  std::vector<pid_t> children;
  for (int process = 0; process < 2; ++process) {
    children.push_back(Fork(test.path(), [process](const Vault& vault) {
      const IdentityGate gate = GateOf(vault);
      std::atomic<int> wrong = 0;
      std::vector<std::thread> threads;
      for (int i = 0; i < kThreads / 2; ++i) {
        threads.emplace_back([&, thread = process * kThreads / 2 + i] {
          AdmitOwn(gate, thread, 25, &wrong);
        });
      }
      for (std::thread& thread : threads) thread.join();
      return wrong == 0;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(ExitStatusOf(child), 0);
  ExpectAll(*test.vault, *test.tables, 25);
}

// A child admits and says so on a pipe until it is killed: whoever was read from the pipe before is
// in the store, and the store goes on. 40 kills, each at another moment.
TEST(ConcurrencySqliteTest, WhoWasHandedOutBeforeAKillIsStored) {
  const TestVault test(StorageKind::kSqlite);
  std::map<std::string, std::string> acknowledged;  // external ID to identifier
  for (int round = 0; round < 40; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = Fork(test.path(), [&](const Vault& vault) {
      const IdentityGate gate = GateOf(vault);
      for (int person = 0;; ++person) {
        const std::string id = IdOf(round, person);
        const Result<SessionIdentity> identity =
            gate.Admit({.issuer = "mrn", .id = id, .name = "Name " + id}, "Patient");
        if (!identity.ok()) return false;
        const std::string line = identity->external_id() + " " + id + "\n";
        if (::write(ends[1], line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
          return false;
        }
      }
    });
    ::close(ends[1]);
    // So many are read, and then the child is killed wherever it is by then.
    std::string text;
    int lines = 0;
    for (char c; lines < round / 4 + 1 && ::read(ends[0], &c, 1) == 1;) {
      text += c;
      lines += c == '\n';
    }
    ::kill(child, SIGKILL);
    EXPECT_EQ(ExitStatusOf(child), -SIGKILL);
    for (char c; ::read(ends[0], &c, 1) == 1;) text += c;  // what it said before it died
    ::close(ends[0]);
    for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
      acknowledged[text.substr(at, 32)] = text.substr(at + 33, end - at - 33);
    }
  }
  EXPECT_GE(acknowledged.size(), 200u);
  const Vault vault = Expect(Vault::Open(test.path()));
  const Resolver resolver = Resolver::Create(vault);
  for (const auto& [external_id, id] : acknowledged) {
    const Result<Resolved> resolved = resolver.Resolve(external_id, kReason);
    ASSERT_THAT(resolved, IsOk());
    EXPECT_EQ(resolved->person.id.Expose(), id);
  }
  // Nobody is there by half.
  EXPECT_EQ(Expect(test.tables->Count(Table::kPerson)),
            Expect(test.tables->Count(Table::kExternalId)));
}

}  // namespace
}  // namespace moniker
