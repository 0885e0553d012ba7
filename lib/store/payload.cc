#include "store/payload.h"

#include <algorithm>

#include "base/status_macros.h"
#include "base/utf8.h"
#include "store/index_tags.h"

namespace moniker::internal {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kLinkFormat = 2;
constexpr std::uint8_t kDatedLinkFormat = 3;  // of those that have a day
constexpr std::uint8_t kSettingsFormat = 2;
constexpr std::uint8_t kSettingsFormatWithPolicy = 3;  // of those that have one

constexpr Status Malformed() {
  return Status(StatusCode::kAltered, "a record of the store is not of its format");
}

constexpr Status Unreadable() {
  return Status(StatusCode::kInvalidArgument, "a record that could not be read back");
}

bool IsPlainText(std::string_view text, std::size_t max_size) {
  return text.size() <= max_size && FindTextFault(text) == TextFault::kNone;
}

std::optional<Label> ReadLabel(ByteReader* reader) {
  const auto style = static_cast<LabelStyle>(reader->U8());
  const std::uint32_t value = reader->U32();
  if (style != LabelStyle::kCode && style != LabelStyle::kWords) return std::nullopt;
  return Label::FromValue(style, value);
}

bool IsValid(const Link& link) {
  const bool ascending = std::ranges::adjacent_find(link.labels, std::greater_equal<>(),
                                                    &Label::style) == link.labels.end();
  const bool has_roster = !link.scope.is_app() && link.participant_id.empty();
  return link.person.bytes().size() == IndexTags::kSize && link.identity_epoch != 0 && ascending &&
         (link.labels.empty() || has_roster) && (link.day == 0 || has_roster) &&
         (link.retention_days == 0 || link.day != 0) &&
         (link.participant_id.empty() || ValidateParticipantId(link.participant_id).ok());
}

bool IsKind(IdentifierKind kind) {
  return kind >= IdentifierKind::kOpaque && kind <= IdentifierKind::kPhone;
}

bool IsValid(const IssuerKinds& issuers) {
  return issuers.size() <= kMaxIssuers && std::ranges::all_of(issuers, [](const auto& entry) {
           return ValidateIssuer(entry.first).ok() && IsKind(entry.second);
         });
}

// Version 8 and variant 10, as every pseudonym's.
bool IsRendering(const Uuid::Bytes& uuid) {
  return (uuid[6] & 0xF0) == 0x80 && (uuid[8] & 0xC0) == 0x80;
}

bool IsValid(const KeyEpochs& epochs) {
  return epochs.identity != 0 && epochs.storage != 0 && epochs.index != 0;
}

}  // namespace

bool IsAuditText(std::string_view text) {
  return !text.empty() && IsPlainText(text, kMaxActorSize);
}

bool IsAvatarTemplate(std::string_view text) { return IsPlainText(text, kMaxAvatarTemplateSize); }

bool IsAnchorPath(std::string_view text) { return IsPlainText(text, kMaxAnchorSize); }

Label Link::LabelOf(LabelStyle style) const {
  for (const Label& label : labels) {
    if (label.style() == style) return label;
  }
  return Label::Of(digest, style);
}

Result<SecretBytes> EncodeLink(const Link& link) {
  const std::string& conference = link.scope.conference();
  if (!IsValid(link)) return Unreadable();
  MONIKER_ASSIGN_OR_RETURN(
      SecretBytes payload,
      SecretBytes::Allocate(1 + IndexTags::kSize + 4 + link.digest.size() + 1 + 4 +
                            conference.size() + 1 + link.labels.size() * 5 + 4 +
                            link.participant_id.size() + (link.day == 0 ? 0 : 4 + 2)));
  ByteWriter writer(payload.Expose());
  writer.U8(link.day == 0 ? kLinkFormat : kDatedLinkFormat)
      .Bytes(link.person.bytes())
      .U32(link.identity_epoch)
      .Bytes(link.digest)
      .U8(link.scope.is_app() ? 0 : 1)
      .Prefixed(conference)
      .U8(static_cast<std::uint8_t>(link.labels.size()));
  for (const Label& label : link.labels) {
    writer.U8(static_cast<std::uint8_t>(label.style())).U32(label.value());
  }
  writer.Prefixed(link.participant_id);
  if (link.day != 0) writer.U32(link.day).U16(link.retention_days);
  return payload;
}

Result<Link> DecodeLink(ByteView payload) {
  ByteReader reader(payload);
  const std::uint8_t format = reader.U8();
  if (format < kFormat || format > kDatedLinkFormat) return Malformed();
  Link link;
  link.person = RecordTag(reader.Bytes(IndexTags::kSize));
  link.identity_epoch = reader.U32();
  const ByteView digest = reader.Bytes(link.digest.size());
  std::copy(digest.begin(), digest.end(), link.digest.begin());
  const std::uint8_t scope = reader.U8();
  const std::string_view conference = reader.PrefixedText();
  if (!reader.ok() || scope > 1 || (scope == 0) != conference.empty()) return Malformed();
  if (scope == 1) {
    Result<Scope> parsed = Scope::Conference(conference);
    if (!parsed.ok()) return Malformed();
    link.scope = *std::move(parsed);
  }
  if (format >= kLinkFormat) {
    const std::size_t labels = reader.U8();
    for (std::size_t i = 0; i < labels && reader.ok(); ++i) {
      const std::optional<Label> label = ReadLabel(&reader);
      if (!label) return Malformed();
      link.labels.push_back(*label);
    }
    link.participant_id = reader.PrefixedText();
  }
  if (format == kDatedLinkFormat) {
    link.day = reader.U32();
    link.retention_days = reader.U16();
  }
  if (!reader.AtEnd() || (link.day != 0) != (format == kDatedLinkFormat) || !IsValid(link))
    return Malformed();
  return link;
}

