#include "batch/json_paths.h"

#include <utility>

namespace moniker::internal {
namespace {

constexpr Status kNoPath(StatusCode::kInvalidArgument,
                         "not a path such as participant.externalId or participants[].id");

}  // namespace

Result<std::vector<std::optional<std::string>>> ParseJsonPath(std::string_view path) {
  std::vector<std::optional<std::string>> parts;
  // Whether a member name may begin here, and whether one must.
  bool may_begin = true;
  bool must_begin = false;
  for (std::size_t i = 0; i < path.size();) {
    if (path.substr(i).starts_with("[]")) {
      if (must_begin) return kNoPath;
      parts.emplace_back(std::nullopt);
      i += 2;
      may_begin = false;
    } else if (path[i] == '.') {
      if (may_begin) return kNoPath;
      may_begin = must_begin = true;
      ++i;
    } else {
      if (!may_begin) return kNoPath;
      std::string name;
      for (; i < path.size() && path[i] != '.' && path[i] != '['; ++i) {
        if (path[i] == ']') return kNoPath;
        if (path[i] == '\\' && ++i == path.size()) return kNoPath;
        name.push_back(path[i]);
      }
      parts.emplace_back(std::move(name));
      may_begin = must_begin = false;
      if (i < path.size() && path[i] == '[' && !path.substr(i).starts_with("[]")) return kNoPath;
    }
  }
  if (parts.empty() || must_begin) return kNoPath;
  return parts;
}

Result<JsonPaths> JsonPaths::Make(const std::vector<RewriteColumn>& rules) {
  JsonPaths paths;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto locator = static_cast<std::int64_t>(i);
    const auto parts = ParseJsonPath(rules[i].name);
    if (!parts.ok()) return parts.status().At(locator);
    const bool needs_member =
        rules[i].fate == RewriteColumn::Fate::kDrop || !rules[i].added.empty();
    if (needs_member && !parts->back()) {
      return Status(StatusCode::kInvalidArgument, "elements of a list cannot be dropped or added",
                    locator);
    }
    std::uint32_t node = 0;
    for (const std::optional<std::string>& part : *parts) node = paths.Descend(node, part);
    if (paths.nodes_[node].rule) {
      return Status(StatusCode::kConflict, "two columns of one path", locator);
    }
    paths.nodes_[node].rule = static_cast<std::uint16_t>(i);
  }
  return paths;
}

std::uint32_t JsonPaths::Descend(std::uint32_t node, const std::optional<std::string>& part) {
  const auto next = static_cast<std::uint32_t>(nodes_.size());
  if (!part) {
    if (nodes_[node].elements) return *nodes_[node].elements;
    nodes_[node].elements = next;
  } else {
    for (const JsonPathNode::Member& member : nodes_[node].members) {
      if (member.name == *part) return member.node;
    }
    nodes_[node].members.push_back({*part, next});
  }
  nodes_.emplace_back();
  return next;
}

}  // namespace moniker::internal
