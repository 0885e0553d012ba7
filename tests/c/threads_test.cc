// The interface for C from many threads, and from C++.

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "moniker/c.h"
#include "moniker/c_derive.h"
#include "moniker/c_resolve.h"
#include "support/temporary_folder.h"

namespace moniker::testing {
namespace {

moniker_text TextOf(const std::string& text) { return {text.data(), text.size()}; }

class CThreadsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    moniker_vault_options options{};
    options.struct_size = sizeof options;
    options.app = moniker_text_of("clinic-7");
    moniker_protector protector{};
    protector.struct_size = sizeof protector;
    protector.kind = MONIKER_PROTECTOR_NEW_KEY_FILE;
    protector.text = TextOf(key_);
    ASSERT_EQ(moniker_vault_create(TextOf(path_), &options, &protector, nullptr), MONIKER_OK);
    ASSERT_EQ(moniker_vault_open(TextOf(path_), nullptr, &vault_, nullptr), MONIKER_OK);
    moniker_gate_options gate{};
    gate.struct_size = sizeof gate;
    gate.scope = &scope_;
    ASSERT_EQ(moniker_gate_open(vault_, &gate, &gate_, nullptr), MONIKER_OK);
  }

  void TearDown() override {
    moniker_gate_close(gate_);
    moniker_vault_close(vault_);
  }

  // The external ID of somebody who is admitted with this number; empty if the gate was closed.
  std::string Admit(const std::string& number) {
    moniker_person person{};
    person.struct_size = sizeof person;
    person.issuer = moniker_text_of("mrn.hospital-a");
    person.id = TextOf(number);
    person.name = moniker_text_of("Maria Jensen");
    moniker_identity* who = nullptr;
    const moniker_code code =
        moniker_gate_admit(gate_, &person, moniker_text_of("Patient"), &who, nullptr);
    if (code == MONIKER_CLOSED) return "";
    EXPECT_EQ(code, MONIKER_OK);
    moniker_identity_texts texts{};
    texts.struct_size = sizeof texts;
    EXPECT_EQ(moniker_identity_read(who, &texts, nullptr), MONIKER_OK);
    std::string id(texts.external_id.data, texts.external_id.size);
    moniker_identity_close(who);
    return id;
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.File("vault");
  std::string key_ = folder_.File("key");
  moniker_scope scope_{sizeof(moniker_scope), {}, MONIKER_SCOPE_APP, 0};
  moniker_vault* vault_ = nullptr;
  moniker_gate* gate_ = nullptr;
};

TEST_F(CThreadsTest, ThreadsShareAGateAndEachGetsItsOwnPersons) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      const std::string own = Admit("1000" + std::to_string(thread));
      EXPECT_EQ(own.size(), 32u);
      for (int i = 0; i < 5; ++i) EXPECT_EQ(Admit("1000" + std::to_string(thread)), own);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(CThreadsTest, AGateMayBeClosedWhileOthersUseIt) {
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&, thread] {
      while (!Admit("2000" + std::to_string(thread)).empty()) {
      }
      ++refused;
    });
  }
  Admit("20009");
  moniker_gate_close(gate_);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 3);
}

TEST_F(CThreadsTest, ColumnsAreDerivedFromOneAnonymizerByManyThreads) {
  moniker_anonymizer* anonymizer = nullptr;
  ASSERT_EQ(moniker_anonymizer_open(vault_, &scope_, 0, &anonymizer, nullptr), MONIKER_OK);
  const std::string expected = Admit("00123456");
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      std::vector<std::int64_t> offsets = {0};
      std::string bytes;
      for (int i = 0; i < 3000; ++i) {
        bytes += "00123456";
        offsets.push_back(static_cast<std::int64_t>(bytes.size()));
      }
      moniker_column column{};
      column.struct_size = sizeof column;
      column.issuer = moniker_text_of("mrn.hospital-a");
      column.offsets = offsets.data();
      column.offset_bits = 64;
      column.bytes = bytes.data();
      column.bytes_size = bytes.size();
      column.count = 3000;
      std::string ids(3000 * 32, 'x');
      EXPECT_EQ(
          moniker_anonymizer_derive_many(anonymizer, &column, ids.data(), ids.size(), nullptr),
          MONIKER_OK);
      for (std::size_t i = 0; i < ids.size(); i += 32) ASSERT_EQ(ids.substr(i, 32), expected);
    });
  }
  for (std::thread& thread : threads) thread.join();
  moniker_anonymizer_close(anonymizer);
}

TEST_F(CThreadsTest, WhatTheParentOpenedIsClosedInTheChildOfAFork) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(Admit("00123456").empty() ? 0 : 1);
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(Admit("00123456").size(), 32u);
}

// Each library has its own memory for secrets and its own connection.
TEST_F(CThreadsTest, AVaultIsResolvedFromWhileItIsAdmittedTo) {
  const std::string id = Admit("00123456");
  moniker_resolver* resolver = nullptr;
  ASSERT_EQ(moniker_resolver_open(TextOf(path_), nullptr, &resolver, nullptr), MONIKER_OK);
  std::thread admitting([&] {
    for (int i = 0; i < 10; ++i) Admit("3000" + std::to_string(i));
  });
  moniker_reason reason{};
  reason.struct_size = sizeof reason;
  reason.actor = moniker_text_of("test");
  reason.purpose = moniker_text_of("test");
  for (int i = 0; i < 10; ++i) {
    moniker_resolved* person = nullptr;
    ASSERT_EQ(moniker_resolver_resolve(resolver, TextOf(id), &reason, &person, nullptr),
              MONIKER_OK);
    moniker_resolved_texts texts{};
    texts.struct_size = sizeof texts;
    ASSERT_EQ(moniker_resolved_read(person, &texts, nullptr), MONIKER_OK);
    EXPECT_EQ(std::string(texts.name.data, texts.name.size), "Maria Jensen");
    moniker_resolved_close(person);
  }
  admitting.join();
  moniker_resolver_close(resolver);
}

}  // namespace
}  // namespace moniker::testing
