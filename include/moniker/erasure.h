// Who is to be made unrecoverable, and what came of it (Vault::Erase).
//
// Thread safety: values; ErasureTarget is as that of the text it points to.

#ifndef MONIKER_ERASURE_H_
#define MONIKER_ERASURE_H_

#include <string_view>
#include <variant>
#include <vector>

#include "moniker/identifier.h"

namespace moniker {

// A person, by one of its identifiers; or by an external ID (with or without metadata), its UUID
// rendering, or a participant ID.
using ErasureTarget = std::variant<Identifier, std::string_view>;

struct Erasure {
  std::vector<bool> found;  // of each target: otherwise nobody is stored under it
  // Nothing of the erased records is left in the database's log, and where they stood in the
  // database are zeros. Otherwise somebody was reading an older state of it, and that comes with the
  // next checkpoint that finds nobody reading.
  bool log_is_empty = false;
};

}  // namespace moniker

#endif  // MONIKER_ERASURE_H_
