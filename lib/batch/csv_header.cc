#include "batch/csv_header.h"

#include "base/status_macros.h"
#include "batch/csv_records.h"

namespace moniker::internal {

Result<CsvHeader> ReadCsvHeader(std::string_view text, std::size_t begin,
                                const CsvQuoting& quoting) {
  if (begin == text.size()) return Status(StatusCode::kInvalidArgument, "CSV: no header");
  const NullValues none({});
  RecordBatch batch;
  batch.Clear(text);
  CsvRecords reader(quoting, /*pass_ragged=*/true, &none);
  const Result<std::size_t> end = reader.Read(begin, 1, CsvPlan::ForHeader(), &batch);
  if (!end.ok()) return end.status().At(Status::kNowhere);
  RecordBatch alone;
  alone.Clear(text.substr(0, *end));
  alone.BeginRecord(begin);
  alone.EndRecord(*end);
  alone.CheckText();
  if (!alone.faults().empty()) return alone.faults().front().status;
  CsvHeader header;
  header.end = *end;
  for (const Cell& cell : batch.cells()) header.names.emplace_back(cell.value);
  return header;
}

}  // namespace moniker::internal
