/* Moniker for C, and for every language that can call C. Library: libmoniker (CMake: moniker::c).
 *
 * Rules that hold for every function here, in c_derive.h and in c_resolve.h:
 *
 * Handles     What has an opaque type is made by a function with a handle as its output and given
 *             back by the _close function of its type. A handle is a number in the shape of a
 *             pointer, never used twice in a process: one that was closed, is of another type or
 *             was never handed out is refused (MONIKER_CLOSED), and so is the null one
 *             (MONIKER_INVALID_ARGUMENT). Closing those does nothing.
 * Codes       Every call that can fail returns a moniker_code and tells more in a moniker_error of
 *             the caller's, which may be null. MONIKER_OK is 0. After an error each output is null
 *             or zero, and there is nothing to send.
 * Memory      Never changes owner. What is given is the caller's and is read during the call only;
 *             texts that a handle shows are its own and live until it is closed; static texts live
 *             as long as the library is loaded.
 * Text        UTF-8 as pointer and length. It may hold NUL where that is said, and the pointer may
 *             be null if the length is 0.
 * Structs     Begin with struct_size, which the caller sets to sizeof, and are otherwise to be
 *             zeroed: a zero means the default. Newer versions add members at the end. A library
 *             that is older than its caller refuses members that it does not know unless they are
 *             zero (MONIKER_UNSUPPORTED). moniker_text and moniker_field never grow.
 * Safety      No exception leaves a call, and no argument makes the library abort. It cannot know
 *             whether memory that it is pointed to is there.
 * Threads     Every function may be called from any thread, also with the same handles. A handle
 *             that is closed while others use it lives until they return; the texts that it shows
 *             do not. In the child of a fork what the parent opened is refused (MONIKER_CLOSED).
 * Every call  Can fail with MONIKER_INVALID_ARGUMENT, MONIKER_UNSUPPORTED or MONIKER_CLOSED as
 *             said above, and with MONIKER_EXHAUSTED when memory is used up.
 *
 * docs/c-api.md tells more, with examples.
 */

#ifndef MONIKER_C_H_
#define MONIKER_C_H_

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__)
#define MONIKER_API __attribute__((visibility("default")))
#else
#define MONIKER_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Versions ---- */

/* Of the functions and structs: raised when a program that was built before would no longer work.
 * It is the number at the end of libmoniker.so.0. */
#define MONIKER_ABI_VERSION 0u

/* MONIKER_ABI_VERSION as it was when the library was built. */
MONIKER_API uint32_t moniker_abi_version(void);

/* "0.1.0": static, with a NUL. */
MONIKER_API const char* moniker_version(void);

/* ---- Texts, codes, errors ---- */

typedef struct moniker_text {
  const char* data;
  size_t size; /* bytes */
} moniker_text;

/* The text up to a NUL, which is not part of it; empty for null. */
static inline moniker_text moniker_text_of(const char* text) {
  moniker_text made;
  made.data = text;
  made.size = text == NULL ? 0 : strlen(text);
  return made;
}

typedef int32_t moniker_code;
enum {
  MONIKER_OK = 0,
  MONIKER_INVALID_ARGUMENT = 1, /* a value that the call does not accept; the message names it */
  MONIKER_NOT_FOUND = 2,        /* nothing is stored under that identifier or ID, or no such file */
  MONIKER_CONFLICT = 3,         /* it exists already, and differently */
  MONIKER_WRONG_KEY = 4,        /* not the key file or passphrase that the vault was made with */
  MONIKER_ALTERED = 5,          /* data fails authentication, is damaged or not of this format */
  MONIKER_NEWER_FORMAT = 6,     /* written by a newer version of Moniker */
  MONIKER_PERMISSION = 7,       /* access is refused, or a secret file is open to others */
  MONIKER_READ_ONLY = 8,        /* the file system or file cannot be written */
  MONIKER_NO_SPACE = 9,         /* no space left on the device, or a quota is used up */
  MONIKER_IO = 10,              /* any other failure of the system; the locator says which */
  MONIKER_EXHAUSTED = 11,       /* memory is used up */
  MONIKER_CLOSED = 12,          /* the handle is closed, or the process has forked */
  MONIKER_UNSUPPORTED = 13,     /* known, and not available in this version, build or vault */
  MONIKER_ROLLED_BACK = 14,     /* the store is older than what is known of it elsewhere */
  MONIKER_OVER_BUDGET = 15      /* the actor has asked for as many IDs as the vault allows */
};

