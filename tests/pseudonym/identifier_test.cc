#include "moniker/identifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace moniker {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Status ValidateId(std::string_view id) {
  return ValidateIdentifier({.issuer = "mrn.hospital-a", .id = id});
}

void ExpectRefused(const Status& status, std::string_view message,
                   std::int64_t locator = Status::kNowhere) {
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), StartsWith(std::string(message)));
  EXPECT_EQ(status.locator(), locator);
}

TEST(IssuerTest, HasOneTo64BytesOfItsCharacters) {
  for (const std::string& issuer : {std::string("a"), std::string(64, 'z'),
                                    std::string("abcdefghijklmnopqrstuvwxyz0123456789._-"),
                                    std::string("-"), std::string(".")}) {
    EXPECT_TRUE(ValidateIssuer(issuer).ok()) << issuer;
  }
  ExpectRefused(ValidateIssuer(""), "issuer: empty");
  ExpectRefused(ValidateIssuer({}), "issuer: empty");
  ExpectRefused(ValidateIssuer(std::string(65, 'a')), "issuer: longer than 64 bytes");
}

TEST(IssuerTest, TakesNoOtherByteAtAnyPlace) {
  int accepted = 0;
  for (int c = 0; c < 256; ++c) {
    const char byte = static_cast<char>(c);
    const bool expected =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    for (const std::string& issuer :
         {std::string{byte, 'a'}, std::string{'a', byte, 'b'}, std::string{'a', byte}}) {
      EXPECT_EQ(ValidateIssuer(issuer).ok(), expected) << c;
    }
    accepted += expected;
  }
  EXPECT_EQ(accepted, 39);
}

TEST(IdentifierTest, HasOneTo1024Bytes) {
  EXPECT_TRUE(ValidateId("1").ok());
  EXPECT_TRUE(ValidateId(std::string(1024, '1')).ok());
  ExpectRefused(ValidateId(""), "id: empty");
  ExpectRefused(ValidateId({}), "id: empty");
  ExpectRefused(ValidateId(std::string(1025, '1')), "id: longer than 1024 bytes");
  // Bytes count, not characters.
  std::string accents;
  for (int i = 0; i < 512; ++i) accents += "\xC3\xA9";
  EXPECT_TRUE(ValidateId(accents).ok());
  ExpectRefused(ValidateId(accents + "a"), "id: longer than 1024 bytes");
}

TEST(IdentifierTest, IsNotLookedAtBeyondItsView) {
  const std::string memory = "00123456\n";
  EXPECT_TRUE(ValidateId(std::string_view(memory).substr(0, 8)).ok());
  EXPECT_FALSE(ValidateId(memory).ok());
}

TEST(IdentifierTest, ControlCharactersAreRefusedAtEveryPlace) {
  std::vector<std::string> controls;
  for (int c = 0; c < 0x20; ++c) controls.push_back(std::string(1, static_cast<char>(c)));
  controls.push_back("\x7F");
  for (int c = 0x80; c < 0xA0; ++c) controls.push_back(std::string{'\xC2', static_cast<char>(c)});
  ASSERT_EQ(controls.size(), 65u);
  for (const std::string& control : controls) {
    ExpectRefused(ValidateId(control), "id: a control character", 0);
    ExpectRefused(ValidateId(control + "a"), "id: a control character", 0);
    ExpectRefused(ValidateId("\xC3\xA9" + control + "b"), "id: a control character", 2);
    ExpectRefused(ValidateId("ab" + control), "id: a control character", 2);
  }
}

TEST(IdentifierTest, WhiteSpaceIsRefusedAtTheEndsAndTakenInside) {
  for (const std::string space :
       {" ", "\xC2\xA0", "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81", "\xE2\x80\x82",
        "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86", "\xE2\x80\x87",
        "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8", "\xE2\x80\xA9",
        "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"}) {
    EXPECT_TRUE(ValidateId("a" + space + "b").ok()) << space;
    const std::string_view message = "id: white space at the start or end";
    ExpectRefused(ValidateId(space), message, 0);
    ExpectRefused(ValidateId(space + "a"), message, 0);
    ExpectRefused(ValidateId(space + "a" + space), message, 0);
    ExpectRefused(ValidateId("a" + space), message, 1);
  }
}

TEST(IdentifierTest, WhatLooksLikeWhiteSpaceAndIsNotIsTaken) {
  // Zero width space, zero width no-break space, Mongolian vowel separator.
  for (const std::string_view id : {"\xE2\x80\x8B"
                                    "a",
                                    "\xEF\xBB\xBF"
                                    "a",
                                    "\xE1\xA0\x8E"
                                    "a"}) {
    EXPECT_TRUE(ValidateId(id).ok());
  }
}

TEST(IdentifierTest, WhatIsNotUtf8IsRefused) {
  for (const std::string bad : {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80",
                                "\xF4\x90\x80\x80", "\xFF", "\xFCller", "\xF8\x88\x80\x80\x80"}) {
    ExpectRefused(ValidateId(bad), "id: not UTF-8", 0);
    ExpectRefused(ValidateId("M\xC3\xBC" + bad), "id: not UTF-8", 3);
  }
}

