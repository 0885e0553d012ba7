// What of conferences is older than it may be.
//
// Format: docs/formats/mapping-store.md, section 4.11.

#include <algorithm>

#include "base/status_macros.h"
#include "store/audit_chain.h"
#include "store/day.h"
#include "store/erasure.h"
#include "store/mapping_store.h"
#include "store/persons.h"
#include "store/scan.h"

namespace moniker::internal {
namespace {

constexpr std::size_t kBatch = 2000;  // rows that one transaction takes out
constexpr std::size_t kPersonSlice =
    500'000;  // persons that are looked for among all links at once

struct DatedRow {
  RecordTag tag;
  Link link;
};

class Age {
 public:
  Age(const ExpiryOptions& options, std::uint32_t today) : options_(options), today_(today) {}

  bool IsOver(const Link& link, const VaultPolicy& policy) const {
    if (link.scope.is_app()) return false;
    if (link.day == 0) return options_.undated;
    if (options_.before_ms) return link.day < *options_.before_ms / kDayMs;
    const std::uint64_t days =
        link.retention_days != 0 ? link.retention_days : policy.retention_days;
    return days != 0 && link.day + days < today_;
  }

 private:
  const ExpiryOptions& options_;
  const std::uint32_t today_;
};

Result<std::vector<DatedRow>> ConferenceLinks(Table table, std::span<const RecordTag> tags,
                                              WorkingSet* set) {
  std::vector<TagSet> wanted;
  for (const RecordTag& tag : tags) wanted.push_back({tag});
  MONIKER_RETURN_IF_ERROR(set->Load(table, wanted));
  std::vector<DatedRow> rows;
  for (const RecordTag& tag : tags) {
    MONIKER_ASSIGN_OR_RETURN(const WorkingSet::Entry* const entry, set->Find(table, tag));
    if (!entry->exists()) continue;  // taken out meanwhile
    MONIKER_ASSIGN_OR_RETURN(Link link, DecodeLink(entry->payload()));
    if (!link.scope.is_app()) rows.push_back({tag, std::move(link)});
  }
  return rows;
}

// Those of the rows under `tags` that are to go. A participant ID goes with the pseudonym that it
// is bound to.
Result<std::vector<DatedRow>> FindOld(Table table, std::span<const RecordTag> tags, const Age& age,
                                      const VaultPolicy& policy, WorkingSet* set) {
  MONIKER_ASSIGN_OR_RETURN(std::vector<DatedRow> rows, ConferenceLinks(table, tags, set));
  if (table == Table::kExternalId) {
    std::erase_if(rows, [&](const DatedRow& row) { return !age.IsOver(row.link, policy); });
    return rows;
  }
  std::vector<TagSet> pseudonyms;
  for (const DatedRow& row : rows) {
    MONIKER_ASSIGN_OR_RETURN(pseudonyms.emplace_back(),
                             set->keys().tags().OfExternalId(Pseudonym(row.link.digest).uuid()));
  }
  MONIKER_RETURN_IF_ERROR(set->Load(Table::kExternalId, pseudonyms));
  std::vector<DatedRow> old;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    MONIKER_ASSIGN_OR_RETURN(const WorkingSet::Entry* const entry,
                             set->Find(Table::kExternalId, pseudonyms[i]));
    if (entry->exists()) {
      MONIKER_ASSIGN_OR_RETURN(const Link link, DecodeLink(entry->payload()));
      if (!age.IsOver(link, policy)) continue;
    }
    old.push_back(std::move(rows[i]));
  }
  return old;
}

Status EraseRows(Table table, std::span<const DatedRow> rows, const StoreKeys& keys,
                 StorageTransaction* transaction) {
  std::vector<RecordTag> tags;
  std::vector<RecordTag> places;
  for (const DatedRow& row : rows) {
    tags.push_back(row.tag);
    MONIKER_RETURN_IF_ERROR(FindPlaces(row.link, keys, transaction, &places));
  }
  MONIKER_RETURN_IF_ERROR(transaction->EraseMany(table, tags));
  return transaction->EraseMany(Table::kRoster, places);
}

// Of up to kPersonSlice persons behind `*after`, those who stand alone and unmarked. `*after` moves
// on; none at the end.
Result<std::set<RecordTag>> NextPersons(std::optional<RecordTag>* after, const StoreKeys& keys,
                                        StorageReader* reader) {
  std::set<RecordTag> persons;
  std::vector<SealedRecord> records;
  for (std::size_t seen = 0; seen < kPersonSlice; seen += records.size()) {
    MONIKER_RETURN_IF_ERROR(reader->Scan(Table::kPerson, *after, kScanStep, &records));
    for (const SealedRecord& record : records) {
      MONIKER_ASSIGN_OR_RETURN(const RecordSealer::Opened opened,
                               keys.sealer().Open(Table::kPerson, record.tag, record.sealed));
      MONIKER_ASSIGN_OR_RETURN(const StoredPerson person, DecodePerson(opened.payload.Expose()));
      const bool stands_alone = !person.merged_into && person.absorbed.empty();
      if (stands_alone && !person.honey) persons.insert(record.tag);
    }
    if (records.size() < kScanStep) {
      after->reset();
      return persons;
    }
    *after = records.back().tag;
  }
  return persons;
}

// Leaves those whom no link leads to.
Status DropLinked(const StoreKeys& keys, StorageReader* reader, std::set<RecordTag>* persons) {
  for (const Table table : {Table::kExternalId, Table::kParticipant}) {
    MONIKER_RETURN_IF_ERROR(ForEach(table, reader, [&](const SealedRecord& record) -> Status {
      MONIKER_ASSIGN_OR_RETURN(const RecordSealer::Opened opened,
                               keys.sealer().Open(table, record.tag, record.sealed));
      MONIKER_ASSIGN_OR_RETURN(const Link link, DecodeLink(opened.payload.Expose()));
      persons->erase(link.person);
      return Status::Ok();
    }));
  }
  return Status::Ok();
}

AuditEntry EntryOf(const AccessReason& reason, std::size_t count) {
  AuditEntry entry;
  entry.time_ms = SystemTimeMs();
  entry.operation = AuditOperation::kExpire;
  entry.actor = reason.actor;
  entry.purpose = reason.purpose;
  entry.asked = static_cast<std::uint32_t>(count);
  return entry;
}

}  // namespace

