/* From an external ID or participant ID back to the person, for C. A header and library of its own
 * (libmoniker_resolve; CMake: moniker::c_resolve), so that a program which must not resolve does
 * not link it. It opens vaults itself and takes none of libmoniker's handles: the two share nothing
 * in a process, and either works without the other.
 *
 * The rules at the head of c.h hold here too. Every call that resolves needs an actor and a purpose
 * and leaves an audit entry that is durable before the answer is given.
 */

#ifndef MONIKER_C_RESOLVE_H_
#define MONIKER_C_RESOLVE_H_

#include "moniker/c.h"

#ifdef __cplusplus
extern "C" {
#endif

/* MONIKER_ABI_VERSION as it was when libmoniker_resolve was built. */
MONIKER_API uint32_t moniker_resolve_abi_version(void);

typedef struct moniker_resolver moniker_resolver;
typedef struct moniker_resolved moniker_resolved;

/* Opens a vault for resolving. Errors: as moniker_vault_open. */
MONIKER_API moniker_code moniker_resolver_open(moniker_text path,
                                               const moniker_protector* protector,
                                               moniker_resolver** resolver, moniker_error* error);
MONIKER_API void moniker_resolver_close(moniker_resolver* resolver);

/* `id` is an external ID, its UUID rendering, or a participant ID that was bound. Errors:
 * MONIKER_NOT_FOUND; MONIKER_OVER_BUDGET; MONIKER_INVALID_ARGUMENT for actor or purpose;
 * MONIKER_ALTERED; MONIKER_READ_ONLY, MONIKER_NO_SPACE, MONIKER_IO if store or audit fail. */
MONIKER_API moniker_code moniker_resolver_resolve(moniker_resolver* resolver, moniker_text id,
                                                  const moniker_reason* reason,
                                                  moniker_resolved** resolved,
                                                  moniker_error* error);

/* resolved[i] of ids[i], null for the unknown: one audit entry for all. Errors: as
 * moniker_resolver_resolve, but for MONIKER_NOT_FOUND. */
MONIKER_API moniker_code moniker_resolver_resolve_many(moniker_resolver* resolver,
                                                       const moniker_text* ids, size_t count,
                                                       const moniker_reason* reason,
                                                       moniker_resolved** resolved,
                                                       moniker_error* error);

/* A person. The texts lie in locked memory that is wiped when the handle is closed; they have no
 * NUL behind them. */
typedef struct moniker_resolved_texts {
  size_t struct_size;
  moniker_text issuer;
  moniker_text id;
  moniker_text name;
  moniker_text external_id; /* what the platform saw */
  moniker_text conference;  /* empty: the app scope */
  size_t field_count;
  size_t other_identifier_count; /* in an enrolled vault: what else the person is known by */
  uint32_t identity_epoch;
  int32_t by_participant_id; /* 1 if the ID was a participant ID */
} moniker_resolved_texts;

MONIKER_API moniker_code moniker_resolved_read(moniker_resolved* resolved,
                                               moniker_resolved_texts* texts, moniker_error* error);

/* One of field_count, in ascending order of names. Errors: MONIKER_NOT_FOUND beyond them. */
MONIKER_API moniker_code moniker_resolved_field(moniker_resolved* resolved, size_t index,
                                                moniker_field* field, moniker_error* error);

/* One of other_identifier_count. The kind is not told: MONIKER_KIND_DEFAULT. Errors:
 * MONIKER_NOT_FOUND beyond them. */
MONIKER_API moniker_code moniker_resolved_other_identifier(moniker_resolved* resolved, size_t index,
                                                           moniker_identifier* identifier,
                                                           moniker_error* error);

/* Wipes it. */
MONIKER_API void moniker_resolved_close(moniker_resolved* resolved);

#ifdef __cplusplus
}
#endif

#endif /* MONIKER_C_RESOLVE_H_ */
