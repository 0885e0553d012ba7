// Holds metadata against tests/vectors/metadata, which were made from the specification by other
// code.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/encoding.h"
#include "moniker/keyring.h"
#include "moniker/metadata.h"
#include "support/hex.h"
#include "support/parse_vectors.h"
#include "support/test_keyring.h"
#include "support/vector_file.h"

namespace moniker {
namespace {

using testing::FromHex;
using testing::MakeKeyring;
using testing::ReadVectors;
using testing::VectorFile;

Keyring KeyringOf(const VectorFile& vector) {
  return MakeKeyring(
      {.suite = vector.Get("suite") == "blake2b" ? Suite::kBlake2b : Suite::kHmacSha256,
       .app = vector.Bytes("app-hex"),
       .keys = {{KeyKind::kIdentity, static_cast<std::uint32_t>(std::stoul(vector.Get("epoch"))),
                 FromHex(vector.Get("root-hex"))}}});
}

Metadata MetadataOf(const VectorFile& vector) {
  Metadata metadata;
  if (vector.Has("role-hex")) metadata.role = vector.Bytes("role-hex");
  if (vector.Has("locale-hex")) metadata.locale = vector.Bytes("locale-hex");
  const auto number = [&](const std::string& key) { return std::stoull(vector.Get(key)); };
  if (vector.Has("shard")) metadata.shard = static_cast<std::uint32_t>(number("shard"));
  if (vector.Has("flags")) metadata.flags = static_cast<std::uint32_t>(number("flags"));
  if (vector.Has("expiry")) metadata.expiry = number("expiry");
  return metadata;
}

Result<std::string> Seal(const VectorFile& vector) {
  return SealMetadata(KeyringOf(vector),
                      static_cast<std::uint32_t>(std::stoul(vector.Get("epoch"))),
                      *ExternalId::Parse(vector.Get("external-id")), MetadataOf(vector));
}

std::string_view ExpectedMessage(const VectorFile& vector) {
  static const std::map<std::string, std::string_view> messages = {
      {"metadata no-field", "metadata: no field"},
      {"role empty", "role: empty"},
      {"role too-long", "role: longer than 40 characters"},
      {"role character", "role: not ASCII letters, with blanks and hyphens between them"},
      {"locale length", "locale: not 2 to 35 characters"},
      {"locale subtags", "locale: not a language tag"}};
  return messages.at(vector.Get("field") + " " + vector.Get("reason"));
}

TEST(MetadataVectorsTest, SealingAgreesWithTheSpecification) {
  int sealed = 0;
  int refused = 0;
  for (const VectorFile& vector : ReadVectors("metadata", "seal")) {
    SCOPED_TRACE(vector.name());
    const Result<std::string> text = Seal(vector);
    if (vector.Get("expect") == "ok") {
      ++sealed;
      ASSERT_TRUE(text.ok()) << text.status().message();
      EXPECT_EQ(*text, vector.Get("text"));
      EXPECT_EQ(internal::EncodeHex(internal::DecodeBase64Url(std::string_view(*text).substr(33))),
                vector.Get("sealed-hex"));
    } else {
      ++refused;
      ASSERT_FALSE(text.ok());
      EXPECT_EQ(text.status().code(), StatusCode::kInvalidArgument);
      EXPECT_EQ(text.status().message(), ExpectedMessage(vector));
      EXPECT_EQ(ValidateMetadata(MetadataOf(vector)).message(), ExpectedMessage(vector));
    }
  }
  EXPECT_GE(sealed, 45);
  EXPECT_GE(refused, 18);
}

TEST(MetadataVectorsTest, WhatTheSpecificationSealedOpens) {
  int opened = 0;
  for (const VectorFile& vector : ReadVectors("metadata", "seal")) {
    if (vector.Get("expect") != "ok") continue;
    SCOPED_TRACE(vector.name());
    const Result<Metadata> metadata = OpenMetadata(KeyringOf(vector), vector.Get("text"));
    ASSERT_TRUE(metadata.ok()) << metadata.status().message();
    EXPECT_EQ(*metadata, MetadataOf(vector));
    ++opened;
  }
  EXPECT_GE(opened, 45);
}

TEST(MetadataVectorsTest, WhatTheSpecificationRefusesDoesNotOpen) {
  std::map<std::string, int> refused;
  for (const VectorFile& vector : ReadVectors("metadata", "open")) {
    SCOPED_TRACE(vector.name());
    const Result<Metadata> metadata = OpenMetadata(KeyringOf(vector), vector.Bytes("text-hex"));
    ASSERT_FALSE(metadata.ok());
    EXPECT_EQ(StatusCodeName(metadata.status().code()), vector.Get("code"));
    ++refused[vector.Get("code")];
  }
  EXPECT_GE(refused["altered"], 45);
  EXPECT_GE(refused["invalid_argument"], 24);
  EXPECT_EQ(refused["newer_format"], 3);
}

TEST(MetadataVectorsTest, ParsersTakeTheIdWithOrWithoutMetadata) {
  EXPECT_EQ(testing::ExpectParsersAgreeWith("metadata"), 22);
}

}  // namespace
}  // namespace moniker
