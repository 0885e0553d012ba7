#include "store/enrolment.h"

#include <algorithm>
#include <array>

#include "base/status_macros.h"
#include "crypto/sodium.h"
#include "pseudonym/handle_anonymizer.h"
#include "store/admission.h"

namespace moniker::internal {
namespace {

Status Put(WorkingSet::Entry* entry, const StoredPerson& person, WorkingSet* set) {
  MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, EncodePerson(person));
  set->Put(entry, std::move(payload));
  return Status::Ok();
}

}  // namespace

Result<Enrolment::Known> Enrolment::Find(const Identifier& identifier) {
  MONIKER_ASSIGN_OR_RETURN(CanonicalIdentifier canonical,
                           MakeCanonical(identifier, NewIssuers::kLeave, &issuers_));
  MONIKER_ASSIGN_OR_RETURN(const std::vector<WorkingSet::Entry*> own,
                           FindOwnRecords({&canonical, 1}, set_));
  if (own[0] == nullptr) return Status(StatusCode::kNotFound, "the person is not enrolled");
  MONIKER_ASSIGN_OR_RETURN(WorkingSet::Entry* const person, FollowMerges(own[0]->tag(), set_));
  if (person == nullptr) return Contradiction();
  return Known{std::move(canonical), own[0], person};
}

Status Enrolment::Add(const Identifier& known, const Identifier& added) {
  MONIKER_ASSIGN_OR_RETURN(const Known owner, Find(known));
  MONIKER_ASSIGN_OR_RETURN(const CanonicalIdentifier canonical,
                           MakeCanonical(added, NewIssuers::kDeclare, &issuers_));
  MONIKER_ASSIGN_OR_RETURN(const TagSet tags, set_->keys().tags().OfIdentifier(canonical.view()));
  MONIKER_ASSIGN_OR_RETURN(WorkingSet::Entry* const row, set_->Find(Table::kIdentifier, tags));
  if (row->exists()) {
    MONIKER_ASSIGN_OR_RETURN(const RecordTag tag, DecodeIdentifierOwner(row->payload()));
    MONIKER_ASSIGN_OR_RETURN(const WorkingSet::Entry* const holder, FollowMerges(tag, set_));
    if (holder == owner.person) return Status::Ok();
    return Status(StatusCode::kConflict, "new_id: it is an identifier of another person");
  }
  MONIKER_ASSIGN_OR_RETURN(StoredPerson person, ReadPerson(*owner.person, *set_));
  if (person.identifiers.size() == kMaxIdentifiers) {
    return Status(StatusCode::kExhausted, "the person has 64 identifiers already");
  }
  const std::string_view value = canonical.value.Expose();
  person.identifiers.push_back(
      {canonical.kind, canonical.issuer, value, added.id == value ? std::string_view() : added.id});
  MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, EncodeIdentifierOwner(owner.person->tag()));
  set_->Put(row, std::move(payload));
  return Put(owner.person, person, set_);
}

Status Enrolment::Merge(const Identifier& kept, const Identifier& absorbed) {
  MONIKER_ASSIGN_OR_RETURN(const Known stays, Find(kept));
  MONIKER_ASSIGN_OR_RETURN(const Known goes, Find(absorbed));
  if (stays.person == goes.person) return Status::Ok();
  MONIKER_ASSIGN_OR_RETURN(StoredPerson source, ReadPerson(*goes.person, *set_));
  source.merged_into = stays.person->tag();
  MONIKER_RETURN_IF_ERROR(Put(goes.person, source, set_));
  MONIKER_ASSIGN_OR_RETURN(StoredPerson target, ReadPerson(*stays.person, *set_));
  if (target.absorbed.size() == kMaxAbsorbed) {
    return Status(StatusCode::kExhausted, "64 persons were merged into this one already");
  }
  target.absorbed.push_back(goes.person->tag());
  MONIKER_RETURN_IF_ERROR(Put(stays.person, target, set_));
  return RequireWays(*goes.person);
}

// What cannot be walked may not be made, neither for a person nor for those who were merged into
// it.
Status Enrolment::RequireWays(const WorkingSet::Entry& merged) {
  MONIKER_ASSIGN_OR_RETURN(const std::vector<RecordTag> tags, WithAbsorbed(merged, set_));
  for (const RecordTag& tag : tags) {
    if (!FollowMerges(tag, set_).ok()) {
      return Status(StatusCode::kExhausted, "a person would be merged more than 64 times");
    }
  }
  return Status::Ok();
}

