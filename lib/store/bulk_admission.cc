#include "store/bulk_admission.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/status_macros.h"
#include "store/admission.h"
#include "store/mapping_store.h"
#include "store/person_payload.h"

namespace moniker::internal {
namespace {

// As many rows as go through memory at once.
constexpr std::size_t kStep = 1024;

// What orders rows by their persons' numbers.
RecordTag TagOfNumber(std::uint32_t number) {
  std::array<std::uint8_t, SealedRuns::kTagSize> bytes{};
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[i] = static_cast<std::uint8_t>(number >> (8 * (3 - i)));
  }
  return RecordTag(bytes);
}

std::vector<RecordTag> TagsNotAdded(const SealedRuns::Rows& rows, const std::vector<bool>& added) {
  std::vector<RecordTag> tags;
  for (std::size_t i = 0; i < added.size(); ++i) {
    if (!added[i]) tags.push_back(rows.records[i].tag);
  }
  return tags;
}

}  // namespace

Status BulkAdmission::Run() {
  MONIKER_RETURN_IF_ERROR(DeclareIssuers());
  // Keys that were rotated meanwhile may be destroyed by tomorrow: nothing new may stand under
  // them.
  const bool same_keys = persons_.keys().epochs() == keys_->epochs();
  if (same_keys && persons_.are_whole()) {
    if (keys_->enrolled()) MONIKER_RETURN_IF_ERROR(AddIdentifiers());
    MONIKER_RETURN_IF_ERROR(AddPersons());
    MONIKER_RETURN_IF_ERROR(AddLinks());
  } else {
    Rows rows;
    do {
      MONIKER_RETURN_IF_ERROR(persons_.persons()->Next(kStep, &rows));
      for (std::size_t i = 0; i < rows.records.size(); ++i) {
        MONIKER_RETURN_IF_ERROR(AdmitLater(rows.records[i], rows.numbers[i]));
      }
    } while (!rows.records.empty());
  }
  return AdmitKnown();
}

Status BulkAdmission::DeclareIssuers() {
  WorkingSet set(keys_, &transaction_);
  Issuers issuers(&set);
  for (const auto& [issuer, kind] : persons_.issuers()) {
    MONIKER_RETURN_IF_ERROR(issuers.Declare(issuer, kind).status());
  }
  return set.Write(&transaction_);
}

Status BulkAdmission::AddIdentifiers() {
  is_known_.assign(persons_.size(), false);
  Rows rows;
  std::vector<bool> added;
  do {
    MONIKER_RETURN_IF_ERROR(persons_.identifiers()->Next(kStep, &rows));
    MONIKER_RETURN_IF_ERROR(transaction_.AddMany(Table::kIdentifier, rows.records, &added));
    for (std::size_t i = 0; i < added.size(); ++i) is_known_[rows.numbers[i]] = !added[i];
  } while (!rows.records.empty());
  return Status::Ok();
}

void BulkAdmission::DropKnown(Rows* rows) const {
  if (is_known_.empty()) return;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows->records.size(); ++i) {
    if (is_known_[rows->numbers[i]]) continue;
    std::swap(rows->records[kept], rows->records[i]);
    rows->numbers[kept++] = rows->numbers[i];
  }
  rows->records.resize(kept);
  rows->numbers.resize(kept);
}

Status BulkAdmission::AdmitLater(const SealedRecord& record, std::uint32_t number) {
  // The tag goes with the record, which opens under no other.
  std::vector<std::uint8_t> row(SealedRuns::kTagSize + record.sealed.size());
  ByteWriter(row).Bytes(record.tag.bytes()).Bytes(record.sealed);
  ++known_count_;
  return known_.Add(TagOfNumber(number), number, row);
}

Status BulkAdmission::AddPersons() {
  Rows rows;
  std::vector<bool> added;
  while (true) {
    MONIKER_RETURN_IF_ERROR(persons_.persons()->Next(kStep, &rows));
    if (rows.records.empty()) return Status::Ok();
    for (std::size_t i = 0; i < rows.records.size() && !is_known_.empty(); ++i) {
      if (!is_known_[rows.numbers[i]]) continue;
      MONIKER_RETURN_IF_ERROR(AdmitLater(rows.records[i], rows.numbers[i]));
    }
    DropKnown(&rows);
    MONIKER_RETURN_IF_ERROR(transaction_.AddMany(Table::kPerson, rows.records, &added));
    if (std::ranges::find(added, false) == added.end()) continue;
    // Random tags do not meet.
    if (keys_->enrolled()) return Contradiction();
    MONIKER_RETURN_IF_ERROR(ComparePersons(rows, added));
  }
}

// Both payloads of each row that was there already, as it is and as it was to be.
Status BulkAdmission::CompareKnown(Table table, const Rows& rows, const std::vector<bool>& added,
                                   const Comparer& compare) {
  std::vector<std::optional<SealedBytes>> stored;
  MONIKER_RETURN_IF_ERROR(transaction_.FindMany(table, TagsNotAdded(rows, added), &stored));
  std::size_t next = 0;
  for (std::size_t i = 0; i < added.size(); ++i) {
    if (added[i]) continue;
    const SealedRecord& given = rows.records[i];
    const std::optional<SealedBytes>& there = stored[next++];
    if (!there) return Contradiction();
    MONIKER_ASSIGN_OR_RETURN(const RecordSealer::Opened is,
                             keys_->sealer().Open(table, given.tag, *there));
    MONIKER_ASSIGN_OR_RETURN(const RecordSealer::Opened shall_be,
                             keys_->sealer().Open(table, given.tag, given.sealed));
    MONIKER_RETURN_IF_ERROR(compare(i, is.payload.Expose(), shall_be.payload.Expose()));
  }
  transaction_.Forget();
  return Status::Ok();
}

