#include "store/payload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

#include "store/index_tags.h"
#include "store/manifest.h"
#include "store/person_payload.h"
#include "support/hex.h"
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
using testing::Tag;
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
      {"person", Through(DecodePerson, EncodePerson)},
      {"link", Through(DecodeLink, EncodeLink)},
      {"audit", Through(DecodeAuditEntry, EncodeAuditEntry)},
      {"settings", Through(DecodeSettings, EncodeSettings)},
      {"issuers", Through(DecodeIssuers, EncodeIssuers)},
      {"identifier", Through(DecodeIdentifierOwner, EncodeIdentifierOwner)},
      {"roster", Through(DecodeRosterEntry, EncodeRosterEntry)},
      {"manifest", Through(DecodeManifest, EncodeManifest)},
  };
  return formats;
}

// Payload format 1 is read and never written.
bool IsOfOlderFormat(const VectorFile& vector) {
  return vector.name().find("format-1") != std::string::npos;
}

std::string HexOf(const VectorFile& vector, const std::string& key) {
  return vector.Has(key) ? vector.Get(key) : "";
}

void ExpectMembers(const StoredPerson& person, const VectorFile& vector) {
  EXPECT_EQ(person.honey, vector.Has("honey"));
  EXPECT_EQ(testing::ToHex(person.handle), HexOf(vector, "handle-hex"));
  EXPECT_EQ(person.merged_into.has_value(), vector.Has("merged-into-hex"));
  if (person.merged_into) {
    EXPECT_EQ(testing::ToHex(person.merged_into->bytes()), vector.Get("merged-into-hex"));
  }
  ASSERT_EQ(std::to_string(person.absorbed.size()), vector.Get("absorbed"));
  for (std::size_t i = 0; i < person.absorbed.size(); ++i) {
    EXPECT_EQ(testing::ToHex(person.absorbed[i].bytes()),
              vector.Get("absorbed-" + std::to_string(i + 1) + "-hex"));
  }
  ASSERT_EQ(std::to_string(person.identifiers.size()), vector.Get("identifiers"));
  for (std::size_t i = 0; i < person.identifiers.size(); ++i) {
    const std::string prefix = "identifier-" + std::to_string(i + 1);
    const StoredIdentifier& one = person.identifiers[i];
    EXPECT_EQ(KindName(one.kind), vector.Get(prefix + "-kind"));
    EXPECT_EQ(one.issuer, vector.Bytes(prefix + "-issuer-hex"));
    EXPECT_EQ(one.value, vector.Bytes(prefix + "-value-hex"));
    EXPECT_EQ(one.given, vector.Bytes(prefix + "-given-hex"));
  }
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
  ASSERT_EQ(std::to_string(link.labels.size()), vector.Get("labels"));
  for (std::size_t i = 0; i < link.labels.size(); ++i) {
    const std::string label = "label-" + std::to_string(i + 1);
    EXPECT_EQ(std::to_string(static_cast<int>(link.labels[i].style())),
              vector.Get(label + "-style"));
    EXPECT_EQ(std::to_string(link.labels[i].value()), vector.Get(label + "-value"));
  }
  EXPECT_EQ(link.participant_id, vector.Bytes("participant-id-hex"));
  EXPECT_EQ(std::to_string(link.day), vector.Has("day") ? vector.Get("day") : "0");
  EXPECT_EQ(std::to_string(link.retention_days),
            vector.Has("retention-days") ? vector.Get("retention-days") : "0");
}

void ExpectMembers(const AuditEntry& entry, const VectorFile& vector) {
  EXPECT_EQ(std::to_string(entry.time_ms), vector.Get("time-ms"));
  EXPECT_EQ(AuditOperationName(entry.operation), vector.Get("operation"));
  EXPECT_EQ(entry.honey, vector.Get("honey") == "1");
  const std::string scope = !entry.scope ? "none" : entry.scope->is_app() ? "app" : "conference";
  EXPECT_EQ(scope, vector.Get("scope"));
  if (scope == "conference") {
    EXPECT_EQ(entry.scope->conference(), vector.Bytes("conference-hex"));
  }
  EXPECT_EQ(entry.mark ? testing::ToHex(*entry.mark) : "", HexOf(vector, "mark-hex"));
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
  const auto epoch = [&](const std::string& key) {
    return vector.Has(key) ? vector.Get(key) : std::string("1");
  };
  EXPECT_EQ(std::to_string(settings.epochs.identity), epoch("identity-epoch"));
  EXPECT_EQ(std::to_string(settings.epochs.storage), epoch("storage-epoch"));
  EXPECT_EQ(std::to_string(settings.epochs.index), epoch("index-epoch"));
  EXPECT_EQ(settings.avatar_url_template, vector.Bytes("avatar-template-hex"));
  EXPECT_EQ(testing::ToHex(AsBytes(settings.anchor)), HexOf(vector, "anchor-hex"));
  const auto number = [&](const std::string& key) {
    return vector.Has(key) ? vector.Get(key) : std::string("0");
  };
  EXPECT_EQ(std::to_string(settings.policy.lookups_per_hour), number("hour-budget"));
  EXPECT_EQ(std::to_string(settings.policy.lookups_per_day), number("day-budget"));
  EXPECT_EQ(std::to_string(settings.policy.retention_days), number("retention-days"));
}