/* "invalid_argument"; "unknown" for what is no code. Static, with a NUL. */
MONIKER_API const char* moniker_code_name(moniker_code code);

/* Holds no part of what was given: a message is one of a fixed set of texts. */
typedef struct moniker_error {
  size_t struct_size;
  const char* message; /* static, with a NUL; "" on success */
  int64_t locator; /* record (from 0), byte offset, errno, 1,000,000 plus an SQLite code; or -1 */
  moniker_code code;
  int32_t reserved; /* 0 */
} moniker_error;

/* ---- What is given ---- */

/* What keeps a keyring closed. */
enum {
  MONIKER_PROTECTOR_REMEMBERED = 0, /* the key file that the keyring remembers; to open only */
  MONIKER_PROTECTOR_KEY_FILE = 1,
  MONIKER_PROTECTOR_NEW_KEY_FILE = 2, /* made (0600); not to open */
  MONIKER_PROTECTOR_PASSPHRASE = 3,   /* 1..1024 bytes, may hold NUL */
  MONIKER_PROTECTOR_PASSPHRASE_FILE = 4
};

typedef struct moniker_protector {
  size_t struct_size;
  moniker_text text;   /* path or passphrase */
  uint32_t passes;     /* the cost of guessing, when a keyring is written: 1..64; 0: 3 */
  uint32_t memory_kib; /* 65,536..4,194,304; 0: 262,144 */
  int32_t kind;        /* MONIKER_PROTECTOR_... */
  int32_t reserved;    /* 0 */
} moniker_protector;

/* How an identifier is made canonical. */
enum {
  MONIKER_KIND_DEFAULT = 0, /* as declared, else by the issuer: "email", "phone", others opaque */
  MONIKER_KIND_OPAQUE = 1,
  MONIKER_KIND_TEXT = 2,
  MONIKER_KIND_EMAIL = 3,
  MONIKER_KIND_PHONE = 4
};

typedef struct moniker_identifier {
  size_t struct_size;
  moniker_text issuer; /* 1..64 bytes of a-z 0-9 . _ - */
  moniker_text id;     /* 1..1024 bytes, as the kind accepts */
  int32_t kind;        /* MONIKER_KIND_... */
  int32_t reserved;    /* 0 */
} moniker_identifier;

/* Something more that the application wants back, such as an address. */
typedef struct moniker_field {
  moniker_text name; /* 1..64 bytes of a-z 0-9 _ */
  moniker_text text; /* at most 4096 bytes; no control characters but tab and line feed */
} moniker_field;

typedef struct moniker_person {
  size_t struct_size;
  moniker_text issuer; /* as moniker_identifier */
  moniker_text id;
  moniker_text name;           /* the real one: 1..1024 bytes without control characters */
  const moniker_field* fields; /* field_count of them, each name once; at most 64 */
  size_t field_count;
  int32_t kind;     /* MONIKER_KIND_... */
  int32_t reserved; /* 0 */
} moniker_person;

/* Where a pseudonym is the same. There is no default. */
enum { MONIKER_SCOPE_APP = 1, MONIKER_SCOPE_CONFERENCE = 2 };

typedef struct moniker_scope {
  size_t struct_size;
  moniker_text conference; /* 1..255 bytes without control characters; empty for the app scope */
  int32_t kind;            /* MONIKER_SCOPE_... */
  int32_t reserved;        /* 0 */
} moniker_scope;

/* Who does something that the audit log tells of, and what for: at most 128 bytes without control
 * characters each. */
