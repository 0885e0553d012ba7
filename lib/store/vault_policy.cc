// What a vault holds against those who may resolve: its policy, and persons who are marked.

#include "base/status_macros.h"
#include "store/audit_chain.h"
#include "store/erasure.h"
#include "store/mapping_store.h"
#include "store/persons.h"

namespace moniker::internal {

namespace {

AuditEntry EntryOf(AuditOperation operation, const AccessReason& reason) {
  AuditEntry entry;
  entry.time_ms = SystemTimeMs();
  entry.operation = operation;
  entry.actor = reason.actor;
  entry.purpose = reason.purpose;
  return entry;
}

// With all who were merged into this person or whom it was merged into, so that a split hides
// nobody.
Status MarkPerson(const Identifier& identifier, bool marked, WorkingSet* set) {
  Issuers issuers(set);
  MONIKER_ASSIGN_OR_RETURN(const CanonicalIdentifier canonical,
                           MakeCanonical(identifier, NewIssuers::kLeave, &issuers));
  MONIKER_ASSIGN_OR_RETURN(const std::vector<WorkingSet::Entry*> own,
                           FindOwnRecords({&canonical, 1}, set));
  if (own[0] == nullptr || !own[0]->exists()) {
    return Status(StatusCode::kNotFound, "the person is not stored");
  }
  MONIKER_ASSIGN_OR_RETURN(const WorkingSet::Entry* const last, FollowMerges(own[0]->tag(), set));
  if (last == nullptr) return Contradiction();
  MONIKER_ASSIGN_OR_RETURN(const std::vector<RecordTag> tags, WithAbsorbed(*last, set));
  for (const RecordTag& tag : tags) {
    MONIKER_ASSIGN_OR_RETURN(WorkingSet::Entry* const entry, set->Find(Table::kPerson, tag));
    MONIKER_ASSIGN_OR_RETURN(StoredPerson person, ReadPerson(*entry, *set));
    if (person.honey == marked) continue;
    person.honey = marked;
    MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, EncodePerson(person));
    set->Put(entry, std::move(payload));
  }
  return Status::Ok();
}

}  // namespace

Result<VaultPolicy> MappingStore::Policy() {
  MONIKER_ASSIGN_OR_RETURN(const State state, StateForReading());
  return state.policy;
}

Status MappingStore::SetPolicy(const VaultPolicy& policy, const AccessReason& reason) {
  MONIKER_RETURN_IF_ERROR(CheckReason(reason));
  MONIKER_ASSIGN_OR_RETURN(Write write, BeginWrite());
  WorkingSet set(write.state.keys, write.transaction.get());
  MONIKER_RETURN_IF_ERROR(PutSettings(policy, &set));
  const AuditEntry entry = EntryOf(AuditOperation::kPolicy, reason);
  MONIKER_RETURN_IF_ERROR(AppendToAuditLog(entry, *write.state.keys, write.transaction.get()));
  write.state.policy = policy;  // should Commit write settings of its own
  MONIKER_RETURN_IF_ERROR(Commit(&write, &set));
  ForgetSettings();
  return Status::Ok();
}

Status MappingStore::MarkPersons(std::span<const Identifier> identifiers, bool marked,
                                 const AccessReason& reason) {
  MONIKER_RETURN_IF_ERROR(CheckReason(reason));
  MONIKER_ASSIGN_OR_RETURN(Write write, BeginWrite());
  WorkingSet set(write.state.keys, write.transaction.get());
  for (std::size_t i = 0; i < identifiers.size(); ++i) {
    const Status status = MarkPerson(identifiers[i], marked, &set);
    if (!status.ok()) return AtRecord(status, i);
  }
  AuditEntry entry = EntryOf(AuditOperation::kMark, reason);
  entry.asked = static_cast<std::uint32_t>(identifiers.size());
  MONIKER_RETURN_IF_ERROR(AppendToAuditLog(entry, *write.state.keys, write.transaction.get()));
  return Commit(&write, &set);
}

}  // namespace moniker::internal