Result<SecretBytes> EncodeSettings(const StoreSettings& settings) {
  if (!IsAvatarTemplate(settings.avatar_url_template) || !IsAnchorPath(settings.anchor) ||
      !IsValid(settings.epochs)) {
    return Unreadable();
  }
  const VaultPolicy& policy = settings.policy;
  const bool has_policy = policy != VaultPolicy();
  MONIKER_ASSIGN_OR_RETURN(
      SecretBytes payload,
      SecretBytes::Allocate(1 + 2 * 4 + 3 * 4 + 4 + settings.avatar_url_template.size() + 4 +
                            settings.anchor.size() + (has_policy ? 3 * 4 : 0)));
  ByteWriter writer(payload.Expose());
  writer.U8(has_policy ? kSettingsFormatWithPolicy : kSettingsFormat)
      .U32(settings.format.application_id)
      .U32(settings.format.version)
      .U32(settings.epochs.identity)
      .U32(settings.epochs.storage)
      .U32(settings.epochs.index)
      .Prefixed(settings.avatar_url_template)
      .Prefixed(settings.anchor);
  if (has_policy) {
    writer.U32(policy.lookups_per_hour).U32(policy.lookups_per_day).U32(policy.retention_days);
  }
  return payload;
}

Result<StoreSettings> DecodeSettings(ByteView payload) {
  ByteReader reader(payload);
  const std::uint8_t format = reader.U8();
  if (format < kFormat || format > kSettingsFormatWithPolicy) return Malformed();
  StoreSettings settings;
  settings.format.application_id = reader.U32();
  settings.format.version = reader.U32();
  if (format >= kSettingsFormat) {
    settings.epochs.identity = reader.U32();
    settings.epochs.storage = reader.U32();
    settings.epochs.index = reader.U32();
  }
  settings.avatar_url_template = reader.PrefixedText();
  if (format >= kSettingsFormat) settings.anchor = reader.PrefixedText();
  if (format == kSettingsFormatWithPolicy) {
    settings.policy = {reader.U32(), reader.U32(), reader.U32()};
  }
  const bool has_policy = settings.policy != VaultPolicy();
  if (!reader.AtEnd() || has_policy != (format == kSettingsFormatWithPolicy) ||
      !IsValid(settings.epochs) || !IsAvatarTemplate(settings.avatar_url_template) ||
      !IsAnchorPath(settings.anchor)) {
    return Malformed();
  }
  return settings;
}

Result<SecretBytes> EncodeIssuers(const IssuerKinds& issuers) {
  if (!IsValid(issuers)) return Unreadable();
  std::size_t size = 1 + 2;
  for (const auto& [issuer, kind] : issuers) size += 1 + 4 + issuer.size();
  MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, SecretBytes::Allocate(size));
  ByteWriter writer(payload.Expose());
  writer.U8(kFormat).U16(static_cast<std::uint16_t>(issuers.size()));
  for (const auto& [issuer, kind] : issuers) {
    writer.U8(static_cast<std::uint8_t>(kind)).Prefixed(issuer);
  }
  return payload;
}

Result<IssuerKinds> DecodeIssuers(ByteView payload) {
  ByteReader reader(payload);
  const std::uint8_t format = reader.U8();
  const std::size_t count = reader.U16();
  if (format != kFormat || count > kMaxIssuers) return Malformed();
  IssuerKinds issuers;
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    const auto kind = static_cast<IdentifierKind>(reader.U8());
    const std::string_view issuer = reader.PrefixedText();
    const bool ascending = issuers.empty() || issuers.rbegin()->first < issuer;
    if (!IsKind(kind) || !ascending || !ValidateIssuer(issuer).ok()) return Malformed();
    issuers.emplace_hint(issuers.end(), issuer, kind);
  }
  if (!reader.AtEnd()) return Malformed();
  return issuers;
}

Result<SecretBytes> EncodeIdentifierOwner(const RecordTag& person) {
  if (person.bytes().size() != IndexTags::kSize) return Unreadable();
  MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, SecretBytes::Allocate(1 + IndexTags::kSize));
  ByteWriter(payload.Expose()).U8(kFormat).Bytes(person.bytes());
  return payload;
}

Result<RecordTag> DecodeIdentifierOwner(ByteView payload) {
  ByteReader reader(payload);
  const std::uint8_t format = reader.U8();
  const RecordTag person(reader.Bytes(IndexTags::kSize));
  if (!reader.AtEnd() || format != kFormat) return Malformed();
  return person;
}

Result<SecretBytes> EncodeRosterEntry(const Uuid::Bytes& owner) {
  if (!IsRendering(owner)) return Unreadable();
  MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, SecretBytes::Allocate(1 + owner.size()));
  ByteWriter(payload.Expose()).U8(kFormat).Bytes(owner);
  return payload;
}

Result<Uuid::Bytes> DecodeRosterEntry(ByteView payload) {
  ByteReader reader(payload);
  const std::uint8_t format = reader.U8();
  Uuid::Bytes owner{};
  const ByteView bytes = reader.Bytes(owner.size());
  if (!reader.AtEnd() || format != kFormat) return Malformed();
  std::ranges::copy(bytes, owner.begin());
  if (!IsRendering(owner)) return Malformed();
  return owner;
}

}  // namespace moniker::internal
