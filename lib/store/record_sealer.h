// Seals payloads into records and opens them: bound to vault, table, tag, epoch and version, their
// lengths hidden in steps of 64 bytes.
//
// Format: docs/formats/mapping-store.md, section 3.
// Thread safety: const members may be called from any thread.

#ifndef MONIKER_LIB_STORE_RECORD_SEALER_H_
#define MONIKER_LIB_STORE_RECORD_SEALER_H_

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "moniker/keyring.h"
#include "moniker/result.h"
#include "moniker/secret.h"
#include "moniker/storage_backend.h"

namespace moniker::internal {

class RecordSealer {
 public:
  struct Opened {
    std::uint32_t version;
    SecretBytes payload;
  };

  // Errors: kExhausted, kClosed.
  static Result<RecordSealer> Create(const Keyring& keyring);

  // Under the newest storage epoch, with a fresh nonce. `version` is 1 for a new record.
  // Errors: kExhausted, kClosed; kInvalidArgument for a payload above the format's limit.
  Result<SealedBytes> Seal(Table table, const RecordTag& tag, std::uint32_t version,
                           ByteView payload) const;

  // What SealMany seals. REQUIRES: the payload outlives the call.
  struct Plain {
    Table table;
    RecordTag tag;
    std::uint32_t version;
    ByteView payload;
  };

  // Each as Seal does it; hundreds of them by several threads. Random bytes are drawn for all at
  // once, as many as are used, and none are kept.
  Result<std::vector<SealedBytes>> SealMany(std::span<const Plain> records) const;

  // The storage epoch that a record says it was sealed under, 0 if it says none, and whether the
  // keyring has it. Not authenticated.
  static std::uint32_t EpochOf(ByteView sealed);
  bool HasKeyOf(ByteView sealed) const { return keys_.contains(EpochOf(sealed)); }

  // Tries exactly one key, that of the epoch in the record.
  // Errors: kAltered for whatever was not sealed for this place by this vault; kExhausted, kClosed.
  Result<Opened> Open(Table table, const RecordTag& tag, ByteView sealed) const;

 private:
  Status SealRange(std::span<const Plain> records, std::span<SealedBytes> sealed) const;

  VaultId vault_id_{};
  std::uint32_t newest_epoch_ = 0;
  std::map<std::uint32_t, SecretBytes> keys_;  // of each storage epoch
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_RECORD_SEALER_H_
