#include "checkpoint.h"

#include <simdjson.h>
#include <unistd.h>

#include "failure.h"
#include "io.h"
#include "moniker/output_file.h"
#include "moniker/version.h"
#include "records.h"

namespace moniker::tool {
namespace {

using simdjson::dom::element;

constexpr std::int64_t kFormat = 1;
constexpr std::size_t kNoColumn = static_cast<std::size_t>(-1);

// Members of a checkpoint; throws simdjson_error for one that is missing or of another type.
Checkpoint Decode(const element& document) {
  Checkpoint checkpoint;
  checkpoint.job = std::string_view(document["job"]);
  checkpoint.input_size = document["input_size"];
  checkpoint.input_changed = document["input_changed"];
  checkpoint.place = std::string_view(document["place"]);
  checkpoint.output_size = document["output_size"];
  checkpoint.rejected_size = document["rejected_size"];
  checkpoint.is_complete = document["complete"];
  for (const element& fault : simdjson::dom::array(document["faults"])) {
    std::uint64_t column = kNoColumn;
    if (const auto given = fault["column"].get(column); given == simdjson::INCORRECT_TYPE) {
      throw simdjson::simdjson_error(given);
    }
    const std::string_view what = fault["what"];
    checkpoint.faults[{std::string(what), column}] = fault["records"];
  }
  return checkpoint;
}

std::string Encode(const Checkpoint& checkpoint) {
  std::string faults = "[";
  for (const auto& [place, count] : checkpoint.faults) {
    JsonLine line;
    line.Text("what", place.first);
    if (place.second != kNoColumn) line.Raw("column", std::to_string(place.second));
    line.Raw("records", std::to_string(count));
    std::string fault;
    line.AppendTo(&fault);
    fault.pop_back();  // the line feed
    faults += (faults.size() > 1 ? "," : "") + fault;
  }
  std::string text;
  JsonLine()
      .Number("moniker_checkpoint", kFormat)
      .Text("version", MONIKER_VERSION)
      .Text("job", checkpoint.job)
      .Raw("input_size", std::to_string(checkpoint.input_size))
      .Number("input_changed", checkpoint.input_changed)
      .Text("place", checkpoint.place)
      .Raw("output_size", std::to_string(checkpoint.output_size))
      .Raw("rejected_size", std::to_string(checkpoint.rejected_size))
      .Bool("complete", checkpoint.is_complete)
      .Raw("faults", faults + "]")
      .AppendTo(&text);
  return text;
}

[[noreturn]] void FailCheckpoint(const std::string& name, const std::string& what) {
  throw Failure(kFailed, name + ": " + what,
                "to begin anew remove it, and what ends in .partial beside it");
}

}  // namespace

std::string CheckpointName(const std::string& output) { return output + ".checkpoint"; }

std::optional<Checkpoint> ReadCheckpoint(const std::string& name) {
  if (::access(name.c_str(), F_OK) != 0) return std::nullopt;
  const std::string text = ReadInput(name);
  simdjson::dom::parser parser;
  try {
    const element document = parser.parse(text);
    const std::int64_t format = document["moniker_checkpoint"];
    const std::string_view version = document["version"];
    if (format != kFormat || version != MONIKER_VERSION) {
      FailCheckpoint(name, "made by another version of this program");
    }
    return Decode(document);
  } catch (const simdjson::simdjson_error&) {
    FailCheckpoint(name, "not a checkpoint");
  }
}

Status WriteCheckpoint(const std::string& name, const Checkpoint& checkpoint) {
  Result<OutputFile> file = OutputFile::Continue(name, 0);
  if (!file.ok()) return file.status();
  if (const Status status = file->Write(Encode(checkpoint)); !status.ok()) return status;
  return file->Commit();
}

}  // namespace moniker::tool
