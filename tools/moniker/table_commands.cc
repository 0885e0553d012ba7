// What a table of remap is good for without any vault: the same remap again, and the proof of one.

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "batch_job.h"
#include "commands.h"
#include "io.h"
#include "moniker/output_check.h"
#include "moniker/reidentify.h"
#include "records.h"
#include "remap_report.h"
#include "remap_table.h"
#include "remap_table_file.h"

namespace moniker::tool {
namespace {

class TableSource final : public IdentitySource {
 public:
  explicit TableSource(const RemapTable& table) : table_(table) {}

  Status FindMany(std::span<const std::string_view> ids,
                  std::span<std::optional<KnownIdentity>> answers) override {
    for (std::size_t i = 0; i < ids.size(); ++i) answers[i] = table_.Find(ids[i]);
    return Status::Ok();
  }

 private:
  const RemapTable& table_;
};

IdentitySourceFactory SourcesOf(const RemapTable& table) {
  return [&table]() -> Result<std::unique_ptr<IdentitySource>> {
    return std::unique_ptr<IdentitySource>(std::make_unique<TableSource>(table));
  };
}

ReidentifyOptions RulesOf(const TableOptions& options) {
  ReidentifyOptions rules;
  rules.name_fields = options.name_columns;
  rules.unknown_mark = options.unknown_mark;
  return rules;
}

// What is wrong with a table that is to prove something is found, not failed.
std::unique_ptr<RemapTable> ReadProof(const std::string& path) {
  try {
    return ReadRemapTable(path);
  } catch (const Failure& failure) {
    if (!failure.record()) throw;
    throw Failure(kKeyOrAltered, failure.what())
        .Because(StatusCode::kAltered)
        .At(*failure.record(), failure.field());
  }
}

void RequireFile(const std::string& path) {
  struct stat info;
  const bool is_other = ::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode);
  if (path == "-" || is_other) FailUsage("verify: only of a file that can be read twice");
}

}  // namespace

ExitStatus ApplyTable(const TableOptions& options) {
  RewriteOptions rewrite;
  BatchJob job(options.batch, options.vault, &rewrite);
  const ReidentifyOptions rules = RulesOf(options);
  const std::unique_ptr<RemapTable> table = ReadRemapTable(options.table);
  RemapReport report;
  BatchWork work;
  work.pass = [&](int input, const RewriteOptions& pass,
                  const RewriteSinks& sinks) -> Result<RewriteOutcome> {
    Result<ReidentifyOutcome> outcome = Reidentify(input, pass, rules, SourcesOf(*table), sinks);
    if (!outcome.ok()) return outcome.status();
    report.Add(outcome->counts);
    return RewriteOutcome{std::move(outcome->summary), std::move(outcome->fault)};
  };
  work.terms = {"table", options.unknown_mark, options.batch.resume ? CsvOf(*table) : ""};
  work.terms.insert(work.terms.end(), options.name_columns.begin(), options.name_columns.end());
  work.numbers = [&] { return report.OfInput(*table); };
  const ExitStatus status = job.Run(nullptr, work);
  if (!options.vault.quiet) report.TellIds();
  return report.has_unknown() ? kSomeRejected : status;
}

ExitStatus VerifyTable(const TableOptions& options) {
  // Both are what a run reads, and nothing is written.
  BatchOptions batch = options.batch;
  batch.inputs = {options.old_file};
  batch.dry_run = true;
  RequireFile(options.old_file);
  RequireFile(options.new_file);
  RewriteOptions rewrite;
  BatchJob job(batch, options.vault, &rewrite);
  const ReidentifyOptions rules = RulesOf(options);
  const std::unique_ptr<RemapTable> table = ReadProof(options.table);
  const Input new_file(options.new_file);
  std::optional<std::uint64_t> different;
  BatchWork work;
  work.pass = [&](int input, const RewriteOptions& pass,
                  const RewriteSinks& sinks) -> Result<RewriteOutcome> {
    Result<OutputCheck> check =
        CheckReidentified(input, new_file.fd(), pass, rules, SourcesOf(*table), sinks);
    if (!check.ok()) return check.status();
    different = check->different_record;
    return RewriteOutcome{std::move(check->run.summary), std::move(check->run.fault)};
  };
  const ExitStatus status = job.Run(nullptr, work);
  JsonLine line;
  line.Number("rows", static_cast<std::int64_t>(table->size()))
      .Bool("one_to_one", true)
      .Bool("equal", !different);
  if (different) line.Number("record", static_cast<std::int64_t>(*different));
  std::string out;
  line.AppendTo(&out);
  Output("-").Write(out);
  if (different) {
    throw Failure(kKeyOrAltered, options.new_file + ": record " + std::to_string(*different) +
                                     ": not what the table makes of the old one")
        .Because(StatusCode::kAltered)
        .At(*different);
  }
  return status;
}

}  // namespace moniker::tool
