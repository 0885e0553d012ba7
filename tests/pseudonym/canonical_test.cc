#include "pseudonym/canonical.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "moniker/anonymizer.h"
#include "pseudonym/subject.h"
#include "support/unicode_files.h"

namespace moniker::internal {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::ToUtf8;

constexpr std::array<IdentifierKind, 4> kAllKinds = {
    IdentifierKind::kOpaque, IdentifierKind::kText, IdentifierKind::kEmail, IdentifierKind::kPhone};

struct Outcome {
  Status status;
  std::string value;
};

Outcome Make(IdentifierKind kind, std::string_view given) {
  std::array<std::uint8_t, kMaxIdentifierSize> bytes;
  ByteWriter writer(bytes);
  const Status status = AppendCanonical(kind, given, &writer);
  EXPECT_TRUE(status.ok() || writer.size() == 0) << "appended on an error";
  EXPECT_TRUE(writer.ok());
  return {status, std::string(AsText(writer.written()))};
}

std::string Canonical(IdentifierKind kind, std::string_view given) {
  const Outcome made = Make(kind, given);
  return made.status.ok() ? made.value : "[" + std::string(made.status.message()) + "]";
}

std::string Text(std::string_view given) { return Canonical(IdentifierKind::kText, given); }
std::string Email(std::string_view given) { return Canonical(IdentifierKind::kEmail, given); }
std::string Phone(std::string_view given) { return Canonical(IdentifierKind::kPhone, given); }

void ExpectRefused(IdentifierKind kind, std::string_view given, std::string_view message,
                   std::int64_t locator = Status::kNowhere) {
  const Outcome made = Make(kind, given);
  EXPECT_EQ(made.status.code(), StatusCode::kInvalidArgument) << given;
  EXPECT_EQ(made.status.message().substr(0, message.size()), message) << given;
  EXPECT_EQ(made.status.locator(), locator) << given;
}

// --- All kinds
// --------------------------------------------------------------------------------------

TEST(CanonicalTest, GivenIdentifierHasOneTo1024Bytes) {
  for (const IdentifierKind kind : kAllKinds) {
    ExpectRefused(kind, "", "id: empty");
    ExpectRefused(kind, {}, "id: empty");
    ExpectRefused(kind, std::string(1025, '1'), "id: longer than 1024 bytes");
    ExpectRefused(kind, std::string(1025, '\xFF'), "id: longer than 1024 bytes");
  }
  EXPECT_EQ(Text(std::string(1024, 'A')), std::string(1024, 'a'));
  EXPECT_EQ(Phone("+1" + std::string(1016, ' ') + "234567"), "+1234567");
  EXPECT_EQ(Email(std::string(1022, 'A') + "@b"), std::string(1022, 'a') + "@b");
}

TEST(CanonicalTest, UnknownKindIsRefused) {
  for (const int number : {0, 5, 255}) {
    ExpectRefused(static_cast<IdentifierKind>(number), "1", "kind: none of");
  }
}

TEST(CanonicalTest, FaultyCharactersAreRefusedWhereTheyStand) {
  for (const IdentifierKind kind : {IdentifierKind::kText, IdentifierKind::kEmail}) {
    const auto expect_refused = [kind](const std::string& bad, std::string_view message) {
      // Before, behind and between what would be an address.
      ExpectRefused(kind, bad + "a@b.example", message, 0);
      ExpectRefused(kind, "\xC3\xA9" + bad + "@b.example", message, 2);
      ExpectRefused(kind, "a@b" + bad, message, 3);
    };
    for (const std::string bad : {"\x80", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF"}) {
      expect_refused(bad, "id: not UTF-8");
    }
    for (char32_t c = 0; c < 0xA0; ++c) {
      if (c < 0x20 || c >= 0x7F) expect_refused(ToUtf8(c), "id: a control character");
    }
    for (const char32_t c : std::vector<char32_t>{0x061C, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C,
                                                  0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069}) {
      expect_refused(ToUtf8(c), "id: a bidirectional control character");
    }
    for (const char32_t c :
         std::vector<char32_t>{0x378, 0x1C89, 0x2FFC, 0xFDD0, 0xFFFE, 0xFFFF, 0xE0000, 0x10FFFF}) {
      expect_refused(ToUtf8(c), "id: a code point that Unicode 15.0 does not assign");
    }
  }
}

TEST(CanonicalTest, FirstOfSeveralFaultsIsReported) {
  ExpectRefused(IdentifierKind::kText, "a\xE2\x80\xAE\x01\xFF", "id: a bidirectional", 1);
  ExpectRefused(IdentifierKind::kText, "a\x01\xE2\x80\xAE\xFF", "id: a control", 1);
  ExpectRefused(IdentifierKind::kText, "a\xCD\xB8\x01", "id: a code point", 1);
}

TEST(CanonicalTest, PrivateUseAndFormatCharactersAreText) {
  for (const char32_t c : std::vector<char32_t>{0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xE000,
                                                0xFEFF, 0xF0000, 0x10FFFD}) {
    const std::string given = "a" + ToUtf8(c);
    EXPECT_EQ(Text(given), given) << std::hex << static_cast<std::uint32_t>(c);
    EXPECT_EQ(Email(given + "@b"), given + "@b") << std::hex << static_cast<std::uint32_t>(c);
  }
}

TEST(CanonicalTest, MessagesNeverRepeatTheValue) {
  for (const IdentifierKind kind : kAllKinds) {
    for (const std::string given : {"MARKER\x01", "MARKER\xFF", " MARKER", "MARKER@-", "+MARKER"}) {
      EXPECT_THAT(std::string(Make(kind, given).status.message()), Not(HasSubstr("MARKER")));
    }
  }
}

TEST(CanonicalTest, OpaqueIsTheBytesAsGiven) {
  for (const std::string given :
       {"00123456", "Ada  L", "Zoe\xCC\x88", "\xE2\x80\xAE", "\xCD\xB8"}) {
    EXPECT_EQ(Canonical(IdentifierKind::kOpaque, given), given);
  }
}

TEST(CanonicalTest, TextIsFoldedAndTrimmed) {
  EXPECT_EQ(Text(" Ada  LOVELACE "), "ada lovelace");
  EXPECT_EQ(Text(" Zoe\xCC\x88\xE2\x80\x83STRASSE"), "zo\xC3\xAB strasse");
  ExpectRefused(IdentifierKind::kText, "  ", "id: white space only");
}

// --- E-mail
// -----------------------------------------------------------------------------------------

TEST(CanonicalEmailTest, LocalPartIsTextAndDomainIsAscii) {
  EXPECT_EQ(Email("Ada.Lovelace+News@Example.ORG"), "ada.lovelace+news@example.org");
  EXPECT_EQ(Email("Zoe\xCC\x88@example.org"), "zo\xC3\xAB@example.org");
  EXPECT_EQ(Email("\"a\\\"b\"@example.org"), "\"a\\\"b\"@example.org");
  EXPECT_EQ(Email(".a..b.@example.org"), ".a..b.@example.org");
}

TEST(CanonicalEmailTest, LastAtDivides) {
  EXPECT_EQ(Email("a@B@example.org"), "a@b@example.org");
  EXPECT_EQ(Email("@@b"), "@@b");
  ExpectRefused(IdentifierKind::kEmail, "a@b@", "id: not a domain", 4);
  ExpectRefused(IdentifierKind::kEmail, "example.org", "id: no @");
  ExpectRefused(IdentifierKind::kEmail, "@example.org", "id: nothing before the @", 0);
  ExpectRefused(IdentifierKind::kEmail, "@", "id: nothing before the @", 0);
}

TEST(CanonicalEmailTest, WhiteSpaceIsRefusedAnywhere) {
  for (const char32_t c : std::vector<char32_t>{0x20, 0xA0, 0x2003, 0x2028, 0x3000}) {
    const std::string space = ToUtf8(c);
    ExpectRefused(IdentifierKind::kEmail, space + "a@b", "id: white space", 0);
    ExpectRefused(IdentifierKind::kEmail, "a" + space + "@b", "id: white space", 1);
    ExpectRefused(IdentifierKind::kEmail, "a@" + space + "b", "id: white space", 2);
    ExpectRefused(IdentifierKind::kEmail, "a@b" + space, "id: white space", 3);
  }
}

TEST(CanonicalEmailTest, FaultInTheDomainIsCountedFromTheStart) {
  ExpectRefused(IdentifierKind::kEmail, "ada@", "id: not a domain", 4);
  ExpectRefused(IdentifierKind::kEmail, "ada@exa_mple", "id: not a domain", 7);
  ExpectRefused(IdentifierKind::kEmail, "\xC3\xA9@example.", "id: not a domain", 11);
  ExpectRefused(IdentifierKind::kEmail, "ada@[127.0.0.1]", "id: not a domain", 4);
}

TEST(CanonicalEmailTest, WholeCanonicalAddressHas1024BytesAtMost) {
  // Each U+1D160 of the local part grows from four bytes to twelve.
  std::string grown;
  for (int i = 0; i < 85; ++i) grown += "\xF0\x9D\x85\xA0";
  EXPECT_EQ(Email(grown + "@ab").size(), 1023u);
  EXPECT_EQ(Email(grown + "@abc").size(), 1024u);
  ExpectRefused(IdentifierKind::kEmail, grown + "@abcd", "id: longer than 1024 bytes in canonical");
}

#ifdef MONIKER_WITH_IDN2
TEST(CanonicalEmailTest, DomainBeyondAsciiIsOneWithItsAsciiForm) {
  EXPECT_EQ(Email("A@B\xC3\x9C"
                  "cher.example"),
            "a@xn--bcher-kva.example");
  EXPECT_EQ(Email("a@xn--BCHER-kva.example"), "a@xn--bcher-kva.example");
  ExpectRefused(IdentifierKind::kEmail, "ada@\xE2\x98\x83.example", "id: not a domain", 4);
  ExpectRefused(IdentifierKind::kEmail,
                std::string(1016, 'a') +
                    "@b\xC3\xBC"
                    "cher",
                "id: longer than 1024 bytes in canonical");
}
#else
TEST(CanonicalEmailTest, DomainBeyondAsciiIsUnsupported) {
  EXPECT_EQ(Make(IdentifierKind::kEmail,
                 "a@b\xC3\xBC"
                 "cher.example")
                .status.code(),
            StatusCode::kUnsupported);
}
#endif

// --- Phone
// ------------------------------------------------------------------------------------------

TEST(CanonicalPhoneTest, SeparatorsBetweenDigitsAreDropped) {
  for (const std::string given : {"+15550100199", "+1 555 010 0199", "+1 (555) 010-0199",
                                  "+1.555.010.0199", "+1()- .555((010))0199"}) {
    EXPECT_EQ(Phone(given), "+15550100199") << given;
  }
}

TEST(CanonicalPhoneTest, Has7To15Digits) {
  EXPECT_EQ(Phone("+1234567"), "+1234567");
  EXPECT_EQ(Phone("+123456789012345"), "+123456789012345");
  ExpectRefused(IdentifierKind::kPhone, "+123456", "id: not 7 to 15 digits", 7);
  ExpectRefused(IdentifierKind::kPhone, "+", "id: not 7 to 15 digits", 1);
  ExpectRefused(IdentifierKind::kPhone, "+1234567890123456", "id: not 7 to 15 digits", 16);
  ExpectRefused(IdentifierKind::kPhone, "+1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6", "id: not 7", 31);
}

TEST(CanonicalPhoneTest, BeginsWithPlusAndACountryCode) {
  for (const std::string given : {"15550100199", "0015550100199", " +15550100199", "(+1)5550100199",
                                  "\xEF\xBC\x8B"
                                  "15550100199",
                                  "tel:+15550100199"}) {
    ExpectRefused(IdentifierKind::kPhone, given, "id: no + at the start", 0);
  }
  ExpectRefused(IdentifierKind::kPhone, "+0123456789", "id: a country code that begins with 0", 1);
  EXPECT_EQ(Phone("+10000000"), "+10000000");
}

TEST(CanonicalPhoneTest, SeparatorsOutsideOfTheDigitsAreRefused) {
  const std::string_view message = "id: a character other than";
  ExpectRefused(IdentifierKind::kPhone, "+ 15550100", message, 1);
  ExpectRefused(IdentifierKind::kPhone, "+(1)5550100", message, 1);
  ExpectRefused(IdentifierKind::kPhone, "+15550100 ", message, 9);
  ExpectRefused(IdentifierKind::kPhone, "+15550100 - ", message, 9);
  ExpectRefused(IdentifierKind::kPhone, "+1 555 (0100)", message, 12);
}

TEST(CanonicalPhoneTest, EveryOtherByteIsRefusedWhereItStands) {
  int accepted = 0;
  for (int c = 0; c < 256; ++c) {
    const char byte = static_cast<char>(c);
    const bool allowed = std::string_view(" -.()0123456789").find(byte) != std::string_view::npos;
    accepted += allowed;
    const std::string given = std::string("+1555") + byte + "0100";
    EXPECT_EQ(Make(IdentifierKind::kPhone, given).status.ok(), allowed) << c;
    if (!allowed) ExpectRefused(IdentifierKind::kPhone, given, "id: a character other than", 5);
  }
  EXPECT_EQ(accepted, 15);
  for (const std::string digit : {"\xD9\xA1", "\xEF\xBC\x91"}) {  // Arabic, fullwidth
    ExpectRefused(IdentifierKind::kPhone, "+1555" + digit + "0100", "id: a character other than",
                  5);
  }
}

// --- Properties
// -------------------------------------------------------------------------------------

// The same numbers on every run (SplitMix64).
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_(seed) {}
  std::size_t Below(std::size_t bound) {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return static_cast<std::size_t>((z ^ (z >> 31)) % bound);
  }
  template <typename List>
  auto OneOf(const List& list) {
    return list[Below(list.size())];
  }

 private:
  std::uint64_t state_;
};

// What holds of every answer, whatever was given.
void ExpectSound(IdentifierKind kind, const std::string& given) {
  const Outcome made = Make(kind, given);
  if (!made.status.ok()) {
    const bool known = made.status.code() == StatusCode::kInvalidArgument ||
                       made.status.code() == StatusCode::kUnsupported;
    ASSERT_TRUE(known) << made.status.message();
    ASSERT_GE(made.status.locator(), Status::kNowhere);
    ASSERT_LE(made.status.locator(), static_cast<std::int64_t>(given.size()));
    return;
  }
  ASSERT_GE(made.value.size(), 1u);
  ASSERT_LE(made.value.size(), kMaxIdentifierSize);
  ASSERT_EQ(FindTextFault(made.value), TextFault::kNone);
  const Outcome again = Make(kind, made.value);
  ASSERT_TRUE(again.status.ok()) << again.status.message();
  ASSERT_EQ(again.value, made.value) << "not a fixed point";
}

// Code points that some rule is about.
std::string TrickyText(Numbers* numbers, std::size_t length) {
  static constexpr auto kPoints = std::to_array<char32_t>(
      {'a',     'A',    'I',     'z',     '1',     ' ',     '@',     '.',     '-',     '+',
       0x00,    0x09,   0x7F,    0x85,    0xA0,    0xAD,    0xC5,    0xDF,    0x130,   0x131,
       0x149,   0x17F,  0x1C5,   0x1F0,   0x300,   0x301,   0x307,   0x308,   0x313,   0x31B,
       0x323,   0x327,  0x342,   0x344,   0x345,   0x378,   0x390,   0x391,   0x399,   0x3A3,
       0x3B1,   0x3B9,  0x3C2,   0x3D2,   0x587,   0x5D0,   0x61C,   0x627,   0x958,   0x9BE,
       0x9C7,   0xDDD,  0xFB2,   0x1100,  0x1161,  0x11A8,  0x13A0,  0x13F8,  0x1C80,  0x1E9B,
       0x1E9E,  0x1F52, 0x1F80,  0x1F88,  0x1FB3,  0x1FBC,  0x1FC6,  0x2000,  0x200B,  0x200D,
       0x200E,  0x2028, 0x202E,  0x2126,  0x212A,  0x212B,  0x2260,  0x2ADC,  0x3000,  0x3002,
       0x304B,  0x3099, 0xAB70,  0xAC00,  0xAC01,  0xE000,  0xF900,  0xFB03,  0xFB1D,  0xFDD0,
       0xFEFF,  0xFF21, 0x10400, 0x110BA, 0x11131, 0x1D15E, 0x1D160, 0x1E921, 0x1F600, 0x2F800,
       0x10FFFF});
  std::string text;
  for (std::size_t i = 0; i < length; ++i) text += ToUtf8(numbers->OneOf(kPoints));
  return text;
}

// The same without what is refused.
std::string AcceptableText(Numbers* numbers, std::size_t length) {
  std::string text;
  while (length != 0) {
    const std::string point = TrickyText(numbers, 1);
    if (!Make(IdentifierKind::kText, "a" + point).status.ok()) continue;
    text += point;
    --length;
  }
  return text;
}

TEST(CanonicalPropertyTest, RandomBytesGiveAnErrorOrAFixedPoint) {
  Numbers numbers(1);
  for (int i = 0; i < 100000; ++i) {
    std::string bytes;
    for (std::size_t length = 1 + numbers.Below(12); bytes.size() < length;) {
      bytes += static_cast<char>(numbers.Below(256));
    }
    for (const IdentifierKind kind : kAllKinds) ASSERT_NO_FATAL_FAILURE(ExpectSound(kind, bytes));
  }
}

TEST(CanonicalPropertyTest, DamagedIdentifiersGiveAnErrorOrAFixedPoint) {
  const std::vector<std::string> sound = {
      "Zo\xC3\xAB  Stra\xC3\x9F"
      "e",
      "Ada.L+x@Example.org",
      "a@b\xC3\xBC"
      "cher.example",
      "a@xn--bcher-kva.example",
      "+1 (555) 010-0199",
      "\xE1\xBE\x80\xCD\x85\xCC\x81"};
  Numbers numbers(2);
  for (int i = 0; i < 60000; ++i) {
    std::string text = numbers.OneOf(sound);
    for (std::size_t changes = 1 + numbers.Below(3); changes != 0; --changes) {
      const std::size_t at = numbers.Below(text.size());
      switch (numbers.Below(4)) {
        case 0: text[at] = static_cast<char>(numbers.Below(256)); break;
        case 1: text[at] = static_cast<char>(0x20 + numbers.Below(0x5F)); break;
        case 2: text.insert(at, TrickyText(&numbers, 1)); break;
        default: text += text.substr(at); break;
      }
    }
    for (const IdentifierKind kind : kAllKinds) ASSERT_NO_FATAL_FAILURE(ExpectSound(kind, text));
  }
}

TEST(CanonicalPropertyTest, TrickyTextGivesAnErrorOrAFixedPoint) {
  Numbers numbers(3);
  for (int i = 0; i < 60000; ++i) {
    const std::string text = AcceptableText(&numbers, 1 + numbers.Below(8));
    ASSERT_NO_FATAL_FAILURE(ExpectSound(IdentifierKind::kText, text));
    ASSERT_NO_FATAL_FAILURE(ExpectSound(IdentifierKind::kEmail, text + "@b.example"));
    ASSERT_NO_FATAL_FAILURE(ExpectSound(IdentifierKind::kEmail, "a@" + text + ".b"));
  }
}

TEST(CanonicalPropertyTest, LongTextGivesAnErrorOrAFixedPoint) {
  Numbers numbers(4);
  for (int i = 0; i < 300; ++i) {
    std::string text = AcceptableText(&numbers, 100 + numbers.Below(350));
    ASSERT_NO_FATAL_FAILURE(ExpectSound(IdentifierKind::kText, text));
    ASSERT_NO_FATAL_FAILURE(ExpectSound(IdentifierKind::kEmail, text + "@b.example"));
  }
}

TEST(CanonicalPropertyTest, EveryPairOfAFoldedLetterAndAMarkIsAFixedPoint) {
  std::vector<std::string> letters, marks;
  for (const auto& row : testing::UnicodeFile::Read("CaseFolding.txt").rows()) {
    letters.push_back(testing::FromCodes(row[0]));
  }
  for (const char32_t c : std::vector<char32_t>{0x300, 0x301, 0x307, 0x308, 0x30C, 0x313, 0x323,
                                                0x327, 0x331, 0x342, 0x345, 0x3B9, 0x399, 0x3099}) {
    marks.push_back(ToUtf8(c));
  }
  for (const std::string& letter : letters) {
    for (const std::string& first : marks) {
      for (const std::string& second : marks) {
        ASSERT_NO_FATAL_FAILURE(ExpectSound(IdentifierKind::kText, letter + first + second));
      }
    }
  }
}

TEST(CanonicalPropertyTest, WhatIsGivenAndItsCanonicalFormAreTheSameInEveryKeyedInput) {
  const Result<std::unique_ptr<Prf>> root =
      MakePrf(Suite::kBlake2b, *SecretBytes::CopyOf(std::vector<std::uint8_t>(32, 7)));
  const Result<Anonymizer> anonymizer = Anonymizer::Create(**root, "clinic-7", Scope::App());
  ASSERT_TRUE(anonymizer.ok());
  Numbers numbers(5);
  int compared = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::string text = AcceptableText(&numbers, 1 + numbers.Below(8));
    const std::string email = text + "@B.Example";
    for (const Identifier& given :
         {Identifier{"names", text, IdentifierKind::kText}, Identifier{"email", email}}) {
      const Result<SecretText> canonical = Canonicalize(given);
      if (!canonical.ok()) continue;
      ++compared;
      const Identifier same{given.issuer, canonical->Expose(), given.kind};
      std::array<std::uint8_t, 2 * kMaxSubjectSize> bytes;
      ByteWriter writer(bytes);
      const Result<ByteView> of_given = AppendSubject(given, &writer);
      const Result<ByteView> of_canonical = AppendSubject(same, &writer);
      ASSERT_TRUE(of_given.ok() && of_canonical.ok());
      ASSERT_EQ(AsText(*of_given), AsText(*of_canonical));
      ASSERT_EQ(anonymizer->Pseudonymize(given)->digest(),
                anonymizer->Pseudonymize(same)->digest());
    }
  }
  EXPECT_GT(compared, 3000);
}

