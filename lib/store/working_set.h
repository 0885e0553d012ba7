// The records that one request reads and changes: opened when they are first asked for, sealed and
// written together at its end.
//
// Thread safety: used by one thread.

#ifndef MONIKER_LIB_STORE_WORKING_SET_H_
#define MONIKER_LIB_STORE_WORKING_SET_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>

#include "base/bytes.h"
#include "moniker/result.h"
#include "moniker/secret.h"
#include "moniker/storage_backend.h"
#include "store/index_tags.h"
#include "store/known_issuers.h"
#include "store/store_keys.h"

namespace moniker::internal {

class WorkingSet {
 public:
  // One record, or the place where one may be put.
  class Entry {
   public:
    const RecordTag& tag() const { return tag_; }
    bool exists() const { return exists_; }

    // Valid until the next Put. REQUIRES: exists().
    ByteView payload() const { return payload_.Expose(); }

   private:
    friend class WorkingSet;
    Table table_{};
    RecordTag tag_;
    std::uint32_t version_ = 0;  // as stored; 0 if it is not
    SecretBytes payload_;
    bool exists_ = false;
    bool changed_ = false;
  };

  // REQUIRES: `reader` and `issuers` outlive it; no `issuers` where what was read may not stay.
  WorkingSet(std::shared_ptr<const StoreKeys> keys, StorageReader* reader,
             KnownIssuers* issuers = nullptr)
      : keys_(std::move(keys)), reader_(reader), known_issuers_(issuers) {}

  const StoreKeys& keys() const { return *keys_; }
  KnownIssuers* known_issuers() const { return known_issuers_; }

  // Reads, in few calls of the database, what Find will be asked for.
  // Errors: kAltered; kExhausted; those of the reader.
  Status Load(Table table, std::span<const TagSet> tags);

  // The record that stands under one of the tags, else the place under the newest. The entry stays
  // where it is as long as the set. Errors: as Load.
  Result<Entry*> Find(Table table, const TagSet& tags);
  Result<Entry*> Find(Table table, const RecordTag& tag) { return Find(table, TagSet{tag}); }

  // Whether nothing is stored in the table; false if nobody can tell, since something was put.
  // Errors: as Load.
  Result<bool> IsEmpty(Table table);

  void Put(Entry* entry, SecretBytes payload);

  bool changed() const { return changed_; }

  // Seals what has changed and puts it. Errors: kInvalidArgument for more than a record can hold,
  // kExhausted: nothing was put; those of the transaction.
  Status Write(StorageTransaction* transaction) const;

 private:
  struct Key {
    Table table;
    RecordTag tag;

    friend bool operator==(const Key&, const Key&) = default;
  };

  // Tags are made under keys, so nobody chooses them, and some of their bytes are a hash.
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };

  Status Read(Table table, std::span<const RecordTag> tags);
  Status Add(Table table, const RecordTag& tag, const std::optional<SealedBytes>& sealed);

  std::shared_ptr<const StoreKeys> keys_;
  StorageReader* reader_;
  KnownIssuers* known_issuers_;
  std::unordered_map<Key, Entry, KeyHash> entries_;
  bool changed_ = false;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_WORKING_SET_H_
