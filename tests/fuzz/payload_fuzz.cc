// What stands inside sealed records. Input: a byte, which payload; and its bytes. What decodes was
// made by an encoder: encoding it again gives the same bytes.

#include <string>

#include "fuzz/fuzz_target.h"
#include "store/payload.h"
#include "store/person_payload.h"

namespace moniker::testing {
namespace {

using internal::ByteView;

void RequireSame(const Result<SecretBytes>& encoded, ByteView payload) {
  Require(encoded.ok(), "what decodes can be encoded");
  const ByteView again = encoded->Expose();
  if (again[0] != payload[0]) return;  // formats of before are read and never written
  Require(FuzzInput::AsText(again) == FuzzInput::AsText(payload), "a payload has one encoding");
}

void DecodeOne(int which, ByteView payload) {
  switch (which) {
    case 0:
      if (const auto person = internal::DecodePerson(payload); person.ok()) {
        RequireSame(internal::EncodePerson(*person), payload);
      }
      break;
    case 1:
      if (const auto link = internal::DecodeLink(payload); link.ok()) {
        RequireSame(internal::EncodeLink(*link), payload);
      }
      break;
    case 2:
      if (const auto entry = internal::DecodeAuditEntry(payload); entry.ok()) {
        RequireSame(internal::EncodeAuditEntry(*entry), payload);
      }
      break;
    case 3:
      if (const auto settings = internal::DecodeSettings(payload); settings.ok()) {
        RequireSame(internal::EncodeSettings(*settings), payload);
      }
      break;
    case 4:
      if (const auto issuers = internal::DecodeIssuers(payload); issuers.ok()) {
        RequireSame(internal::EncodeIssuers(*issuers), payload);
      }
      break;
    case 5:
      if (const auto owner = internal::DecodeIdentifierOwner(payload); owner.ok()) {
        RequireSame(internal::EncodeIdentifierOwner(*owner), payload);
      }
      break;
    default:
      if (const auto entry = internal::DecodeRosterEntry(payload); entry.ok()) {
        RequireSame(internal::EncodeRosterEntry(*entry), payload);
      }
  }
}

}  // namespace

void FuzzOne(std::span<const std::uint8_t> bytes) {
  FuzzInput input(bytes);
  const int which = input.Byte() % 7;
  DecodeOne(which, input.rest());
}

}  // namespace moniker::testing
