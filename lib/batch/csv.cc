#include "moniker/csv.h"

#include <simdjson.h>

#include <array>
#include <cstring>
#include <limits>

#include "base/status_macros.h"

namespace moniker {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsUsable(CsvDialect dialect) {
  const auto usable = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte != 0 && byte < 0x80 && c != '\r' && c != '\n';
  };
  return usable(dialect.separator) && usable(dialect.quote) && dialect.separator != dialect.quote;
}

bool IsCleanText(std::string_view text) {
  return text.find('\0') == std::string_view::npos && simdjson::validate_utf8(text);
}

// The record without its line end. A CR before the last LF is part of the line end: elsewhere
// outside quotes a CR is an error, and quoted fields end in a quote.
std::string_view WithoutLineEnd(std::string_view record) {
  if (!record.ends_with('\n')) return record;
  record.remove_suffix(1);
  if (record.ends_with('\r')) record.remove_suffix(1);
  return record;
}

}  // namespace

class CsvDocument::Parser {
 public:
  Parser(std::string_view text, CsvDialect dialect)
      : document_(text, dialect), text_(text), dialect_(dialect), clean_(IsCleanText(text)) {
    for (const char c : {dialect.separator, dialect.quote, '\r', '\n'}) {
      special_[static_cast<unsigned char>(c)] = true;
    }
  }

  Result<CsvDocument> Parse() {
    if (text_.starts_with(kByteOrderMark)) pos_ = kByteOrderMark.size();
    if (pos_ == text_.size()) {
      return Status(StatusCode::kInvalidArgument, "CSV: no header", /*locator=*/0);
    }
    for (std::int64_t record = 0; pos_ < text_.size(); ++record) {
      const Status status = ParseRecord();
      if (!status.ok()) return status.At(record);
    }
    document_.record_offsets_.push_back(pos_);
    return std::move(document_);
  }

 private:
  Status ParseRecord() {
    const std::size_t begin = pos_;
    std::size_t fields = 0;
    do {
      if (fields > 0) ++pos_;  // the separator
      if (pos_ - begin > std::numeric_limits<std::uint32_t>::max()) {
        return Status(StatusCode::kUnsupported, "CSV: a record of 4 GiB or more");
      }
      document_.field_offsets_.push_back(static_cast<std::uint32_t>(pos_ - begin));
      MONIKER_RETURN_IF_ERROR(SkipField());
      ++fields;
    } while (pos_ < text_.size() && text_[pos_] == dialect_.separator);
    if (pos_ < text_.size() && text_[pos_] == '\r') ++pos_;
    if (pos_ < text_.size()) ++pos_;
    return FinishRecord(begin, fields);
  }

  Status FinishRecord(std::size_t begin, std::size_t fields) {
    // The text as a whole was checked at once, which is faster, but does not tell the record.
    if (!clean_ && !IsCleanText(text_.substr(begin, pos_ - begin))) {
      return Status(StatusCode::kInvalidArgument, "CSV: NUL or not UTF-8");
    }
    document_.record_offsets_.push_back(begin);
    if (begin == document_.record_offsets_.front()) {
      ReadHeader(fields);
    } else if (fields != document_.columns_.size()) {
      return Status(StatusCode::kInvalidArgument, "CSV: not as many fields as the header has");
    }
    return Status::Ok();
  }

  void ReadHeader(std::size_t fields) {
    document_.columns_.resize(fields);
    document_.record_offsets_.push_back(pos_);  // for Raw(), which needs the end of the record
    for (std::size_t column = 0; column < fields; ++column) {
      document_.columns_[column] = document_.Value(0, column);
    }
    document_.record_offsets_.pop_back();
  }

  // Leaves pos_ at the separator, line end or end of text after the field.
  Status SkipField() {
    if (pos_ == text_.size()) return Status::Ok();
    return text_[pos_] == dialect_.quote ? SkipQuoted() : SkipPlain();
  }

  Status SkipPlain() {
    while (pos_ < text_.size() && !special_[static_cast<unsigned char>(text_[pos_])]) ++pos_;
    if (AtFieldEnd()) return Status::Ok();
    if (text_[pos_] == dialect_.quote) {
      return Status(StatusCode::kInvalidArgument, "CSV: a quote in an unquoted field");
    }
    return Status(StatusCode::kInvalidArgument, "CSV: a CR without LF in an unquoted field");
  }

  Status SkipQuoted() {
    for (++pos_;;) {
      pos_ = text_.find(dialect_.quote, pos_);
      if (pos_ == std::string_view::npos) {
        return Status(StatusCode::kInvalidArgument, "CSV: no closing quote");
      }
      ++pos_;
      if (pos_ == text_.size() || text_[pos_] != dialect_.quote) break;
      ++pos_;  // a doubled quote stands for one
    }
    if (AtFieldEnd()) return Status::Ok();
    return Status(StatusCode::kInvalidArgument, "CSV: text after a closing quote");
  }

  bool AtFieldEnd() const {
    if (pos_ == text_.size()) return true;
    const char c = text_[pos_];
    if (c == '\r') return pos_ + 1 < text_.size() && text_[pos_ + 1] == '\n';
    return c == dialect_.separator || c == '\n';
  }

  CsvDocument document_;
  const std::string_view text_;
  const CsvDialect dialect_;
  const bool clean_;
  std::array<bool, 256> special_{};
  std::size_t pos_ = 0;
};

Result<CsvDocument> CsvDocument::Parse(std::string_view text, CsvDialect dialect) {
  if (!IsUsable(dialect)) {
    return Status(StatusCode::kInvalidArgument, "CSV: separator and quote are no dialect");
  }
  return Parser(text, dialect).Parse();
}

Result<std::size_t> CsvDocument::FindColumn(std::string_view name) const {
  std::size_t found = columns_.size();
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    if (columns_[column] != name) continue;
    if (found < columns_.size()) {
      return Status(StatusCode::kConflict, "CSV: two columns of this name");
    }
    found = column;
  }
  if (found == columns_.size()) return Status(StatusCode::kNotFound, "CSV: no such column");
  return found;
}

std::string_view CsvDocument::Raw(std::size_t record, std::size_t column) const {
  const std::size_t columns = columns_.size();
  if (column >= columns || record > record_count()) __builtin_trap();
  const std::size_t begin = record_offsets_[record];
  const std::string_view content =
      WithoutLineEnd(text_.substr(begin, record_offsets_[record + 1] - begin));
  const std::uint32_t* const field = &field_offsets_[record * columns + column];
  const std::size_t end = column + 1 < columns ? field[1] - std::size_t{1} : content.size();
  return content.substr(*field, end - *field);
}

std::string CsvDocument::Value(std::size_t record, std::size_t column) const {
  std::string scratch;
  return std::string(Value(record, column, &scratch));
}

std::string_view CsvDocument::Value(std::size_t record, std::size_t column,
                                    std::string* scratch) const {
  const std::string_view raw = Raw(record, column);
  if (!raw.starts_with(dialect_.quote)) return raw;
  std::string_view rest = raw.substr(1, raw.size() - 2);
  std::size_t quote = rest.find(dialect_.quote);
  if (quote == std::string_view::npos) return rest;
  scratch->clear();
  for (; quote != std::string_view::npos; quote = rest.find(dialect_.quote)) {
    scratch->append(rest.substr(0, quote + 1));
    rest.remove_prefix(quote + 2);
  }
  return scratch->append(rest);
}

}  // namespace moniker
