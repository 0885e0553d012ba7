#include "moniker/status.h"

namespace moniker {

std::string_view StatusCodeName(StatusCode code) {
  switch (code) {
    case StatusCode::kOk: return "ok";
    case StatusCode::kInvalidArgument: return "invalid_argument";
    case StatusCode::kNotFound: return "not_found";
    case StatusCode::kConflict: return "conflict";
    case StatusCode::kWrongKey: return "wrong_key";
    case StatusCode::kAltered: return "altered";
    case StatusCode::kNewerFormat: return "newer_format";
    case StatusCode::kPermission: return "permission";
    case StatusCode::kReadOnly: return "read_only";
    case StatusCode::kNoSpace: return "no_space";
    case StatusCode::kIo: return "io";
    case StatusCode::kExhausted: return "exhausted";
    case StatusCode::kClosed: return "closed";
    case StatusCode::kUnsupported: return "unsupported";
    case StatusCode::kRolledBack: return "rolled_back";
    case StatusCode::kOverBudget: return "over_budget";
  }
  return "unknown";
}

}  // namespace moniker
