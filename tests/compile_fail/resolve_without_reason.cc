// Whoever resolves says who asks and what for.
#include "moniker/resolver.h"

moniker::Result<moniker::Resolved> Ask(const moniker::Resolver& resolver, std::string_view id) {
#ifdef MONIKER_BAD_LINE
  return resolver.Resolve(id);
#endif
  return resolver.Resolve(id, {.actor = "dr-obrien", .purpose = "treatment"});
}