// --- Where it is used
// -------------------------------------------------------------------------------

TEST(CanonicalizeTest, GivesTheCanonicalFormOfTheKindThatHolds) {
  EXPECT_EQ(Canonicalize({"mrn.hospital-a", "Ab  C"})->Expose(), "Ab  C");
  EXPECT_EQ(Canonicalize({"names", "Ab  C", IdentifierKind::kText})->Expose(), "ab c");
  EXPECT_EQ(Canonicalize({"email", "A@B"})->Expose(), "a@b");
  EXPECT_EQ(Canonicalize({"phone", "+1 555 0100"})->Expose(), "+15550100");
  EXPECT_EQ(Canonicalize({"email", "A"}).status().message(), "id: no @");
  EXPECT_EQ(Canonicalize({"", "A"}).status().message(), "issuer: empty");
}

TEST(SubjectTest, HoldsTheIssuerAndTheCanonicalValue) {
  std::array<std::uint8_t, 2 * kMaxSubjectSize> bytes;
  ByteWriter writer(bytes);
  ASSERT_TRUE(AppendSubject({"phone", "+1 555 0100"}, &writer).ok());
  const Result<ByteView> subject = AppendSubject({"email", "A@B"}, &writer);
  ASSERT_TRUE(subject.ok());
  EXPECT_EQ(AsText(*subject), std::string("\x05\0\0\0email", 9) + "a@b");
}

