// A look at all entries of an audit log, in their order, against manifest, anchors and audit key.
//
// Format: docs/formats/mapping-store.md, section 4.3.
// Thread safety: used by one thread.

#ifndef MONIKER_LIB_RESOLVE_AUDIT_VERIFICATION_H_
#define MONIKER_LIB_RESOLVE_AUDIT_VERIFICATION_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "moniker/audit_log.h"
#include "moniker/result.h"
#include "moniker/secret.h"
#include "moniker/storage_backend.h"
#include "store/anchors.h"
#include "store/manifest.h"
#include "store/store_keys.h"

namespace moniker::internal {

class AuditVerification {
 public:
  // `first_key` is that of the first entry's mark; empty if it is not known.
  AuditVerification(StorageReader* reader, const StoreKeys& keys, SecretBytes first_key,
                    AuditLog::Progress progress)
      : reader_(*reader),
        keys_(keys),
        key_(std::move(first_key)),
        progress_(std::move(progress)) {}

  // Once. Errors: those of the reader but for kAltered; kExhausted, kClosed.
  Result<AuditReport> Run(const Anchors::Readings& readings);

 private:
  // What an anchor says of the log.
  struct Word {
    std::uint64_t entries = 0;
    Digest head{};
    bool comparable = false;  // it is authentic, and not of more entries than there should be
  };

  Status ReadWords(const Anchors::Readings& readings, const Manifest& manifest,
                   const IntegrityKeys& integrity_keys);
  Status LookAtAll(const Manifest& manifest, const IntegrityKeys& integrity_keys);
  Status LookAt(const SealedRecord& record, const Manifest& manifest,
                const IntegrityKeys& integrity_keys);
  Status CheckMark(std::uint64_t number, const AuditEntry& entry, ByteView payload);
  void CompareWords();
  void CheckEnd(const Manifest& manifest);
  void Report(AuditFault fault, std::uint64_t number);

  StorageReader& reader_;
  const StoreKeys& keys_;
  SecretBytes key_;  // of the next entry's mark
  const AuditLog::Progress progress_;
  std::uint64_t seen_ = 0;  // entries without a fault
  Digest head_{};           // of the chain over them
  bool marked_ = false;     // one of them had a mark
  std::vector<Word> words_;
  AuditReport report_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_RESOLVE_AUDIT_VERIFICATION_H_
