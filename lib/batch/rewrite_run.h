// One run of Rewrite: takes blocks, has their records found, mapped and spliced on several threads,
// and hands out what becomes of them in order.
//
// Thread safety: used by one thread, which calls Run once.

#ifndef MONIKER_LIB_BATCH_REWRITE_RUN_H_
#define MONIKER_LIB_BATCH_REWRITE_RUN_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "batch/block_source.h"
#include "batch/csv_records.h"
#include "batch/json_paths.h"
#include "batch/json_records.h"
#include "batch/null_values.h"
#include "batch/ordered_work.h"
#include "batch/record_batch.h"
#include "moniker/rewrite.h"

namespace moniker::internal {

class RewriteRun final : public OrderedWork {
 public:
  // What is given must outlive this. REQUIRES: options that Rewrite has checked.
  RewriteRun(int input, const RewriteOptions& options, const RewriteSinks& sinks);

  // For each thread, before Run. Errors: those of the factory.
  Status AddWorker(const CellMapperFactory& mappers);

  // Errors: those of Rewrite that are not found in its options.
  Result<RewriteOutcome> Run();

  Result<bool> Take(std::size_t worker) override;
  void Prepare(std::size_t worker) override;
  Result<bool> Finish(std::size_t worker) override;

 private:
  // What belongs to a thread. What is found out about a block stays here until its turn comes.
  struct Worker {
    std::unique_ptr<CellMapper> mapper;
    std::unique_ptr<CsvRecords> csv;
    std::unique_ptr<JsonRecords> json;
    Block block;
    std::string head;  // written before the records of the first block: byte order mark, header
    RecordBatch batch;
    std::string out;
    std::string compressed;
    std::vector<ColumnCounts> counts;
    Status failure;                    // of the mapper: ends the run
    std::optional<RecordFault> fault;  // ends it as well; the record is counted from 0 in the block
    bool is_of_header = false;         // then there are no records
  };

  Status BeginCsv(std::string_view text, Worker* worker, std::size_t* begin);
  Result<CsvPlan> PlanFor(std::string_view text, std::size_t begin, std::size_t* end);
  void Begin(Worker* worker, std::size_t* begin);
  Status Parse(Worker* worker);
  void MapAndSplice(Worker* worker);
  Status MapCells(Worker* worker);
  bool TellFaults(const Worker& worker);
  Status WriteRejected(const Worker& worker);
  Status WriteOut(Worker* worker);
  Status Write(std::string_view bytes);
  void Count(const Worker& worker);
  Status Compress(Worker* worker);
  Status End();
  void CheckPaths();

  const RewriteOptions& options_;
  const RewriteSinks& sinks_;
  const CsvQuoting quoting_;
  const NullValues nulls_;
  std::vector<std::string> added_;  // names, by column
  std::vector<std::unique_ptr<Worker>> workers_;

  // Used in Take; what other threads read of it was written before their first block was taken.
  BlockSource source_;
  bool has_bad_beginning_ = false;
  std::optional<CsvPlan> plan_;
  std::optional<JsonPaths> paths_;
  std::string header_;
  std::vector<std::string> passed_on_;

  // Used in Finish.
  RewriteOutcome outcome_;
  bool has_written_record_ = false;
  bool has_rejected_header_ = false;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_REWRITE_RUN_H_
