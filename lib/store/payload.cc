#include "store/payload.h"

#include <algorithm>

#include "base/status_macros.h"
#include "base/utf8.h"
#include "store/index_tags.h"

namespace moniker::internal {
namespace {

constexpr std::uint8_t kFormat = 1;

constexpr Status Malformed() {
  return Status(StatusCode::kAltered, "a record of the store is not of its format");
}

constexpr Status Unreadable() {
  return Status(StatusCode::kInvalidArgument, "a record that could not be read back");
}

bool IsPlainText(std::string_view text, std::size_t max_size) {
  return text.size() <= max_size && FindTextFault(text) == TextFault::kNone;
}

}  // namespace

bool IsAuditText(std::string_view text) {
  return !text.empty() && IsPlainText(text, kMaxActorSize);
}

bool IsAvatarTemplate(std::string_view text) { return IsPlainText(text, kMaxAvatarTemplateSize); }

Result<SecretBytes> EncodePerson(const PersonView& person) {
  std::vector<FieldView> fields(person.fields.begin(), person.fields.end());
  std::sort(fields.begin(), fields.end(),
            [](const FieldView& a, const FieldView& b) { return a.name < b.name; });
  std::size_t size =
      1 + 1 + 3 * 4 + person.issuer.size() + person.id.size() + person.name.size() + 2;
  for (const FieldView& field : fields) size += 2 * 4 + field.name.size() + field.text.size();

  MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, SecretBytes::Allocate(size));
  ByteWriter writer(payload.Expose());
  writer.U8(kFormat)
      .U8(static_cast<std::uint8_t>(IdentifierKind::kOpaque))
      .Prefixed(person.issuer)
      .Prefixed(person.id)
      .Prefixed(person.name)
      .U16(static_cast<std::uint16_t>(fields.size()));
  for (const FieldView& field : fields) writer.Prefixed(field.name).Prefixed(field.text);
  return payload;
}

Result<DecodedPerson> DecodePerson(ByteView payload) {
  ByteReader reader(payload);
  const std::uint8_t format = reader.U8();
  const std::uint8_t kind = reader.U8();
  DecodedPerson person;
  person.issuer = reader.PrefixedText();
  person.id = reader.PrefixedText();
  person.name = reader.PrefixedText();
  const std::size_t count = reader.U16();
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    const std::string_view name = reader.PrefixedText();
    const std::string_view text = reader.PrefixedText();
    if (i > 0 && name <= person.fields.back().name) return Malformed();
    person.fields.push_back({name, text});
  }
  if (!reader.AtEnd() || format != kFormat ||
      kind != static_cast<std::uint8_t>(IdentifierKind::kOpaque) ||
      !ValidatePerson(person.view()).ok()) {
    return Malformed();
  }
  return person;
}

Result<SecretBytes> EncodeLink(const Link& link) {
  if (link.identity_epoch == 0) return Unreadable();
  const std::string& conference = link.scope.conference();
  MONIKER_ASSIGN_OR_RETURN(SecretBytes payload,
                           SecretBytes::Allocate(1 + IndexTags::kSize + 4 + link.digest.size() + 1 +
                                                 4 + conference.size()));
  ByteWriter writer(payload.Expose());
  writer.U8(kFormat)
      .Bytes(link.person.bytes())
      .U32(link.identity_epoch)
      .Bytes(link.digest)
      .U8(link.scope.is_app() ? 0 : 1)
      .Prefixed(conference);
  return payload;
}

Result<Link> DecodeLink(ByteView payload) {
  ByteReader reader(payload);
  const std::uint8_t format = reader.U8();
  Link link;
  link.person = RecordTag(reader.Bytes(IndexTags::kSize));
  link.identity_epoch = reader.U32();
  const ByteView digest = reader.Bytes(link.digest.size());
  std::copy(digest.begin(), digest.end(), link.digest.begin());
  const std::uint8_t scope = reader.U8();
  const std::string_view conference = reader.PrefixedText();
  if (!reader.AtEnd() || format != kFormat || link.identity_epoch == 0 || scope > 1 ||
      (scope == 0) != conference.empty()) {
    return Malformed();
  }
  if (scope == 1) {
    Result<Scope> parsed = Scope::Conference(conference);
    if (!parsed.ok()) return Malformed();
    link.scope = *std::move(parsed);
  }
  return link;
}

Result<SecretBytes> EncodeAuditEntry(const AuditEntry& entry) {
  if (!IsAuditText(entry.actor) || !IsAuditText(entry.purpose)) return Unreadable();
  MONIKER_ASSIGN_OR_RETURN(
      SecretBytes payload,
      SecretBytes::Allocate(1 + 8 + 1 + 2 * 4 + entry.actor.size() + entry.purpose.size() + 2 * 4 +
                            entry.persons.size() * IndexTags::kSize));
  ByteWriter writer(payload.Expose());
  writer.U8(kFormat)
      .U64(entry.time_ms)
      .U8(static_cast<std::uint8_t>(entry.operation))
      .Prefixed(entry.actor)
      .Prefixed(entry.purpose)
      .U32(entry.asked)
      .U32(static_cast<std::uint32_t>(entry.persons.size()));
  for (const RecordTag& person : entry.persons) writer.Bytes(person.bytes());
  return payload;
}

Result<AuditEntry> DecodeAuditEntry(ByteView payload) {
  ByteReader reader(payload);
  const std::uint8_t format = reader.U8();
  AuditEntry entry;
  entry.time_ms = reader.U64();
  entry.operation = static_cast<AuditOperation>(reader.U8());
  entry.actor = reader.PrefixedText();
  entry.purpose = reader.PrefixedText();
  entry.asked = reader.U32();
  const std::size_t count = reader.U32();
  if (!reader.ok() || format != kFormat || entry.operation != AuditOperation::kResolve ||
      !IsAuditText(entry.actor) || !IsAuditText(entry.purpose) ||
      reader.remaining() != count * IndexTags::kSize) {
    return Malformed();
  }
  entry.persons.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    entry.persons.emplace_back(reader.Bytes(IndexTags::kSize));
  }
  return entry;
}

Result<SecretBytes> EncodeSettings(const StoreSettings& settings) {
  if (!IsAvatarTemplate(settings.avatar_url_template)) return Unreadable();
  MONIKER_ASSIGN_OR_RETURN(
      SecretBytes payload,
      SecretBytes::Allocate(1 + 4 + 4 + 4 + settings.avatar_url_template.size()));
  ByteWriter writer(payload.Expose());
  writer.U8(kFormat)
      .U32(settings.format.application_id)
      .U32(settings.format.version)
      .Prefixed(settings.avatar_url_template);
  return payload;
}

Result<StoreSettings> DecodeSettings(ByteView payload) {
  ByteReader reader(payload);
  const std::uint8_t format = reader.U8();
  StoreSettings settings;
  settings.format.application_id = reader.U32();
  settings.format.version = reader.U32();
  settings.avatar_url_template = reader.PrefixedText();
  if (!reader.AtEnd() || format != kFormat || !IsAvatarTemplate(settings.avatar_url_template)) {
    return Malformed();
  }
  return settings;
}

}  // namespace moniker::internal