typedef struct moniker_reason {
  size_t struct_size;
  moniker_text actor;
  moniker_text purpose;
  int32_t break_glass; /* 1, to resolve in an emergency: no budget is looked at, and it is marked */
  int32_t reserved;    /* 0 */
} moniker_reason;

/* ---- Vaults ---- */

typedef struct moniker_vault moniker_vault;

enum { MONIKER_SUITE_BLAKE2B = 1, MONIKER_SUITE_HMAC_SHA256 = 2 };
enum { MONIKER_MODE_DERIVED = 1, MONIKER_MODE_ENROLLED = 2 };

typedef struct moniker_vault_options {
  size_t struct_size;
  moniker_text app;                 /* 1..64 bytes of a-z 0-9 . _ - / */
  moniker_text avatar_url_template; /* empty: none; "data:"; or https://... with one {avatar} */
  const uint8_t* root;              /* an identity key from elsewhere; null: a random one */
  size_t root_size;                 /* 32 if there is one */
  moniker_text anchor;              /* a further anchor, a file that is made; empty: none */
  moniker_text audit_key_file;      /* a file that is made; empty: none */
  int32_t suite;                    /* MONIKER_SUITE_...; 0: BLAKE2b */
  int32_t mode;                     /* MONIKER_MODE_...; 0: derived */
  uint32_t budget_hour;             /* IDs that an actor may resolve in 3,600 s; 0: no limit */
  uint32_t budget_day;              /* and in 86,400 s */
  uint32_t retention_days;          /* of pseudonyms of conferences, without admission; 0: none */
  int32_t reserved;                 /* 0 */
} moniker_vault_options;

/* Makes a vault in a folder that does not exist; it appears whole or not at all. Errors:
 * MONIKER_CONFLICT if something is there; MONIKER_NOT_FOUND if its parent is not;
 * MONIKER_UNSUPPORTED on a network file system; MONIKER_PERMISSION, MONIKER_READ_ONLY,
 * MONIKER_NO_SPACE, MONIKER_IO. */
MONIKER_API moniker_code moniker_vault_create(moniker_text path,
                                              const moniker_vault_options* options,
                                              const moniker_protector* protector,
                                              moniker_error* error);

/* A null protector is MONIKER_PROTECTOR_REMEMBERED. Errors: MONIKER_NOT_FOUND, MONIKER_WRONG_KEY,
 * MONIKER_ALTERED, MONIKER_ROLLED_BACK, MONIKER_NEWER_FORMAT, MONIKER_PERMISSION,
 * MONIKER_READ_ONLY, MONIKER_IO. */
MONIKER_API moniker_code moniker_vault_open(moniker_text path, const moniker_protector* protector,
                                            moniker_vault** vault, moniker_error* error);

/* Wipes the keys of the vault, its gates and its anonymizers from memory; the next call that needs
 * them takes them from its key file again, and what a passphrase opened must be opened anew. */
MONIKER_API moniker_code moniker_vault_lock(moniker_vault* vault, moniker_error* error);

/* Gates and anonymizers that were made from it live on. */
MONIKER_API void moniker_vault_close(moniker_vault* vault);

/* Says for ever which kind the identifiers of an issuer are of. Errors: MONIKER_CONFLICT if they
 * are of another; as moniker_gate_admit. */
MONIKER_API moniker_code moniker_vault_declare_issuer(moniker_vault* vault, moniker_text issuer,
                                                      int32_t kind, moniker_error* error);

/* As moniker_gate_bind, for records that come in when the identity is no longer at hand.
 * `external_id` may be its UUID rendering; if `scope` is not null it must be of that scope. */
MONIKER_API moniker_code moniker_vault_bind(moniker_vault* vault, moniker_text participant_id,
                                            moniker_text external_id, const moniker_scope* scope,
                                            moniker_error* error);

