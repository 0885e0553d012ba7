// From many IDs back to persons in many calls that are one access, as a file needs it: one audit
// entry for all of them.
//
// Who uses it keeps the order: what was answered must not leave the program before Commit has
// returned success. So a file gets its name, or a stream its next bytes, after the entry is
// durable; without an entry there is no answer.
//
// Thread safety: all members may be called from any thread.

#ifndef MONIKER_BULK_RESOLVER_H_
#define MONIKER_BULK_RESOLVER_H_

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "moniker/access_reason.h"
#include "moniker/resolver.h"
#include "moniker/result.h"
#include "moniker/vault.h"

namespace moniker {

class BulkResolver {
 public:
  // Errors: kInvalidArgument for actor or purpose (the message begins with its name); kClosed if
  // the vault was moved from.
  static Result<BulkResolver> Create(const Vault& vault, const AccessReason& reason,
                                     Resolver::Clock clock = Resolver::SystemTime,
                                     Resolver::Alert alert = nullptr);

  BulkResolver(BulkResolver&& other) noexcept;
  BulkResolver& operator=(BulkResolver&&) = delete;
  ~BulkResolver();  // what was answered and not committed is in no entry

  // answers[i] for ids[i], nothing for the unknown. Most texts of a file are no IDs of anybody, so
  // the entry counts as asked those that are known or have the shape of an external ID or UUID,
  // each once (beyond 262,144 of them, more often). It is written here already, and a further one
  // begun, for each 1,048,576 persons.
  // Errors: as Resolver::ResolveMany.
  Result<std::vector<std::optional<Resolved>>> ResolveMany(std::span<const std::string_view> ids);

  // Makes an entry of all that was asked since the last one; none if there was nothing. The budget
  // is looked at here. After an error nothing of it may leave the program.
  // Errors: as Resolver::ResolveMany.
  Status Commit();

 private:
  class State;

  explicit BulkResolver(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace moniker

#endif  // MONIKER_BULK_RESOLVER_H_
