#include "store/erasure.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/status_macros.h"
#include "store/anchors.h"
#include "store/audit_chain.h"
#include "store/lookup.h"
#include "store/mapping_store.h"
#include "store/persons.h"
#include "store/scan.h"
#include "store/tombstone.h"

namespace moniker::internal {
namespace {

// Takes a person out of a merge whose other side is erased.
Status Separate(const RecordTag& tag, const RecordTag& erased, WorkingSet* set) {
  MONIKER_ASSIGN_OR_RETURN(WorkingSet::Entry* const entry, set->Find(Table::kPerson, tag));
  if (!entry->exists()) return Status::Ok();
  MONIKER_ASSIGN_OR_RETURN(StoredPerson person, ReadPerson(*entry, *set));
  if (person.merged_into == erased) person.merged_into.reset();
  std::erase(person.absorbed, erased);
  MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, EncodePerson(person));
  set->Put(entry, std::move(payload));
  return Status::Ok();
}

// The identifiers of an enrolled person that lead to it, and its merges.
Status ErasePerson(const RecordTag& tag, const std::set<RecordTag>& persons, WorkingSet* set,
                   StorageTransaction* transaction) {
  MONIKER_ASSIGN_OR_RETURN(const WorkingSet::Entry* const entry, set->Find(Table::kPerson, tag));
  if (!entry->exists()) return Status::Ok();
  MONIKER_ASSIGN_OR_RETURN(const StoredPerson person, ReadPerson(*entry, *set));
  if (!set->keys().enrolled()) return Status::Ok();
  std::vector<RecordTag> identifiers;
  for (const StoredIdentifier& one : person.identifiers) {
    MONIKER_ASSIGN_OR_RETURN(const TagSet tags, set->keys().tags().OfIdentifier(one.identifier()));
    MONIKER_ASSIGN_OR_RETURN(const WorkingSet::Entry* const row,
                             set->Find(Table::kIdentifier, tags));
    if (!row->exists()) continue;
    MONIKER_ASSIGN_OR_RETURN(const RecordTag owner, DecodeIdentifierOwner(row->payload()));
    if (owner == tag) identifiers.push_back(row->tag());
  }
  std::vector<RecordTag> others = person.absorbed;
  if (person.merged_into) others.push_back(*person.merged_into);
  for (const RecordTag& other : others) {
    if (!persons.contains(other)) MONIKER_RETURN_IF_ERROR(Separate(other, tag, set));
  }
  return transaction->EraseMany(Table::kIdentifier, identifiers);
}

Status EraseLinks(Table table, const std::set<RecordTag>& persons, const StoreKeys& keys,
                  StorageTransaction* transaction) {
  const auto erase = [&](std::span<const SealedRecord> records) -> Status {
    std::vector<RecordTag> links;
    std::vector<RecordTag> places;
    for (const SealedRecord& record : records) {
      MONIKER_ASSIGN_OR_RETURN(const RecordSealer::Opened opened,
                               keys.sealer().Open(table, record.tag, record.sealed));
      MONIKER_ASSIGN_OR_RETURN(const Link link, DecodeLink(opened.payload.Expose()));
      if (!persons.contains(link.person)) continue;
      links.push_back(record.tag);
      MONIKER_RETURN_IF_ERROR(FindPlaces(link, keys, transaction, &places));
    }
    MONIKER_RETURN_IF_ERROR(transaction->EraseMany(table, links));
    return transaction->EraseMany(Table::kRoster, places);
  };
  return WalkSteps(table, transaction, erase);
}

// What of an erasure is planned before anything is taken out.
struct Plan {
  std::vector<bool> found;      // of the targets
  std::set<RecordTag> persons;  // with those that were merged with them
};

Status AddGroup(const RecordTag& tag, WorkingSet* set, std::set<RecordTag>* persons) {
  persons->insert(tag);
  if (!set->keys().enrolled()) return Status::Ok();
  MONIKER_ASSIGN_OR_RETURN(const WorkingSet::Entry* const entry, FollowMerges(tag, set));
  if (entry == nullptr) return Status::Ok();
  MONIKER_ASSIGN_OR_RETURN(const std::vector<RecordTag> all, WithAbsorbed(*entry, set));
  persons->insert(all.begin(), all.end());
  return Status::Ok();
}

Result<Plan> PlanErasure(std::span<const ErasureTarget> targets, WorkingSet* set) {
  Issuers issuers(set);
  std::vector<CanonicalIdentifier> identifiers;
  std::vector<std::string_view> ids;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (const auto* const id = std::get_if<std::string_view>(&targets[i])) {
      ids.push_back(*id);
      continue;
    }
    Result<CanonicalIdentifier> canonical =
        MakeCanonical(std::get<Identifier>(targets[i]), NewIssuers::kLeave, &issuers);
    if (!canonical.ok()) return AtRecord(canonical.status(), i);
    identifiers.push_back(*std::move(canonical));
  }
  MONIKER_ASSIGN_OR_RETURN(const std::vector<WorkingSet::Entry*> records,
                           FindOwnRecords(identifiers, set));
  MONIKER_ASSIGN_OR_RETURN(const std::vector<std::optional<MappingStore::Found>> links,
                           LookUp(ids, set));
  Plan plan;
  auto record = records.begin();
  auto link = links.begin();
  for (const ErasureTarget& target : targets) {
    std::optional<RecordTag> person;
    if (std::holds_alternative<Identifier>(target)) {
      if (*record != nullptr && (*record)->exists()) person = (*record)->tag();
      ++record;
    } else {
      if (*link) person = (*link)->link.person;
      ++link;
    }
    plan.found.push_back(person.has_value());
    if (person) MONIKER_RETURN_IF_ERROR(AddGroup(*person, set, &plan.persons));
  }
  return plan;
}