Status Enrolment::Split(const Identifier& identifier) {
  MONIKER_ASSIGN_OR_RETURN(const Known known, Find(identifier));
  MONIKER_ASSIGN_OR_RETURN(const StoredPerson own, ReadPerson(*known.own, *set_));
  if (own.merged_into) {
    MONIKER_ASSIGN_OR_RETURN(WorkingSet::Entry* const target,
                             set_->Find(Table::kPerson, *own.merged_into));
    if (!target->exists()) return Contradiction();
    return Detach(target, known.own);
  }
  if (own.identifiers.size() == 1) {
    return Status(StatusCode::kConflict, "the person has no other identifier to be split from");
  }
  return MoveOut(known);
}

Status Enrolment::Detach(WorkingSet::Entry* person, WorkingSet::Entry* absorbed) {
  MONIKER_ASSIGN_OR_RETURN(StoredPerson target, ReadPerson(*person, *set_));
  if (std::erase(target.absorbed, absorbed->tag()) == 0) return Contradiction();
  MONIKER_RETURN_IF_ERROR(Put(person, target, set_));
  MONIKER_ASSIGN_OR_RETURN(StoredPerson source, ReadPerson(*absorbed, *set_));
  source.merged_into.reset();
  return Put(absorbed, source, set_);
}

// A person of its own, with a handle of its own: what was admitted under this identifier so far
// stays with the person that it leaves.
Status Enrolment::MoveOut(const Known& known) {
  MONIKER_ASSIGN_OR_RETURN(StoredPerson left, ReadPerson(*known.own, *set_));
  const auto moved = std::ranges::find_if(
      left.identifiers, [&](const StoredIdentifier& one) { return Is(one, known.identifier); });
  if (moved == left.identifiers.end()) return Contradiction();
  MONIKER_ASSIGN_OR_RETURN(const SecretBytes handle, RandomSecret(kHandleSize));
  StoredPerson person;
  person.handle = handle.Expose();
  person.identifiers.push_back(*moved);
  person.name = left.name;

  std::array<std::uint8_t, IndexTags::kSize> bytes;
  FillRandom(bytes);
  const RecordTag tag(bytes);
  MONIKER_ASSIGN_OR_RETURN(WorkingSet::Entry* const entry, set_->Find(Table::kPerson, tag));
  MONIKER_RETURN_IF_ERROR(Put(entry, person, set_));
  MONIKER_ASSIGN_OR_RETURN(const TagSet tags,
                           set_->keys().tags().OfIdentifier(known.identifier.view()));
  MONIKER_ASSIGN_OR_RETURN(WorkingSet::Entry* const row, set_->Find(Table::kIdentifier, tags));
  MONIKER_ASSIGN_OR_RETURN(SecretBytes owner, EncodeIdentifierOwner(tag));
  set_->Put(row, std::move(owner));
  left.identifiers.erase(moved);
  return Put(known.own, left, set_);
}

Status MappingStore::Enrol(std::size_t count, bool dry_run,
                           const std::function<Status(Enrolment*, std::size_t)>& step) {
  MONIKER_ASSIGN_OR_RETURN(const std::shared_ptr<const StoreKeys> keys, Keys());
  if (!keys->enrolled()) {
    return Status(StatusCode::kUnsupported, "the persons of a derived vault are their identifiers");
  }
  const auto plan = [&](WorkingSet* set) -> Status {
    Enrolment enrolment(set);
    for (std::size_t i = 0; i < count; ++i) {
      const Status status = step(&enrolment, i);
      if (!status.ok()) return AtRecord(status, i);
    }
    return Status::Ok();
  };
  return dry_run ? Read(plan) : Execute(plan);
}

Status MappingStore::AddIdentifiers(std::span<const IdentifierPair> pairs, bool dry_run) {
  return Enrol(pairs.size(), dry_run, [&](Enrolment* enrolment, std::size_t i) {
    return enrolment->Add(pairs[i].first, pairs[i].second);
  });
}

Status MappingStore::MergePersons(std::span<const IdentifierPair> pairs, bool dry_run) {
  return Enrol(pairs.size(), dry_run, [&](Enrolment* enrolment, std::size_t i) {
    return enrolment->Merge(pairs[i].first, pairs[i].second);
  });
}

Status MappingStore::SplitPersons(std::span<const Identifier> identifiers, bool dry_run) {
  return Enrol(identifiers.size(), dry_run, [&](Enrolment* enrolment, std::size_t i) {
    return enrolment->Split(identifiers[i]);
  });
}

}  // namespace moniker::internal
