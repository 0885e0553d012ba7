// What is done to a vault in the matrix of docs/threat-model.md, of which each cell has a test,
// those that say "no" too. tests/tamper/check_matrix.py holds the two against each other.

#ifndef MONIKER_TESTS_TAMPER_TAMPER_MATRIX_H_
#define MONIKER_TESTS_TAMPER_TAMPER_MATRIX_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "moniker/sqlite_backend.h"
#include "support/records.h"
#include "tamper/tampered_vault.h"

namespace moniker::testing {

// docs/formats/mapping-store.md, section 3: where a sealed record has what.
inline constexpr std::size_t kEpochAt = 2;
inline constexpr std::size_t kVersionAt = 6;
inline constexpr std::size_t kNonceAt = 10;
inline constexpr std::size_t kCiphertextAt = 34;

inline const std::vector<std::string> kStoreFiles = {"store.sqlite", "store.sqlite-wal"};
inline const std::vector<std::string> kAllFiles = {"store.sqlite", "store.sqlite-wal", "store.head",
                                                   "keyring"};

class TamperMatrixTest : public ::testing::Test {
 protected:
  // Whatever is done to a vault, nobody is answered with another person.
  void TearDown() override { EXPECT_EQ(vault_.WrongAnswers(), 0); }

  void ExpectNoticedBy(Measure measure) const {
    EXPECT_TRUE(vault_.IsNoticedBy(measure));
    EXPECT_TRUE(vault_.IsReported());
  }
  void ExpectNotNoticedBy(Measure measure) const { EXPECT_FALSE(vault_.IsNoticedBy(measure)); }

  // --- The attacks that need more than a line ---

  void ExchangeRecords() const {
    const SealedRecord one = vault_.Row(Table::kPerson, 0);
    const SealedRecord other = vault_.Row(Table::kPerson, 1);
    vault_.Put(Table::kPerson, {one.tag, other.sealed});
    vault_.Put(Table::kPerson, {other.tag, one.sealed});
  }
  void MoveToAnotherTag() const {
    vault_.Run("UPDATE external_id SET tag = zeroblob(16) WHERE row = 1");
  }
  void DeleteRow() const { vault_.Run("DELETE FROM external_id WHERE row = 1"); }
  void CopyRow() const {
    vault_.Put(Table::kExternalId,
               {Tag("0123456789abcdef"), vault_.Row(Table::kExternalId).sealed});
  }
  void PutBackAnOlderRow() const {
    const auto before = ScanAll(*Expect(OpenSqliteStore(vault_.path())), Table::kPerson);
    vault_.Admit("p-0", "Aveline Thorne");
    for (const SealedRecord& row : before) vault_.Put(Table::kPerson, row);
  }
  void AddTrigger() const {
    vault_.Run("CREATE TRIGGER more AFTER INSERT ON person BEGIN DELETE FROM audit; END");
  }
  void RemoveLog() const {
    vault_.Checkpoint();
    vault_.Admit("p-3", "Somebody New");
    std::filesystem::remove(vault_.path() + "/store.sqlite-wal");
    std::filesystem::remove(vault_.path() + "/store.sqlite-shm");
  }
  void PutBackAnOlderLog() const {
    const std::string yesterday = vault_.CopyFolder("yesterday");
    vault_.Admit("p-3", "Somebody New");
    vault_.PutBack(yesterday, {"store.sqlite-wal"});
  }
  void PutBack(const std::vector<std::string>& files) const {
    const std::string yesterday = vault_.CopyFolder("yesterday");
    vault_.Admit("p-3", "Somebody New");
    vault_.PutBack(yesterday, files);
  }
  // Each copy goes on by itself; the other one comes last.
  void UseTwoCopies() const {
    const std::string other = vault_.CopyFolder("other");
    const Vault opened = Expect(Vault::Open(other));
    vault_.Admit("p-3", "Somebody New");
    Expect(opened.DeclareIssuer("staff", IdentifierKind::kOpaque));
  }
  void ExchangeAuditEntries() const {
    const SealedRecord first = vault_.Row(Table::kAudit, 0);
    const SealedRecord second = vault_.Row(Table::kAudit, 1);
    vault_.Put(Table::kAudit, {first.tag, second.sealed});
    vault_.Put(Table::kAudit, {second.tag, first.sealed});
  }
  void ReplayAuditEntry() const {
    vault_.Put(Table::kAudit, {NumberTag(5), vault_.Row(Table::kAudit, 0).sealed});
  }
  void CutAuditTail() const {
    vault_.Run("DELETE FROM audit WHERE row = (SELECT max(row) FROM audit)");
  }

  const TamperedVault vault_;
};

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_TAMPER_TAMPER_MATRIX_H_
