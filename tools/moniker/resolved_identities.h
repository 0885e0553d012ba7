// What the IDs of a file stand for: persons of the vault, as a run may know them.
//
// Thread safety: ResolvedIdentities may be used from several threads; a source by one.

#ifndef MONIKER_TOOLS_MONIKER_RESOLVED_IDENTITIES_H_
#define MONIKER_TOOLS_MONIKER_RESOLVED_IDENTITIES_H_

#include <memory>
#include <string_view>

#include "identity_cache.h"
#include "moniker/bulk_resolver.h"
#include "moniker/reidentify.h"

namespace moniker::tool {

class ResolvedIdentities {
 public:
  // Throws Failure.
  ResolvedIdentities(const Vault& vault, const AccessReason& reason);

  // None of them may live longer than this.
  IdentitySourceFactory Sources();

  // The audit entry of what was asked so far; before it is durable nothing of it may be seen.
  Status Commit() { return resolver_.Commit(); }

 private:
  class Source;

  BulkResolver resolver_;
  IdentityCache cache_;
};

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_RESOLVED_IDENTITIES_H_
