// Delimited text (RFC 4180 and its variants) that can be changed field by field, and keeps every
// other byte as it was: quoting, line ends, byte order mark, the last line end or its absence.
//
// Both classes work on text in memory. The text must outlive the CsvDocument, and the document must
// outlive its CsvRewriter.
//
// Records are counted as in errors: record 0 is the header, the data records are 1..record_count().
//
// Thread safety: a CsvDocument may be read from several threads. A CsvRewriter may not be changed
// while another thread uses it.

#ifndef MONIKER_CSV_H_
#define MONIKER_CSV_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/result.h"
#include "moniker/status.h"

namespace moniker {

// Two different ASCII characters, neither of them NUL, CR or LF. `{.separator = '\t'}` is TSV with
// quotes.
struct CsvDialect {
  char separator = ',';
  char quote = '"';
};

// The fields of a text, found but not copied: 4 bytes a field and 8 bytes a record.
class CsvDocument {
 public:
  // Reads UTF-8 with a header record, with or without byte order mark, lines ending in LF or CRLF
  // (a line end inside quotes belongs to the field). A blank line is a record of one empty field.
  //
  // Errors, with the record as locator (kNowhere if it is the dialect):
  //   kInvalidArgument  the dialect cannot be used; there is no header (empty text); a record has
  //                     not as many fields as the header, lacks a closing quote, has text after
  //                     one, has a quote or a CR without LF in an unquoted field, contains NUL or
  //                     is not UTF-8
  //   kUnsupported      a record of 4 GiB or more
  static Result<CsvDocument> Parse(std::string_view text, CsvDialect dialect = {});

  std::string_view text() const { return text_; }
  CsvDialect dialect() const { return dialect_; }

  // The header, decoded; at least one column.
  const std::vector<std::string>& columns() const { return columns_; }

  // The index of the column of this name; names are compared byte by byte.
  // Errors: kNotFound; kConflict if two columns have this name.
  Result<std::size_t> FindColumn(std::string_view name) const;

  // Data records, without the header.
  std::size_t record_count() const { return record_offsets_.size() - 2; }

  // The field as it stands in the text, with quotes if it has any.
  // REQUIRES: record <= record_count(), column < columns().size(); else the program stops (a trap).
  std::string_view Raw(std::size_t record, std::size_t column) const;

  // The field without quoting. The second form points into the text or into *scratch, whichever it
  // needs. REQUIRES: as Raw.
  std::string Value(std::size_t record, std::size_t column) const;
  std::string_view Value(std::size_t record, std::size_t column, std::string* scratch) const;

 private:
  class Parser;

  CsvDocument(std::string_view text, CsvDialect dialect) : text_(text), dialect_(dialect) {}

  std::string_view text_;
  CsvDialect dialect_;
  std::vector<std::string> columns_;
  std::vector<std::uint64_t> record_offsets_;  // one more than there are records: the end
  std::vector<std::uint32_t> field_offsets_;   // from the beginning of the record
};

// Collects changes to a document and writes the changed text.
class CsvRewriter {
 public:
  explicit CsvRewriter(const CsvDocument* document);

  // Puts `value` in place of a field; record 0 renames a column. The field is quoted if it was
  // quoted or has to be: separator, quote, CR, LF, a blank or tab at either end, or no text at all
  // in the only field of a record. Of two replacements of one field the later counts.
  // Errors: kInvalidArgument if there is no such field, or `value` is not UTF-8 or contains NUL.
  Status Replace(std::size_t record, std::size_t column, std::string_view value);

  // Leaves a column out, header and all; leaving it out twice is no error.
  // Errors: kInvalidArgument if there is no such column, or no other column is left.
  Status DropColumn(std::size_t column);

  // The text with all changes. What is neither replaced nor dropped is byte for byte what it was,
  // with one exception: an empty field that becomes the only one of its record is written as a pair
  // of quotes, since a blank line is not read back as a record by everyone.
  std::string Write() const;

 private:
  struct Edit {
    std::uint64_t record;
    std::uint64_t value_offset;  // in values_
    std::uint64_t value_size;
    std::uint32_t column;
  };
  class Writer;

  const CsvDocument* document_;
  std::vector<Edit> edits_;
  std::string values_;  // of all edits, one after the other
  std::vector<bool> dropped_;
  std::size_t kept_columns_;
};

}  // namespace moniker

#endif  // MONIKER_CSV_H_
