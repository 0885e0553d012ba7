// What of a person is found in a text, and what is not.

#include "session/outbound_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "moniker/pseudonym.h"
#include "session/encoded_text.h"
#include "session/folded_text.h"
#include "session/role.h"
#include "support/sample_people.h"
#include "support/status_matchers.h"

namespace moniker::internal {

void PrintTo(PersonalPart part, std::ostream* out) {
  constexpr const char* kNames[] = {"identifier", "name", "e-mail", "phone", "field"};
  *out << kNames[static_cast<std::size_t>(part)];
}

namespace {

using moniker::testing::HasCode;
using moniker::testing::IsOk;
using Encode = std::string (*)(std::string_view);

constexpr auto kNothing = std::optional<PersonalPart>();

constexpr FieldView kFields[] = {
    {"birth_date", "1980-05-03"},
    {"email", "mjensen82@example.org"},
    {"notes",
     "Prefers calls in the morning. Bring the results of the last visit to the next one, please."},
    {"phone", "+45 12 34 56 78"},
    {"ward", "Neuro-Oncology"},
    {"zip", "8000"},
};
constexpr PersonView kMaria = {
    .issuer = "mrn.hospital-a", .id = "00123456", .name = "Maria Jensen", .fields = kFields};

PersonView Named(std::string_view name) {
  return {.issuer = "mrn.hospital-a", .id = "77777777", .name = name};
}

PersonView Numbered(std::string_view id) {
  return {.issuer = "mrn.hospital-a", .id = id, .name = "Qqqqq Wwwww"};
}

std::optional<PersonalPart> Find(const PersonView& person, std::string_view text) {
  const auto found = FindPersonalPart(person, text);
  EXPECT_THAT(found, IsOk()) << text;
  return found.ok() ? *found : std::nullopt;
}

bool Finds(std::string_view name, std::string_view text) {
  return Find(Named(name), text) == PersonalPart::kName;
}

struct Case {
  std::string_view person;
  std::string_view text;
};

// A generator of numbers, the same on each run (SplitMix64).
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_(seed) {}
  std::uint64_t Next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  std::size_t Below(std::size_t bound) { return Next() % bound; }
  std::string TextOf(std::string_view alphabet, std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += alphabet[Below(alphabet.size())];
    return text;
  }

