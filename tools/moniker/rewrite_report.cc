#include "rewrite_report.h"

#include "failure.h"
#include "io.h"
#include "moniker/json_text.h"

namespace moniker::tool {
namespace {

constexpr std::uint64_t kMostMessages = 10;
constexpr std::size_t kNoColumn = static_cast<std::size_t>(-1);

std::string Context(const RecordFault& fault, const std::vector<RewriteColumn>& columns,
                    const std::string& context) {
  std::string where = context.empty() ? "" : context + ": ";
  if (fault.record > 0) where += "record " + std::to_string(fault.record);
  if (!fault.column) return where + (fault.record > 0 ? "" : "header");
  if (fault.record > 0) where += ": ";
  where += "column \"" + columns[*fault.column].name + "\"";
  if (fault.record > 0 && fault.status.code() == StatusCode::kInvalidArgument &&
      fault.status.locator() != Status::kNowhere) {
    where += " (byte " + std::to_string(fault.status.locator() + 1) + " of the value)";
  }
  return where;
}

std::string_view NameOf(RecordFormat format) {
  switch (format) {
    case RecordFormat::kCsv: return "csv";
    case RecordFormat::kJsonLines: return "jsonl";
    case RecordFormat::kJson: return "json";
  }
  __builtin_unreachable();
}

void AppendMember(std::string_view name, std::string_view value, std::string* out) {
  if (!out->ends_with('{')) out->push_back(',');
  AppendJsonString(name, out);
  out->push_back(':');
  AppendJsonString(value, out);
}

void AppendMember(std::string_view name, std::uint64_t value, std::string* out) {
  if (!out->ends_with('{')) out->push_back(',');
  AppendJsonString(name, out);
  out->push_back(':');
  out->append(std::to_string(value));
}

}  // namespace

void FailFault(const RecordFault& fault, const std::vector<RewriteColumn>& columns,
               const std::string& context) {
  FailRecordAt(fault.status, Context(fault, columns, context), fault.record,
               fault.column ? columns[*fault.column].name : "");
}

void RewriteReport::BeginInput(const std::string& input, const std::string& context,
                               const FaultCounts& faults) {
  context_ = context;
  inputs_.push_back({input, {}, faults});
  for (const auto& [place, count] : faults) rejected_ += count;
}

void RewriteReport::Add(const RecordFault& fault) {
  const auto key =
      std::make_pair(std::string(fault.status.message()), fault.column.value_or(kNoColumn));
  ++inputs_.back().faults[key];
  if (++rejected_ > kMostMessages || is_quiet_) return;
  Tell(Context(fault, columns_, context_) + ": " + std::string(fault.status.message()));
}

void RewriteReport::EndInput(const RewriteSummary& summary, ReportNumbers numbers) {
  inputs_.back().summary = summary;
  inputs_.back().numbers = std::move(numbers);
}

void RewriteReport::TellTotal() const {
  if (rejected_ == 0 || is_quiet_) return;
  std::uint64_t records = 0;
  for (const Input& input : inputs_) records += input.summary.records;
  Tell(std::to_string(rejected_) + " of " + std::to_string(records) + " records left out");
}

std::string RewriteReport::Json() const {
  std::string out = "{\"inputs\":[";
  for (const Input& input : inputs_) {
    if (&input != &inputs_.front()) out.push_back(',');
    AppendInput(input, &out);
  }
  return out + "]}\n";
}

void RewriteReport::AppendInput(const Input& input, std::string* out) const {
  const RewriteSummary& summary = input.summary;
  out->push_back('{');
  AppendMember("input", input.name, out);
  AppendMember("format", NameOf(summary.format), out);
  AppendMember("records", summary.records, out);
  AppendMember("written", summary.records - summary.rejected, out);
  AppendMember("rejected", summary.rejected, out);
  AppendMember("bytes_in", summary.bytes_in, out);
  AppendMember("bytes_out", summary.bytes_out, out);
  out->append(",\"columns\":[");
  for (std::size_t i = 0; i < summary.columns.size(); ++i) {
    out->append(i == 0 ? "{" : ",{");
    AppendMember("column", columns_[i].name, out);
    AppendMember("replaced", summary.columns[i].replaced, out);
    AppendMember("kept", summary.columns[i].kept, out);
    out->push_back('}');
  }
  out->push_back(']');
  if (!input.numbers.empty()) {
    out->append(",\"identities\":{");
    for (const auto& [what, count] : input.numbers) AppendMember(what, count, out);
    out->push_back('}');
  }
  out->append(",\"faults\":[");
  for (const auto& [place, count] : input.faults) {
    if (!out->ends_with('[')) out->push_back(',');
    out->push_back('{');
    AppendMember("what", place.first, out);
    if (place.second != kNoColumn) AppendMember("column", columns_[place.second].name, out);
    AppendMember("records", count, out);
    out->push_back('}');
  }
  out->append("]}");
}

}  // namespace moniker::tool
