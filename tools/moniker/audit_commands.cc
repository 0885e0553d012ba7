// audit: what the audit log of a vault says, and whether it is whole.

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "commands.h"
#include "io.h"
#include "moniker/audit_log.h"
#include "records.h"
#include "times.h"

namespace moniker::tool {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 16;

AuditLog OpenAuditLog(const VaultOptions& options) {
  const Protector protector = ProtectorOf(options);
  Result<AuditLog> log = AuditLog::Open(options.path, protector);
  if (!log.ok()) FailToOpen(log.status(), options);
  return *std::move(log);
}

AuditLog::Filter FilterOf(const AuditOptions& options) {
  AuditLog::Filter filter;
  if (!options.from.empty()) filter.from_ms = TimeOf("--from", options.from);
  if (!options.to.empty()) filter.before_ms = TimeOf("--to", options.to);
  filter.actor = options.actor;
  filter.alarming_only = options.alerts;
  return filter;
}

// What came of it.
const char* OutcomeOf(const AuditEntry& entry) {
  if (entry.operation == AuditOperation::kRefusedResolve) return "refused";
  if (entry.persons.size() >= entry.asked) return "done";
  return entry.persons.empty() ? "nothing" : "partly";
}

void AppendJson(std::uint64_t number, const AuditEntry* entry, std::string* out) {
  JsonLine line;
  line.Raw("entry", std::to_string(number));
  if (entry == nullptr) {
    line.Text("error", "altered").AppendTo(out);
    return;
  }
  line.Text("time", TimeText(entry->time_ms))
      .Text("operation", AuditOperationName(entry->operation))
      .Text("outcome", OutcomeOf(*entry));
  if (entry->honey) line.Bool("honey", true);
  if (!entry->actor.empty()) line.Text("actor", entry->actor);
  if (!entry->purpose.empty()) line.Text("purpose", entry->purpose);
  if (entry->scope) line.Text("scope", entry->scope->is_app() ? "app" : "conference");
  if (entry->scope && !entry->scope->is_app()) line.Text("conference", entry->scope->conference());
  std::string persons;
  for (const RecordTag& person : entry->persons) {
    persons += (persons.empty() ? "\"" : ",\"") + HexOf(person.bytes()) + '"';
  }
  line.Raw("asked", std::to_string(entry->asked))
      .Raw("answered", std::to_string(entry->persons.size()))
      .Raw("persons", "[" + persons + "]");
  if (entry->mark) line.Text("mark", HexOf(*entry->mark));
  line.AppendTo(out);
}

void AppendForPeople(std::uint64_t number, const AuditEntry* entry, std::string* out) {
  *out += std::to_string(number) + "  ";
  if (entry == nullptr) {
    *out += "ALTERED\n";
    return;
  }
  *out += TimeText(entry->time_ms) + "  " + std::string(AuditOperationName(entry->operation));
  if (!entry->actor.empty()) *out += "  by " + entry->actor;
  if (!entry->purpose.empty()) *out += "  for " + entry->purpose;
  *out += "  asked " + std::to_string(entry->asked) + ", answered " +
          std::to_string(entry->persons.size());
  if (entry->scope && !entry->scope->is_app()) *out += "  in " + entry->scope->conference();
  if (entry->honey) *out += "  HONEY";
  *out += '\n';
}

template <typename Append>
ExitStatus PrintEntries(const AuditOptions& options, Append append) {
  const AuditLog::Filter filter = FilterOf(options);
  CheckOutput(options.output, "", options.vault.path);
  const AuditLog log = OpenAuditLog(options.vault);
  Output output(options.output);
  std::string block;
  std::uint64_t altered = 0;
  const auto visit = [&](std::uint64_t number, const AuditEntry* entry) {
    altered += entry == nullptr;
    append(number, entry, &block);
    if (block.size() < kBlock) return Status::Ok();
    const Status written = output.Append(block);
    block.clear();
    return written;
  };
  Require(log.Read(filter, visit), options.vault.path);
  Require(output.Append(block), output.name());
  Require(output.Commit(), output.name());
  if (altered == 0) return kDone;
  Tell(Plural(altered, "entry was", "entries were") + " altered: moniker audit VAULT verify");
  return kSomeRejected;
}

const char* FaultText(AuditFault fault) {
  switch (fault) {
    case AuditFault::kNone: return "";
    case AuditFault::kManifest: return "what the store says of its log was altered";
    case AuditFault::kAltered: return "was altered";
    case AuditFault::kMissing: return "is missing";
    case AuditFault::kAdded: return "was added behind the end of the log";
    case AuditFault::kMark: return "has no mark of the audit key: it was altered or forged";
    case AuditFault::kChain: return "or one behind it was altered or forged";
    case AuditFault::kOtherEnd: return "and what followed were cut off, or the log was made anew";
  }
  return "";
}

std::string AnchorText(const AnchorReport& anchor, std::size_t place) {
  const std::string which = place == 0 ? "store.head" : "the further anchor";
  const std::string entries = Plural(anchor.audit_entries, "entry", "entries");
  switch (anchor.state) {
    case AnchorState::kCurrent:
    case AnchorState::kBehind: return which + " knows " + entries;
    case AnchorState::kAhead: return which + " knows " + entries + ": the end of the log was cut";
    case AnchorState::kOtherHistory:
      return which + " knows other " + entries + ": the log was changed before its end";
    case AnchorState::kAltered: return which + " was altered";
    case AnchorState::kMissing: return which + " is missing";
  }
  return which;
}

[[noreturn]] void FailAudit(const AuditReport& report, const std::string& path) {
  std::string what;
  if (report.fault != AuditFault::kNone) {
    what = report.first_bad == 0 ? "" : "audit entry " + std::to_string(report.first_bad) + " ";
    what += FaultText(report.fault);
  }
  for (std::size_t i = 0; i < report.anchors.size() && what.empty(); ++i) {
    const AnchorState state = report.anchors[i].state;
    if (state == AnchorState::kCurrent || state == AnchorState::kBehind) continue;
    what = AnchorText(report.anchors[i], i);
  }
  throw Failure(kKeyOrAltered, path + ": " + what,
                "keep the vault as it is and find out who changed it; moniker store VAULT verify");
}

}  // namespace

