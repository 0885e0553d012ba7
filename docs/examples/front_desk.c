/* What an application does in C before and after a session. The vault and its key are made as by
 * `moniker init clinic.vault --app clinic-7 --key-file clinic.key`. */

#include <moniker/c.h>
#include <stdio.h>

static int fail(const moniker_error* error) {
  fprintf(stderr, "%s: %s\n", moniker_code_name(error->code), error->message);
  return 1;
}

static int open_session(moniker_gate* gate, moniker_error* error) {
  moniker_person person = {.struct_size = sizeof person};
  person.issuer = moniker_text_of("mrn.hospital-a");
  person.id = moniker_text_of("00123456");
  person.name = moniker_text_of("Maria Jensen");

  moniker_identity* who = NULL;
  moniker_identity_texts texts = {.struct_size = sizeof texts};
  moniker_code code = moniker_gate_admit(gate, &person, moniker_text_of("Patient"), &who, error);
  if (code == MONIKER_OK) code = moniker_identity_read(who, &texts, error);
  if (code == MONIKER_OK) {
    /* What the SDK is given: open(texts.display_name, texts.external_id), ... */
    printf("%s %s\n", texts.display_name.data, texts.external_id.data);
    /* ... and what it said of the participant. */
    moniker_text participant = moniker_text_of("bdd640fb-0667-4ad1-9c80-317fa3b1799d");
    code = moniker_gate_bind(gate, participant, who, error);
  }
  moniker_identity_close(who);
  return code;
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  moniker_error error = {.struct_size = sizeof error};
  moniker_scope scope = {.struct_size = sizeof scope};
  scope.kind = MONIKER_SCOPE_APP;
  moniker_gate_options options = {.struct_size = sizeof options};
  options.scope = &scope;
  options.platform = moniker_text_of("dolbyio-cpp");

  moniker_vault* vault = NULL;
  moniker_gate* gate = NULL;
  moniker_code code = moniker_vault_open(moniker_text_of(argv[1]), NULL, &vault, &error);
  if (code == MONIKER_OK) code = moniker_gate_open(vault, &options, &gate, &error);
  if (code == MONIKER_OK) code = open_session(gate, &error);
  moniker_gate_close(gate);
  moniker_vault_close(vault);
  return code == MONIKER_OK ? 0 : fail(&error);
}
