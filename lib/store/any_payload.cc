#include "store/any_payload.h"

#include "store/manifest.h"
#include "store/payload.h"
#include "store/person_payload.h"
#include "store/settings.h"
#include "store/tombstone.h"

namespace moniker::internal {
namespace {

Status DecodeMeta(const RecordTag& tag, ByteView payload) {
  if (tag == SettingsTag()) return DecodeSettings(payload).status();
  if (tag == ManifestTag()) return DecodeManifest(payload).status();
  return DecodeIssuers(payload).status();
}

}  // namespace

Status CheckPayload(Table table, const RecordTag& tag, ByteView payload) {
  switch (table) {
    case Table::kMeta: return DecodeMeta(tag, payload);
    case Table::kPerson: return DecodePerson(payload).status();
    case Table::kExternalId:
    case Table::kParticipant: return DecodeLink(payload).status();
    case Table::kAudit: return DecodeAuditEntry(payload).status();
    case Table::kIdentifier: return DecodeIdentifierOwner(payload).status();
    case Table::kRoster: return DecodeRosterEntry(payload).status();
    case Table::kTombstone: return DecodeTombstone(tag, payload).status();
  }
  return Status(StatusCode::kAltered, "no table of the store");
}

}  // namespace moniker::internal
