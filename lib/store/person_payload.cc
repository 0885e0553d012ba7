#include "store/person_payload.h"

#include <algorithm>

#include "base/status_macros.h"
#include "pseudonym/canonical.h"
#include "pseudonym/handle_anonymizer.h"
#include "store/index_tags.h"

namespace moniker::internal {
namespace {

constexpr std::uint8_t kFormat = 2;
constexpr std::uint8_t kFormatOfHoney = 3;  // as 2, so that the length does not tell
constexpr std::uint8_t kFormatBeforeKinds = 1;

constexpr Status Malformed() {
  return Status(StatusCode::kAltered, "a person of the store is not of its format");
}

// A build without internationalised domains must still read the persons of one that has them.
bool LeadsTo(const StoredIdentifier& stored, std::string_view id) {
  const Result<SecretText> canonical = Canonicalize({stored.issuer, id, stored.kind});
  return canonical.ok() ? canonical->Expose() == stored.value
                        : canonical.status().code() == StatusCode::kUnsupported;
}

// Format 1 knew no kinds: whatever the issuer, even one that has a built-in kind now, its
// identifiers were opaque.
bool IsValidWithoutKinds(const StoredIdentifier& identifier) {
  constexpr std::string_view kAnyOpaqueIssuer = "opaque";
  return ValidateIssuer(identifier.issuer).ok() &&
         ValidateIdentifier({kAnyOpaqueIssuer, identifier.value, IdentifierKind::kOpaque}).ok();
}

bool IsValid(const StoredIdentifier& identifier) {
  const bool has_given = !identifier.given.empty();
  return LeadsTo(identifier, identifier.value) && identifier.given != identifier.value &&
         (!has_given || LeadsTo(identifier, identifier.given));
}

bool SameIdentifier(const StoredIdentifier& a, const StoredIdentifier& b) {
  return a.issuer == b.issuer && a.value == b.value;
}

bool HasRepeatedIdentifier(const std::vector<StoredIdentifier>& identifiers) {
  for (std::size_t i = 0; i < identifiers.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (SameIdentifier(identifiers[i], identifiers[k])) return true;
    }
  }
  return false;
}

bool IsRecordTag(const RecordTag& tag) { return tag.bytes().size() == IndexTags::kSize; }

// Who was merged into a person cannot be whom that person was merged into.
bool HasValidMerges(const StoredPerson& person) {
  if (!std::ranges::all_of(person.absorbed, IsRecordTag)) return false;
  return !person.merged_into ||
         (IsRecordTag(*person.merged_into) &&
          std::ranges::find(person.absorbed, *person.merged_into) == person.absorbed.end());
}

// Everything but the identifiers' own validity.
bool IsConsistent(const StoredPerson& person) {
  const bool enrolled = person.handle.size() == kHandleSize;
  if (!enrolled && !person.handle.empty()) return false;
  const bool merged = person.merged_into || !person.absorbed.empty();
  if (!enrolled && (merged || person.identifiers.size() != 1)) return false;
  if (person.identifiers.empty() || person.identifiers.size() > kMaxIdentifiers ||
      person.absorbed.size() > kMaxAbsorbed || HasRepeatedIdentifier(person.identifiers)) {
    return false;
  }
  return HasValidMerges(person) && ValidateNameAndFields({{}, {}, person.name, person.fields}).ok();
}

bool HasValidIdentifiers(const StoredPerson& person) {
  return std::ranges::all_of(person.identifiers,
                             [](const StoredIdentifier& one) { return IsValid(one); });
}

bool IsAscending(const std::vector<RecordTag>& tags) {
  return std::ranges::adjacent_find(tags, std::greater_equal<>()) == tags.end();
}

bool IsAscending(const std::vector<FieldView>& fields) {
  return std::ranges::adjacent_find(fields, std::greater_equal<>(), &FieldView::name) ==
         fields.end();
}

std::size_t EncodedSize(const StoredPerson& person) {
  std::size_t size = 2 + person.handle.size() + 1 + (person.merged_into ? IndexTags::kSize : 0) +
                     1 + person.absorbed.size() * IndexTags::kSize + 1 + 4 + person.name.size() + 2;
  for (const StoredIdentifier& one : person.identifiers) {
    size += 1 + 3 * 4 + one.issuer.size() + one.value.size() + one.given.size();
  }
  for (const FieldView& field : person.fields) {
    size += 2 * 4 + field.name.size() + field.text.size();
  }
  return size;
}

RecordTag ReadTag(ByteReader* reader) { return RecordTag(reader->Bytes(IndexTags::kSize)); }

// Everything of format 2 before the name.
bool ReadIdentity(ByteReader* reader, StoredPerson* person) {
  person->handle = reader->Bytes(reader->U8());
  const std::uint8_t merged = reader->U8();
  if (merged > 1) return false;
  if (merged == 1) person->merged_into = ReadTag(reader);
  const std::size_t absorbed = reader->U8();
  for (std::size_t i = 0; i < absorbed && reader->ok(); ++i) {
    person->absorbed.push_back(ReadTag(reader));
  }
  const std::size_t identifiers = reader->U8();
  for (std::size_t i = 0; i < identifiers && reader->ok(); ++i) {
    StoredIdentifier& one = person->identifiers.emplace_back();
    one.kind = static_cast<IdentifierKind>(reader->U8());
    one.issuer = reader->PrefixedText();
    one.value = reader->PrefixedText();
    one.given = reader->PrefixedText();
    if (one.kind < IdentifierKind::kOpaque || one.kind > IdentifierKind::kPhone) return false;
  }
  return reader->ok();
}

bool ReadIdentityOfFormat1(ByteReader* reader, StoredPerson* person) {
  StoredIdentifier& one = person->identifiers.emplace_back();
  one.kind = static_cast<IdentifierKind>(reader->U8());
  one.issuer = reader->PrefixedText();
  one.value = reader->PrefixedText();
  return reader->ok() && one.kind == IdentifierKind::kOpaque;
}

}  // namespace

