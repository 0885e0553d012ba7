#include "store/payload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

#include "store/index_tags.h"
#include "support/records.h"
#include "support/status_matchers.h"
#include "support/vector_file.h"

namespace moniker::internal {
namespace {

using testing::Bytes;
using ::testing::ElementsAre;
using testing::Expect;
using testing::HasCode;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::ReadVectors;
using testing::VectorFile;

using Payload = std::vector<std::uint8_t>;

Payload Copy(const SecretBytes& bytes) { return {bytes.Expose().begin(), bytes.Expose().end()}; }

// Decodes and encodes again; what is not of its format is an error.
using Again = std::function<Result<Payload>(ByteView)>;

template <typename Decode, typename Encode>
Again Through(Decode decode, Encode encode) {
  return [=](ByteView payload) -> Result<Payload> {
    const auto decoded = decode(payload);
    if (!decoded.ok()) return decoded.status();
    const Result<SecretBytes> encoded = encode(*decoded);
    if (!encoded.ok()) return encoded.status();
    return Copy(*encoded);
  };
}

const std::map<std::string, Again>& Formats() {
  static const std::map<std::string, Again> formats = {
      {"person", Through(DecodePerson,
                         [](const DecodedPerson& person) { return EncodePerson(person.view()); })},
      {"link", Through(DecodeLink, EncodeLink)},
      {"audit", Through(DecodeAuditEntry, EncodeAuditEntry)},
      {"settings", Through(DecodeSettings, EncodeSettings)},
  };
  return formats;
}

void ExpectMembers(const DecodedPerson& person, const VectorFile& vector) {
  EXPECT_EQ(vector.Get("kind"), "opaque");
  EXPECT_EQ(person.issuer, vector.Bytes("issuer-hex"));
  EXPECT_EQ(person.id, vector.Bytes("value-hex"));
  EXPECT_EQ(person.name, vector.Bytes("name-hex"));
  ASSERT_EQ(std::to_string(person.fields.size()), vector.Get("fields"));
  for (std::size_t i = 0; i < person.fields.size(); ++i) {
    const std::string field = "field-" + std::to_string(i + 1);
    EXPECT_EQ(person.fields[i].name, vector.Bytes(field + "-name-hex"));
    EXPECT_EQ(person.fields[i].text, vector.Bytes(field + "-text-hex"));
  }
}

void ExpectMembers(const Link& link, const VectorFile& vector) {
  EXPECT_EQ(testing::ToHex(link.person.bytes()), vector.Get("person-tag-hex"));
  EXPECT_EQ(std::to_string(link.identity_epoch), vector.Get("identity-epoch"));
  EXPECT_EQ(testing::ToHex(link.digest), vector.Get("digest-hex"));
  EXPECT_EQ(link.scope.is_app(), vector.Get("scope") == "app");
  EXPECT_EQ(link.scope.conference(),
            vector.Has("conference-hex") ? vector.Bytes("conference-hex") : "");
}

void ExpectMembers(const AuditEntry& entry, const VectorFile& vector) {
  EXPECT_EQ(std::to_string(entry.time_ms), vector.Get("time-ms"));
  EXPECT_EQ(vector.Get("operation"), "resolve");
  EXPECT_EQ(entry.operation, AuditOperation::kResolve);
  EXPECT_EQ(entry.actor, vector.Bytes("actor-hex"));
  EXPECT_EQ(entry.purpose, vector.Bytes("purpose-hex"));
  EXPECT_EQ(std::to_string(entry.asked), vector.Get("asked"));
  ASSERT_EQ(std::to_string(entry.persons.size()), vector.Get("persons"));
  for (std::size_t i = 0; i < entry.persons.size(); ++i) {
    EXPECT_EQ(testing::ToHex(entry.persons[i].bytes()),
              vector.Get("person-" + std::to_string(i + 1) + "-tag-hex"));
  }
}

void ExpectMembers(const StoreSettings& settings, const VectorFile& vector) {
  EXPECT_EQ(std::to_string(settings.format.application_id), vector.Get("application-id"));
  EXPECT_EQ(std::to_string(settings.format.version), vector.Get("user-version"));
  EXPECT_EQ(settings.avatar_url_template, vector.Bytes("avatar-template-hex"));
}

template <typename Decode>
void ExpectDecoded(Decode decode, const Payload& payload, const VectorFile& vector) {
  const auto decoded = decode(payload);
  if (vector.Get("expect") == "ok") {
    ASSERT_THAT(decoded, IsOk());
    ExpectMembers(*decoded, vector);
  } else {
    ASSERT_EQ(vector.Get("code"), "altered");
    EXPECT_THAT(decoded, HasCode(StatusCode::kAltered));
  }
}

TEST(PayloadTest, DecodingAgreesWithTheSpecification) {
  std::map<std::string, int> counts;
  for (const VectorFile& vector : ReadVectors("mapping-store", "payload")) {
    SCOPED_TRACE(vector.name());
    const std::string& kind = vector.Get("payload");
    const Payload payload = Bytes(vector.Bytes("payload-hex"));
    ++counts[kind + " " + vector.Get("expect")];
    if (kind == "person") ExpectDecoded(DecodePerson, payload, vector);
    if (kind == "link") ExpectDecoded(DecodeLink, payload, vector);
    if (kind == "audit") ExpectDecoded(DecodeAuditEntry, payload, vector);
    if (kind == "settings") ExpectDecoded(DecodeSettings, payload, vector);
  }
  const std::map<std::string, int> expected = {
      {"person ok", 12}, {"person error", 123}, {"link ok", 9},     {"link error", 42},
      {"audit ok", 10},  {"audit error", 69},   {"settings ok", 7}, {"settings error", 17},
  };
  EXPECT_EQ(counts, expected);
}

TEST(PayloadTest, EncodingGivesTheBytesOfTheSpecification) {
  int count = 0;
  for (const VectorFile& vector : ReadVectors("mapping-store", "payload")) {
    if (vector.Get("expect") != "ok") continue;
    SCOPED_TRACE(vector.name());
    const Payload payload = Bytes(vector.Bytes("payload-hex"));
    EXPECT_EQ(Expect(Formats().at(vector.Get("payload"))(payload)), payload);
    ++count;
  }
  EXPECT_EQ(count, 38);
}

TEST(PayloadTest, EveryTruncationIsRefused) {
  for (const VectorFile& vector : ReadVectors("mapping-store", "payload")) {
    if (vector.Get("expect") != "ok") continue;
    SCOPED_TRACE(vector.name());
    const Again& again = Formats().at(vector.Get("payload"));
    const Payload payload = Bytes(vector.Bytes("payload-hex"));
    // All lengths of what is short; of the longest ones those at both ends.
    for (std::size_t size = 0; size < payload.size(); ++size) {
      if (size == 4096 && payload.size() > 8192) size = payload.size() - 1024;
      ASSERT_THAT(again(ByteView(payload).first(size)), HasCode(StatusCode::kAltered)) << size;
    }
  }
}

TEST(PayloadTest, EveryTrailingByteIsRefused) {
  for (const VectorFile& vector : ReadVectors("mapping-store", "payload")) {
    Payload payload = Bytes(vector.Bytes("payload-hex"));
    if (vector.Get("expect") != "ok" || payload.size() > 8192) continue;
    SCOPED_TRACE(vector.name());
    payload.push_back(0);
    for (int byte = 0; byte < 256; ++byte) {
      payload.back() = static_cast<std::uint8_t>(byte);
      ASSERT_THAT(Formats().at(vector.Get("payload"))(payload), HasCode(StatusCode::kAltered));
    }
  }
}

// Whatever decodes has one encoding: no two payloads mean the same.
TEST(PayloadTest, D10EveryChangedByteIsRefusedOrMeansSomethingElse) {
  int accepted = 0;
  for (const VectorFile& vector : ReadVectors("mapping-store", "payload")) {
    Payload payload = Bytes(vector.Bytes("payload-hex"));
    if (vector.Get("expect") != "ok" || payload.size() > 120) continue;
    SCOPED_TRACE(vector.name());
    const Again& decode = Formats().at(vector.Get("payload"));
    for (std::size_t at = 0; at < payload.size(); ++at) {
      const std::uint8_t original = payload[at];
      for (int byte = 0; byte < 256; ++byte) {
        payload[at] = static_cast<std::uint8_t>(byte);
        const Result<Payload> again = decode(payload);
        accepted += again.ok();
        const bool sound =
            again.ok() ? *again == payload : again.status().code() == StatusCode::kAltered;
        if (!sound) ADD_FAILURE() << "byte " << at << " as " << byte;
      }
      payload[at] = original;
    }
  }
  EXPECT_GT(accepted, 1000);
}

TEST(PayloadTest, AnEmptyPayloadIsRefused) {
  for (const auto& [name, again] : Formats()) {
    EXPECT_THAT(again({}), HasCode(StatusCode::kAltered)) << name;
  }
}

TEST(PayloadTest, FieldsOfAPersonArePutInOrder) {
  const std::vector<FieldView> fields = {{"b", "2"}, {"a_", "1"}, {"a", ""}, {"_", "0"}};
  const Payload payload = Copy(Expect(EncodePerson({"mrn", "7", "Ada", fields})));
  const DecodedPerson decoded = Expect(DecodePerson(payload));
  ASSERT_EQ(decoded.fields.size(), 4u);
  EXPECT_EQ(decoded.fields[0].name, "_");
  EXPECT_EQ(decoded.fields[1].name, "a");
  EXPECT_EQ(decoded.fields[2].name, "a_");
  EXPECT_EQ(decoded.fields[3].name, "b");
  EXPECT_EQ(decoded.fields[3].text, "2");
}

TEST(PayloadTest, OrderOfGivenFieldsDoesNotChangeAPerson) {
  const std::vector<FieldView> one = {{"email", "a@b.example"}, {"avatar", "x"}};
  const std::vector<FieldView> other = {one[1], one[0]};
  EXPECT_EQ(Copy(Expect(EncodePerson({"mrn", "7", "Ada", one}))),
            Copy(Expect(EncodePerson({"mrn", "7", "Ada", other}))));
}

TEST(PayloadTest, TheLargestPersonFitsARecord) {
  std::vector<std::string> names;
  for (int i = 0; i < 64; ++i) names.push_back(std::string(62, 'f') + std::to_string(10 + i));
  const std::string text(4096, 't');
  std::vector<FieldView> fields;
  for (const std::string& name : names) fields.push_back({name, text});
  const std::string issuer(64, 'i');
  const std::string id(1024, 'x');
  const std::string name(1024, 'n');
  const PersonView person = {issuer, id, name, fields};
  ASSERT_THAT(ValidatePerson(person), IsOk());
  const Payload payload = Copy(Expect(EncodePerson(person)));
  EXPECT_LT(payload.size(), (std::size_t{1} << 20) - 128);
  EXPECT_EQ(Expect(DecodePerson(payload)).fields.size(), 64u);
}

// Payload headers promise that a Decode function takes whatever its Encode function made.
TEST(PayloadTest, WhatCannotBeReadBackIsNotEncoded) {
  StoreSettings settings;
  settings.avatar_url_template = std::string(kMaxAvatarTemplateSize + 1, 'x');
  EXPECT_THAT(EncodeSettings(settings), HasCode(StatusCode::kInvalidArgument));
  settings.avatar_url_template = "a\nb";
  EXPECT_THAT(EncodeSettings(settings), HasCode(StatusCode::kInvalidArgument));

  AuditEntry entry;
  entry.actor = "";
  entry.purpose = "treatment";
  EXPECT_THAT(EncodeAuditEntry(entry), HasCode(StatusCode::kInvalidArgument));
  entry.actor = std::string(kMaxActorSize + 1, 'x');
  EXPECT_THAT(EncodeAuditEntry(entry), HasCode(StatusCode::kInvalidArgument));
  entry.actor = "dr-obrien";
  entry.purpose = "two\nlines";
  EXPECT_THAT(EncodeAuditEntry(entry), HasCode(StatusCode::kInvalidArgument));

  Link link;
  link.person = RecordTag(testing::Counting(16));
  link.identity_epoch = 0;
  EXPECT_THAT(EncodeLink(link), HasCode(StatusCode::kInvalidArgument));
}

TEST(PayloadTest, AuditTextHas1To128BytesWithoutControlCharacters) {
  EXPECT_TRUE(IsAuditText("x"));
  EXPECT_TRUE(IsAuditText(std::string(128, 'x')));
  EXPECT_TRUE(
      IsAuditText("Dr. O\xE2\x80\x99"
                  "Brien"));
  EXPECT_FALSE(IsAuditText(""));
  EXPECT_FALSE(IsAuditText(std::string(129, 'x')));
  EXPECT_FALSE(IsAuditText("a\nb"));
  EXPECT_FALSE(IsAuditText("a\xC2\x9F"));
  EXPECT_FALSE(IsAuditText("\xFF"));
}

TEST(PayloadTest, AvatarTemplatesHaveAtMost1024Bytes) {
  EXPECT_TRUE(IsAvatarTemplate(""));
  EXPECT_TRUE(IsAvatarTemplate(std::string(1024, 'x')));
  EXPECT_FALSE(IsAvatarTemplate(std::string(1025, 'x')));
  EXPECT_FALSE(IsAvatarTemplate("a\x7F"));
  EXPECT_FALSE(IsAvatarTemplate("\xC3"));
}

TEST(PayloadTest, AnAuditCountThatOverflowsIsRefused) {
  AuditEntry entry;
  entry.actor = "a";
  entry.purpose = "p";
  Payload payload = Copy(Expect(EncodeAuditEntry(entry)));
  // 2^28 persons of 16 bytes are 2^32 bytes: none, to 32-bit arithmetic.
  payload[payload.size() - 1] = 0x10;
  EXPECT_THAT(DecodeAuditEntry(payload), HasCode(StatusCode::kAltered));
}

}  // namespace
}  // namespace moniker::internal
