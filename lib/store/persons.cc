#include "store/persons.h"

#include <algorithm>

#include "base/status_macros.h"
#include "pseudonym/canonical.h"

namespace moniker::internal {
namespace {

constexpr std::size_t kMaxMerges = 64;

RecordTag IssuersTag() { return RecordTag(AsBytes("issuers")); }

bool HasBuiltInKind(std::string_view issuer) {
  return BuiltInKind(issuer) != IdentifierKind::kOpaque;
}

}  // namespace

Status AtRecord(const Status& status, std::size_t index) {
  switch (status.code()) {
    case StatusCode::kInvalidArgument:
    case StatusCode::kNotFound:
    case StatusCode::kConflict:
    case StatusCode::kExhausted:
    case StatusCode::kUnsupported: return status.At(static_cast<std::int64_t>(index));
    default: return status;
  }
}

Status Issuers::Load() {
  if (kinds_) return Status::Ok();
  MONIKER_ASSIGN_OR_RETURN(const WorkingSet::Entry* const entry,
                           set_->Find(Table::kMeta, IssuersTag()));
  if (!entry->exists()) {
    kinds_.emplace();
    return Status::Ok();
  }
  MONIKER_ASSIGN_OR_RETURN(kinds_, DecodeIssuers(entry->payload()));
  return Status::Ok();
}

Result<std::optional<IdentifierKind>> Issuers::DeclaredKindOf(std::string_view issuer) {
  KnownIssuers* const known = set_->known_issuers();
  if (known != nullptr) {
    const std::optional<IdentifierKind> kind = known->KindOf(issuer);
    if (kind) return kind;
  }
  MONIKER_RETURN_IF_ERROR(Load());
  const auto declared = kinds_->find(issuer);
  if (declared == kinds_->end()) return std::optional<IdentifierKind>();
  if (known != nullptr && !set_->changed()) known->Add(issuer, declared->second);
  return std::optional(declared->second);
}

Result<std::optional<IdentifierKind>> Issuers::KindOf(std::string_view issuer) {
  MONIKER_ASSIGN_OR_RETURN(const std::optional<IdentifierKind> declared, DeclaredKindOf(issuer));
  if (declared || !HasBuiltInKind(issuer)) return declared;
  return std::optional(BuiltInKind(issuer));
}

Result<IdentifierKind> Issuers::Declare(std::string_view issuer,
                                        std::optional<IdentifierKind> wanted) {
  MONIKER_RETURN_IF_ERROR(ValidateIssuer(issuer));
  if (wanted && KindName(*wanted).empty()) {
    return Status(StatusCode::kInvalidArgument, "kind: none of opaque, text, email, phone");
  }
  MONIKER_ASSIGN_OR_RETURN(const std::optional<IdentifierKind> declared, DeclaredKindOf(issuer));
  std::optional<IdentifierKind> kind = declared;
  if (!declared && HasBuiltInKind(issuer)) kind = BuiltInKind(issuer);
  if (kind && wanted && *kind != *wanted) {
    return Status(StatusCode::kConflict, "issuer: its identifiers are of another kind");
  }
  if (declared) return *declared;
  if (kinds_->size() == kMaxIssuers) {
    return Status(StatusCode::kExhausted, "issuer: the vault has 4096 of them already");
  }
  const IdentifierKind entered = kind.value_or(wanted.value_or(IdentifierKind::kOpaque));
  kinds_->emplace(issuer, entered);
  MONIKER_RETURN_IF_ERROR(Put());
  return entered;
}

Status Issuers::DeclareAll(const std::set<std::string, std::less<>>& issuers, IdentifierKind kind) {
  MONIKER_RETURN_IF_ERROR(Load());
  for (const std::string& issuer : issuers) kinds_->emplace(issuer, kind);
  if (kinds_->size() > kMaxIssuers) {
    return Status(StatusCode::kExhausted, "issuer: the vault has more than 4096 of them");
  }
  return Put();
}

Status Issuers::Put() {
  MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, EncodeIssuers(*kinds_));
  MONIKER_ASSIGN_OR_RETURN(WorkingSet::Entry* const entry, set_->Find(Table::kMeta, IssuersTag()));
  set_->Put(entry, std::move(payload));
  return Status::Ok();
}

