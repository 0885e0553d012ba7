/* Identifiers to pseudonyms, for C: one, or a column of millions. Nothing is stored or read while
 * deriving; the same input gives the same bytes on every machine that has the key. Library:
 * libmoniker (CMake: moniker::c). The rules at the head of c.h hold here too.
 */

#ifndef MONIKER_C_DERIVE_H_
#define MONIKER_C_DERIVE_H_

#include "moniker/c.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct moniker_anonymizer moniker_anonymizer;

/* For one scope and one identity epoch (0: the newest), with the keys of a vault that is open; of a
 * vault's keyring alone; or with a root key of 32 bytes. Errors: MONIKER_NOT_FOUND for an epoch
 * that is not there; MONIKER_UNSUPPORTED for an enrolled vault; _load also as moniker_vault_open.
 */
MONIKER_API moniker_code moniker_anonymizer_open(moniker_vault* vault, const moniker_scope* scope,
                                                 uint32_t identity_epoch,
                                                 moniker_anonymizer** anonymizer,
                                                 moniker_error* error);
MONIKER_API moniker_code moniker_anonymizer_load(
    moniker_text path, const moniker_protector* protector, const moniker_scope* scope,
    uint32_t identity_epoch, moniker_anonymizer** anonymizer, moniker_error* error);
MONIKER_API moniker_code moniker_anonymizer_from_root(const uint8_t* root, size_t root_size,
                                                      int32_t suite, moniker_text app,
                                                      const moniker_scope* scope,
                                                      moniker_anonymizer** anonymizer,
                                                      moniker_error* error);
MONIKER_API void moniker_anonymizer_close(moniker_anonymizer* anonymizer);

/* The texts are ASCII and end in NUL. */
typedef struct moniker_pseudonym {
  size_t struct_size;
  char external_id[33];
  char uuid[37];
  char label_code[8];   /* "RCG-V3F" */
  char label_words[24]; /* "Amber Heron 42" */
  uint8_t avatar_index;
  uint8_t reserved; /* 0 */
} moniker_pseudonym;

/* Errors: MONIKER_INVALID_ARGUMENT, its locator the byte of the identifier that is at fault. */
MONIKER_API moniker_code moniker_anonymizer_derive(moniker_anonymizer* anonymizer,
                                                   const moniker_identifier* identifier,
                                                   moniker_pseudonym* pseudonym,
                                                   moniker_error* error);

/* A column of texts as Arrow lays it out: text i is bytes[offsets[i]..offsets[i + 1]). */
typedef struct moniker_column {
  size_t struct_size;
  moniker_text issuer; /* of all of them */
  const void* offsets; /* first + count + 1 signed integers, none below the one before it */
  const char* bytes;   /* bytes_size of them */
  size_t bytes_size;   /* no offset is above it */
  const uint8_t*
      validity; /* bit i % 8 of byte i / 8 is 0 where there is none; null: all are there */
  size_t first; /* where to begin, in offsets and validity */
  size_t count;
  int32_t offset_bits; /* 32 or 64 */
  int32_t kind;        /* MONIKER_KIND_... */
} moniker_column;

/* External IDs, 32 bytes each without NUL, one behind the other: that of text first + i begins at
 * external_ids[32 * i], and there are 32 NULs where there is no text. `size` is that of the memory
 * in bytes, 32 * count. After an error all of it is NULs, and the locator is the index (from
 * `first`) of the first text that is not valid. */
MONIKER_API moniker_code moniker_anonymizer_derive_many(moniker_anonymizer* anonymizer,
                                                        const moniker_column* column,
                                                        char* external_ids, size_t size,
                                                        moniker_error* error);

#ifdef __cplusplus
}
#endif

#endif /* MONIKER_C_DERIVE_H_ */
