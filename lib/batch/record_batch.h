// The records of one block: what a parser found, what a mapper answered, and what becomes of the
// text. Used again for block after block, so that nothing is allocated for a record.
//
// Thread safety: used by one thread at a time.

#ifndef MONIKER_LIB_BATCH_RECORD_BATCH_H_
#define MONIKER_LIB_BATCH_RECORD_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "batch/byte_scan.h"
#include "moniker/cell_mapper.h"

namespace moniker::internal {

// A fault of the record as a whole has this column.
inline constexpr std::uint16_t kNoColumn = 0xFFFF;

// How something else stands in the place of a part of the text.
enum class EditStyle : std::uint8_t {
  kRemove,
  kCsvField,   // quoted if it was quoted or has to be
  kCsvOnly,    // the only field of its record, which must not become a blank line
  kCsvAdded,   // behind the field: separator, value
  kJsonValue,  // the value as a string
  kJsonAdded,  // behind the member: comma, name, value
  kText,       // fixed text
  kEmptyQuotes,
};

struct Edit {
  std::uint32_t begin;
  std::uint32_t end;   // of kCsvAdded and kJsonAdded: the value itself, behind which they stand
  std::uint32_t cell;  // of kText: index of the text
  EditStyle style;
};

struct CsvQuoting {
  explicit CsvQuoting(char separator_character = ',', char quote_character = '"')
      : separator(separator_character),
        quote(quote_character),
        special{separator, quote, '\r', '\n'} {}

  char separator;
  char quote;       // NUL: none
  ByteSet special;  // what cannot stand in a field without quotes
};

class RecordBatch {
 public:
  struct Record {
    std::uint32_t begin;  // of a JSON element: with the comma before it
    std::uint32_t end;    // behind the line end
    bool rejected;
  };

  void Clear(std::string_view text);

  // --- For parsers, in the order of the text ---

  std::string_view text() const { return text_; }
  void BeginRecord(std::size_t begin) {
    records_.push_back(
        {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin), false});
  }
  void EndRecord(std::size_t end) { records_.back().end = static_cast<std::uint32_t>(end); }
  std::uint32_t AddGroup() { return groups_++; }
  void AddCell(std::string_view value, std::uint16_t column, std::uint32_t group, bool is_null) {
    const auto record = static_cast<std::uint32_t>(records_.size() - 1);
    cells_.push_back({value, {}, record, group, column, is_null});
  }
  // An edit with the replacement of the last cell.
  void AddEdit(EditStyle style, std::size_t begin, std::size_t end) {
    edits_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end),
                      static_cast<std::uint32_t>(cells_.size() - 1), style});
  }
  void AddRemoval(std::size_t begin, std::size_t end);
  // A pair of quotes in front of this place.
  void AddEmptyQuotes(std::size_t at);
  // `text` must live as long as the batch is not cleared.
  void AddText(std::string_view text, std::size_t begin, std::size_t end);
  // The record that was begun last cannot be written.
  void AddFault(const Status& status, std::uint16_t column = kNoColumn);
  // A copy that lives until the next block. All of a block together may not be longer than it.
  std::string_view Keep(std::string_view decoded);

  // --- For the run ---

  const std::vector<Record>& records() const { return records_; }
  std::vector<Cell>& cells() { return cells_; }
  CellBlock block() { return {cells_, groups_}; }
  std::vector<CellFault>& faults() { return faults_; }
  const std::vector<CellFault>& faults() const { return faults_; }

  // Adds a fault for each record with NUL or bytes that are not UTF-8.
  void CheckText();

  // Before mapping: the cells of records with a fault become null, so that nobody is asked for
  // them.
  void HideFaulty();

  // After mapping: one fault for each record, in their order; these records are marked.
  void SettleFaults(const CsvQuoting& quoting);

  // Appends the text with all edits, without the records that were rejected. `added` are the names
  // for kJsonAdded by column. REQUIRES: SettleFaults was called.
  void Splice(const CsvQuoting& quoting, const std::vector<std::string>& added, std::string* out);

  // Where the first record stands in what Splice appended, if one was written.
  std::optional<std::size_t> first_written() const { return first_written_; }

 private:
  void AppendEdit(const Edit& edit, const CsvQuoting& quoting,
                  const std::vector<std::string>& added, std::string* out) const;
  void RemoveRejected();
  void FindFirstKept();

  std::string_view text_;
  std::vector<Record> records_;
  std::vector<Cell> cells_;
  std::vector<Edit> edits_;
  std::vector<Edit> kept_edits_;
  std::vector<std::string_view> texts_;
  std::vector<CellFault> faults_;
  std::string kept_;
  std::uint32_t groups_ = 0;
  std::size_t first_kept_ = 0;
  std::optional<std::size_t> first_written_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_RECORD_BATCH_H_
