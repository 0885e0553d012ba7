#include "store/working_set.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "base/status_macros.h"

namespace moniker::internal {

std::size_t WorkingSet::KeyHash::operator()(const Key& key) const {
  std::uint64_t hash = 0;
  const std::span<const std::uint8_t> bytes = key.tag.bytes();
  std::memcpy(&hash, bytes.data(), std::min(bytes.size(), sizeof(hash)));
  return hash + static_cast<std::size_t>(key.table);
}

Status WorkingSet::Read(Table table, std::span<const RecordTag> tags) {
  std::vector<RecordTag> unread;
  for (const RecordTag& tag : tags) {
    if (!entries_.contains({table, tag})) unread.push_back(tag);
  }
  if (unread.empty()) return Status::Ok();
  std::vector<std::optional<SealedBytes>> found;
  MONIKER_RETURN_IF_ERROR(reader_->FindMany(table, unread, &found));
  entries_.reserve(entries_.size() + unread.size());
  for (std::size_t i = 0; i < unread.size(); ++i) {
    MONIKER_RETURN_IF_ERROR(Add(table, unread[i], found[i]));
  }
  return Status::Ok();
}

Status WorkingSet::Add(Table table, const RecordTag& tag,
                       const std::optional<SealedBytes>& sealed) {
  const auto [place, is_new] = entries_.try_emplace({table, tag});
  if (!is_new) return Status::Ok();  // asked for several times
  Entry& entry = place->second;
  entry.table_ = table;
  entry.tag_ = tag;
  if (!sealed) return Status::Ok();
  Result<RecordSealer::Opened> opened = keys_->sealer().Open(table, tag, *sealed);
  if (!opened.ok()) {
    entries_.erase(place);
    return opened.status();
  }
  entry.version_ = opened->version;
  entry.payload_ = std::move(opened->payload);
  entry.exists_ = true;
  return Status::Ok();
}

Status WorkingSet::Load(Table table, std::span<const TagSet> tags) {
  std::vector<RecordTag> newest;
  newest.reserve(tags.size());
  for (const TagSet& set : tags) newest.push_back(set.front());
  MONIKER_RETURN_IF_ERROR(Read(table, newest));
  std::vector<RecordTag> older;
  for (const TagSet& set : tags) {
    if (set.size() == 1 || entries_.at({table, set.front()}).exists_) continue;
    older.insert(older.end(), set.begin() + 1, set.end());
  }
  return Read(table, older);
}

Result<WorkingSet::Entry*> WorkingSet::Find(Table table, const TagSet& tags) {
  const auto newest = entries_.find({table, tags.front()});
  if (newest != entries_.end() && (newest->second.exists_ || tags.size() == 1)) {
    return &newest->second;
  }
  MONIKER_RETURN_IF_ERROR(Load(table, {&tags, 1}));
  for (const RecordTag& tag : tags) {
    Entry& entry = entries_.at({table, tag});
    if (entry.exists_) return &entry;
  }
  return &entries_.at({table, tags.front()});
}

Result<bool> WorkingSet::IsEmpty(Table table) {
  if (changed_) return false;
  MONIKER_ASSIGN_OR_RETURN(const std::optional<RecordTag> last, reader_->LastTag(table));
  return !last.has_value();
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
  std::ranges::sort(changed, {}, [](const RecordSealer::Plain& record) {
    return std::pair(record.table, record.tag);
  });
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
