#include "store/lookup.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "moniker/pseudonym.h"
#include "store/index_tags.h"

namespace moniker::internal {
namespace {

using Answers = std::vector<std::optional<MappingStore::Found>>;

// For so many IDs it is asked first whether there are any.
constexpr std::size_t kWorthAQuestion = 64;

struct Candidate {
  std::size_t index;  // in the IDs
  TagSet tags;
};

// Answers those candidates whose record is there and is accepted by accept(ID, link).
template <typename Accept>
Status Answer(Table table, std::span<const std::string_view> ids,
              std::span<const Candidate> candidates, Accept accept, WorkingSet* set,
              Answers* answers) {
  std::vector<TagSet> wanted;
  wanted.reserve(candidates.size());
  for (const Candidate& candidate : candidates) wanted.push_back(candidate.tags);
  MONIKER_RETURN_IF_ERROR(set->Load(table, wanted));
  for (const Candidate& candidate : candidates) {
    MONIKER_ASSIGN_OR_RETURN(const WorkingSet::Entry* const entry,
                             set->Find(table, candidate.tags));
    if (!entry->exists()) continue;
    MONIKER_ASSIGN_OR_RETURN(Link link, DecodeLink(entry->payload()));
    if (!accept(ids[candidate.index], link)) continue;
    (*answers)[candidate.index] =
        MappingStore::Found{std::move(link), table == Table::kParticipant};
  }
  return Status::Ok();
}

Status AnswerExternalIds(std::span<const std::string_view> ids, WorkingSet* set, Answers* answers) {
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Result<ExternalId> external_id = ExternalId::Parse(ids[i]);
    const Result<Uuid> uuid = external_id.ok() ? UuidOf(*external_id) : Uuid::Parse(ids[i]);
    if (!uuid.ok()) continue;
    MONIKER_ASSIGN_OR_RETURN(TagSet tags, set->keys().tags().OfExternalId(*uuid));
    candidates.push_back({i, std::move(tags)});
  }
  // The tag holds 122 bits of an external ID; the record holds all of them.
  const auto is_whole_id = [](std::string_view id, const Link& link) {
    const Result<ExternalId> external_id = ExternalId::Parse(id);
    return !external_id.ok() || Pseudonym(link.digest).external_id() == *external_id;
  };
  return Answer(Table::kExternalId, ids, candidates, is_whole_id, set, answers);
}

// Those that have no answer yet. Most texts of a file are no IDs of anybody, and many a store has
// no participant IDs at all.
Status AnswerParticipants(std::span<const std::string_view> ids, WorkingSet* set,
                          Answers* answers) {
  const auto unanswered = static_cast<std::size_t>(
      std::ranges::count_if(*answers, [](const auto& answer) { return !answer.has_value(); }));
  if (unanswered >= kWorthAQuestion) {
    MONIKER_ASSIGN_OR_RETURN(const bool is_empty, set->IsEmpty(Table::kParticipant));
    if (is_empty) return Status::Ok();
  }
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if ((*answers)[i] || !ValidateParticipantId(ids[i]).ok()) continue;
    MONIKER_ASSIGN_OR_RETURN(TagSet tags, set->keys().tags().OfParticipant(ids[i]));
    candidates.push_back({i, std::move(tags)});
  }
  const auto is_any = [](std::string_view, const Link&) { return true; };
  return Answer(Table::kParticipant, ids, candidates, is_any, set, answers);
}

}  // namespace

Result<std::vector<std::optional<MappingStore::Found>>> LookUp(
    std::span<const std::string_view> ids, WorkingSet* set) {
  Answers answers(ids.size());
  MONIKER_RETURN_IF_ERROR(AnswerExternalIds(ids, set, &answers));
  MONIKER_RETURN_IF_ERROR(AnswerParticipants(ids, set, &answers));
  return answers;
}

}  // namespace moniker::internal
