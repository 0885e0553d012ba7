#include "store/admission.h"

#include <algorithm>
#include <array>

#include "base/status_macros.h"
#include "crypto/sodium.h"
#include "store/roster.h"

namespace moniker::internal {
namespace {

// The stored fields that were not given stay.
Status MergeFields(std::span<const FieldView> given, StoredPerson* person) {
  std::vector<FieldView> fields(given.begin(), given.end());
  for (const FieldView& old : person->fields) {
    const bool replaced =
        std::ranges::any_of(given, [&](const FieldView& field) { return field.name == old.name; });
    if (!replaced) fields.push_back(old);
  }
  if (fields.size() > kMaxFields) {
    return Status(StatusCode::kInvalidArgument,
                  "further fields: more than 64 with the stored ones");
  }
  person->fields = std::move(fields);
  return Status::Ok();
}

StoredIdentifier Stored(const CanonicalIdentifier& identifier, std::string_view given) {
  const std::string_view value = identifier.value.Expose();
  return {identifier.kind, identifier.issuer, value, given == value ? std::string_view() : given};
}

}  // namespace

Result<std::vector<Pseudonym>> DeriveFromIdentifiers(
    std::span<const CanonicalIdentifier> identifiers, const Scope& scope, std::uint32_t epoch,
    const StoreKeys& keys) {
  MONIKER_ASSIGN_OR_RETURN(const std::shared_ptr<const Anonymizer> anonymizer,
                           keys.AnonymizerOf(scope, epoch));
  std::vector<Identifier> views;
  for (const CanonicalIdentifier& identifier : identifiers) views.push_back(identifier.view());
  std::vector<Pseudonym> pseudonyms(views.size(), Pseudonym(Digest{}));
  MONIKER_RETURN_IF_ERROR(anonymizer->PseudonymizeMany(views, pseudonyms));
  return pseudonyms;
}

Result<std::vector<Pseudonym>> DeriveFromHandles(std::span<WorkingSet::Entry* const> persons,
                                                 const Scope& scope, std::uint32_t epoch,
                                                 const StoreKeys& keys) {
  MONIKER_ASSIGN_OR_RETURN(const std::shared_ptr<const HandleAnonymizer> anonymizer,
                           keys.HandleAnonymizerOf(scope, epoch));
  std::vector<ByteView> handles;
  for (const WorkingSet::Entry* const person : persons) {
    MONIKER_ASSIGN_OR_RETURN(const StoredPerson stored, DecodePerson(person->payload()));
    if (stored.handle.size() != kHandleSize) return Contradiction();
    handles.push_back(stored.handle);
  }
  return anonymizer->PseudonymizeMany(handles);
}

Result<std::vector<MappingStore::Admitted>> Admission::Plan() {
  epoch_ = request_.identity_epoch.value_or(set_->keys().epochs().identity);
  MONIKER_RETURN_IF_ERROR(FindPersons());
  MONIKER_RETURN_IF_ERROR(StorePersons());
  MONIKER_ASSIGN_OR_RETURN(const std::vector<Pseudonym> pseudonyms, Derive());

  std::vector<TagSet> tags;
  for (const Pseudonym& pseudonym : pseudonyms) {
    MONIKER_ASSIGN_OR_RETURN(tags.emplace_back(),
                             set_->keys().tags().OfExternalId(pseudonym.uuid()));
  }
  MONIKER_RETURN_IF_ERROR(set_->Load(Table::kExternalId, tags));
  std::vector<MappingStore::Admitted> admitted;
  for (std::size_t i = 0; i < pseudonyms.size(); ++i) {
    MONIKER_ASSIGN_OR_RETURN(const Label label, StoreLink(i, pseudonyms[i], tags[i]));
    admitted.push_back({pseudonyms[i], label, epoch_});
  }
  return admitted;
}

Status Admission::FindPersons() {
  Issuers issuers(set_);
  for (const PersonView& person : request_.persons) {
    const std::size_t index = identifiers_.size();
    if (const Status status = ValidateNameAndFields(person); !status.ok()) {
      return AtRecord(status, index);
    }
    Result<CanonicalIdentifier> canonical =
        MakeCanonical(person.identifier(), NewIssuers::kDeclare, &issuers);
    if (!canonical.ok()) return AtRecord(canonical.status(), index);
    identifiers_.push_back(*std::move(canonical));
  }
  MONIKER_ASSIGN_OR_RETURN(persons_, FindOwnRecords(identifiers_, set_));
  return Status::Ok();
}

Status Admission::StorePersons() {
  for (std::size_t i = 0; i < persons_.size(); ++i) {
    if (persons_[i] == nullptr) {
      MONIKER_ASSIGN_OR_RETURN(persons_[i], Enrol(identifiers_[i]));
    }
    if (set_->keys().enrolled() && persons_[i]->exists()) {
      MONIKER_ASSIGN_OR_RETURN(persons_[i], FollowMerges(persons_[i]->tag(), set_));
      if (persons_[i] == nullptr) return Contradiction();
    }
    const Status status = StorePerson(i);
    if (!status.ok()) return AtRecord(status, i);
  }
  return Status::Ok();
}

// A place for the person that is behind a new identifier. One person may come several times in a
// request: the first time makes the place.
Result<WorkingSet::Entry*> Admission::Enrol(const CanonicalIdentifier& identifier) {
  MONIKER_ASSIGN_OR_RETURN(const TagSet tags, set_->keys().tags().OfIdentifier(identifier.view()));
  MONIKER_ASSIGN_OR_RETURN(WorkingSet::Entry* const row, set_->Find(Table::kIdentifier, tags));
  if (row->exists()) {
    MONIKER_ASSIGN_OR_RETURN(const RecordTag owner, DecodeIdentifierOwner(row->payload()));
    return set_->Find(Table::kPerson, owner);
  }
  std::array<std::uint8_t, IndexTags::kSize> bytes;
  FillRandom(bytes);
  MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, EncodeIdentifierOwner(RecordTag(bytes)));
  set_->Put(row, std::move(payload));
  return set_->Find(Table::kPerson, RecordTag(bytes));
}