ExitStatus ShowAuditLog(const AuditOptions& options) {
  return PrintEntries(options, AppendForPeople);
}

ExitStatus ExportAuditLog(const AuditOptions& options) { return PrintEntries(options, AppendJson); }

ExitStatus VerifyAuditLog(const AuditOptions& options) {
  SecretBytes audit_key;
  if (!options.audit_key.empty()) {
    audit_key = Take(AuditLog::ReadKeyFile(options.audit_key), options.audit_key);
  }
  const AuditLog log = OpenAuditLog(options.vault);
  const bool shows_progress = !options.vault.quiet && ::isatty(STDERR_FILENO) == 1;
  std::uint64_t shown = 0;
  const auto progress = [&](std::uint64_t done, std::uint64_t total) {
    const std::uint64_t percent =
        total == 0 ? 100 : std::min<std::uint64_t>(done * 100 / total, 100);
    if (!shows_progress || percent == shown) return;
    shown = percent;
    Tell("verified " + std::to_string(percent) + " %");
  };
  const AuditReport report = Take(log.Verify(audit_key, progress), options.vault.path);
  if (!options.vault.quiet) {
    for (std::size_t i = 0; i < report.anchors.size(); ++i) Tell(AnchorText(report.anchors[i], i));
    Tell("anchored up to entry " + std::to_string(report.anchored) + " of " +
         std::to_string(report.entries));
    if (audit_key.empty()) Tell("checked without an audit key");
  }
  if (!report.intact()) FailAudit(report, options.vault.path);
  std::string out;
  JsonLine()
      .Raw("entries", std::to_string(report.entries))
      .Raw("anchored", std::to_string(report.anchored))
      .Raw("marks", std::to_string(report.marks))
      .Raw("refused", std::to_string(report.refused))
      .Raw("break_glass", std::to_string(report.break_glass))
      .Raw("honey", std::to_string(report.honey))
      .Bool("intact", true)
      .AppendTo(&out);
  Output("-").Write(out);
  return kDone;
}

}  // namespace moniker::tool
