// Only a parser or a Pseudonym makes an external ID, so an identifier cannot pass for one.
#include <string_view>

#include "moniker/pseudonym.h"

moniker::Result<moniker::ExternalId> Make(std::string_view text) {
#ifdef MONIKER_BAD_LINE
  return moniker::ExternalId(text);
#endif
  return moniker::ExternalId::Parse(text);
}
