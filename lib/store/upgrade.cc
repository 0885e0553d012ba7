// From store format 1 to this one.

#include <set>

#include "base/status_macros.h"
#include "store/audit_chain.h"
#include "store/mapping_store.h"
#include "store/person_payload.h"
#include "store/persons.h"
#include "store/roster.h"
#include "store/scan.h"
#include "store/settings.h"

namespace moniker::internal {
namespace {

// Every issuer's identifiers were opaque, and stay so, that the external IDs stay what they are;
// those of "email" and "phone" have the built-in kinds from now on.
Status EnterIssuers(StorageReader* reader, WorkingSet* set) {
  std::set<std::string, std::less<>> names;
  MONIKER_RETURN_IF_ERROR(
      WalkThrough(Table::kPerson, reader, [&](const SealedRecord& record) -> Status {
        MONIKER_ASSIGN_OR_RETURN(
            const RecordSealer::Opened opened,
            set->keys().sealer().Open(Table::kPerson, record.tag, record.sealed));
        MONIKER_ASSIGN_OR_RETURN(const StoredPerson person, DecodePerson(opened.payload.Expose()));
        for (const StoredIdentifier& one : person.identifiers) {
          if (BuiltInKind(one.issuer) == IdentifierKind::kOpaque) names.emplace(one.issuer);
        }
        return Status::Ok();
      }));
  return Issuers(set).DeclareAll(names, IdentifierKind::kOpaque);
}

// Labels were those of the digests, and nobody saw to it that a conference has each but once.
Status EnterLabels(StorageReader* reader, WorkingSet* set) {
  return ForEach(Table::kExternalId, reader, [&](const SealedRecord& record) -> Status {
    MONIKER_ASSIGN_OR_RETURN(WorkingSet::Entry* const entry,
                             set->Find(Table::kExternalId, record.tag));
    MONIKER_ASSIGN_OR_RETURN(Link link, DecodeLink(entry->payload()));
    if (link.scope.is_app()) return Status::Ok();
    MONIKER_ASSIGN_OR_RETURN(
        const Label label,
        TakeLabel(link.scope.conference(), Pseudonym(link.digest), LabelStyle::kCode, set));
    link.labels = {label};
    MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, EncodeLink(link));
    set->Put(entry, std::move(payload));
    return Status::Ok();
  });
}

}  // namespace

Status MappingStore::Upgrade() {
  MONIKER_ASSIGN_OR_RETURN(std::unique_ptr<StorageTransaction> inner, backend_->Begin());
  MONIKER_RETURN_IF_ERROR(inner->Upgrade());
  Write write;
  MONIKER_ASSIGN_OR_RETURN(write.state, CurrentState(inner.get()));
  const StoreKeys& keys = *write.state.keys;
  MONIKER_ASSIGN_OR_RETURN(const StoreSettings settings, OpenSettings(keys, write.state.settings));
  if (settings.format == kStoreFormat) return Status::Ok();  // another process was first

  MONIKER_ASSIGN_OR_RETURN(Manifest manifest, NewManifest());
  MONIKER_ASSIGN_OR_RETURN(std::shared_ptr<const IntegrityKeys> integrity_keys,
                           IntegrityKeysOf(manifest, keys.keyring()));
  write.transaction = std::make_unique<AccountedTransaction>(
      std::move(inner), SealerOf(write.state.keys), std::move(manifest), std::move(integrity_keys));
  MONIKER_RETURN_IF_ERROR(write.transaction->AccountForAll());
  WorkingSet set(write.state.keys, write.transaction.get());
  MONIKER_RETURN_IF_ERROR(EnterAuditEntries(keys, write.transaction.get()));
  MONIKER_RETURN_IF_ERROR(EnterIssuers(write.transaction.get(), &set));
  MONIKER_RETURN_IF_ERROR(EnterLabels(write.transaction.get(), &set));
  MONIKER_RETURN_IF_ERROR(PutSettings({}, &set));
  MONIKER_RETURN_IF_ERROR(Commit(&write, &set));
  ForgetSettings();
  return Status::Ok();
}

}  // namespace moniker::internal