 private:
  std::uint64_t state_;
};

// ---- Encoders, written for these tests

std::string Hex(std::uint32_t value, std::size_t digits, const char* alphabet) {
  std::string text;
  for (std::size_t i = digits; i-- > 0;) text += alphabet[value >> (4 * i) & 15];
  return text;
}
constexpr const char* kUpperHex = "0123456789ABCDEF";
constexpr const char* kLowerHex = "0123456789abcdef";

template <typename EncodeByte>
std::string EncodeBytes(std::string_view text, EncodeByte encode) {
  std::string out;
  for (const char c : text) out += encode(static_cast<std::uint8_t>(c));
  return out;
}

std::u32string CodePoints(std::string_view text) {
  std::u32string points;
  while (const auto next = FirstCodePoint(text)) {
    points += next->value;
    text.remove_prefix(next->size);
  }
  return points;
}

std::string Plain(std::string_view text) { return std::string(text); }
std::string Percent(std::string_view text) {
  return EncodeBytes(text, [](std::uint8_t byte) { return "%" + Hex(byte, 2, kUpperHex); });
}
std::string PercentWhereNeeded(std::string_view text) {
  return EncodeBytes(text, [](std::uint8_t byte) -> std::string {
    if (byte == ' ') return "+";
    const bool plain = byte < 0x80 && std::isalnum(byte) != 0;
    return plain ? std::string(1, static_cast<char>(byte)) : "%" + Hex(byte, 2, kLowerHex);
  });
}
std::string QuotedPrintable(std::string_view text) {
  return EncodeBytes(text, [](std::uint8_t byte) { return "=" + Hex(byte, 2, kUpperHex); });
}
std::string HexString(std::string_view text) {
  return EncodeBytes(text, [](std::uint8_t byte) { return Hex(byte, 2, kLowerHex); });
}
std::string BackslashX(std::string_view text) {
  return EncodeBytes(text, [](std::uint8_t byte) { return "\\x" + Hex(byte, 2, kLowerHex); });
}
std::string DecimalEntities(std::string_view text) {
  std::string out;
  for (const char32_t c : CodePoints(text)) out += "&#" + std::to_string(std::uint32_t{c}) + ";";
  return out;
}
std::string HexEntities(std::string_view text) {
  std::string out;
  for (const char32_t c : CodePoints(text)) out += "&#x" + Hex(c, 6, kUpperHex) + ";";
  return out;
}
std::string JsonEscapes(std::string_view text) {
  std::string out;
  for (const char32_t c : CodePoints(text)) {
    if (c < 0x10000) {
      out += "\\u" + Hex(c, 4, kLowerHex);
    } else {
      out += "\\u" + Hex(0xD800 + ((c - 0x10000) >> 10), 4, kLowerHex);
      out += "\\u" + Hex(0xDC00 + ((c - 0x10000) & 0x3FF), 4, kLowerHex);
    }
  }
  return out;
}

std::string Base64With(std::string_view text, std::string_view last_two, bool padded) {
  std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  alphabet += last_two;
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    const std::string_view group = text.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (k < group.size() ? static_cast<std::uint8_t>(group[k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      if (k <= group.size()) {
        out += alphabet[bits >> (18 - 6 * k) & 63];
      } else if (padded) {
        out += '=';
      }
    }
  }
  return out;
}
std::string Base64(std::string_view text) { return Base64With(text, "+/", true); }
std::string Base64Unpadded(std::string_view text) { return Base64With(text, "+/", false); }
std::string Base64Url(std::string_view text) { return Base64With(text, "-_", false); }

struct NamedEncoder {
  const char* name;
  Encode encode;
};
constexpr NamedEncoder kEncoders[] = {
    {"plain", Plain},
    {"percent", Percent},
    {"percent where needed", PercentWhereNeeded},
    {"quoted-printable", QuotedPrintable},
    {"hex", HexString},
    {"backslash x", BackslashX},
    {"decimal entities", DecimalEntities},
    {"hex entities", HexEntities},
    {"json", JsonEscapes},
    {"base64", Base64},
    {"base64 unpadded", Base64Unpadded},
    {"base64url", Base64Url},
};

// ---- Parts

TEST(OutboundGuardTest, EachPartIsFoundAndNamed) {
  for (const auto& [text, part] : std::initializer_list<std::pair<const char*, PersonalPart>>{
           {"Maria", PersonalPart::kName},
           {"jensen", PersonalPart::kName},
           {"Visit of Jensen, Maria", PersonalPart::kName},
           {"00123456", PersonalPart::kIdentifier},
           {"MRN 0012-3456", PersonalPart::kIdentifier},
           {"mrn:123456", PersonalPart::kIdentifier},
           {"mailto:MJensen82@Example.org?x", PersonalPart::kName},
           {"+4512345678", PersonalPart::kPhone},
           {"ward neuro-oncology", PersonalPart::kField},
           {"born 03.05.1980", PersonalPart::kField},
           {"DK-8000", PersonalPart::kField}}) {
    EXPECT_EQ(Find(kMaria, text), part) << text;
  }
}

TEST(OutboundGuardTest, EachPartIsFoundInEachEncoding) {
  constexpr FieldView kMail[] = {
      {"email", "rosebud77@example.org"}, {"phone", "(555) 010-4477"}, {"ward", "Neuro-Oncology"}};
  const PersonView person = {
      .issuer = "mrn", .id = "A-00998877", .name = "María Grønland", .fields = kMail};
  const std::pair<std::string_view, PersonalPart> parts[] = {
      {"María", PersonalPart::kName},
      {"Grønland", PersonalPart::kName},
      {"A-00998877", PersonalPart::kIdentifier},
      {"rosebud77", PersonalPart::kEmail},
      {"rosebud77@example.org", PersonalPart::kEmail},
      {"555-010-4477", PersonalPart::kPhone},
      {"neuro oncology", PersonalPart::kField}};
  for (const auto& [name, encode] : kEncoders) {
    for (const auto& [part_text, part] : parts) {
      for (const std::string& text : {encode(part_text), "x=" + encode(part_text) + "&y=2",
                                      "{\"alias\":\"" + encode(part_text) + "\"}"}) {
        EXPECT_EQ(Find(person, text), part) << name << ": " << text;
      }
    }
  }
}

TEST(OutboundGuardTest, TwoAndThreeLayersOfEncodingsAreSeenThrough) {
  const PersonView person = Named("Grønland");
  for (const auto& [outer_name, outer] : kEncoders) {
    for (const auto& [inner_name, inner] : kEncoders) {
      const std::string text = "alias:" + outer("see " + inner("til Grønland nu") + " ok");
      EXPECT_EQ(Find(person, text), PersonalPart::kName) << outer_name << " of " << inner_name;
      for (const auto& [third_name, third] : kEncoders) {
        const std::string deep = third("see " + outer("see " + inner("til Grønland nu") + " ok"));
        EXPECT_EQ(Find(person, deep), PersonalPart::kName)
            << third_name << " of " << outer_name << " of " << inner_name;
      }
    }
  }
}

TEST(OutboundGuardTest, FourLayersAreNot) {
  EXPECT_EQ(Find(Named("Grønland"), Percent(Percent(Percent("Grønland")))), PersonalPart::kName);
  EXPECT_EQ(Find(Named("Grønland"), Percent(Percent(Percent(Percent("Grønland"))))), kNothing);
}

// ---- Names

TEST(OutboundGuardTest, WordsOfTheNameAreFound) {
  for (const auto& [name, text] : std::initializer_list<Case>{{"Maria Jensen", "MARIA"},
                                                              {"Maria Jensen", "MariaJensen"},
                                                              {"Maria Jensen", "maria_jensen"},
                                                              {"Maria Jensen", "jensenmaria"},
                                                              {"Maria Jensen", "mjensen"},
                                                              {"Maria Jensen", "Jensens aftale"},
                                                              {"Maria Jensen", "x1maria2"},
                                                              {"José García", "Garcia"},
                                                              {"José García", "GARCI\u0301A"},
                                                              {"Jose Garcia", "garcía"},
                                                              {"Ian Room", "Consultation Room 4"},
                                                              {"Ian Room", "call ian"},
                                                              {"Ian Room", "userIan"},
                                                              {"Ian Room", "IanRoom"},
                                                              {"Ian Room", "ianroom"},
                                                              {"Ian Room", "roomian-call"},
                                                              {"Ian Room", "ian2"},
                                                              {"Ian Room", "1985ian"},
                                                              {"Ian Room", "ian's"},
                                                              {"Ian Room", "XMLIanParser"},
                                                              {"Ian Room", "visit_ian_1"},
                                                              {"Ann Lee", "annlee"},
                                                              {"Jan van Dijk", "jvandijk jandijk"},
                                                              {"Ana de la Cruz", "delacruz"},
                                                              {"Siân O'Brien", "OBrien"},
                                                              {"Siân O\u2019Dea", "odea"},
                                                              {"Siân O'Dea", "o'dea"},
                                                              {"Siân O\u02BCDea", "O\u2019Dea"},
                                                              {"Mary-Anne Smith", "maryanne"},
                                                              {"Li Wu", "li wu"},
                                                              {"Li Wu", "Wu, Li"},
                                                              {"Li Wu", "LiWu"},
                                                              {"Robert (Bob) Miller", "bob"},
                                                              {"Łukasz Żółkiewski", "lukasz"},
                                                              {"Łukasz Żółkiewski", "zolkiewski"},
                                                              {"Müller", "Mueller"},
                                                              {"Müller", "MULLER"},
                                                              {"Mu\u0308ller", "mueller"},
                                                              {"Weiß", "WEISS"},
                                                              {"Kjær", "kjaer"},
                                                              {"Søren", "Soeren"},
                                                              {"Søren", "soren"},
                                                              {"Åse Bo", "Aase"},
                                                              {"Þórður", "Thordur"},
                                                              {"Işık Yıldız", "YILDIZ"},
                                                              {"İpek", "ipek"},
                                                              {"Nguyễn Văn", "Nguyen"},
                                                              {"Đặng", "dang"}}) {
    EXPECT_TRUE(Finds(name, text)) << name << " in " << text;
  }
}

TEST(OutboundGuardTest, ShortWordsOfTheNameAreNotFoundInsideOthers) {
  for (const auto& [name, text] :
       std::initializer_list<Case>{{"Ian Room", "Clinician"},
                                   {"Ian Room", "Patient 4, bedroom, rooms"},
                                   {"Ann Lee", "sleep annual plan"},
                                   {"Ann Lee", "annsleep"},
                                   {"Tom Hill", "tomorrow uphill"},
                                   {"Dr. Ole Bo", "dr. bo; console"},
                                   {"Prof. Ib von der Aa", "prof von der"},
                                   {"Jan van Dijk", "van, caravan, vander"},
                                   {"Li Wu", "li, wull; lithium"},
                                   {"Jo Smith", "joe, jo"},
                                   {"A. B. Cde", "a b"},
                                   {"Ada Dee", "5ada 4dee7 0f1ada2b"},
                                   {"Ann Lee", "k7ann3x9 7ann3x"}}) {
    EXPECT_EQ(Find(Named(name), text), kNothing) << name << " in " << text;
  }
}

// A name may be a role of the clinic: what is derived from that word is none.
TEST(OutboundGuardTest, AWordThatNamesARoleIsFoundAloneOnly) {
  EXPECT_EQ(Find(Named("Patient Zero"), "patients"), kNothing);
  EXPECT_EQ(Find(Named("Patient Zero"), "a patient"), PersonalPart::kName);
  EXPECT_EQ(Find(Named("Amy Guest"), "GuestPatient"), PersonalPart::kName);
  EXPECT_EQ(Find(Named("Amy Guest"), "guests"), kNothing);
}

TEST(OutboundGuardTest, NamesOfAllScriptsAreFound) {
  for (const auto& [name, text] :
       std::initializer_list<Case>{{"Ελένη Παπαδοπούλου", "ραντεβού: ΠΑΠΑΔΟΠΟΥΛΟΥ"},
                                   {"Γιώργος", "γιωργοσ"},
                                   {"Анна Королёва", "Королева"},
                                   {"Анна Королёва", "АННА"},
                                   {"محمد السعيد", "مُحَمَّد"},
                                   {"محمد السعيد", "ومحمد"},
                                   {"محمد السعيد", "محـــمد"},
                                   {"محمد السعيد", "\uFEE3\uFEA4\uFEE4\uFEAA"},
                                   {"علي حسن", "موعد علي"},
                                   {"שרה כהן", "תור של שרה"},
                                   {"אברהם", "לאברהם"},
                                   {"אברהם", "אַבְרָהָם"},
                                   {"王小明", "患者王小明今天"},
                                   {"王小明", "小明"},
                                   {"王 小明", "小明的会议"},
                                   {"王 伟", "与王伟通话"},
                                   {"山田太郎", "太郎さん"},
                                   {"김민수", "김민수는"},
                                   {"김민수", "민수"},
                                   {"김 민수", "\u1100\u1175\u11B7\u1106\u1175\u11AB\u1109\u116E"},
                                   {"タナカ", "タナカさん"},
                                   {"タナカ", "\uFF80\uFF85\uFF76"},
                                   {"はなこ", "はなこの部屋"},
                                   {"สมชาย ใจดี", "คุณสมชายครับ"},
                                   {"အောင်", "ကိုအောင်သည်"},
                                   {"សុខា", "លោកសុខាមក"},
                                   {"राम शर्मा", "डॉ शर्मा"},
                                   {"राम शर्मा", "राम"},
                                   {"அருண் குமார்", "அருண்"},
                                   {"ნინო ბერიძე", "ბერიძე"},
                                   {"Արամ Պետրոսյան", "ՊԵՏՐՈՍՅԱՆ"},
                                   {"Maria", "\U0001D40C\U0001D41A\U0001D42B\U0001D422\U0001D41A"},
                                   {"Maria", "Ｍａｒｉａ"},
                                   {"Maria", "ⓜⓐⓡⓘⓐ"},
                                   {"Maria", "M\u200Ba\u200Br\u200Bi\u200Ba"},
                                   {"Maria", "Ma\u00ADria"},
                                   {"Maria", "M\u2060ar\uFEFFia"},
                                   {"Maria", "M\u0338a\u0338r\u0338i\u0338a\u0338"},
                                   {"Ian Room", "患者Ian说"}}) {
    EXPECT_TRUE(Finds(name, text)) << name << " in " << text;
  }
}

TEST(OutboundGuardTest, OtherNamesOfTheSameScriptsAreNotFound) {
  for (const auto& [name, text] :
       std::initializer_list<Case>{{"Ελένη Παπαδοπούλου", "ραντεβού με τον γιατρό"},
                                   {"Анна Королёва", "встреча с врачом в пятницу"},
                                   {"محمد السعيد", "موعد مع الطبيب"},
                                   {"علي حسن", "تعليمات"},
                                   {"שרה כהן", "פגישה עם הרופא"},
                                   {"王小明", "患者会议 王先生 大小"},
                                   {"山田太郎", "山の田んぼ"},
                                   {"김민수", "민주 김치"},
                                   {"タナカ", "カナダ"},
                                   {"สมชาย", "การประชุม"},
                                   {"राम शर्मा", "आराम कमरा"}}) {
    EXPECT_EQ(Find(Named(name), text), kNothing) << name << " in " << text;
  }
}

// ---- Identifiers

TEST(OutboundGuardTest, IdentifiersAreFoundWithAnySeparators) {
  for (const auto& [id, text] : std::initializer_list<Case>{
           {"00123456", "00123456"},
           {"00123456", "MRN00123456"},
           {"00123456", "MRN 0012-3456"},
           {"00123456", "0 0 1 2 3 4 5 6"},
           {"00123456", "0012.3456/2"},
           {"00123456", "123456"},
           {"00123456", "#0000123456x"},
           {"00123456", "Room 10 0123456"},
           {"00123456", "2024-00123456"},
           {"00123456", "٠٠١٢٣٤٥٦"},
           {"00123456", "００１２３４５６"},
           {"12-34-56", "123456"},
           {"00001234", "00001234"},
           {"s-0042", "S0042"},
           {"s-0042", "badge s 0042."},
           {"jensen-m", "JensenM"},
           {"a1b", "case a1b"},
           {"MRN-00123456", "00123456"},
           {"MRN-00123456", "123456"},
           {"bdd640fb-0667-4ad1-9c80-317fa3b1799d", "BDD640FB06674AD19C80317FA3B1799D"},
           {"患者-7", "患者7"},
           {"rosebud77@example.org", "rosebud77"},
           {"+4512345678", "12 34 56 78"}}) {
    EXPECT_EQ(Find(Numbered(id), text), PersonalPart::kIdentifier) << id << " in " << text;
  }
}

TEST(OutboundGuardTest, OtherNumbersAreNotTheIdentifier) {
  for (const auto& [id, text] : std::initializer_list<Case>{{"00123456", "1234567"},
                                                            {"00123456", "9123456"},
                                                            {"00123456", "10012345"},
                                                            {"00123456", "100123456"},
                                                            {"00123456", "[0,0,1,2,3,4,5,6]"},
                                                            {"00123456", "12345"},
                                                            {"00001234", "1234"},
                                                            {"a1b", "xa1b a1b2"},
                                                            {"ian", "Clinician"},
                                                            {"42", "42"},
                                                            {"s-0042", "patients-0042"},
                                                            {"s-0042", "s-00421"}}) {
    EXPECT_EQ(Find(Numbered(id), text), kNothing) << id << " in " << text;
  }
}

// ---- Fields

std::optional<PersonalPart> FindField(std::string_view name, std::string_view field,
                                      std::string_view text) {
  const FieldView fields[] = {{name, field}};
  PersonView person = Named("Qqqqq Wwwww");
  person.fields = fields;
  return Find(person, text);
}

TEST(OutboundGuardTest, EmailAddressesAndTheirMailboxesAreFound) {
  for (const char* const text :
       {"rosebud.k@example.org", "ROSEBUD.K@EXAMPLE.ORG", "rosebud.k at example.org", "rosebud_k",
        "rosebudk", "rosebud.k+visit@elsewhere.net", "rosebud.k@elsewhere.net"}) {
    EXPECT_EQ(FindField("email", "rosebud.k+clinic@example.org", text), PersonalPart::kEmail)
        << text;
  }
  EXPECT_EQ(FindField("contact", "rosebud.k@example.org", "rosebud-k"), PersonalPart::kEmail);
  EXPECT_EQ(FindField("mails", "a.first@x.org, second.b@y.org", "secondb"), PersonalPart::kEmail);
  EXPECT_EQ(FindField("email", "Rose <rosebud@example.org>", "rosebud"), PersonalPart::kEmail);
}

TEST(OutboundGuardTest, MailboxesOfOrganisationsAreNoPersons) {
  for (const std::string mailbox :
       {"info", "contact", "office", "support", "admin", "mail", "hello", "noreply", "no-reply"}) {
    EXPECT_EQ(FindField("email", mailbox + "@example.org", "write to " + mailbox), kNothing);
    EXPECT_EQ(FindField("email", mailbox + "@example.org", "write to " + mailbox + "@example.org"),
              PersonalPart::kEmail);
  }
  EXPECT_EQ(FindField("email", "jo@example.org", "jo of example.org"), kNothing);
}

TEST(OutboundGuardTest, TelephoneNumbersAreFoundInAnyGroupingAndForm) {
  for (const char* const text :
       {"+44 20 7946 0958", "+442079460958", "00442079460958", "020 7946 0958", "(020) 7946-0958",
        "20.7946.0958", "7946 0958", "946-0958", "tel:+44-20-7946-0958", "+44 (0)20 7946 0958",
        "call 02079460958 now"}) {
    EXPECT_EQ(FindField("phone", "+44 20 7946 0958", text), PersonalPart::kPhone) << text;
    EXPECT_TRUE(FindField("reach_at", "020 7946 0958", text).has_value()) << text;
  }
  EXPECT_EQ(FindField("mobile", "home 12345678, work 87654321", "12 34 56 78"),
            PersonalPart::kPhone);
  EXPECT_EQ(FindField("mobile", "home 12345678, work 87654321", "8765-4321"), PersonalPart::kPhone);
  EXPECT_EQ(FindField("mobile", "12345678/87654321", "12 34 56 78"), PersonalPart::kPhone);
  for (const char* const text : {"46 0958", "79460959", "7946 09581", "9,4,6,0,9,5,8"}) {
    EXPECT_EQ(FindField("phone", "+44 20 7946 0958", text), kNothing) << text;
  }
}

TEST(OutboundGuardTest, DatesAreFoundInAllOrders) {
  for (const char* const field : {"1980-05-03", "03.05.1980", "05/03/1980", "19800503",
                                  "1980-05-03T08:30:00Z", "3.5.1980", "born 1980/5/3"}) {
    for (const char* const text :
         {"1980-05-03", "03.05.1980", "05/03/1980", "03/05/1980", "19800503", "3.5.1980",
          "3. 5. 1980", "1980/5/3", "dob_1980_05_03.pdf", "03051980", "x 1980 05 03 y"}) {
      EXPECT_EQ(FindField("birth_date", field, text), PersonalPart::kField)
          << field << " as " << text;
    }
    for (const char* const text :
         {"1980-06-03", "1981-05-03", "13.05.1980", "198005031", "1980", "05-03", "119800503"}) {
      EXPECT_EQ(FindField("birth_date", field, text), kNothing) << field << " in " << text;
    }
  }
}

TEST(OutboundGuardTest, OtherFieldsAreFoundAsAWhole) {
  EXPECT_EQ(FindField("street", "Main St. 5, 8000 Aarhus", "main st 5 8000 aarhus"),
            PersonalPart::kField);
  EXPECT_EQ(FindField("street", "Main St. 5, 8000 Aarhus", "Main Street, Aarhus"), kNothing);
  EXPECT_EQ(FindField("diagnosis", "G43.1", "G43.1"), kNothing);  // one letter and three digits
  EXPECT_EQ(FindField("diagnosis", "ICD G43.1", "icd-g431"), PersonalPart::kField);
  EXPECT_EQ(FindField("plan", "PPO", "plan PPO"), PersonalPart::kField);
  EXPECT_EQ(FindField("plan", "PPO", "hippo, opposite"), kNothing);
  EXPECT_EQ(FindField("room", "3B", "room 3B"), kNothing);
  EXPECT_EQ(FindField("city", "東京", "東京都"), PersonalPart::kField);
  const std::string notes = "First line, with a comma.\n\n-- \nSecond: a line; and more of them.";
  EXPECT_EQ(FindField("notes", notes, "> " + notes), PersonalPart::kField);
  EXPECT_EQ(FindField("notes", notes, "Second: a line; and more of them."), kNothing);
}

TEST(OutboundGuardTest, FieldsThatSayNothingAreNotFound) {
  for (const char* const value :
       {"true", "false", "yes", "no", "none", "null", "Patient", "Participant"}) {
    EXPECT_EQ(FindField("kind", value, std::string("{\"muted\":") + value + "}"), kNothing);
  }
}

TEST(OutboundGuardTest, FieldsThatAreNamesAreFoundByTheirWords) {
  EXPECT_EQ(FindField("maiden_name", "Kowalska-Nowak", "Nowak"), PersonalPart::kName);
  EXPECT_EQ(FindField("nickname", "Mia", "mia's call"), PersonalPart::kField);
  EXPECT_EQ(FindField("nickname", "Mia", "mialgia"), kNothing);
}

// ---- Encodings in particular

TEST(OutboundGuardTest, EncodingsOfOthersAreDecoded) {
  for (const char* const text : {
           "Garc%EDa",     // Latin-1
           "Garc%u00EDa",  // JavaScript's escape()
           "Garc&iacute;a",
           "Garc&iacutea",  // as browsers take it
           "Garc&#237a",
           "Garc&#xeda;a Garc&#x00ed;a",
           "Gar\\u0063\\u00eda",
           "Garc\\u{ed}a",
           "Gar=\r\ncia",
           "Gar=\nc=EDa",
           "=?utf-8?B?R2FyY8OtYQ==?=",
           "=?iso-8859-1?Q?Garc=EDa?=",
           "=?iso-8859-1?B?R2FyY+1h?=",
           "data:text/plain;base64,R2FyY8OtYQ",
           "Z:R2Fy\r\nY8OtYQ==",  // broken into lines
           "prefixR2FyY8OtYQ==",  // glued
           "idR2FyY8OtYQ==",
           "/a/R2FyY8OtYQ",
           "47617263c3ad61",
           "0x47617263C3AD61",
           "f47617263c3ad61f",
           "Ga&shy;rc&#8203;ia",
           "100%Garcia%",
           "Gar%63ia%",
           "G&#97;r\\u0063%69a",
       }) {
    EXPECT_EQ(Find(Named("José García"), text), PersonalPart::kName) << text;
  }
  EXPECT_TRUE(Finds("Šárka Žižková", "%8E%9Ei%9Ekov%E1 %8E%EE%9Ekov%E1 %8Ei%9Ekov%E1"));
  EXPECT_TRUE(Finds("Łukasz", "&Lstrok;ukasz"));
  EXPECT_TRUE(Finds("Dvořák", "Dvo&rcaron;&aacute;k"));
  EXPECT_TRUE(Finds("Μαρία", "&Mu;&alpha;&rho;&#943;&alpha;"));
  EXPECT_TRUE(Finds("Νίκος", "&Nu;&#943;&kappa;&omicron;&sigmaf;"));
  EXPECT_TRUE(Finds("Ann Lee", "Hello\\nann"));
  EXPECT_TRUE(Finds("Ann Lee", "a%20ann%20b"));
}

TEST(OutboundGuardTest, MalformedEncodingsAreSearchedAsTheyAre) {
  for (const std::string broken : {"%",
                                   "%4",
                                   "%zz",
                                   "%u12",
                                   "%E2%82",
                                   "&",
                                   "&#",
                                   "&#x",
                                   "&#x;",
                                   "&#99999999999;",
                                   "&bogus;",
                                   "&#xD800;",
                                   "\\",
                                   "\\u",
                                   "\\u12",
                                   "\\uD800",
                                   "\\uDC00\\uD800",
                                   "\\u{",
                                   "\\u{}",
                                   "\\u{1234567}",
                                   "\\x",
                                   "=",
                                   "=4",
                                   "==",
                                   "=\r",
                                   "====",
                                   "AAAAAAA=",
                                   "A=======",
                                   "-_-_-_-_-",
                                   "%00%00",
                                   "&#0;",
                                   "abcdefabcdef0",
                                   "%FF%FE%FD"}) {
    EXPECT_EQ(Find(Named("Maria"), broken), kNothing) << broken;
    EXPECT_EQ(Find(Named("Maria"), broken + " Maria"), PersonalPart::kName) << broken;
    EXPECT_EQ(Find(Named("Maria"), "Maria " + broken), PersonalPart::kName) << broken;
    EXPECT_EQ(Find(Named("Maria"), broken + " " + Percent("Maria") + " " + broken),
              PersonalPart::kName)
        << broken;
  }
}

TEST(OutboundGuardTest, RandomBytesOfEscapesAreTaken) {
  Numbers numbers(1);
  for (int i = 0; i < 3'000; ++i) {
    const std::string text =
        numbers.TextOf("%&#x;\\u{}=0123aAfF\r\n+/-_ eilmnr", numbers.Below(60));
    EXPECT_THAT(FindPersonalPart(kMaria, text), IsOk());
  }
}

// ---- Properties

constexpr std::string_view kWords[] = {"Maria",     "Jensen", "García",  "Żółkiewski", "Siân",
                                       "Анна",      "Ελένη",  "王小明",  "김민수",     "محمد",
                                       "สมชาย",     "Ian",    "Ann",     "O'Brien",    "Nguyễn",
                                       "Christina", "Łukasz", "Straßer", "Zoë",        "タナカ"};

TEST(OutboundGuardTest, ANameBetweenSeparatorsIsFoundInEachEncoding) {
  Numbers numbers(2);
  constexpr std::string_view kSeparators = " .,;:!?/|()[]{}<>\"'#~-_";
  for (int i = 0; i < 2'000; ++i) {
    const std::string_view word = kWords[numbers.Below(std::size(kWords))];
    const auto& [name, encode] = kEncoders[numbers.Below(std::size(kEncoders))];
    const std::string filler = numbers.TextOf("bcdfgkpqtvxz bcdfgkpqtvxz", numbers.Below(30));
    const char before = kSeparators[numbers.Below(kSeparators.size())];
    const char after = kSeparators[numbers.Below(kSeparators.size())];
    const std::string inside = filler + before + std::string(word) + after + filler;
    // Hexadecimal digits and letters of base64 before a token would belong to it.
    const std::string text = "::" + encode(inside) + "::";
    EXPECT_TRUE(Finds(word, text)) << name << ": " << inside;
  }
}

TEST(OutboundGuardTest, Base64IsFoundAtEachPlaceOfALongerToken) {
  Numbers numbers(3);
  for (int i = 0; i < 2'000; ++i) {
    const std::string prefix = numbers.TextOf("abcdefXYZ019-_", numbers.Below(12));
    const std::string inside = numbers.TextOf("bcdfg ", numbers.Below(9)) + " Maria " +
                               numbers.TextOf("bcdfg ", numbers.Below(9));
    const std::string text = prefix + Base64Url(inside);
    EXPECT_EQ(Find(Named("Maria"), text), PersonalPart::kName) << text;
  }
}

// ---- What is harmless

constexpr const char* kHarmless[] = {
    "",
    " ",
    "Patient RCG-V3F",
    "Clinician 7KQ-M2X",
    "Interpreter W4N-0TB",
    "Consultation room 4",
    "Consultation",
    "Follow-up visit",
    "visit-42",
    "conference-2024-05-17-0930",
    "2024-05-17T09:30:00Z",
    "2024-05-17 09:30:00.654321+02:00",
    "1715938200",
    "1715938200123",
    "{\"muted\":true,\"video\":false,\"rotation\":90}",
    "{\"quality\":{\"width\":1280,\"height\":720,\"fps\":30}}",
    "[0,1,2,3,4,5,6,7,8,9]",
    "https://avatars.example.org/17.svg",
    "https://avatars.example.org/255.svg?size=128&v=3",
    "https://calls.example.org/join?c=visit-42&t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln",
    "bdd640fb-0667-4ad1-9c80-317fa3b1799d",
    "bc8960a9-23b8-41e9-b924-56de3eb13b90",
    "8b9d2434-e465-4150-bd9c-66b3ad3c2d6d",
    "m32pnb88e0wgd7hc26m7ph6zyfqm3092",
    "mwvk50v2ag2fjasx0866240pzxh7d7h6",
    "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E",
    "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0",
    "dolbyio-web-3.10.1",
    "v1.2.3-rc.4+build.567",
    "audio/opus; rate=48000; channels=2",
    "candidate:842163049 1 udp 1677729535 192.0.2.7 46154 typ srflx raddr 10.0.0.2 rport 0",
    "a=fingerprint:sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B",
    "192.168.1.17:8443",
    "2001:db8::8a2e:370:7334",
    "00:1b:44:11:3a:b7",
    "The meeting starts in 5 minutes.",
    "Please wait until the clinician lets you in.",
    "Cardiology clinic, third floor",
    "Physiotherapy group session",
    "Marina, marital, Jenson",
    "Jens and Jensine",
    "recording_2024_05_17.mp4",
    "Screen share (1920x1080)",
    "Language: Danish; interpreter needed",
    "waiting-room",
    "lobby",
    "breakout-3",
    "ROOM-0001",
    "error 403: forbidden",
    "50% off, 100% sure, 3 & 4",
    "a=1&b=2&c=%20&amp;d=4",
    "name=&externalId=&avatarUrl=",
    "&lt;b&gt;hello&lt;/b&gt;",
    "caf\u00e9 \u2615 na\u00efve r\u00e9sum\u00e9",
    "\U0001F44B\U0001F3FD hi",
    "診察室 4",
    "Приём врача",
    "غرفة الانتظار",
    "진료실",
    "ห้องตรวจ",
    "+1 800 555 0199",
    "12345",
    "1234567",
    "0000",
    "Tel. 112",
    "info@example.org",
    "noreply@clinic.example.org",
    "1980",
    "05-03",
    "05/1980",
    "3 May",
    "SGVsbG8gd29ybGQ=",
    "48656c6c6f20776f726c64",
    "Ward 7, bed 2",
    "Neurology",
    "Oncology day clinic",
    "morning calls",
    "80001",
    "{\"type\":\"dolby\",\"ts\":1715938200,\"ids\":[\"a1\",\"b2\"]}",
    "lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt",
};
static_assert(std::size(kHarmless) >= 60);

TEST(OutboundGuardTest, HarmlessTextsAreNotRefused) {
  for (const char* const text : kHarmless) {
    EXPECT_EQ(Find(kMaria, text), kNothing) << text;
    for (const moniker::testing::SamplePerson& person : moniker::testing::SamplePeople()) {
      EXPECT_EQ(Find(person.view(), text), kNothing) << text;
    }
  }
}

// From five letters on a part is found inside words: the price of finding "mjensen".
TEST(OutboundGuardTest, WordsThatBeginAsTheNameAreRefusedToo) {
  EXPECT_EQ(Find(Named("Maria Jensen"), "Marian"), PersonalPart::kName);
  EXPECT_EQ(Find(Named("Maria Jensen"), "Marina and Jenson"), kNothing);
}

TEST(OutboundGuardTest, WhatIsMadeForTheSamplesIsNotRefusedForAnyOfThem) {
  for (const moniker::testing::SamplePerson& person : moniker::testing::SamplePeople()) {
    for (const moniker::testing::SamplePerson& other : moniker::testing::SamplePeople()) {
      for (const std::string& text :
           {other.display_name, other.external_id, other.avatar_url, other.participant_id}) {
        EXPECT_EQ(Find(person.view(), text), kNothing) << text;
      }
    }
  }
}

// How many of `count` IDs, label codes and UUIDs of random digests are refused, by name.
std::size_t RefusedRenderings(const PersonView& person, int count, std::size_t which) {
  Numbers numbers(4);
  std::size_t refused = 0;
  for (int i = 0; i < count; ++i) {
    Digest digest;
    for (std::uint8_t& byte : digest) byte = static_cast<std::uint8_t>(numbers.Next());
    const Pseudonym pseudonym(digest);
    const std::string texts[] = {std::string(pseudonym.external_id().text()),
                                 "Patient " + pseudonym.label_code(), pseudonym.uuid().text()};
    refused += Find(person, texts[which]).has_value();
  }
  return refused;
}

TEST(OutboundGuardTest, ExternalIdsDisplayNamesAndUuidsOfRandomDigestsAreNotRefused) {
  PersonView person = kMaria;
  person.fields = person.fields.first(5);  // without the four digits of the last one
  for (std::size_t which = 0; which < 3; ++which) {
    EXPECT_EQ(RefusedRenderings(person, 5'000, which), 0u) << which;
  }
}

// Names of three letters have the shape of half a label code.
TEST(OutboundGuardTest, FewRenderingsAreRefusedForShortNames) {
  for (const char* const name : {"Ann Lee", "Ada Dee", "Max Ray", "Abe Fey"}) {
    const PersonView person = Named(name);
    EXPECT_EQ(RefusedRenderings(person, 1'000, 0), 0u) << name;
    EXPECT_LE(RefusedRenderings(person, 1'000, 1), 3u) << name;
    EXPECT_EQ(RefusedRenderings(person, 1'000, 2), 0u) << name;
  }
}

// ---- Limits

TEST(OutboundGuardTest, TextsOfUpTo64KiBAreTaken) {
  EXPECT_THAT(FindPersonalPart(kMaria, std::string(65'536, 'x')), IsOk());
  EXPECT_THAT(FindPersonalPart(kMaria, std::string(65'537, 'x')),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(Find(kMaria, std::string(65'530, ' ') + " Maria"), PersonalPart::kName);
  EXPECT_EQ(Find(kMaria, ""), kNothing);
}

TEST(OutboundGuardTest, WhatIsNotUtf8IsRefused) {
  for (const char* const text : {"\xFF", "Maria \xC3", "\xED\xA0\x80", "\xC0\x80", "a\x80z"}) {
    EXPECT_THAT(FindPersonalPart(kMaria, text), HasCode(StatusCode::kInvalidArgument));
  }
}

TEST(OutboundGuardTest, PersonsThatCannotBeStoredAreRefused) {
  PersonView person = kMaria;
  person.name = "Mar\xFF";
  EXPECT_THAT(FindPersonalPart(person, "x"), HasCode(StatusCode::kInvalidArgument));
  person = kMaria;
  person.id = "";
  EXPECT_THAT(FindPersonalPart(person, "x"), HasCode(StatusCode::kInvalidArgument));
}

TEST(OutboundGuardTest, APersonWithoutANameIsFoundByTheRest) {
  PersonView person = kMaria;
  person.name = "";
  EXPECT_EQ(Find(person, "Maria"), kNothing);
  EXPECT_EQ(Find(person, "123456"), PersonalPart::kIdentifier);
}

// Fail closed: what is too much to decode is an error, never "nothing found".
TEST(OutboundGuardTest, WhatDecodesToTooMuchIsAnError) {
  // All four places that base64 may begin at give text here, and each escape moves them.
  const std::string text = "%25252525=3D3D3D3D" + std::string(65'000, 'V');
  EXPECT_THAT(FindPersonalPart(kMaria, text), HasCode(StatusCode::kInvalidArgument));
}

TEST(OutboundGuardTest, RealTextsOf64KiBAreNotTooMuch) {
  std::string json = "{";
  while (json.size() < 45'000) {
    json += "\"k" + std::to_string(json.size()) + "\":\"value with words & 50%25 of =\\u00e9\",";
  }
  for (const std::string& text : {json, Base64(json)}) {
    EXPECT_EQ(Find(Named("Maria Jensen"), text), kNothing);
  }
  std::string noise;
  Numbers numbers(5);
  for (int i = 0; i < 49'000; ++i) noise += static_cast<char>(numbers.Next());
  EXPECT_EQ(Find(Named("Maria Jensen"), Base64(noise)), kNothing);
  EXPECT_EQ(Find(Named("Maria Jensen"), HexString(noise.substr(0, 32'000))), kNothing);
}

// Work that grows faster than the text and the person would not end here.
TEST(OutboundGuardTest, RepetitiveTextsAndFieldsAreNoBurden) {
  std::vector<std::string> texts;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kMaxFields; ++i) {
    texts.push_back(std::string(kMaxFieldTextSize - 8 * i, 'a'));
    names.push_back("field_" + std::to_string(i));
  }
  std::vector<FieldView> fields;
  for (std::size_t i = 0; i < kMaxFields; ++i) fields.push_back({names[i], texts[i]});
  PersonView person = Named("Aa Aaa Aaaa");
  person.fields = fields;
  std::string text;
  while (text.size() < 62'000) text += std::string(3'000, 'a') + "b ";
  EXPECT_THAT(FindPersonalPart(person, text), IsOk());
}

// ---- Roles

TEST(OutboundGuardTest, RolesFromThePersonsDataAreRefused) {
  for (const char* const role : {"Neuro-Oncology", "neurooncology", "mjensen", "Marias Cousin"}) {
    EXPECT_THAT(ValidateRole(role, kMaria), HasCode(StatusCode::kInvalidArgument)) << role;
  }
  EXPECT_THAT(ValidateRole("Patient", kMaria), IsOk());
}

// ---- The parts of the guard

TEST(FoldedTextTest, LettersAreKeptAndGapsCounted) {
  const FoldedText text = Fold("Å-b, 1\n\u0663");
  std::u32string values;
  std::vector<int> gaps;
  for (const FoldedCharacter& c : text) {
    values += c.value;
    gaps.push_back(c.gap);
  }
  EXPECT_EQ(values, U"ab13");
  EXPECT_THAT(gaps, ::testing::ElementsAre(FoldedCharacter::kEdge, 1, 2, 1));
  EXPECT_FALSE(text[1].breaks_number);
  EXPECT_TRUE(text[2].breaks_number);
  EXPECT_TRUE(text[3].breaks_number);
}

TEST(FoldedTextTest, PiecesOfCamelCaseAreMarked) {
  std::string marked;
  for (const FoldedCharacter& c : Fold("fooBarXMLParser IPad")) {
    if (c.starts_piece) marked += '|';
    marked += static_cast<char>(c.value);
  }
  EXPECT_EQ(marked, "foo|bar|xml|parseri|pad");
}

TEST(FoldedTextTest, EachAssignedCodePointCanBeFolded) {
  for (char32_t c = 1; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    std::string text;
    if (c < 0x80) {
      text = {static_cast<char>(c)};
    } else if (c < 0x800) {
      text = {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 63))};
    } else if (c < 0x10000) {
      text = {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 63)),
              static_cast<char>(0x80 | (c & 63))};
    } else {
      text = {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 63)),
              static_cast<char>(0x80 | (c >> 6 & 63)), static_cast<char>(0x80 | (c & 63))};
    }
    const FoldedText folded = Fold(text);
    ASSERT_LE(folded.size(), 18u);
    // Folding once is enough for what is compared.
    for (const FoldedCharacter& f : folded) {
      ASSERT_TRUE(f.kind != FoldedCharacter::Kind::kDigit || (f.value >= U'0' && f.value <= U'9'))
          << static_cast<std::uint32_t>(c);
      ASSERT_FALSE(f.value >= U'A' && f.value <= U'Z');
    }
  }
}

TEST(EncodedTextTest, DecodedTextIsNeverLongerAndAlwaysUtf8) {
  Numbers numbers(6);
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = numbers.TextOf("%&#x;\\u{}=089AaeCc\r\numlgrs", numbers.Below(40));
    for (const Escapes escapes : {Escapes::kAll, Escapes::kAllButQuotedPrintable}) {
      const WipedText decoded = DecodeEscapes(text, escapes);
      EXPECT_LE(decoded.size(), text.size());
      EXPECT_TRUE(IsUtf8(ViewOf(decoded)));
    }
    EXPECT_TRUE(IsUtf8(ViewOf(DecodeTokens(text))));
  }
}

}  // namespace
}  // namespace moniker::internal
