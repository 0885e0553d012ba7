// store: the records under a vault's keys.

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "commands.h"
#include "io.h"
#include "records.h"

namespace moniker::tool {
namespace {

// Tells each further percent, where somebody looks on.
class Percents {
 public:
  Percents(const VaultOptions& options, std::string done)
      : is_shown_(!options.quiet && ::isatty(STDERR_FILENO) == 1), done_(std::move(done)) {}

  void operator()(std::uint64_t now, std::uint64_t total) {
    const std::uint64_t percent =
        total == 0 ? 100 : std::min<std::uint64_t>(now * 100 / total, 100);
    if (!is_shown_ || percent == shown_) return;
    shown_ = percent;
    Tell(done_ + " " + std::to_string(percent) + " %");
  }

 private:
  const bool is_shown_;
  const std::string done_;
  std::uint64_t shown_ = 0;
};

std::string_view NameOf(Table table) {
  switch (table) {
    case Table::kMeta: return "meta";
    case Table::kPerson: return "person";
    case Table::kExternalId: return "external_id";
    case Table::kParticipant: return "participant";
    case Table::kAudit: return "audit";
    case Table::kIdentifier: return "identifier";
    case Table::kRoster: return "roster";
    case Table::kTombstone: return "tombstone";
  }
  return "";
}

std::int64_t Signed(std::uint64_t number) { return static_cast<std::int64_t>(number); }

// A line for each thing that is wrong with the records.
void AppendRecordFaults(const StoreReport& report, std::string* out) {
  if (report.database_damaged) JsonLine().Text("found", "database_damaged").AppendTo(out);
  for (const StoreReport::AlteredRecord& record : report.altered) {
    JsonLine()
        .Text("found", "record_altered")
        .Text("table", NameOf(record.table))
        .Text("tag", HexOf(record.tag.bytes()))
        .AppendTo(out);
  }
  for (std::size_t i = 0; i < report.tables.size(); ++i) {
    const StoreReport::TableReport& table = report.tables[i];
    if (table.as_written) continue;
    JsonLine()
        .Text("found", table.found == table.expected ? "records_replaced"
              : table.found < table.expected         ? "records_missing"
                                                     : "records_added")
        .Text("table", NameOf(static_cast<Table>(i)))
        .Number("written", Signed(table.expected))
        .Number("there", Signed(table.found))
        .AppendTo(out);
  }
}

std::string_view FindingOf(AnchorState state) {
  switch (state) {
    case AnchorState::kCurrent: return "anchored";
    case AnchorState::kBehind: return "not_anchored_since";
    case AnchorState::kAhead: return "rolled_back";
    case AnchorState::kOtherHistory: return "other_history";
    case AnchorState::kAltered: return "anchor_altered";
    case AnchorState::kMissing: return "anchor_missing";
  }
  return "";
}

}  // namespace

ExitStatus VerifyStore(const VaultOptions& options) {
  const StoreReport report = Take(
      Vault::Verify(options.path, ProtectorOf(options), Percents(options, "looked at")),
      options.path);
  std::string out;
  JsonLine()
      .Text("store", report.intact() ? "intact" : "not_intact")
      .Number("changes", Signed(report.counter))
      .Number("records", Signed(report.records))
      .Number("altered", Signed(report.altered_count))
      .AppendTo(&out);
  AppendRecordFaults(report, &out);
  for (std::size_t i = 0; i < report.anchors.size(); ++i) {
    const AnchorReport& anchor = report.anchors[i];
    JsonLine line;
    line.Text("found", FindingOf(anchor.state)).Text("anchor", i == 0 ? "vault" : "chosen");
    if (anchor.counter != 0) line.Number("changes", Signed(anchor.counter));
    line.AppendTo(&out);
  }
  Output("-").Write(out);
  if (!report.intact()) {
    throw Failure(kKeyOrAltered, options.path + ": the store is not what was written last",
                  "keep the files, find out why, restore a copy");
  }
  return kDone;
}

ExitStatus AcceptStore(const AcceptOptions& options) {
  std::optional<std::string> anchor;
  if (!options.anchor.empty()) anchor = options.anchor;
  if (options.no_anchor) anchor = "";
  Require(Vault::Accept(options.vault.path, ProtectorOf(options.vault), anchor),
          options.vault.path);
  if (!options.vault.quiet) Tell("the store is taken for the right one, and anchored");
  return kDone;
}

ExitStatus ResealStore(const VaultOptions& options) {
  const Vault vault = OpenVault(options);
  Require(vault.Reseal(Percents(options, "resealed")), options.path);
  if (!options.quiet) Tell("every record stands under the newest storage epoch");
  return kDone;
}

ExitStatus PrintStoreStats(const VaultOptions& options) {
  const Vault vault = OpenVault(options);
  const StoreCounts counts = Take(vault.Count(), options.path);
  std::string out;
  JsonLine()
      .Number("persons", Signed(counts.persons))
      .Number("app_pseudonyms", Signed(counts.app_pseudonyms))
      .Number("conference_pseudonyms", Signed(counts.conference_pseudonyms))
      .Number("conferences", Signed(counts.conferences))
      .Number("participant_ids", Signed(counts.participant_ids))
      .Number("audit_entries", Signed(counts.audit_entries))
      .AppendTo(&out);
  Output("-").Write(out);
  return kDone;
}

}  // namespace moniker::tool
