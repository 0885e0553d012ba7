// What libidn2 does for domains, and that the rules for ASCII agree with it.

#include <gtest/gtest.h>
#include <idn2.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/domains.h"

namespace moniker::internal {
namespace {

using testing::DomainOf;

// What libidn2 alone says; nothing where it refuses.
std::optional<std::string> ByIdn2(const std::string& domain) {
  char* found = nullptr;
  const int error = idn2_to_ascii_8z(domain.c_str(), &found, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  if (error != IDN2_OK) return std::nullopt;
  std::string ascii(found);
  idn2_free(found);
  return ascii;
}

TEST(EmailDomainIdn2Test, LettersBeyondAsciiBecomePunycode) {
  // The examples of UTS 46, table 4, and of RFC 3492, non-transitional.
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"b\xC3\xBC"
       "cher.de",
       "xn--bcher-kva.de"},
      {"B\xC3\x9C"
       "CHER.DE",
       "xn--bcher-kva.de"},
      {"bu\xCC\x88"
       "cher.de",
       "xn--bcher-kva.de"},
      {"fa\xC3\x9F.de", "xn--fa-hia.de"},
      {"Fa\xC3\x9F.de", "xn--fa-hia.de"},
      {"\xCE\xB2\xCF\x8C\xCE\xBB\xCE\xBF\xCF\x82.com", "xn--nxasmm1c.com"},
      {"\xE0\xB7\x81\xE0\xB7\x8A\xE2\x80\x8D\xE0\xB6\xBB\xE0\xB7\x93.com", "xn--10cl1a0b660p.com"},
      {"\xD9\x86\xD8\xA7\xD9\x85\xD9\x87\xE2\x80\x8C\xD8\xA7\xDB\x8C.com",
       "xn--mgba3gch31f060k.com"},
      {"\xE4\xBE\x8B\xE3\x81\x88.\xE3\x83\x86\xE3\x82\xB9\xE3\x83\x88", "xn--r8jz45g.xn--zckzah"},
      {"xn--bcher-kva.de", "xn--bcher-kva.de"},
      {"XN--BCHER-KVA.DE", "xn--bcher-kva.de"},
  };
  for (const auto& [domain, ascii] : cases) {
    EXPECT_EQ(DomainOf(domain), ascii) << domain;
    EXPECT_EQ(DomainOf(ascii), ascii) << "not a fixed point: " << domain;
  }
}

TEST(EmailDomainIdn2Test, DotsAndLettersOfOtherWidthsAreMapped) {
  EXPECT_EQ(DomainOf("a\xE3\x80\x82"
                     "b"),
            "a.b");  // ideographic full stop
  EXPECT_EQ(DomainOf("a\xEF\xBC\x8E"
                     "b"),
            "a.b");                                          // fullwidth full stop
  EXPECT_EQ(DomainOf("\xEF\xBC\xA1.example"), "a.example");  // fullwidth A
}

TEST(EmailDomainIdn2Test, CapitalSharpSIsMappedAsInUnicode15) {
  EXPECT_EQ(DomainOf("FA\xE1\xBA\x9E.de"), "fass.de");
  EXPECT_EQ(DomainOf("\xE1\xBA\x9E\xE1\xBA\x9E.\xE1\xBA\x9E"), "ssss.ss");
}

TEST(EmailDomainIdn2Test, WhatIdna2008ForbidsIsRefused) {
  const std::vector<std::string> cases = {
      "\xE2\x98\x83.example",  // a symbol
      "\xD7\x90"
      "a.example",  // both directions in a label
      "\xCC\x81"
      "a.example",             // a mark at the start
      "ab--\xC3\xBC.example",  // hyphens at the third and fourth place
      "\xC3\xBC-.example",
      "-\xC3\xBC.example",
      "a\xE2\x80\x8D"
      "b.example",                  // a joiner where none may be
      "xn--a.example",              // no Punycode of a label
      "xn--ls8h.example",           // of a symbol
      "xn--fass.example",           // of ASCII
      "xn--zz99999999999.example",  // overflows
      "\xC3\xBC.\xC2\xAD",          // an empty label after mapping
  };
  for (const std::string& domain : cases) EXPECT_EQ(DomainOf(domain), "refused at 0") << domain;
}

TEST(EmailDomainIdn2Test, MathematicalSignsThatDecomposeToAsciiAreRefused) {
  for (const std::string domain :
       {"\xE2\x89\xA0.example",
        "a\xE2\x89\xA0"
        "b.example",
        "=\xCC\xB8.example", "\xE2\x89\xAE.example", "\xE2\x89\xAF.example", "xn--1ch.example",
        "xn--ab-miv.example"}) {
    EXPECT_EQ(DomainOf(domain), "refused at 0") << domain;
  }
}

TEST(EmailDomainIdn2Test, AsciiThatLibidn2WouldDropInSilenceIsRefused) {
  for (const std::string domain :
       {"b\xC3\xBC_c.example", "b\xC3\xBC.a_b", "b\xC3\xBC.a b", "\xE2\x84\x80.example",
        "\xC3\xBC\xE2\x84\x80.example", "b\xC3\xBC..example", "b\xC3\xBC.", ".b\xC3\xBC",
        "b\xC3\xBC.[1]", "\xE2\x92\x88.example"}) {
    EXPECT_EQ(DomainOf(domain), "refused at 0") << domain;
  }
}

TEST(EmailDomainIdn2Test, NumberAsTheLastLabelIsRefusedHoweverItIsWritten) {
  EXPECT_EQ(DomainOf("b\xC3\xBC.12"), "refused at 0");
  EXPECT_EQ(DomainOf("b\xC3\xBC.\xEF\xBC\x91\xEF\xBC\x92"), "refused at 0");  // fullwidth digits
}

TEST(EmailDomainIdn2Test, LengthIsThatOfTheAsciiForm) {
  // 62 letters make more than 63 bytes in Punycode.
  std::string letters;
  for (int i = 0; i < 62; ++i) letters += "\xC3\xBC";
  EXPECT_EQ(DomainOf(letters + ".example"), "refused at 0");
  // "xn--a-eha." has ten bytes, so 26 labels are too many though 130 bytes were given.
  const std::string label = "\xC3\xBC" + std::string("a.");
  std::string domain;
  for (int i = 0; i < 26; ++i) domain += label;
  ASSERT_LT(domain.size(), kMaxDomainSize);
  EXPECT_EQ(DomainOf(domain + "b"), "refused at 0");
  EXPECT_EQ(DomainOf(domain.substr(label.size()) + "b").size(), 251u);
}

// The claim that a build without libidn2 gives no other answer: whatever our rules accept, libidn2
// accepts, and makes the same of it.
TEST(EmailDomainIdn2Test, WhatTheRulesForAsciiAcceptLibidn2MakesTheSameOf) {
  constexpr std::string_view kCharacters = "aZ9-.";
  int accepted = 0;
  for (std::size_t length = 1; length <= 7; ++length) {
    std::size_t count = 1;
    for (std::size_t i = 0; i < length; ++i) count *= kCharacters.size();
    for (std::size_t number = 0; number < count; ++number) {
      std::string domain;
      for (std::size_t rest = number; domain.size() < length; rest /= kCharacters.size()) {
        domain += kCharacters[rest % kCharacters.size()];
      }
      const std::string made = DomainOf(domain);
      const std::optional<std::string> expected = ByIdn2(domain);
      if (made.rfind("refused", 0) == 0) continue;
      ++accepted;
      ASSERT_TRUE(expected) << domain;
      ASSERT_EQ(made, *expected) << domain;
    }
  }
  EXPECT_GT(accepted, 10000);
}

}  // namespace
}  // namespace moniker::internal
