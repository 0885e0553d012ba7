#include "batch/csv_records.h"

#include <algorithm>
#include <limits>

#include "base/status_macros.h"
#include "batch/byte_scan.h"

namespace moniker::internal {
namespace {

CsvPlan::Action ActionOf(const RewriteColumn& rule) {
  switch (rule.fate) {
    case RewriteColumn::Fate::kReplace: return CsvPlan::Action::kReplace;
    case RewriteColumn::Fate::kKeep:
      return rule.added.empty() ? CsvPlan::Action::kLook : CsvPlan::Action::kAdd;
    case RewriteColumn::Fate::kDrop: return CsvPlan::Action::kDrop;
  }
  __builtin_unreachable();
}

Status Malformed(LiteralMessage message) { return Status(StatusCode::kInvalidArgument, message); }

}  // namespace

Result<CsvPlan> CsvPlan::Make(const std::vector<std::string>& header,
                              const std::vector<RewriteColumn>& rules) {
  CsvPlan plan;
  plan.columns_.resize(header.size());
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto locator = static_cast<std::int64_t>(i);
    const auto found = std::find(header.begin(), header.end(), rules[i].name);
    if (found == header.end()) {
      return Status(StatusCode::kNotFound, "there is none in the header", locator);
    }
    if (std::find(found + 1, header.end(), rules[i].name) != header.end()) {
      return Status(StatusCode::kConflict, "there are several", locator);
    }
    if (!rules[i].added.empty() &&
        std::find(header.begin(), header.end(), rules[i].added) != header.end()) {
      return Status(StatusCode::kConflict, "the column to add is there already", locator);
    }
    plan.columns_[static_cast<std::size_t>(found - header.begin())] = {
        ActionOf(rules[i]), static_cast<std::uint16_t>(i)};
  }
  const auto is_dropped = [](const Column& column) { return column.action == Action::kDrop; };
  const auto first = std::find_if_not(plan.columns_.begin(), plan.columns_.end(), is_dropped);
  if (first == plan.columns_.end()) {
    return Status(StatusCode::kInvalidArgument, "the last column cannot be dropped", 0);
  }
  plan.first_kept_ = static_cast<std::size_t>(first - plan.columns_.begin());
  plan.is_alone_ = header.size() > 1 && std::all_of(first + 1, plan.columns_.end(), is_dropped) &&
                   first->action != Action::kAdd;
  for (std::size_t i = header.size(); i-- > 0;) {
    const bool is_untouched = plan.columns_[i].action == Action::kPass && !plan.is_only_one(i);
    if (is_untouched) plan.columns_[i].untouched = 1 + plan.untouched_from(i + 1);
  }
  return plan;
}

Result<CsvPlan> CsvPlan::ForAll(std::size_t columns) {
  if (columns >= kNoColumn) return Status(StatusCode::kUnsupported, "CSV: too many columns");
  CsvPlan plan;
  for (std::size_t i = 0; i < columns; ++i) {
    plan.columns_.push_back({Action::kReplace, static_cast<std::uint16_t>(i)});
  }
  return plan;
}

Result<std::size_t> CsvRecords::Read(std::size_t begin, std::size_t most, const CsvPlan& plan,
                                     RecordBatch* batch) {
  const std::string_view text = batch->text();
  // Without quotes LF stands twice in the set.
  FindBytes(text, {quoting_.separator, quoting_.quote == '\0' ? '\n' : quoting_.quote, '\r', '\n'},
            &places_);
  place_ = static_cast<std::size_t>(std::lower_bound(places_.begin(), places_.end(), begin) -
                                    places_.begin());
  // A place that is never reached spares a question for each field.
  places_.push_back(std::numeric_limits<std::uint32_t>::max());
  for (std::size_t read = 0; read < most && begin < text.size(); ++read) {
    const Result<std::size_t> end = ReadRecord(begin, plan, batch);
    if (!end.ok()) {
      return end.status().At(static_cast<std::int64_t>(batch->records().size()) - 1);
    }
    begin = *end;
    batch->EndRecord(begin);
  }
  return begin;
}

Result<std::size_t> CsvRecords::ReadRecord(std::size_t begin, const CsvPlan& plan,
                                           RecordBatch* batch) {
  const std::string_view text = batch->text();
  batch->BeginRecord(begin);
  batch->AddGroup();
  std::size_t index = 0;
  std::size_t pos = begin;
  for (bool more = true; more; ++index) {
    index += PassFields(text, plan.untouched_from(index), &pos);
    Field field{.begin = pos, .end = pos};
    MONIKER_RETURN_IF_ERROR(ReadField(text, &field));
    pos = field.end;
    more = pos < text.size() && text[pos] == quoting_.separator;
    AddField(field, index, !more, plan, batch);
    if (more) ++pos, ++place_;
  }
  if (pos < text.size() && text[pos] == '\r') ++pos, ++place_;
  if (pos < text.size()) ++pos, ++place_;
  if (index != plan.size() && !pass_ragged_ && !plan.is_for_header()) {
    batch->AddFault(Malformed("not as many fields as the header has"));
  }
  return pos;
}

