#include "moniker/metadata.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/encoding.h"
#include "base/metadata_part.h"
#include "base/status_macros.h"
#include "crypto/sodium.h"
#include "moniker/keyring.h"
#include "pseudonym/role_text.h"

namespace moniker {
namespace {

using internal::ByteReader;
using internal::ByteSpan;
using internal::ByteView;
using internal::ByteWriter;
using internal::kMetadataHeaderSize;
using internal::kMetadataIvSize;
using internal::kMetadataStep;

constexpr std::string_view kMacLabel = "metadata-mac";
constexpr std::string_view kEncryptLabel = "metadata-encrypt";
constexpr std::string_view kMessageLabel = "moniker/v1/metadata";
constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kPayloadVersion = 1;
constexpr std::uint8_t kEndOfPayload = 0x80;
constexpr std::size_t kMaxLocaleSize = 35;
constexpr std::size_t kMaxSubtagSize = 8;
// The version, each field at its longest, and the byte behind the payload.
constexpr std::size_t kMaxUnpaddedSize =
    1 + (2 + internal::kMaxRoleSize) + (2 + kMaxLocaleSize) + 2 * (2 + 4) + (2 + 8) + 1;
static_assert(kMetadataIvSize == internal::kNonceSize);

// persistent: never renumber
enum class Field : std::uint8_t { kRole = 1, kLocale = 2, kShard = 3, kFlags = 4, kExpiry = 5 };

// One message for all reasons: who changes a text learns nothing from the answer.
constexpr Status Altered() {
  return Status(StatusCode::kAltered, "metadata: not made with this keyring for this ID");
}

constexpr std::size_t Padded(std::size_t size) {
  return (size + kMetadataStep - 1) / kMetadataStep * kMetadataStep;
}

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsLetterOrDigit(char c) { return IsLetter(c) || (c >= '0' && c <= '9'); }

// RFC 5646, section 2.1: the lengths and characters of subtags, not their meaning.
bool IsLanguageTag(std::string_view tag) {
  for (bool first = true;; first = false) {
    const std::string_view subtag = tag.substr(0, tag.find('-'));
    if (subtag.size() < (first ? 2u : 1u) || subtag.size() > kMaxSubtagSize) return false;
    if (!std::ranges::all_of(subtag, first ? IsLetter : IsLetterOrDigit)) return false;
    if (subtag.size() == tag.size()) return true;
    tag.remove_prefix(subtag.size() + 1);
  }
}

Status ValidateLocale(std::string_view locale) {
  if (locale.size() < 2 || locale.size() > kMaxLocaleSize) {
    return Status(StatusCode::kInvalidArgument, "locale: not 2 to 35 characters");
  }
  if (!IsLanguageTag(locale)) {
    return Status(StatusCode::kInvalidArgument, "locale: not a language tag");
  }
  return Status::Ok();
}

struct Keys {
  std::unique_ptr<Prf> mac;
  SecretBytes encrypt;
};

Result<Keys> DeriveKeys(const Keyring& keyring, std::uint32_t epoch) {
  std::array<std::uint8_t, 4 + 64> buffer;
  ByteWriter context(buffer);
  context.Prefixed(keyring.app());
  Keys keys;
  MONIKER_ASSIGN_OR_RETURN(
      keys.mac, keyring.SubkeyPrf(KeyKind::kIdentity, epoch, kMacLabel, context.written()));
  MONIKER_ASSIGN_OR_RETURN(
      keys.encrypt, keyring.Subkey(KeyKind::kIdentity, epoch, kEncryptLabel, context.written()));
  return keys;
}

// PRF output of which the iv is the beginning. All parts but the last have a fixed size.
Result<Digest> ComputeIv(const Prf& mac, ByteView header, const ExternalId& external_id,
                         ByteView padded) {
  MONIKER_ASSIGN_OR_RETURN(SecretBytes message,
                           SecretBytes::Allocate(kMessageLabel.size() + 1 + kMetadataHeaderSize +
                                                 ExternalId::kSize + padded.size()));
  ByteWriter writer(message.Expose());
  writer.Bytes(kMessageLabel).U8(0).Bytes(header).Bytes(external_id.text()).Bytes(padded);
  return mac.Compute(writer.written());
}

void WriteField(Field field, std::string_view value, ByteWriter* writer) {
  writer->U8(static_cast<std::uint8_t>(field)).U8(static_cast<std::uint8_t>(value.size()));
  writer->Bytes(value);
}

// REQUIRES: valid metadata.
Result<SecretBytes> EncodePadded(const Metadata& metadata) {
  MONIKER_ASSIGN_OR_RETURN(SecretBytes padded, SecretBytes::Allocate(Padded(kMaxUnpaddedSize)));
  ByteWriter writer(padded.Expose());
  const auto begin = [&](Field field, std::uint8_t size) -> ByteWriter& {
    return writer.U8(static_cast<std::uint8_t>(field)).U8(size);
  };
  writer.U8(kPayloadVersion);
  if (metadata.role) WriteField(Field::kRole, *metadata.role, &writer);
  if (metadata.locale) WriteField(Field::kLocale, *metadata.locale, &writer);
  if (metadata.shard) begin(Field::kShard, 4).U32(*metadata.shard);
  if (metadata.flags) begin(Field::kFlags, 4).U32(*metadata.flags);
  if (metadata.expiry) begin(Field::kExpiry, 8).U64(*metadata.expiry);
  writer.U8(kEndOfPayload);
  padded.Truncate(Padded(writer.size()));
  return padded;
}

// False if the value has not the field's size, or there is no such field.
bool SetField(std::uint8_t number, ByteView value, Metadata* metadata) {
  ByteReader reader(value);
  switch (static_cast<Field>(number)) {
    case Field::kRole: metadata->role = internal::AsText(value); return true;
    case Field::kLocale: metadata->locale = internal::AsText(value); return true;
    case Field::kShard: metadata->shard = reader.U32(); return reader.AtEnd();
    case Field::kFlags: metadata->flags = reader.U32(); return reader.AtEnd();
    case Field::kExpiry: metadata->expiry = reader.U64(); return reader.AtEnd();
  }
  return false;
}

Result<Metadata> DecodePadded(ByteView padded) {
  std::size_t size = padded.size();
  while (size > 0 && padded[size - 1] == 0) --size;
  if (size == 0 || padded[size - 1] != kEndOfPayload || Padded(size) != padded.size()) {
    return Altered();
  }
  ByteReader reader(padded.first(size - 1));
  if (reader.U8() != kPayloadVersion) return Altered();
  Metadata metadata;
  for (std::uint8_t last = 0; reader.remaining() > 0;) {
    const std::uint8_t number = reader.U8();
    const std::uint8_t value_size = reader.U8();
    const ByteView value = reader.Bytes(value_size);
    if (!reader.ok() || number <= last || !SetField(number, value, &metadata)) return Altered();
    last = number;
  }
  if (!ValidateMetadata(metadata).ok()) return Altered();
  return metadata;
}

}  // namespace

Status ValidateMetadata(const Metadata& metadata) {
  if (metadata == Metadata{}) {
    return Status(StatusCode::kInvalidArgument, "metadata: no field");
  }
  if (metadata.role) MONIKER_RETURN_IF_ERROR(internal::ValidateRoleText(*metadata.role));
  if (metadata.locale) MONIKER_RETURN_IF_ERROR(ValidateLocale(*metadata.locale));
  return Status::Ok();
}

Result<std::string> SealMetadata(const Keyring& keyring, std::uint32_t identity_epoch,
                                 const ExternalId& external_id, const Metadata& metadata) {
  MONIKER_RETURN_IF_ERROR(ValidateMetadata(metadata));
  MONIKER_ASSIGN_OR_RETURN(const Keys keys, DeriveKeys(keyring, identity_epoch));
  MONIKER_ASSIGN_OR_RETURN(SecretBytes padded, EncodePadded(metadata));
  std::vector<std::uint8_t> sealed(kMetadataHeaderSize + kMetadataIvSize + padded.size());
  ByteWriter writer(sealed);
  writer.U8(kFormat).U32(identity_epoch);
  MONIKER_ASSIGN_OR_RETURN(const Digest digest,
                           ComputeIv(*keys.mac, writer.written(), external_id, padded.Expose()));
  const ByteView iv = ByteView(digest).first(kMetadataIvSize);
  MONIKER_RETURN_IF_ERROR(internal::XorXChaCha20(keys.encrypt, iv, padded.Expose()));
  writer.Bytes(iv).Bytes(padded.Expose());
  return std::string(external_id.text()) + "." + internal::EncodeBase64Url(sealed);
}

Result<Metadata> OpenMetadata(const Keyring& keyring, std::string_view external_id_text) {
  MONIKER_ASSIGN_OR_RETURN(const ExternalId external_id, ExternalId::Parse(external_id_text));
  if (external_id_text.size() == ExternalId::kSize) {
    return Status(StatusCode::kInvalidArgument, "external ID: without metadata");
  }
  const std::vector<std::uint8_t> sealed =
      internal::DecodeBase64Url(external_id_text.substr(ExternalId::kSize + 1));
  const ByteView header = ByteView(sealed).first(kMetadataHeaderSize);
  const ByteView iv = ByteView(sealed).subspan(kMetadataHeaderSize, kMetadataIvSize);
  ByteReader reader(header);
  const std::uint8_t format = reader.U8();
  if (format > kFormat) return Status(StatusCode::kNewerFormat, "metadata: of a newer format");
  if (format != kFormat) return Altered();

  const Result<Keys> keys = DeriveKeys(keyring, reader.U32());
  if (!keys.ok()) return keys.status().code() == StatusCode::kNotFound ? Altered() : keys.status();
  // Released, and so wiped, on every way out.
  MONIKER_ASSIGN_OR_RETURN(
      SecretBytes padded,
      SecretBytes::CopyOf(ByteView(sealed).subspan(kMetadataHeaderSize + kMetadataIvSize)));
  MONIKER_RETURN_IF_ERROR(internal::XorXChaCha20(keys->encrypt, iv, padded.Expose()));
  MONIKER_ASSIGN_OR_RETURN(const Digest expected,
                           ComputeIv(*keys->mac, header, external_id, padded.Expose()));
  if (!internal::ConstantTimeEqual(ByteView(expected).first(kMetadataIvSize), iv)) return Altered();
  return DecodePadded(padded.Expose());
}

}  // namespace moniker
