// A Label is always one of its style: it comes from a digest or is checked.
#include <cstdint>
#include <optional>

#include "moniker/label.h"

std::optional<moniker::Label> Make(std::uint32_t value) {
#ifdef MONIKER_BAD_LINE
  return moniker::Label(moniker::LabelStyle::kWords, value);
#endif
  return moniker::Label::FromValue(moniker::LabelStyle::kWords, value);
}
