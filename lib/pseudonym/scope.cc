#include "moniker/scope.h"

#include "base/utf8.h"

namespace moniker {

using internal::TextFault;

Result<Scope> Scope::Conference(std::string_view conference) {
  if (conference.empty()) return Status(StatusCode::kInvalidArgument, "conference: empty");
  if (conference.size() > kMaxConferenceSize) {
    return Status(StatusCode::kInvalidArgument, "conference: longer than 255 bytes");
  }
  switch (internal::FindTextFault(conference)) {
    case TextFault::kNone: break;
    case TextFault::kNotUtf8: return Status(StatusCode::kInvalidArgument, "conference: not UTF-8");
    case TextFault::kControl:
      return Status(StatusCode::kInvalidArgument, "conference: a control character");
  }
  return Scope(std::string(conference));
}

}  // namespace moniker