// Over what is there under their tags.
Status PutTombstones(std::span<const Tombstone> tombstones, WorkingSet* set) {
  for (const Tombstone& tombstone : tombstones) {
    MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, EncodeTombstone(tombstone));
    MONIKER_ASSIGN_OR_RETURN(WorkingSet::Entry* const entry,
                             set->Find(Table::kTombstone, tombstone.person));
    set->Put(entry, std::move(payload));
  }
  return Status::Ok();
}

AuditEntry EntryOf(const Plan& plan, const AccessReason& reason, std::uint64_t time_ms) {
  AuditEntry entry;
  entry.time_ms = time_ms;
  entry.operation = AuditOperation::kErase;
  entry.actor = reason.actor;
  entry.purpose = reason.purpose;
  entry.asked = static_cast<std::uint32_t>(plan.found.size());
  entry.persons.assign(plan.persons.begin(), plan.persons.end());
  return entry;
}

}  // namespace

Status FindPlaces(const Link& link, const StoreKeys& keys, StorageReader* reader,
                  std::vector<RecordTag>* places) {
  for (const Label& label : link.labels) {
    MONIKER_ASSIGN_OR_RETURN(const TagSet tags,
                             keys.tags().OfLabel(link.scope.conference(), label));
    std::vector<std::optional<SealedBytes>> found;
    MONIKER_RETURN_IF_ERROR(reader->FindMany(Table::kRoster, tags, &found));
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (!found[i]) continue;
      MONIKER_ASSIGN_OR_RETURN(const RecordSealer::Opened opened,
                               keys.sealer().Open(Table::kRoster, tags[i], *found[i]));
      MONIKER_ASSIGN_OR_RETURN(const Uuid::Bytes owner, DecodeRosterEntry(opened.payload.Expose()));
      if (owner == Pseudonym(link.digest).uuid().bytes()) places->push_back(tags[i]);
    }
  }
  return Status::Ok();
}

Status CheckReason(const AccessReason& reason) {
  if (!reason.actor.empty() && !IsAuditText(reason.actor)) {
    return Status(StatusCode::kInvalidArgument,
                  "actor: not at most 128 bytes of UTF-8 without control characters");
  }
  if (!reason.purpose.empty() && !IsAuditText(reason.purpose)) {
    return Status(StatusCode::kInvalidArgument,
                  "purpose: not at most 128 bytes of UTF-8 without control characters");
  }
  return Status::Ok();
}

Status ErasePersons(const std::set<RecordTag>& persons, WorkingSet* set,
                    StorageTransaction* transaction) {
  if (persons.empty()) return Status::Ok();
  for (const RecordTag& tag : persons) {
    MONIKER_RETURN_IF_ERROR(ErasePerson(tag, persons, set, transaction));
  }
  for (const Table table : {Table::kExternalId, Table::kParticipant}) {
    MONIKER_RETURN_IF_ERROR(EraseLinks(table, persons, set->keys(), transaction));
  }
  return transaction->EraseMany(Table::kPerson, std::vector(persons.begin(), persons.end()));
}

Result<std::set<RecordTag>> EraseAgain(std::span<const Tombstone> tombstones, WorkingSet* set,
                                       AccountedTransaction* transaction) {
  const std::uint64_t begin = transaction->manifest().counter;
  std::map<RecordTag, Tombstone> later;
  for (const Tombstone& one : tombstones) {
    if (one.counter <= begin) continue;
    transaction->CountFrom(one.counter);
    Tombstone& known = later[one.person];
    if (known.counter < one.counter) known = one;
  }
  std::set<RecordTag> persons;
  for (const auto& [person, tombstone] : later) {
    persons.insert(person);
    MONIKER_RETURN_IF_ERROR(PutTombstones({&tombstone, 1}, set));
  }
  MONIKER_RETURN_IF_ERROR(ErasePersons(persons, set, transaction));
  return persons;
}

Result<Erasure> MappingStore::Erase(std::span<const ErasureTarget> targets,
                                    const AccessReason& reason) {
  MONIKER_RETURN_IF_ERROR(CheckReason(reason));
  MONIKER_ASSIGN_OR_RETURN(Write write, BeginWrite());
  AccountedTransaction* const transaction = write.transaction.get();
  WorkingSet set(write.state.keys, transaction);
  MONIKER_ASSIGN_OR_RETURN(const Plan plan, PlanErasure(targets, &set));

  const std::uint64_t time_ms = SystemTimeMs();
  std::vector<Tombstone> tombstones;
  for (const RecordTag& tag : plan.persons) {
    tombstones.push_back({tag, transaction->manifest().counter + 1, time_ms});
  }
  MONIKER_RETURN_IF_ERROR(PutTombstones(tombstones, &set));
  MONIKER_RETURN_IF_ERROR(ErasePersons(plan.persons, &set, transaction));
  MONIKER_RETURN_IF_ERROR(
      AppendToAuditLog(EntryOf(plan, reason, time_ms), *write.state.keys, transaction));
  // Before the store: an anchor that knows of too many erasures forgets nobody's.
  MONIKER_RETURN_IF_ERROR(anchors_.KeepTombstones(
      tombstones, write.state.keys->keyring().vault_id(), transaction->integrity_keys()));
  MONIKER_RETURN_IF_ERROR(Commit(&write, &set));
  const Result<bool> is_empty = backend_->Checkpoint();
  return Erasure{plan.found, is_empty.ok() && *is_empty};
}

}  // namespace moniker::internal
