// The payload of audit entries.

#include <algorithm>

#include "base/status_macros.h"
#include "base/utf8.h"
#include "store/index_tags.h"
#include "store/payload.h"

namespace moniker {

std::string_view AuditOperationName(AuditOperation operation) {
  switch (operation) {
    case AuditOperation::kResolve: return "resolve";
    case AuditOperation::kRefusedResolve: return "refused_resolve";
    case AuditOperation::kBreakGlassResolve: return "break_glass_resolve";
    case AuditOperation::kStateAccepted: return "state_accepted";
    case AuditOperation::kErase: return "erase";
    case AuditOperation::kExpire: return "expire";
    case AuditOperation::kRestore: return "restore";
    case AuditOperation::kPolicy: return "policy";
    case AuditOperation::kMark: return "mark";
  }
  return "";
}

namespace internal {
namespace {

constexpr std::uint8_t kFormatWithoutMarks = 1;
constexpr std::uint8_t kFormat = 2;

// persistent: never renumber
constexpr std::uint8_t kAppScope = 0;
constexpr std::uint8_t kConferenceScope = 1;
constexpr std::uint8_t kNoOneScope = 255;

bool IsText(std::string_view text, bool may_be_empty) {
  return (may_be_empty && text.empty()) || IsAuditText(text);
}

bool IsValid(const AuditEntry& entry) {
  const bool resolves = entry.operation == AuditOperation::kResolve ||
                        entry.operation == AuditOperation::kRefusedResolve ||
                        entry.operation == AuditOperation::kBreakGlassResolve;
  return !AuditOperationName(entry.operation).empty() && IsText(entry.actor, !resolves) &&
         IsText(entry.purpose, !resolves) &&
         (entry.persons.empty() || entry.operation != AuditOperation::kRefusedResolve) &&
         std::ranges::all_of(entry.persons, [](const RecordTag& person) {
           return person.bytes().size() == IndexTags::kSize;
         });
}

std::uint8_t ScopeNumber(const std::optional<Scope>& scope) {
  if (!scope) return kNoOneScope;
  return scope->is_app() ? kAppScope : kConferenceScope;
}

// False if it is of no scope.
bool ReadScope(ByteReader* reader, std::optional<Scope>* scope) {
  const std::uint8_t number = reader->U8();
  const std::string_view conference = reader->PrefixedText();
  if (number == kConferenceScope) {
    Result<Scope> parsed = Scope::Conference(conference);
    if (!parsed.ok()) return false;
    *scope = *std::move(parsed);
    return true;
  }
  if (number == kAppScope) *scope = Scope::App();
  return conference.empty() && (number == kAppScope || number == kNoOneScope);
}

}  // namespace

Result<SecretBytes> EncodeAuditEntry(const AuditEntry& entry) {
  if (!IsValid(entry)) {
    return Status(StatusCode::kInvalidArgument, "an audit entry that could not be read back");
  }
  const std::string conference = entry.scope ? entry.scope->conference() : std::string();
  MONIKER_ASSIGN_OR_RETURN(
      SecretBytes payload,
      SecretBytes::Allocate(1 + 8 + 1 + 1 + 4 + entry.actor.size() + 4 + entry.purpose.size() + 1 +
                            4 + conference.size() + 2 * 4 +
                            entry.persons.size() * IndexTags::kSize + sizeof(Digest)));
  ByteWriter writer(payload.Expose());
  writer.U8(kFormat)
      .U64(entry.time_ms)
      .U8(static_cast<std::uint8_t>(entry.operation))
      .U8(entry.honey ? 1 : 0)
      .Prefixed(entry.actor)
      .Prefixed(entry.purpose)
      .U8(ScopeNumber(entry.scope))
      .Prefixed(conference)
      .U32(entry.asked)
      .U32(static_cast<std::uint32_t>(entry.persons.size()));
  for (const RecordTag& person : entry.persons) writer.Bytes(person.bytes());
  writer.Bytes(entry.mark.value_or(Digest{}));
  return payload;
}

Result<AuditEntry> DecodeAuditEntry(ByteView payload) {
  constexpr Status kMalformed(StatusCode::kAltered, "an audit entry is not of its format");
  ByteReader reader(payload);
  const std::uint8_t format = reader.U8();
  const bool has_mark = format == kFormat;
  if (!has_mark && format != kFormatWithoutMarks) return kMalformed;
  AuditEntry entry;
  entry.time_ms = reader.U64();
  entry.operation = static_cast<AuditOperation>(reader.U8());
  const std::uint8_t flags = has_mark ? reader.U8() : 0;
  entry.honey = flags == 1;
  entry.actor = reader.PrefixedText();
  entry.purpose = reader.PrefixedText();
  const bool has_scope = !has_mark || ReadScope(&reader, &entry.scope);
  entry.asked = reader.U32();
  const std::size_t count = reader.U32();
  const std::size_t size = count * IndexTags::kSize + (has_mark ? sizeof(Digest) : 0);
  if (!reader.ok() || !has_scope || flags > 1 || reader.remaining() != size ||
      (!has_mark && entry.operation != AuditOperation::kResolve)) {
    return kMalformed;
  }
  entry.persons.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    entry.persons.emplace_back(reader.Bytes(IndexTags::kSize));
  }
  if (has_mark) {
    entry.mark.emplace();
    std::ranges::copy(reader.Bytes(sizeof(Digest)), entry.mark->begin());
  }
  if (!IsValid(entry)) return kMalformed;
  return entry;
}

}  // namespace internal
}  // namespace moniker
