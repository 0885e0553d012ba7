#include "store/working_set.h"

#include <optional>
#include <vector>

#include "base/status_macros.h"

namespace moniker::internal {

Status WorkingSet::Read(Table table, std::span<const RecordTag> tags) {
  std::vector<RecordTag> unread;
  for (const RecordTag& tag : tags) {
    if (!entries_.contains({table, tag})) unread.push_back(tag);
  }
  if (unread.empty()) return Status::Ok();
  std::vector<std::optional<SealedBytes>> found;
  MONIKER_RETURN_IF_ERROR(reader_->FindMany(table, unread, &found));
  for (std::size_t i = 0; i < unread.size(); ++i) {
    if (entries_.contains({table, unread[i]})) continue;  // asked for several times
    Entry entry;
    entry.table_ = table;
    entry.tag_ = unread[i];
    if (found[i]) {
      MONIKER_ASSIGN_OR_RETURN(RecordSealer::Opened opened,
                               keys_->sealer().Open(table, unread[i], *found[i]));
      entry.version_ = opened.version;
      entry.payload_ = std::move(opened.payload);
      entry.exists_ = true;
    }
    entries_.emplace(Key(table, unread[i]), std::move(entry));
  }
  return Status::Ok();
}

Status WorkingSet::Load(Table table, std::span<const TagSet> tags) {
  std::vector<RecordTag> newest;
  for (const TagSet& set : tags) newest.push_back(set.front());
  MONIKER_RETURN_IF_ERROR(Read(table, newest));
  std::vector<RecordTag> older;
  for (const TagSet& set : tags) {
    if (entries_.at({table, set.front()}).exists_) continue;
    older.insert(older.end(), set.begin() + 1, set.end());
  }
  return Read(table, older);
}

Result<WorkingSet::Entry*> WorkingSet::Find(Table table, const TagSet& tags) {
  MONIKER_RETURN_IF_ERROR(Load(table, {&tags, 1}));
  for (const RecordTag& tag : tags) {
    Entry& entry = entries_.at({table, tag});
    if (entry.exists_) return &entry;
  }
  return &entries_.at({table, tags.front()});
}

void WorkingSet::Put(Entry* entry, SecretBytes payload) {
  entry->payload_ = std::move(payload);
  entry->exists_ = true;
  entry->changed_ = true;
  changed_ = true;
}

// Everything is sealed before anything is put: what cannot be sealed leaves the transaction as it
// is.
Status WorkingSet::Write(StorageTransaction* transaction) const {
  std::vector<RecordSealer::Plain> changed;
  for (const auto& [key, entry] : entries_) {
    if (!entry.changed_) continue;
    changed.push_back({entry.table_, entry.tag_, entry.version_ + 1, entry.payload()});
  }
  MONIKER_ASSIGN_OR_RETURN(std::vector<SealedBytes> sealed, keys_->sealer().SealMany(changed));
  std::vector<SealedRecord> records;
  for (std::size_t i = 0; i < changed.size();) {
    const Table table = changed[i].table;
    records.clear();
    for (; i < changed.size() && changed[i].table == table; ++i) {
      records.push_back({changed[i].tag, std::move(sealed[i])});
    }
    MONIKER_RETURN_IF_ERROR(transaction->PutMany(table, records));
  }
  return Status::Ok();
}

}  // namespace moniker::internal
