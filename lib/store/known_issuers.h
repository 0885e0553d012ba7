// The issuers that were seen to be declared. A declaration is for ever, so that it need not be read
// again.
//
// Thread safety: may be called from any thread.

#ifndef MONIKER_LIB_STORE_KNOWN_ISSUERS_H_
#define MONIKER_LIB_STORE_KNOWN_ISSUERS_H_

#include <mutex>
#include <optional>
#include <string_view>

#include "moniker/identifier.h"
#include "store/payload.h"

namespace moniker::internal {

class KnownIssuers {
 public:
  std::optional<IdentifierKind> KindOf(std::string_view issuer) const {
    const std::lock_guard lock(mutex_);
    const auto known = kinds_.find(issuer);
    return known == kinds_.end() ? std::nullopt : std::optional(known->second);
  }

  // As it is stored, not as it may be once a transaction ends well.
  void Add(std::string_view issuer, IdentifierKind kind) {
    const std::lock_guard lock(mutex_);
    kinds_.emplace(issuer, kind);
  }

 private:
  mutable std::mutex mutex_;
  IssuerKinds kinds_;  // guarded by mutex_
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_KNOWN_ISSUERS_H_
