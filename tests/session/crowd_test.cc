// Many threads and processes that admit the same new people into one enrolled vault at once: each
// person gets one handle, and so everybody is told the same external ID.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <cerrno>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
#include "support/status_matchers.h"
#include "support/test_vault.h"
#include "support/vault_kinds.h"

namespace moniker {
namespace {

using testing::Expect;
using testing::StorageKind;
using testing::TestVault;

// Fewer under a sanitizer, which makes each of them some ten times as expensive.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kPeople = 2'000;
#else
constexpr int kPeople = 10'000;
#endif
constexpr int kThreads = 8;
constexpr int kProcesses = 4;

// In what order worker `worker` comes to the people: each in another, some backwards.
std::vector<int> OrderOf(int worker) {
  std::vector<int> order;
  for (int i = 0; i < kPeople; ++i) {
    const int at = (i + worker / 2 * kPeople / kThreads) % kPeople;
    order.push_back(worker % 2 == 0 ? at : kPeople - 1 - at);
  }
  return order;
}

// External IDs and labels of all people, in the order of their numbers: admitted one by one, or by
// every third worker 37 in a call. Empty if anybody was refused.
std::vector<std::string> AdmitAll(const Vault& vault, const Scope& scope, int worker) {
  const Result<IdentityGate> gate = IdentityGate::Create(vault, {.scope = scope});
  if (!gate.ok()) return {};
  const std::vector<int> order = OrderOf(worker);
  const std::size_t step = worker % 3 == 2 ? 37 : 1;
  std::vector<std::string> given(kPeople);
  for (std::size_t from = 0; from < order.size(); from += step) {
    const std::size_t count = std::min(step, order.size() - from);
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < count; ++i) ids.push_back(std::to_string(order[from + i]));
    std::vector<PersonView> persons;
    for (const std::string& id : ids) persons.push_back({.issuer = "mrn", .id = id, .name = "Zz"});
    const std::vector<std::string_view> roles(count, "Patient");
    const auto admitted = gate->AdmitMany(persons, roles);
    if (!admitted.ok()) return {};
    for (std::size_t i = 0; i < count; ++i) {
      const SessionIdentity& identity = (*admitted)[i];
      given[static_cast<std::size_t>(order[from + i])] =
          identity.external_id() + " " + identity.display_name();
    }
  }
  return given;
}

void ExpectOneOfEach(const TestVault& test, const std::vector<std::vector<std::string>>& given) {
  ASSERT_EQ(given[0].size(), static_cast<std::size_t>(kPeople));
  for (const std::vector<std::string>& other : given) EXPECT_EQ(other, given[0]);
  EXPECT_EQ(std::set<std::string>(given[0].begin(), given[0].end()).size(), given[0].size());
  for (const Table table : {Table::kPerson, Table::kIdentifier, Table::kExternalId}) {
    EXPECT_EQ(Expect(test.tables->Count(table)), static_cast<std::uint64_t>(kPeople));
  }
  // What was told leads to whom it was told of.
  const Resolver resolver = Resolver::Create(*test.vault);
  for (std::size_t i = 0; i < kPeople; i += 97) {
    const Resolved resolved =
        Expect(resolver.Resolve(given[0][i].substr(0, 32), {.actor = "test", .purpose = "test"}));
    EXPECT_EQ(resolved.person.id.Expose(), std::to_string(i));
  }
}

TEST(CrowdTest, EightThreadsAreToldTheSameIdOfEverybody) {
  const TestVault test(StorageKind::kSqlite, "", VaultMode::kEnrolled);
  std::vector<std::vector<std::string>> given(kThreads);
  std::barrier start(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      given[static_cast<std::size_t>(i)] = AdmitAll(*test.vault, Scope::App(), i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  ExpectOneOfEach(test, given);
}

// In a conference, so that the roster is raced for too.
TEST(CrowdTest, FourProcessesAreToldTheSameIdAndLabelOfEverybody) {
  const TestVault test(StorageKind::kSqlite, "", VaultMode::kEnrolled);
  const auto file = [&](int i) { return test.folder.File("given-" + std::to_string(i)); };
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      const Result<Vault> vault = Vault::Open(test.path());
      if (!vault.ok()) ::_exit(1);
      std::string text;
      for (const std::string& one : AdmitAll(*vault, Expect(Scope::Conference("visit-42")), i)) {
        text += one + "\n";
      }
      testing::WriteBytes(file(i), text);
      ::_exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    EXPECT_EQ(status, 0);
  }
  std::vector<std::vector<std::string>> given(kProcesses);
  for (int i = 0; i < kProcesses; ++i) {
    std::istringstream lines(testing::ReadBytes(file(i)));
    for (std::string line; std::getline(lines, line);) {
      given[static_cast<std::size_t>(i)].push_back(line);
    }
  }
  ExpectOneOfEach(test, given);
  std::set<std::string> labels;
  for (const std::string& one : given[0]) labels.insert(one.substr(33));
  EXPECT_EQ(labels.size(), static_cast<std::size_t>(kPeople));
  EXPECT_EQ(Expect(test.tables->Count(Table::kRoster)), static_cast<std::uint64_t>(kPeople));
}

}  // namespace
}  // namespace moniker