TEST(IdentifierTest, NothingElseOfUnicodeIsRefused) {
  for (const std::string_view id :
       {"00123456", "a@b.example", "O'Brien", "\xC3\xA9", "e\xCC\x81", "\xE4\xBD\xA0\xE5\xA5\xBD",
        "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF", "\xE2\x80\xAE", "%00", "\"quoted\"", "a,b"}) {
    EXPECT_TRUE(ValidateId(id).ok()) << id;
  }
}

TEST(IdentifierTest, IssuerIsValidatedToo) {
  ExpectRefused(ValidateIdentifier({.issuer = "", .id = "1"}), "issuer: empty");
  ExpectRefused(ValidateIdentifier({.issuer = "MRN", .id = "1"}), "issuer: a character");
}

TEST(IdentifierTest, MessagesNeverRepeatTheValue) {
  EXPECT_THAT(std::string(ValidateId("MARKER\x01").message()), Not(HasSubstr("MARKER")));
  EXPECT_THAT(std::string(ValidateIssuer("MARKER").message()), Not(HasSubstr("MARKER")));
}

TEST(IdentifierKindTest, BelongsToTheIssuerAndIsOpaqueUnlessItsNameIsEmailOrPhone) {
  EXPECT_EQ(BuiltInKind("email"), IdentifierKind::kEmail);
  EXPECT_EQ(BuiltInKind("phone"), IdentifierKind::kPhone);
  for (const std::string_view issuer :
       {"", "mrn.hospital-a", "email.work", "emails", "e-mail", "Email", "phone.home", "text"}) {
    EXPECT_EQ(BuiltInKind(issuer), IdentifierKind::kOpaque) << issuer;
  }
}

TEST(IdentifierKindTest, NamesAndNumbersAreThoseOfTheFormat) {
  const std::vector<std::pair<int, std::string_view>> kinds = {
      {1, "opaque"}, {2, "text"}, {3, "email"}, {4, "phone"}};
  for (const auto& [number, name] : kinds) {
    EXPECT_EQ(KindName(static_cast<IdentifierKind>(number)), name);
    EXPECT_EQ(FindKind(name), static_cast<IdentifierKind>(number));
  }
  for (const int number : {0, 5, 255}) {
    EXPECT_EQ(KindName(static_cast<IdentifierKind>(number)), "");
  }
  for (const std::string_view name : {"", "Text", "opaque ", "mail", "email\n"}) {
    EXPECT_EQ(FindKind(name), std::nullopt) << name;
  }
}

TEST(IdentifierKindTest, IssuersEmailAndPhoneHaveNoOtherKind) {
  const auto validate = [](std::string_view issuer, std::string_view id, IdentifierKind kind) {
    return ValidateIdentifier({.issuer = issuer, .id = id, .kind = kind});
  };
  EXPECT_TRUE(validate("email", "a@b.example", IdentifierKind::kEmail).ok());
  EXPECT_TRUE(validate("phone", "+15550100", IdentifierKind::kPhone).ok());
  for (const IdentifierKind kind :
       {IdentifierKind::kOpaque, IdentifierKind::kText, IdentifierKind::kPhone}) {
    ExpectRefused(validate("email", "+15550100", kind), "kind: not that of");
  }
  for (const IdentifierKind kind :
       {IdentifierKind::kOpaque, IdentifierKind::kText, IdentifierKind::kEmail}) {
    ExpectRefused(validate("phone", "a@b.example", kind), "kind: not that of");
  }
}

TEST(IdentifierKindTest, AnyOtherIssuerMayHaveAnyKindAndNoneThatIsUnknown) {
  const auto validate = [](std::string_view id, IdentifierKind kind) {
    return ValidateIdentifier({.issuer = "hospital-a", .id = id, .kind = kind});
  };
  EXPECT_TRUE(validate("x\xE2\x80\xAE", IdentifierKind::kOpaque).ok());
  EXPECT_TRUE(validate(" Ada  Lovelace ", IdentifierKind::kText).ok());
  EXPECT_TRUE(validate("Ada@Example.org", IdentifierKind::kEmail).ok());
  EXPECT_TRUE(validate("+1 555 0100", IdentifierKind::kPhone).ok());
  for (const int number : {0, 5, 255}) {
    ExpectRefused(validate("x", static_cast<IdentifierKind>(number)), "kind: none of");
  }
}

TEST(IdentifierKindTest, BuiltInKindsHoldWhereNoneIsSaid) {
  ExpectRefused(ValidateIdentifier({.issuer = "email", .id = "Ada"}), "id: no @");
  ExpectRefused(ValidateIdentifier({.issuer = "phone", .id = "5550100"}), "id: no +", 0);
  EXPECT_TRUE(ValidateIdentifier({.issuer = "email", .id = "Ada@Example.org"}).ok());
  EXPECT_TRUE(ValidateIdentifier({.issuer = "phone", .id = "+1 555 0100"}).ok());
}

}  // namespace
}  // namespace moniker
