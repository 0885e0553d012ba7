// The audit log of a vault: who resolved whom, when and what for, and what else it says of itself.
//
// Each entry hangs on all before it and carries a mark under a key that is gone once it is written.
// So an entry that was altered or dropped is noticed: by the vault's own keys against those who
// have only its files, and with the audit key file that was written when the vault was made
// (Vault::Options::audit_key_file) also against those who have all of its keys, but for the last
// entries if they find an older state of the store too (docs/threat-model.md).
//
// Reading is no resolving: it needs no actor and leaves no entry, and names nobody but actors.
// Belongs to moniker::resolve. Format: docs/formats/mapping-store.md, section 4.3.
// Thread safety: used by one thread at a time; others may resolve meanwhile.

#ifndef MONIKER_AUDIT_LOG_H_
#define MONIKER_AUDIT_LOG_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "moniker/audit_entry.h"
#include "moniker/protector.h"
#include "moniker/result.h"
#include "moniker/secret.h"
#include "moniker/store_report.h"

namespace moniker {

namespace internal {
struct VaultFiles;
}

enum class AuditFault : std::uint8_t {
  kNone,
  kManifest,  // what the store says of itself is gone or altered
  kAltered,   // the entry does not open, or is not of its format
  kMissing,   // the entry is not there; behind it there may be others
  kAdded,     // the entry is behind the end of the log
  kMark,      // the entry's mark is not that of the audit key: it was written by somebody else
  kChain,     // the entry, or one behind it, is not the one that was written
  kOtherEnd,  // the log was cut there or made anew: it does not go on where the audit key ends
};

// "none", "manifest", "altered", "missing", "added", "mark", "chain", "other_end"; a static string.
const char* AuditFaultName(AuditFault fault);

struct AuditReport {
  std::uint64_t entries = 0;  // that there should be
  std::uint64_t found = 0;    // that there are
  AuditFault fault = AuditFault::kNone;
  std::uint64_t first_bad = 0;  // number of the entry that the fault is of; 0 if there is none
  std::uint64_t marks = 0;      // that the audit key was checked against

  // Up to which entry an anchor vouches for all of them, whatever the keys of the vault; 0 if none
  // does. That of the vault's folder stands first; its state is that of its word of the log.
  std::uint64_t anchored = 0;
  std::vector<AnchorReport> anchors;

  std::uint64_t refused = 0;  // entries by kind
  std::uint64_t break_glass = 0;
  std::uint64_t honey = 0;

  bool intact() const;
};

class AuditLog {
 public:
  // Of [from_ms, before_ms), of this actor if one is given, and perhaps of nothing but alarming
  // ones.
  struct Filter {
    std::uint64_t from_ms = 0;
    std::optional<std::uint64_t> before_ms = std::nullopt;
    std::string actor = {};
    bool alarming_only = false;
  };

  // Is told how many entries of how many were looked at.
  using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

  // Works when the vault cannot be opened, say because its store was put back to an older state.
  // Errors: as Vault::Verify.
  static Result<AuditLog> Open(const std::string& path, const Protector& protector);

  // Errors: kNotFound, kPermission (also if others can read the file), kIo; kInvalidArgument if it
  // is no audit key.
  static Result<SecretBytes> ReadKeyFile(const std::string& path);

  AuditLog(AuditLog&& other) noexcept;
  ~AuditLog();

  // Calls visit(number, entry) for each entry in the order of their numbers; without the entry,
  // whatever the filter, for one that was altered. One state of the log. What `visit` answers ends
  // it if it is an error.
  // Errors: those of `visit`; kUnsupported for a store of format 1, which must be opened first;
  // kAltered if the database is damaged; kNewerFormat, kIo, kExhausted; of Keyring::Load.
  using Visit = std::function<Status(std::uint64_t number, const AuditEntry* entry)>;
  Status Read(const Filter& filter, const Visit& visit) const;

  // Looks at every entry, in one state of the log. What is wrong is in the report. `audit_key` as
  // ReadKeyFile answers it; empty: without. Errors: as Read, but for kAltered.
  Result<AuditReport> Verify(const SecretBytes& audit_key = {},
                             const Progress& progress = nullptr) const;

 private:
  explicit AuditLog(std::unique_ptr<internal::VaultFiles> files);

  std::unique_ptr<internal::VaultFiles> files_;
};

}  // namespace moniker

#endif  // MONIKER_AUDIT_LOG_H_
