#include "batch/json_columns.h"

#include <algorithm>

#include "moniker/json_text.h"

namespace moniker::internal {
namespace {

bool IsWholeNumber(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

JsonColumns::JsonColumns(const JsonPaths* paths, const std::vector<RewriteColumn>* rules,
                         const NullValues* nulls)
    : paths_(*paths), rules_(*rules), nulls_(*nulls), found_(rules->size(), 0) {
  for (const RewriteColumn& rule : rules_) {
    AppendJsonString(rule.added, &added_names_.emplace_back());
  }
}

void JsonColumns::Add(std::string_view document, std::size_t base, JsonIndex* index,
                      RecordBatch* batch) {
  document_ = document;
  base_ = base;
  index_ = index;
  Walk(0, paths_.root(), batch->AddGroup(), batch);
}

bool JsonColumns::IsNull(const JsonNode& node) const {
  return node.kind == JsonNode::Kind::kScalar && document_[node.begin] == 'n';
}

std::string_view JsonColumns::KeyOf(std::uint32_t key) {
  return JsonStringValue(document_, index_->nodes()[key], &decoded_);
}

void JsonColumns::Walk(std::uint32_t value, const JsonPathNode& path, std::uint32_t group,
                       RecordBatch* batch) {
  const JsonNode& node = index_->nodes()[value];
  if (path.rule) AddValue(value, *path.rule, group, batch);
  if (path.members.empty() && !path.elements) return;
  if (IsNull(node)) {
    MarkFound(path);
  } else if (node.kind == JsonNode::Kind::kObject && !path.members.empty()) {
    WalkObject(value, path, group, batch);
  } else if (node.kind == JsonNode::Kind::kArray && path.elements) {
    WalkArray(value, path, batch);
  } else {
    // What stands in there might be what the path means: it must not pass unmapped.
    batch->AddFault(Status(StatusCode::kInvalidArgument, "a path leads through something else"));
  }
}

void JsonColumns::WalkArray(std::uint32_t array, const JsonPathNode& path, RecordBatch* batch) {
  const std::uint32_t end = index_->nodes()[array].next;
  if (end == array + 1) MarkFound(path);
  for (std::uint32_t i = array + 1; i < end; i = index_->nodes()[i].next) {
    Walk(i, paths_.node(*path.elements), batch->AddGroup(), batch);
  }
}

void JsonColumns::WalkObject(std::uint32_t object, const JsonPathNode& path, std::uint32_t group,
                             RecordBatch* batch) {
  const std::vector<JsonNode>& nodes = index_->nodes();
  const std::uint32_t end = nodes[object].next;
  Members members;
  for (std::uint32_t key = object + 1; key < end;) {
    const std::uint32_t behind = nodes[key + 1].next;
    const std::string_view name = KeyOf(key);
    const auto found = std::find_if(path.members.begin(), path.members.end(),
                                    [&](const auto& member) { return member.name == name; });
    const JsonPathNode* const inside =
        found == path.members.end() ? nullptr : &paths_.node(found->node);
    if (inside != nullptr && inside->rule &&
        rules_[*inside->rule].fate == RewriteColumn::Fate::kDrop) {
      ++found_[*inside->rule];
      DropMember(key, behind < end ? behind : 0, members, batch);
    } else {
      if (inside != nullptr) WalkMember(key, *inside, group, batch);
      members.has_kept_one = true;
    }
    members.end_of_former = base_ + nodes[key + 1].end;
    key = behind;
  }
  CheckAdded(object, path, batch);
}

void JsonColumns::WalkMember(std::uint32_t key, const JsonPathNode& path, std::uint32_t group,
                             RecordBatch* batch) {
  const bool renamed = path.rule && !rules_[*path.rule].added.empty() &&
                       rules_[*path.rule].fate == RewriteColumn::Fate::kReplace;
  if (renamed) {
    const JsonNode& node = index_->nodes()[key];
    batch->AddText(added_names_[*path.rule], base_ + node.begin, base_ + node.end);
  }
  Walk(key + 1, path, group, batch);
}

// A member goes with the comma before it; those before the first that stays, with the one after it.
// `behind`: the key after it, 0 if there is none.
void JsonColumns::DropMember(std::uint32_t key, std::uint32_t behind, const Members& members,
                             RecordBatch* batch) {
  const std::vector<JsonNode>& nodes = index_->nodes();
  const std::size_t end = base_ + nodes[key + 1].end;
  if (members.has_kept_one) {
    batch->AddRemoval(members.end_of_former, end);
  } else {
    batch->AddRemoval(base_ + nodes[key].begin, behind == 0 ? end : base_ + nodes[behind].begin);
  }
}

// Two members of one name would not be read alike by everyone.
void JsonColumns::CheckAdded(std::uint32_t object, const JsonPathNode& path, RecordBatch* batch) {
  const std::vector<JsonNode>& nodes = index_->nodes();
  for (const JsonPathNode::Member& member : path.members) {
    const std::optional<std::uint16_t> rule = paths_.node(member.node).rule;
    if (!rule || rules_[*rule].added.empty()) continue;
    bool has_member = false;
    bool has_added = false;
    for (std::uint32_t key = object + 1; key < nodes[object].next; key = nodes[key + 1].next) {
      const std::string_view name = KeyOf(key);
      has_member |= name == member.name;
      has_added |= name == rules_[*rule].added;
    }
    if (!has_member || !has_added) continue;
    batch->AddFault(Status(StatusCode::kConflict, "the member to add is there already"), *rule);
  }
}

void JsonColumns::AddValue(std::uint32_t value, std::uint16_t rule, std::uint32_t group,
                           RecordBatch* batch) {
  const JsonNode& node = index_->nodes()[value];
  const RewriteColumn& column = rules_[rule];
  ++found_[rule];
  const std::string_view raw = document_.substr(node.begin, node.end - node.begin);
  if (node.kind == JsonNode::Kind::kString) {
    const std::string_view text = JsonStringValue(document_, node, &decoded_);
    batch->AddCell(node.escaped ? batch->Keep(text) : text, rule, group, nulls_.Contain(text));
  } else if (IsNull(node)) {
    batch->AddCell({}, rule, group, true);
  } else if (node.kind == JsonNode::Kind::kScalar && IsWholeNumber(raw)) {
    batch->AddCell(raw, rule, group, nulls_.Contain(raw));
  } else {
    batch->AddFault(Status(StatusCode::kInvalidArgument, "not a string, a whole number or null"),
                    rule);
    return;
  }
  if (column.fate == RewriteColumn::Fate::kReplace) {
    batch->AddEdit(EditStyle::kJsonValue, base_ + node.begin, base_ + node.end);
  } else if (!column.added.empty()) {
    batch->AddEdit(EditStyle::kJsonAdded, base_ + node.begin, base_ + node.end);
  }
}

void JsonColumns::MarkFound(const JsonPathNode& path) {
  if (path.rule) ++found_[*path.rule];
  for (const JsonPathNode::Member& member : path.members) MarkFound(paths_.node(member.node));
  if (path.elements) MarkFound(paths_.node(*path.elements));
}

}  // namespace moniker::internal
