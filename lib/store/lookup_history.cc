#include "store/lookup_history.h"

#include <algorithm>
#include <vector>

#include "base/status_macros.h"
#include "store/audit_chain.h"
#include "store/day.h"

namespace moniker::internal {
namespace {

constexpr std::uint64_t kHourMs = 3'600'000;
constexpr std::uint64_t kStep = 256;  // entries that are read at a time

bool IsOlder(std::uint64_t time_ms, std::uint64_t now_ms, std::uint64_t span_ms) {
  return now_ms > time_ms && now_ms - time_ms >= span_ms;
}

bool AsksForIds(const AuditEntry& entry) {
  return entry.operation == AuditOperation::kResolve ||
         entry.operation == AuditOperation::kBreakGlassResolve;
}

// Entries first..last of the log. Errors: kAltered if one is not there or does not open.
Result<std::vector<AuditEntry>> ReadEntries(std::uint64_t first, std::uint64_t last,
                                            const StoreKeys& keys, StorageReader* reader) {
  std::vector<RecordTag> tags;
  for (std::uint64_t number = first; number <= last; ++number) tags.push_back(AuditTag(number));
  std::vector<std::optional<SealedBytes>> found;
  MONIKER_RETURN_IF_ERROR(reader->FindMany(Table::kAudit, tags, &found));
  std::vector<AuditEntry> entries;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (!found[i]) return AlteredAuditLog();
    MONIKER_ASSIGN_OR_RETURN(const RecordSealer::Opened opened,
                             keys.sealer().Open(Table::kAudit, tags[i], *found[i]));
    MONIKER_ASSIGN_OR_RETURN(entries.emplace_back(), DecodeAuditEntry(opened.payload.Expose()));
  }
  return entries;
}

}  // namespace

// Backwards: of a long log only its end is read. The times of those who ask for IDs do not decrease
// from one change of the policy to the next, so the first one that is a day before the last ends
// it.
Status LookupHistory::CatchUp(const StoreKeys& keys, AccountedTransaction* transaction) {
  const std::uint64_t end = transaction->manifest().audit.entries;
  if (end < known_) {  // another state of the store
    lookups_.clear();
    known_ = 0;
  }
  std::vector<Lookups> newer;  // newest first
  bool is_enough = false;
  for (std::uint64_t last = end; last > known_ && !is_enough;) {
    const std::uint64_t first = std::max(known_ + 1, last - std::min(last - 1, kStep - 1));
    MONIKER_ASSIGN_OR_RETURN(std::vector<AuditEntry> entries,
                             ReadEntries(first, last, keys, transaction));
    for (std::uint64_t number = last; number >= first && !is_enough; --number) {
      AuditEntry& entry = entries[number - first];
      is_enough = entry.operation == AuditOperation::kPolicy;
      if (!AsksForIds(entry)) continue;
      const std::uint64_t newest = newer.empty() ? entry.time_ms : newer.front().time_ms;
      is_enough = IsOlder(entry.time_ms, newest, kDayMs);
      newer.push_back({number, entry.time_ms, entry.asked, std::move(entry.actor)});
    }
    last = first - 1;
  }
  if (is_enough) lookups_.clear();
  lookups_.insert(lookups_.end(), std::make_move_iterator(newer.rbegin()),
                  std::make_move_iterator(newer.rend()));
  known_ = end;
  return Status::Ok();
}

std::uint64_t LookupHistory::AskedFor(const std::string& actor, std::uint64_t now_ms,
                                      std::uint64_t span_ms) const {
  std::uint64_t asked = 0;
  for (auto one = lookups_.rbegin(); one != lookups_.rend(); ++one) {
    if (IsOlder(one->time_ms, now_ms, span_ms)) break;
    if (one->actor == actor) asked += one->asked;
  }
  return asked;
}

// What is not committed yet may still come to nothing; what is a day old counts no more.
void LookupHistory::Forget(std::uint64_t committed) {
  while (!lookups_.empty() && lookups_.back().number > committed) lookups_.pop_back();
  known_ = std::min(known_, committed);
  if (lookups_.empty()) return;
  const std::uint64_t newest = lookups_.back().time_ms;
  while (IsOlder(lookups_.front().time_ms, newest, kDayMs)) lookups_.pop_front();
}

Result<LookupHistory::Verdict> LookupHistory::Judge(const AuditEntry& entry,
                                                    const VaultPolicy& policy,
                                                    const StoreKeys& keys,
                                                    AccountedTransaction* transaction) {
  MONIKER_RETURN_IF_ERROR(CatchUp(keys, transaction));
  Verdict verdict;
  // A clock that was put back makes nobody's lookups older.
  verdict.time_ms = std::max(entry.time_ms, lookups_.empty() ? 0 : lookups_.back().time_ms);
  const auto is_within = [&](std::uint32_t budget, std::uint64_t span_ms) {
    return budget == 0 || AskedFor(entry.actor, verdict.time_ms, span_ms) + entry.asked <= budget;
  };
  verdict.is_within_budget =
      is_within(policy.lookups_per_hour, kHourMs) && is_within(policy.lookups_per_day, kDayMs);
  Forget(transaction->audit_entries_before());
  return verdict;
}

}  // namespace moniker::internal
