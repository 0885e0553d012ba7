// What stands inside the sealed record of a person.
//
// Format: docs/formats/mapping-store.md, section 4.1.
// Thread safety: functions without state.

#ifndef MONIKER_LIB_STORE_PERSON_PAYLOAD_H_
#define MONIKER_LIB_STORE_PERSON_PAYLOAD_H_

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "moniker/identifier.h"
#include "moniker/person.h"
#include "moniker/result.h"
#include "moniker/secret.h"
#include "moniker/storage_backend.h"

namespace moniker::internal {

inline constexpr std::size_t kMaxAbsorbed = 64;
inline constexpr std::size_t kMaxIdentifiers = 64;

struct StoredIdentifier {
  IdentifierKind kind = IdentifierKind::kOpaque;
  std::string_view issuer;
  std::string_view value;  // canonical
  std::string_view given;  // as the application first wrote it; empty if that is the value

  Identifier identifier() const { return {issuer, value, kind}; }
  std::string_view as_given() const { return given.empty() ? value : given; }
};

// Views, valid as long as the payload or person that they were taken from.
struct StoredPerson {
  ByteView handle;                       // 32 bytes in an enrolled vault, else none
  std::optional<RecordTag> merged_into;  // the person that this one was found to be
  std::vector<RecordTag> absorbed;       // ascending
  bool honey = false;                    // to be told of when resolved
  std::vector<StoredIdentifier> identifiers;
  std::string_view name;
  std::vector<FieldView> fields;
};

// Fields and absorbed persons are put into order.
// Errors: kInvalidArgument for what DecodePerson would refuse; kExhausted.
Result<SecretBytes> EncodePerson(const StoredPerson& person);

// Strict: kAltered for whatever EncodePerson, or format 1, cannot have made.
Result<StoredPerson> DecodePerson(ByteView payload);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_STORE_PERSON_PAYLOAD_H_
