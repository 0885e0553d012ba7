#include "store/sealed_persons.h"

#include <array>
#include <utility>

#include "base/status_macros.h"
#include "crypto/sodium.h"
#include "pseudonym/canonical.h"
#include "store/person_payload.h"

namespace moniker::internal {
namespace {

// Enough for the lanes of derivation, few enough that little that is personal waits.
constexpr std::size_t kPendingPersons = 256;

}  // namespace

SealedPersons::SealedPersons(std::shared_ptr<const StoreKeys> keys, Request request,
                             SealedRuns identifiers, SealedRuns persons, SealedRuns links)
    : keys_(std::move(keys)),
      request_(std::move(request)),
      epoch_(request_.identity_epoch.value_or(keys_->epochs().identity)),
      are_whole_(AreWhole(*keys_, request_)),
      identifiers_(std::move(identifiers)),
      persons_(std::move(persons)),
      links_(std::move(links)) {}

Result<SealedPersons> SealedPersons::Create(std::shared_ptr<const StoreKeys> keys,
                                            const Request& request, const std::string& folder,
                                            IdleLock::Use use) {
  const std::uint32_t epoch = request.identity_epoch.value_or(keys->epochs().identity);
  MONIKER_RETURN_IF_ERROR(keys->enrolled() ? keys->HandleAnonymizerOf(request.scope, epoch).status()
                                           : keys->AnonymizerOf(request.scope, epoch).status());
  MONIKER_ASSIGN_OR_RETURN(SealedRuns identifiers, SealedRuns::Create(folder));
  MONIKER_ASSIGN_OR_RETURN(SealedRuns persons, SealedRuns::Create(folder));
  MONIKER_ASSIGN_OR_RETURN(SealedRuns links, SealedRuns::Create(folder));
  SealedPersons made(std::move(keys), request, std::move(identifiers), std::move(persons),
                     std::move(links));
  made.use_ = std::move(use);
  return made;
}

Result<std::string_view> SealedPersons::IssuerOf(const PersonView& person, IdentifierKind kind) {
  const auto known = issuers_.find(person.issuer);
  if (known == issuers_.end()) {
    MONIKER_RETURN_IF_ERROR(ValidateIssuer(person.issuer));
    return std::string_view(issuers_.emplace(person.issuer, kind).first->first);
  }
  if (known->second != kind) {
    return Status(StatusCode::kConflict, "issuer: its identifiers are of another kind");
  }
  return std::string_view(known->first);
}

Status SealedPersons::Add(const PersonView& person, IdentifierKind kind) {
  MONIKER_RETURN_IF_ERROR(ValidateNameAndFields(person));
  MONIKER_ASSIGN_OR_RETURN(SecretText canonical, Canonicalize({person.issuer, person.id, kind}));
  MONIKER_ASSIGN_OR_RETURN(const std::string_view issuer, IssuerOf(person, kind));
  StoredPerson stored;
  if (keys_->enrolled()) {
    if (pending_.empty()) {
      MONIKER_ASSIGN_OR_RETURN(handles_, RandomSecret(kPendingPersons * kHandleSize));
    }
    stored.handle =
        std::as_const(handles_).Expose().subspan(pending_.size() * kHandleSize, kHandleSize);
  }
  const std::string_view value = canonical.Expose();
  stored.identifiers.push_back(
      {kind, issuer, value, person.id == value ? std::string_view() : person.id});
  stored.name = person.name;
  stored.fields.assign(person.fields.begin(), person.fields.end());
  MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, EncodePerson(stored));
  pending_.push_back({{kind, issuer, std::move(canonical)}, std::move(payload)});
  ++size_;
  return pending_.size() == kPendingPersons ? SealPending() : Status::Ok();
}

Status SealedPersons::Finish() {
  MONIKER_RETURN_IF_ERROR(SealPending());
  handles_ = {};
  MONIKER_RETURN_IF_ERROR(identifiers_.Finish());
  MONIKER_RETURN_IF_ERROR(persons_.Finish());
  return links_.Finish();
}

