// What a look at the whole of a mapping store has found.
//
// Thread safety: values.

#ifndef MONIKER_STORE_REPORT_H_
#define MONIKER_STORE_REPORT_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "moniker/storage_backend.h"

namespace moniker {

// How what an anchor holds stands to the store.
enum class AnchorState : std::uint8_t {
  kCurrent,       // it names this very state
  kBehind,        // it names an earlier one: it could not be reached since, or a machine failed
  kAhead,         // it names a later one: the store was put back to an older state
  kOtherHistory,  // it names another state of the same number: two copies were in use
  kAltered,       // it holds what this store did not leave
  kMissing,       // it is gone or empty, or cannot be read
};

// "current", "behind", "ahead", "other_history", "altered", "missing"; a static string.
const char* AnchorStateName(AnchorState state);

struct AnchorReport {
  AnchorState state;
  std::uint64_t counter;        // changes of the store that it names; 0 if it names none
  std::uint64_t audit_entries;  // entries of the audit log that it names
};

struct StoreReport {
  // Record that does not open, or is not of its format.
  struct AlteredRecord {
    Table table;
    RecordTag tag;
  };
  static constexpr std::size_t kMaxListed = 1000;

  // What the rows of a table are and should be.
  struct TableReport {
    std::uint64_t expected = 0;
    std::uint64_t found = 0;
    bool as_written = false;  // exactly the rows that were written last
  };

  std::uint64_t counter = 0;  // changes of the store since it was made
  std::uint64_t records = 0;  // looked at
  bool database_damaged = false;
  std::uint64_t altered_count = 0;
  std::vector<AlteredRecord> altered;  // the first kMaxListed
  std::array<TableReport, kTableCount> tables{};
  std::vector<AnchorReport> anchors;  // that of the vault's folder first

  bool records_intact() const {
    return !database_damaged && altered_count == 0 &&
           std::ranges::all_of(tables, &TableReport::as_written);
  }
  // Nothing at all is wrong; an anchor that is merely behind is no fault.
  bool intact() const {
    return records_intact() && std::ranges::all_of(anchors, [](const AnchorReport& anchor) {
             return anchor.state == AnchorState::kCurrent || anchor.state == AnchorState::kBehind;
           });
  }
};

}  // namespace moniker

#endif  // MONIKER_STORE_REPORT_H_
