// Where a mapping store leaves word of its last change, outside itself: whoever puts an older copy
// of the store in its place does not thereby turn back what the anchor holds.
//
// A vault has one of its own (store.head, in its folder) and, if it was made with one, another at a
// place of the owner's choice. An anchor is worth as much as the difference between those who can
// write it and those who can write the store.
//
// It also outlives the store: who was erased is remembered there too (Vault::Erase), so that a
// backup that is restored after the store was lost does not bring anybody back.
//
// Format of what it holds: docs/formats/mapping-store.md, section 6.
// Thread safety: an anchor may be called from any thread; writes of one store never overlap.

#ifndef MONIKER_ANCHOR_H_
#define MONIKER_ANCHOR_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "moniker/result.h"
#include "moniker/status.h"

namespace moniker {

class Anchor {
 public:
  // A head is at most this long.
  static constexpr std::size_t kMaxHeadSize = 256;
  using Head = std::vector<std::uint8_t>;

  virtual ~Anchor() = default;

  // What was kept, the last two or fewer, in any order: if the machine fails while one is written,
  // the one before it must be there. Errors: kNotFound if the anchor is gone; kPermission, kIo.
  virtual Result<std::vector<Head>> ReadHeads() = 0;

  // Keeps the head that stands at this counter, which is one above the last as a rule. Called after
  // every change of the store, while nobody else can write: need not be durable when it returns, as
  // an anchor may be behind the store but never ahead.
  // Errors: kNotFound, kPermission, kReadOnly, kNoSpace, kIo. The change stands all the same.
  virtual Status KeepHead(std::uint64_t counter, std::span<const std::uint8_t> head) = 0;

  // Beside the heads an anchor holds a log, to which records of this size are added for ever.
  static constexpr std::size_t kLogRecordSize = 128;

  // Adds one or several records, of which some or none are there if the machine fails meanwhile
  // (a record that is not there whole may be zeros); durable when it returns.
  // Errors: as KeepHead. What the store was about to do is then not done.
  virtual Status AppendToLog(std::span<const std::uint8_t> records) = 0;

  // All records. Errors: as ReadHeads.
  virtual Result<std::vector<std::uint8_t>> ReadLog() = 0;
};

// Makes an anchor file, mode 0600. Errors: kConflict if something is there; those of writing.
Status CreateFileAnchor(const std::string& path);

// The file is looked for with every call. Anything but a regular file is kNotFound.
std::unique_ptr<Anchor> OpenFileAnchor(const std::string& path);

}  // namespace moniker

#endif  // MONIKER_ANCHOR_H_
