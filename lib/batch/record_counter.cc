#include "batch/record_counter.h"

#include <algorithm>

#include "batch/block_source.h"
#include "batch/json_index.h"

namespace moniker::internal {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool IsArray(std::string_view beginning) {
  beginning.remove_prefix(SizeOfByteOrderMark(beginning));
  return SkipJsonSpace(beginning).starts_with('[');
}

}  // namespace

RecordCounter::RecordCounter(RecordFormat format, char quote, std::string_view beginning)
    : format_(format),
      quote_(quote),
      record_depth_(format == RecordFormat::kJson && IsArray(beginning) ? 1 : 0),
      is_in_record_(format == RecordFormat::kCsv) {}

void RecordCounter::Add(std::string_view text) {
  for (const char c : text) {
    switch (format_) {
      case RecordFormat::kCsv: AddCsv(c); break;
      case RecordFormat::kJsonLines: AddLine(c); break;
      case RecordFormat::kJson: AddJson(c); break;
    }
  }
}

std::uint64_t RecordCounter::record() const {
  return format_ == RecordFormat::kCsv ? records_ : std::max(records_, std::uint64_t{1});
}

void RecordCounter::AddCsv(char c) {
  if (!is_in_record_) ++records_;
  if (quote_ != '\0' && c == quote_) is_in_quotes_ = !is_in_quotes_;
  is_in_record_ = c != '\n' || is_in_quotes_;
}

// Blank lines are no records.
void RecordCounter::AddLine(char c) {
  if (!IsSpace(c) && !is_in_record_) ++records_;
  is_in_record_ = c != '\n' && (is_in_record_ || !IsSpace(c));
}

void RecordCounter::AddJson(char c) {
  if (is_in_quotes_) {
    if (c == '"' && !is_escaped_) is_in_quotes_ = false;
    is_escaped_ = c == '\\' && !is_escaped_;
    return;
  }
  const bool ends = c == '}' || c == ']';
  if (ends && depth_ > 0) --depth_;
  if (depth_ == record_depth_ && !ends) {
    const bool is_between = IsSpace(c) || c == ',';
    if (!is_between && !is_in_record_) ++records_;
    is_in_record_ = !is_between;
  }
  if (ends && depth_ <= record_depth_) is_in_record_ = false;
  if (c == '"') is_in_quotes_ = true;
  if (c == '{' || c == '[') ++depth_;
}

}  // namespace moniker::internal
