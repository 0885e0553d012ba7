#include "store/accounted_transaction.h"

#include "base/status_macros.h"
#include "store/scan.h"

namespace moniker::internal {
Status AccountedTransaction::AccountForAll() {
  for (std::size_t i = 0; i < kTableCount; ++i) {
    const auto table = static_cast<Table>(i);
    Manifest::Rows& rows = manifest_.of(table);
    MONIKER_RETURN_IF_ERROR(
        WalkSteps(table, inner_.get(), [&](std::span<const SealedRecord> records) -> Status {
          MONIKER_ASSIGN_OR_RETURN(const std::vector<Digest> digests,
                                   keys_->OfRows(table, records));
          for (const Digest& digest : digests) Toggle(digest, &rows.digest);
          rows.count += records.size();
          return Status::Ok();
        }));
  }
  return Status::Ok();
}

Status AccountedTransaction::Remember(Table table, std::span<const RecordTag> tags,
                                      std::span<const std::optional<SealedBytes>> found) {
  std::vector<SealedRecord> present;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (known_.contains({table, tags[i]})) continue;
    if (found[i]) {
      present.push_back({tags[i], *found[i]});
    } else {
      known_.emplace(std::pair(table, tags[i]), std::nullopt);
    }
  }
  MONIKER_ASSIGN_OR_RETURN(const std::vector<Digest> digests, keys_->OfRows(table, present));
  for (std::size_t i = 0; i < present.size(); ++i) {
    known_.emplace(std::pair(table, present[i].tag), digests[i]);
  }
  return Status::Ok();
}

Status AccountedTransaction::FindMany(Table table, std::span<const RecordTag> tags,
                                      std::vector<std::optional<SealedBytes>>* found) {
  MONIKER_RETURN_IF_ERROR(Note(inner_->FindMany(table, tags, found)));
  return Note(Remember(table, tags, *found));
}

Status AccountedTransaction::Learn(Table table, std::span<const RecordTag> tags) {
  std::vector<RecordTag> unknown;
  for (const RecordTag& tag : tags) {
    if (!known_.contains({table, tag})) unknown.push_back(tag);
  }
  if (unknown.empty()) return Status::Ok();
  std::vector<std::optional<SealedBytes>> found;
  MONIKER_RETURN_IF_ERROR(inner_->FindMany(table, unknown, &found));
  return Remember(table, unknown, found);
}

void AccountedTransaction::Replace(Table table, const RecordTag& tag,
                                   const std::optional<Digest>& row) {
  std::optional<Digest>& known = known_.at({table, tag});
  Manifest::Rows& rows = manifest_.of(table);
  if (known) {
    Toggle(*known, &rows.digest);
    --rows.count;
  }
  if (row) {
    Toggle(*row, &rows.digest);
    ++rows.count;
  }
  known = row;
  ++changes_;
}

Status AccountedTransaction::Put(Table table, std::span<const SealedRecord> records) {
  std::vector<RecordTag> tags;
  tags.reserve(records.size());
  for (const SealedRecord& record : records) tags.push_back(record.tag);
  MONIKER_RETURN_IF_ERROR(Learn(table, tags));
  MONIKER_ASSIGN_OR_RETURN(const std::vector<Digest> digests, keys_->OfRows(table, records));
  for (std::size_t i = 0; i < records.size(); ++i) Replace(table, tags[i], digests[i]);
  return inner_->PutMany(table, records);
}

// What is not there need not be read, and what is stays.
Status AccountedTransaction::Add(Table table, std::span<const SealedRecord> records,
                                 std::vector<bool>* added) {
  MONIKER_ASSIGN_OR_RETURN(const std::vector<Digest> digests, keys_->OfRows(table, records));
  MONIKER_RETURN_IF_ERROR(inner_->AddMany(table, records, added));
  Manifest::Rows& rows = manifest_.of(table);
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (!(*added)[i]) continue;
    known_.erase({table, records[i].tag});
    Toggle(digests[i], &rows.digest);
    ++rows.count;
    ++changes_;
  }
  return Status::Ok();
}

Status AccountedTransaction::Erase(Table table, std::span<const RecordTag> tags) {
  MONIKER_RETURN_IF_ERROR(Learn(table, tags));
  for (const RecordTag& tag : tags) Replace(table, tag, std::nullopt);
  return inner_->EraseMany(table, tags);
}

Status AccountedTransaction::Commit(const Committed& committed) {
  if (changes_ != 0) {
    ++manifest_.counter;
    MONIKER_ASSIGN_OR_RETURN(const SecretBytes payload, EncodeManifest(manifest_));
    // Its counter says how often it was written: the version says nothing.
    MONIKER_ASSIGN_OR_RETURN(SealedBytes sealed,
                             sealer_->Seal(Table::kMeta, ManifestTag(), 1, payload.Expose()));
    const SealedRecord record{ManifestTag(), std::move(sealed)};
    MONIKER_RETURN_IF_ERROR(inner_->PutMany(Table::kMeta, {&record, 1}));
  }
  return inner_->Commit(committed);
}

}  // namespace moniker::internal
