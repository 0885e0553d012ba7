#include <simdjson.h>

#include <algorithm>
#include <tuple>

#include "moniker/csv.h"

namespace moniker {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

bool NeedsQuotes(std::string_view value, CsvDialect dialect) {
  if (value.empty()) return false;
  const char special[] = {dialect.separator, dialect.quote, '\r', '\n'};
  return IsBlank(value.front()) || IsBlank(value.back()) ||
         value.find_first_of(std::string_view(special, sizeof(special))) !=
             std::string_view::npos ||
         value.starts_with("\xEF\xBB\xBF");  // at the beginning of a file it would be lost
}

void AppendQuoted(std::string_view value, char quote, std::string* out) {
  out->push_back(quote);
  for (const char c : value) {
    if (c == quote) out->push_back(quote);
    out->push_back(c);
  }
  out->push_back(quote);
}

}  // namespace

CsvRewriter::CsvRewriter(const CsvDocument* document)
    : document_(document),
      dropped_(document->columns().size(), false),
      kept_columns_(document->columns().size()) {}

Status CsvRewriter::Replace(std::size_t record, std::size_t column, std::string_view value) {
  if (record > document_->record_count() || column >= dropped_.size()) {
    return Status(StatusCode::kInvalidArgument, "CSV: no such field");
  }
  if (value.find('\0') != std::string_view::npos || !simdjson::validate_utf8(value)) {
    return Status(StatusCode::kInvalidArgument, "CSV: a replacement with NUL or not UTF-8");
  }
  edits_.push_back({record, values_.size(), value.size(), static_cast<std::uint32_t>(column)});
  values_.append(value);
  return Status::Ok();
}

Status CsvRewriter::DropColumn(std::size_t column) {
  if (column >= dropped_.size()) {
    return Status(StatusCode::kInvalidArgument, "CSV: no such column");
  }
  if (dropped_[column]) return Status::Ok();
  if (kept_columns_ == 1) {
    return Status(StatusCode::kInvalidArgument, "CSV: the last column cannot be dropped");
  }
  dropped_[column] = true;
  --kept_columns_;
  return Status::Ok();
}

// One pass over the text, which is copied up to each place where something else has to stand.
class CsvRewriter::Writer {
 public:
  explicit Writer(const CsvRewriter& rewriter)
      : rewriter_(rewriter),
        document_(*rewriter.document_),
        edits_(rewriter.edits_),
        first_kept_(static_cast<std::size_t>(
            std::find(rewriter.dropped_.begin(), rewriter.dropped_.end(), false) -
            rewriter.dropped_.begin())) {
    const auto before = [](const Edit& a, const Edit& b) {
      return std::tie(a.record, a.column) < std::tie(b.record, b.column);
    };
    // Stable: of two replacements of one field the later stays behind the other.
    if (!std::is_sorted(edits_.begin(), edits_.end(), before)) {
      std::stable_sort(edits_.begin(), edits_.end(), before);
    }
  }

  std::string Write() {
    out_.reserve(document_.text().size() + rewriter_.values_.size());
    const bool drops = rewriter_.kept_columns_ < document_.columns().size();
    while (drops ? record_ <= document_.record_count() : next_edit_ < edits_.size()) {
      if (!drops) record_ = edits_[next_edit_].record;
      WriteRecord();
      ++record_;
    }
    out_.append(document_.text().substr(copied_));
    return std::move(out_);
  }

 private:
  void WriteRecord() {
    for (std::size_t column = 0; column < document_.columns().size(); ++column) {
      const Edit* const edit = TakeEdit(column);
      if (rewriter_.dropped_[column]) {
        Drop(column);
      } else if (edit != nullptr) {
        Replace(column,
                std::string_view(rewriter_.values_).substr(edit->value_offset, edit->value_size));
      } else if (BecomesBlankLine(column)) {
        Replace(column, {});
      }
    }
  }

  const Edit* TakeEdit(std::size_t column) {
    const Edit* taken = nullptr;
    while (next_edit_ < edits_.size() && edits_[next_edit_].record == record_ &&
           edits_[next_edit_].column == column) {
      taken = &edits_[next_edit_++];
    }
    return taken;
  }

  bool BecomesBlankLine(std::size_t column) const {
    return rewriter_.kept_columns_ == 1 && document_.columns().size() > 1 &&
           document_.Raw(record_, column).empty();
  }

  // A column goes with the separator before it; those before the first that stays, with the one
  // after it.
  void Drop(std::size_t column) {
    const std::size_t begin = Begin(column);
    const std::size_t end = begin + document_.Raw(record_, column).size();
    if (column < first_kept_) {
      CopyUntil(begin, end + 1);
    } else {
      CopyUntil(begin - 1, end);
    }
  }

  void Replace(std::size_t column, std::string_view value) {
    const CsvDialect dialect = document_.dialect();
    const std::string_view raw = document_.Raw(record_, column);
    const std::size_t begin = Begin(column);
    CopyUntil(begin, begin + raw.size());
    const bool would_be_blank_line = value.empty() && rewriter_.kept_columns_ == 1;
    if (would_be_blank_line || raw.starts_with(dialect.quote) || NeedsQuotes(value, dialect)) {
      AppendQuoted(value, dialect.quote, &out_);
    } else {
      out_.append(value);
    }
  }

  std::size_t Begin(std::size_t column) const {
    return static_cast<std::size_t>(document_.Raw(record_, column).data() -
                                    document_.text().data());
  }

  void CopyUntil(std::size_t end, std::size_t resume) {
    out_.append(document_.text().substr(copied_, end - copied_));
    copied_ = resume;
  }

  const CsvRewriter& rewriter_;
  const CsvDocument& document_;
  std::vector<Edit> edits_;
  const std::size_t first_kept_;
  std::size_t next_edit_ = 0;
  std::size_t record_ = 0;
  std::size_t copied_ = 0;
  std::string out_;
};

std::string CsvRewriter::Write() const { return Writer(*this).Write(); }

}  // namespace moniker
