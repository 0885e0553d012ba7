#include "batch/rewrite_options.h"

#include <cstddef>
#include <cstdint>

#include "base/status_macros.h"

namespace moniker::internal {
namespace {

constexpr std::size_t kMaxColumns = 0xFFFE;

Status CheckQuoting(const RewriteOptions& options) {
  const auto usable = [](char c) {
    return c != '\0' && static_cast<unsigned char>(c) < 0x80 && c != '\r' && c != '\n';
  };
  if (!usable(options.separator)) {
    return Status(StatusCode::kInvalidArgument, "separator: not one ASCII character");
  }
  if (options.quote != '\0' && !(usable(options.quote) && options.quote != options.separator)) {
    return Status(StatusCode::kInvalidArgument,
                  "quote: not one ASCII character other than the separator");
  }
  return Status::Ok();
}

Status CheckColumns(const std::vector<RewriteColumn>& columns) {
  if (columns.size() > kMaxColumns) {
    return Status(StatusCode::kInvalidArgument, "columns: too many");
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      const bool same_added = !columns[i].added.empty() && columns[k].added == columns[i].added;
      if (columns[k].name != columns[i].name && !same_added) continue;
      return Status(StatusCode::kInvalidArgument, "columns: two of one name",
                    static_cast<std::int64_t>(i));
    }
  }
  return Status::Ok();
}

}  // namespace

Status CheckRewriteOptions(const RewriteOptions& options) {
  MONIKER_RETURN_IF_ERROR(CheckQuoting(options));
  return CheckColumns(options.columns);
}

}  // namespace moniker::internal
