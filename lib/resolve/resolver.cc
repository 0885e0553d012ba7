#include "moniker/resolver.h"

#include "base/status_macros.h"
#include "moniker/label.h"
#include "store/audit_chain.h"
#include "store/mapping_store.h"

namespace moniker {

using internal::Link;
using internal::MappingStore;

std::uint64_t Resolver::SystemTime() {
  return internal::SystemTimeMs();
}

Resolver Resolver::Create(const Vault& vault, Clock clock) {
  return Resolver(vault.store_, std::move(clock));
}

Result<Resolved> Resolver::Resolve(std::string_view id, const AccessReason& reason) const {
  MONIKER_ASSIGN_OR_RETURN(std::vector<std::optional<Resolved>> answers,
                           ResolveMany({&id, 1}, reason));
  if (!answers[0]) return Status(StatusCode::kNotFound, "the ID is not known here");
  return *std::move(answers[0]);
}

Result<std::vector<std::optional<Resolved>>> Resolver::ResolveMany(
    std::span<const std::string_view> ids, const AccessReason& reason) const {
  if (store_ == nullptr) return Status(StatusCode::kClosed, "the resolver was moved from");
  if (!internal::IsAuditText(reason.actor)) {
    return Status(StatusCode::kInvalidArgument,
                  "actor: not 1 to 128 bytes of UTF-8 without control characters");
  }
  if (!internal::IsAuditText(reason.purpose)) {
    return Status(StatusCode::kInvalidArgument,
                  "purpose: not 1 to 128 bytes of UTF-8 without control characters");
  }
  MONIKER_ASSIGN_OR_RETURN(const std::vector<std::optional<MappingStore::Found>> found,
                           store_->FindMany(ids));
  std::vector<Link> links;
  for (const auto& one : found) {
    if (one) links.push_back(one->link);
  }
  MONIKER_ASSIGN_OR_RETURN(std::vector<std::optional<Person>> persons, store_->ReadPersons(links));

  AuditEntry entry;
  entry.time_ms = clock_();
  entry.actor = reason.actor;
  entry.purpose = reason.purpose;
  entry.asked = static_cast<std::uint32_t>(ids.size());
  std::vector<std::optional<Resolved>> answers(ids.size());
  for (std::size_t i = 0, next = 0; i < ids.size(); ++i) {
    if (!found[i]) continue;
    const Link& link = links[next];
    std::optional<Person>& person = persons[next++];
    if (!person) continue;
    if (entry.persons.empty()) entry.scope = link.scope;
    if (entry.scope != link.scope) entry.scope.reset();
    entry.persons.push_back(link.person);
    answers[i] = Resolved{.person = *std::move(person),
                          .pseudonym = Pseudonym(link.digest),
                          .label_code = link.LabelOf(LabelStyle::kCode).text(),
                          .label_words = link.LabelOf(LabelStyle::kWords).text(),
                          .scope = link.scope,
                          .identity_epoch = link.identity_epoch,
                          .by_participant_id = found[i]->by_participant_id};
  }
  MONIKER_RETURN_IF_ERROR(store_->AppendAuditEntry(entry));
  return answers;
}

}  // namespace moniker
