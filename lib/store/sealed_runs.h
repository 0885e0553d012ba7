// Sealed rows on their way into a table: collected in any order, given back in ascending order of
// tags, so that the index of a large table is written page by page and not at random places. They
// lie in runs, each in order, in a file without a name, sealed as they are; what is not sealed
// never gets there.
//
// Thread safety: used by one thread.

#ifndef MONIKER_LIB_STORE_SEALED_RUNS_H_
#define MONIKER_LIB_STORE_SEALED_RUNS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "moniker/result.h"
#include "moniker/status.h"
#include "moniker/storage_backend.h"

namespace moniker::internal {

class SealedRuns {
 public:
  static constexpr std::size_t kTagSize = 16;

  // With a folder for the file; without one, or where the file system has no files without names,
  // everything stays in memory. Errors: kPermission, kReadOnly, kNoSpace, kIo.
  static Result<SealedRuns> Create(const std::string& folder);

  // Whether there is a file.
  bool in_file() const { return file_.valid(); }

  // `number` is the caller's. REQUIRES: a tag of kTagSize bytes, before Finish.
  // Errors of these: kNoSpace, kIo.
  Status Add(const RecordTag& tag, std::uint32_t number, ByteView sealed);
  // No more is added.
  Status Finish();

  struct Rows {
    std::vector<SealedRecord> records;
    std::vector<std::uint32_t> numbers;
  };
  // The next rows, in ascending order of tags, of one tag in the order in which they were added; at
  // most `limit`, none at the end. The memory of `rows` is used again. REQUIRES: Finish was called.
  Status Next(std::size_t limit, Rows* rows);

 private:
  // A row that waits in pending_, and its tag as two numbers that are quick to compare.
  struct Place {
    std::uint64_t high;
    std::uint64_t low;
    std::size_t offset;
  };
  // Where the reading of a run stands: the row that comes next is in `buffer`, from `used` on.
  struct Cursor {
    std::uint64_t position;  // of what was not read into the buffer
    std::uint64_t end;
    std::vector<std::uint8_t> buffer;
    std::size_t used = 0;

    ByteView left() const { return ByteView(buffer).subspan(used); }
    ByteView tag() const { return left().first(kTagSize); }
  };

  Status WriteRun();
  Status Write(ByteView bytes);
  Status ReadAt(std::uint64_t position, ByteSpan bytes) const;
  // Has `size` bytes of the run in the buffer.
  Status Fill(Cursor* cursor, std::size_t size) const;
  Result<bool> LoadRow(Cursor* cursor) const;
  Status BeginReading();
  bool IsBehind(std::size_t a, std::size_t b) const;
  static void Take(Cursor* cursor, std::uint32_t* number, SealedRecord* record);

  FileDescriptor file_;
  std::vector<std::uint8_t> image_;  // in place of a file
  std::uint64_t size_ = 0;           // of file or image
  std::vector<std::uint8_t> pending_;
  std::vector<Place> places_;
  std::vector<Cursor> runs_;
  std::vector<std::size_t> heap_;  // runs that have rows left, that of the next one in front
  bool is_reading_ = false;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_SEALED_RUNS_H_
