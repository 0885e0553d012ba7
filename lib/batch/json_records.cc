#include "batch/json_records.h"

#include <algorithm>

#include "base/status_macros.h"

namespace moniker::internal {
namespace {

constexpr Status kNotValid(StatusCode::kInvalidArgument, "JSON: not a valid document");

std::size_t SkipSpaceFrom(std::string_view text, std::size_t pos) {
  return text.size() - SkipJsonSpace(text.substr(pos)).size();
}

}  // namespace

Status JsonRecords::Read(RecordFormat format, const Block& block, RecordBatch* batch) {
  if (format == RecordFormat::kJsonLines) {
    ReadLines(batch);
    return Status::Ok();
  }
  if (block.place == JsonPlace::kDocuments) return ReadDocuments(0, batch);
  return ReadElements(block.place, block.is_last, batch);
}

void JsonRecords::ReadLines(RecordBatch* batch) {
  const std::string_view text = batch->text();
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t line_end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    const std::size_t first = SkipSpaceFrom(text.substr(0, line_end), begin);
    if (first < line_end) {
      batch->BeginRecord(begin);
      const Result<std::size_t> end = ReadRecord(text.substr(0, line_end), first, batch);
      if (!end.ok()) {
        batch->AddFault(end.status());
      } else if (SkipSpaceFrom(text.substr(0, line_end), *end) != line_end) {
        batch->AddFault(
            Status(StatusCode::kInvalidArgument, "JSON: text after the document of a line"));
      }
      batch->EndRecord(line_end);
    }
    begin = line_end;
  }
}

Status JsonRecords::ReadDocuments(std::size_t pos, RecordBatch* batch) {
  const std::string_view text = batch->text();
  for (pos = SkipSpaceFrom(text, pos); pos < text.size();) {
    const auto locator = static_cast<std::int64_t>(batch->records().size());
    batch->BeginRecord(pos);
    const Result<std::size_t> end = ReadRecord(text, pos, batch);
    if (!end.ok()) return end.status().At(locator);
    pos = SkipSpaceFrom(text, *end);
    if (pos == *end && pos < text.size()) {
      return Status(StatusCode::kInvalidArgument, "JSON: no white space after a document", locator);
    }
    const std::size_t line_end = text.substr(0, pos).find('\n', *end);
    batch->EndRecord(line_end == std::string_view::npos ? pos : line_end + 1);
  }
  return Status::Ok();
}

Status JsonRecords::ReadElements(JsonPlace place, bool is_last, RecordBatch* batch) {
  const std::string_view text = batch->text();
  std::size_t pos = SkipSpaceFrom(text, 0);
  bool is_first = place == JsonPlace::kArrayBegin;
  if (is_first) pos = SkipSpaceFrom(text, pos + 1);  // the bracket
  bool is_closed = place == JsonPlace::kArrayEnd;
  while (pos < text.size()) {
    const auto locator = static_cast<std::int64_t>(batch->records().size());
    if (is_closed) return kNotValid.At(locator);
    if (text[pos] == ']') {
      is_closed = true;
      pos = SkipSpaceFrom(text, pos + 1);
      continue;
    }
    batch->BeginRecord(pos);
    if (!is_first) {
      if (text[pos] != ',') return kNotValid.At(locator);
      pos = SkipSpaceFrom(text, pos + 1);
    }
    is_first = false;
    const Result<std::size_t> end = ReadRecord(text, pos, batch);
    if (!end.ok()) return end.status().At(locator);
    batch->EndRecord(*end);
    pos = SkipSpaceFrom(text, *end);
  }
  if (is_last && !is_closed) {
    return kNotValid.At(static_cast<std::int64_t>(batch->records().size()));
  }
  return Status::Ok();
}

Result<std::size_t> JsonRecords::ReadRecord(std::string_view text, std::size_t begin,
                                            RecordBatch* batch) {
  MONIKER_ASSIGN_OR_RETURN(const std::size_t size, index_.Read(text.substr(begin)));
  const std::string_view document = text.substr(begin, size);
  MONIKER_RETURN_IF_ERROR(validator_.Validate(document));
  Add(document, begin, &index_, batch);
  return begin + size;
}

}  // namespace moniker::internal
