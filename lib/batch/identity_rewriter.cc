#include "batch/identity_rewriter.h"

#include <simdjson.h>

#include <algorithm>
#include <optional>

#include "base/status_macros.h"
#include "batch/document_texts.h"
#include "batch/document_walk.h"
#include "batch/id_tokens.h"

namespace moniker::internal {
namespace {

constexpr std::string_view kOwnIdFields[] = {
    "externalId",    "external_id",    "externalID", "exid",        "userId",   "userID", "user_id",
    "participantId", "participant_id", "identity",   "userAccount", "user_key", "uid"};

constexpr std::string_view kPlainIdField = "id";

constexpr std::string_view kNameFields[] = {"name",         "externalName", "nickName",
                                            "nickname",     "userName",     "displayName",
                                            "display_name", "external_name"};

template <typename Names>
bool Contains(const Names& names, std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// The directory is not ours, and what is written must be text.
Status AppendReplacement(std::string_view replacement, std::string* out) {
  if (!simdjson::validate_utf8(replacement)) {
    return Status(StatusCode::kInvalidArgument, "a replacement that is not UTF-8");
  }
  out->append(replacement);
  return Status::Ok();
}

}  // namespace

void SubjectChoice::Add(const KnownIdentity* identity) {
  is_present_ = true;
  if (identity == nullptr) return;
  if (first_ == nullptr) first_ = identity;
  if (identity->person != first_->person) is_ambiguous_ = true;
  // What a participant ID was bound to may be older than the external ID beside it, and its label.
  constexpr auto kExternal = KnownIdentity::Kind::kExternalId;
  if (first_->kind != kExternal && identity->kind == kExternal) first_ = identity;
}

Subject SubjectChoice::Decide(const KnownIdentity* inherited) const {
  if (!is_present_) return {.identity = inherited};
  if (is_ambiguous_) return {.is_ambiguous = true};
  return {.identity = first_, .is_own = first_ != nullptr};
}

bool RenamedKeys::Collide() {
  // Sorted rather than hashed: nobody can choose keys that make this slow.
  std::sort(keys_.begin(), keys_.end());
  return std::adjacent_find(keys_.begin(), keys_.end(), [](const auto& a, const auto& b) {
           return a.first == b.first && a.second != b.second;
         }) != keys_.end();
}

FieldRole IdentityRewriter::RoleOf(std::string_view key) const {
  if (Contains(kOwnIdFields, key)) return FieldRole::kOwnId;
  if (key == kPlainIdField) return FieldRole::kPlainId;
  if (Contains(kNameFields, key) || Contains(options_.name_fields, key)) return FieldRole::kName;
  return FieldRole::kOther;
}

const KnownIdentity* IdentityRewriter::Find(std::string_view text) {
  return MayBeId(text) ? directory_.Find(text) : nullptr;
}

bool IdentityRewriter::AddOwnId(FieldRole role, std::string_view text, const KnownIdentity* known,
                                SubjectChoice* choice) {
  if (text.empty() || (role != FieldRole::kOwnId && role != FieldRole::kPlainId)) return false;
  if (known == nullptr && role == FieldRole::kPlainId) return false;
  if (known == nullptr) ++counts_.unknown_ids;
  choice->Add(known);
  return true;
}

Result<bool> IdentityRewriter::RewriteKey(std::string_view key, const KnownIdentity* known,
                                          std::string* out) {
  return known != nullptr ? RewriteId(*known, out) : RewriteTokens(key, FieldRole::kOther, out);
}

Result<bool> IdentityRewriter::RewriteText(std::string_view text, const KnownIdentity* known,
                                           FieldRole role, const Subject& subject,
                                           std::size_t level, std::string* out) {
  NewName name;
  if (role == FieldRole::kName) {
    MONIKER_ASSIGN_OR_RETURN(name, NameFor(text, known, subject));
  }
  if (!name.name.empty()) {
    ++counts_.names;
    MONIKER_RETURN_IF_ERROR(AppendReplacement(name.name, out));
    return true;
  }
  if (known != nullptr) return RewriteId(*known, out);
  MONIKER_ASSIGN_OR_RETURN(const bool changed, RewriteInside(text, role, subject, level, out));
  if (name.old_label.empty()) return changed;
  if (!changed) out->append(text);
  // What stands before the label may have been replaced; it may even have been the end of an ID.
  if (!out->ends_with(name.old_label)) return true;
  ++counts_.names;
  out->resize(out->size() - name.old_label.size());
  MONIKER_RETURN_IF_ERROR(AppendReplacement(name.new_label, out));
  return true;
}

// A text that is no known ID as a whole.
Result<bool> IdentityRewriter::RewriteInside(std::string_view text, FieldRole role,
                                             const Subject& subject, std::size_t level,
                                             std::string* out) {
  // It was counted when the subject was decided; what is known inside it is replaced all the same.
  const bool marked = role == FieldRole::kOwnId && !text.empty() && !options_.unknown_mark.empty();
  if (marked) out->append(options_.unknown_mark);
  MONIKER_ASSIGN_OR_RETURN(const bool changed,
                           HoldsDocument(text, level)
                               ? RewriteNested(text, subject.identity, level + 1, out)
                               : RewriteTokens(text, role, out));
  if (marked && !changed) out->append(text);
  return marked || changed;
}

Result<bool> IdentityRewriter::RewriteDocument(std::string_view document,
                                               std::span<const JsonNode> nodes,
                                               const DocumentFacts& known, std::string* out) {
  return DocumentWalk(this, {document, nodes, known, 0}, nullptr, out).Run();
}

Result<bool> IdentityRewriter::RewriteNested(std::string_view document,
                                             const KnownIdentity* inherited, std::size_t level,
                                             std::string* out) {
  const std::vector<JsonNode>& nodes = levels_[level].index.nodes();
  return DocumentWalk(this, {document, nodes, {}, level}, inherited, out).Run();
}

// Nothing if it is not to be replaced as a name.
Result<IdentityRewriter::NewName> IdentityRewriter::NameFor(std::string_view text,
                                                            const KnownIdentity* known,
                                                            const Subject& subject) {
  const KnownIdentity* const identity = subject.identity;
  const bool is_other_person =
      known != nullptr && (identity == nullptr || identity->person != known->person);
  if (text.empty() || is_other_person) return NewName();
  if (subject.is_ambiguous) ++counts_.ambiguous_names;
  if (identity == nullptr) return NewName();
  const bool has_label = EndsWithLabel(text, identity->label);
  const bool has_words = EndsWithLabel(text, identity->words);
  NewName name;
  if (!identity->name.empty()) {
    if (subject.is_own || has_label || has_words) name.name = identity->name;
  } else if (has_label || has_words) {
    MONIKER_RETURN_IF_ERROR(identity->refusal);
    if (identity->new_label.empty() && identity->new_words.empty()) return NewName();
    name.old_label = has_label ? identity->label : identity->words;
    name.new_label = has_label ? identity->new_label : identity->new_words;
    if (name.new_label.empty()) {
      return Status(StatusCode::kUnsupported, "name: of its style of labels there is no new one");
    }
  }
  return name;
}

// What stands in place of an ID; empty if the ID stays.
Result<std::string_view> IdentityRewriter::ReplacementOf(const KnownIdentity& known) {
  const bool is_external = known.kind == KnownIdentity::Kind::kExternalId;
  ++(is_external ? counts_.external_ids : counts_.participant_ids);
  if (!is_external && options_.participants == ParticipantPolicy::kKeep) return std::string_view();
  MONIKER_RETURN_IF_ERROR(known.refusal);
  const bool by_name = !is_external && options_.participants == ParticipantPolicy::kName;
  return by_name ? known.name : known.identifier;
}

Result<bool> IdentityRewriter::RewriteId(const KnownIdentity& known, std::string* out) {
  MONIKER_ASSIGN_OR_RETURN(const std::string_view replacement, ReplacementOf(known));
  if (replacement.empty()) return false;
  MONIKER_RETURN_IF_ERROR(AppendReplacement(replacement, out));
  return true;
}

Result<bool> IdentityRewriter::RewriteTokens(std::string_view text, FieldRole role,
                                             std::string* out) {
  std::size_t copied = 0;
  bool changed = false;
  const auto begin_with = [&](std::size_t end) {
    out->append(text.substr(copied, end - copied));
    changed = true;
  };
  std::optional<IdToken> token = FindIdToken(text, 0);
  for (; token.has_value(); token = FindIdToken(text, token->end)) {
    const std::string_view id = text.substr(token->begin, token->end - token->begin);
    // The text as a whole was looked up already.
    const KnownIdentity* const known = id.size() == text.size() ? nullptr : directory_.Find(id);
    if (known == nullptr) {
      // An own ID that is not known was counted, and marked, as a whole.
      if (!token->is_external || role == FieldRole::kOwnId) continue;
      ++counts_.unknown_ids;
      if (options_.unknown_mark.empty()) continue;
      begin_with(token->begin);
      out->append(options_.unknown_mark).append(id);
    } else {
      MONIKER_ASSIGN_OR_RETURN(const std::string_view replacement, ReplacementOf(*known));
      if (replacement.empty()) continue;
      begin_with(token->begin);
      MONIKER_RETURN_IF_ERROR(AppendReplacement(replacement, out));
    }
    copied = token->end;
  }
  if (changed) out->append(text.substr(copied));
  return changed;
}

bool IdentityRewriter::HoldsDocument(std::string_view text, std::size_t level) {
  const std::string_view trimmed = SkipJsonSpace(text);
  if (level == kMaxNesting || !(trimmed.starts_with('{') || trimmed.starts_with('['))) return false;
  const Result<std::size_t> end = levels_[level + 1].index.Read(text);
  return end.ok() && SkipJsonSpace(text.substr(*end)).empty() &&
         validator_.Validate(text.substr(0, *end)).ok();
}

}  // namespace moniker::internal
