// The audit log of a store: each entry carries a mark under a key that is gone once it is written,
// and hangs on all entries before it.
//
// Format: docs/formats/mapping-store.md, section 4.3.
// Thread safety: functions without state.

#ifndef MONIKER_LIB_STORE_AUDIT_CHAIN_H_
#define MONIKER_LIB_STORE_AUDIT_CHAIN_H_

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "moniker/keyring.h"
#include "moniker/prf.h"
#include "moniker/result.h"
#include "moniker/secret.h"
#include "moniker/storage_backend.h"
#include "store/accounted_transaction.h"
#include "store/payload.h"
#include "store/store_keys.h"

namespace moniker::internal {

// Entries are numbered from 1, their tags in the order of time.
RecordTag AuditTag(std::uint64_t number);
std::optional<std::uint64_t> AuditNumberOf(const RecordTag& tag);  // nothing for what is none

constexpr Status AlteredAuditLog() {
  return Status(StatusCode::kAltered, "the audit log of the store was altered");
}

// u64le(number) || before || lp(text): what marks and heads are made of. Errors: kExhausted.
Result<SecretBytes> AuditMessage(std::uint64_t number, const Digest& before, ByteView text);

// The mark of entry `number`, whose key is `key`; `before` is the head of the chain before it,
// `unmarked` its payload up to the mark. Errors: kExhausted, kClosed.
Result<Digest> AuditMark(const Keyring& keyring, const SecretBytes& key, std::uint64_t number,
                         const Digest& before, ByteView unmarked);

// The key of the next entry's mark, from which nobody finds this one. Errors: kExhausted, kClosed.
Result<SecretBytes> NextAuditKey(const Keyring& keyring, const SecretBytes& key);

// Puts the entry behind the last one; its mark is made here. Errors: kAltered if the log does not
// end where the manifest says; kInvalidArgument for an entry that cannot be; kExhausted, kClosed;
// those of the backend.
Status AppendToAuditLog(const AuditEntry& entry, const StoreKeys& keys,
                        AccountedTransaction* transaction);

// Enters the entries of a store of format 1 in the chain, as they are. Errors: kAltered; those of
// the backend.
Status EnterAuditEntries(const StoreKeys& keys, AccountedTransaction* transaction);

// Milliseconds since 1970-01-01 UTC.
std::uint64_t SystemTimeMs();

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_AUDIT_CHAIN_H_
