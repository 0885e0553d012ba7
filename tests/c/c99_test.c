/* The interface as a C program uses and misuses it: compiled as C99 and as C11, pedantic. Prints
 * each claim that does not hold.
 *
 * Usage: c99_test FOLDER    (one that does not exist; the vault is made in it)
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "moniker/c.h"
#include "moniker/c_derive.h"
#include "moniker/c_resolve.h"

static int failures = 0;

#define EXPECT(claim)                                                                              \
  do {                                                                                             \
    if (!(claim)) {                                                                                \
      ++failures;                                                                                  \
      fprintf(stderr, "c99_test.c:%d: does not hold: %s (%s)\n", __LINE__, #claim, error.message); \
    }                                                                                              \
  } while (0)

static char vault_path[512];
static char key_path[512];
static moniker_error error = {sizeof error, "", 0, 0, 0};

static int is(moniker_text text, const char* expected) {
  return text.size == strlen(expected) && memcmp(text.data, expected, text.size) == 0;
}

static moniker_person maria(void) {
  moniker_person person = {.struct_size = sizeof person};
  person.issuer = moniker_text_of("mrn.hospital-a");
  person.id = moniker_text_of("00123456");
  person.name = moniker_text_of("Maria Jensen");
  return person;
}

static moniker_scope app_scope(void) {
  moniker_scope scope = {.struct_size = sizeof scope};
  scope.kind = MONIKER_SCOPE_APP;
  return scope;
}

static void create_vault(void) {
  uint8_t root[32];
  moniker_vault_options options = {.struct_size = sizeof options};
  moniker_protector protector = {.struct_size = sizeof protector};
  struct stat info;
  int i;
  for (i = 0; i < 32; ++i) root[i] = (uint8_t)i;
  options.app = moniker_text_of("clinic-7");
  options.avatar_url_template = moniker_text_of("https://cdn.example/{avatar}.svg");
  options.root = root;
  options.root_size = sizeof root;
  protector.kind = MONIKER_PROTECTOR_NEW_KEY_FILE;
  protector.text = moniker_text_of(key_path);

  EXPECT(moniker_vault_create(moniker_text_of("/nowhere/at/all"), &options, &protector, &error) ==
         MONIKER_NOT_FOUND);
  EXPECT(stat(key_path, &info) != 0); /* the key of a vault that was not made is not left behind */
  EXPECT(moniker_vault_create(moniker_text_of(vault_path), &options, &protector, &error) ==
         MONIKER_OK);
  EXPECT(stat(key_path, &info) == 0);
  EXPECT(moniker_vault_create(moniker_text_of(vault_path), &options, NULL, &error) ==
         MONIKER_INVALID_ARGUMENT);
  options.root_size = 31;
  EXPECT(moniker_vault_create(moniker_text_of(vault_path), &options, &protector, &error) ==
         MONIKER_INVALID_ARGUMENT);
}

static void admit_and_bind(moniker_gate* gate) {
  moniker_person person = maria();
  moniker_field field;
  moniker_identity* who = NULL;
  moniker_identity* changed = NULL;
  moniker_identity_texts texts = {.struct_size = sizeof texts};
  moniker_change change = {.struct_size = sizeof change};
  field.name = moniker_text_of("email");
  field.text = moniker_text_of("maria@example.org");
  person.fields = &field;
  person.field_count = 1;
  EXPECT(moniker_gate_admit(gate, &person, moniker_text_of("Patient"), &who, &error) == MONIKER_OK);
  EXPECT(moniker_identity_read(who, &texts, &error) == MONIKER_OK);
  EXPECT(is(texts.external_id, "m32pnb88e0wgd7hc26m7ph6zyfqm3092"));
  EXPECT(is(texts.display_name, "Patient RCG-V3F"));
  EXPECT(is(texts.avatar_url, "https://cdn.example/211.svg"));
  EXPECT(texts.display_name.data[texts.display_name.size] == '\0');
  EXPECT(moniker_gate_bind(gate, moniker_text_of("participant-1"), who, &error) == MONIKER_OK);

  change.display_name = moniker_text_of("Waiting");
  EXPECT(moniker_gate_update(gate, who, &person, &change, &changed, &error) == MONIKER_OK);
  EXPECT(moniker_identity_read(changed, &texts, &error) == MONIKER_OK);
  EXPECT(is(texts.display_name, "Waiting") && is(texts.avatar_url, "https://cdn.example/211.svg"));
  moniker_identity_close(changed);
  change.display_name = moniker_text_of("Maria");
  EXPECT(moniker_gate_update(gate, who, &person, &change, &changed, &error) ==
         MONIKER_INVALID_ARGUMENT);
  EXPECT(changed == NULL);
  moniker_identity_close(who);
  EXPECT(moniker_gate_bind(gate, moniker_text_of("participant-1"), who, &error) == MONIKER_CLOSED);
}

