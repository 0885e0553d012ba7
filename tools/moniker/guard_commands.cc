// What a vault does by its policy: budgets of those who resolve, persons who are marked,
// conferences that are old.

#include <string>

#include "commands.h"
#include "io.h"
#include "person_record.h"
#include "records.h"
#include "times.h"

namespace moniker::tool {
namespace {

// What is wrong with --actor, --purpose.
void RequireReason(const Status& status) {
  if (status.code() != StatusCode::kInvalidArgument || status.locator() >= 0) return;
  FailUsage("--" + std::string(status.message()));
}

}  // namespace

VaultPolicy PolicyOptions::ApplyTo(VaultPolicy policy) const {
  policy.lookups_per_hour = budget_hour.value_or(policy.lookups_per_hour);
  policy.lookups_per_day = budget_day.value_or(policy.lookups_per_day);
  policy.retention_days = retention.value_or(policy.retention_days);
  return policy;
}

ExitStatus ShowOrSetPolicy(const StorePolicyOptions& options) {
  const Vault vault = OpenVault(options.vault);
  VaultPolicy policy = Take(vault.policy(), options.vault.path);
  if (!options.policy.empty()) {
    policy = options.policy.ApplyTo(policy);
    const Status status =
        vault.SetPolicy(policy, {.actor = options.actor, .purpose = options.purpose});
    RequireReason(status);
    Require(status, options.vault.path);
  }
  std::string out;
  JsonLine()
      .Number("budget_hour", policy.lookups_per_hour)
      .Number("budget_day", policy.lookups_per_day)
      .Number("retention_days", policy.retention_days)
      .AppendTo(&out);
  Output("-").Write(out);
  return kDone;
}

ExitStatus Mark(const MarkOptions& options) {
  const Vault vault = OpenVault(options.vault);
  const std::string text = ReadInput(options.input);
  const std::vector<Record> records = ParseRecords(text);
  std::vector<Identifier> identifiers;
  for (const Record& record : records) {
    identifiers.push_back({record.Text("issuer"), record.Text("id"), KindIn(record, "kind")});
  }
  if (identifiers.empty()) return kDone;
  const Status status = vault.MarkPersons(identifiers, !options.remove,
                                          {.actor = options.actor, .purpose = options.purpose});
  RequireReason(status);
  if (IsOfRecord(status) || (status.code() == StatusCode::kNotFound && status.locator() >= 0)) {
    FailRecord(status, static_cast<std::size_t>(status.locator()));
  }
  Require(status, options.vault.path);
  if (!options.vault.quiet) {
    Tell(Plural(identifiers.size(), "person is", "persons are") +
         (options.remove ? " marked no more" : " marked"));
  }
  return kDone;
}

ExitStatus ExpireStore(const ExpireOptions& options) {
  ExpiryOptions wanted{.undated = options.undated,
                       .persons = options.persons,
                       .reason = {.actor = options.actor, .purpose = options.purpose}};
  if (!options.before.empty()) wanted.before_ms = TimeOf("--before", options.before);
  const Vault vault = OpenVault(options.vault);
  const Result<Expiry> expired = vault.Expire(wanted);
  RequireReason(expired.status());
  Require(expired.status(), options.vault.path);
  std::string out;
  JsonLine()
      .Number("pseudonyms", static_cast<std::int64_t>(expired->pseudonyms))
      .Number("participant_ids", static_cast<std::int64_t>(expired->participant_ids))
      .Number("persons", static_cast<std::int64_t>(expired->persons))
      .AppendTo(&out);
  Output("-").Write(out);
  if (!expired->log_is_empty && !options.vault.quiet) {
    Tell(
        "somebody reads an older state of the store: what expired is in its log until it is "
        "shortened");
  }
  return kDone;
}

}  // namespace moniker::tool
