#include "moniker/pseudonym.h"

#include "base/encoding.h"
#include "base/metadata_part.h"
#include "base/status_macros.h"
#include "moniker/label.h"
#include "pseudonym/rendering.h"

namespace moniker {
namespace {

using internal::Base32Value;
using internal::ByteView;

constexpr std::size_t kDataCharacters = 30;
constexpr std::size_t kUuidDigits = 16;

// The sum of a^i * v[i] over i = 1..30, by Horner's rule from the last to the first.
std::uint8_t CheckValue(const std::array<std::uint8_t, kDataCharacters>& values) {
  std::uint8_t sum = 0;
  for (std::size_t i = kDataCharacters; i-- > 0;) {
    sum = internal::TimesA(static_cast<std::uint8_t>(sum ^ values[i]));
  }
  return sum;
}

Uuid::Bytes WithVersionAndVariant(ByteView first_sixteen) {
  Uuid::Bytes bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = first_sixteen[i];
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x80);  // RFC 9562, section 5.8
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);  // RFC 9562, section 4.1
  return bytes;
}

// The 32 characters of the ID, whatever they are.
Result<std::string_view> WithoutMetadata(std::string_view text) {
  const std::string_view id = text.substr(0, ExternalId::kSize);
  if (id.size() < ExternalId::kSize || (id.size() < text.size() && text[id.size()] != '.')) {
    return Status(StatusCode::kInvalidArgument, "external ID: not 32 characters");
  }
  if (id.size() < text.size() && !internal::IsMetadataPart(text.substr(id.size() + 1))) {
    return Status(StatusCode::kInvalidArgument,
                  "external ID: what follows the full stop is no metadata");
  }
  return id;
}

int HexDigitValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Whether a hyphen stands before byte `i` of a UUID's text.
bool HyphenBefore(std::size_t i) { return i == 4 || i == 6 || i == 8 || i == 10; }

}  // namespace

Result<ExternalId> ExternalId::Parse(std::string_view text) {
  MONIKER_ASSIGN_OR_RETURN(text, WithoutMetadata(text));
  std::array<std::uint8_t, kDataCharacters> values;
  int invalid = text[0] == 'm' ? 0 : -1;
  for (std::size_t i = 0; i < kDataCharacters; ++i) {
    const int value = Base32Value(text[1 + i]);
    invalid |= value;
    values[i] = static_cast<std::uint8_t>(value & 31);
  }
  const int check = Base32Value(text[kSize - 1]);
  if ((invalid | check) < 0) {
    return Status(StatusCode::kInvalidArgument, "external ID: a character it cannot have");
  }
  if (check != CheckValue(values)) {
    return Status(StatusCode::kInvalidArgument, "external ID: the check character is wrong");
  }
  ExternalId id;
  text.copy(id.text_.data(), kSize);
  return id;
}

Result<ExternalId> ExternalId::ParseTyped(std::string_view text) {
  MONIKER_ASSIGN_OR_RETURN(text, WithoutMetadata(text));
  std::array<char, kSize> mapped;
  for (std::size_t i = 0; i < kSize; ++i) {
    char c = text[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == 'o') c = '0';
    if (c == 'i' || c == 'l') c = '1';
    mapped[i] = c;
  }
  return Parse({mapped.data(), mapped.size()});
}

ExternalId Pseudonym::external_id() const {
  ExternalId id;
  WriteExternalId(&id.text_);
  return id;
}

void Pseudonym::WriteExternalId(ExternalId::Text* text) const {
  internal::RenderExternalId(digest_, *text);
}

Uuid Pseudonym::uuid() const { return Uuid(WithVersionAndVariant(digest_)); }

std::string Pseudonym::label_code() const { return Label::Of(digest_, LabelStyle::kCode).text(); }

Result<Uuid> Uuid::Parse(std::string_view text) {
  if (text.size() != kSize) return Status(StatusCode::kInvalidArgument, "UUID: not 36 characters");
  Bytes bytes;
  std::size_t at = 0;
  for (std::size_t i = 0; i < kUuidDigits; ++i) {
    if (HyphenBefore(i) && text[at++] != '-') {
      return Status(StatusCode::kInvalidArgument, "UUID: a hyphen is missing");
    }
    const int high = HexDigitValue(text[at]);
    const int low = HexDigitValue(text[at + 1]);
    if (high < 0 || low < 0) {
      return Status(StatusCode::kInvalidArgument, "UUID: a character that is no digit");
    }
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    at += 2;
  }
  return Uuid(bytes);
}

std::string Uuid::text() const {
  const std::string digits = internal::EncodeHex(bytes_);
  std::string text;
  for (std::size_t i = 0; i < kUuidDigits; ++i) {
    if (HyphenBefore(i)) text.push_back('-');
    text.append(digits, 2 * i, 2);
  }
  return text;
}

Uuid UuidOf(const ExternalId& external_id) {
  // 16 bytes are the first 25 characters of 5 bits and 3 bits of the next.
  Uuid::Bytes bytes{};
  std::uint32_t bits = 0;
  int count = 0;
  std::size_t at = 0;
  for (std::size_t i = 1; at < bytes.size(); ++i) {
    bits = (bits << 5) | static_cast<std::uint32_t>(Base32Value(external_id.text()[i]));
    count += 5;
    if (count >= 8) {
      count -= 8;
      bytes[at++] = static_cast<std::uint8_t>(bits >> count);
    }
  }
  return Uuid(WithVersionAndVariant(bytes));
}

}  // namespace moniker
