// Rewrites the records of a text by what the IDs in them stand for.
//
// Thread safety: as RewriteJob.

#ifndef MONIKER_LIB_BATCH_IDENTITY_JOB_H_
#define MONIKER_LIB_BATCH_IDENTITY_JOB_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "batch/csv_records.h"
#include "batch/id_questions.h"
#include "batch/identity_documents.h"
#include "batch/identity_rewriter.h"
#include "batch/null_values.h"
#include "batch/rewrite_job.h"
#include "batch/row_rewriter.h"
#include "moniker/reidentify.h"

namespace moniker::internal {

class IdentityJob final : public RewriteJob {
 public:
  // What is given must outlive this. REQUIRES: options that Rewrite would take, without columns.
  IdentityJob(const RewriteOptions& options, const ReidentifyOptions& rules,
              const IdentitySourceFactory& sources);

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
  std::optional<RecordFault> End(std::uint64_t) override { return std::nullopt; }

  // When the run is over.
  ReidentifyCounts counts() const;

 private:
  struct Worker {
    Worker(const ReidentifyOptions& rules, const ReidentifyOptions& unmarked,
           std::unique_ptr<IdentitySource> identities)
        : source(std::move(identities)),
          collecting(&questions),
          answering(&questions),
          collector(&collecting, unmarked),
          rewriter(&answering, rules),
          json(&questions) {}

    std::unique_ptr<IdentitySource> source;
    IdQuestions questions;
    CollectingDirectory collecting;
    AnsweringDirectory answering;
    IdentityRewriter collector;
    IdentityRewriter rewriter;
    std::unique_ptr<CsvRecords> csv;
    IdentityDocuments json;
    // What takes the place of cells, and where it stands.
    std::string texts;
    std::vector<TextPlace> places;
  };

  Result<std::unique_ptr<Worker>> MakeWorker() const;
  Result<std::size_t> BeginCsv(std::string_view text, std::size_t begin, std::string* head);
  Status RewriteHeader(const std::vector<std::string>& names, std::string* head);
  void Collect(Worker* worker, RecordBatch* batch) const;
  void RewriteRows(Worker* worker, RecordBatch* batch) const;

  const RewriteOptions& options_;
  const ReidentifyOptions& rules_;
  const ReidentifyOptions unmarked_;  // for collecting: what is not known yet is not marked
  const IdentitySourceFactory& sources_;
  const CsvQuoting quoting_;
  const NullValues no_nulls_;
  const std::vector<std::string> added_;
  std::vector<std::unique_ptr<Worker>> workers_;

  // Written by Begin alone.
  RecordFormat format_ = RecordFormat::kCsv;
  std::unique_ptr<Worker> header_worker_;  // its source answers once, and so for the whole run
  std::string header_;
  std::vector<RowColumn> columns_;
  std::optional<CsvPlan> plan_;
  Status failure_;  // of the source, for the header

  ReidentifyCounts header_counts_;
  ReidentifyCounts total_;  // of the records
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_IDENTITY_JOB_H_
