#include "tamper/tampered_vault.h"

#include <sqlite3.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "moniker/anchor.h"
#include "moniker/identity_gate.h"
#include "moniker/resolver.h"
#include "moniker/sqlite_backend.h"
#include "sqlite/plain_sqlite.h"
#include "sqlite/schema.h"
#include "store/any_payload.h"
#include "support/forged_audit_log.h"

namespace moniker::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kAuditEntries = 4;
constexpr std::string_view kIssuer = "mrn.ward-9";
constexpr std::string_view kPersonNames[] = {"Aveline Marrow", "Corwin Thistle", "Odette Vance"};
constexpr std::string_view kNewName = "Aveline Thorne";

// The bytes under a tag, by who asks SQLite for them and checks nothing.
std::optional<SealedBytes> AskFor(sqlite3* database, Table table, const RecordTag& tag) {
  const std::string sql =
      "SELECT sealed FROM " + std::string(internal::NameOf(table)) + " WHERE tag = ?";
  sqlite3_stmt* statement = nullptr;
  std::optional<SealedBytes> found;
  if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK) {
    sqlite3_bind_blob(statement, 1, tag.bytes().data(), static_cast<int>(tag.bytes().size()),
                      SQLITE_TRANSIENT);
    if (sqlite3_step(statement) == SQLITE_ROW) {
      const auto* const bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, 0));
      const int size = sqlite3_column_bytes(statement, 0);
      found.emplace(bytes, bytes + size);
    }
  }
  sqlite3_finalize(statement);
  return found;
}

bool IsOff(const AnchorReport& anchor) {
  return anchor.state != AnchorState::kCurrent && anchor.state != AnchorState::kBehind;
}

// What is durable is not the matter here: a disk would only make it slower.
TemporaryFolder InMemory() {
  if (fs::is_directory("/dev/shm")) ::setenv("TMPDIR", "/dev/shm", 0);
  return TemporaryFolder();
}

}  // namespace

TamperedVault::TamperedVault()
    : folder_(InMemory()),
      path_(folder_.File("clinic.vault")),
      protector_(Expect(Protector::NewKeyFile(folder_.File("key")))) {
  Expect(Vault::Create(path_,
                       {.keyring = {.app = "clinic-7", .mode = VaultMode::kEnrolled},
                        .anchor = Outside("anchor"),
                        .audit_key_file = Outside("audit.key")},
                       protector_));
  const Vault vault = Open();
  for (const Scope& scope : {Scope::App(), Expect(Scope::Conference("visit-1"))}) {
    const IdentityGate gate = Expect(IdentityGate::Create(vault, {.scope = scope}));
    for (int i = 0; i < 3; ++i) {
      const std::string id = "p-" + std::to_string(i);
      const std::string participant = id + std::string(scope.conference());
      const PersonView person = {.issuer = kIssuer, .id = id, .name = kPersonNames[i]};
      const SessionIdentity identity = Expect(gate.Admit(person, "Patient"));
      Expect(gate.Bind(participant, identity));
      identifier_of_[identity.external_id()] = id;
      identifier_of_[participant] = id;
    }
  }
  for (std::uint64_t entry = 1; entry <= kAuditEntries; ++entry) Resolve(entry);
  written_ = ContentOf(*Expect(OpenSqliteStore(path_)));
}

Vault TamperedVault::Open() const { return Expect(Vault::Open(path_, protector_)); }

void TamperedVault::Admit(const std::string& id, const std::string& name) const {
  const IdentityGate gate = Expect(IdentityGate::Create(Open(), {.scope = Scope::App()}));
  const PersonView person = {.issuer = kIssuer, .id = id, .name = name};
  Expect(gate.Admit(person, "Patient").status());
}

void TamperedVault::Resolve(std::uint64_t entry) const {
  const Resolver resolver = Resolver::Create(Open(), [entry] { return 1000 * entry; });
  Expect(resolver.Resolve(identifier_of_.begin()->first,
                          {.actor = "dr-obrien", .purpose = "treatment"}));
}

void TamperedVault::Checkpoint() const {
  if (!Expect(Expect(OpenSqliteStore(path_))->Checkpoint())) {
    throw std::runtime_error("the log could not be emptied");
  }
}

std::string TamperedVault::CopyFolder(const std::string& name) const {
  fs::copy(path_, Outside(name), fs::copy_options::recursive);
  return Outside(name);
}

// --- What is done to it ---

SealedRecord TamperedVault::Row(Table table, std::size_t index) const {
  return ScanAll(*Expect(OpenSqliteStore(path_)), table).at(index);
}

void TamperedVault::Put(Table table, const SealedRecord& record) const {
  PutOne(*Expect(OpenSqliteStore(path_)), table, record);
}

void TamperedVault::FlipByte(Table table, std::size_t at) const {
  SealedRecord row = Row(table);
  row.sealed.at(at) ^= 1;
  Put(table, row);
}

void TamperedVault::Run(const std::string& sql) const {
  PlainSqlite(path_ + "/store.sqlite").Run(sql);
}

