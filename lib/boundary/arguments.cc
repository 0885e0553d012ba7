#include "boundary/arguments.h"

#include <utility>

#include "base/status_macros.h"
#include "boundary/structs.h"

namespace moniker::internal {
namespace {

constexpr Status kNoSuchProtector(StatusCode::kInvalidArgument, "protector: of no kind for this");

static_assert(MONIKER_KIND_OPAQUE == static_cast<int>(IdentifierKind::kOpaque));
static_assert(MONIKER_KIND_TEXT == static_cast<int>(IdentifierKind::kText));
static_assert(MONIKER_KIND_EMAIL == static_cast<int>(IdentifierKind::kEmail));
static_assert(MONIKER_KIND_PHONE == static_cast<int>(IdentifierKind::kPhone));

Protector::PassphraseCost CostOf(const moniker_protector& protector) {
  Protector::PassphraseCost cost;
  if (protector.passes != 0) cost.passes = protector.passes;
  if (protector.memory_kib != 0) cost.memory_kib = protector.memory_kib;
  return cost;
}

Result<Protector> PassphraseOf(const moniker_protector& protector) {
  MONIKER_ASSIGN_OR_RETURN(const std::string_view text, ReadText(protector.text));
  MONIKER_ASSIGN_OR_RETURN(SecretText passphrase, SecretText::CopyOf(text));
  return Protector::Passphrase(std::move(passphrase), CostOf(protector));
}

Result<Protector> ProtectorOf(const moniker_protector& protector, bool may_make_key_file) {
  switch (protector.kind) {
    case MONIKER_PROTECTOR_REMEMBERED: return Protector::Remembered();
    case MONIKER_PROTECTOR_PASSPHRASE: return PassphraseOf(protector);
    default: break;
  }
  MONIKER_ASSIGN_OR_RETURN(const std::string path, ReadPath(protector.text));
  switch (protector.kind) {
    case MONIKER_PROTECTOR_KEY_FILE: return Protector::KeyFile(path);
    case MONIKER_PROTECTOR_PASSPHRASE_FILE:
      return Protector::PassphraseFile(path, CostOf(protector));
    case MONIKER_PROTECTOR_NEW_KEY_FILE:
      if (may_make_key_file) return Protector::NewKeyFile(path);
      return kNoSuchProtector;
    default: return kNoSuchProtector;
  }
}

}  // namespace

Result<std::string_view> ReadText(const moniker_text& text) {
  if (text.size == 0) return std::string_view("");
  if (text.data == nullptr || text.size > PTRDIFF_MAX) {
    return Status(StatusCode::kInvalidArgument, "text: null, or too long to be one");
  }
  return std::string_view(text.data, text.size);
}

Result<std::string> ReadPath(const moniker_text& path) {
  MONIKER_ASSIGN_OR_RETURN(const std::string_view text, ReadText(path));
  if (text.empty() || text.find('\0') != std::string_view::npos) {
    return Status(StatusCode::kInvalidArgument, "path: empty, or with a NUL");
  }
  return std::string(text);
}

Result<std::optional<IdentifierKind>> ReadKind(std::int32_t kind) {
  if (kind == MONIKER_KIND_DEFAULT) return std::optional<IdentifierKind>();
  if (kind < MONIKER_KIND_OPAQUE || kind > MONIKER_KIND_PHONE) {
    return Status(StatusCode::kInvalidArgument, "kind: there is no such kind");
  }
  return std::optional(static_cast<IdentifierKind>(kind));
}

Result<Identifier> ReadIdentifier(const moniker_identifier* identifier) {
  MONIKER_ASSIGN_OR_RETURN(const moniker_identifier given, ReadStruct(identifier));
  Identifier read;
  MONIKER_ASSIGN_OR_RETURN(read.issuer, ReadText(given.issuer));
  MONIKER_ASSIGN_OR_RETURN(read.id, ReadText(given.id));
  MONIKER_ASSIGN_OR_RETURN(read.kind, ReadKind(given.kind));
  return read;
}

Result<AccessReason> ReadReason(const moniker_reason* reason) {
  MONIKER_ASSIGN_OR_RETURN(const moniker_reason given, ReadStruct(reason));
  AccessReason read;
  MONIKER_ASSIGN_OR_RETURN(read.actor, ReadText(given.actor));
  MONIKER_ASSIGN_OR_RETURN(read.purpose, ReadText(given.purpose));
  if (given.break_glass != 0 && given.break_glass != 1) {
    return Status(StatusCode::kInvalidArgument, "break_glass: it is 0 or 1");
  }
  read.break_glass = given.break_glass == 1;
  return read;
}

Result<Protector> ReadProtector(const moniker_protector* protector) {
  if (protector == nullptr) return Protector::Remembered();
  MONIKER_ASSIGN_OR_RETURN(const moniker_protector given, ReadStruct(protector));
  return ProtectorOf(given, false);
}

Result<Protector> MakeProtector(const moniker_protector* protector) {
  MONIKER_ASSIGN_OR_RETURN(const moniker_protector given, ReadStruct(protector));
  return ProtectorOf(given, true);
}

}  // namespace moniker::internal
