// From an external ID or participant ID back to the person. A class and a link target of its own
// (moniker::resolve), so that a program which must not resolve does not link it.
//
// Every call needs an actor and a purpose and leaves an audit entry that is durable before the
// answer is given; if it cannot be written there is no answer.
//
// Thread safety: const members may be called from any thread.

#ifndef MONIKER_RESOLVER_H_
#define MONIKER_RESOLVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/access_reason.h"
#include "moniker/audit_entry.h"
#include "moniker/person.h"
#include "moniker/pseudonym.h"
#include "moniker/result.h"
#include "moniker/scope.h"
#include "moniker/vault.h"

namespace moniker {

struct Resolved {
  Person person;
  Pseudonym pseudonym;  // what the platform saw
  // What display names of this pseudonym end with, by the style of the label.
  std::string label_code;
  std::string label_words;
  Scope scope;
  std::uint32_t identity_epoch;
  bool by_participant_id;  // rather than by external ID or UUID
};

class Resolver {
 public:
  // Milliseconds since 1970-01-01 UTC, for audit entries.
  using Clock = std::function<std::uint64_t()>;
  static std::uint64_t SystemTime();

  // Is told of each entry that somebody should look at: of a marked person (Vault::MarkPersons), of
  // a refused call, of broken glass. Called when the entry is durable, before there is an answer,
  // by the thread that resolves. Must not throw; who resolves should not learn of a marked person.
  using Alert = std::function<void(const AuditEntry&)>;

  static Resolver Create(const Vault& vault, Clock clock = SystemTime, Alert alert = nullptr);

  // `id` is an external ID, with or without metadata (which is ignored), its UUID rendering, or a
  // participant ID that was bound.
  // Errors: kNotFound; kOverBudget if it is beyond the actor's budget (Vault::policy), of which the
  // audit log tells too; kInvalidArgument for actor or purpose; kAltered; kClosed; kReadOnly,
  // kNoSpace, kIo if store or audit fail.
  Result<Resolved> Resolve(std::string_view id, const AccessReason& reason) const;

  // answers[i] for ids[i], nothing for the unknown: one audit entry for all.
  // Errors: as Resolve, but for kNotFound.
  Result<std::vector<std::optional<Resolved>>> ResolveMany(std::span<const std::string_view> ids,
                                                           const AccessReason& reason) const;

 private:
  friend class BulkResolver;

  Resolver(std::shared_ptr<internal::MappingStore> store, Clock clock, Alert alert)
      : store_(std::move(store)), clock_(std::move(clock)), alert_(std::move(alert)) {}

  std::shared_ptr<internal::MappingStore> store_;
  Clock clock_;
  Alert alert_;  // may be none
};

}  // namespace moniker

#endif  // MONIKER_RESOLVER_H_
