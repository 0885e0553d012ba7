#include "torture/workload.h"

#include <utility>

#include "base/status_macros.h"
#include "moniker/sqlite_backend.h"

namespace moniker::testing {

Crowd::Crowd(std::uint64_t first, std::uint64_t count, bool renamed) {
  for (std::uint64_t number = first; number < first + count; ++number) {
    ids_.push_back(IdOfPerson(number));
    names_.push_back(NameOfPerson(number, renamed));
  }
}

std::vector<PersonView> Crowd::views() const {
  std::vector<PersonView> views;
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    views.push_back({.issuer = kIssuer, .id = ids_[i], .name = names_[i]});
  }
  return views;
}

std::vector<Identifier> Crowd::identifiers() const {
  std::vector<Identifier> identifiers;
  for (const std::string& id : ids_) identifiers.push_back({.issuer = kIssuer, .id = id});
  return identifiers;
}

Result<IdentityGate> GateOf(const Vault& vault, const std::string& conference,
                            std::optional<std::uint32_t> identity_epoch) {
  Scope scope = Scope::App();
  if (!conference.empty()) {
    MONIKER_ASSIGN_OR_RETURN(scope, Scope::Conference(conference));
  }
  return IdentityGate::Create(vault, {.scope = scope, .identity_epoch = identity_epoch});
}

Workload::Workload(const Vault& vault, std::string path, const Ledger& past, Options options,
                   Journal* journal)
    : vault_(vault),
      path_(std::move(path)),
      options_(options),
      next_person_(past.next_person()),
      random_(options.seed),
      journal_(journal) {
  for (const Step& step : past.steps()) {
    // Also if it was not acknowledged: to admit them again would make them somebody new.
    if (step.kind == Step::kErase) {
      std::erase_if(groups_, [&](const Group& group) { return group.first == step.first; });
    }
    if (step.kind == Step::kExpire) DropConferences();
    if (!step.done) continue;
    if (step.kind == Step::kAdmit) {
      groups_.push_back({step.first, step.count, step.conference, step.external_ids});
    }
    for (Group& group : groups_) {
      if (group.first != step.first) continue;
      group.renamed = group.renamed || step.kind == Step::kRename;
      group.bound = group.bound || step.kind == Step::kBind;
    }
  }
}

Status Workload::Finish(const Status& status, std::vector<std::string> external_ids) {
  if (status.ok()) journal_->Done(external_ids);
  return status;
}

Status Workload::Next() {
  const std::uint64_t dice = Below(100);
  if (dice < 28) return Admit(1, "");
  if (dice < 34) return Admit(2 + Below(4), "");
  if (dice < 44) return Admit(1 + Below(5), "visit-" + std::to_string(Below(4)));
  if (dice < 48) return Admit(options_.bulk / 2 + Below(options_.bulk / 2), "");
  if (dice < 56) return Rename();
  if (dice < 70) return Bind();
  if (dice < 88) return Resolve();
  if (dice < 91) return Reseal();
  if (dice < 95) return Rotate(static_cast<KeyKind>(1 + Below(3)));
  if (dice < 96) return Destroy();
  if (dice < 97) return Erase();
  if (dice < 98) return Expire();
  if (dice < 99) return Backup();
  return Checkpoint();
}

Status Workload::Admit(std::uint64_t count, const std::string& conference) {
  const std::uint64_t first = std::exchange(next_person_, next_person_ + count);
  journal_->Begin({.kind = Step::kAdmit, .first = first, .count = count, .conference = conference});
  MONIKER_ASSIGN_OR_RETURN(const IdentityGate gate, GateOf(vault_, conference));
  const Crowd crowd(first, count, false);
  MONIKER_ASSIGN_OR_RETURN(const std::vector<SessionIdentity> admitted,
                           gate.AdmitMany(crowd.views(), crowd.roles()));
  std::vector<std::string> ids;
  for (const SessionIdentity& one : admitted) ids.push_back(one.external_id());
  groups_.push_back({first, count, conference, ids});
  return Finish(Status::Ok(), std::move(ids));
}