static void admit_many(moniker_gate* gate) {
  moniker_person first = maria();
  moniker_person second = maria();
  const moniker_person* persons[2];
  moniker_text roles[2];
  moniker_identity* who[2] = {NULL, NULL};
  persons[0] = &first;
  persons[1] = &second;
  roles[0] = roles[1] = moniker_text_of("Patient");
  second.id = moniker_text_of("00123457");
  second.name = moniker_text_of("");
  EXPECT(moniker_gate_admit_many(gate, persons, roles, 2, who, &error) == MONIKER_INVALID_ARGUMENT);
  EXPECT(error.locator == 1 && who[0] == NULL && who[1] == NULL);
  second.name = moniker_text_of("Grace Okafor");
  EXPECT(moniker_gate_admit_many(gate, persons, roles, 2, who, &error) == MONIKER_OK);
  EXPECT(who[0] != NULL && who[1] != NULL && who[0] != who[1]);
  moniker_identity_close(who[0]);
  moniker_identity_close(who[1]);
  EXPECT(moniker_gate_admit_many(gate, NULL, NULL, 0, NULL, &error) == MONIKER_OK);
  EXPECT(moniker_gate_admit_many(gate, persons, roles, SIZE_MAX, who, &error) ==
         MONIKER_INVALID_ARGUMENT);
}

static void check_texts(moniker_gate* gate) {
  moniker_person person = maria();
  moniker_identifier identifier = {.struct_size = sizeof identifier};
  const moniker_text id = moniker_text_of("m32pnb88e0wgd7hc26m7ph6zyfqm3092");
  int32_t match = -1;
  identifier.issuer = person.issuer;
  identifier.id = person.id;
  EXPECT(moniker_gate_check(gate, &identifier, id, &match, &error) == MONIKER_OK && match == 1);
  identifier.id = moniker_text_of("00123457");
  EXPECT(moniker_gate_check(gate, &identifier, id, &match, &error) == MONIKER_OK && match == 0);
  match = 1;
  EXPECT(moniker_gate_check(gate, &identifier, moniker_text_of("maria"), &match, &error) ==
         MONIKER_INVALID_ARGUMENT);
  EXPECT(match == 0);
  EXPECT(moniker_gate_check_outbound(gate, &person, moniker_text_of("visit-42"), &error) ==
         MONIKER_OK);
  EXPECT(moniker_gate_check_outbound(gate, &person, moniker_text_of("for mrs jensen"), &error) ==
         MONIKER_INVALID_ARGUMENT);
  EXPECT(strstr(error.message, "name") != NULL && strstr(error.message, "jensen") == NULL);
}

static void rotate(moniker_vault* vault) {
  uint32_t epoch = 9;
  EXPECT(moniker_vault_newest_epoch(vault, MONIKER_KEY_STORAGE, &epoch, &error) == MONIKER_OK);
  EXPECT(epoch == 1);
  EXPECT(moniker_vault_rotate_keys(vault, MONIKER_KEY_STORAGE, &error) == MONIKER_OK);
  EXPECT(moniker_vault_destroy_epoch(vault, MONIKER_KEY_STORAGE, 1, &error) == MONIKER_CONFLICT);
  EXPECT(moniker_vault_reseal(vault, &error) == MONIKER_OK);
  EXPECT(moniker_vault_destroy_epoch(vault, MONIKER_KEY_STORAGE, 1, &error) == MONIKER_OK);
  EXPECT(moniker_vault_newest_epoch(vault, MONIKER_KEY_STORAGE, &epoch, &error) == MONIKER_OK);
  EXPECT(epoch == 2);
  EXPECT(moniker_vault_rotate_keys(vault, 4, &error) == MONIKER_INVALID_ARGUMENT);
  EXPECT(moniker_vault_rotate_keys(vault, 0, &error) == MONIKER_INVALID_ARGUMENT);
}

