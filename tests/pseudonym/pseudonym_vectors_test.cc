// Holds the derivation against tests/vectors/pseudonym, which were made from the specification by
// other code.

#include <gtest/gtest.h>

#include <string>

#include "base/bytes.h"
#include "base/encoding.h"
#include "moniker/anonymizer.h"
#include "moniker/keyring.h"
#include "moniker/label.h"
#include "support/vector_file.h"

namespace moniker {
namespace {

using internal::AsBytes;
using testing::ReadVectors;
using testing::VectorFile;

// Derives as the vector says, by the way that an application goes.
Result<Pseudonym> Derive(const VectorFile& vector) {
  const Suite suite = vector.Get("suite") == "blake2b" ? Suite::kBlake2b : Suite::kHmacSha256;
  const std::string root_bytes = vector.Bytes("root-hex");
  Result<std::unique_ptr<Prf>> root =
      MakePrf(suite, *SecretBytes::CopyOf(AsBytes(root_bytes)));
  Scope scope = Scope::App();
  if (vector.Has("conference-hex")) {
    Result<Scope> conference = Scope::Conference(vector.Bytes("conference-hex"));
    if (!conference.ok()) return conference.status();
    scope = *conference;
  }
  const Result<Anonymizer> anonymizer =
      Anonymizer::Create(**root, vector.Bytes("app-hex"), scope);
  if (!anonymizer.ok()) return anonymizer.status();
  const std::string issuer = vector.Bytes("issuer-hex");
  const std::string id = vector.Bytes("value-hex");
  return anonymizer->Pseudonymize({.issuer = issuer, .id = id});
}

std::string ExpectedMessage(const VectorFile& vector) {
  const std::string field = vector.Get("field") == "value" ? "id" : vector.Get("field");
  const std::string& reason = vector.Get("reason");
  if (reason == "empty") return field + ": empty";
  if (reason == "too-long") return field + ": longer than";
  if (reason == "character") return field + ": a character other than";
  if (reason == "not-utf8") return field + ": not UTF-8";
  if (reason == "control") return field + ": a control character";
  if (reason == "white-space") return field + ": white space at the start or end";
  return "a reason that this test does not know";
}

TEST(PseudonymVectorsTest, DerivationAgreesWithTheSpecification) {
  int accepted = 0;
  int refused = 0;
  for (const VectorFile& vector : ReadVectors("pseudonym", "derive")) {
    SCOPED_TRACE(vector.name());
    const Result<Pseudonym> pseudonym = Derive(vector);
    if (vector.Get("expect") == "ok") {
      ++accepted;
      ASSERT_TRUE(pseudonym.ok()) << pseudonym.status().message();
      EXPECT_EQ(internal::EncodeHex(pseudonym->digest()), vector.Get("digest-hex"));
      EXPECT_EQ(pseudonym->external_id().text(), vector.Get("external-id"));
      EXPECT_EQ(pseudonym->label_code(), vector.Get("label"));
      EXPECT_EQ(Label::Of(pseudonym->digest(), LabelStyle::kWords).text(), vector.Get("words"));
      EXPECT_EQ(pseudonym->uuid().text(), vector.Get("uuid"));
      EXPECT_EQ(std::to_string(pseudonym->avatar_index()), vector.Get("avatar"));
      EXPECT_EQ(UuidOf(pseudonym->external_id()), pseudonym->uuid());
    } else {
      ++refused;
      ASSERT_FALSE(pseudonym.ok());
      EXPECT_EQ(pseudonym.status().code(), StatusCode::kInvalidArgument);
      EXPECT_EQ(pseudonym.status().message().substr(0, ExpectedMessage(vector).size()),
                ExpectedMessage(vector));
    }
  }
  EXPECT_GE(accepted, 120);
  EXPECT_GE(refused, 100);
}

TEST(PseudonymVectorsTest, ParsersAcceptWhatTheSpecificationAcceptsAndNothingElse) {
  int count = 0;
  for (const VectorFile& vector : ReadVectors("pseudonym", "parse")) {
    SCOPED_TRACE(vector.name());
    ++count;
    const std::string input = vector.Bytes("input-hex");
    const Result<ExternalId> id = vector.Get("mode") == "strict" ? ExternalId::Parse(input)
                                                                 : ExternalId::ParseTyped(input);
    ASSERT_EQ(id.ok(), vector.Get("expect") == "ok");
    if (id.ok()) {
      EXPECT_EQ(id->text(), vector.Get("external-id"));
    } else {
      EXPECT_EQ(id.status().code(), StatusCode::kInvalidArgument);
    }
  }
  EXPECT_GE(count, 100);
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
    ASSERT_TRUE(pseudonym.ok());
    EXPECT_EQ(pseudonym->external_id() == *ExternalId::Parse(vector.Get("external-id")),
              vector.Get("expect") == "match");
  }
  EXPECT_GE(count, 20);
}

}  // namespace
}  // namespace moniker