// First without a lock, then, with it, what was found: somebody may have been admitted meanwhile.
Result<std::uint64_t> MappingStore::ExpireLinks(Table table, const ExpiryOptions& options,
                                                std::uint32_t today) {
  const Age age(options, today);
  std::uint64_t count = 0;
  std::vector<RecordTag> old;
  const auto expire = [&]() -> Status {
    if (old.empty()) return Status::Ok();
    MONIKER_ASSIGN_OR_RETURN(Write write, BeginWrite());
    const StoreKeys& keys = *write.state.keys;
    WorkingSet set(write.state.keys, write.transaction.get());
    MONIKER_ASSIGN_OR_RETURN(const std::vector<DatedRow> rows,
                             FindOld(table, old, age, write.state.policy, &set));
    old.clear();
    if (rows.empty()) return Status::Ok();
    MONIKER_RETURN_IF_ERROR(EraseRows(table, rows, keys, write.transaction.get()));
    MONIKER_RETURN_IF_ERROR(
        AppendToAuditLog(EntryOf(options.reason, rows.size()), keys, write.transaction.get()));
    MONIKER_RETURN_IF_ERROR(Commit(&write, &set));
    count += rows.size();
    return Status::Ok();
  };
  const auto look_at = [&](std::span<const SealedRecord> records) -> Status {
    std::vector<RecordTag> tags;
    for (const SealedRecord& record : records) tags.push_back(record.tag);
    std::vector<DatedRow> rows;
    MONIKER_RETURN_IF_ERROR(Read([&](WorkingSet* set) -> Status {
      MONIKER_ASSIGN_OR_RETURN(const VaultPolicy policy, Policy());
      MONIKER_ASSIGN_OR_RETURN(rows, FindOld(table, tags, age, policy, set));
      return Status::Ok();
    }));
    for (const DatedRow& row : rows) old.push_back(row.tag);
    return old.size() < kBatch ? Status::Ok() : expire();
  };
  MONIKER_RETURN_IF_ERROR(ForEachStep(table, backend_.get(), look_at));
  MONIKER_RETURN_IF_ERROR(expire());
  return count;
}

Result<std::uint64_t> MappingStore::ExpirePersons(const AccessReason& reason) {
  std::uint64_t count = 0;
  std::optional<RecordTag> after;
  do {
    MONIKER_ASSIGN_OR_RETURN(Write write, BeginWrite());
    const StoreKeys& keys = *write.state.keys;
    AccountedTransaction* const transaction = write.transaction.get();
    MONIKER_ASSIGN_OR_RETURN(std::set<RecordTag> persons, NextPersons(&after, keys, transaction));
    MONIKER_RETURN_IF_ERROR(DropLinked(keys, transaction, &persons));
    if (persons.empty()) continue;
    WorkingSet set(write.state.keys, transaction);
    MONIKER_RETURN_IF_ERROR(ErasePersons(persons, &set, transaction));
    AuditEntry entry = EntryOf(reason, persons.size());
    entry.persons.assign(persons.begin(), persons.end());
    MONIKER_RETURN_IF_ERROR(AppendToAuditLog(entry, keys, transaction));
    MONIKER_RETURN_IF_ERROR(Commit(&write, &set));
    count += persons.size();
  } while (after);
  return count;
}

Result<Expiry> MappingStore::Expire(const ExpiryOptions& options, std::uint32_t today) {
  MONIKER_RETURN_IF_ERROR(CheckReason(options.reason));
  Expiry expiry;
  // Participant IDs first: without its pseudonym one would lead to a person for longer than it may.
  MONIKER_ASSIGN_OR_RETURN(expiry.participant_ids,
                           ExpireLinks(Table::kParticipant, options, today));
  MONIKER_ASSIGN_OR_RETURN(expiry.pseudonyms, ExpireLinks(Table::kExternalId, options, today));
  if (options.persons) {
    MONIKER_ASSIGN_OR_RETURN(expiry.persons, ExpirePersons(options.reason));
  }
  const Result<bool> is_empty = backend_->Checkpoint();
  expiry.log_is_empty = is_empty.ok() && *is_empty;
  return expiry;
}

}  // namespace moniker::internal
