#include "batch/record_batch.h"

#include <simdjson.h>

#include <algorithm>

#include "moniker/json_text.h"

namespace moniker::internal {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

bool NeedsQuotes(std::string_view value, const CsvQuoting& quoting) {
  if (value.empty()) return false;
  if (IsBlank(value.front()) || IsBlank(value.back()) || HasByteOf(value, quoting.special))
    return true;
  return value.starts_with("\xEF\xBB\xBF");  // at the beginning of a file it would be lost
}

void AppendCsvValue(std::string_view value, bool quoted, const CsvQuoting& quoting,
                    std::string* out) {
  if (quoting.quote == '\0' || !(quoted || NeedsQuotes(value, quoting))) {
    out->append(value);
    return;
  }
  out->push_back(quoting.quote);
  for (const char c : value) {
    if (c == quoting.quote) out->push_back(c);
    out->push_back(c);
  }
  out->push_back(quoting.quote);
}

bool IsCleanText(std::string_view text) {
  return text.find('\0') == std::string_view::npos && simdjson::validate_utf8(text);
}

}  // namespace

void RecordBatch::Clear(std::string_view text) {
  text_ = text;
  records_.clear();
  cells_.clear();
  edits_.clear();
  texts_.clear();
  faults_.clear();
  kept_.clear();
  groups_ = 0;
}

void RecordBatch::AddRemoval(std::size_t begin, std::size_t end) {
  edits_.push_back(
      {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), 0, EditStyle::kRemove});
}

void RecordBatch::AddEmptyQuotes(std::size_t at) {
  edits_.push_back(
      {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at), 0, EditStyle::kEmptyQuotes});
}

void RecordBatch::AddText(std::string_view text, std::size_t begin, std::size_t end) {
  edits_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end),
                    static_cast<std::uint32_t>(texts_.size()), EditStyle::kText});
  texts_.push_back(text);
}

void RecordBatch::AddFault(const Status& status, std::uint16_t column) {
  faults_.push_back({static_cast<std::uint32_t>(records_.size() - 1), column, status});
}

std::string_view RecordBatch::Keep(std::string_view decoded) {
  // Grown once for all: the views into it must stay.
  if (kept_.capacity() < text_.size()) kept_.reserve(text_.size());
  if (kept_.size() + decoded.size() > kept_.capacity()) __builtin_trap();
  const std::size_t begin = kept_.size();
  kept_.append(decoded);
  return std::string_view(kept_).substr(begin);
}

void RecordBatch::HideFaulty() {
  for (const CellFault& fault : faults_) records_[fault.record].rejected = true;
  if (faults_.empty()) return;
  for (Cell& cell : cells_) cell.is_null |= records_[cell.record].rejected;
}

void RecordBatch::CheckText() {
  if (IsCleanText(text_)) return;
  // The text as a whole was checked at once, which is faster, but does not tell the record.
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const Record& record = records_[i];
    if (IsCleanText(text_.substr(record.begin, record.end - record.begin))) continue;
    faults_.push_back({static_cast<std::uint32_t>(i), kNoColumn,
                       Status(StatusCode::kInvalidArgument, "NUL or not UTF-8")});
  }
}

void RecordBatch::SettleFaults(const CsvQuoting& quoting) {
  if (quoting.quote == '\0') {
    for (const Cell& cell : cells_) {
      if (!HasByteOf(cell.replacement, quoting.special)) continue;
      const Status status(StatusCode::kInvalidArgument,
                          "what takes its place cannot be written without quotes");
      faults_.push_back({cell.record, cell.column, status});
    }
  }
  std::stable_sort(faults_.begin(), faults_.end(),
                   [](const CellFault& a, const CellFault& b) { return a.record < b.record; });
  const auto of_same_record = [](const CellFault& a, const CellFault& b) {
    return a.record == b.record;
  };
  faults_.erase(std::unique(faults_.begin(), faults_.end(), of_same_record), faults_.end());
  for (const CellFault& fault : faults_) records_[fault.record].rejected = true;
}

void RecordBatch::FindFirstKept() {
  const auto kept = std::find_if(records_.begin(), records_.end(),
                                 [](const Record& record) { return !record.rejected; });
  first_kept_ = kept == records_.end() ? text_.size() + 1 : kept->begin;
}

// The edits of a record that is left out become its removal.
void RecordBatch::RemoveRejected() {
  kept_edits_.clear();
  auto edit = edits_.begin();
  for (const CellFault& fault : faults_) {
    const Record& record = records_[fault.record];
    for (; edit != edits_.end() && edit->begin < record.begin; ++edit) kept_edits_.push_back(*edit);
    kept_edits_.push_back({record.begin, record.end, 0, EditStyle::kRemove});
    while (edit != edits_.end() && edit->begin < record.end) ++edit;
  }
  kept_edits_.insert(kept_edits_.end(), edit, edits_.end());
  edits_.swap(kept_edits_);
}

void RecordBatch::AppendEdit(const Edit& edit, const CsvQuoting& quoting,
                             const std::vector<std::string>& added, std::string* out) const {
  const std::string_view raw = text_.substr(edit.begin, edit.end - edit.begin);
  if (edit.style == EditStyle::kRemove) return;
  if (edit.style == EditStyle::kEmptyQuotes) {
    out->append(2, quoting.quote);
    return;
  }
  if (edit.style == EditStyle::kText) {
    out->append(texts_[edit.cell]);
    return;
  }
  const Cell& cell = cells_[edit.cell];
  const bool stays = cell.replacement.data() == nullptr;
  const bool quoted = quoting.quote != '\0' && raw.starts_with(quoting.quote);
  switch (edit.style) {
    case EditStyle::kCsvAdded:
      out->append(raw);
      out->push_back(quoting.separator);
      [[fallthrough]];
    case EditStyle::kCsvField:
    case EditStyle::kCsvOnly:
      if (stays)
        out->append(raw);
      else
        AppendCsvValue(cell.replacement, quoted, quoting, out);
      if (edit.style == EditStyle::kCsvOnly && quoting.quote != '\0' &&
          (stays ? raw : cell.replacement).empty()) {
        out->append(2, quoting.quote);
      }
      return;
    case EditStyle::kJsonAdded:
      out->append(raw);
      out->push_back(',');
      AppendJsonString(added[cell.column], out);
      out->push_back(':');
      [[fallthrough]];
    case EditStyle::kJsonValue:
      if (stays)
        out->append(raw);
      else
        AppendJsonString(cell.replacement, out);
      return;
    default: return;
  }
}

void RecordBatch::Splice(const CsvQuoting& quoting, const std::vector<std::string>& added,
                         std::string* out) {
  if (!faults_.empty()) RemoveRejected();
  FindFirstKept();
  first_written_.reset();
  std::size_t copied = 0;
  for (const Edit& edit : edits_) {
    if (!first_written_ && first_kept_ <= edit.begin) {
      first_written_ = out->size() + (first_kept_ - copied);
    }
    out->append(text_.data() + copied, edit.begin - copied);
    AppendEdit(edit, quoting, added, out);
    copied = edit.end;
  }
  if (!first_written_ && first_kept_ <= text_.size()) {
    first_written_ = out->size() + (first_kept_ - copied);
  }
  out->append(text_.data() + copied, text_.size() - copied);
}

}  // namespace moniker::internal
