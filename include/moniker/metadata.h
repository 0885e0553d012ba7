// A few typed values that travel sealed behind an external ID, for who has the keyring and no
// store.
//
// Only for platforms that have room for them (Platform::metadata). They become part of what the
// platform is sent: equal metadata of one ID gives equal bytes, other metadata other bytes.
//
// Format: docs/formats/metadata.md.
// Thread safety: functions without state.

#ifndef MONIKER_METADATA_H_
#define MONIKER_METADATA_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "moniker/pseudonym.h"
#include "moniker/result.h"

namespace moniker {

class Keyring;

// No field takes free text, which would become a place for names.
struct Metadata {
  // 1..40 ASCII letters, blanks and hyphens, a letter at either end.
  std::optional<std::string> role = std::nullopt;
  // A BCP 47 tag of 2..35 bytes ("en-GB"), kept as given.
  std::optional<std::string> locale = std::nullopt;
  // What these two mean is the application's affair.
  std::optional<std::uint32_t> shard = std::nullopt;
  std::optional<std::uint32_t> flags = std::nullopt;
  // Seconds since 1970-01-01 UTC.
  std::optional<std::uint64_t> expiry = std::nullopt;

  friend bool operator==(const Metadata&, const Metadata&) = default;
};

// Errors: kInvalidArgument (the message names the field), also if there is no field at all.
Status ValidateMetadata(const Metadata& metadata);

// The external ID with metadata: the ID, ".", and base64url; 157 or 243 bytes of ASCII.
// Deterministic. `identity_epoch` is that of the ID, which is not checked.
// Errors: kInvalidArgument as ValidateMetadata; kNotFound if the keyring has no such epoch;
// kExhausted; kClosed after a fork.
Result<std::string> SealMetadata(const Keyring& keyring, std::uint32_t identity_epoch,
                                 const ExternalId& external_id, const Metadata& metadata);

// What SealMetadata sealed. Does not look at the clock: what has expired opens as well, and
// `expiry` is the application's to compare.
// Errors: kInvalidArgument if the text is no ID with metadata; kAltered if it was not made with
// this keyring (app, suite, identity epoch) for this ID, or is damaged; kNewerFormat; kExhausted;
// kClosed after a fork.
Result<Metadata> OpenMetadata(const Keyring& keyring, std::string_view external_id_text);

}  // namespace moniker

#endif  // MONIKER_METADATA_H_
