// A vault that somebody without its keys lays hands on, and what each of the measures against that,
// taken by itself, makes of it.
//
// Thread safety: used by one thread.

#ifndef MONIKER_TESTS_TAMPER_TAMPERED_VAULT_H_
#define MONIKER_TESTS_TAMPER_TAMPERED_VAULT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "moniker/audit_log.h"
#include "moniker/protector.h"
#include "moniker/store_report.h"
#include "moniker/vault.h"
#include "store/record_sealer.h"
#include "support/records.h"
#include "support/temporary_folder.h"

namespace moniker::testing {

// The columns of the matrix in docs/threat-model.md.
enum class Measure {
  kRecords,    // each record that is found where one was left opens, and is of its format
  kStructure,  // the backend opens the file, and finds its schema and trees sound
  kManifest,   // every table holds exactly the rows that the manifest tells of
  kHead,       // store.head knows no other state
  kAnchor,     // the anchor outside the folder knows no other state
  kAuditLog,   // the audit log is whole, as its chain and the manifest tell
  kAuditKey,   // likewise, as the audit key tells that is kept apart
};

// Three persons in an enrolled vault, all bound, in the app and in a conference; one was renamed;
// four audit entries; an anchor outside the folder.
class TamperedVault {
 public:
  TamperedVault();

  // --- What its owner does ---
  void Admit(const std::string& id, const std::string& name) const;
  void Resolve(std::uint64_t entry) const;  // leaves the audit entry of this number
  void Checkpoint() const;                  // empties the log
  std::string CopyFolder(const std::string& name) const;
  Vault Open() const;

  // --- What is done to it ---
  std::string path() const { return path_; }
  std::string Outside(std::string_view name) const { return folder_.File(name); }
  SealedRecord Row(Table table, std::size_t index = 0) const;
  void Put(Table table, const SealedRecord& record) const;
  void FlipByte(Table table, std::size_t at) const;
  void Run(const std::string& sql) const;  // with another program than the library
  void LoseLastIndexCell(const std::string& table) const;
  void PutBack(const std::string& folder, const std::vector<std::string>& files) const;
  // By who has the storage keys, or by who has all keys and reaches store.head: see the sources.
  void SealAuditEntryAnew(std::uint64_t number) const;
  void ForgeAuditLog(std::uint64_t changed) const;

  // --- What becomes of it ---
  bool IsNoticedBy(Measure measure) const;
  // Whether the vault, as anybody uses it, says that something is wrong.
  bool IsReported() const;
  // Answers that are another person's, or another text, than the asked ID's.
  int WrongAnswers() const;

 private:
  bool RecordsAreAltered() const;
  bool StructureIsDamaged() const;
  bool IsOffAnchor(std::size_t index) const;
  StoreReport Verify() const;
  AuditReport VerifyAudit(bool with_key) const;
  internal::RecordSealer Sealer() const;

  TemporaryFolder folder_;
  std::string path_;
  Protector protector_;
  std::map<std::string, std::string> identifier_of_;  // by external or participant ID
  Content written_;                                   // as its owner left it
};

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_TAMPER_TAMPERED_VAULT_H_