static void resolve_and_erase(moniker_vault* vault) {
  moniker_resolver* resolver = NULL;
  moniker_resolved* found[2] = {NULL, NULL};
  moniker_resolved_texts texts = {.struct_size = sizeof texts};
  moniker_reason reason = {.struct_size = sizeof reason};
  moniker_field field;
  moniker_text ids[2];
  moniker_person person = maria();
  moniker_identifier identifier = {.struct_size = sizeof identifier};
  int32_t erased = 0;
  EXPECT(moniker_resolver_open(moniker_text_of(vault_path), NULL, &resolver, &error) == MONIKER_OK);
  ids[0] = moniker_text_of("participant-1");
  ids[1] = moniker_text_of("nobody");
  EXPECT(moniker_resolver_resolve(resolver, ids[0], &reason, &found[0], &error) ==
         MONIKER_INVALID_ARGUMENT); /* no actor */
  EXPECT(found[0] == NULL);
  reason.actor = moniker_text_of("dr-obrien");
  reason.purpose = moniker_text_of("treatment");
  EXPECT(moniker_resolver_resolve_many(resolver, ids, 2, &reason, found, &error) == MONIKER_OK);
  EXPECT(found[0] != NULL && found[1] == NULL);
  EXPECT(moniker_resolved_read(found[0], &texts, &error) == MONIKER_OK);
  EXPECT(is(texts.name, "Maria Jensen") && is(texts.id, "00123456") &&
         texts.by_participant_id == 1);
  EXPECT(is(texts.external_id, "m32pnb88e0wgd7hc26m7ph6zyfqm3092") && texts.conference.size == 0);
  EXPECT(texts.field_count == 1 && texts.other_identifier_count == 0 && texts.identity_epoch == 1);
  EXPECT(moniker_resolved_field(found[0], 0, &field, &error) == MONIKER_OK);
  EXPECT(is(field.name, "email") && is(field.text, "maria@example.org"));
  EXPECT(moniker_resolved_field(found[0], 1, &field, &error) == MONIKER_NOT_FOUND);
  EXPECT(field.name.data == NULL && field.name.size == 0);
  EXPECT(moniker_resolved_other_identifier(found[0], 0, &identifier, &error) == MONIKER_NOT_FOUND);
  moniker_resolved_close(found[0]);
  EXPECT(moniker_resolved_read(found[0], &texts, &error) == MONIKER_CLOSED);
  EXPECT(texts.name.data == NULL);
  /* A handle of the one library is none of the other. */
  EXPECT(moniker_resolver_resolve((moniker_resolver*)(void*)vault, ids[0], &reason, &found[0],
                                  &error) == MONIKER_CLOSED);
  EXPECT(moniker_vault_reseal((moniker_vault*)(void*)resolver, &error) == MONIKER_CLOSED);

  identifier.issuer = person.issuer;
  identifier.id = person.id;
  EXPECT(moniker_vault_erase(vault, &identifier, NULL, &erased, &error) == MONIKER_OK &&
         erased == 1);
  EXPECT(moniker_vault_erase(vault, &identifier, NULL, &erased, &error) == MONIKER_OK &&
         erased == 0);
  EXPECT(moniker_resolver_resolve(resolver, ids[0], &reason, &found[0], &error) ==
         MONIKER_NOT_FOUND);
  moniker_resolver_close(resolver);
  moniker_resolver_close(resolver);
}

