// What the audit log of a vault says of one access or change.
//
// Format: docs/formats/mapping-store.md, section 4.3.
// Thread safety: values.

#ifndef MONIKER_AUDIT_ENTRY_H_
#define MONIKER_AUDIT_ENTRY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/prf.h"
#include "moniker/scope.h"
#include "moniker/storage_backend.h"

namespace moniker {

// persistent: never renumber
enum class AuditOperation : std::uint8_t {
  kResolve = 1,
  kRefusedResolve = 2,     // nobody was answered: the actor's budget is used up
  kBreakGlassResolve = 3,  // whatever the actor's budget: AccessReason::break_glass
  kStateAccepted = 4,      // of the store, whatever its anchors said
  kErase = 5,
  kExpire = 6,
  kRestore = 7,
  kPolicy = 8,  // the vault's policy was set
  kMark = 9,    // persons are to be told of when resolved, or no more
};

// "resolve", "refused_resolve", "break_glass_resolve", "state_accepted", "erase", "expire",
// "restore", "policy", "mark"; a static string, empty for what is none.
std::string_view AuditOperationName(AuditOperation operation);

struct AuditEntry {
  // Since 1970-01-01 UTC, by the clock of who wrote it; while the vault has a budget, of resolving
  // never before that of the last one who did.
  std::uint64_t time_ms = 0;
  AuditOperation operation = AuditOperation::kResolve;
  bool honey = false;  // somebody was answered who is marked to be told of
  // 0..128 bytes of UTF-8 without control characters; neither is empty when somebody resolves.
  std::string actor;
  std::string purpose;
  std::optional<Scope> scope;  // that of all persons answered; nothing if there are none or several
  std::uint32_t asked = 0;     // IDs or persons
  // Keyed tags of the persons answered or acted upon, 16 bytes each, in the order of the answers.
  // They say who is the same, not who it is, and stay when the person is erased.
  std::vector<RecordTag> persons;
  std::optional<Digest> mark;  // none in an entry of store format 1
};

// Whether somebody should look at it: a marked person was answered, a call was refused, the glass
// was broken.
inline bool IsAlarming(const AuditEntry& entry) {
  return entry.honey || entry.operation == AuditOperation::kRefusedResolve ||
         entry.operation == AuditOperation::kBreakGlassResolve;
}

}  // namespace moniker

#endif  // MONIKER_AUDIT_ENTRY_H_
