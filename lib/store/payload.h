// What stands inside sealed records.
//
// Format: docs/formats/mapping-store.md, section 4.
// Thread safety: functions without state.
//
// Every Decode function is strict and answers kAltered for whatever an Encode function cannot have
// made: a payload has authenticated before it gets here, so anything else is damage or a defect.

#ifndef MONIKER_LIB_STORE_PAYLOAD_H_
#define MONIKER_LIB_STORE_PAYLOAD_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "moniker/audit_entry.h"
#include "moniker/identifier.h"
#include "moniker/label.h"
#include "moniker/prf.h"
#include "moniker/pseudonym.h"
#include "moniker/result.h"
#include "moniker/scope.h"
#include "moniker/secret.h"
#include "moniker/storage_backend.h"
#include "moniker/vault_policy.h"

namespace moniker::internal {

// Whose an external ID or participant ID is.
struct Link {
  RecordTag person;  // tag of the person's record, 16 bytes
  std::uint32_t identity_epoch = 0;
  Digest digest{};
  Scope scope = Scope::App();
  std::vector<Label> labels;   // that the roster gave, in ascending order of styles
  std::string participant_id;  // under a participant tag; unknown (empty) in format 1
  // Of an external ID in a conference: since 1970-01-01, when the person was last admitted under
  // it; 0: not known. After how many days it expires; 0: as the policy says.
  std::uint32_t day = 0;
  std::uint16_t retention_days = 0;

  // The label of a style: that of the roster, else that of the digest.
  Label LabelOf(LabelStyle style) const;

  friend bool operator==(const Link&, const Link&) = default;
};

inline constexpr std::size_t kMaxActorSize = 128;

using moniker::AuditEntry;
using moniker::AuditOperation;

// Newest epoch of each kind that anything in the store was made under.
struct KeyEpochs {
  std::uint32_t identity = 1;
  std::uint32_t storage = 1;
  std::uint32_t index = 1;

  friend bool operator==(const KeyEpochs&, const KeyEpochs&) = default;
};

struct StoreSettings {
  StoreFormat format = kStoreFormat;
  KeyEpochs epochs;
  std::string avatar_url_template;
  std::string anchor = {};  // path of one of the owner's choice; empty if there is none
  VaultPolicy policy = {};
};

// The kind of each issuer's identifiers.
using IssuerKinds = std::map<std::string, IdentifierKind, std::less<>>;
inline constexpr std::size_t kMaxIssuers = 4096;

inline constexpr std::size_t kMaxAvatarTemplateSize = 1024;
inline constexpr std::size_t kMaxAnchorSize = 4096;

// Errors of Encode: kInvalidArgument for what Decode would refuse; kExhausted.
Result<SecretBytes> EncodeLink(const Link& link);
Result<Link> DecodeLink(ByteView payload);

// The mark is the last sizeof(Digest) bytes; zeros if the entry has none yet. What is of the format
// before marks is decoded, and never made.
Result<SecretBytes> EncodeAuditEntry(const AuditEntry& entry);
Result<AuditEntry> DecodeAuditEntry(ByteView payload);

Result<SecretBytes> EncodeSettings(const StoreSettings& settings);
Result<StoreSettings> DecodeSettings(ByteView payload);

Result<SecretBytes> EncodeIssuers(const IssuerKinds& issuers);
Result<IssuerKinds> DecodeIssuers(ByteView payload);

// The tag of the person that an identifier belongs to.
Result<SecretBytes> EncodeIdentifierOwner(const RecordTag& person);
Result<RecordTag> DecodeIdentifierOwner(ByteView payload);

// The pseudonym that has a label in a conference.
Result<SecretBytes> EncodeRosterEntry(const Uuid::Bytes& owner);
Result<Uuid::Bytes> DecodeRosterEntry(ByteView payload);

// 1..128 bytes of UTF-8 without control characters; for actor and purpose.
bool IsAuditText(std::string_view text);

// 0..1024 bytes of UTF-8 without control characters.
bool IsAvatarTemplate(std::string_view text);

// 0..4096 bytes of UTF-8 without control characters.
bool IsAnchorPath(std::string_view text);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_PAYLOAD_H_
