/* Who was that? A program that resolves; libmoniker_resolve is what it links for this. */

#include <moniker/c_resolve.h>
#include <stdio.h>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  moniker_error error = {.struct_size = sizeof error};
  moniker_reason reason = {.struct_size = sizeof reason};
  reason.actor = moniker_text_of("dr-obrien");
  reason.purpose = moniker_text_of("treatment");

  moniker_resolver* resolver = NULL;
  moniker_resolved* person = NULL;
  moniker_resolved_texts texts = {.struct_size = sizeof texts};
  moniker_code code = moniker_resolver_open(moniker_text_of(argv[1]), NULL, &resolver, &error);
  if (code == MONIKER_OK) {
    code = moniker_resolver_resolve(resolver, moniker_text_of(argv[2]), &reason, &person, &error);
  }
  if (code == MONIKER_OK) code = moniker_resolved_read(person, &texts, &error);
  if (code == MONIKER_OK) {
    printf("%.*s %.*s\n", (int)texts.id.size, texts.id.data, (int)texts.name.size, texts.name.data);
  } else {
    fprintf(stderr, "%s\n", error.message);
  }
  moniker_resolved_close(person); /* wipes it */
  moniker_resolver_close(resolver);
  return code == MONIKER_OK ? 0 : 1;
}
