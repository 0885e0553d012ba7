#include "remapped_identities.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "failure.h"
#include "moniker/metadata.h"

namespace moniker::tool {
namespace {

constexpr std::size_t kUnknownPlaces = std::size_t{1} << 13;
constexpr std::size_t kAtATime = 1024;

BulkResolver MakeResolver(const Vault& vault, const AccessReason& reason) {
  Result<BulkResolver> resolver = BulkResolver::Create(vault, reason);
  if (resolver.ok()) return *std::move(resolver);
  if (resolver.status().code() != StatusCode::kInvalidArgument) Fail(resolver.status());
  FailUsage("--" + std::string(resolver.status().message()));
}

// Digits of either case are one UUID; in the output they are of the case of the old one.
std::string UuidLike(std::string_view old_id, const Uuid& uuid) {
  std::string text = uuid.text();
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'F'; };
  if (std::ranges::none_of(old_id, is_upper)) return text;
  for (char& c : text) {
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

// No issuer has a NUL. A hash, so that identifiers stay in secret memory.
PersonKey KeyOf(const Person& person) {
  constexpr std::uint64_t kPrime = 0x100000001B3;  // of FNV-1a
  std::uint64_t first = 0xCBF29CE484222325;
  const auto add = [&](std::string_view text) {
    for (const char c : text) first = (first ^ static_cast<unsigned char>(c)) * kPrime;
  };
  add(person.issuer);
  add({"\0", 1});
  add(person.id.Expose());
  const std::hash<std::string_view> hash;
  return {first, hash(person.issuer) * kPrime + hash(person.id.Expose())};
}

constexpr Status kTwoBecomeOne(StatusCode::kConflict, "new: two old IDs would become this one");

// What is no fault of an ID ends the run.
bool IsOfMachine(const Status& status) {
  return status.code() == StatusCode::kExhausted || status.code() == StatusCode::kClosed;
}

}  // namespace

class RemappedIdentities::Source final : public IdentitySource {
 public:
  explicit Source(RemappedIdentities* identities)
      : identities_(*identities), pseudonyms_(identities->target_), unknown_(kUnknownPlaces) {}

  Status FindMany(std::span<const std::string_view> ids,
                  std::span<std::optional<KnownIdentity>> answers) override {
    asked_.clear();
    for (const std::string_view id : ids) {
      const bool is_answered =
          PlaceOfUnknown(id) == id || identities_.table_.Find(id) || identities_.IsCollected(id);
      if (!is_answered) asked_.push_back(id);
    }
    if (const Status status = Ask(); !status.ok()) return status;
    for (std::size_t i = 0; i < ids.size(); ++i) answers[i] = identities_.table_.Find(ids[i]);
    return Status::Ok();
  }

 private:
  std::string& PlaceOfUnknown(std::string_view id) {
    return unknown_[std::hash<std::string_view>()(id) % kUnknownPlaces];
  }

  // Those that the table does not have.
  Status Ask() {
    if (asked_.empty()) return Status::Ok();
    const auto resolved = identities_.resolver_.ResolveMany(asked_);
    if (!resolved.ok()) return resolved.status();
    std::vector<Question> questions;
    for (std::size_t k = 0; k < asked_.size(); ++k) {
      const std::optional<Resolved>& one = (*resolved)[k];
      if (!one) {
        PlaceOfUnknown(asked_[k]) = asked_[k];
        continue;
      }
      Result<Question> question = identities_.QuestionOf(asked_[k], *one);
      if (!question.ok()) return question.status();
      if (!identities_.is_collecting_) {
        questions.push_back(*std::move(question));
      } else if (Status status = identities_.Collect(*question, one->person); !status.ok()) {
        return status;
      }
    }
    return identities_.AddRows(questions, &pseudonyms_);
  }

