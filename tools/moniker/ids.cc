#include "ids.h"

#include <algorithm>
#include <optional>

#include "moniker/pseudonym.h"

namespace moniker::tool {

bool HoldsRecords(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

std::vector<std::string> IdLines(const std::string& text) {
  std::vector<std::string> ids;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    std::string line = text.substr(start, end - start);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) ids.push_back(std::move(line));
    start = end + 1;
  }
  return ids;
}

std::string_view IdIn(const Record& record) {
  std::optional<std::string_view> id = record.TextIfThere("query");
  if (!id) id = record.TextIfThere("external_id");
  return id ? *id : record.Text("participant_id");
}

std::string CanonicalId(const std::string& typed) {
  const Result<ExternalId> id = ExternalId::ParseTyped(typed);
  // What stands behind the ID (metadata) stays: the whole may be a participant ID as well.
  return id.ok() ? std::string(id->text()) + typed.substr(ExternalId::kSize) : typed;
}

}  // namespace moniker::tool
