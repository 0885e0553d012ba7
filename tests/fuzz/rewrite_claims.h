// What holds for Rewrite, whatever the text and the options are.

#ifndef MONIKER_TESTS_FUZZ_REWRITE_CLAIMS_H_
#define MONIKER_TESTS_FUZZ_REWRITE_CLAIMS_H_

#include <string>
#include <string_view>

#include "batch/rewriting.h"
#include "fuzz/fuzz_target.h"

namespace moniker::testing {

// Answers nothing, so that every value stays.
class SilentMapper : public CellMapper {
 public:
  Status Map(const CellBlock&, std::vector<CellFault>*) override { return Status::Ok(); }
};

inline CellMapperFactory Silence() {
  return []() -> Result<std::unique_ptr<CellMapper>> {
    return std::unique_ptr<CellMapper>(std::make_unique<SilentMapper>());
  };
}

inline bool IsComplete(const Rewritten& run) {
  return run.status.ok() && !run.outcome.fault.has_value();
}

// Blocks of any size give the same, and the rest from any checkpoint is the rest.
inline void RequireSameInBlocks(std::string_view text, RewriteOptions options, std::size_t small) {
  options.block_size = std::size_t{1} << 16;
  const Rewritten whole = RunRewrite(text, options);
  options.block_size = small;
  std::string checkpoint;
  std::size_t written = 0;
  const std::size_t stop_at = 1 + text.size() % 5;
  std::size_t blocks = 0;
  Rewritten parts = RunRewrite(text, options);
  Require(whole.status.code() == parts.status.code(), "blocks do not matter to a run's status");
  Require(whole.outcome.fault.has_value() == parts.outcome.fault.has_value(),
          "blocks do not matter to what is a fault");
  if (!IsComplete(whole)) return;
  Require(whole.text == parts.text, "blocks do not matter to the output");
  Require(whole.rejected == parts.rejected, "blocks do not matter to what is left out");

  options.checkpoints = true;
  const TextFile file(text);
  RewriteSinks sinks;
  std::string out;
  sinks.write = [&](std::string_view bytes) {
    out.append(bytes);
    return Status::Ok();
  };
  sinks.after_block = [&](const RewriteProgress& progress) {
    if (++blocks > stop_at) return Status::Ok();
    checkpoint = progress.checkpoint;
    written = out.size();
    return Status::Ok();
  };
  Require(Rewrite(file.fd(), options, Brackets(), sinks).ok(), "it is pure");
  options.resume_from = checkpoint;
  const Rewritten rest = RunRewrite(text, options);
  Require(IsComplete(rest) && rest.text == whole.text.substr(written),
          "a run goes on from a checkpoint");
}

// Where nothing is replaced and nothing left out, every byte stays.
inline void RequireUntouched(std::string_view text, const RewriteOptions& options) {
  const Rewritten run = RunRewrite(text, options, Silence());
  if (!IsComplete(run) || run.outcome.summary.rejected > 0) return;
  Require(run.text == text, "what is not replaced stays byte for byte");
}

// The output can be read again, and has as many records. REQUIRES: no column is dropped or added.
inline void RequireReadable(std::string_view text, const RewriteOptions& options) {
  const Rewritten run = RunRewrite(text, options);
  if (!IsComplete(run)) return;
  const RewriteSummary& first = run.outcome.summary;
  const Rewritten again = RunRewrite(run.text, options, Silence());
  Require(again.status.ok(), "an output is an input");
  if (again.outcome.fault) {
    // The only record that a path led through was left out.
    Require(first.rejected > 0 && again.outcome.fault->record == 0, "an output has no fault");
    return;
  }
  Require(again.outcome.summary.rejected == 0 &&
              again.outcome.summary.records == first.records - first.rejected,
          "an output has the records that were not left out");
}

inline void RequireJsonClaims(RecordFormat format, FuzzInput input) {
  const std::uint8_t flags = input.Byte();
  const std::size_t small = 1 + input.Byte();
  RewriteOptions options =
      JsonOptions(format, {Replaced("id"), Replaced("p[].id"), Beside("name", "label")});
  if ((flags & 1) != 0) options.columns = {Replaced("id"), Dropped("p")};
  options.skip_faulty = (flags & 2) != 0;
  const std::string_view text = FuzzInput::AsText(input.rest());
  RequireSameInBlocks(text, options, small);
  options.columns = {Replaced("id"), Replaced("p[].id")};
  RequireReadable(text, options);
  RequireUntouched(text, options);
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_FUZZ_REWRITE_CLAIMS_H_
