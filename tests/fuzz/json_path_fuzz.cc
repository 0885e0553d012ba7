// The language of paths into JSON. Input: the path.

#include <simdjson.h>

#include <string>

#include "batch/json_paths.h"
#include "fuzz/rewrite_claims.h"
#include "moniker/json_text.h"

namespace moniker::testing {
namespace {

using Parts = std::vector<std::optional<std::string>>;

// The parts as a path, with a backslash wherever one may be.
std::string PathOf(const Parts& parts) {
  std::string path;
  for (const std::optional<std::string>& part : parts) {
    if (!part) {
      path += "[]";
      continue;
    }
    if (!path.empty()) path += '.';
    for (const char c : *part) path.append({'\\', c});
  }
  return path;
}

// An array with one record, which has one value, at the end of the path.
std::string DocumentOf(const Parts& parts, std::string_view value) {
  std::string begin = "[";
  std::string end = "]";
  for (const std::optional<std::string>& part : parts) {
    begin += part ? "{" : "[";
    end.insert(0, 1, part ? '}' : ']');
    if (!part) continue;
    AppendJsonString(*part, &begin);
    begin += ':';
  }
  return begin + std::string(value) + end;
}

}  // namespace

void FuzzOne(std::span<const std::uint8_t> bytes) {
  constexpr std::size_t kDeepest = 100;
  const std::string path(FuzzInput::AsText(bytes));
  const auto parts = internal::ParseJsonPath(path);
  const RewriteOptions options = JsonOptions(RecordFormat::kJson, {Replaced(path)});
  if (!parts.ok()) {
    const Rewritten run = RunRewrite("{}", options);
    Require(run.outcome.fault.has_value(), "what is no path is a fault");
    return;
  }
  const auto again = internal::ParseJsonPath(PathOf(*parts));
  Require(again.ok() && *again == *parts, "a backslash takes the meaning and nothing else");
  if (parts->size() > kDeepest || !simdjson::validate_utf8(path)) return;
  const Rewritten run = RunRewrite(DocumentOf(*parts, "\"v\""), options);
  Require(IsComplete(run), "a path leads where it says");
  Require(run.text == DocumentOf(*parts, "\"<v>\""), "and to nothing else");
}

}  // namespace moniker::testing