/* Makes a person unrecoverable, durably; `found` becomes 1, or 0 if nobody is stored under the
 * identifier. A null reason is an empty one. Errors: MONIKER_CONFLICT for a kind that is not the
 * issuer's; MONIKER_NOT_FOUND, MONIKER_PERMISSION if an anchor cannot be reached; as
 * moniker_gate_admit. */
MONIKER_API moniker_code moniker_vault_erase(moniker_vault* vault,
                                             const moniker_identifier* identifier,
                                             const moniker_reason* reason, int32_t* found,
                                             moniker_error* error);

/* Identity keys decide external IDs, storage keys seal records, index keys find them. */
enum { MONIKER_KEY_IDENTITY = 1, MONIKER_KEY_STORAGE = 2, MONIKER_KEY_INDEX = 3 };

/* Epochs count from 1. */
MONIKER_API moniker_code moniker_vault_newest_epoch(moniker_vault* vault, int32_t key_kind,
                                                    uint32_t* epoch, moniker_error* error);

/* A new epoch, under which everything is made from now on; what was made before stays readable.
 * Errors: those of opening the vault; as moniker_gate_admit. */
MONIKER_API moniker_code moniker_vault_rotate_keys(moniker_vault* vault, int32_t key_kind,
                                                   moniker_error* error);

/* Removes the key of an old epoch. Errors: MONIKER_NOT_FOUND if there is none;
 * MONIKER_INVALID_ARGUMENT for the newest; MONIKER_CONFLICT while records need it;
 * MONIKER_UNSUPPORTED for index keys; as moniker_vault_rotate_keys. */
MONIKER_API moniker_code moniker_vault_destroy_epoch(moniker_vault* vault, int32_t key_kind,
                                                     uint32_t epoch, moniker_error* error);

/* Seals what stands under older storage epochs anew. Errors: as moniker_gate_admit. */
MONIKER_API moniker_code moniker_vault_reseal(moniker_vault* vault, moniker_error* error);

/* Puts the keyring under another protector. Errors: as moniker_vault_rotate_keys. */
MONIKER_API moniker_code moniker_vault_rewrap(moniker_vault* vault,
                                              const moniker_protector* protector,
                                              moniker_error* error);

/* ---- Gates: what every session identity passes ---- */

typedef struct moniker_gate moniker_gate;
typedef struct moniker_identity moniker_identity;

enum { MONIKER_LABEL_CODE = 1, MONIKER_LABEL_WORDS = 2 };

typedef struct moniker_gate_options {
  size_t struct_size;
  const moniker_scope* scope;
  moniker_text platform;            /* a key of moniker_platform_at; empty: "generic" */
  moniker_text avatar_url_template; /* null pointer: the vault's; empty: none */
  uint32_t identity_epoch;          /* 0: the newest, also after a rotation */
  int32_t label_style;              /* MONIKER_LABEL_...; 0: code */
} moniker_gate_options;

/* The gate keeps what it needs of the vault. Errors: MONIKER_INVALID_ARGUMENT for an unknown
 * platform; MONIKER_NOT_FOUND for an epoch that the vault does not have; MONIKER_ALTERED,
 * MONIKER_IO. */
MONIKER_API moniker_code moniker_gate_open(moniker_vault* vault,
                                           const moniker_gate_options* options, moniker_gate** gate,
                                           moniker_error* error);
MONIKER_API void moniker_gate_close(moniker_gate* gate);

/* The identity of a person for a session; the way back is durable when this returns. `role` is what
 * the application calls its kind of participant ("Patient"): 1..40 letters, blanks and hyphens,
 * nothing of the person's. Errors: MONIKER_CONFLICT if the issuer's identifiers are of another
 * kind; MONIKER_ALTERED, MONIKER_READ_ONLY, MONIKER_NO_SPACE, MONIKER_IO; MONIKER_NOT_FOUND if the
 * epoch was destroyed meanwhile. */
MONIKER_API moniker_code moniker_gate_admit(moniker_gate* gate, const moniker_person* person,
                                            moniker_text role, moniker_identity** identity,
                                            moniker_error* error);

