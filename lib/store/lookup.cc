#include "store/lookup.h"

#include "base/status_macros.h"
#include "moniker/pseudonym.h"
#include "store/index_tags.h"

namespace moniker::internal {

Result<std::vector<std::optional<MappingStore::Found>>> LookUp(
    std::span<const std::string_view> ids, WorkingSet* set) {
  struct Candidate {
    std::size_t index;  // in `ids`
    TagSet tags;
  };
  const IndexTags& tags = set->keys().tags();
  std::vector<Candidate> external_ids;
  std::vector<Candidate> participants;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Result<ExternalId> external_id = ExternalId::Parse(ids[i]);
    const Result<Uuid> uuid = external_id.ok() ? UuidOf(*external_id) : Uuid::Parse(ids[i]);
    if (uuid.ok()) {
      MONIKER_ASSIGN_OR_RETURN(TagSet of_id, tags.OfExternalId(*uuid));
      external_ids.push_back({i, std::move(of_id)});
    }
    if (ValidateParticipantId(ids[i]).ok()) {
      MONIKER_ASSIGN_OR_RETURN(TagSet of_id, tags.OfParticipant(ids[i]));
      participants.push_back({i, std::move(of_id)});
    }
  }

  std::vector<std::optional<MappingStore::Found>> answers(ids.size());
  const auto look_up = [&](Table table, const std::vector<Candidate>& candidates,
                           const auto& accept) -> Status {
    std::vector<TagSet> wanted;
    for (const Candidate& candidate : candidates) {
      if (!answers[candidate.index]) wanted.push_back(candidate.tags);
    }
    MONIKER_RETURN_IF_ERROR(set->Load(table, wanted));
    for (const Candidate& candidate : candidates) {
      if (answers[candidate.index]) continue;
      MONIKER_ASSIGN_OR_RETURN(const WorkingSet::Entry* const entry,
                               set->Find(table, candidate.tags));
      if (!entry->exists()) continue;
      MONIKER_ASSIGN_OR_RETURN(Link link, DecodeLink(entry->payload()));
      if (!accept(ids[candidate.index], link)) continue;
      answers[candidate.index] = MappingStore::Found{std::move(link), table == Table::kParticipant};
    }
    return Status::Ok();
  };
  // The tag holds 122 bits of an external ID; the record holds all of them.
  const auto is_whole_id = [](std::string_view id, const Link& link) {
    const Result<ExternalId> external_id = ExternalId::Parse(id);
    return !external_id.ok() || Pseudonym(link.digest).external_id() == *external_id;
  };
  MONIKER_RETURN_IF_ERROR(look_up(Table::kExternalId, external_ids, is_whole_id));
  MONIKER_RETURN_IF_ERROR(look_up(Table::kParticipant, participants,
                                  [](std::string_view, const Link&) { return true; }));
  return answers;
}

}  // namespace moniker::internal
