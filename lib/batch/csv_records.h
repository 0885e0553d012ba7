// Finds the records of CSV and, in each, the fields that something is done with.
//
// Thread safety: a CsvPlan may be read from several threads; a CsvRecords is used by one at a time.

#ifndef MONIKER_LIB_BATCH_CSV_RECORDS_H_
#define MONIKER_LIB_BATCH_CSV_RECORDS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "batch/null_values.h"
#include "batch/record_batch.h"
#include "moniker/result.h"
#include "moniker/rewrite.h"

namespace moniker::internal {

// What is done with each column of a header.
class CsvPlan {
 public:
  enum class Action : std::uint8_t { kPass, kReplace, kLook, kAdd, kDrop };
  struct Column {
    Action action = Action::kPass;
    std::uint16_t rule = 0;       // index into RewriteOptions::columns
    std::uint32_t untouched = 0;  // how many from this one on pass as they are
  };

  // Errors, with the index of the option's column as locator: kNotFound; kConflict for two columns
  // of one name, or a name that is added and there already; kInvalidArgument if no column is left.
  static Result<CsvPlan> Make(const std::vector<std::string>& header,
                              const std::vector<RewriteColumn>& rules);

  // Every column is replaced, with its number as rule. Errors: kUnsupported for too many.
  static Result<CsvPlan> ForAll(std::size_t columns);

  // For a header as such: all fields are cells.
  static CsvPlan ForHeader() { return CsvPlan(); }

  bool is_for_header() const { return columns_.empty(); }
  std::size_t size() const { return columns_.size(); }
  const Column& column(std::size_t i) const { return columns_[i]; }
  std::uint32_t untouched_from(std::size_t i) const {
    return i < columns_.size() ? columns_[i].untouched : 0;
  }
  std::size_t first_kept() const { return first_kept_; }
  // All columns but this one are dropped, and a text of it that is empty would be a blank line.
  bool is_only_one(std::size_t i) const { return is_alone_ && i == first_kept_; }

 private:
  std::vector<Column> columns_;
  std::size_t first_kept_ = 0;
  bool is_alone_ = false;
};

class CsvRecords {
 public:
  CsvRecords(const CsvQuoting& quoting, bool pass_ragged, const NullValues* nulls)
      : quoting_(quoting), pass_ragged_(pass_ragged), nulls_(*nulls) {}

  // Adds at most `most` records from text[begin] on, which is where a record begins; returns where
  // they end. A record that has not as many fields as the plan is a fault, unless that is passed.
  // Errors: kInvalidArgument for quotes out of place and CR without LF; the locator is the record.
  Result<std::size_t> Read(std::size_t begin, std::size_t most, const CsvPlan& plan,
                           RecordBatch* batch);

 private:
  struct Field {
    std::size_t begin;
    std::size_t end;
    bool is_quoted = false;
    bool has_doubled_quotes = false;
  };

  Result<std::size_t> ReadRecord(std::size_t begin, const CsvPlan& plan, RecordBatch* batch);
  std::size_t PassFields(std::string_view text, std::size_t most, std::size_t* pos);
  Status ReadField(std::string_view text, Field* field);
  Status ReadQuoted(std::string_view text, Field* field);
  void AddField(const Field& field, std::size_t index, bool is_last, const CsvPlan& plan,
                RecordBatch* batch);
  void DropField(const Field& field, std::size_t index, bool is_last, const CsvPlan& plan,
                 RecordBatch* batch);
  std::string_view ValueOf(const Field& field, RecordBatch* batch);

  const CsvQuoting quoting_;
  const bool pass_ragged_;
  const NullValues& nulls_;
  std::vector<std::uint32_t> places_;  // of separators, quotes, CR and LF
  std::size_t place_ = 0;              // the first that was not passed yet
  std::string decoded_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_CSV_RECORDS_H_