// The tree of the index by which rows are found says that its only page holds one cell less.
void TamperedVault::LoseLastIndexCell(const std::string& table) const {
  Checkpoint();
  const std::string file = path_ + "/store.sqlite";
  int page = 0;
  int page_size = 0;
  {
    PlainSqlite database(file);
    page = database.Number("SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_" +
                           table + "_1'");
    page_size = database.Number("PRAGMA page_size");
  }
  constexpr char kIndexLeaf = 0x0a;
  std::string bytes = ReadBytes(file);
  const auto at = static_cast<std::size_t>(page - 1) * static_cast<std::size_t>(page_size);
  char& cells = bytes.at(at + 4);  // the low byte of their number
  if (bytes.at(at) != kIndexLeaf || cells <= 1) throw std::runtime_error("no small index");
  --cells;
  WriteBytes(file, bytes);
}

void TamperedVault::PutBack(const std::string& folder,
                            const std::vector<std::string>& files) const {
  fs::remove(path_ + "/store.sqlite-shm");
  for (const std::string& file : files) {
    fs::remove(path_ + "/" + file);
    if (fs::exists(folder + "/" + file)) fs::copy_file(folder + "/" + file, path_ + "/" + file);
  }
}

void TamperedVault::SealAuditEntryAnew(std::uint64_t number) const {
  const auto tables = Expect(OpenSqliteStore(path_));
  const internal::RecordSealer sealer = Sealer();
  const SecretBytes payload = WithOtherActor(AuditPayload(sealer, number, tables.get()).Expose());
  PutAuditEntry(sealer, number, payload.Expose(), tables.get());
}

void TamperedVault::ForgeAuditLog(std::uint64_t changed) const {
  const Keyring keyring = Expect(Vault::OpenKeyring(path_, protector_));
  const auto tables = Expect(OpenSqliteStore(path_));
  testing::ForgeAuditLog(keyring, kAuditEntries, changed, {OpenFileAnchor(path_ + "/store.head")},
                         tables.get());
}

// --- What becomes of it ---

internal::RecordSealer TamperedVault::Sealer() const {
  return Expect(internal::RecordSealer::Create(Expect(Vault::OpenKeyring(path_, protector_))));
}

StoreReport TamperedVault::Verify() const { return Expect(Vault::Verify(path_, protector_)); }

AuditReport TamperedVault::VerifyAudit(bool with_key) const {
  const SecretBytes key =
      with_key ? Expect(AuditLog::ReadKeyFile(Outside("audit.key"))) : SecretBytes();
  return Expect(Expect(AuditLog::Open(path_, protector_)).Verify(key));
}

bool TamperedVault::RecordsAreAltered() const {
  const internal::RecordSealer sealer = Sealer();
  const PlainSqlite database(path_ + "/store.sqlite", SQLITE_OPEN_READWRITE);
  for (const auto& [table, records] : written_) {
    for (const SealedRecord& record : records) {
      const auto found = AskFor(database.handle(), table, record.tag);
      if (!found) continue;
      const auto opened = sealer.Open(table, record.tag, *found);
      if (!opened.ok()) return true;
      if (!internal::CheckPayload(table, record.tag, opened->payload.Expose()).ok()) return true;
    }
  }
  return false;
}

bool TamperedVault::StructureIsDamaged() const {
  const auto tables = OpenSqliteStore(path_);
  return !tables.ok() || !Expect((*tables)->Snapshot())->CheckStructure().ok();
}

// What an anchor says of the store as a whole, and what of the audit log.
bool TamperedVault::IsOffAnchor(std::size_t index) const {
  return IsOff(Verify().anchors.at(index)) || IsOff(VerifyAudit(false).anchors.at(index));
}

bool TamperedVault::IsNoticedBy(Measure measure) const {
  switch (measure) {
    case Measure::kRecords: return RecordsAreAltered();
    case Measure::kStructure: return StructureIsDamaged();
    case Measure::kManifest:
      return !std::ranges::all_of(Verify().tables, &StoreReport::TableReport::as_written);
    case Measure::kHead: return IsOffAnchor(0);
    case Measure::kAnchor: return IsOffAnchor(1);
    case Measure::kAuditLog: return VerifyAudit(false).fault != AuditFault::kNone;
    case Measure::kAuditKey: return VerifyAudit(true).fault != AuditFault::kNone;
  }
  throw std::logic_error("no such measure");
}

bool TamperedVault::IsReported() const {
  if (!Vault::Open(path_, protector_).ok()) return true;
  const Result<StoreReport> report = Vault::Verify(path_, protector_);
  return !report.ok() || !report->intact() || !VerifyAudit(true).intact();
}

int TamperedVault::WrongAnswers() const {
  const Result<Vault> vault = Vault::Open(path_, protector_);
  if (!vault.ok()) return 0;
  int wrong = 0;
  for (const auto& [asked, id] : identifier_of_) {
    const auto answer =
        Resolver::Create(*vault).Resolve(asked, {.actor = "dr-obrien", .purpose = "treatment"});
    if (!answer.ok()) continue;
    const std::string_view name = answer->person.name.Expose();
    const bool is_own = name == kPersonNames[id.back() - '0'] || (id == "p-0" && name == kNewName);
    if (answer->person.id.Expose() != id || !is_own) ++wrong;
  }
  return wrong;
}

}  // namespace moniker::testing
