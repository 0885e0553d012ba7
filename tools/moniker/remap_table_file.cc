#include "remap_table_file.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "failure.h"
#include "io.h"
#include "moniker/rewrite.h"

namespace moniker::tool {
namespace {

using Fields = std::array<std::string_view, 8>;

constexpr Fields kColumns = {"old",       "new",       "kind",      "person",
                             "old_label", "new_label", "old_words", "new_words"};
constexpr std::string_view kExternal = "external";
constexpr std::string_view kParticipant = "participant";

Result<RemapRow> RowIn(const Fields& fields) {
  RemapRow row;
  row.old_id = fields[0];
  row.new_id = fields[1];
  row.is_participant = fields[2] == kParticipant;
  if (!row.is_participant && fields[2] != kExternal) {
    return Status(StatusCode::kInvalidArgument, "kind: neither external nor participant");
  }
  const char* const end = fields[3].data() + fields[3].size();
  const auto [behind, error] = std::from_chars(fields[3].data(), end, row.person[0]);
  if (error != std::errc() || behind != end) {
    return Status(StatusCode::kInvalidArgument, "person: no number");
  }
  row.old_label = fields[4];
  row.new_label = fields[5];
  row.old_words = fields[6];
  row.new_words = fields[7];
  return row;
}

// Looks at the records of a table one after the other, and changes nothing.
class TableReader final : public CellMapper {
 public:
  // Both must outlive this. *record is the number of the record that was looked at last.
  TableReader(RemapTable* table, std::uint64_t* record) : table_(*table), record_(*record) {}

  // Every record has all columns, in the order of the header.
  Status Map(const CellBlock& block, std::vector<CellFault>*) override {
    for (std::size_t i = 0; i < block.cells.size(); ++i) {
      fields_[block.cells[i].column] = block.cells[i].value;
      if ((i + 1) % fields_.size() != 0) continue;
      ++record_;
      if (const Status status = AddRow(); !status.ok()) return status;
    }
    return Status::Ok();
  }

 private:
  Status AddRow() {
    const Result<RemapRow> row = RowIn(fields_);
    if (!row.ok()) return row.status();
    if (table_.Find(row->old_id)) {
      return Status(StatusCode::kConflict, "old: it stands in an earlier record");
    }
    return table_.Add(*row);
  }

  RemapTable& table_;
  std::uint64_t& record_;
  Fields fields_;
};

[[noreturn]] void FailTable(const Status& status, const std::string& path, std::uint64_t record) {
  FailRecordAt(status, path + (record > 0 ? ": record " + std::to_string(record) : ""), record,
               FieldOf(status.message()));
}

void AppendField(std::string_view text, std::string* out) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out->append(text);
    return;
  }
  out->push_back('"');
  for (const char c : text) out->append(c == '"' ? 2 : 1, c);
  out->push_back('"');
}

void AppendRecord(const Fields& fields, std::string* out) {
  for (const std::string_view& field : fields) {
    if (&field != &fields.front()) out->push_back(',');
    AppendField(field, out);
  }
  out->push_back('\n');
}

}  // namespace

std::unique_ptr<RemapTable> ReadRemapTable(const std::string& path) {
  auto table = std::make_unique<RemapTable>();
  std::uint64_t record = 0;
  RewriteOptions options;
  options.format = RecordFormat::kCsv;
  options.threads = 1;
  options.map_in_order = true;
  for (const std::string_view name : kColumns) {
    options.columns.push_back({std::string(name), RewriteColumn::Fate::kKeep});
  }
  const auto readers = [&]() -> Result<std::unique_ptr<CellMapper>> {
    return std::unique_ptr<CellMapper>(std::make_unique<TableReader>(table.get(), &record));
  };
  RewriteSinks sinks;
  sinks.write = [](std::string_view) { return Status::Ok(); };
  const Input input(path);
  const Result<RewriteOutcome> outcome = Rewrite(input.fd(), options, readers, sinks);
  if (!outcome.ok()) FailTable(outcome.status(), input.name(), record);
  if (!outcome->fault) return table;
  const RecordFault& fault = *outcome->fault;
  if (fault.record > 0) FailTable(fault.status, input.name(), fault.record);
  FailTable(Status(StatusCode::kInvalidArgument, "not the header of a table of remap"),
            input.name(), 0);
}

std::string CsvOf(const RemapTable& table) {
  std::string out;
  AppendRecord(kColumns, &out);
  table.ForEach([&](const RemapRow& row) {
    const std::string person = std::to_string(row.person[0]);
    AppendRecord({row.old_id, row.new_id, row.is_participant ? kParticipant : kExternal, person,
                  row.old_label, row.new_label, row.old_words, row.new_words},
                 &out);
  });
  return out;
}

}  // namespace moniker::tool
