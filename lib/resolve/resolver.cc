#include "moniker/resolver.h"

#include "base/status_macros.h"
#include "resolve/answering.h"
#include "store/audit_chain.h"
#include "store/mapping_store.h"

namespace moniker {

std::uint64_t Resolver::SystemTime() { return internal::SystemTimeMs(); }

Resolver Resolver::Create(const Vault& vault, Clock clock, Alert alert) {
  return Resolver(vault.store_, std::move(clock), std::move(alert));
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
  MONIKER_RETURN_IF_ERROR(internal::RequireReason(reason));
  AuditEntry entry;
  MONIKER_ASSIGN_OR_RETURN(std::vector<std::optional<internal::Answer>> answers,
                           internal::AnswerMany(store_.get(), ids, &entry.honey));
  entry.time_ms = clock_();
  if (reason.break_glass) entry.operation = AuditOperation::kBreakGlassResolve;
  entry.actor = reason.actor;
  entry.purpose = reason.purpose;
  entry.asked = static_cast<std::uint32_t>(ids.size());
  std::vector<std::optional<Resolved>> resolved(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!answers[i]) continue;
    const Scope& scope = answers[i]->resolved.scope;
    if (entry.persons.empty()) entry.scope = scope;
    if (entry.scope != scope) entry.scope.reset();
    entry.persons.push_back(answers[i]->person);
    resolved[i] = std::move(answers[i]->resolved);
  }
  MONIKER_RETURN_IF_ERROR(internal::WriteEntry(store_.get(), std::move(entry), alert_));
  return resolved;
}

}  // namespace moniker
