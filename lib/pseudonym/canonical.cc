#include "pseudonym/canonical.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "base/utf8.h"
#include "pseudonym/canonical_text.h"
#include "pseudonym/email_domain.h"
#include "pseudonym/unicode_15.h"

namespace moniker::internal {
namespace {

constexpr Status Invalid(LiteralMessage message) {
  return Status(StatusCode::kInvalidArgument, message);
}

Status CheckSize(std::string_view given) {
  if (given.empty()) return Invalid("id: empty");
  if (given.size() > kMaxIdentifierSize) return Invalid("id: longer than 1024 bytes");
  return Status::Ok();
}

Status CheckCodePoint(char32_t c, bool is_opaque) {
  if (IsControl(c)) return Invalid("id: a control character");
  if (is_opaque) return Status::Ok();
  if (IsBidiControl(c)) return Invalid("id: a bidirectional control character");
  if (!IsAssigned(c)) return Invalid("id: a code point that Unicode 15.0 does not assign");
  return Status::Ok();
}

Status CheckCodePoints(std::string_view given, bool is_opaque) {
  for (std::size_t at = 0; at < given.size();) {
    const std::optional<CodePoint> next = FirstCodePoint(given.substr(at));
    const Status status = next ? CheckCodePoint(next->value, is_opaque) : Invalid("id: not UTF-8");
    if (!status.ok()) return status.At(static_cast<std::int64_t>(at));
    at += next->size;
  }
  return Status::Ok();
}

Status AppendOpaque(std::string_view given, ByteWriter* writer) {
  MONIKER_RETURN_IF_ERROR(CheckCodePoints(given, /*is_opaque=*/true));
  constexpr Status kWhiteSpace = Invalid("id: white space at the start or end");
  if (IsWhiteSpace(FirstCodePoint(given)->value)) return kWhiteSpace.At(0);
  if (IsWhiteSpace(LastCodePoint(given))) {
    std::size_t start = given.size() - 1;
    while ((static_cast<std::uint8_t>(given[start]) & 0xC0) == 0x80) --start;
    return kWhiteSpace.At(static_cast<std::int64_t>(start));
  }
  writer->Bytes(given);
  return Status::Ok();
}

Status CheckNoWhiteSpace(std::string_view given) {
  for (std::size_t at = 0; at < given.size();) {
    const CodePoint next = *FirstCodePoint(given.substr(at));
    if (IsWhiteSpace(next.value)) {
      return Invalid("id: white space").At(static_cast<std::int64_t>(at));
    }
    at += next.size;
  }
  return Status::Ok();
}

Status AppendEmail(std::string_view given, ByteWriter* writer) {
  MONIKER_RETURN_IF_ERROR(CheckCodePoints(given, /*is_opaque=*/false));
  MONIKER_RETURN_IF_ERROR(CheckNoWhiteSpace(given));
  const std::size_t at = given.rfind('@');
  if (at == std::string_view::npos) return Invalid("id: no @");
  if (at == 0) return Invalid("id: nothing before the @").At(0);

  // The domain first, so that nothing is appended before it is known to be one.
  MONIKER_ASSIGN_OR_RETURN(SecretBytes buffer, SecretBytes::Allocate(kMaxDomainSize));
  ByteWriter domain(buffer.Expose());
  if (const Status status = AppendDomain(given.substr(at + 1), &domain); !status.ok()) {
    return status.locator() == Status::kNowhere
               ? status
               : status.At(status.locator() + static_cast<std::int64_t>(at + 1));
  }
  MONIKER_RETURN_IF_ERROR(
      AppendText(given.substr(0, at), kMaxIdentifierSize - 1 - domain.size(), writer));
  writer->U8('@').Bytes(domain.written());
  return Status::Ok();
}

// ITU-T E.164, section 6: at most 15 digits, the country code first. The lower bound is the
// format's.
constexpr int kMinPhoneDigits = 7;
constexpr int kMaxPhoneDigits = 15;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

Status CheckPhone(std::string_view given) {
  constexpr std::string_view kSeparators = " -.()";
  constexpr Status kCharacter =
      Invalid("id: a character other than digits and, between them, blank - . ( )");
  if (given.front() != '+') return Invalid("id: no + at the start").At(0);
  int digits = 0;
  std::size_t after_digit = 1;  // behind the last digit so far
  for (std::size_t i = 1; i < given.size(); ++i) {
    const auto here = static_cast<std::int64_t>(i);
    if (!IsDigit(given[i])) {
      if (digits == 0 || kSeparators.find(given[i]) == std::string_view::npos) {
        return kCharacter.At(here);
      }
      continue;
    }
    if (digits == 0 && given[i] == '0') {
      return Invalid("id: a country code that begins with 0").At(here);
    }
    if (++digits > kMaxPhoneDigits) return Invalid("id: not 7 to 15 digits").At(here);
    after_digit = i + 1;
  }
  if (after_digit != given.size()) return kCharacter.At(static_cast<std::int64_t>(after_digit));
  if (digits < kMinPhoneDigits) {
    return Invalid("id: not 7 to 15 digits").At(static_cast<std::int64_t>(given.size()));
  }
  return Status::Ok();
}

Status AppendPhone(std::string_view given, ByteWriter* writer) {
  MONIKER_RETURN_IF_ERROR(CheckPhone(given));
  writer->U8('+');
  for (const char c : given) {
    if (IsDigit(c)) writer->U8(static_cast<std::uint8_t>(c));
  }
  return Status::Ok();
}

}  // namespace

Result<IdentifierKind> KindOf(const Identifier& identifier) {
  MONIKER_RETURN_IF_ERROR(ValidateIssuer(identifier.issuer));
  const IdentifierKind built_in = BuiltInKind(identifier.issuer);
  const IdentifierKind kind = identifier.kind.value_or(built_in);
  if (KindName(kind).empty()) return Invalid("kind: none of opaque, text, email, phone");
  if (built_in != IdentifierKind::kOpaque && kind != built_in) {
    return Invalid("kind: not that of the issuers email and phone");
  }
  return kind;
}

Status AppendCanonical(IdentifierKind kind, std::string_view given, ByteWriter* writer) {
  MONIKER_RETURN_IF_ERROR(CheckSize(given));
  switch (kind) {
    case IdentifierKind::kOpaque: return AppendOpaque(given, writer);
    case IdentifierKind::kText: {
      MONIKER_RETURN_IF_ERROR(CheckCodePoints(given, /*is_opaque=*/false));
      return AppendText(given, kMaxIdentifierSize, writer);
    }
    case IdentifierKind::kEmail: return AppendEmail(given, writer);
    case IdentifierKind::kPhone: return AppendPhone(given, writer);
  }
  return Invalid("kind: none of opaque, text, email, phone");
}

Result<SecretText> Canonicalize(const Identifier& identifier) {
  MONIKER_ASSIGN_OR_RETURN(const IdentifierKind kind, KindOf(identifier));
  MONIKER_ASSIGN_OR_RETURN(SecretBytes bytes, SecretBytes::Allocate(kMaxIdentifierSize));
  ByteWriter writer(bytes.Expose());
  MONIKER_RETURN_IF_ERROR(AppendCanonical(kind, identifier.id, &writer));
  bytes.Truncate(writer.size());
  return SecretText(std::move(bytes));
}

}  // namespace moniker::internal
