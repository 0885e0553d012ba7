// Versions, names and platforms: what needs no handle.

#include "boundary/arguments.h"
#include "boundary/call.h"
#include "boundary/structs.h"
#include "moniker/c.h"
#include "moniker/platform.h"
#include "moniker/version.h"

using moniker::Platform;
using moniker::Status;
using moniker::StatusCode;
using moniker::internal::TextOf;

std::uint32_t moniker_abi_version(void) { return MONIKER_ABI_VERSION; }

const char* moniker_version(void) { return MONIKER_VERSION; }

const char* moniker_code_name(moniker_code code) {
  if (code < 0 || code > UINT8_MAX) return "unknown";
  return moniker::StatusCodeName(static_cast<StatusCode>(code)).data();  // a literal
}

std::size_t moniker_platform_count(void) { return moniker::Platforms().size(); }

moniker_code moniker_platform_at(std::size_t index, moniker_platform* platform,
                                 moniker_error* error) {
  moniker::internal::ClearStruct(platform);
  return moniker::internal::Call(error, [&]() -> Status {
    if (index >= moniker::Platforms().size()) {
      return Status(StatusCode::kNotFound, "platform: there are not so many");
    }
    const Platform& known = moniker::Platforms()[index];
    moniker_platform told{};
    told.key = TextOf(known.key);
    told.title = TextOf(known.title);
    told.type = TextOf(known.type);
    told.external_id_field = TextOf(known.id.name);
    told.display_name_field = TextOf(known.name.name);
    told.avatar_url_field = TextOf(known.avatar_url.name);
    return moniker::internal::WriteStruct(told, platform);
  });
}
