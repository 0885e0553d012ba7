// What somebody with all keys of a vault can make of its audit log.

#ifndef MONIKER_TESTS_SUPPORT_FORGED_AUDIT_LOG_H_
#define MONIKER_TESTS_SUPPORT_FORGED_AUDIT_LOG_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "moniker/anchor.h"
#include "moniker/keyring.h"
#include "moniker/storage_backend.h"
#include "store/anchors.h"
#include "store/audit_chain.h"
#include "store/manifest.h"
#include "support/records.h"

namespace moniker::testing {

inline void PutAuditEntry(const internal::RecordSealer& sealer, std::uint64_t number,
                          internal::ByteView payload, StorageBackend* tables) {
  PutOne(*tables, Table::kAudit,
         {NumberTag(number), Expect(sealer.Seal(Table::kAudit, NumberTag(number), 1, payload))});
}

inline SecretBytes AuditPayload(const internal::RecordSealer& sealer, std::uint64_t number,
                                StorageBackend* tables) {
  const RecordTag tag = NumberTag(number);
  const SealedBytes sealed = FindOne(*tables, Table::kAudit, tag).value();
  return std::move(Expect(sealer.Open(Table::kAudit, tag, sealed)).payload);
}

// The entry says another actor; its mark stays.
inline SecretBytes WithOtherActor(internal::ByteView payload) {
  AuditEntry entry = Expect(internal::DecodeAuditEntry(payload));
  entry.actor = "somebody else";
  return Expect(internal::EncodeAuditEntry(entry));
}

// Entries of his choice, and a chain, manifest and anchors that fit them: the first `entries` are
// kept, entry `changed` says another actor. The rows are accounted for, so that the store is whole.
inline void ForgeAuditLog(const Keyring& keyring, std::uint64_t entries, std::uint64_t changed,
                          std::vector<std::shared_ptr<Anchor>> anchors, StorageBackend* tables) {
  const auto sealer = Expect(internal::RecordSealer::Create(keyring));
  internal::Manifest manifest = Expect(internal::ReadManifest(sealer, tables));
  const auto keys = Expect(internal::IntegrityKeys::Create(keyring, manifest));
  manifest.audit.head = {};
  for (std::uint64_t i = 1; i <= entries; ++i) {
    SecretBytes payload = AuditPayload(sealer, i, tables);
    if (i == changed) {
      payload = WithOtherActor(payload.Expose());
      PutAuditEntry(sealer, i, payload.Expose(), tables);
    }
    manifest.audit.head = Expect(keys.OfAuditEntry(i, manifest.audit.head, payload.Expose()));
  }
  for (std::uint64_t i = entries + 1; i <= manifest.audit.entries; ++i) {
    EraseOne(*tables, Table::kAudit, NumberTag(i));
  }
  manifest.audit.entries = entries;
  const std::vector<SealedRecord> rows = ScanAll(*tables, Table::kAudit);
  manifest.of(Table::kAudit) = {.count = rows.size(), .digest = {}};
  for (const Digest& row : Expect(keys.OfRows(Table::kAudit, rows))) {
    internal::Toggle(row, &manifest.of(Table::kAudit).digest);
  }
  ++manifest.counter;
  const auto payload = Expect(internal::EncodeManifest(manifest));
  PutOne(*tables, Table::kMeta,
         {internal::ManifestTag(),
          Expect(sealer.Seal(Table::kMeta, internal::ManifestTag(), 1, payload.Expose()))});
  internal::Anchors(std::move(anchors)).Keep(manifest, keyring.vault_id(), keys);
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_SUPPORT_FORGED_AUDIT_LOG_H_