Result<CanonicalIdentifier> MakeCanonical(const Identifier& identifier, NewIssuers policy,
                                          Issuers* issuers) {
  CanonicalIdentifier canonical{IdentifierKind::kOpaque, identifier.issuer, {}};
  if (policy == NewIssuers::kDeclare) {
    MONIKER_ASSIGN_OR_RETURN(canonical.kind, issuers->Declare(identifier.issuer, identifier.kind));
  } else {
    MONIKER_ASSIGN_OR_RETURN(const std::optional<IdentifierKind> known,
                             issuers->KindOf(identifier.issuer));
    if (known && identifier.kind && *known != *identifier.kind) {
      return Status(StatusCode::kConflict, "issuer: its identifiers are of another kind");
    }
    canonical.kind = known.value_or(identifier.kind.value_or(IdentifierKind::kOpaque));
  }
  MONIKER_ASSIGN_OR_RETURN(canonical.value,
                           Canonicalize({identifier.issuer, identifier.id, canonical.kind}));
  return canonical;
}

Result<StoredPerson> ReadPerson(const WorkingSet::Entry& entry, const WorkingSet& set) {
  MONIKER_ASSIGN_OR_RETURN(StoredPerson person, DecodePerson(entry.payload()));
  if (person.handle.empty() == set.keys().enrolled()) return Contradiction();
  return person;
}

bool Is(const StoredIdentifier& stored, const CanonicalIdentifier& identifier) {
  return stored.issuer == identifier.issuer && stored.value == identifier.value.Expose();
}

Result<WorkingSet::Entry*> FollowMerges(const RecordTag& tag, WorkingSet* set) {
  RecordTag next = tag;
  for (std::size_t i = 0; i <= kMaxMerges; ++i) {
    MONIKER_ASSIGN_OR_RETURN(WorkingSet::Entry* const entry, set->Find(Table::kPerson, next));
    if (!entry->exists()) return static_cast<WorkingSet::Entry*>(nullptr);
    MONIKER_ASSIGN_OR_RETURN(const StoredPerson person, ReadPerson(*entry, *set));
    if (!person.merged_into) return entry;
    next = *person.merged_into;
  }
  return Contradiction();
}

Result<std::vector<WorkingSet::Entry*>> FindOwnRecords(
    std::span<const CanonicalIdentifier> identifiers, WorkingSet* set) {
  const bool enrolled = set->keys().enrolled();
  std::vector<TagSet> tags;
  for (const CanonicalIdentifier& identifier : identifiers) {
    MONIKER_ASSIGN_OR_RETURN(tags.emplace_back(),
                             set->keys().tags().OfIdentifier(identifier.view()));
  }
  const Table table = enrolled ? Table::kIdentifier : Table::kPerson;
  MONIKER_RETURN_IF_ERROR(set->Load(table, tags));
  std::vector<WorkingSet::Entry*> records;
  std::vector<TagSet> owners;
  for (const TagSet& tag : tags) {
    MONIKER_ASSIGN_OR_RETURN(records.emplace_back(), set->Find(table, tag));
    if (!enrolled || !records.back()->exists()) continue;
    MONIKER_ASSIGN_OR_RETURN(const RecordTag owner,
                             DecodeIdentifierOwner(records.back()->payload()));
    owners.push_back({owner});
  }
  if (!enrolled) return records;

  MONIKER_RETURN_IF_ERROR(set->Load(Table::kPerson, owners));
  std::size_t next = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (!records[i]->exists()) {
      records[i] = nullptr;
      continue;
    }
    MONIKER_ASSIGN_OR_RETURN(records[i], set->Find(Table::kPerson, owners[next++]));
    if (!records[i]->exists()) return Contradiction();
    MONIKER_ASSIGN_OR_RETURN(const StoredPerson person, ReadPerson(*records[i], *set));
    const bool listed = std::ranges::any_of(
        person.identifiers, [&](const StoredIdentifier& one) { return Is(one, identifiers[i]); });
    if (!listed) return Contradiction();
  }
  return records;
}

Result<std::vector<RecordTag>> WithAbsorbed(const WorkingSet::Entry& entry, WorkingSet* set) {
  std::vector<RecordTag> all = {entry.tag()};
  for (std::size_t i = 0; i < all.size(); ++i) {
    MONIKER_ASSIGN_OR_RETURN(const WorkingSet::Entry* const one, set->Find(Table::kPerson, all[i]));
    if (!one->exists()) return Contradiction();
    MONIKER_ASSIGN_OR_RETURN(const StoredPerson person, ReadPerson(*one, *set));
    for (const RecordTag& tag : person.absorbed) {
      if (std::ranges::find(all, tag) != all.end()) return Contradiction();
      all.push_back(tag);
    }
  }
  return all;
}

}  // namespace moniker::internal
