#include "moniker/audit_log.h"

#include <algorithm>

#include "base/status_macros.h"
#include "resolve/audit_verification.h"
#include "store/audit_chain.h"
#include "store/scan.h"
#include "store/settings.h"
#include "vault/audit_key_file.h"
#include "vault/vault_files.h"

namespace moniker {
namespace {

using internal::StoreKeys;
using internal::VaultFiles;

Status RequireThisFormat(StorageBackend* backend) {
  MONIKER_ASSIGN_OR_RETURN(const StoreFormat format, backend->Format());
  if (format.version > kStoreFormat.version) {
    return Status(StatusCode::kNewerFormat, "the store was written by a newer version");
  }
  if (format == kStoreFormat) return Status::Ok();
  return Status(StatusCode::kUnsupported, "the store is of an older format");
}

// One state of the store, and the keys that it is read with: read after it was chosen.
struct State {
  std::unique_ptr<StorageSnapshot> snapshot;
  std::shared_ptr<const StoreKeys> keys;
};

Result<State> Choose(const VaultFiles& files) {
  State state;
  MONIKER_ASSIGN_OR_RETURN(state.snapshot, files.backend->Snapshot());
  MONIKER_ASSIGN_OR_RETURN(Keyring keyring, files.keyring());
  MONIKER_ASSIGN_OR_RETURN(state.keys, StoreKeys::Create(std::move(keyring)));
  return state;
}

bool Passes(const AuditLog::Filter& filter, const AuditEntry& entry) {
  return entry.time_ms >= filter.from_ms &&
         (!filter.before_ms || entry.time_ms < *filter.before_ms) &&
         (filter.actor.empty() || entry.actor == filter.actor) &&
         (!filter.alarming_only || IsAlarming(entry));
}

}  // namespace

const char* AuditFaultName(AuditFault fault) {
  switch (fault) {
    case AuditFault::kNone: return "none";
    case AuditFault::kManifest: return "manifest";
    case AuditFault::kAltered: return "altered";
    case AuditFault::kMissing: return "missing";
    case AuditFault::kAdded: return "added";
    case AuditFault::kMark: return "mark";
    case AuditFault::kChain: return "chain";
    case AuditFault::kOtherEnd: return "other_end";
  }
  return "";
}

bool AuditReport::intact() const {
  return fault == AuditFault::kNone && std::ranges::all_of(anchors, [](const AnchorReport& one) {
           return one.state == AnchorState::kCurrent || one.state == AnchorState::kBehind;
         });
}

AuditLog::AuditLog(std::unique_ptr<VaultFiles> files) : files_(std::move(files)) {}
AuditLog::AuditLog(AuditLog&& other) noexcept = default;
AuditLog::~AuditLog() = default;

Result<AuditLog> AuditLog::Open(const std::string& path, const Protector& protector) {
  MONIKER_ASSIGN_OR_RETURN(VaultFiles files, internal::OpenVaultFiles(path, protector));
  return AuditLog(std::make_unique<VaultFiles>(std::move(files)));
}

Result<SecretBytes> AuditLog::ReadKeyFile(const std::string& path) {
  return internal::ReadAuditKeyFile(path);
}

Status AuditLog::Read(const Filter& filter, const Visit& visit) const {
  if (files_ == nullptr) return Status(StatusCode::kClosed, "the audit log was moved from");
  MONIKER_RETURN_IF_ERROR(RequireThisFormat(files_->backend.get()));
  MONIKER_ASSIGN_OR_RETURN(const State state, Choose(*files_));
  const auto look_at = [&](const SealedRecord& record) -> Status {
    const std::uint64_t number = internal::AuditNumberOf(record.tag).value_or(0);
    const auto opened = state.keys->sealer().Open(Table::kAudit, record.tag, record.sealed);
    if (!opened.ok() && opened.status().code() != StatusCode::kAltered) return opened.status();
    const Result<AuditEntry> entry =
        opened.ok() ? internal::DecodeAuditEntry(opened->payload.Expose()) : opened.status();
    if (!entry.ok()) return visit(number, nullptr);
    return Passes(filter, *entry) ? visit(number, &*entry) : Status::Ok();
  };
  return internal::ForEach(Table::kAudit, state.snapshot.get(), look_at);
}

Result<AuditReport> AuditLog::Verify(const SecretBytes& audit_key, const Progress& progress) const {
  if (files_ == nullptr) return Status(StatusCode::kClosed, "the audit log was moved from");
  MONIKER_RETURN_IF_ERROR(RequireThisFormat(files_->backend.get()));
  MONIKER_ASSIGN_OR_RETURN(SecretBytes key, SecretBytes::CopyOf(audit_key.Expose()));
  // Anchors are read before the state is chosen that they are compared with.
  MONIKER_ASSIGN_OR_RETURN(const Keyring before, files_->keyring());
  MONIKER_ASSIGN_OR_RETURN(const std::string chosen,
                           internal::ChosenAnchor(files_->backend.get(), before));
  const internal::Anchors::Readings readings = internal::Anchors(files_->anchors(chosen)).Read();
  MONIKER_ASSIGN_OR_RETURN(const State state, Choose(*files_));
  return internal::AuditVerification(state.snapshot.get(), *state.keys, std::move(key), progress)
      .Run(readings);
}

}  // namespace moniker