static void derive(moniker_vault* vault) {
  const int32_t offsets[] = {0, 8, 8, 16};
  const int32_t falling[] = {0, 8, 7, 16};
  const int32_t beyond[] = {0, 8, 16, 17};
  const uint8_t validity[] = {5}; /* the first and the third */
  moniker_scope scope = app_scope();
  moniker_anonymizer* anonymizer = NULL;
  moniker_pseudonym pseudonym = {.struct_size = sizeof pseudonym};
  moniker_identifier identifier = {.struct_size = sizeof identifier};
  moniker_column column = {.struct_size = sizeof column};
  char ids[96];
  EXPECT(moniker_anonymizer_open(vault, &scope, 7, &anonymizer, &error) == MONIKER_NOT_FOUND);
  EXPECT(moniker_anonymizer_load(moniker_text_of(vault_path), NULL, &scope, 0, &anonymizer,
                                 &error) == MONIKER_OK);
  identifier.issuer = column.issuer = moniker_text_of("mrn.hospital-a");
  identifier.id = moniker_text_of("00123456");
  EXPECT(moniker_anonymizer_derive(anonymizer, &identifier, &pseudonym, &error) == MONIKER_OK);
  EXPECT(strcmp(pseudonym.external_id, "m32pnb88e0wgd7hc26m7ph6zyfqm3092") == 0);
  EXPECT(strcmp(pseudonym.uuid, "18ad55a1-0e07-80d3-8582-350f689bfe7d") == 0);
  EXPECT(strcmp(pseudonym.label_code, "RCG-V3F") == 0 && pseudonym.avatar_index == 211);

  column.offsets = offsets;
  column.bytes = "0012345600123457";
  column.bytes_size = 16;
  column.validity = validity;
  column.count = 3;
  column.offset_bits = 32;
  EXPECT(moniker_anonymizer_derive_many(anonymizer, &column, ids, sizeof ids, &error) ==
         MONIKER_OK);
  EXPECT(memcmp(ids, pseudonym.external_id, 32) == 0 && ids[32] == 0 && ids[63] == 0 &&
         ids[64] == 'm');
  column.validity = NULL; /* the second is empty, which no identifier may be */
  EXPECT(moniker_anonymizer_derive_many(anonymizer, &column, ids, sizeof ids, &error) ==
         MONIKER_INVALID_ARGUMENT);
  EXPECT(error.locator == 1 && ids[0] == 0 && ids[64] == 0);
  column.validity = validity;
  column.offsets = beyond;
  EXPECT(moniker_anonymizer_derive_many(anonymizer, &column, ids, sizeof ids, &error) ==
         MONIKER_INVALID_ARGUMENT);
  EXPECT(error.locator == 2);
  column.validity = NULL;
  column.offsets = falling;
  EXPECT(moniker_anonymizer_derive_many(anonymizer, &column, ids, sizeof ids, &error) ==
         MONIKER_INVALID_ARGUMENT);
  EXPECT(error.locator == 1);
  column.offsets = offsets;
  EXPECT(moniker_anonymizer_derive_many(anonymizer, &column, ids, 95, &error) ==
         MONIKER_INVALID_ARGUMENT);
  column.offset_bits = 16;
  EXPECT(moniker_anonymizer_derive_many(anonymizer, &column, ids, sizeof ids, &error) ==
         MONIKER_INVALID_ARGUMENT);
  column.offset_bits = 32;
  column.count = SIZE_MAX;
  EXPECT(moniker_anonymizer_derive_many(anonymizer, &column, NULL, 0, &error) ==
         MONIKER_INVALID_ARGUMENT);
  moniker_anonymizer_close(anonymizer);
  EXPECT(moniker_anonymizer_derive(anonymizer, &identifier, &pseudonym, &error) == MONIKER_CLOSED);
  EXPECT(pseudonym.external_id[0] == 0);
}

/* A struct of a caller that was built with a later header. */
typedef struct {
  moniker_scope known;
  int64_t added;
} later_scope;

static void structs_of_other_sizes(moniker_vault* vault) {
  later_scope later;
  moniker_error wrong = {sizeof wrong - 1, "untouched", 7, 0, 0};
  moniker_gate_options options = {.struct_size = sizeof options};
  moniker_gate* gate = NULL;
  size_t size;
  memset(&later, 0, sizeof later);
  later.known = app_scope();
  options.scope = &later.known;
  for (size = 0; size < sizeof(moniker_scope); ++size) {
    later.known.struct_size = size;
    EXPECT(moniker_gate_open(vault, &options, &gate, &error) == MONIKER_INVALID_ARGUMENT);
  }
  later.known.struct_size = SIZE_MAX;
  EXPECT(moniker_gate_open(vault, &options, &gate, &error) == MONIKER_INVALID_ARGUMENT);
  later.known.struct_size = sizeof later;
  EXPECT(moniker_gate_open(vault, &options, &gate, &error) == MONIKER_OK);
  moniker_gate_close(gate);
  later.added = 1;
  EXPECT(moniker_gate_open(vault, &options, &gate, &error) == MONIKER_UNSUPPORTED);
  later.added = 0;
  later.known.reserved = 1;
  EXPECT(moniker_gate_open(vault, &options, &gate, &error) == MONIKER_UNSUPPORTED);
  later.known.reserved = 0;
  later.known.kind = 0;
  EXPECT(moniker_gate_open(vault, &options, &gate, &error) == MONIKER_INVALID_ARGUMENT);
  EXPECT(moniker_gate_open(vault, NULL, &gate, NULL) == MONIKER_INVALID_ARGUMENT);
  EXPECT(gate == NULL);
  later.known.kind = MONIKER_SCOPE_APP;
  EXPECT(moniker_gate_open(vault, &options, &gate, &wrong) == MONIKER_INVALID_ARGUMENT);
  EXPECT(strcmp(wrong.message, "untouched") == 0 && wrong.locator == 7 && gate == NULL);
}