// Most who are known come again as they are.
Status BulkAdmission::ComparePersons(const Rows& rows, const std::vector<bool>& added) {
  return CompareKnown(Table::kPerson, rows, added, [&](std::size_t i, ByteView is, ByteView shall) {
    if (std::ranges::equal(is, shall)) return Status::Ok();
    return AdmitLater(rows.records[i], rows.numbers[i]);
  });
}

Status BulkAdmission::AddLinks() {
  Rows rows;
  std::vector<bool> added;
  while (true) {
    MONIKER_RETURN_IF_ERROR(persons_.links()->Next(kStep, &rows));
    if (rows.records.empty()) return Status::Ok();
    DropKnown(&rows);
    MONIKER_RETURN_IF_ERROR(transaction_.AddMany(Table::kExternalId, rows.records, &added));
    if (std::ranges::find(added, false) == added.end()) continue;
    MONIKER_RETURN_IF_ERROR(CompareLinks(rows, added));
  }
}

// A link of the app follows from the 122 bits that its tag was made of: another one is damage.
Status BulkAdmission::CompareLinks(const Rows& rows, const std::vector<bool>& added) {
  const auto compare = [](std::size_t, ByteView is, ByteView shall) -> Status {
    MONIKER_ASSIGN_OR_RETURN(const Link stored, DecodeLink(is));
    MONIKER_ASSIGN_OR_RETURN(const Link given, DecodeLink(shall));
    return stored == given ? Status::Ok() : Contradiction();
  };
  return CompareKnown(Table::kExternalId, rows, added, compare);
}

Status BulkAdmission::AdmitKnown() {
  if (known_count_ == 0) return Status::Ok();
  MONIKER_RETURN_IF_ERROR(known_.Finish());
  Rows rows;
  while (true) {
    MONIKER_RETURN_IF_ERROR(known_.Next(kStep, &rows));
    if (rows.records.empty()) return Status::Ok();
    std::vector<RecordSealer::Opened> opened;
    std::vector<StoredPerson> stored;
    for (const SealedRecord& row : rows.records) {
      const ByteView bytes = row.sealed;
      MONIKER_ASSIGN_OR_RETURN(opened.emplace_back(),
                               persons_.keys().sealer().Open(
                                   Table::kPerson, RecordTag(bytes.first(SealedRuns::kTagSize)),
                                   bytes.subspan(SealedRuns::kTagSize)));
      MONIKER_ASSIGN_OR_RETURN(stored.emplace_back(), DecodePerson(opened.back().payload.Expose()));
    }
    std::vector<PersonView> views;
    for (const StoredPerson& one : stored) {
      const StoredIdentifier& identifier = one.identifiers.front();
      views.push_back(
          {identifier.issuer, identifier.as_given(), one.name, one.fields, identifier.kind});
    }
    const SealedPersons::Request& request = persons_.request();
    WorkingSet set(keys_, &transaction_);
    const MappingStore::AdmissionRequest admission{views, request.scope, request.identity_epoch,
                                                   request.label_style};
    const auto admitted = Admission(admission, &set).Plan();
    if (!admitted.ok()) {
      const Status status = admitted.status();
      const auto index = static_cast<std::size_t>(status.locator());
      return index < rows.numbers.size() ? AtRecord(status, rows.numbers[index]) : status;
    }
    MONIKER_RETURN_IF_ERROR(set.Write(&transaction_));
    transaction_.Forget();
  }
}

// The rows are made while others write; the lock is held while they are entered.
Status MappingStore::AdmitSealed(SealedPersons* persons) {
  MONIKER_ASSIGN_OR_RETURN(SealedRuns known, SealedRuns::Create(backend_->FolderForScratch()));
  MONIKER_ASSIGN_OR_RETURN(Write write, BeginWrite());
  MONIKER_RETURN_IF_ERROR(
      BulkAdmission(persons, write.state.keys, write.transaction.get(), std::move(known)).Run());
  WorkingSet rest(write.state.keys, write.transaction.get());
  return Commit(&write, &rest);
}

// As the manifest says: to count them takes long.
Result<std::uint64_t> MappingStore::PersonsInStore() {
  std::uint64_t persons = 0;
  MONIKER_RETURN_IF_ERROR(Read([&](WorkingSet* set) -> Status {
    MONIKER_ASSIGN_OR_RETURN(const Manifest manifest,
                             ReadManifest(set->keys().sealer(), backend_.get()));
    persons = manifest.of(Table::kPerson).count;
    return Status::Ok();
  }));
  return persons;
}

Result<SealedPersons> MappingStore::NewSealedPersons(const SealedPersons::Request& request) {
  IdleLock::Use use(idle_lock_.get());
  MONIKER_ASSIGN_OR_RETURN(const State state, CurrentState(backend_.get()));
  return SealedPersons::Create(state.keys, request, backend_->FolderForScratch(), std::move(use));
}

}  // namespace moniker::internal
