// erase: persons made unrecoverable.

#include <simdjson.h>

#include <string>
#include <vector>

#include "commands.h"
#include "ids.h"
#include "io.h"
#include "moniker/erasure.h"
#include "person_record.h"
#include "records.h"

namespace moniker::tool {
namespace {

[[noreturn]] void FailErasure(const Status& status, const EraseOptions& options) {
  if (status.code() == StatusCode::kInvalidArgument && status.locator() < 0) {
    FailUsage("--" + std::string(status.message()));
  }
  if (!IsOfRecord(status) || status.locator() < 0) Fail(status, options.vault.path);
  FailRecord(status, static_cast<std::size_t>(status.locator()));
}

}  // namespace

ExitStatus Erase(const EraseOptions& options) {
  const Vault vault = OpenVault(options.vault);
  const std::string text = ReadInput(options.input);
  const bool holds_records = HoldsRecords(text);
  const std::vector<Record> records = holds_records ? ParseRecords(text) : std::vector<Record>();
  std::vector<std::string> ids = holds_records ? std::vector<std::string>() : IdLines(text);
  for (const Record& record : records) {
    const bool has_identifier = record.TextIfThere("issuer").has_value();
    ids.emplace_back(has_identifier ? std::string_view() : IdIn(record));
  }
  for (std::string& id : ids) {
    if (!simdjson::validate_utf8(id)) FailId(static_cast<std::size_t>(&id - ids.data()) + 1);
    id = CanonicalId(id);
  }
  std::vector<ErasureTarget> targets(ids.begin(), ids.end());
  for (const Record& record : records) {
    if (!record.TextIfThere("issuer")) continue;
    targets[record.index()] =
        Identifier{record.Text("issuer"), record.Text("id"), KindIn(record, "kind")};
  }
  if (targets.empty()) return kDone;
  const Result<Erasure> erasure =
      vault.Erase(targets, {.actor = options.actor, .purpose = options.purpose});
  if (!erasure.ok()) FailErasure(erasure.status(), options);

  std::string out;
  std::size_t unknown = 0;
  for (const bool found : erasure->found) {
    JsonLine line;
    if (found) {
      line.Bool("erased", true);
    } else {
      line.Text("error", "not_found");
      ++unknown;
    }
    line.AppendTo(&out);
  }
  Output("-").Write(out);
  if (!erasure->log_is_empty && !options.vault.quiet) {
    Tell(
        "somebody reads an older state of the store: what was erased is in its log until it is "
        "shortened");
  }
  if (unknown == 0) return kDone;
  if (!options.vault.quiet) Tell(Plural(unknown, "record", "records") + " not known here");
  return kSomeRejected;
}

}  // namespace moniker::tool
