// What a store says of itself as a whole: how often it was changed, how many rows each table has,
// and a digest of them in which every row counts, so that one that is missing, added or older is
// noticed though each by itself is authentic.
//
// Format: docs/formats/mapping-store.md, section 4.8.
// Thread safety: functions without state; const members may be called from any thread.

#ifndef MONIKER_LIB_STORE_MANIFEST_H_
#define MONIKER_LIB_STORE_MANIFEST_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "moniker/keyring.h"
#include "moniker/prf.h"
#include "moniker/result.h"
#include "moniker/secret.h"
#include "moniker/storage_backend.h"
#include "store/record_sealer.h"

namespace moniker::internal {

struct Manifest {
  struct Rows {
    std::uint64_t count = 0;
    Digest digest{};  // exclusive or of the digests of all rows

    friend bool operator==(const Rows&, const Rows&) = default;
  };

  // Where the audit log ends.
  struct Audit {
    std::uint64_t entries = 0;
    Digest head{};         // of the chain over all entries
    SecretBytes next_key;  // of the next entry's mark; those before it are gone
  };

  std::uint64_t counter = 0;  // transactions that have changed the store
  SecretBytes integrity_key;  // of the store for ever; what is noticed hangs on it
  std::array<Rows, kTableCount> tables{};
  Audit audit;

  Rows& of(Table table) { return tables[static_cast<std::size_t>(table)]; }
  const Rows& of(Table table) const { return tables[static_cast<std::size_t>(table)]; }
};

inline RecordTag ManifestTag() { return RecordTag(AsBytes("manifest")); }
inline bool IsManifest(Table table, const RecordTag& tag) {
  return table == Table::kMeta && tag == ManifestTag();
}

// Of a store without rows. Errors: kExhausted, kClosed.
Result<Manifest> NewManifest();

// Errors of Encode: kInvalidArgument for what Decode would refuse; kExhausted. Of Decode: kAltered.
Result<SecretBytes> EncodeManifest(const Manifest& manifest);
Result<Manifest> DecodeManifest(ByteView payload);

// Reads it where it stands. Errors: kAltered if there is none or it does not open; those of the
// reader.
Result<Manifest> ReadManifest(const RecordSealer& sealer, StorageReader* reader);

// What is derived from the integrity key of a store.
class IntegrityKeys {
 public:
  // Errors: kExhausted, kClosed.
  static Result<IntegrityKeys> Create(const Keyring& keyring, const Manifest& manifest);

  // Whether these are the keys of the store that the manifest is of.
  bool AreOf(const Manifest& manifest) const;

  // Errors of these: as Prf::ComputeMany; kExhausted.
  // What rows contribute to the digest of their table.
  Result<std::vector<Digest>> OfRows(Table table, std::span<const SealedRecord> records) const;
  // One digest for all that a manifest says.
  Result<Digest> OfManifest(const Manifest& manifest) const;
  // The head of the audit chain after an entry, from that before it.
  Result<Digest> OfAuditEntry(std::uint64_t number, const Digest& before, ByteView payload) const;
  // The authenticator of what stands outside the store.
  Result<Digest> OfAnchorHead(ByteView head) const { return anchor_->Compute(head); }
  Result<Digest> OfTombstone(ByteView record) const { return tombstone_->Compute(record); }

 private:
  SecretBytes key_;
  std::unique_ptr<Prf> row_;
  std::unique_ptr<Prf> manifest_;
  std::unique_ptr<Prf> anchor_;
  std::unique_ptr<Prf> audit_;
  std::unique_ptr<Prf> tombstone_;
};

// 32 bytes that ByteWriter::Bytes has written; zeros where they are cut short.
inline Digest ReadDigest(ByteReader* reader) {
  Digest digest{};
  std::ranges::copy(reader->Bytes(digest.size()), digest.begin());
  return digest;
}

// What a row contributes goes in and comes out in the same way.
inline void Toggle(const Digest& row, Digest* all) {
  for (std::size_t i = 0; i < row.size(); ++i) (*all)[i] ^= row[i];
}

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_MANIFEST_H_