  RemappedIdentities& identities_;
  NewPseudonyms pseudonyms_;
  std::vector<std::string> unknown_;  // IDs that nobody has, each at one place by its hash
  std::vector<std::string_view> asked_;
};

RemappedIdentities::RemappedIdentities(const Vault& vault, const AccessReason& reason,
                                       const RemapTarget& target, RemapTable* table)
    : vault_(vault), target_(target), table_(*table), resolver_(MakeResolver(vault, reason)) {}

IdentitySourceFactory RemappedIdentities::Sources() {
  return [this]() -> Result<std::unique_ptr<IdentitySource>> {
    return std::unique_ptr<IdentitySource>(std::make_unique<Source>(this));
  };
}

Result<std::optional<IdentifierKind>> RemappedIdentities::KindOf(const std::string& issuer) {
  const std::lock_guard lock(mutex_);
  if (const auto known = kinds_.find(issuer); known != kinds_.end()) return known->second;
  Result<std::optional<IdentifierKind>> kind = vault_.KindOf(issuer);
  if (kind.ok()) kinds_.emplace(issuer, *kind);
  return kind;
}

Result<RemappedIdentities::Question> RemappedIdentities::QuestionOf(std::string_view id,
                                                                    const Resolved& resolved) {
  const Person& person = resolved.person;
  const Result<std::optional<IdentifierKind>> kind = KindOf(person.issuer);
  if (!kind.ok()) return kind.status();
  return Question{.id = id,
                  .is_participant = resolved.by_participant_id,
                  .person = KeyOf(person),
                  .old = resolved.pseudonym,
                  .label = resolved.label_code,
                  .words = resolved.label_words,
                  .scope = target_.ScopeOf(resolved.scope),
                  .identifier = {person.issuer, person.id.Expose(), *kind}};
}

bool RemappedIdentities::IsCollected(std::string_view id) {
  if (!is_collecting_) return false;
  const std::lock_guard lock(mutex_);
  return collected_.contains(std::string(id));
}

Status RemappedIdentities::Collect(const Question& question, const Person& person) {
  const std::lock_guard lock(mutex_);
  if (!collected_.emplace(question.id).second) return Status::Ok();
  if (!question.is_participant) {
    // The table would find it out too, but when everybody is stored.
    const Uuid::Bytes uuid = question.old.uuid().bytes();
    const auto place = std::pair(question.person, question.scope.conference());
    if (old_ids_.emplace(place, uuid).first->second != uuid) return kTwoBecomeOne;
  }
  Result<SecretText> identifier = SecretText::CopyOf(question.identifier.id);
  if (!identifier.ok()) return identifier.status();
  kept_.push_back({std::string(question.id), question.is_participant, question.person, question.old,
                   std::string(question.label), std::string(question.words), question.scope,
                   person.issuer, *std::move(identifier), question.identifier.kind});
  auto enroller = enrollers_.find(question.scope.conference());
  if (enroller == enrollers_.end()) {
    Result<Enroller> made = Enroller::Create(*target_.vault, {.scope = question.scope,
                                                              .identity_epoch = target_.epoch,
                                                              .label_style = target_.label_style});
    if (!made.ok()) return made.status();
    enroller = enrollers_.emplace(question.scope.conference(), *std::move(made)).first;
  }
  std::vector<FieldView> fields;
  for (const Person::Field& field : person.fields) {
    fields.push_back({field.name, field.text.Expose()});
  }
  const PersonView view{person.issuer, question.identifier.id, person.name.Expose(), fields,
                        question.identifier.kind};
  return enroller->second.Add(view).At(Status::kNowhere);
}

Status RemappedIdentities::EndEnrolment() {
  is_collecting_ = false;
  is_binding_ = target_.vault != &vault_;
  if (const Status status = resolver_.Commit(); !status.ok()) return status;
  for (auto& [conference, enroller] : enrollers_) {
    if (const Status status = enroller.Finish(); !status.ok()) return status;
  }
  enrollers_.clear();
  NewPseudonyms pseudonyms(target_);
  while (!kept_.empty()) {
    const std::size_t count = std::min(kept_.size(), kAtATime);
    std::vector<Question> questions;
    for (std::size_t i = 0; i < count; ++i) {
      const Kept& kept = kept_[i];
      questions.push_back({kept.id,
                           kept.is_participant,
                           kept.person,
                           kept.old,
                           kept.label,
                           kept.words,
                           kept.scope,
                           {kept.issuer, kept.identifier.Expose(), kept.kind}});
    }
    if (const Status status = AddRows(questions, &pseudonyms); !status.ok()) return status;
    kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(count));
    if (const Status status = Bind(); !status.ok()) return status;
  }
  is_binding_ = false;
  return Status::Ok();
}

void RemappedIdentities::NoteBinding(const Question& question, const Pseudonym& pseudonym) {
  if (!is_binding_) return;
  bindings_.push_back({std::string(question.id), pseudonym.external_id(), question.scope});
}

// A participant ID leads to its person in the other vault too.
Status RemappedIdentities::Bind() {
  std::vector<IdentityGate::Binding> views;
  for (const NewBinding& one : bindings_) {
    views.push_back({one.participant_id, one.external_id.text(), one.scope});
  }
  const Result<std::vector<Status>> bound = IdentityGate::BindMany(*target_.vault, views);
  if (!bound.ok()) return bound.status();
  bindings_.clear();
  for (const Status& status : *bound) {
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

Status RemappedIdentities::AddRows(std::span<const Question> questions, NewPseudonyms* pseudonyms) {
  if (questions.empty()) return Status::Ok();
  std::vector<NewPseudonymQuery> queries;
  for (const Question& question : questions) {
    queries.push_back({question.identifier, &question.scope});
  }
  std::vector<NewPseudonym> answers;
  if (const Status status = pseudonyms->Find(queries, &answers); !status.ok()) return status;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const bool is_assumed = assumes_enrolment_ && answers[i].status.code() == StatusCode::kNotFound;
    if (is_assumed) answers[i] = StandInFor(questions[i]);
    if (const Status status = AddRow(questions[i], answers[i]); !status.ok()) return status;
  }
  return Status::Ok();
}

Status RemappedIdentities::AddRow(const Question& question, const NewPseudonym& answer) {
  RemapRow row{.old_id = question.id,
               .is_participant = question.is_participant,
               .person = question.person,
               .old_label = question.label,
               .old_words = question.words};
  row.refusal = answer.status;
  std::string new_id(question.id);
  if (answer.status.ok() && !question.is_participant) {
    Result<std::string> rendered = Render(question.id, answer.pseudonym);
    if (!rendered.ok() && IsOfMachine(rendered.status())) return rendered.status();
    row.refusal = rendered.status().At(Status::kNowhere);
    if (rendered.ok()) new_id = *std::move(rendered);
  }
  if (answer.status.ok() && question.is_participant) NoteBinding(question, answer.pseudonym);
  if (row.refusal.ok()) {
    row.new_label = answer.label;
    row.new_words = answer.words;
    if (const Status status = TakeLabel(question, answer); !status.ok()) return status;
  }
  row.new_id = new_id;
  return table_.Add(row);
}

// It only has to be another one, and nobody else's.
NewPseudonym RemappedIdentities::StandInFor(const Question& question) const {
  Digest digest = question.old.digest();
  for (std::uint8_t& byte : digest) byte = static_cast<std::uint8_t>(~byte);
  NewPseudonym answer{.status = Status::Ok(), .pseudonym = Pseudonym(digest), .is_allotted = true};
  const bool has_both = question.scope.is_app();
  if (has_both || target_.label_style == LabelStyle::kCode) {
    answer.label = Label::Of(digest, LabelStyle::kCode).text();
  }
  if (has_both || target_.label_style == LabelStyle::kWords) {
    answer.words = Label::Of(digest, LabelStyle::kWords).text();
  }
  return answer;
}

Result<std::string> RemappedIdentities::Render(std::string_view old_id,
                                               const Pseudonym& pseudonym) const {
  if (!ExternalId::Parse(old_id).ok()) return UuidLike(old_id, pseudonym.uuid());
  const ExternalId new_id = pseudonym.external_id();
  if (old_id.size() == ExternalId::kSize) return std::string(new_id.text());
  return RenderWithMetadata(old_id, new_id);
}

Result<std::string> RemappedIdentities::RenderWithMetadata(std::string_view old_id,
                                                           const ExternalId& new_id) const {
  if (target_.app != target_.keyring->app()) {
    return Status(StatusCode::kUnsupported, "metadata: only the vault of an app seals it");
  }
  const std::shared_ptr<const Keyring> keyring = vault_.keyring();
  if (keyring == nullptr) return Status(StatusCode::kClosed, "the vault is locked");
  const Result<Metadata> metadata = OpenMetadata(*keyring, old_id);
  if (!metadata.ok()) {
    if (IsOfMachine(metadata.status())) return metadata.status();
    return Status(StatusCode::kInvalidArgument,
                  "metadata: it was not sealed with this vault's keys, or is damaged");
  }
  return SealMetadata(*target_.keyring, target_.epoch, new_id, *metadata);
}

// Two people of one conference never get one label, whoever allotted it.
Status RemappedIdentities::TakeLabel(const Question& question, const NewPseudonym& answer) {
  if (question.scope.is_app()) return Status::Ok();
  const std::string& label = answer.label.empty() ? answer.words : answer.label;
  const std::lock_guard lock(mutex_);
  const auto [there, is_new] =
      labels_.emplace(question.scope.conference() + '\0' + label, answer.pseudonym.uuid().bytes());
  if (is_new && !answer.is_allotted) ++labels_not_allotted_;
  if (is_new || there->second == answer.pseudonym.uuid().bytes()) return Status::Ok();
  return Status(StatusCode::kConflict,
                "two people of a conference would have one label: --enroll allots others");
}

}  // namespace moniker::tool