void ExpectMembers(const IssuerKinds& issuers, const VectorFile& vector) {
  ASSERT_EQ(std::to_string(issuers.size()), vector.Get("issuers"));
  int i = 0;
  for (const auto& [issuer, kind] : issuers) {
    const std::string prefix = "issuer-" + std::to_string(++i);
    EXPECT_EQ(KindName(kind), vector.Get(prefix + "-kind"));
    EXPECT_EQ(issuer, vector.Bytes(prefix + "-hex"));
  }
}

void ExpectMembers(const RecordTag& person, const VectorFile& vector) {
  EXPECT_EQ(testing::ToHex(person.bytes()), vector.Get("person-tag-hex"));
}

void ExpectMembers(const Uuid::Bytes& owner, const VectorFile& vector) {
  EXPECT_EQ(testing::ToHex(owner), vector.Get("owner-hex"));
}

void ExpectMembers(const Manifest& manifest, const VectorFile& vector) {
  EXPECT_EQ(std::to_string(manifest.counter), vector.Get("counter"));
  EXPECT_EQ(testing::ToHex(manifest.integrity_key.Expose()), vector.Get("integrity-key-hex"));
  for (std::size_t i = 0; i < kTableCount; ++i) {
    const std::string table = "table-" + std::to_string(i);
    EXPECT_EQ(std::to_string(manifest.tables[i].count), vector.Get(table + "-rows"));
    EXPECT_EQ(testing::ToHex(manifest.tables[i].digest), vector.Get(table + "-digest-hex"));
  }
  EXPECT_EQ(std::to_string(manifest.audit.entries), vector.Get("audit-entries"));
  EXPECT_EQ(testing::ToHex(manifest.audit.head), vector.Get("audit-head-hex"));
  EXPECT_EQ(testing::ToHex(manifest.audit.next_key.Expose()), vector.Get("audit-key-hex"));
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
    // It takes the record's own tag to see it: persons_test.cc.
    if (vector.Has("tag-hex") && vector.Get("expect") == "error") continue;
    ++counts[kind + " " + vector.Get("expect")];
    if (kind == "person") ExpectDecoded(DecodePerson, payload, vector);
    if (kind == "link") ExpectDecoded(DecodeLink, payload, vector);
    if (kind == "audit") ExpectDecoded(DecodeAuditEntry, payload, vector);
    if (kind == "settings") ExpectDecoded(DecodeSettings, payload, vector);
    if (kind == "issuers") ExpectDecoded(DecodeIssuers, payload, vector);
    if (kind == "identifier") ExpectDecoded(DecodeIdentifierOwner, payload, vector);
    if (kind == "roster") ExpectDecoded(DecodeRosterEntry, payload, vector);
    if (kind == "manifest") ExpectDecoded(DecodeManifest, payload, vector);
  }
  const std::map<std::string, int> expected = {
      {"person ok", 72}, {"person error", 377}, {"link ok", 35},      {"link error", 143},
      {"audit ok", 39},  {"audit error", 151},  {"settings ok", 30},  {"settings error", 111},
      {"issuers ok", 6}, {"issuers error", 47}, {"identifier ok", 3}, {"identifier error", 10},
      {"roster ok", 3},  {"roster error", 18},  {"manifest ok", 4},   {"manifest error", 21},
  };
  EXPECT_EQ(counts, expected);
}

TEST(PayloadTest, EncodingGivesTheBytesOfTheSpecification) {
  int count = 0;
  for (const VectorFile& vector : ReadVectors("mapping-store", "payload")) {
    if (vector.Get("expect") != "ok" || IsOfOlderFormat(vector)) continue;
    SCOPED_TRACE(vector.name());
    const Payload payload = Bytes(vector.Bytes("payload-hex"));
    EXPECT_EQ(Expect(Formats().at(vector.Get("payload"))(payload)), payload);
    ++count;
  }
  EXPECT_EQ(count, 153);
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
    if (vector.Get("expect") != "ok" || payload.size() > 120 || IsOfOlderFormat(vector)) continue;
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
  entry.purpose = "treatment";
  entry.persons = {Tag("short")};
  EXPECT_THAT(EncodeAuditEntry(entry), HasCode(StatusCode::kInvalidArgument));
  entry.persons = {RecordTag(testing::Counting(16))};
  EXPECT_THAT(EncodeAuditEntry(entry), IsOk());
  entry.operation = AuditOperation::kRefusedResolve;
  EXPECT_THAT(EncodeAuditEntry(entry), HasCode(StatusCode::kInvalidArgument));
  entry.operation = AuditOperation{10};
  EXPECT_THAT(EncodeAuditEntry(entry), HasCode(StatusCode::kInvalidArgument));

  Link link;
  link.person = RecordTag(testing::Counting(16));
  link.identity_epoch = 0;
  EXPECT_THAT(EncodeLink(link), HasCode(StatusCode::kInvalidArgument));
}