// Passes at most `most` fields without quotes and with a separator behind them. A field with quotes
// has its next place at its beginning, and that is no separator.
std::size_t CsvRecords::PassFields(std::string_view text, std::size_t most, std::size_t* pos) {
  std::size_t passed = 0;
  for (; passed < most; ++passed, ++place_) {
    const std::size_t end = places_[place_];
    if (end >= text.size() || text[end] != quoting_.separator) break;
    *pos = end + 1;
  }
  return passed;
}

Status CsvRecords::ReadField(std::string_view text, Field* field) {
  if (quoting_.quote != '\0' && field->begin < text.size() &&
      text[field->begin] == quoting_.quote) {
    MONIKER_RETURN_IF_ERROR(ReadQuoted(text, field));
  } else {
    field->end = std::min<std::size_t>(places_[place_], text.size());
  }
  if (field->end == text.size()) return Status::Ok();
  const char c = text[field->end];
  if (c == quoting_.separator || c == '\n') return Status::Ok();
  if (c == '\r' && text.substr(field->end).starts_with("\r\n")) return Status::Ok();
  if (field->is_quoted) return Malformed("text after a closing quote");
  if (c == '\r') return Malformed("a CR without LF in an unquoted field");
  return Malformed("a quote in an unquoted field");
}

Status CsvRecords::ReadQuoted(std::string_view text, Field* field) {
  field->is_quoted = true;
  for (++place_;; ++place_) {
    const std::size_t at = places_[place_];
    if (at >= text.size()) return Malformed("no closing quote");
    if (text[at] != quoting_.quote) continue;
    if (places_[place_ + 1] == at + 1 && text[at + 1] == quoting_.quote) {
      field->has_doubled_quotes = true;
      ++place_;
      continue;
    }
    ++place_;
    field->end = at + 1;
    return Status::Ok();
  }
}

void CsvRecords::AddField(const Field& field, std::size_t index, bool is_last, const CsvPlan& plan,
                          RecordBatch* batch) {
  if (plan.is_for_header()) {
    batch->AddCell(ValueOf(field, batch), 0, 0, false);
    return;
  }
  if (index >= plan.size()) return;
  const CsvPlan::Column& column = plan.column(index);
  const bool is_alone = plan.is_only_one(index);
  if (column.action == CsvPlan::Action::kPass) {
    if (is_alone && field.begin == field.end && quoting_.quote != '\0') {
      batch->AddEmptyQuotes(field.begin);
    }
    return;
  }
  if (column.action == CsvPlan::Action::kDrop) {
    DropField(field, index, is_last, plan, batch);
    return;
  }
  const std::string_view value = ValueOf(field, batch);
  const auto group = static_cast<std::uint32_t>(batch->records().size() - 1);
  batch->AddCell(value, column.rule, group, nulls_.Contain(value));
  if (column.action == CsvPlan::Action::kLook && !is_alone) return;
  const EditStyle style = column.action == CsvPlan::Action::kAdd ? EditStyle::kCsvAdded
                          : is_alone                             ? EditStyle::kCsvOnly
                                                                 : EditStyle::kCsvField;
  batch->AddEdit(style, field.begin, field.end);
}

// A column goes with the separator before it; those before the first that stays, with the one after
// it.
void CsvRecords::DropField(const Field& field, std::size_t index, bool is_last, const CsvPlan& plan,
                           RecordBatch* batch) {
  if (index > plan.first_kept()) {
    batch->AddRemoval(field.begin - 1, field.end);
  } else {
    batch->AddRemoval(field.begin, is_last ? field.end : field.end + 1);
  }
}

std::string_view CsvRecords::ValueOf(const Field& field, RecordBatch* batch) {
  const std::string_view raw = batch->text().substr(field.begin, field.end - field.begin);
  if (!field.is_quoted) return raw;
  const std::string_view inside = raw.substr(1, raw.size() - 2);
  if (!field.has_doubled_quotes) return inside;
  decoded_.clear();
  for (std::size_t i = 0; i < inside.size(); ++i) {
    decoded_.push_back(inside[i]);
    if (inside[i] == quoting_.quote) ++i;
  }
  return batch->Keep(decoded_);
}

}  // namespace moniker::internal
