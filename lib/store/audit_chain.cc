#include "store/audit_chain.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <memory>
#include <utility>

#include "base/status_macros.h"
#include "crypto/sodium.h"
#include "store/scan.h"

namespace moniker::internal {
namespace {

constexpr std::size_t kNumberSize = 8;

// Whether the last entry is the one that the manifest names. Only a planted one can have used up
// all numbers; to begin again would overwrite the log.
bool EndsAt(const std::optional<RecordTag>& last, std::uint64_t entries) {
  if (entries == std::numeric_limits<std::uint64_t>::max()) return false;
  return entries == 0 ? !last : last == AuditTag(entries);
}

}  // namespace

RecordTag AuditTag(std::uint64_t number) {
  std::array<std::uint8_t, kNumberSize> bytes;
  for (std::size_t i = 0; i < kNumberSize; ++i) {
    bytes[i] = static_cast<std::uint8_t>(number >> (8 * (kNumberSize - 1 - i)));
  }
  return RecordTag(bytes);
}

std::optional<std::uint64_t> AuditNumberOf(const RecordTag& tag) {
  if (tag.bytes().size() != kNumberSize) return std::nullopt;
  std::uint64_t number = 0;
  for (const std::uint8_t byte : tag.bytes()) number = number << 8 | byte;
  return number;
}

Result<SecretBytes> AuditMessage(std::uint64_t number, const Digest& before, ByteView text) {
  MONIKER_ASSIGN_OR_RETURN(SecretBytes message,
                           SecretBytes::Allocate(8 + before.size() + 4 + text.size()));
  ByteWriter(message.Expose()).U64(number).Bytes(before).Prefixed(text);
  return message;
}

Result<Digest> AuditMark(const Keyring& keyring, const SecretBytes& key, std::uint64_t number,
                         const Digest& before, ByteView unmarked) {
  MONIKER_ASSIGN_OR_RETURN(SecretBytes mark_key,
                           DeriveSubkey(keyring.suite(), key, "audit-mark", keyring.vault_id()));
  MONIKER_ASSIGN_OR_RETURN(const std::unique_ptr<Prf> prf,
                           MakePrf(keyring.suite(), std::move(mark_key)));
  MONIKER_ASSIGN_OR_RETURN(const SecretBytes message, AuditMessage(number, before, unmarked));
  return prf->Compute(message.Expose());
}

Result<SecretBytes> NextAuditKey(const Keyring& keyring, const SecretBytes& key) {
  return DeriveSubkey(keyring.suite(), key, "audit-next", keyring.vault_id());
}

Status AppendToAuditLog(const AuditEntry& entry, const StoreKeys& keys,
                        AccountedTransaction* transaction) {
  Manifest::Audit& audit = *transaction->audit();
  const Keyring& keyring = keys.keyring();
  MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, EncodeAuditEntry(entry));
  MONIKER_ASSIGN_OR_RETURN(const std::optional<RecordTag> last,
                           transaction->LastTag(Table::kAudit));
  if (!EndsAt(last, audit.entries)) return AlteredAuditLog();
  const std::uint64_t number = audit.entries + 1;
  const ByteSpan mark_place = payload.Expose().last(sizeof(Digest));
  MONIKER_ASSIGN_OR_RETURN(const Digest mark,
                           AuditMark(keyring, audit.next_key, number, audit.head,
                                     payload.Expose().first(payload.size() - mark_place.size())));
  std::ranges::copy(mark, mark_place.begin());
  MONIKER_ASSIGN_OR_RETURN(
      const Digest head,
      transaction->integrity_keys().OfAuditEntry(number, audit.head, payload.Expose()));
  MONIKER_ASSIGN_OR_RETURN(SecretBytes next_key, NextAuditKey(keyring, audit.next_key));
  MONIKER_ASSIGN_OR_RETURN(
      SealedBytes sealed, keys.sealer().Seal(Table::kAudit, AuditTag(number), 1, payload.Expose()));
  const SealedRecord record{AuditTag(number), std::move(sealed)};
  MONIKER_RETURN_IF_ERROR(transaction->PutMany(Table::kAudit, {&record, 1}));
  audit = {number, head, std::move(next_key)};
  return Status::Ok();
}

Status EnterAuditEntries(const StoreKeys& keys, AccountedTransaction* transaction) {
  Manifest::Audit& audit = *transaction->audit();
  return ForEach(Table::kAudit, transaction, [&](const SealedRecord& record) -> Status {
    if (record.tag != AuditTag(audit.entries + 1)) return AlteredAuditLog();
    MONIKER_ASSIGN_OR_RETURN(const RecordSealer::Opened opened,
                             keys.sealer().Open(Table::kAudit, record.tag, record.sealed));
    MONIKER_RETURN_IF_ERROR(DecodeAuditEntry(opened.payload.Expose()).status());
    ++audit.entries;
    MONIKER_ASSIGN_OR_RETURN(audit.head, transaction->integrity_keys().OfAuditEntry(
                                             audit.entries, audit.head, opened.payload.Expose()));
    return Status::Ok();
  });
}

std::uint64_t SystemTimeMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace moniker::internal
