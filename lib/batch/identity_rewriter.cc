#include "batch/identity_rewriter.h"

#include <simdjson.h>

#include <algorithm>
#include <optional>

#include "base/status_macros.h"
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

const KnownIdentity* IdentityRewriter::Find(std::string_view text) const {
  return MayBeId(text) ? directory_.Find(text) : nullptr;
}

bool IdentityRewriter::AddOwnId(FieldRole role, std::string_view text, SubjectChoice* choice) {
  if (text.empty() || (role != FieldRole::kOwnId && role != FieldRole::kPlainId)) return false;
  const KnownIdentity* const known = Find(text);
  if (known == nullptr && role == FieldRole::kPlainId) return false;
  if (known == nullptr) ++counts_.unknown_ids;
  choice->Add(known);
  return true;
}

Result<bool> IdentityRewriter::RewriteKey(std::string_view key, const KnownIdentity* known,
                                          std::string* out) {
  return known != nullptr ? RewriteId(*known, out) : RewriteTokens(key, FieldRole::kOther, out);
}

Result<bool> IdentityRewriter::RewriteText(std::string_view text, FieldRole role,
                                           const Subject& subject, std::size_t level,
                                           std::string* out) {
  const KnownIdentity* const known = Find(text);
  const std::string* const name =
      role == FieldRole::kName ? NameFor(text, known, subject) : nullptr;
  if (name != nullptr) {
    MONIKER_RETURN_IF_ERROR(AppendReplacement(*name, out));
    return true;
  }
  if (known != nullptr) return RewriteId(*known, out);
  if (HoldsDocument(text, level)) {
    return DocumentWalk(this, level + 1, text, subject.identity, out).Run();
  }
  return RewriteTokens(text, role, out);
}

Result<IdentityRewriter::Document> IdentityRewriter::RewriteDocument(std::string_view text,
                                                                     std::string* out) {
  MONIKER_ASSIGN_OR_RETURN(const std::size_t end, ReadDocument(text, 0));
  MONIKER_ASSIGN_OR_RETURN(const bool changed,
                           DocumentWalk(this, 0, text.substr(0, end), nullptr, out).Run());
  return Document{end, changed};
}

// The name to put in place of `text`, or nullptr if it is not to be replaced by a name.
const std::string* IdentityRewriter::NameFor(std::string_view text, const KnownIdentity* known,
                                             const Subject& subject) {
  const KnownIdentity* const identity = subject.identity;
  const bool is_other_person =
      known != nullptr && (identity == nullptr || identity->person != known->person);
  if (text.empty() || is_other_person) return nullptr;
  if (subject.is_ambiguous) ++counts_.ambiguous_names;
  if (identity == nullptr || identity->name.empty()) return nullptr;
  const bool has_label =
      EndsWithLabel(text, identity->label) || EndsWithLabel(text, identity->words);
  if (!subject.is_own && !has_label) return nullptr;
  ++counts_.names;
  return &identity->name;
}

// What stands in place of an ID, or nullptr if the ID stays.
const std::string* IdentityRewriter::ReplacementOf(const KnownIdentity& known) {
  const bool is_external = known.kind == KnownIdentity::Kind::kExternalId;
  ++(is_external ? counts_.external_ids : counts_.participant_ids);
  if (!is_external && options_.participants == ParticipantPolicy::kKeep) return nullptr;
  const bool by_name = !is_external && options_.participants == ParticipantPolicy::kName;
  const std::string& replacement = by_name ? known.name : known.identifier;
  return replacement.empty() ? nullptr : &replacement;
}

Result<bool> IdentityRewriter::RewriteId(const KnownIdentity& known, std::string* out) {
  const std::string* const replacement = ReplacementOf(known);
  if (replacement == nullptr) return false;
  MONIKER_RETURN_IF_ERROR(AppendReplacement(*replacement, out));
  return true;
}

Result<bool> IdentityRewriter::RewriteTokens(std::string_view text, FieldRole role,
                                             std::string* out) {
  std::size_t copied = 0;
  std::optional<IdToken> token = FindIdToken(text, 0);
  for (; token.has_value(); token = FindIdToken(text, token->end)) {
    const std::string_view id = text.substr(token->begin, token->end - token->begin);
    // The text as a whole was looked up already.
    const KnownIdentity* const known = id.size() == text.size() ? nullptr : directory_.Find(id);
    if (known == nullptr) {
      // An own ID that is not known was counted when the subject was decided.
      if (token->is_external && role != FieldRole::kOwnId) ++counts_.unknown_ids;
      continue;
    }
    const std::string* const replacement = ReplacementOf(*known);
    if (replacement == nullptr) continue;
    out->append(text.substr(copied, token->begin - copied));
    MONIKER_RETURN_IF_ERROR(AppendReplacement(*replacement, out));
    copied = token->end;
  }
  if (copied == 0) return false;
  out->append(text.substr(copied));
  return true;
}

Result<std::size_t> IdentityRewriter::ReadDocument(std::string_view text, std::size_t level) {
  MONIKER_ASSIGN_OR_RETURN(const std::size_t end, levels_[level].index.Read(text));
  MONIKER_RETURN_IF_ERROR(validator_.Validate(text.substr(0, end)));
  return end;
}

bool IdentityRewriter::HoldsDocument(std::string_view text, std::size_t level) {
  const std::string_view trimmed = SkipJsonSpace(text);
  if (level == kMaxNesting || !(trimmed.starts_with('{') || trimmed.starts_with('['))) return false;
  const Result<std::size_t> end = ReadDocument(text, level + 1);
  return end.ok() && SkipJsonSpace(text.substr(*end)).empty();
}

}  // namespace moniker::internal
