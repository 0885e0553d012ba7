// What a store says of IDs, and the audit entry that tells of it.
//
// Thread safety: functions that use what they are given.

#ifndef MONIKER_LIB_RESOLVE_ANSWERING_H_
#define MONIKER_LIB_RESOLVE_ANSWERING_H_

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "moniker/access_reason.h"
#include "moniker/audit_entry.h"
#include "moniker/resolver.h"
#include "moniker/result.h"
#include "store/mapping_store.h"

namespace moniker::internal {

// Errors: kInvalidArgument; the message begins with the name of the field.
Status RequireReason(const AccessReason& reason);

// What is known of an ID, and whose tag an audit entry has for it.
struct Answer {
  Resolved resolved;
  RecordTag person;
};

// Nothing is audited yet. `*honey` is whether one of the persons is marked. Errors: as
// Resolver::ResolveMany, but for those of the reason.
Result<std::vector<std::optional<Answer>>> AnswerMany(MappingStore* store,
                                                      std::span<const std::string_view> ids,
                                                      bool* honey);

// Durable when it returns, and told of if it is alarming. Errors: as Resolver::ResolveMany;
// kOverBudget if the entry became that of a refusal.
Status WriteEntry(MappingStore* store, AuditEntry entry, const Resolver::Alert& alert);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_RESOLVE_ANSWERING_H_
