// The seam to the database: tables that map a tag to a sealed record. A backend sees keyed tags and
// sealed bytes and nothing else; whoever writes one needs no key and learns no person.
//
// Format: docs/formats/mapping-store.md, section 1.
// Thread safety: a backend may be called from any thread and its files or database used by several
// processes. A transaction belongs to the thread that began it.

#ifndef MONIKER_STORAGE_BACKEND_H_
#define MONIKER_STORAGE_BACKEND_H_

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "moniker/result.h"
#include "moniker/status.h"

namespace moniker {

// persistent: never renumber
enum class Table : std::uint8_t {
  kMeta = 0,
  kPerson = 1,
  kExternalId = 2,
  kParticipant = 3,
  kAudit = 4,
  kIdentifier = 5,
  kRoster = 6,
  kTombstone = 7,
};
inline constexpr std::size_t kTableCount = 8;

// What a record is found under: 0..16 bytes, ordered as bytes.
class RecordTag {
 public:
  static constexpr std::size_t kMaxSize = 16;

  RecordTag() = default;
  // REQUIRES: bytes.size() <= kMaxSize; what lies beyond is cut off.
  explicit RecordTag(std::span<const std::uint8_t> bytes)
      : size_(static_cast<std::uint8_t>(std::min(bytes.size(), kMaxSize))) {
    std::copy_n(bytes.begin(), size_, bytes_.begin());
  }

  std::span<const std::uint8_t> bytes() const { return {bytes_.data(), size_}; }

  // Unused bytes are zero, so that a prefix comes before what it is a prefix of.
  friend auto operator<=>(const RecordTag&, const RecordTag&) = default;

 private:
  std::array<std::uint8_t, kMaxSize> bytes_{};
  std::uint8_t size_ = 0;
};

// Where a walk through a table stands, from its begin on. What is in it is the backend's own.
struct WalkPosition {
  std::optional<RecordTag> tag;
  std::int64_t row = 0;
  bool started = false;
};

using SealedBytes = std::vector<std::uint8_t>;

struct SealedRecord {
  RecordTag tag;
  SealedBytes sealed;
};

// Errors of every function below: kIo, kAltered (the database is damaged), kClosed (after a failure
// that makes the connection useless, after the end of a transaction, or in the child of a fork),
// kExhausted (no memory), kPermission; and where reading needs the log's index file to be made,
// kNoSpace and kReadOnly.
class StorageReader {
 public:
  virtual ~StorageReader() = default;

  // found[i] is the record of tags[i], or nothing. `found` is made as long as `tags`.
  virtual Status FindMany(Table table, std::span<const RecordTag> tags,
                          std::vector<std::optional<SealedBytes>>* found) = 0;

  // At most `limit` records in ascending order of tags, from the first above `after` (from the very
  // first if there is none).
  virtual Status Scan(Table table, const std::optional<RecordTag>& after, std::size_t limit,
                      std::vector<SealedRecord>* records) = 0;

  // At most `limit` records in the order in which they lie, whatever that is, from where the
  // position stands, which goes on; none at the end. Each record is met once; of those that are
  // added or erased meanwhile it is not said whether. For looking at all of a large table.
  virtual Status Walk(Table table, std::size_t limit, WalkPosition* position,
                      std::vector<SealedRecord>* records) {
    const Status status = Scan(table, position->tag, limit, records);
    if (status.ok() && !records->empty()) position->tag = records->back().tag;
    return status;
  }

  // The highest tag of a table, or nothing if it is empty.
  virtual Result<std::optional<RecordTag>> LastTag(Table table) = 0;

  virtual Result<std::uint64_t> Count(Table table) = 0;
};

// Reads see what the transaction has written. Nothing is kept unless Commit succeeds.
class StorageTransaction : public StorageReader {
 public:
  // Adds the records, or replaces those whose tags are there. If a tag occurs twice the last
  // counts. Errors also: kNoSpace, kReadOnly. After an error the transaction can only be destroyed.
  virtual Status PutMany(Table table, std::span<const SealedRecord> records) = 0;

  // Adds those records whose tags are not there and leaves those that are as they are: (*added)[i]
  // says which. If a tag occurs twice the first counts. Fastest in ascending order of tags.
  // Errors: as PutMany.
  virtual Status AddMany(Table table, std::span<const SealedRecord> records,
                         std::vector<bool>* added) = 0;

  // Tags that are not there are no error.
  virtual Status EraseMany(Table table, std::span<const RecordTag> tags) = 0;

  // Brings the tables of an older format, which are kept, to that of this version, with the rest of
  // the transaction or not at all. Nothing to do if they are.
  virtual Status Upgrade() = 0;

  // All or nothing, and durable when it returns success. Once: afterwards, and after an error, the
  // transaction answers every call with kClosed. `committed` is called after success, before
  // anybody else can write.
  using Committed = std::function<void()>;
  virtual Status Commit(const Committed& committed) = 0;
  Status Commit() { return Commit(nullptr); }
};

// What the database says of itself. Not authenticated; the settings record repeats it.
struct StoreFormat {
  std::uint32_t application_id;
  std::uint32_t version;

  friend bool operator==(const StoreFormat&, const StoreFormat&) = default;
};
inline constexpr StoreFormat kStoreFormat = {0x6d6e6b73, 2};  // "mnks"

// The store as it was when the snapshot was taken, whatever is written meanwhile. Belongs to one
// thread; a long life keeps the database's log from being shortened.
class StorageSnapshot : public StorageReader {
 public:
  // Looks for damage in what holds the records together. kAltered if there is some.
  virtual Status CheckStructure() = 0;
};

// As StorageBackend::Mark.
using ChangeMark = std::array<std::uint32_t, 12>;

class StorageBackend : public StorageReader {
 public:
  // Waits until no other thread or process writes.
  // Errors also: kReadOnly.
  virtual Result<std::unique_ptr<StorageTransaction>> Begin() = 0;

  virtual Result<StoreFormat> Format() = 0;

  // Differs from every earlier answer once anybody, in whatever process, has committed since. It is
  // asked for with every request, so it takes no more than reading memory; nothing from a backend
  // that cannot do that, and in the child of a fork: then the settings are read with every request.
  virtual std::optional<ChangeMark> Mark() { return std::nullopt; }

  virtual Result<std::unique_ptr<StorageSnapshot>> Snapshot() = 0;

  // Moves what the database keeps in a log into its tables' own files, as far as readers let it,
  // and says whether the log is empty now; for one without a log there is nothing to do.
  virtual Result<bool> Checkpoint() = 0;

  // A folder for files without a name that hold sealed records for a while; empty if there is none
  // and they have to stay in memory.
  virtual std::string FolderForScratch() const { return {}; }
};

// Keeps everything in memory, for tests and for what shall not be kept. Not for several processes.
std::unique_ptr<StorageBackend> MakeMemoryBackend();

}  // namespace moniker

#endif  // MONIKER_STORAGE_BACKEND_H_
