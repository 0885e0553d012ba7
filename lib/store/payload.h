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
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "moniker/person.h"
#include "moniker/prf.h"
#include "moniker/result.h"
#include "moniker/scope.h"
#include "moniker/secret.h"
#include "moniker/storage_backend.h"

namespace moniker::internal {

// Whose an external ID or participant ID is.
struct Link {
  RecordTag person;  // tag of the person's record, 16 bytes
  std::uint32_t identity_epoch = 0;
  Digest digest{};
  Scope scope = Scope::App();

  friend bool operator==(const Link&, const Link&) = default;
};

// persistent: never renumber
enum class AuditOperation : std::uint8_t { kResolve = 1 };

inline constexpr std::size_t kMaxActorSize = 128;

struct AuditEntry {
  std::uint64_t time_ms = 0;  // since 1970-01-01 UTC
  AuditOperation operation = AuditOperation::kResolve;
  std::string actor;    // 1..128 bytes of UTF-8 without control characters
  std::string purpose;  // likewise
  std::uint32_t asked = 0;
  std::vector<RecordTag> persons;  // tags of those answered
};

struct StoreSettings {
  StoreFormat format = kStoreFormat;
  std::string avatar_url_template;
};

inline constexpr std::size_t kMaxAvatarTemplateSize = 1024;

// A person's payload whose fields are views, valid as long as the payload.
struct DecodedPerson {
  std::string_view issuer;
  std::string_view id;
  std::string_view name;
  std::vector<FieldView> fields;  // in ascending order of names

  PersonView view() const { return {issuer, id, name, fields}; }
};

// Fields are put into order. REQUIRES: ValidatePerson(person).ok(). Errors: kExhausted.
Result<SecretBytes> EncodePerson(const PersonView& person);
Result<DecodedPerson> DecodePerson(ByteView payload);

// Of these three. Errors: kInvalidArgument for what Decode would refuse; kExhausted.
Result<SecretBytes> EncodeLink(const Link& link);
Result<Link> DecodeLink(ByteView payload);

Result<SecretBytes> EncodeAuditEntry(const AuditEntry& entry);
Result<AuditEntry> DecodeAuditEntry(ByteView payload);

Result<SecretBytes> EncodeSettings(const StoreSettings& settings);
Result<StoreSettings> DecodeSettings(ByteView payload);

// 1..128 bytes of UTF-8 without control characters; for actor and purpose.
bool IsAuditText(std::string_view text);

// 0..1024 bytes of UTF-8 without control characters.
bool IsAvatarTemplate(std::string_view text);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_PAYLOAD_H_