static void bad_texts(moniker_vault* vault) {
  moniker_text no_bytes = {NULL, 1};
  moniker_text endless = {"x", SIZE_MAX};
  moniker_text cut = {"clinic\0.vault", 13};
  moniker_vault* other = NULL;
  EXPECT(moniker_vault_open(no_bytes, NULL, &other, &error) == MONIKER_INVALID_ARGUMENT);
  EXPECT(moniker_vault_open(endless, NULL, &other, &error) == MONIKER_INVALID_ARGUMENT);
  EXPECT(moniker_vault_open(cut, NULL, &other, &error) == MONIKER_INVALID_ARGUMENT);
  EXPECT(moniker_vault_open(moniker_text_of(NULL), NULL, &other, &error) ==
         MONIKER_INVALID_ARGUMENT);
  EXPECT(moniker_vault_open(moniker_text_of(vault_path), NULL, NULL, &error) ==
         MONIKER_INVALID_ARGUMENT);
  EXPECT(moniker_vault_declare_issuer(vault, no_bytes, MONIKER_KIND_TEXT, &error) ==
         MONIKER_INVALID_ARGUMENT);
  EXPECT(moniker_vault_declare_issuer(vault, moniker_text_of("names"), 5, &error) ==
         MONIKER_INVALID_ARGUMENT);
  EXPECT(moniker_vault_declare_issuer(vault, moniker_text_of("names"), MONIKER_KIND_TEXT, &error) ==
         MONIKER_OK);
  EXPECT(moniker_vault_declare_issuer(vault, moniker_text_of("names"), MONIKER_KIND_PHONE,
                                      &error) == MONIKER_CONFLICT);
}

static void what_needs_no_handle(void) {
  moniker_platform platform = {.struct_size = sizeof platform};
  moniker_code code;
  EXPECT(moniker_abi_version() == MONIKER_ABI_VERSION);
  EXPECT(moniker_resolve_abi_version() == MONIKER_ABI_VERSION);
  EXPECT(strcmp(moniker_version(), "0.1.0") == 0);
  for (code = MONIKER_OK; code <= MONIKER_OVER_BUDGET; ++code) {
    EXPECT(strcmp(moniker_code_name(code), "unknown") != 0);
  }
  EXPECT(strcmp(moniker_code_name(-1), "unknown") == 0);
  EXPECT(strcmp(moniker_code_name(256), "unknown") == 0);
  EXPECT(strcmp(moniker_code_name(MONIKER_WRONG_KEY), "wrong_key") == 0);
  EXPECT(moniker_platform_count() >= 8);
  EXPECT(moniker_platform_at(0, &platform, &error) == MONIKER_OK && is(platform.key, "generic"));
  EXPECT(moniker_platform_at(moniker_platform_count(), &platform, &error) == MONIKER_NOT_FOUND);
  EXPECT(platform.key.data == NULL);
  EXPECT(moniker_platform_at(0, NULL, &error) == MONIKER_INVALID_ARGUMENT);
}

int main(int argc, char** argv) {
  moniker_vault* vault = NULL;
  moniker_gate* gate = NULL;
  moniker_scope scope = app_scope();
  moniker_gate_options options = {.struct_size = sizeof options};
  if (argc != 2 || mkdir(argv[1], 0700) != 0) return 2;
  snprintf(vault_path, sizeof vault_path, "%s/clinic.vault", argv[1]);
  snprintf(key_path, sizeof key_path, "%s/clinic.key", argv[1]);
  what_needs_no_handle();
  create_vault();
  EXPECT(moniker_vault_open(moniker_text_of(vault_path), NULL, &vault, &error) == MONIKER_OK);
  EXPECT(error.code == MONIKER_OK && error.message[0] == '\0' && error.locator == -1);
  options.scope = &scope;
  EXPECT(moniker_gate_open(vault, &options, &gate, &error) == MONIKER_OK);
  admit_and_bind(gate);
  admit_many(gate);
  check_texts(gate);
  structs_of_other_sizes(vault);
  bad_texts(vault);
  rotate(vault);
  EXPECT(moniker_vault_lock(vault, &error) == MONIKER_OK);
  EXPECT(moniker_vault_lock(NULL, &error) == MONIKER_INVALID_ARGUMENT);
  check_texts(gate); /* which gets the keys from the key file again */
  derive(vault);
  resolve_and_erase(vault);
  moniker_vault_close(vault);
  moniker_vault_close(vault);
  moniker_vault_close(NULL);
  EXPECT(moniker_vault_reseal(vault, &error) == MONIKER_CLOSED);
  EXPECT(moniker_vault_reseal(NULL, &error) == MONIKER_INVALID_ARGUMENT);
  check_texts(gate); /* which lives on */
  moniker_gate_close(gate);
  return failures == 0 ? 0 : 1;
}