Link LinkOf(const Scope& scope) {
  Link link;
  link.person = RecordTag(testing::Counting(16));
  link.identity_epoch = 1;
  link.scope = scope;
  return link;
}

TEST(PayloadTest, ALinkThatCannotBeReadBackIsNotEncoded) {
  const Label code = *Label::FromValue(LabelStyle::kCode, 7);
  const Label words = *Label::FromValue(LabelStyle::kWords, 8);
  const Scope visit = Expect(Scope::Conference("visit-42"));
  Link link = LinkOf(visit);
  link.labels = {code, words};
  EXPECT_THAT(EncodeLink(link), IsOk());
  link.labels = {words, code};
  EXPECT_THAT(EncodeLink(link), HasCode(StatusCode::kInvalidArgument));
  link.labels = {code, code};
  EXPECT_THAT(EncodeLink(link), HasCode(StatusCode::kInvalidArgument));
  link = LinkOf(Scope::App());
  link.labels = {code};
  EXPECT_THAT(EncodeLink(link), HasCode(StatusCode::kInvalidArgument));
  link = LinkOf(visit);
  link.labels = {code};
  link.participant_id = "p-1";
  EXPECT_THAT(EncodeLink(link), HasCode(StatusCode::kInvalidArgument));
  link.labels = {};
  EXPECT_THAT(EncodeLink(link), IsOk());
  link.participant_id = "p 1";
  EXPECT_THAT(EncodeLink(link), HasCode(StatusCode::kInvalidArgument));
  link.participant_id = std::string(kMaxParticipantIdSize + 1, 'p');
  EXPECT_THAT(EncodeLink(link), HasCode(StatusCode::kInvalidArgument));
  link = LinkOf(visit);
  link.person = Tag("short");
  EXPECT_THAT(EncodeLink(link), HasCode(StatusCode::kInvalidArgument));
}

TEST(PayloadTest, SettingsWithoutAnEpochAreNotEncoded) {
  for (const KeyEpochs epochs : {KeyEpochs{0, 1, 1}, KeyEpochs{1, 0, 1}, KeyEpochs{1, 1, 0}}) {
    EXPECT_THAT(EncodeSettings({kStoreFormat, epochs, ""}), HasCode(StatusCode::kInvalidArgument));
  }
}

TEST(PayloadTest, IssuersThatCannotBeReadBackAreNotEncoded) {
  EXPECT_THAT(EncodeIssuers({{"mrn", static_cast<IdentifierKind>(0)}}),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(EncodeIssuers({{"mrn", static_cast<IdentifierKind>(5)}}),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(EncodeIssuers({{"MRN", IdentifierKind::kOpaque}}),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(EncodeIssuers({{"", IdentifierKind::kOpaque}}),
              HasCode(StatusCode::kInvalidArgument));
  IssuerKinds kinds;
  for (std::size_t i = 0; i <= kMaxIssuers; ++i) {
    kinds.emplace("i" + std::to_string(i), IdentifierKind::kText);
  }
  EXPECT_THAT(EncodeIssuers(kinds), HasCode(StatusCode::kInvalidArgument));
}

TEST(PayloadTest, OwnersThatCannotBeReadBackAreNotEncoded) {
  EXPECT_THAT(EncodeIdentifierOwner(Tag("short")), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(EncodeRosterEntry(Uuid::Bytes{}), HasCode(StatusCode::kInvalidArgument));
}

TEST(PayloadTest, ALinkWithoutALabelOfAStyleShowsThatOfItsDigest) {
  Link link = LinkOf(Expect(Scope::Conference("visit-42")));
  link.digest.fill(0x5a);
  const Label words = *Label::FromValue(LabelStyle::kWords, 8);
  link.labels = {words};
  EXPECT_EQ(link.LabelOf(LabelStyle::kWords), words);
  EXPECT_EQ(link.LabelOf(LabelStyle::kCode), Label::Of(link.digest, LabelStyle::kCode));
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
  payload[payload.size() - sizeof(Digest) - 1] = 0x10;
  EXPECT_THAT(DecodeAuditEntry(payload), HasCode(StatusCode::kAltered));
}

}  // namespace
}  // namespace moniker::internal
