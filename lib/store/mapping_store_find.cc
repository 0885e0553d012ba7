// The way back itself. Apart from mapping_store.cc so that a program without a Resolver does not
// contain it: from a static library the linker takes only the object files that somebody asks for.

#include <algorithm>

#include "base/status_macros.h"
#include "store/audit_chain.h"
#include "store/lookup.h"
#include "store/mapping_store.h"
#include "store/persons.h"

namespace moniker::internal {
namespace {

// The labels of a participant ID's link stand in that of its external ID.
Status AddLabels(WorkingSet* set, std::vector<std::optional<MappingStore::Found>>* answers) {
  for (std::optional<MappingStore::Found>& answer : *answers) {
    if (!answer || !answer->by_participant_id || answer->link.scope.is_app()) continue;
    MONIKER_ASSIGN_OR_RETURN(
        const TagSet tags, set->keys().tags().OfExternalId(Pseudonym(answer->link.digest).uuid()));
    MONIKER_ASSIGN_OR_RETURN(const WorkingSet::Entry* const entry,
                             set->Find(Table::kExternalId, tags));
    if (!entry->exists()) continue;
    MONIKER_ASSIGN_OR_RETURN(const Link link, DecodeLink(entry->payload()));
    answer->link.labels = link.labels;
  }
  return Status::Ok();
}

Status AddOtherIdentifiers(std::span<const StoredIdentifier> identifiers, Person* person) {
  for (const StoredIdentifier& one : identifiers) {
    MONIKER_ASSIGN_OR_RETURN(SecretText id, SecretText::CopyOf(one.as_given()));
    person->other_identifiers.push_back({std::string(one.issuer), std::move(id)});
  }
  return Status::Ok();
}

// `*honey` becomes true if one of those who are this person is marked.
Result<Person> PersonOf(const WorkingSet::Entry& entry, WorkingSet* set, bool* honey) {
  MONIKER_ASSIGN_OR_RETURN(const StoredPerson stored, ReadPerson(entry, *set));
  *honey = *honey || stored.honey;
  const StoredIdentifier& first = stored.identifiers.front();
  Person person;
  person.issuer = first.issuer;
  MONIKER_ASSIGN_OR_RETURN(person.id, SecretText::CopyOf(first.as_given()));
  MONIKER_ASSIGN_OR_RETURN(person.name, SecretText::CopyOf(stored.name));
  for (const FieldView& field : stored.fields) {
    MONIKER_ASSIGN_OR_RETURN(SecretText text, SecretText::CopyOf(field.text));
    person.fields.push_back({std::string(field.name), std::move(text)});
  }
  MONIKER_RETURN_IF_ERROR(AddOtherIdentifiers(std::span(stored.identifiers).subspan(1), &person));
  if (stored.absorbed.empty()) return person;
  MONIKER_ASSIGN_OR_RETURN(const std::vector<RecordTag> tags, WithAbsorbed(entry, set));
  for (const RecordTag& tag : std::span(tags).subspan(1)) {
    MONIKER_ASSIGN_OR_RETURN(const WorkingSet::Entry* const absorbed,
                             set->Find(Table::kPerson, tag));
    MONIKER_ASSIGN_OR_RETURN(const StoredPerson other, ReadPerson(*absorbed, *set));
    *honey = *honey || other.honey;
    MONIKER_RETURN_IF_ERROR(AddOtherIdentifiers(other.identifiers, &person));
  }
  return person;
}

// As ReadPersons.
Result<std::vector<std::optional<Person>>> PersonsOf(std::span<Link> links, WorkingSet* set,
                                                     bool* honey) {
  std::vector<TagSet> tags;
  for (const Link& link : links) tags.push_back({link.person});
  MONIKER_RETURN_IF_ERROR(set->Load(Table::kPerson, tags));
  std::vector<std::optional<Person>> persons;
  for (Link& link : links) {
    MONIKER_ASSIGN_OR_RETURN(const WorkingSet::Entry* const entry, FollowMerges(link.person, set));
    persons.emplace_back();
    if (entry == nullptr) continue;
    MONIKER_ASSIGN_OR_RETURN(persons.back(), PersonOf(*entry, set, honey));
    link.person = entry->tag();
  }
  return persons;
}

// What nobody was answered tells of nobody.
void Refuse(AuditEntry* entry) {
  entry->operation = AuditOperation::kRefusedResolve;
  entry->honey = false;
  entry->scope.reset();
  entry->persons.clear();
}

}  // namespace

Result<std::vector<std::optional<MappingStore::Found>>> MappingStore::FindMany(
    std::span<const std::string_view> ids) {
  std::vector<std::optional<Found>> answers;
  MONIKER_RETURN_IF_ERROR(Read([&](WorkingSet* set) -> Status {
    MONIKER_ASSIGN_OR_RETURN(answers, LookUp(ids, set));
    return AddLabels(set, &answers);
  }));
  return answers;
}

Result<std::vector<std::optional<Person>>> MappingStore::ReadPersons(std::span<Link> links,
                                                                     bool* honey) {
  bool is_marked = false;
  std::vector<std::optional<Person>> persons;
  std::vector<Link> followed;
  MONIKER_RETURN_IF_ERROR(Read([&](WorkingSet* set) -> Status {
    followed.assign(links.begin(), links.end());
    is_marked = false;
    MONIKER_ASSIGN_OR_RETURN(persons, PersonsOf(followed, set, &is_marked));
    return Status::Ok();
  }));
  std::ranges::move(followed, links.begin());
  if (honey != nullptr) *honey = is_marked;
  return persons;
}

Result<AuditEntry> MappingStore::AppendAuditEntry(AuditEntry entry) {
  MONIKER_RETURN_IF_ERROR(
      WriteTogether([&](const auto& keys, AccountedTransaction* transaction) -> Status {
        MONIKER_ASSIGN_OR_RETURN(const State state, CurrentState(transaction));
        if (state.policy.has_budget()) {
          MONIKER_ASSIGN_OR_RETURN(const LookupHistory::Verdict verdict,
                                   lookups_.Judge(entry, state.policy, *keys, transaction));
          entry.time_ms = verdict.time_ms;
          const bool is_refused =
              !verdict.is_within_budget && entry.operation == AuditOperation::kResolve;
          if (is_refused) Refuse(&entry);
        }
        return AppendToAuditLog(entry, *keys, transaction);
      }));
  return entry;
}

}  // namespace moniker::internal
