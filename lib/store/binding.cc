#include "store/binding.h"

#include "base/status_macros.h"
#include "store/persons.h"

namespace moniker::internal {
namespace {

constexpr Status kUnknown(StatusCode::kNotFound, "external_id: never admitted here");
constexpr Status kOtherScope(StatusCode::kNotFound, "external_id: never admitted in this scope");
constexpr Status kTaken(StatusCode::kConflict, "participant_id: bound to another person already");

Result<bool> SamePerson(const RecordTag& a, const RecordTag& b, WorkingSet* set) {
  if (a == b) return true;
  MONIKER_ASSIGN_OR_RETURN(const WorkingSet::Entry* const first, FollowMerges(a, set));
  MONIKER_ASSIGN_OR_RETURN(const WorkingSet::Entry* const second, FollowMerges(b, set));
  return first != nullptr && first == second;
}

// What becomes of one binding is `*answer`; an error is that of the whole.
Status PlanBinding(const MappingStore::Binding& binding, const TagSet& external_id,
                   const TagSet& participant, WorkingSet* set, Status* answer) {
  MONIKER_ASSIGN_OR_RETURN(const WorkingSet::Entry* const source,
                           set->Find(Table::kExternalId, external_id));
  *answer = kUnknown;
  if (!source->exists()) return Status::Ok();
  MONIKER_ASSIGN_OR_RETURN(Link link, DecodeLink(source->payload()));
  *answer = kOtherScope;
  if (binding.scope && binding.scope != link.scope) return Status::Ok();
  link.labels.clear();
  link.day = 0;
  link.retention_days = 0;
  link.participant_id = binding.participant_id;

  *answer = Status::Ok();
  MONIKER_ASSIGN_OR_RETURN(WorkingSet::Entry* const target,
                           set->Find(Table::kParticipant, participant));
  if (target->exists()) {
    MONIKER_ASSIGN_OR_RETURN(Link bound, DecodeLink(target->payload()));
    if (bound.participant_id.empty()) bound.participant_id = link.participant_id;  // format 1
    if (bound == link) return Status::Ok();
    // A platform gives one participant ID to one external ID. Another external ID of the same
    // person (another conference or epoch) may follow; another person may not.
    MONIKER_ASSIGN_OR_RETURN(const bool same, SamePerson(bound.person, link.person, set));
    if (!same) {
      *answer = kTaken;
      return Status::Ok();
    }
  }
  MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, EncodeLink(link));
  set->Put(target, std::move(payload));
  return Status::Ok();
}

}  // namespace

Result<std::vector<Status>> PlanBindings(std::span<const MappingStore::Binding> bindings,
                                         WorkingSet* set) {
  std::vector<TagSet> external_ids;
  std::vector<TagSet> participants;
  for (const MappingStore::Binding& binding : bindings) {
    MONIKER_ASSIGN_OR_RETURN(external_ids.emplace_back(),
                             set->keys().tags().OfExternalId(binding.external_id));
    Result<TagSet> tags = set->keys().tags().OfParticipant(binding.participant_id);
    if (!tags.ok()) return tags.status().At(static_cast<std::int64_t>(participants.size()));
    participants.push_back(*std::move(tags));
  }
  MONIKER_RETURN_IF_ERROR(set->Load(Table::kExternalId, external_ids));
  MONIKER_RETURN_IF_ERROR(set->Load(Table::kParticipant, participants));
  std::vector<Status> statuses;
  for (std::size_t i = 0; i < bindings.size(); ++i) {
    MONIKER_RETURN_IF_ERROR(
        PlanBinding(bindings[i], external_ids[i], participants[i], set, &statuses.emplace_back()));
  }
  return statuses;
}

}  // namespace moniker::internal
