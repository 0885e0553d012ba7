#include "store/store_keys.h"

#include <algorithm>

#include "base/status_macros.h"

namespace moniker::internal {
namespace {

// Conferences that a process serves at one time, roughly; a further one costs a hash.
constexpr std::size_t kRecentScopes = 64;

}  // namespace

template <typename Kind>
Result<std::shared_ptr<const Kind>> StoreKeys::Recent<Kind>::Get(const Keyring& keyring,
                                                                 const Scope& scope,
                                                                 std::uint32_t epoch) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find_if(
        entries_, [&](const Entry& entry) { return entry.epoch == epoch && entry.scope == scope; });
    if (found != entries_.end()) {
      entries_.splice(entries_.begin(), entries_, found);
      return entries_.front().anonymizer;
    }
  }
  MONIKER_ASSIGN_OR_RETURN(Kind made, Kind::Create(keyring, scope, epoch));
  auto anonymizer = std::make_shared<const Kind>(std::move(made));
  const std::lock_guard lock(mutex_);
  if (entries_.size() == kRecentScopes) entries_.pop_back();
  entries_.push_front({scope, epoch, anonymizer});
  return std::shared_ptr<const Kind>(std::move(anonymizer));
}

Result<std::shared_ptr<const StoreKeys>> StoreKeys::Create(Keyring keyring) {
  MONIKER_ASSIGN_OR_RETURN(IndexTags tags, IndexTags::Create(keyring));
  MONIKER_ASSIGN_OR_RETURN(RecordSealer sealer, RecordSealer::Create(keyring));
  return std::shared_ptr<const StoreKeys>(
      new StoreKeys(std::move(keyring), std::move(tags), std::move(sealer)));
}

KeyEpochs EpochsOf(const Keyring& keyring) {
  return {.identity = keyring.NewestEpoch(KeyKind::kIdentity),
          .storage = keyring.NewestEpoch(KeyKind::kStorage),
          .index = keyring.NewestEpoch(KeyKind::kIndex)};
}

Result<std::shared_ptr<const Anonymizer>> StoreKeys::AnonymizerOf(const Scope& scope,
                                                                  std::uint32_t epoch) const {
  return anonymizers_.Get(keyring_, scope, epoch);
}

Result<std::shared_ptr<const HandleAnonymizer>> StoreKeys::HandleAnonymizerOf(
    const Scope& scope, std::uint32_t epoch) const {
  if (!enrolled()) {
    return Status(StatusCode::kUnsupported, "the vault derives its pseudonyms from identifiers");
  }
  return handle_anonymizers_.Get(keyring_, scope, epoch);
}

}  // namespace moniker::internal
