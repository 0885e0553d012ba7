#include "resolve/audit_verification.h"

#include <algorithm>

#include "base/status_macros.h"
#include "crypto/sodium.h"
#include "store/audit_chain.h"
#include "store/scan.h"

namespace moniker::internal {

// Only the first one says where to look.
void AuditVerification::Report(AuditFault fault, std::uint64_t number) {
  if (report_.fault != AuditFault::kNone) return;
  report_.fault = fault;
  report_.first_bad = number;
}

Result<AuditReport> AuditVerification::Run(const Anchors::Readings& readings) {
  const Result<std::uint64_t> count = reader_.Count(Table::kAudit);
  if (!count.ok() && count.status().code() != StatusCode::kAltered) return count.status();
  report_.found = count.ok() ? *count : 0;
  const Result<Manifest> manifest = ReadManifest(keys_.sealer(), &reader_);
  if (!manifest.ok()) {
    if (manifest.status().code() != StatusCode::kAltered) return manifest.status();
    // Without it there are no keys to check anything else with.
    report_.entries = report_.found;
    Report(AuditFault::kManifest, 0);
    return std::move(report_);
  }
  report_.entries = manifest->audit.entries;
  MONIKER_ASSIGN_OR_RETURN(const IntegrityKeys integrity_keys,
                           IntegrityKeys::Create(keys_.keyring(), *manifest));
  MONIKER_RETURN_IF_ERROR(ReadWords(readings, *manifest, integrity_keys));
  CompareWords();
  MONIKER_RETURN_IF_ERROR(LookAtAll(*manifest, integrity_keys));
  CheckEnd(*manifest);
  return std::move(report_);
}

Status AuditVerification::ReadWords(const Anchors::Readings& readings, const Manifest& manifest,
                                    const IntegrityKeys& integrity_keys) {
  const VaultId& vault = keys_.keyring().vault_id();
  MONIKER_ASSIGN_OR_RETURN(report_.anchors,
                           Anchors::Compare(readings, manifest, vault, integrity_keys));
  for (std::size_t i = 0; i < readings.size(); ++i) {
    AnchorReport& anchor = report_.anchors[i];
    Word word;
    if (anchor.counter != 0) {
      MONIKER_ASSIGN_OR_RETURN(const std::optional<AnchorHead> head,
                               NewestHead(*readings[i], vault, integrity_keys));
      word = {head->audit_entries, head->audit_head, head->audit_entries <= manifest.audit.entries};
      // Of the log alone: other changes of the store do not concern it.
      anchor.state = !word.comparable                        ? AnchorState::kAhead
                     : word.entries < manifest.audit.entries ? AnchorState::kBehind
                                                             : AnchorState::kCurrent;
    }
    words_.push_back(word);
  }
  return Status::Ok();
}

// With the head that the log has after `seen_` entries.
void AuditVerification::CompareWords() {
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (!words_[i].comparable || words_[i].entries != seen_) continue;
    if (ConstantTimeEqual(words_[i].head, head_)) {
      report_.anchored = std::max(report_.anchored, seen_);
    } else {
      report_.anchors[i].state = AnchorState::kOtherHistory;
    }
  }
}

Status AuditVerification::LookAtAll(const Manifest& manifest, const IntegrityKeys& integrity_keys) {
  std::uint64_t done = 0;
  const Status status =
      ForEachStep(Table::kAudit, &reader_, [&](std::span<const SealedRecord> records) -> Status {
        for (const SealedRecord& record : records) {
          if (report_.fault != AuditFault::kNone) break;
          MONIKER_RETURN_IF_ERROR(LookAt(record, manifest, integrity_keys));
        }
        done += records.size();
        if (progress_) progress_(done, std::max(done, report_.found));
        return Status::Ok();
      });
  if (status.code() != StatusCode::kAltered) return status;
  Report(AuditFault::kAltered, seen_ + 1);  // the database itself is damaged there
  return Status::Ok();
}

Status AuditVerification::LookAt(const SealedRecord& record, const Manifest& manifest,
                                 const IntegrityKeys& integrity_keys) {
  const std::uint64_t expected = seen_ + 1;
  const std::optional<std::uint64_t> number = AuditNumberOf(record.tag);
  if (!number || *number < expected) {
    Report(AuditFault::kAdded, number.value_or(expected));
  } else if (expected > manifest.audit.entries) {
    Report(AuditFault::kAdded, *number);
  } else if (*number != expected) {
    Report(AuditFault::kMissing, expected);
  }
  if (report_.fault != AuditFault::kNone) return Status::Ok();

  const Result<RecordSealer::Opened> opened =
      keys_.sealer().Open(Table::kAudit, record.tag, record.sealed);
  if (!opened.ok() && opened.status().code() != StatusCode::kAltered) return opened.status();
  const Result<AuditEntry> entry =
      opened.ok() ? DecodeAuditEntry(opened->payload.Expose()) : opened.status();
  // Entries of the format before marks stand before all others.
  if (!entry.ok() || (marked_ && !entry->mark)) {
    Report(AuditFault::kAltered, expected);
    return Status::Ok();
  }
  MONIKER_RETURN_IF_ERROR(CheckMark(expected, *entry, opened->payload.Expose()));
  if (report_.fault != AuditFault::kNone) return Status::Ok();
  MONIKER_ASSIGN_OR_RETURN(head_,
                           integrity_keys.OfAuditEntry(expected, head_, opened->payload.Expose()));
  seen_ = expected;
  marked_ = marked_ || entry->mark.has_value();
  report_.refused += entry->operation == AuditOperation::kRefusedResolve;
  report_.break_glass += entry->operation == AuditOperation::kBreakGlassResolve;
  report_.honey += entry->honey;
  CompareWords();
  return Status::Ok();
}

Status AuditVerification::CheckMark(std::uint64_t number, const AuditEntry& entry,
                                    ByteView payload) {
  if (key_.empty()) return Status::Ok();
  if (!entry.mark) {
    Report(AuditFault::kMark, number);
    return Status::Ok();
  }
  const ByteView unmarked = payload.first(payload.size() - entry.mark->size());
  MONIKER_ASSIGN_OR_RETURN(const Digest mark,
                           AuditMark(keys_.keyring(), key_, number, head_, unmarked));
  if (!ConstantTimeEqual(mark, *entry.mark)) {
    Report(AuditFault::kMark, number);
    return Status::Ok();
  }
  ++report_.marks;
  MONIKER_ASSIGN_OR_RETURN(key_, NextAuditKey(keys_.keyring(), key_));
  return Status::Ok();
}

void AuditVerification::CheckEnd(const Manifest& manifest) {
  if (report_.fault != AuditFault::kNone) return;
  const Manifest::Audit& end = manifest.audit;
  if (seen_ < end.entries) {
    Report(AuditFault::kMissing, seen_ + 1);
  } else if (!ConstantTimeEqual(head_, end.head)) {
    Report(AuditFault::kChain, report_.anchored + 1);
  } else if (!key_.empty() && !ConstantTimeEqual(key_.Expose(), end.next_key.Expose())) {
    Report(AuditFault::kOtherEnd, seen_ + 1);
  }
}

}  // namespace moniker::internal
