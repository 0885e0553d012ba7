// Pseudonyms of persons who are known or derived, without storing anything.

#include "base/status_macros.h"
#include "store/admission.h"
#include "store/mapping_store.h"
#include "store/persons.h"

namespace moniker::internal {

namespace {

Result<std::vector<std::optional<Pseudonym>>> Derive(std::span<const Identifier> identifiers,
                                                     const Scope& scope, std::uint32_t epoch,
                                                     WorkingSet* set) {
  Issuers issuers(set);
  std::vector<CanonicalIdentifier> canonical;
  for (const Identifier& identifier : identifiers) {
    Result<CanonicalIdentifier> one = MakeCanonical(identifier, NewIssuers::kLeave, &issuers);
    if (!one.ok()) return AtRecord(one.status(), canonical.size());
    canonical.push_back(*std::move(one));
  }
  if (!set->keys().enrolled()) {
    MONIKER_ASSIGN_OR_RETURN(const std::vector<Pseudonym> derived,
                             DeriveFromIdentifiers(canonical, scope, epoch, set->keys()));
    return std::vector<std::optional<Pseudonym>>(derived.begin(), derived.end());
  }
  MONIKER_ASSIGN_OR_RETURN(const std::vector<WorkingSet::Entry*> own,
                           FindOwnRecords(canonical, set));
  std::vector<WorkingSet::Entry*> persons;
  std::vector<std::size_t> known;
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (own[i] == nullptr) continue;
    MONIKER_ASSIGN_OR_RETURN(persons.emplace_back(), FollowMerges(own[i]->tag(), set));
    if (persons.back() == nullptr) return Contradiction();
    known.push_back(i);
  }
  MONIKER_ASSIGN_OR_RETURN(const std::vector<Pseudonym> derived,
                           DeriveFromHandles(persons, scope, epoch, set->keys()));
  std::vector<std::optional<Pseudonym>> answers(identifiers.size());
  for (std::size_t i = 0; i < known.size(); ++i) answers[known[i]] = derived[i];
  return answers;
}

Result<std::vector<Pseudonym>> DeriveAll(const Identifier& identifier, const Scope& scope,
                                         WorkingSet* set) {
  Issuers issuers(set);
  MONIKER_ASSIGN_OR_RETURN(const CanonicalIdentifier canonical,
                           MakeCanonical(identifier, NewIssuers::kLeave, &issuers));
  const StoreKeys& keys = set->keys();
  std::vector<WorkingSet::Entry*> persons;
  if (keys.enrolled()) {
    MONIKER_ASSIGN_OR_RETURN(const std::vector<WorkingSet::Entry*> own,
                             FindOwnRecords({&canonical, 1}, set));
    if (own[0] == nullptr) return std::vector<Pseudonym>();
    MONIKER_ASSIGN_OR_RETURN(const WorkingSet::Entry* const person,
                             FollowMerges(own[0]->tag(), set));
    if (person == nullptr) return Contradiction();
    MONIKER_ASSIGN_OR_RETURN(const std::vector<RecordTag> tags, WithAbsorbed(*person, set));
    for (const RecordTag& tag : tags) {
      MONIKER_ASSIGN_OR_RETURN(persons.emplace_back(), set->Find(Table::kPerson, tag));
    }
  }
  std::vector<Pseudonym> all;
  for (const std::uint32_t epoch : keys.keyring().Epochs(KeyKind::kIdentity)) {
    MONIKER_ASSIGN_OR_RETURN(const std::vector<Pseudonym> derived,
                             keys.enrolled()
                                 ? DeriveFromHandles(persons, scope, epoch, keys)
                                 : DeriveFromIdentifiers({&canonical, 1}, scope, epoch, keys));
    all.insert(all.end(), derived.begin(), derived.end());
  }
  return all;
}

Result<std::vector<std::optional<Link>>> FindLinks(std::span<const Pseudonym> pseudonyms,
                                                   const Scope& scope, WorkingSet* set) {
  std::vector<TagSet> tags;
  for (const Pseudonym& pseudonym : pseudonyms) {
    MONIKER_ASSIGN_OR_RETURN(tags.emplace_back(),
                             set->keys().tags().OfExternalId(pseudonym.uuid()));
  }
  MONIKER_RETURN_IF_ERROR(set->Load(Table::kExternalId, tags));
  std::vector<std::optional<Link>> links(tags.size());
  for (std::size_t i = 0; i < tags.size(); ++i) {
    MONIKER_ASSIGN_OR_RETURN(const WorkingSet::Entry* const entry,
                             set->Find(Table::kExternalId, tags[i]));
    if (!entry->exists()) continue;
    MONIKER_ASSIGN_OR_RETURN(Link link, DecodeLink(entry->payload()));
    // The tag holds 122 bits of a pseudonym; the record holds all of them.
    if (link.scope == scope && link.digest == pseudonyms[i].digest()) links[i] = std::move(link);
  }
  return links;
}

}  // namespace

Result<std::vector<std::optional<Pseudonym>>> MappingStore::PseudonymizeMany(
    std::span<const Identifier> identifiers, const Scope& scope,
    std::optional<std::uint32_t> identity_epoch) {
  std::vector<std::optional<Pseudonym>> answers;
  MONIKER_RETURN_IF_ERROR(Read([&](WorkingSet* set) -> Status {
    const std::uint32_t epoch = identity_epoch.value_or(set->keys().epochs().identity);
    MONIKER_ASSIGN_OR_RETURN(answers, Derive(identifiers, scope, epoch, set));
    return Status::Ok();
  }));
  return answers;
}

Result<std::vector<Pseudonym>> MappingStore::AllPseudonymsOf(const Identifier& identifier,
                                                             const Scope& scope) {
  std::vector<Pseudonym> all;
  MONIKER_RETURN_IF_ERROR(Read([&](WorkingSet* set) -> Status {
    MONIKER_ASSIGN_OR_RETURN(all, DeriveAll(identifier, scope, set));
    return Status::Ok();
  }));
  return all;
}

Result<std::vector<std::optional<Link>>> MappingStore::LinksOf(
    std::span<const Pseudonym> pseudonyms, const Scope& scope) {
  std::vector<std::optional<Link>> links;
  MONIKER_RETURN_IF_ERROR(Read([&](WorkingSet* set) -> Status {
    MONIKER_ASSIGN_OR_RETURN(links, FindLinks(pseudonyms, scope, set));
    return Status::Ok();
  }));
  return links;
}

}  // namespace moniker::internal
