// Rewrites the records of a text of any size, value by value: CSV and TSV, JSON Lines, JSON. What
// is not rewritten stays byte for byte. Works in blocks of whole records on several threads, and
// writes them in the order of the input; its memory does not grow with the input, but with the
// largest record.
//
// Thread safety: a call is independent of others; mappers, sinks and observer are called as stated.

#ifndef MONIKER_REWRITE_H_
#define MONIKER_REWRITE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/cell_mapper.h"
#include "moniker/compression.h"
#include "moniker/result.h"

namespace moniker {

enum class RecordFormat : std::uint8_t {
  kCsv,        // a header, then records; TSV is CSV with another separator
  kJsonLines,  // a record is a line with one document; blank lines are passed on
  kJson,       // a record is an element of the array that the text is, or one of its documents
};

// What a name says by its ending (.csv .tsv .json .jsonl .ndjson, before .gz or .zst).
struct FormatOfName {
  RecordFormat format = RecordFormat::kCsv;
  char separator = ',';
};
std::optional<FormatOfName> FindFormat(std::string_view name);

struct RewriteColumn {
  enum class Fate : std::uint8_t {
    kReplace,  // the replacement takes the place of the value
    kKeep,     // the value stays; the mapper only looks at it
    kDrop,     // left out, with its name; the mapper does not see it
  };

  // A name of the header, byte by byte; for JSON a path: member names with dots between them and []
  // for every element of a list, such as `participant.externalId` or `participants[].id`. A
  // backslash takes the meaning from the dot, bracket or backslash after it.
  std::string name;
  Fate fate = Fate::kReplace;
  // If not empty: the replacement stands in a new column or member of this name, right behind the
  // one that it replaces. With kReplace the old one goes; with kKeep it stays.
  std::string added = {};
};

struct RewriteOptions {
  // Nothing: JSON if the text begins with { or [, else CSV.
  std::optional<RecordFormat> format;
  char separator = ',';
  char quote = '"';                      // NUL: quotes are ordinary characters
  bool pass_ragged = false;              // records of CSV with more or fewer fields than the header
  std::vector<std::string> null_values;  // besides empty values, and null in JSON
  std::vector<RewriteColumn> columns;
  Compression output_compression = Compression::kNone;  // that of the input is found in its text
  // Records with a fault are left out, and the run goes on; else the first one ends it.
  bool skip_faulty = false;
  // Each block is mapped after the one before it, for mappers whose answers depend on the order.
  bool map_in_order = false;
  // RewriteProgress::checkpoint is set.
  bool checkpoints = false;
  // That of an earlier run over the same text with the same options, of which `threads` alone may
  // differ: this run writes what comes after it, and sums up both. Empty: from the beginning.
  std::string resume_from = {};
  std::size_t threads = 0;                        // 0: as many as there are processors
  std::size_t block_size = std::size_t{1} << 18;  // bytes; blocks end with a record
};

struct RecordFault {
  Status status;             // its locator is the place in the value, in bytes, if there is one
  std::uint64_t record = 0;  // from 1 in the text; 0 is the header
  std::optional<std::size_t> column = std::nullopt;  // index into RewriteOptions::columns
};

struct ColumnCounts {
  std::uint64_t replaced = 0;
  std::uint64_t kept = 0;  // stayed as they were
};

struct RewriteSummary {
  RecordFormat format = RecordFormat::kCsv;
  std::uint64_t records = 0;  // without the header
  std::uint64_t rejected = 0;
  std::uint64_t bytes_in = 0;          // as they are stored
  std::uint64_t bytes_out = 0;         // likewise
  std::vector<ColumnCounts> columns;   // as RewriteOptions::columns
  std::vector<std::string> passed_on;  // names of the header that no column of the options has
};

// Where a run stands when a block of records was written.
struct RewriteProgress {
  std::uint64_t bytes_in = 0;  // of the input as it is stored, read for this block and those before
  std::uint64_t bytes_out = 0;
  // ASCII without control characters, quotes and backslashes; tells numbers, no part of the text.
  // Is read by the same version of this library alone.
  std::string checkpoint = {};
};

// Called in the order of the input, by one thread at a time.
struct RewriteSinks {
  std::function<Status(std::string_view)> write;
  // The text of a record that is left out, with its line end and, the first time, behind the
  // header. May be missing.
  std::function<Status(std::string_view)> reject;
  // Why. May be missing.
  std::function<void(const RecordFault&)> tell;
  // After each block. An error ends the run. May be missing.
  std::function<Status(const RewriteProgress&)> after_block = {};
};

// REQUIRES: one for each call; the mapper lives no longer than the run.
using CellMapperFactory = std::function<Result<std::unique_ptr<CellMapper>>()>;

struct RewriteOutcome {
  RewriteSummary summary;
  // What ended the run, if it was something in the data. What was written before is incomplete.
  std::optional<RecordFault> fault;
};

// Reads all of `input`, a file descriptor that stays open. A column, or a path that nothing in the
// whole text has, is a fault of record 0 (kNotFound; kConflict for two columns of one name): what
// is misspelled must not pass unmapped.
//
// A quoted field of CSV is at most 64 MiB long: a longer one is taken for a lack of quotes.
//
// Faults that skip_faulty leaves out: those of mappers; a record that is ragged, is not UTF-8 or
// holds NUL, a line of JSON Lines that is not one document; a path that leads to something other
// than a string, whole number or null; a member that is to be added and is there already. Faults
// that always end the run, since nobody knows where the next record begins: quotes out of place, a
// CR without LF, JSON that is not valid.
//
// Errors: kInvalidArgument for options that cannot be (the message names the field; the locator is
// the index of the column), for a checkpoint that is none of these options (the message begins with
// "resume_from"), and for compressed input that is damaged; kConflict if the text is not the one
// that the checkpoint was made over; those of the mappers, sinks and read(2).
Result<RewriteOutcome> Rewrite(int input, const RewriteOptions& options,
                               const CellMapperFactory& mappers, const RewriteSinks& sinks);

}  // namespace moniker

#endif  // MONIKER_REWRITE_H_
