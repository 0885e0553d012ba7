// Rewrites the values of columns and paths, by a CellMapper.
//
// Thread safety: as RewriteJob.

#ifndef MONIKER_LIB_BATCH_COLUMN_JOB_H_
#define MONIKER_LIB_BATCH_COLUMN_JOB_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "batch/csv_records.h"
#include "batch/json_columns.h"
#include "batch/json_paths.h"
#include "batch/null_values.h"
#include "batch/rewrite_job.h"

namespace moniker::internal {

class ColumnJob final : public RewriteJob {
 public:
  // What is given must outlive this. REQUIRES: options that Rewrite has checked.
  ColumnJob(const RewriteOptions& options, const CellMapperFactory& mappers);

  Status AddWorker() override;
  Result<std::size_t> Begin(RecordFormat format, std::string_view text, std::size_t begin,
                            std::string* head) override;
  std::string_view header() const override { return header_; }
  Status Read(std::size_t worker, const Block& block, RecordBatch* batch) override;
  Status Map(std::size_t worker, RecordBatch* batch) override;
  const std::vector<std::string>& added() const override { return added_; }
  void Count(std::size_t worker) override;
  std::vector<std::uint64_t> Numbers() const override;
  bool SetNumbers(std::span<const std::uint64_t> numbers) override;
  std::optional<RecordFault> End(std::uint64_t records) override;

  // When the run is over.
  std::vector<ColumnCounts> TakeCounts() { return std::move(total_); }
  std::vector<std::string> TakePassedOn() { return std::move(passed_on_); }

 private:
  struct Worker {
    std::unique_ptr<CellMapper> mapper;
    std::unique_ptr<CsvRecords> csv;
    std::unique_ptr<JsonColumns> json;
    std::vector<ColumnCounts> counts;
  };

  Result<std::size_t> BeginCsv(std::string_view text, std::size_t begin, std::string* head);

  const RewriteOptions& options_;
  const CellMapperFactory& mappers_;
  const CsvQuoting quoting_;
  const NullValues nulls_;
  std::vector<std::string> added_;  // names, by column
  std::vector<Worker> workers_;

  // Written by Begin alone.
  RecordFormat format_ = RecordFormat::kCsv;
  std::optional<CsvPlan> plan_;
  std::optional<JsonPaths> paths_;
  std::string header_;
  std::vector<std::string> passed_on_;

  std::vector<ColumnCounts> total_;
  std::vector<bool> found_;  // of JSON, by column: whether its path led somewhere
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_COLUMN_JOB_H_