Result<std::vector<Pseudonym>> SealedPersons::Derive(
    std::span<const Identifier> identifiers) const {
  if (keys_->enrolled()) {
    MONIKER_ASSIGN_OR_RETURN(const std::shared_ptr<const HandleAnonymizer> anonymizer,
                             keys_->HandleAnonymizerOf(request_.scope, epoch_));
    std::vector<ByteView> handles;
    for (std::size_t i = 0; i < identifiers.size(); ++i) {
      handles.push_back(handles_.Expose().subspan(i * kHandleSize, kHandleSize));
    }
    return anonymizer->PseudonymizeMany(handles);
  }
  MONIKER_ASSIGN_OR_RETURN(const std::shared_ptr<const Anonymizer> anonymizer,
                           keys_->AnonymizerOf(request_.scope, epoch_));
  std::vector<Pseudonym> pseudonyms(identifiers.size(), Pseudonym(Digest{}));
  MONIKER_RETURN_IF_ERROR(anonymizer->PseudonymizeMany(identifiers, pseudonyms));
  return pseudonyms;
}

Status SealedPersons::Seal(std::span<const RecordSealer::Plain> records, SealedRuns* runs) const {
  MONIKER_ASSIGN_OR_RETURN(const std::vector<SealedBytes> sealed,
                           keys_->sealer().SealMany(records));
  auto number = static_cast<std::uint32_t>(size_ - pending_.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    MONIKER_RETURN_IF_ERROR(runs->Add(records[i].tag, number++, sealed[i]));
  }
  return Status::Ok();
}

Status SealedPersons::SealPending() {
  std::vector<Identifier> identifiers;
  for (const Pending& one : pending_) identifiers.push_back(one.identifier.view());
  std::vector<RecordTag> tags(pending_.size());  // of identifiers
  MONIKER_RETURN_IF_ERROR(keys_->tags().OfIdentifiers(identifiers, tags));
  std::vector<RecordTag> person_tags = tags;
  if (keys_->enrolled()) {
    std::array<std::uint8_t, kPendingPersons * IndexTags::kSize> random;
    FillRandom(random);
    for (std::size_t i = 0; i < tags.size(); ++i) {
      person_tags[i] = RecordTag(ByteView(random).subspan(i * IndexTags::kSize, IndexTags::kSize));
    }
  }
  MONIKER_RETURN_IF_ERROR(SealPersons(person_tags));
  if (are_whole_) {
    if (keys_->enrolled()) MONIKER_RETURN_IF_ERROR(SealOwners(tags, person_tags));
    MONIKER_RETURN_IF_ERROR(SealLinks(identifiers, person_tags));
  }
  pending_.clear();
  return Status::Ok();
}

Status SealedPersons::SealPersons(std::span<const RecordTag> person_tags) {
  std::vector<RecordSealer::Plain> records;
  for (std::size_t i = 0; i < person_tags.size(); ++i) {
    const SecretBytes& payload = pending_[i].payload;
    records.push_back({Table::kPerson, person_tags[i], 1, payload.Expose()});
  }
  return Seal(records, &persons_);
}

Status SealedPersons::SealOwners(std::span<const RecordTag> tags,
                                 std::span<const RecordTag> person_tags) {
  std::vector<SecretBytes> owners;
  std::vector<RecordSealer::Plain> records;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    MONIKER_ASSIGN_OR_RETURN(SecretBytes owner, EncodeIdentifierOwner(person_tags[i]));
    owners.push_back(std::move(owner));
    records.push_back({Table::kIdentifier, tags[i], 1, std::as_const(owners.back()).Expose()});
  }
  return Seal(records, &identifiers_);
}

Status SealedPersons::SealLinks(std::span<const Identifier> identifiers,
                                std::span<const RecordTag> person_tags) {
  MONIKER_ASSIGN_OR_RETURN(const std::vector<Pseudonym> pseudonyms, Derive(identifiers));
  std::vector<RecordTag> tags(pseudonyms.size());
  MONIKER_RETURN_IF_ERROR(keys_->tags().OfExternalIds(pseudonyms, tags));
  Link link{{}, epoch_, {}, request_.scope, {}, {}};
  std::vector<SecretBytes> payloads;
  std::vector<RecordSealer::Plain> records;
  for (std::size_t i = 0; i < pseudonyms.size(); ++i) {
    link.person = person_tags[i];
    link.digest = pseudonyms[i].digest();
    MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, EncodeLink(link));
    payloads.push_back(std::move(payload));
    records.push_back({Table::kExternalId, tags[i], 1, std::as_const(payloads.back()).Expose()});
  }
  return Seal(records, &links_);
}

}  // namespace moniker::internal
