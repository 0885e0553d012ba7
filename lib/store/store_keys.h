// What a mapping store derives from one state of the keyring: tags, seals, scope keys.
//
// Thread safety: const members may be called from any thread.

#ifndef MONIKER_LIB_STORE_STORE_KEYS_H_
#define MONIKER_LIB_STORE_STORE_KEYS_H_

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "moniker/anonymizer.h"
#include "moniker/keyring.h"
#include "moniker/result.h"
#include "moniker/scope.h"
#include "pseudonym/handle_anonymizer.h"
#include "store/index_tags.h"
#include "store/payload.h"
#include "store/record_sealer.h"

namespace moniker::internal {

// The newest epoch of each kind.
KeyEpochs EpochsOf(const Keyring& keyring);

class StoreKeys {
 public:
  // Errors: kExhausted, kClosed.
  static Result<std::shared_ptr<const StoreKeys>> Create(Keyring keyring);

  const Keyring& keyring() const { return keyring_; }
  const IndexTags& tags() const { return tags_; }
  const RecordSealer& sealer() const { return sealer_; }
  bool enrolled() const { return keyring_.mode() == VaultMode::kEnrolled; }

  KeyEpochs epochs() const { return EpochsOf(keyring_); }

  // Of a scope and identity epoch; the last few are kept. Errors: kNotFound if the keyring has no
  // such epoch; kUnsupported in the other mode; kExhausted, kClosed.
  Result<std::shared_ptr<const Anonymizer>> AnonymizerOf(const Scope& scope,
                                                         std::uint32_t epoch) const;
  Result<std::shared_ptr<const HandleAnonymizer>> HandleAnonymizerOf(const Scope& scope,
                                                                     std::uint32_t epoch) const;

 private:
  // Scope keys in the order of their last use.
  template <typename Kind>
  class Recent {
   public:
    Result<std::shared_ptr<const Kind>> Get(const Keyring& keyring, const Scope& scope,
                                            std::uint32_t epoch);

   private:
    struct Entry {
      Scope scope;
      std::uint32_t epoch;
      std::shared_ptr<const Kind> anonymizer;
    };
    std::mutex mutex_;
    std::list<Entry> entries_;  // most recent first; a scope is copied in and moved no more
  };

  StoreKeys(Keyring keyring, IndexTags tags, RecordSealer sealer)
      : keyring_(std::move(keyring)), tags_(std::move(tags)), sealer_(std::move(sealer)) {}

  Keyring keyring_;
  IndexTags tags_;
  RecordSealer sealer_;
  mutable Recent<Anonymizer> anonymizers_;
  mutable Recent<HandleAnonymizer> handle_anonymizers_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_STORE_KEYS_H_
