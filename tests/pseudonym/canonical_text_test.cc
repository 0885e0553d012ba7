#include "pseudonym/canonical_text.h"

#include <gtest/gtest.h>
#include <utf8proc.h>

#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "pseudonym/unicode_15.h"
#include "support/unicode_files.h"

namespace moniker::internal {
namespace {

using testing::CodeRange;
using testing::FromCodes;
using testing::ToUtf8;
using testing::UnicodeFile;

using AppendFunction = Status (*)(std::string_view, std::size_t, ByteWriter*);

// The canonical form, or the message of the error in brackets.
std::string Canonical(std::string_view text, AppendFunction append = AppendText,
                      std::size_t max_size = 1024) {
  std::array<std::uint8_t, 1024> bytes;
  ByteWriter writer(bytes);
  const Status status = append(text, max_size, &writer);
  if (!status.ok()) {
    EXPECT_EQ(writer.size(), 0u) << "appended on an error";
    return "[" + std::string(status.message()) + "]";
  }
  EXPECT_TRUE(writer.ok());
  return std::string(AsText(writer.written()));
}

using PassFunction = Result<std::string_view> (*)(std::string_view, SecretBytes*);

std::string After(PassFunction pass, std::string_view text) {
  SecretBytes buffer = *SecretBytes::Allocate(TextBufferSize(text.size()));
  const Result<std::string_view> result = pass(text, &buffer);
  return result.ok() ? std::string(*result) : "[error]";
}

std::vector<char32_t> AssignedCodePoints() {
  std::vector<char32_t> points;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (IsAssigned(c) && (c < 0xD800 || c > 0xDFFF)) points.push_back(c);
  }
  return points;
}

// --- The passes against the Unicode Character Database
// ----------------------------------------------

TEST(NormalizationTest, EveryLineOfNormalizationTestHolds) {
  std::size_t lines = 0;
  for (const auto& row : UnicodeFile::Read("NormalizationTest.txt").rows()) {
    ASSERT_GE(row.size(), 5u);
    const std::string c2 = FromCodes(row[1]);
    const std::string c4 = FromCodes(row[3]);
    SCOPED_TRACE(row[0]);
    for (const int column : {0, 1, 2}) {
      const std::string text = FromCodes(row[static_cast<std::size_t>(column)]);
      ASSERT_EQ(After(ToNfc, text), c2);
      // Canonical equivalents are one identifier.
      ASSERT_EQ(Canonical(text), Canonical(c2));
    }
    for (const int column : {3, 4}) {
      ASSERT_EQ(After(ToNfc, FromCodes(row[static_cast<std::size_t>(column)])), c4);
    }
    ++lines;
  }
  EXPECT_EQ(lines, 19074u);
}

TEST(NormalizationTest, CodePointsThatItsFirstPartDoesNotNameStay) {
  std::set<char32_t> named;
  for (const auto& row : UnicodeFile::Read("NormalizationTest.txt").rows()) {
    if (row[0].find(' ') == std::string::npos) named.insert(CodeRange::Parse(row[0]).first);
  }
  for (const char32_t c : AssignedCodePoints()) {
    if (c == 0 || named.count(c) != 0) continue;
    ASSERT_EQ(After(ToNfc, ToUtf8(c)), ToUtf8(c)) << std::hex << static_cast<std::uint32_t>(c);
  }
}

TEST(CaseFoldingTest, EveryLineOfCaseFoldingHoldsAndNoOtherCodePointChanges) {
  std::map<char32_t, std::string> folded;
  for (const auto& row : UnicodeFile::Read("CaseFolding.txt").rows()) {
    if (row[1] == "C" || row[1] == "F") {
      folded[CodeRange::Parse(row[0]).first] = FromCodes(row[2]);
    }
  }
  EXPECT_EQ(folded.size(), 1530u);
  for (const char32_t c : AssignedCodePoints()) {
    const auto found = folded.find(c);
    const std::string expected = found == folded.end() ? ToUtf8(c) : found->second;
    ASSERT_EQ(After(FoldCase, ToUtf8(c)), expected) << std::hex << static_cast<std::uint32_t>(c);
  }
}

TEST(CaseFoldingTest, TextAndItsFoldingAreOneIdentifier) {
  for (const auto& row : UnicodeFile::Read("CaseFolding.txt").rows()) {
    if (row[1] != "C" && row[1] != "F") continue;
    for (const std::string after : {"", "x", "\xCC\x81", "\xCD\x82"}) {
      const std::string given = ToUtf8(CodeRange::Parse(row[0]).first) + after;
      ASSERT_EQ(Canonical(Canonical(given)), Canonical(given)) << row[0];
    }
    ASSERT_EQ(Canonical(FromCodes(row[0])), Canonical(FromCodes(row[2]))) << row[0];
  }
}

TEST(CaseFoldingTest, TurkishRulesAreNotApplied) {
  EXPECT_EQ(Canonical("I"), "i");
  EXPECT_EQ(Canonical("\xC4\xB0"), "i\xCC\x87");  // U+0130
  EXPECT_EQ(Canonical("\xC4\xB1"), "\xC4\xB1");   // U+0131 stays another letter than i
}

TEST(CaseFoldingTest, DoesNotNormaliseOnTheWay) {
  // U+00C5 as A and U+030A: folding alone leaves the two.
  EXPECT_EQ(After(FoldCase, "A\xCC\x8A"), "a\xCC\x8A");
  EXPECT_EQ(After(FoldCase, "\xC3\x85"), "\xC3\xA5");
}

TEST(TextBufferTest, HasRoomForWhateverGrowsMost) {
  constexpr std::size_t kSize = 1024;
  SecretBytes one = *SecretBytes::Allocate(TextBufferSize(kSize));
  SecretBytes other = *SecretBytes::Allocate(TextBufferSize(kSize));
  int tried = 0;
  for (const char32_t c : AssignedCodePoints()) {
    const std::string point = ToUtf8(c);
    const bool first_hangul = c == 0xAC01;
    if (c == 0 ||
        (After(ToNfc, point) == point && After(FoldCase, point) == point && !first_hangul)) {
      continue;
    }
    ++tried;
    std::string text;
    while (text.size() + point.size() <= kSize) text += point;
    const Result<std::string_view> nfc = ToNfc(text, &one);
    ASSERT_TRUE(nfc.ok()) << std::hex << static_cast<std::uint32_t>(c);
    const Result<std::string_view> folded = FoldCase(*nfc, &other);
    ASSERT_TRUE(folded.ok()) << std::hex << static_cast<std::uint32_t>(c);
    ASSERT_TRUE(ToNfc(*folded, &one).ok()) << std::hex << static_cast<std::uint32_t>(c);
  }
  EXPECT_GT(tried, 2500);
}

TEST(TextBufferTest, TooSmallABufferIsAnErrorAndNotOverrun) {
  for (const std::size_t size : {0u, 4u, 8u, 12u, 16u}) {
    SecretBytes buffer = *SecretBytes::Allocate(size + 4);
    const Result<std::string_view> result = ToNfc("\xCE\x90\xCE\x90", &buffer);
    EXPECT_EQ(result.status().code(), StatusCode::kInvalidArgument) << size;
  }
}

TEST(Utf8procTest, LibraryThatIsLoadedKnowsUnicode15) {
  EXPECT_TRUE(KnowsUnicode15(utf8proc_unicode_version())) << utf8proc_unicode_version();
}

// --- What is made of text
// ---------------------------------------------------------------------------

TEST(CanonicalTextTest, NormalFormsAreOneIdentifier) {
  EXPECT_EQ(Canonical("Zo\xC3\xAB"), "zo\xC3\xAB");
  EXPECT_EQ(Canonical("Zoe\xCC\x88"), "zo\xC3\xAB");
  EXPECT_EQ(Canonical("\xE2\x84\xAB"), "\xC3\xA5");                  // angstrom sign
  EXPECT_EQ(Canonical("\xEA\xB0\x80"), "\xEA\xB0\x80");              // hangul syllable
  EXPECT_EQ(Canonical("\xE1\x84\x80\xE1\x85\xA1"), "\xEA\xB0\x80");  // its jamo
  EXPECT_EQ(Canonical("\xEF\xBC\xA1"), "\xEF\xBD\x81");              // fullwidth A stays fullwidth
  EXPECT_EQ(Canonical("q\xCC\x87\xCC\xA3"), "q\xCC\xA3\xCC\x87");    // marks in order
}

TEST(CanonicalTextTest, UpperAndLowerCaseAreOneIdentifier) {
  EXPECT_EQ(Canonical("STRASSE"), "strasse");
  EXPECT_EQ(Canonical("Stra\xC3\x9F"
                      "e"),
            "strasse");
  EXPECT_EQ(Canonical("STRA\xE1\xBA\x9E"
                      "E"),
            "strasse");
  EXPECT_EQ(Canonical("\xCE\x9F\xCE\x94\xCE\x9F\xCE\xA3"),
            Canonical("\xCE\xBF\xCE\xB4\xCE\xBF\xCF\x82"));
  EXPECT_EQ(Canonical("\xEF\xAC\x83"), "ffi");           // ligature
  EXPECT_EQ(Canonical("\xC7\xB0"), "\xC7\xB0");          // j with caron: folds to two, composed
  EXPECT_EQ(Canonical("\xCE\x90"), "\xCE\x90");          // folds to three, composed
  EXPECT_EQ(Canonical("\xEA\xAD\xB0"), "\xE1\x8E\xA0");  // Cherokee folds to upper case
}

TEST(CanonicalTextTest, WhiteSpaceRunsBecomeOneBlankAndEndsAreTrimmed) {
  EXPECT_EQ(Canonical("  Ada   Lovelace "), "ada lovelace");
  for (const char32_t c : std::vector<char32_t>{0x20, 0xA0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003,
                                                0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009,
                                                0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000}) {
    const std::string space = ToUtf8(c);
    EXPECT_EQ(Canonical(space + "a" + space + space + " b" + space), "a b")
        << std::hex << static_cast<std::uint32_t>(c);
    EXPECT_EQ(Canonical(space), "[id: white space only]")
        << std::hex << static_cast<std::uint32_t>(c);
    EXPECT_EQ(Canonical(" " + space + " "), "[id: white space only]")
        << std::hex << static_cast<std::uint32_t>(c);
  }
  // No white space: zero width space, word joiner, Mongolian vowel separator.
  for (const char32_t c : std::vector<char32_t>{0x200B, 0x2060, 0x180E}) {
    const std::string text = "a" + ToUtf8(c);
    EXPECT_EQ(Canonical(text), text);
  }
}

TEST(CanonicalTextTest, MarkAfterABlankStaysBehindItWhenTheBlankGoes) {
  EXPECT_EQ(Canonical(" \xCC\x88x"), "\xCC\x88x");
  EXPECT_EQ(Canonical("a  \xCC\x88"), "a \xCC\x88");
}

TEST(CanonicalTextTest, SizeIsThatOfTheCanonicalForm) {
  const std::string too_long = "[id: longer than 1024 bytes in canonical form]";
  // U+0390 keeps its two bytes; U+1D160 has four and becomes twelve; white space shrinks.
  std::string kept, grown;
  for (int i = 0; i < 512; ++i) kept += "\xCE\x90";
  for (int i = 0; i < 86; ++i) grown += "\xF0\x9D\x85\xA0";
  EXPECT_EQ(Canonical(kept), kept);
  EXPECT_EQ(Canonical(grown), too_long);
  EXPECT_EQ(Canonical(grown.substr(4)).size(), 1020u);
  EXPECT_EQ(Canonical(std::string(1023, ' ') + "A"), "a");
  EXPECT_EQ(Canonical(std::string(1022, ' ') + "\xC3\x85"), "\xC3\xA5");
}

TEST(CanonicalTextTest, SizeMayBeBoundedFurtherByTheCaller) {
  for (const AppendFunction append : {&AppendText, &AppendUnicodeText}) {
    EXPECT_EQ(Canonical(" A  B ", append, 3), "a b");
    EXPECT_EQ(Canonical(" A  B ", append, 2), "[id: longer than 1024 bytes in canonical form]");
    EXPECT_EQ(Canonical("\xC3\x85", append, 2), "\xC3\xA5");
    EXPECT_NE(Canonical("\xC3\x85", append, 1), "\xC3\xA5");
  }
}

// --- ASCII goes its own way
// -------------------------------------------------------------------------

TEST(AsciiTextTest, EveryPrintableCharacterIsAsInTheGeneralWay) {
  for (char c = 0x20; c < 0x7F; ++c) {
    for (const std::string& text : {std::string{c}, std::string{'a', c, 'b'}, std::string{c, c}}) {
      ASSERT_EQ(Canonical(text, AppendText), Canonical(text, AppendUnicodeText)) << text;
    }
  }
}

TEST(AsciiTextTest, EveryArrangementOfLettersAndBlanksIsAsInTheGeneralWay) {
  constexpr std::string_view kCharacters = "A z";
  for (std::size_t length = 1; length <= 7; ++length) {
    std::size_t count = 1;
    for (std::size_t i = 0; i < length; ++i) count *= kCharacters.size();
    for (std::size_t number = 0; number < count; ++number) {
      std::string text;
      for (std::size_t rest = number; text.size() < length; rest /= kCharacters.size()) {
        text += kCharacters[rest % kCharacters.size()];
      }
      for (const std::size_t max_size : {std::size_t{2}, std::size_t{1024}}) {
        ASSERT_EQ(Canonical(text, AppendText, max_size),
                  Canonical(text, AppendUnicodeText, max_size))
            << text;
      }
    }
  }
}

}  // namespace
}  // namespace moniker::internal
