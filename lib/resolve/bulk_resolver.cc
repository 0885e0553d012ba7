#include "moniker/bulk_resolver.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/status_macros.h"
#include "moniker/pseudonym.h"
#include "resolve/answering.h"
#include "store/mapping_store.h"

namespace moniker {
namespace {

using internal::Answer;

constexpr std::size_t kMostPersons = std::size_t{1} << 20;
constexpr std::size_t kMostRemembered = std::size_t{1} << 18;

bool HasShapeOfId(std::string_view text) {
  return ExternalId::Parse(text).ok() || Uuid::Parse(text).ok();
}

// A set that is sorted when it has doubled: a fraction of the memory of others.
template <typename Value>
class CompactSet {
 public:
  void Add(const Value& value) {
    values_.push_back(value);
    if (values_.size() >= std::max(std::size_t{4096}, 2 * sorted_)) Compact();
  }

  void Compact() {
    std::ranges::sort(values_);
    // Not std::ranges::unique: Clang 14 does not take the subranges of GCC 12's library.
    values_.erase(std::unique(values_.begin(), values_.end()), values_.end());
    sorted_ = values_.size();
  }

  std::vector<Value>& values() { return values_; }

  void Clear() {
    values_.clear();
    sorted_ = 0;
  }

 private:
  std::vector<Value> values_;
  std::size_t sorted_ = 0;
};

}  // namespace

class BulkResolver::State {
 public:
  State(std::shared_ptr<internal::MappingStore> store, const AccessReason& reason,
        Resolver::Clock clock, Resolver::Alert alert)
      : store_(std::move(store)),
        actor_(reason.actor),
        purpose_(reason.purpose),
        break_glass_(reason.break_glass),
        clock_(std::move(clock)),
        alert_(std::move(alert)) {}

  Result<std::vector<std::optional<Resolved>>> ResolveMany(std::span<const std::string_view> ids) {
    bool honey = false;
    MONIKER_ASSIGN_OR_RETURN(std::vector<std::optional<Answer>> answers,
                             internal::AnswerMany(store_.get(), ids, &honey));
    std::vector<std::optional<Resolved>> resolved(ids.size());
    const std::lock_guard lock(mutex_);
    honey_ = honey_ || honey;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (answers[i] || HasShapeOfId(ids[i])) CountAsked(ids[i]);
      if (!answers[i]) continue;
      AddPerson(*answers[i]);
      resolved[i] = std::move(answers[i]->resolved);
    }
    if (persons_.values().size() >= kMostPersons) {
      persons_.Compact();
      if (persons_.values().size() >= kMostPersons / 2) MONIKER_RETURN_IF_ERROR(CommitLocked());
    }
    return resolved;
  }

  Status Commit() {
    const std::lock_guard lock(mutex_);
    return CommitLocked();
  }

 private:
  void CountAsked(std::string_view id) {
    const std::uint64_t hash = std::hash<std::string_view>()(id);
    const bool is_new =
        asked_.size() < kMostRemembered ? asked_.insert(hash).second : !asked_.contains(hash);
    if (is_new && newly_asked_ < std::numeric_limits<std::uint32_t>::max()) ++newly_asked_;
  }

  void AddPerson(const Answer& answer) {
    if (persons_.values().empty()) scope_ = answer.resolved.scope;
    if (scope_ != answer.resolved.scope) scope_.reset();
    persons_.Add(answer.person);
  }

  Status CommitLocked() {
    if (newly_asked_ == 0 && persons_.values().empty()) return Status::Ok();
    persons_.Compact();
    AuditEntry entry;
    entry.time_ms = clock_();
    if (break_glass_) entry.operation = AuditOperation::kBreakGlassResolve;
    entry.honey = std::exchange(honey_, false);
    entry.actor = actor_;
    entry.purpose = purpose_;
    entry.asked = newly_asked_;
    entry.scope = scope_;
    entry.persons = std::move(persons_.values());
    persons_.Clear();
    newly_asked_ = 0;
    scope_.reset();
    const Status status = internal::WriteEntry(store_.get(), std::move(entry), alert_);
    if (!status.ok()) asked_.clear();  // asked again, they count again
    return status;
  }

  const std::shared_ptr<internal::MappingStore> store_;
  const std::string actor_;
  const std::string purpose_;
  const bool break_glass_;
  const Resolver::Clock clock_;
  const Resolver::Alert alert_;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::unordered_set<std::uint64_t> asked_;  // hashes
  std::uint32_t newly_asked_ = 0;            // not in an entry yet
  bool honey_ = false;                       // likewise
  CompactSet<RecordTag> persons_;            // likewise
  std::optional<Scope> scope_;               // of these
};

BulkResolver::BulkResolver(std::unique_ptr<State> state) : state_(std::move(state)) {}
BulkResolver::BulkResolver(BulkResolver&& other) noexcept = default;
BulkResolver::~BulkResolver() = default;

Result<BulkResolver> BulkResolver::Create(const Vault& vault, const AccessReason& reason,
                                          Resolver::Clock clock, Resolver::Alert alert) {
  Resolver resolver = Resolver::Create(vault, std::move(clock), std::move(alert));
  if (resolver.store_ == nullptr) return Status(StatusCode::kClosed, "the vault was moved from");
  MONIKER_RETURN_IF_ERROR(internal::RequireReason(reason));
  return BulkResolver(std::make_unique<State>(
      std::move(resolver.store_), reason, std::move(resolver.clock_), std::move(resolver.alert_)));
}

Result<std::vector<std::optional<Resolved>>> BulkResolver::ResolveMany(
    std::span<const std::string_view> ids) {
  if (state_ == nullptr) return Status(StatusCode::kClosed, "the resolver was moved from");
  return state_->ResolveMany(ids);
}

Status BulkResolver::Commit() {
  if (state_ == nullptr) return Status(StatusCode::kClosed, "the resolver was moved from");
  return state_->Commit();
}

}  // namespace moniker