/* All or none, in one durable step: identities[i] of persons[i] with roles[i]. The locator of an
 * error is the index. */
MONIKER_API moniker_code moniker_gate_admit_many(moniker_gate* gate,
                                                 const moniker_person* const* persons,
                                                 const moniker_text* roles, size_t count,
                                                 moniker_identity** identities,
                                                 moniker_error* error);

/* What a platform may see of a person. Each text has a NUL behind it. */
typedef struct moniker_identity_texts {
  size_t struct_size;
  moniker_text external_id;  /* empty if the platform makes the ID itself */
  moniker_text display_name; /* 1..64 bytes of printable ASCII */
  moniker_text avatar_url;   /* empty if there is none */
} moniker_identity_texts;

MONIKER_API moniker_code moniker_identity_read(moniker_identity* identity,
                                               moniker_identity_texts* texts, moniker_error* error);
MONIKER_API void moniker_identity_close(moniker_identity* identity);

/* What the platform shall show from now on. A null pointer: that stays as it is. */
typedef struct moniker_change {
  size_t struct_size;
  moniker_text display_name; /* 1..64 bytes of printable ASCII, nothing of the person's */
  moniker_text avatar_url;   /* one of the gate's template, or empty for none */
} moniker_change;

/* Another identity; the one that is given stays as it is. Nothing is stored. Errors:
 * MONIKER_NOT_FOUND if `identity` is not of `person`; as moniker_gate_admit. */
MONIKER_API moniker_code moniker_gate_update(moniker_gate* gate, moniker_identity* identity,
                                             const moniker_person* person,
                                             const moniker_change* change,
                                             moniker_identity** changed, moniker_error* error);

/* Remembers the participant ID that the platform gave: 1..256 bytes without control characters and
 * white space. Durable when it returns. Errors: MONIKER_NOT_FOUND if the identity is not of this
 * vault and scope; MONIKER_CONFLICT if the ID is another person's; as moniker_gate_admit. */
MONIKER_API moniker_code moniker_gate_bind(moniker_gate* gate, moniker_text participant_id,
                                           moniker_identity* identity, moniker_error* error);

/* `match` becomes 1 if an external ID (or its UUID rendering) is that of this identifier in the
 * gate's scope, in any epoch; else 0. Takes constant time. Errors: MONIKER_INVALID_ARGUMENT for
 * what is no external ID; MONIKER_CONFLICT for another kind than the issuer's; MONIKER_ALTERED,
 * MONIKER_IO. */
MONIKER_API moniker_code moniker_gate_check(moniker_gate* gate,
                                            const moniker_identifier* identifier,
                                            moniker_text external_id, int32_t* match,
                                            moniker_error* error);

/* MONIKER_OK if a text may go to the platform: a conference alias, a chat topic. The person's name
 * may be empty here. Errors: MONIKER_INVALID_ARGUMENT if something of the person is found, also
 * encoded, for a text that is not UTF-8, longer than 65,536 bytes, or decodes to more than 1 MiB;
 * as moniker_gate_check. */
MONIKER_API moniker_code moniker_gate_check_outbound(moniker_gate* gate,
                                                     const moniker_person* person,
                                                     moniker_text text, moniker_error* error);

/* ---- Platforms ---- */

/* Static texts, each with a NUL behind it. A field is empty if the platform has none. */
typedef struct moniker_platform {
  size_t struct_size;
  moniker_text key;   /* "dolbyio-cpp" */
  moniker_text title; /* for people */
  moniker_text type;  /* the type or call that takes the fields, as the platform spells it */
  moniker_text external_id_field;
  moniker_text display_name_field;
  moniker_text avatar_url_field;
} moniker_platform;

MONIKER_API size_t moniker_platform_count(void);

/* Errors: MONIKER_NOT_FOUND from moniker_platform_count() on. */
MONIKER_API moniker_code moniker_platform_at(size_t index, moniker_platform* platform,
                                             moniker_error* error);

#ifdef __cplusplus
}
#endif

#endif /* MONIKER_C_H_ */