TEST(SubjectTest, LongestFits) {
  std::array<std::uint8_t, kMaxSubjectSize> bytes;
  ByteWriter writer(bytes);
  const std::string issuer(kMaxIssuerSize, 'i');
  const std::string id(kMaxIdentifierSize, 'A');
  const Result<ByteView> subject = AppendSubject({issuer, id, IdentifierKind::kText}, &writer);
  ASSERT_TRUE(subject.ok());
  EXPECT_TRUE(writer.ok());
  EXPECT_EQ(subject->size(), kMaxSubjectSize);
}

TEST(SubjectTest, KindIsNoPartOfIt) {
  std::array<std::uint8_t, 2 * kMaxSubjectSize> bytes;
  ByteWriter writer(bytes);
  const Result<ByteView> opaque = AppendSubject({"names", "ada"}, &writer);
  const Result<ByteView> text = AppendSubject({"names", "ADA", IdentifierKind::kText}, &writer);
  EXPECT_EQ(AsText(*opaque), AsText(*text));
}

TEST(PseudonymizeTest, LocatorSaysWhereInTheIdentifierAndOfManyWhichOne) {
  const Result<std::unique_ptr<Prf>> root =
      MakePrf(Suite::kBlake2b, *SecretBytes::CopyOf(std::vector<std::uint8_t>(32, 7)));
  const Result<Anonymizer> anonymizer = Anonymizer::Create(**root, "clinic-7", Scope::App());
  ASSERT_TRUE(anonymizer.ok());
  const Identifier bad{"names", "Zo\xC3\xAB\x01", IdentifierKind::kText};
  EXPECT_EQ(anonymizer->Pseudonymize(bad).status().locator(), 4);
  EXPECT_EQ(anonymizer->Pseudonymize({"email", "ada"}).status().locator(), Status::kNowhere);
  const std::array<Identifier, 3> several = {Identifier{"names", "a"}, Identifier{"names", "b"},
                                             bad};
  std::vector<Pseudonym> pseudonyms(3, Pseudonym(Digest{}));
  EXPECT_EQ(anonymizer->PseudonymizeMany(several, pseudonyms).locator(), 2);
}

}  // namespace
}  // namespace moniker::internal
