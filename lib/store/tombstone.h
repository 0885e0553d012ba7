// What stays of an erased person: that there was one under this tag, in the store and with its
// anchors, so that a copy of the store from before does not bring the person back.
//
// Format: docs/formats/mapping-store.md, sections 4.9 and 6.1.
// Thread safety: functions without state.

#ifndef MONIKER_LIB_STORE_TOMBSTONE_H_
#define MONIKER_LIB_STORE_TOMBSTONE_H_

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "moniker/keyring.h"
#include "moniker/result.h"
#include "moniker/secret.h"
#include "moniker/storage_backend.h"
#include "store/manifest.h"
#include "store/record_sealer.h"

namespace moniker::internal {

struct Tombstone {
  RecordTag person;
  std::uint64_t counter = 0;  // of the manifest that the erasure was committed with
  std::uint64_t time_ms = 0;  // since 1970-01-01 UTC

  friend bool operator==(const Tombstone&, const Tombstone&) = default;
};

// The record under the person's tag. Errors of Encode: kInvalidArgument for what Decode would
// refuse; kExhausted. Of Decode: kAltered.
Result<SecretBytes> EncodeTombstone(const Tombstone& tombstone);
Result<Tombstone> DecodeTombstone(const RecordTag& tag, ByteView payload);

// All that a store has. Errors: kAltered; those of the reader.
Result<std::vector<Tombstone>> ReadTombstones(const RecordSealer& sealer, StorageReader* reader);

// As records of an anchor's log, each Anchor::kLogRecordSize bytes. What a machine that failed left
// of a record is zeros, and no tombstone.
// Errors of Encode: kExhausted, kClosed; kInvalidArgument. Of Decode also: kAltered for what this
// store did not leave.
Result<std::vector<std::uint8_t>> EncodeTombstoneLog(std::span<const Tombstone> tombstones,
                                                     const VaultId& vault,
                                                     const IntegrityKeys& keys);
Result<std::vector<Tombstone>> DecodeTombstoneLog(ByteView log, const VaultId& vault,
                                                  const IntegrityKeys& keys);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_TOMBSTONE_H_
