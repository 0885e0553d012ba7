#include "resolve/answering.h"

#include <utility>

#include "base/status_macros.h"
#include "moniker/label.h"

namespace moniker::internal {

Status RequireReason(const AccessReason& reason) {
  if (!IsAuditText(reason.actor)) {
    return Status(StatusCode::kInvalidArgument,
                  "actor: not 1 to 128 bytes of UTF-8 without control characters");
  }
  if (!IsAuditText(reason.purpose)) {
    return Status(StatusCode::kInvalidArgument,
                  "purpose: not 1 to 128 bytes of UTF-8 without control characters");
  }
  return Status::Ok();
}

Result<std::vector<std::optional<Answer>>> AnswerMany(MappingStore* store,
                                                      std::span<const std::string_view> ids,
                                                      bool* honey) {
  MONIKER_ASSIGN_OR_RETURN(const std::vector<std::optional<MappingStore::Found>> found,
                           store->FindMany(ids));
  std::vector<Link> links;
  for (const auto& one : found) {
    if (one) links.push_back(one->link);
  }
  MONIKER_ASSIGN_OR_RETURN(std::vector<std::optional<Person>> persons,
                           store->ReadPersons(links, honey));
  std::vector<std::optional<Answer>> answers(ids.size());
  for (std::size_t i = 0, next = 0; i < ids.size(); ++i) {
    if (!found[i]) continue;
    const Link& link = links[next];
    std::optional<Person>& person = persons[next++];
    if (!person) continue;
    answers[i] = Answer{.resolved = {.person = *std::move(person),
                                     .pseudonym = Pseudonym(link.digest),
                                     .label_code = link.LabelOf(LabelStyle::kCode).text(),
                                     .label_words = link.LabelOf(LabelStyle::kWords).text(),
                                     .scope = link.scope,
                                     .identity_epoch = link.identity_epoch,
                                     .by_participant_id = found[i]->by_participant_id},
                        .person = link.person};
  }
  return answers;
}

Status WriteEntry(MappingStore* store, AuditEntry entry, const Resolver::Alert& alert) {
  MONIKER_ASSIGN_OR_RETURN(const AuditEntry written, store->AppendAuditEntry(std::move(entry)));
  if (alert && IsAlarming(written)) alert(written);
  if (written.operation != AuditOperation::kRefusedResolve) return Status::Ok();
  return Status(StatusCode::kOverBudget, "the budget of this actor is used up");
}

}  // namespace moniker::internal
