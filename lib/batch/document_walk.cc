#include "batch/document_walk.h"

#include "base/status_macros.h"
#include "moniker/json_text.h"

namespace moniker::internal {

DocumentWalk::DocumentWalk(IdentityRewriter* rewriter, const Document& document,
                           const KnownIdentity* inherited, std::string* out)
    : rewriter_(*rewriter),
      buffers_(rewriter->levels_[document.level]),
      nodes_(document.nodes),
      facts_(document.facts),
      level_(document.level),
      document_(document.text),
      inherited_(inherited),
      out_(out) {}

Result<bool> DocumentWalk::Run() {
  buffers_.frames.clear();
  const auto end = static_cast<Node>(nodes_.size());
  for (Node node = 0; node < end; ++node) {
    MONIKER_RETURN_IF_ERROR(LeaveUntil(node));
    MONIKER_RETURN_IF_ERROR(Visit(node));
  }
  MONIKER_RETURN_IF_ERROR(LeaveUntil(end));
  if (copied_ == 0) return false;
  out_->append(document_.substr(copied_));
  return true;
}

Status DocumentWalk::Visit(Node node) {
  switch (nodes_[node].kind) {
    case JsonNode::Kind::kObject:
      buffers_.frames.push_back({node, SubjectOf(node, PlaceOfValue().inherited)});
      break;
    case JsonNode::Kind::kArray:
      buffers_.frames.push_back({node, {.identity = PlaceOfValue().inherited}});
      break;
    case JsonNode::Kind::kKey: return VisitKey(node);
    case JsonNode::Kind::kString: return VisitString(node);
    case JsonNode::Kind::kScalar: break;
  }
  return Status::Ok();
}

DocumentWalk::Place DocumentWalk::PlaceOfValue() const {
  if (buffers_.frames.empty()) return {.inherited = inherited_};
  const IdentityRewriter::Frame& frame = buffers_.frames.back();
  if (nodes_[frame.node].kind == JsonNode::Kind::kObject) return member_;
  return {.inherited = frame.subject.identity};
}

// The ID that decides may come behind the name, so the members are looked at before they are
// visited.
Subject DocumentWalk::SubjectOf(Node object, const KnownIdentity* inherited) {
  SubjectChoice choice;
  for (Node key = object + 1; key < nodes_[object].next; key = nodes_[key + 1].next) {
    const JsonNode& value = nodes_[key + 1];
    if (value.kind != JsonNode::Kind::kString) continue;
    const FieldRole role = RoleOfKey(key);
    if (role == FieldRole::kOther || role == FieldRole::kName) continue;
    const std::string_view text = JsonStringValue(document_, value, &buffers_.decoded);
    rewriter_.AddOwnId(role, text, KnownOf(key + 1, text), &choice);
  }
  return choice.Decide(inherited);
}

const KnownIdentity* DocumentWalk::KnownOf(Node node, std::string_view text) {
  const TextFacts facts = facts_.Of(node);
  return facts.is_asked ? facts.known : rewriter_.Find(text);
}

FieldRole DocumentWalk::RoleOfKey(Node key) {
  const TextFacts facts = facts_.Of(key);
  if (facts.is_plain) return facts.role;
  return rewriter_.RoleOf(JsonStringValue(document_, nodes_[key], &buffers_.decoded));
}

Status DocumentWalk::VisitKey(Node key) {
  IdentityRewriter::Frame& frame = buffers_.frames.back();
  const TextFacts facts = facts_.Of(key);
  if (facts.is_plain) {
    member_ = {facts.role, frame.subject.identity};
    return Status::Ok();
  }
  const std::string_view name = JsonStringValue(document_, nodes_[key], &buffers_.decoded);
  const KnownIdentity* const known = KnownOf(key, name);
  member_.role = rewriter_.RoleOf(name);
  member_.inherited = known != nullptr ? known : frame.subject.identity;
  buffers_.replaced.clear();
  MONIKER_ASSIGN_OR_RETURN(const bool changed,
                           rewriter_.RewriteKey(name, known, &buffers_.replaced));
  if (!changed) return Status::Ok();
  frame.has_renamed_keys = true;
  Replace(key);
  return Status::Ok();
}

Status DocumentWalk::VisitString(Node string) {
  const Place place = PlaceOfValue();
  const bool stays_unless_inside =
      place.role == FieldRole::kOther || place.role == FieldRole::kPlainId;
  if (stays_unless_inside && facts_.Of(string).is_plain) return Status::Ok();
  const Subject subject = place.role == FieldRole::kName ? buffers_.frames.back().subject
                                                         : Subject{.identity = place.inherited};
  const std::string_view text = JsonStringValue(document_, nodes_[string], &buffers_.decoded);
  buffers_.replaced.clear();
  MONIKER_ASSIGN_OR_RETURN(const bool changed,
                           rewriter_.RewriteText(text, KnownOf(string, text), place.role, subject,
                                                 level_, &buffers_.replaced));
  if (changed) Replace(string);
  return Status::Ok();
}

// Leaves the objects and arrays that end before `node`.
Status DocumentWalk::LeaveUntil(Node node) {
  std::vector<IdentityRewriter::Frame>& frames = buffers_.frames;
  for (; !frames.empty() && nodes_[frames.back().node].next == node; frames.pop_back()) {
    if (frames.back().has_renamed_keys) MONIKER_RETURN_IF_ERROR(CheckKeys(frames.back().node));
  }
  return Status::Ok();
}

Status DocumentWalk::CheckKeys(Node object) {
  const ReidentifyCounts counted = rewriter_.counts_;  // each key was counted at its visit
  RenamedKeys keys;
  std::string after;
  for (Node key = object + 1; key < nodes_[object].next; key = nodes_[key + 1].next) {
    const std::string_view before = JsonStringValue(document_, nodes_[key], &buffers_.decoded);
    after.clear();
    MONIKER_ASSIGN_OR_RETURN(const bool changed,
                             rewriter_.RewriteKey(before, rewriter_.Find(before), &after));
    keys.Add(before, changed ? std::string_view(after) : before);
  }
  rewriter_.counts_ = counted;
  if (!keys.Collide()) return Status::Ok();
  return Status(StatusCode::kConflict, "JSON: two different keys of an object would become one");
}

void DocumentWalk::Replace(Node node) {
  out_->append(document_.substr(copied_, nodes_[node].begin - copied_));
  AppendJsonString(buffers_.replaced, out_);
  copied_ = nodes_[node].end;
}

}  // namespace moniker::internal
