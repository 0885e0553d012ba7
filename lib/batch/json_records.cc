#include "batch/json_records.h"

#include <algorithm>

#include "base/status_macros.h"
#include "moniker/json_text.h"

namespace moniker::internal {
namespace {

constexpr Status kNotValid(StatusCode::kInvalidArgument, "JSON: not a valid document");

bool IsWholeNumber(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::size_t SkipSpaceFrom(std::string_view text, std::size_t pos) {
  return text.size() - SkipJsonSpace(text.substr(pos)).size();
}

}  // namespace

JsonRecords::JsonRecords(const JsonPaths* paths, const std::vector<RewriteColumn>* rules,
                         const NullValues* nulls)
    : paths_(*paths), rules_(*rules), nulls_(*nulls), found_(rules->size(), 0) {
  for (const RewriteColumn& rule : rules_) {
    AppendJsonString(rule.added, &added_names_.emplace_back());
  }
}

void JsonRecords::ReadLines(RecordBatch* batch) {
  const std::string_view text = batch->text();
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t line_end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    const std::size_t first = SkipSpaceFrom(text.substr(0, line_end), begin);
    if (first < line_end) {
      batch->BeginRecord(begin);
      const Result<std::size_t> end = ReadRecord(text.substr(0, line_end), first, batch);
      if (!end.ok()) {
        batch->AddFault(end.status());
      } else if (SkipSpaceFrom(text.substr(0, line_end), *end) != line_end) {
        batch->AddFault(
            Status(StatusCode::kInvalidArgument, "JSON: text after the document of a line"));
      }
      batch->EndRecord(line_end);
    }
    begin = line_end;
  }
}

Status JsonRecords::ReadDocuments(RecordBatch* batch) {
  const std::string_view text = batch->text();
  for (std::size_t pos = SkipSpaceFrom(text, 0); pos < text.size();) {
    const auto locator = static_cast<std::int64_t>(batch->records().size());
    batch->BeginRecord(pos);
    const Result<std::size_t> end = ReadRecord(text, pos, batch);
    if (!end.ok()) return end.status().At(locator);
    pos = SkipSpaceFrom(text, *end);
    if (pos == *end && pos < text.size()) {
      return Status(StatusCode::kInvalidArgument, "JSON: no white space after a document", locator);
    }
    const std::size_t line_end = text.substr(0, pos).find('\n', *end);
    batch->EndRecord(line_end == std::string_view::npos ? pos : line_end + 1);
  }
  return Status::Ok();
}

Status JsonRecords::ReadElements(JsonPlace place, bool is_last, RecordBatch* batch) {
  const std::string_view text = batch->text();
  std::size_t pos = SkipSpaceFrom(text, 0);
  bool is_first = place == JsonPlace::kArrayBegin;
  if (is_first) pos = SkipSpaceFrom(text, pos + 1);  // the bracket
  bool is_closed = place == JsonPlace::kArrayEnd;
  while (pos < text.size()) {
    const auto locator = static_cast<std::int64_t>(batch->records().size());
    if (is_closed) return kNotValid.At(locator);
    if (text[pos] == ']') {
      is_closed = true;
      pos = SkipSpaceFrom(text, pos + 1);
      continue;
    }
    batch->BeginRecord(pos);
    if (!is_first) {
      if (text[pos] != ',') return kNotValid.At(locator);
      pos = SkipSpaceFrom(text, pos + 1);
    }
    is_first = false;
    const Result<std::size_t> end = ReadRecord(text, pos, batch);
    if (!end.ok()) return end.status().At(locator);
    batch->EndRecord(*end);
    pos = SkipSpaceFrom(text, *end);
  }
  if (is_last && !is_closed) {
    return kNotValid.At(static_cast<std::int64_t>(batch->records().size()));
  }
  return Status::Ok();
}

Result<std::size_t> JsonRecords::ReadRecord(std::string_view text, std::size_t begin,
                                            RecordBatch* batch) {
  const std::uint32_t group = batch->AddGroup();
  MONIKER_ASSIGN_OR_RETURN(const std::size_t size, index_.Read(text.substr(begin)));
  document_ = text.substr(begin, size);
  base_ = begin;
  MONIKER_RETURN_IF_ERROR(validator_.Validate(document_));
  Walk(0, paths_.root(), group, batch);
  return begin + size;
}

bool JsonRecords::IsNull(const JsonNode& node) const {
  return node.kind == JsonNode::Kind::kScalar && document_[node.begin] == 'n';
}

std::string_view JsonRecords::KeyOf(std::uint32_t key) {
  return JsonStringValue(document_, index_.nodes()[key], &decoded_);
}

void JsonRecords::Walk(std::uint32_t value, const JsonPathNode& path, std::uint32_t group,
                       RecordBatch* batch) {
  const JsonNode& node = index_.nodes()[value];
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

void JsonRecords::WalkArray(std::uint32_t array, const JsonPathNode& path, RecordBatch* batch) {
  const std::uint32_t end = index_.nodes()[array].next;
  if (end == array + 1) MarkFound(path);
  for (std::uint32_t i = array + 1; i < end; i = index_.nodes()[i].next) {
    Walk(i, paths_.node(*path.elements), batch->AddGroup(), batch);
  }
}

void JsonRecords::WalkObject(std::uint32_t object, const JsonPathNode& path, std::uint32_t group,
                             RecordBatch* batch) {
  const std::vector<JsonNode>& nodes = index_.nodes();
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

void JsonRecords::WalkMember(std::uint32_t key, const JsonPathNode& path, std::uint32_t group,
                             RecordBatch* batch) {
  const bool renamed = path.rule && !rules_[*path.rule].added.empty() &&
                       rules_[*path.rule].fate == RewriteColumn::Fate::kReplace;
  if (renamed) {
    const JsonNode& node = index_.nodes()[key];
    batch->AddText(added_names_[*path.rule], base_ + node.begin, base_ + node.end);
  }
  Walk(key + 1, path, group, batch);
}

// A member goes with the comma before it; those before the first that stays, with the one after it.
// `behind`: the key after it, 0 if there is none.
void JsonRecords::DropMember(std::uint32_t key, std::uint32_t behind, const Members& members,
                             RecordBatch* batch) {
  const std::vector<JsonNode>& nodes = index_.nodes();
  const std::size_t end = base_ + nodes[key + 1].end;
  if (members.has_kept_one) {
    batch->AddRemoval(members.end_of_former, end);
  } else {
    batch->AddRemoval(base_ + nodes[key].begin, behind == 0 ? end : base_ + nodes[behind].begin);
  }
}

// Two members of one name would not be read alike by everyone.
void JsonRecords::CheckAdded(std::uint32_t object, const JsonPathNode& path, RecordBatch* batch) {
  const std::vector<JsonNode>& nodes = index_.nodes();
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

void JsonRecords::AddValue(std::uint32_t value, std::uint16_t rule, std::uint32_t group,
                           RecordBatch* batch) {
  const JsonNode& node = index_.nodes()[value];
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

void JsonRecords::MarkFound(const JsonPathNode& path) {
  if (path.rule) ++found_[*path.rule];
  for (const JsonPathNode::Member& member : path.members) MarkFound(paths_.node(member.node));
  if (path.elements) MarkFound(paths_.node(*path.elements));
}

}  // namespace moniker::internal