Status Admission::StorePerson(std::size_t index) {
  const PersonView& given = request_.persons[index];
  WorkingSet::Entry* const entry = persons_[index];
  StoredPerson person;
  SecretBytes handle;
  if (entry->exists()) {
    MONIKER_ASSIGN_OR_RETURN(person, ReadPerson(*entry, *set_));
    // A person of format 1 is opaque whatever the issuer; under the tag that it has, the value is
    // the canonical one.
    if (!set_->keys().enrolled()) person.identifiers.front().kind = identifiers_[index].kind;
  } else {
    person.identifiers.push_back(Stored(identifiers_[index], given.id));
    if (set_->keys().enrolled()) {
      MONIKER_ASSIGN_OR_RETURN(handle, RandomSecret(kHandleSize));
      person.handle = std::as_const(handle).Expose();
    }
  }
  person.name = given.name;
  MONIKER_RETURN_IF_ERROR(MergeFields(given.fields, &person));
  MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, EncodePerson(person));
  const bool same = entry->exists() && std::ranges::equal(payload.Expose(), entry->payload());
  if (!same) set_->Put(entry, std::move(payload));
  return Status::Ok();
}

Result<std::vector<Pseudonym>> Admission::Derive() const {
  const StoreKeys& keys = set_->keys();
  return keys.enrolled() ? DeriveFromHandles(persons_, request_.scope, epoch_, keys)
                         : DeriveFromIdentifiers(identifiers_, request_.scope, epoch_, keys);
}

// Once a day, so that admitting the same again writes nothing.
bool Admission::Renew(Link* link) const {
  if (link->scope.is_app()) return false;
  const std::uint16_t retention_days = request_.retention_days.value_or(link->retention_days);
  if (request_.day <= link->day && retention_days == link->retention_days) return false;
  link->day = std::max(link->day, request_.day);
  link->retention_days = retention_days;
  return true;
}

Result<Label> Admission::StoreLink(std::size_t index, const Pseudonym& pseudonym,
                                   const TagSet& tags) {
  MONIKER_ASSIGN_OR_RETURN(WorkingSet::Entry* const entry, set_->Find(Table::kExternalId, tags));
  Link link;
  link.person = persons_[index]->tag();
  link.identity_epoch = epoch_;
  link.digest = pseudonym.digest();
  link.scope = request_.scope;
  if (entry->exists()) {
    MONIKER_ASSIGN_OR_RETURN(const Link stored, DecodeLink(entry->payload()));
    link.labels = stored.labels;
    link.day = stored.day;
    link.retention_days = stored.retention_days;
    // A link whose person or digest differs under one external ID cannot come about without damage:
    // both follow from the 122 bits that the tag was made of.
    if (stored != link) return Contradiction();
  }
  const bool has_label = std::ranges::any_of(
      link.labels, [&](const Label& label) { return label.style() == request_.label_style; });
  const bool needs_label = !request_.scope.is_app() && !has_label;
  if (needs_label) {
    MONIKER_ASSIGN_OR_RETURN(const Label label, TakeLabel(request_.scope.conference(), pseudonym,
                                                          request_.label_style, set_));
    link.labels.push_back(label);
    std::ranges::sort(link.labels, {}, &Label::style);
  }
  if (Renew(&link) || needs_label || !entry->exists()) {
    MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, EncodeLink(link));
    set_->Put(entry, std::move(payload));
  }
  return link.LabelOf(request_.label_style);
}

}  // namespace moniker::internal
