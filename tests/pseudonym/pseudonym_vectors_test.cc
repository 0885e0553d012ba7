// Holds the derivation against tests/vectors/pseudonym, which were made from the specification by
// other code.

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/encoding.h"
#include "moniker/anonymizer.h"
#include "moniker/keyring.h"
#include "moniker/label.h"
#include "pseudonym/canonical.h"
#include "pseudonym/handle_anonymizer.h"
#include "support/parse_vectors.h"
#include "support/test_keyring.h"
#include "support/vector_file.h"

namespace moniker {
namespace {

using internal::AsBytes;
using testing::ReadVectors;
using testing::VectorFile;

// Kind and text of the vector's identifier. Without a kind the issuer's holds.
std::optional<IdentifierKind> KindOf(const VectorFile& vector) {
  return vector.Has("kind") ? FindKind(vector.Get("kind")) : std::nullopt;
}

// Derives as the vector says, by the way that an application goes.
Result<Pseudonym> Derive(const VectorFile& vector) {
  const Suite suite = vector.Get("suite") == "blake2b" ? Suite::kBlake2b : Suite::kHmacSha256;
  const std::string root_bytes = vector.Bytes("root-hex");
  Result<std::unique_ptr<Prf>> root = MakePrf(suite, *SecretBytes::CopyOf(AsBytes(root_bytes)));
  Scope scope = Scope::App();
  if (vector.Has("conference-hex")) {
    Result<Scope> conference = Scope::Conference(vector.Bytes("conference-hex"));
    if (!conference.ok()) return conference.status();
    scope = *conference;
  }
  const Result<Anonymizer> anonymizer = Anonymizer::Create(**root, vector.Bytes("app-hex"), scope);
  if (!anonymizer.ok()) return anonymizer.status();
  const std::string issuer = vector.Bytes("issuer-hex");
  const std::string id = vector.Bytes("value-hex");
  return anonymizer->Pseudonymize({.issuer = issuer, .id = id, .kind = KindOf(vector)});
}

#ifdef MONIKER_WITH_IDN2
constexpr bool kWithIdn2 = true;
#else
constexpr bool kWithIdn2 = false;
#endif

// Whether the vector needs what this build is without, and it said so.
bool IsRightlyUnsupported(const VectorFile& vector, const Status& status) {
  return !kWithIdn2 && status.code() == StatusCode::kUnsupported &&
         vector.name().find("email-idn") != std::string::npos;
}

std::string ExpectedMessageOfValue(const std::string& kind, const std::string& reason) {
  if (reason == "white-space") {
    if (kind == "email") return "id: white space";
    if (kind == "text") return "id: white space only";
    return "id: white space at the start or end";
  }
  if (reason == "bidi-control") return "id: a bidirectional control character";
  if (reason == "unassigned") return "id: a code point that Unicode 15.0 does not assign";
  if (reason == "no-at") return "id: no @";
  if (reason == "local-part") return "id: nothing before the @";
  if (reason == "domain") return "id: not a domain";
  if (reason == "no-plus") return "id: no + at the start";
  if (reason == "digits") return "id: not 7 to 15 digits";
  if (reason == "country-code") return "id: a country code that begins with 0";
  return "a reason that this test does not know";
}

// The pseudonym of a handle, in an enrolled vault with this identity key.
Result<Pseudonym> DeriveFromHandle(const VectorFile& vector) {
  const std::string root = vector.Bytes("root-hex");
  const Keyring keyring = testing::MakeKeyring(
      {.suite = vector.Get("suite") == "blake2b" ? Suite::kBlake2b : Suite::kHmacSha256,
       .app = vector.Bytes("app-hex"),
       .mode = VaultMode::kEnrolled,
       .keys = {{KeyKind::kIdentity, 1, {root.begin(), root.end()}}}});
  Scope scope = Scope::App();
  if (vector.Has("conference-hex")) {
    Result<Scope> conference = Scope::Conference(vector.Bytes("conference-hex"));
    if (!conference.ok()) return conference.status();
    scope = *conference;
  }
  const auto anonymizer = internal::HandleAnonymizer::Create(keyring, scope, 1);
  if (!anonymizer.ok()) return anonymizer.status();
  const std::string handle = vector.Bytes("handle-hex");
  const std::vector<internal::ByteView> handles = {AsBytes(handle)};
  const auto pseudonyms = anonymizer->PseudonymizeMany(handles);
  if (!pseudonyms.ok()) return pseudonyms.status();
  return pseudonyms->at(0);
}

std::string ExpectedMessage(const VectorFile& vector) {
  const std::string field = vector.Get("field") == "value" ? "id" : vector.Get("field");
  const std::string& reason = vector.Get("reason");
  if (reason == "empty") return field + ": empty";
  if (reason == "too-long") return field + ": longer than";
  if (reason == "character") return field + ": a character other than";
  if (reason == "not-utf8") return field + ": not UTF-8";
  if (reason == "control") return field + ": a control character";
  if (field == "kind" && reason == "issuer") return "kind: not that of the issuers email and phone";
  return ExpectedMessageOfValue(vector.Has("kind") ? vector.Get("kind") : "", reason);
}

void ExpectRenderings(const Pseudonym& pseudonym, const VectorFile& vector) {
  EXPECT_EQ(internal::EncodeHex(pseudonym.digest()), vector.Get("digest-hex"));
  EXPECT_EQ(pseudonym.external_id().text(), vector.Get("external-id"));
  EXPECT_EQ(pseudonym.label_code(), vector.Get("label"));
  EXPECT_EQ(Label::Of(pseudonym.digest(), LabelStyle::kWords).text(), vector.Get("words"));
  EXPECT_EQ(pseudonym.uuid().text(), vector.Get("uuid"));
  EXPECT_EQ(std::to_string(pseudonym.avatar_index()), vector.Get("avatar"));
  EXPECT_EQ(UuidOf(pseudonym.external_id()), pseudonym.uuid());
}

TEST(PseudonymVectorsTest, PseudonymsOfHandlesAgreeWithTheSpecification) {
  int count = 0;
  for (const VectorFile& vector : ReadVectors("pseudonym", "derive-handle")) {
    SCOPED_TRACE(vector.name());
    const Result<Pseudonym> pseudonym = DeriveFromHandle(vector);
    ASSERT_TRUE(pseudonym.ok()) << pseudonym.status().message();
    ExpectRenderings(*pseudonym, vector);
    ++count;
  }
  EXPECT_EQ(count, 34);
}

TEST(PseudonymVectorsTest, DerivationAgreesWithTheSpecification) {
  int accepted = 0;
  int refused = 0;
  for (const VectorFile& vector : ReadVectors("pseudonym", "derive")) {
    SCOPED_TRACE(vector.name());
    const Result<Pseudonym> pseudonym = Derive(vector);
    if (IsRightlyUnsupported(vector, pseudonym.status())) continue;
    if (vector.Get("expect") == "ok") {
      ++accepted;
      ASSERT_TRUE(pseudonym.ok()) << pseudonym.status().message();
      ExpectRenderings(*pseudonym, vector);
    } else {
      ++refused;
      ASSERT_FALSE(pseudonym.ok());
      EXPECT_EQ(pseudonym.status().code(), StatusCode::kInvalidArgument);
      EXPECT_EQ(pseudonym.status().message().substr(0, ExpectedMessage(vector).size()),
                ExpectedMessage(vector));
    }
  }
  EXPECT_GE(accepted, 180);
  EXPECT_GE(refused, 190);
}

TEST(PseudonymVectorsTest, CanonicalFormsAgreeWithTheSpecification) {
  std::map<std::string, int> counts;
  for (const VectorFile& vector : ReadVectors("pseudonym", "derive")) {
    if (!vector.Has("canonical-hex")) continue;
    SCOPED_TRACE(vector.name());
    const std::string issuer = vector.Bytes("issuer-hex");
    const std::string id = vector.Bytes("value-hex");
    const Result<SecretText> canonical =
        internal::Canonicalize({.issuer = issuer, .id = id, .kind = KindOf(vector)});
    if (IsRightlyUnsupported(vector, canonical.status())) continue;
    ASSERT_TRUE(canonical.ok()) << canonical.status().message();
    EXPECT_EQ(canonical->Expose(), vector.Bytes("canonical-hex"));
    ++counts[vector.Get("kind")];
  }
  EXPECT_GE(counts["text"], 30);
  EXPECT_GE(counts["email"], 15);
  EXPECT_GE(counts["phone"], 12);
}

TEST(PseudonymVectorsTest, ParsersAcceptWhatTheSpecificationAcceptsAndNothingElse) {
  EXPECT_GE(testing::ExpectParsersAgreeWith("pseudonym"), 100);
}

TEST(PseudonymVectorsTest, LabelsAreReadAsTheSpecificationReadsThem) {
  int accepted = 0;
  int refused = 0;
  for (const VectorFile& vector : ReadVectors("pseudonym", "label")) {
    SCOPED_TRACE(vector.name());
    const std::string input = vector.Bytes("input-hex");
    const Result<Label> label = Label::Parse(input);
    ASSERT_EQ(label.ok(), vector.Get("expect") == "ok");
    if (label.ok()) {
      ++accepted;
      EXPECT_EQ(label->text(), input);
      EXPECT_EQ(LabelStyleName(label->style()), vector.Get("style"));
      EXPECT_EQ(std::to_string(label->value()), vector.Get("value"));
      EXPECT_EQ(label->Next().text(), vector.Get("next"));
    } else {
      ++refused;
      EXPECT_EQ(label.status().code(), StatusCode::kInvalidArgument);
    }
  }
  EXPECT_GE(accepted, 15);
  EXPECT_GE(refused, 60);
}

TEST(PseudonymVectorsTest, AnotherPersonScopeEpochOrSuiteDoesNotMatch) {
  int count = 0;
  for (const VectorFile& vector : ReadVectors("pseudonym", "check")) {
    SCOPED_TRACE(vector.name());
    ++count;
    const Result<Pseudonym> pseudonym = Derive(vector);
    if (IsRightlyUnsupported(vector, pseudonym.status())) continue;
    ASSERT_TRUE(pseudonym.ok());
    EXPECT_EQ(pseudonym->external_id() == *ExternalId::Parse(vector.Get("external-id")),
              vector.Get("expect") == "match");
  }
  EXPECT_GE(count, 20);
}

}  // namespace
}  // namespace moniker