Status Workload::Rename() {
  if (groups_.empty()) return Status::Ok();
  Group& group = groups_[Below(groups_.size())];
  // Under the keys of now it would be another pseudonym of the same person.
  if (group.renamed) return Status::Ok();
  journal_->Begin({.kind = Step::kRename,
                   .first = group.first,
                   .count = group.count,
                   .conference = group.conference});
  MONIKER_ASSIGN_OR_RETURN(const IdentityGate gate, GateOf(vault_, group.conference));
  const Crowd crowd(group.first, group.count, true);
  MONIKER_RETURN_IF_ERROR(gate.AdmitMany(crowd.views(), crowd.roles()).status());
  group.renamed = true;
  return Finish(Status::Ok());
}

Status Workload::Bind() {
  if (groups_.empty()) return Status::Ok();
  Group& group = groups_[Below(groups_.size())];
  if (group.bound) return Status::Ok();
  journal_->Begin({.kind = Step::kBind, .first = group.first, .count = group.count});
  std::vector<std::string> participants;
  for (std::uint64_t i = 0; i < group.count; ++i) {
    participants.push_back(ParticipantOf(group.first + i));
  }
  std::vector<IdentityGate::Binding> bindings;
  for (std::size_t i = 0; i < group.count; ++i) {
    bindings.push_back({participants[i], group.external_ids[i]});
  }
  MONIKER_ASSIGN_OR_RETURN(const std::vector<Status> statuses,
                           IdentityGate::BindMany(vault_, bindings));
  for (const Status& status : statuses) MONIKER_RETURN_IF_ERROR(status);
  group.bound = true;
  return Finish(Status::Ok());
}

Status Workload::Resolve() {
  if (groups_.empty()) return Status::Ok();
  const Group& group = groups_[Below(groups_.size())];
  journal_->Begin({.kind = Step::kResolve, .first = group.first, .count = 1});
  return Finish(
      Resolver::Create(vault_).Resolve(group.external_ids.front(), kTortureReason).status());
}

Status Workload::Rotate(KeyKind kind) {
  journal_->Begin({.kind = Step::kRotate, .first = static_cast<std::uint64_t>(kind)});
  return Finish(vault_.RotateKeys(kind));
}

Status Workload::Reseal() {
  journal_->Begin({.kind = Step::kReseal});
  return Finish(vault_.Reseal());
}

Status Workload::Destroy() {
  journal_->Begin({.kind = Step::kDestroy});
  const std::uint32_t oldest = vault_.keyring()->Epochs(KeyKind::kStorage).front();
  const Status status = vault_.DestroyEpoch(KeyKind::kStorage, oldest);
  const bool needed = status.code() == StatusCode::kConflict ||
                      status.code() == StatusCode::kInvalidArgument;  // the only one
  return Finish(needed ? Status::Ok() : status);
}

Status Workload::Checkpoint() {
  journal_->Begin({.kind = Step::kCheckpoint});
  MONIKER_ASSIGN_OR_RETURN(const std::unique_ptr<StorageBackend> tables, OpenSqliteStore(path_));
  return Finish(tables->Checkpoint().status());
}

Status Workload::Erase() {
  if (groups_.empty()) return Status::Ok();
  const std::size_t chosen = Below(groups_.size());
  const Group group = groups_[chosen];
  groups_.erase(groups_.begin() + static_cast<std::ptrdiff_t>(chosen));
  journal_->Begin({.kind = Step::kErase, .first = group.first, .count = group.count});
  const Crowd crowd(group.first, group.count, false);
  std::vector<ErasureTarget> targets;
  for (const Identifier& identifier : crowd.identifiers()) targets.emplace_back(identifier);
  return Finish(vault_.Erase(targets, kTortureReason).status());
}

void Workload::DropConferences() {
  std::erase_if(groups_, [](const Group& group) { return !group.conference.empty(); });
}

Status Workload::Expire() {
  DropConferences();
  journal_->Begin({.kind = Step::kExpire});
  constexpr std::uint64_t kEndOfTime = 1ull << 45;
  return Finish(
      vault_.Expire({.before_ms = kEndOfTime, .persons = true, .reason = kTortureReason}).status());
}

Status Workload::Backup() {
  last_backup_.clear();
  journal_->Begin({.kind = Step::kBackup});
  std::string written;
  MONIKER_RETURN_IF_ERROR(vault_.Backup([&](std::span<const std::uint8_t> part) {
    written.append(part.begin(), part.end());
    return Status::Ok();
  }));
  last_backup_ = std::move(written);
  return Finish(Status::Ok());
}

}  // namespace moniker::testing