Result<SecretBytes> EncodePerson(const StoredPerson& given) {
  StoredPerson person = given;
  std::ranges::sort(person.absorbed);
  std::ranges::sort(person.fields, {}, &FieldView::name);
  if (!IsConsistent(person) || !HasValidIdentifiers(person) || !IsAscending(person.absorbed)) {
    return Status(StatusCode::kInvalidArgument, "a person that could not be read back");
  }
  MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, SecretBytes::Allocate(EncodedSize(person)));
  ByteWriter writer(payload.Expose());
  writer.U8(person.honey ? kFormatOfHoney : kFormat)
      .U8(static_cast<std::uint8_t>(person.handle.size()))
      .Bytes(person.handle);
  writer.U8(person.merged_into ? 1 : 0);
  if (person.merged_into) writer.Bytes(person.merged_into->bytes());
  writer.U8(static_cast<std::uint8_t>(person.absorbed.size()));
  for (const RecordTag& tag : person.absorbed) writer.Bytes(tag.bytes());
  writer.U8(static_cast<std::uint8_t>(person.identifiers.size()));
  for (const StoredIdentifier& one : person.identifiers) {
    writer.U8(static_cast<std::uint8_t>(one.kind))
        .Prefixed(one.issuer)
        .Prefixed(one.value)
        .Prefixed(one.given);
  }
  writer.Prefixed(person.name).U16(static_cast<std::uint16_t>(person.fields.size()));
  for (const FieldView& field : person.fields) writer.Prefixed(field.name).Prefixed(field.text);
  return payload;
}

Result<StoredPerson> DecodePerson(ByteView payload) {
  ByteReader reader(payload);
  const std::uint8_t format = reader.U8();
  StoredPerson person;
  person.honey = format == kFormatOfHoney;
  const bool has_kinds = format == kFormat || person.honey;
  const bool identity = has_kinds                      ? ReadIdentity(&reader, &person)
                        : format == kFormatBeforeKinds ? ReadIdentityOfFormat1(&reader, &person)
                                                       : false;
  if (!identity) return Malformed();
  person.name = reader.PrefixedText();
  const std::size_t count = reader.U16();
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    const std::string_view name = reader.PrefixedText();
    person.fields.push_back({name, reader.PrefixedText()});
  }
  if (!reader.AtEnd() || !IsAscending(person.absorbed) || !IsAscending(person.fields) ||
      !IsConsistent(person)) {
    return Malformed();
  }
  const bool valid =
      has_kinds ? HasValidIdentifiers(person) : IsValidWithoutKinds(person.identifiers.front());
  if (!valid) return Malformed();
  return person;
}

}  // namespace moniker::internal
